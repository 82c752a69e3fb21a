"""``mih trace``: one agent's story in sentences."""

from collections.abc import Sequence

import click

from sim.commands.changes import changed
from sim.commands.output import print_json
from sim.draws import seed_problems
from sim.errors import InputError
from sim.outcomes import LABEL
from sim.scenario import load
from sim.trace import Line, sentence, story


def trace_command(
    scenario: str,
    agent: str,
    seed: int,
    replicate: int,
    weeks: int | None,
    settings: Sequence[str],
    as_json: bool,
) -> None:
    """Print the story of one agent; raise InputError if there is no such agent."""
    if problems := seed_problems(seed):
        raise InputError(f"--{problem}" for problem in problems)
    chosen = changed(load(scenario), settings)
    lines = story(chosen, agent, seed, replicate, weeks)
    if as_json:
        print_json(
            {
                "scenario": chosen.name,
                "agent": agent,
                "seed": seed,
                "replicate": replicate,
                "label": LABEL,
                "events": [as_entry(line) for line in lines],
            }
        )
        return
    click.echo(f"{chosen.title} - {agent}, seed {seed}, replicate {replicate} ({LABEL})")
    for line in lines:
        click.echo(sentence(line))


def as_entry(line: Line) -> dict[str, object]:
    """Return a line of a story for programs."""
    reasons = [{"reason": name, "factor": factor} for name, factor in line.reasons or ()]
    return {"week": line.week, "text": line.text, "reasons": reasons}
