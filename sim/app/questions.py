"""What the page asks, checked: JSON in, scenarios out.

Examples are named by id among the shipped ones, never by path; what a plan may change is listed in
`sim.app.fields`; sizes are bounded before anything is simulated.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.app import fields
from sim.draws import MAX_SEED
from sim.errors import InputError
from sim.estimates import estimate
from sim.experiment.explain.question import Question as Explained
from sim.experiment.explain.question import checked
from sim.experiment.staff.question import Question as Searched
from sim.experiment.staff.question import checked as searched
from sim.scenario import Scenario, load
from sim.world import recipe

MOST_PLANS = 4
MOST_RUNS = 500
MOST_DRAWN = 300
"""Clinicians that the page can draw as a network."""

LONGEST_NOTE = 4000
"""Characters of what a planner may write in one field."""

LONGEST = 15.0
"""Seconds of estimated time, on one processor, above which a question is not begun."""

LONGEST_PARTS = 90.0
"""The same for all parts together of what is asked in parts; each part is far below `LONGEST`."""

WHY_OUTCOME = "adoption"
"""The outcome whose barriers the page explains."""

Value = Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True)] | str
Values = dict[Annotated[str, Field(max_length=60)], Value]


class _Checked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def of(cls, raw: object) -> Self:
        """Return the question in some JSON; raise InputError with every problem."""
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            raise InputError(
                f"{'.'.join(map(str, one['loc'])) or 'question'}: {one['msg']}"
                for one in error.errors(include_url=False, include_input=False)[:20]
            ) from error


class Plan(_Checked):
    """A plan: its name, and what it changes."""

    name: str = Field(min_length=1, max_length=60)
    changes: Values = {}


class Organisation(_Checked):
    """An organisation: the example it starts from, and its own numbers."""

    start: str = Field(default="baseline", max_length=60)
    title: str = Field(default="", max_length=80)
    own: bool = True
    values: Values = {}

    def scenario(self) -> Scenario:
        """Return the base case; its title is the example's. Raises InputError."""
        if self.start not in fields.examples():
            allowed = ", ".join(fields.examples())
            raise InputError(f"start: no example is called {self.start!r} (allowed {allowed})")
        changes = _among(self.values, fields.INPUTS)
        return load(self.start).with_values(changes | (fields.OWN_NUMBERS if self.own else {}))


class Comparing(_Checked):
    """Compare plans with the base case; without plans, simulate the base case."""

    organisation: Organisation = Organisation()
    plans: list[Plan] = Field(default=[], max_length=MOST_PLANS)
    seed: int = Field(default=1, ge=0, le=MAX_SEED, strict=True)
    replicates: int = Field(default=100, ge=1, le=MOST_RUNS, strict=True)
    target: str = Field(default="adoption>=0.5", max_length=80)

    def titled(self) -> dict[str, Scenario]:
        """Return what `scenarios` returns, with the titles that files and reports have."""
        found = self.scenarios()
        title = self.organisation.title or found["base"].title
        titles = [title, *(f"{title}: {plan.name}" for plan in self.plans)]
        return {
            id_: one.with_values({"title": title})
            for (id_, one), title in zip(found.items(), titles, strict=True)
        }

    def scenarios(self) -> dict[str, Scenario]:
        """Return the base case and the plans by id: base, plan1, plan2, ...

        Raises InputError for values that cannot be (a plan's problems begin with its id), and for
        questions that take too long for a page.
        """
        found = {"base": self.organisation.scenario()}
        problems: list[str] = []
        for k, plan in enumerate(self.plans, start=1):
            try:
                changes = _among(plan.changes, fields.PLAN_INPUTS)
                found[f"plan{k}"] = found["base"].with_values(changes)
            except InputError as error:
                problems += [f"plan{k}.{message}" for message in error.messages]
        if problems:
            raise InputError(problems)
        _refuse_long(found.values(), self.replicates)
        return found


class _OfPlan(_Checked):
    """Something about the base case (plan 0) or a plan."""

    question: Comparing = Comparing()
    plan: int = Field(default=0, ge=0, le=MOST_PLANS, strict=True)

    def scenario(self) -> Scenario:
        """Return the scenario it is about. Raises InputError if there is no such plan."""
        found = list(self.question.scenarios().values())
        if self.plan >= len(found):
            raise InputError(f"plan: found {self.plan}, allowed 0 to {len(found) - 1}")
        return found[self.plan]


class Explaining(_OfPlan):
    """Say what each barrier costs in the base case or a plan, from the runs of the question."""

    def explained(self) -> Explained:
        """Return the question of ``mih explain``. Raises InputError if it takes too long."""
        asked = self.question
        found = checked(self.scenario(), WHY_OUTCOME, asked.replicates, asked.seed, None)
        _refuse_long_parts(found.scenario, found.plan.runs, "to find out why", "mih explain")
        return found


class Staffing(_Checked):
    """Search the cheapest plan that reaches the target of the question; its plans do not matter."""

    question: Comparing = Comparing()
    by: int = Field(ge=1, le=1040, strict=True)
    confidence: float = Field(default=0.8, gt=0.0, lt=1.0)
    budget: float | None = Field(default=None, gt=0.0)

    def searched(self) -> Searched:
        """Return the question of ``mih staff``. Raises InputError if it takes too long."""
        asked, scenario = self.question, self.question.organisation.scenario()
        found = searched(
            scenario, asked.target, self.by, self.confidence, self.budget, asked.replicates,
            asked.seed, fields.SEARCHED, None,
        )  # fmt: skip
        weeks = scenario.with_values({"weeks": self.by})
        _refuse_long_parts(weeks, found.runs, "to search", "mih staff")
        return found


class Notes(_Checked):
    """What the planner wrote."""

    question: str = Field(default="", max_length=LONGEST_NOTE)
    hypothesis: str = Field(default="", max_length=LONGEST_NOTE)
    finding: str = Field(default="", max_length=LONGEST_NOTE)
    decision: str = Field(default="", max_length=LONGEST_NOTE)


class Reporting(_Checked):
    """Make a report of the base case and the plans, as a page or as a workbook."""

    question: Comparing = Comparing()
    kind: Literal["html", "xlsx"] = "html"
    lang: Literal["en", "nl"] = "en"
    notes: Notes = Notes()


class Watching(_OfPlan):
    """Play one run of the base case or of a plan."""

    replicate: int = Field(default=0, ge=0, lt=MOST_RUNS, strict=True)

    def scenario(self) -> Scenario:
        """Return the scenario to play. Raises InputError if it cannot be drawn."""
        found = super().scenario()
        clinicians = int(found.values["clinicians"])
        if clinicians > MOST_DRAWN:
            raise InputError(
                f"clinicians: {clinicians} are too many to draw (allowed 0 to {MOST_DRAWN}); "
                "choose a department, or follow one person with mih trace"
            )
        return found


class Following(Watching):
    """Follow one clinician of a run, or the patients in one of the clinician's places."""

    clinician: int = Field(ge=0, lt=MOST_DRAWN, strict=True)
    place: int | None = Field(default=None, ge=0, lt=200, strict=True)

    def address(self) -> str:
        """Return the agent's address as `mih trace` takes it."""
        whom = f"0/clinician/{self.clinician}"
        return whom if self.place is None else f"{whom}/patient/{self.place}"


def _among(values: Mapping[str, Any], allowed: tuple[str, ...]) -> dict[str, Any]:
    """Return values, all of whose names are allowed."""
    unknown = [name for name in values if name not in allowed]
    if unknown:
        raise InputError(f"{name}: not an input of this page" for name in unknown)
    return dict(values)


def _refuse_long(scenarios: Iterable[Scenario], replicates: int) -> None:
    seconds = sum(estimate(recipe(one), replicates).seconds for one in scenarios)
    if seconds > LONGEST:
        raise InputError(
            f"clinicians: about {seconds:.0f} seconds of work, the page allows {LONGEST:.0f}; make "
            "clinicians, caseload, weeks or runs smaller, or use mih compare"
        )


def _refuse_long_parts(scenario: Scenario, runs: int, what: str, command: str) -> None:
    seconds = estimate(recipe(scenario), runs).seconds
    if seconds > LONGEST_PARTS:
        raise InputError(
            f"clinicians: about {seconds:.0f} seconds {what}, the page allows "
            f"{LONGEST_PARTS:.0f}; make clinicians, caseload or weeks smaller, or use {command}"
        )
