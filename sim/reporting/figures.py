"""Figures inside a page: SVG whose ids are its own, with a title and what it shows in words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape
from matplotlib.figure import Figure

from sim.experiment.numbers import number
from sim.experiment.units import shown_unit
from sim.experiment.words import Words
from sim.plots import style
from sim.plots.bars import Bar, bars_figure
from sim.plots.compare import fans_figure, forest_figure
from sim.plots.explain import waterfall_figure
from sim.plots.phases import phases_figure
from sim.plots.staff import staff_figure
from sim.plots.sweep import headlines, sweep_figure
from sim.plots.uptake import uptake_figure
from sim.reporting.material import Material
from sim.reporting.table import Table
from sim.reporting.translated import translated

_LEFT_OUT = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", re.S
)
_OWN = re.compile(r'(\bid="|href="#|url\(#)')
_HEAD = re.compile(r"<svg ([^>]*)>")


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure of the page: its section, its caption, and its SVG."""

    section: str
    caption: str
    svg: Markup


def pictures_of(material: Material, tables: Mapping[str, Table], words: Words) -> list[Picture]:
    """Return the figures of a report; ``tables`` are those that stand beside them."""
    found = []
    for place, (section, caption, figure) in enumerate(_figures(material, tables, words), 1):
        translated(figure, material, words)
        told = f"{caption}. {words.say('note.figure')}"
        found.append(Picture(section, caption, inline(figure, f"f{place}", caption, told)))
    return found


def inline(figure: Figure, key: str, title: str, told: str) -> Markup:
    """Return a figure as SVG to stand in a page: ids begin with ``key``, nothing is loaded."""
    text = _LEFT_OUT.sub("", style.image_of(figure, "svg", tight=True).decode())
    text = _OWN.sub(rf"\g<1>{key}-", text)
    names = f'<title id="{key}-title">{escape(title)}</title>'
    names += f'<desc id="{key}-desc">{escape(told)}</desc>'
    marks = f'role="img" aria-labelledby="{key}-title" aria-describedby="{key}-desc"'
    return Markup(_HEAD.sub(lambda head: f"<svg {marks} {head[1]}>{names}", text, count=1).strip())


def _figures(
    material: Material, tables: Mapping[str, Table], words: Words
) -> Iterator[tuple[str, str, Figure]]:
    """Yield section, caption and figure."""
    found = material.comparison
    if found is not None:
        yield "differences", words.say("caption.forest"), forest_figure(found)
        yield "outcomes", words.say("caption.fans"), fans_figure(found)
    for plan, result in material.results.items():
        if found is None:
            yield "outcomes", words.say("caption.uptake"), uptake_figure(result)
        yield "time", words.say("caption.phases", plan=plan), phases_figure(result)
    if material.explanation is not None:
        yield "why", words.say("caption.waterfall"), waterfall_figure(material.explanation)
    if material.staffing is not None:
        yield "staff", words.say("caption.staff"), staff_figure(material.staffing, words)
    if material.swept is not None:
        for name in headlines(material.swept):
            label = words.outcome(material.subject, name)
            yield (
                "sweep",
                words.say("caption.sweep", name=label),
                sweep_figure(material.swept, name),
            )
    if "patients" in tables:
        yield "patients", words.say("caption.patients"), _patients(material, tables, words)
    if material.results:
        yield "cost", words.say("caption.cost"), _cost(material, words)


def _patients(material: Material, tables: Mapping[str, Table], words: Words) -> Figure:
    rows = {
        row.cells[0].text: [_bar(cell.value or 0.0) for cell in row.cells[1:]]
        for row in tables["patients"].rows
    }
    unit = words.unit("patients")
    return bars_figure(
        rows, list(material.results), unit, _facts(material, words), _label(material, words)
    )


def _cost(material: Material, words: Words) -> Figure:
    name = "cost"
    unit = shown_unit("EUR", material.reference.currency)
    found = [result.summary()[name] for result in material.results.values()]
    bars = [_bar(one.mean or 0.0, one.ci_low, one.ci_high) for one in found]
    rows = {words.outcome(material.reference, name): bars}
    return bars_figure(
        rows, list(material.results), unit, _facts(material, words), _label(material, words)
    )


def _bar(length: float, low: float | None = None, high: float | None = None) -> Bar:
    """Return a bar with its length in words, in English as all that figures draw."""
    return Bar(length, number(length, 0), low, high)


def _facts(material: Material, words: Words) -> list[str]:
    runs, weeks = words.number(material.replicates), words.number(material.weeks)
    return [words.say("figure.facts", runs=runs, weeks=weeks, seed=material.seed)]


def _label(material: Material, words: Words) -> str:
    return words.known(f"label.{material.label}", material.label).rstrip(".")
