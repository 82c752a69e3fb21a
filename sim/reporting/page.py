"""The page: one HTML file that loads nothing and runs nothing. All text is escaped."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from sim.experiment.compare.sentences import aim_of
from sim.experiment.explain import sentences as explain
from sim.experiment.staff.sentences import goal
from sim.experiment.words import Words
from sim.reporting.figures import Picture, pictures_of
from sim.reporting.material import Material, file_of
from sim.reporting.sentences import answers
from sim.reporting.table import Table


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page: what is said, its tables and its figures."""

    name: str
    heading: str
    said: Sequence[str] = ()
    tables: Sequence[Table] = ()
    pictures: Sequence[Picture] = ()
    scenarios: Sequence[tuple[str, str]] = ()
    facts: Sequence[tuple[str, str]] = ()
    notes: Sequence[tuple[str, str]] = ()


PLACES = {
    "plans": ("plans",),
    "sweep": ("points",),
    "differences": ("target", "differences"),
    "staff": ("finalists", "pareto", "levers"),
    "outcomes": ("outcomes",),
    "rules": ("rules",),
    "why": ("barriers", "ledger"),
    "time": ("phases",),
    "patients": ("patients",),
    "cost": ("cost",),
    "assumptions": ("assumptions",),
}
"""The tables of each section, in the order of the page."""

_LIMITS = ("limits.1", "limits.2", "limits.3", "limits.{intervals}", "limits.5")


def page(
    material: Material,
    tables: Mapping[str, Table],
    facts: Sequence[tuple[str, str]],
    words: Words,
) -> str:
    """Return the report as HTML.

    ``tables`` by name (`PLACES`), and ``all`` outcomes at the end; ``facts`` say where it comes
    from.
    """
    pictures = pictures_of(material, tables, words)
    sections = list(_sections(material, tables, pictures, facts, words))
    return _template().render(
        words=words,
        title=title_of(material, words),
        scenario=material.subject.title,
        question=question_of(material, words),
        shows=_shows(material),
        label=words.known(f"label.{material.label}", material.label),
        answers=answers(material, words),
        runs=_runs(material, words),
        sections=sections,
        version=material.versions.get("mih-sim", ""),
    )


def title_of(material: Material, words: Words) -> str:
    """Return the title of a report."""
    subject, reference = material.subject.title, material.reference.title
    if material.explanation is not None:
        return words.say("title.explain", subject=subject)
    if material.staffing is not None:
        return words.say("title.staff", subject=subject)
    if material.swept is not None and (study := material.swept.plan.study.get("title")):
        return words.say("title.sweep", subject=study)
    names = list(material.plans)
    if len(names) < 2:
        return subject
    if len(names) > 2 or subject == reference:
        return words.say("title.plans", reference=reference)
    return words.say("title.compare", subject=subject, reference=reference)


def question_of(material: Material, words: Words) -> str:
    """Return the question that a report answers."""
    if material.explanation is not None:
        name = words.outcome(material.subject, material.explanation.question.outcome)
        return words.say("question.explain", name=name.lower())
    if material.staffing is not None:
        aim = material.staffing.question.aim
        sure = words.share(aim.confidence)
        return words.say("question.staff", goal=goal(material.staffing, words), confidence=sure)
    if material.swept is not None and material.swept.plan.study.get("title"):
        return words.say("question.sweep")
    if material.comparison is None:  # one plan, perhaps under draws of the rules
        return words.say("question.alone")
    target = aim_of(material.comparison, words)
    return words.say("question.compare", reference=material.comparison.reference, target=target)


def notes_of(material: Material, words: Words) -> list[tuple[str, str]]:
    """Return what people wrote beside the report, by what it is."""
    return [(words.say(f"note_of.{name}"), text) for name, text in material.notes.items()]


def _shows(material: Material) -> str:
    """Return what the study or the last plan is meant to show."""
    if material.swept is not None:
        return str(material.swept.plan.study.get("shows") or "")
    return material.subject.shows


def _runs(material: Material, words: Words) -> str:
    runs, weeks = words.number(material.replicates), words.number(material.weeks)
    key = "page.runs" if len(material.plans) > 1 else "page.runs_alone"
    key = key if material.swept is None else "page.runs_points"
    key = key if material.staffing is None else "page.runs_finalists"
    return words.say(key, runs=runs, weeks=weeks, seed=material.seed)


def _sections(
    material: Material,
    tables: Mapping[str, Table],
    pictures: Sequence[Picture],
    facts: Sequence[tuple[str, str]],
    words: Words,
) -> Iterator[Section]:
    """Yield the sections that have something to show."""
    if written := notes_of(material, words):
        yield Section("notes", words.say("page.notes"), notes=written)
    for name, wanted in PLACES.items():
        chosen = [tables[one] for one in wanted if one in tables]
        drawn = [one for one in pictures if one.section == name]
        said: list[str] = []
        if name == "why" and material.explanation is not None:
            said = explain.sentences(material.explanation, words)
        if chosen or drawn:
            yield Section(name, words.say(f"page.{name}"), said, chosen, drawn)
    intervals = "4" if material.posterior is None else "4_rules"
    limits = [words.say(key.format(intervals=intervals)) for key in _LIMITS]
    yield Section("limits", words.say("page.limits"), limits)
    if "all" in tables:
        yield Section("all", words.say("page.all"), tables=[tables["all"]])
    scenarios = [
        (words.say("made.scenario", name=name, file=file_of(name)), scenario.to_toml())
        for name, scenario in material.plans.items()
    ]
    heading = words.say("page.provenance")
    yield Section("provenance", heading, scenarios=scenarios, facts=facts)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("sim.reporting", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")
