"""What an experiment over draws of the rules says of its design and of its estimates."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sim.experiment.doubt.nested import LUCKS
from sim.experiment.numbers import count
from sim.experiment.words import Words

if TYPE_CHECKING:
    from sim.experiment.doubt.parts import Share
    from sim.scenario import Scenario

PARTS = {"rules": "parameter", "organisations": "organisations", "chance": "chance"}
"""The parts of a variance as people read them, and their names in files."""


def design_in_words(design: Mapping[str, Any]) -> Iterator[str]:
    """Yield which draws were run, from what a manifest says of the design."""
    draws, many, asked = design["draws"], design["organisations"], design["asked"]
    runs = draws * many * LUCKS
    yield (
        f"{count(draws, 'draw')} of the rules (posterior {design['id']}: "
        f"{', '.join(design['parameters'])})"
    )
    left = "" if runs == asked else f"; {asked:,} were asked for, which is no whole design"
    yield f"x {count(many, 'organisation')} each x {LUCKS} lucks = {count(runs, 'run')}{left}"


def below_zero(
    shares: Mapping[str, Mapping[str, "Share"]], scenario: "Scenario", words: Words
) -> Iterator[str]:
    """Yield for each part which outcomes have it estimated below 0, which is shown as 0 %."""
    for part in PARTS.values():
        names = [name for name, one in shares.items() if part in one and one[part].below]
        if names:
            first = ", ".join(words.outcome(scenario, name).lower() for name in names[:3])
            more = words.say("part.more", more=len(names) - 3) if len(names) > 3 else ""
            what = words.say(f"part.{part}")
            yield words.say("part.below", part=what, names=f"{first}{more}")
