"""Constructs of implementation science that inputs of the model stand for.

CFIR 2022: the updated Consolidated Framework for Implementation Research (Damschroder 2022,
doi 10.1186/s13012-022-01245-0). NPT: Normalization Process Theory (May 2009,
doi 10.1177/0038038509103208). The mapping is ours: it says where to look, not what is equivalent.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

CFIR: Mapping[str, tuple[str, ...]] = {
    "innovation": ("relative advantage", "complexity", "design", "cost"),
    "outer setting": ("partnerships and connections", "policies and laws"),
    "inner setting": (
        "structural characteristics",
        "relational connections",
        "culture",
        "compatibility",
        "relative priority",
        "mission alignment",
        "available resources",
        "access to knowledge and information",
    ),
    "individuals": (
        "mid-level leaders",
        "opinion leaders",
        "implementation facilitators",
        "implementation leads",
        "implementation team members",
        "other implementation support",
        "innovation deliverers",
        "innovation recipients",
        "capability",
        "opportunity",
        "motivation",
    ),
    "implementation process": (
        "teaming",
        "assessing needs",
        "planning",
        "tailoring strategies",
        "engaging",
        "doing",
        "reflecting and evaluating",
        "adapting",
    ),
}
"""Domains of CFIR 2022, and those of their constructs that some input stands for."""

NPT: Mapping[str, tuple[str, ...]] = {
    "coherence": ("differentiation", "communal specification", "individual specification"),
    "cognitive participation": ("initiation", "legitimation", "enrolment", "activation"),
    "collective action": (
        "interactional workability",
        "relational integration",
        "skill set workability",
        "contextual integration",
    ),
    "reflexive monitoring": (
        "systematization",
        "communal appraisal",
        "individual appraisal",
        "reconfiguration",
    ),
}
"""Mechanisms of NPT, and those of their components that some input stands for."""

NONE = ("none: technical", "none: spread")
"""What stands for no construct: the horizon, and how far people or organisations differ."""


class Entry(Protocol):
    """An input of the registry."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def construct(self) -> str:
        """Its constructs, joined by semicolons."""


def known() -> tuple[str, ...]:
    """Return every construct as it is written in the registry, in the order of the frameworks."""
    found = [
        f"{framework}: {head} / {part}"
        for framework, heads in (("CFIR", CFIR), ("NPT", NPT))
        for head, parts in heads.items()
        for part in parts
    ]
    return (*found, *NONE)


def parts_of(construct: str) -> tuple[str, ...]:
    """Return the constructs that a field of the registry names."""
    return tuple(construct.split("; "))


def by_construct(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """Return the names of the inputs that stand for each construct, in the order of `known`."""
    found: dict[str, list[str]] = {construct: [] for construct in known()}
    for entry in entries:
        for construct in parts_of(entry.construct):
            found[construct].append(entry.name)
    return found


def as_markdown(entries: Iterable[Entry]) -> str:
    """Return a table of constructs and the inputs that stand for them."""
    rows = ["| construct | inputs |", "|---|---|"]
    for construct, names in by_construct(entries).items():
        rows.append(f"| {construct} | {', '.join(f'`{name}`' for name in names)} |")
    return "\n".join(rows)
