"""The report of the base case and the plans of the page, as ``mih report`` makes it.

The runs are those on the shelf. Those that are not there yet are simulated plan by plan, each in a
part of its own as in `sim.app.why`; the last part makes the report.
"""

from base64 import b64encode
from dataclasses import replace
from typing import Any

from sim.app.questions import Reporting
from sim.app.shelf import Shelf
from sim.experiment.words import Words, words_of
from sim.simulate import Result

Json = dict[str, Any]


def reported(asked: Reporting, shelf: Shelf) -> Json:
    """Return a report: ``text`` of a page, ``base64`` of a workbook, and the ``name`` of its file.

    Until all runs are there: how many parts are ``done`` and ``of`` how many. The numbers are those
    of ``mih report`` for the same scenarios, runs, seed and target. Raises InputError.
    """
    question = asked.question
    results: dict[str, Result] = {}
    plans = question.scenarios()
    for part, (id_, scenario) in enumerate(plans.items(), start=1):
        before = shelf.simulated
        results[id_] = shelf.runs(scenario, question.seed, question.replicates)
        if shelf.simulated > before:
            return {"done": part, "of": len(plans) + 1}
    return _made(asked, results)


def _made(asked: Reporting, results: dict[str, Result]) -> Json:
    """Return the report of runs that are there."""
    from sim.reporting.making import book_of, page_of  # draws figures: takes a second to load
    from sim.reporting.material import checked_notes, command_of, of_results

    question, words = asked.question, words_of(asked.lang)
    names = names_of(asked, words)
    plans = {names[id_]: scenario for id_, scenario in question.titled().items()}
    runs = {
        name: replace(result, scenario=plans[name])
        for name, result in zip(plans, results.values(), strict=True)
    }
    made = command_of(plans, question.replicates, question.seed, None)
    material = of_results(plans, runs, made, target=question.target)
    material = replace(material, notes=checked_notes(asked.notes.model_dump()))
    if asked.kind == "html":
        return {"name": "report.html", "text": page_of(material, words)}
    data = b64encode(book_of(material, words)).decode()
    return {"name": "report.xlsx", "base64": data}


def names_of(asked: Reporting, words: Words) -> dict[str, str]:
    """Return the name of the base case and of each plan by id, each once, also as a file."""
    from sim.reporting.material import file_of

    found = {"base": words.say("plan.base")}
    for k, plan in enumerate(asked.question.plans, start=1):
        taken = {file_of(name).lower() for name in found.values()}
        name, more = plan.name, 2
        while file_of(name).lower() in taken:
            name, more = f"{plan.name} ({more})", more + 1
        found[f"plan{k}"] = name
    return found
