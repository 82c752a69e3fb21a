"""``sim.report``: from scenarios or a folder of results to an HTML page and a workbook."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.errors import InputError
from sim.experiment.doubt.source import Given
from sim.experiment.progress import Progress, going_on
from sim.experiment.store.files import write_file
from sim.experiment.words import Words, words_of
from sim.reporting.book import workbook
from sim.reporting.causes import barriers_table, first_rows, ledger_table, points_of
from sim.reporting.finalists import finalists_table, levers_table, pareto_table
from sim.reporting.folders import read_folder
from sim.reporting.inputs import assumptions_table, plans_table
from sim.reporting.material import Material, checked_notes, simulated
from sim.reporting.page import notes_of, page, title_of
from sim.reporting.rules import rules_table
from sim.reporting.sentences import answers
from sim.reporting.table import Table
from sim.reporting.tables import (
    differences_table,
    outcomes_table,
    patients_table,
    phases_table,
    target_table,
    weekly_table,
)
from sim.scenario import Scenario, load

Plan = Scenario | str | Path


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was written: its files, its title and its answer in sentences."""

    html: Path
    xlsx: Path | None
    title: str
    sentences: Sequence[str]
    label: str

    def as_json(self) -> dict[str, Any]:
        """Return the contract of ``mih report --json``."""
        return {
            "html": str(self.html),
            "xlsx": None if self.xlsx is None else str(self.xlsx),
            "title": self.title,
            "sentences": list(self.sentences),
            "label": self.label,
        }


def report(
    source: Plan | Mapping[str, Plan],
    out: str | Path = "report.html",
    *,
    replicates: int = 100,
    seed: int = 1,
    weeks: int | None = None,
    target: str | None = None,
    explain: bool = False,
    posterior: Given | None = None,
    lang: str = "en",
    xlsx: bool = True,
    force: bool = False,
    notes: Mapping[str, str] | None = None,
    command: Sequence[str] = (),
    allow_large: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write a report as one HTML page, and a workbook with its tables beside it.

    The numbers are those of ``mih run``, ``mih compare`` and ``mih explain``.

    Args:
        source: a scenario (or its file or shipped name), which is run alone; plans by name, which
            are compared with the first; or a folder that ``mih run``, ``compare``, ``explain``,
            ``staff`` or ``sweep`` wrote with ``--out``, from which all is read and nothing is run.
        out: the page; the workbook has its name with the ending ``.xlsx``.
        replicates: runs of each plan.
        seed: 0 .. 2^63 - 1.
        weeks: horizon instead of the scenarios'.
        target: what the chance is given for when plans are compared; by default adoption>=0.5.
        explain: also run what each barrier of the last plan costs (up to 511 times the runs).
        posterior: draws of the rules to run under (`Posterior`, a file of ``mih calibrate``, or
            "shipped"): intervals then hold what is not known of the rules as well.
        lang: ``en`` or ``nl``.
        xlsx: whether to write the workbook.
        force: overwrite files that exist.
        notes: what people wrote beside it: ``question``, ``hypothesis``, ``finding``, ``decision``.
        command: the command that asked for it, to stand in the report.
        allow_large: run even if the estimate says that the machine is too small.
        workers: threads, or processes for an explanation; by default one per processor.
        progress: called with the number of runs finished so far.

    Raises:
        InputError: a source or an option that cannot be; a file that exists.
        IncompleteError, DamagedError: the folder is not finished, or was changed.
        TooLargeError, DiskError: as `sim.run`, and where the files cannot be written.

    """
    words = words_of(lang)
    written = checked_notes(notes or {})
    html = Path(out)
    book = html.with_suffix(".xlsx") if xlsx else None
    check_files(html, book, force=force)
    if isinstance(source, str | Path) and is_folder(source):
        for name, given in (("explain", explain), ("posterior", posterior is not None)):
            if given:
                raise InputError(
                    f"{name}: only with a scenario; a folder is read and nothing is run"
                )
        material = read_folder(Path(source), target)
    else:
        plans = _plans(source)
        material = simulated(
            plans, replicates, seed, weeks=weeks, target=target, posterior=posterior,
            allow_large=allow_large, workers=workers, progress=progress,
        )  # fmt: skip
        if explain:
            done = material.replicates * len(plans)
            material = _explained(
                material, replicates, posterior,
                weeks=weeks, allow_large=allow_large, workers=workers,
                progress=going_on(done, progress),
            )  # fmt: skip
    return write(replace(material, notes=written), html, book, words, command)


def is_folder(source: str | Path) -> bool:
    """Return whether a source is a folder of results, not a scenario."""
    return Path(source).is_dir()


def check_files(html: Path, book: Path | None, *, force: bool) -> None:
    """Raise InputError for files that cannot be written, before anything is run."""
    problems = []
    if html.suffix.lower() not in (".html", ".htm"):
        problems.append(f"--out: must end in .html (found {html.name!r})")
    for path in (html, book):
        if path is not None and path.is_dir():
            problems.append(f"--out: {path} is a folder; name a file")
        elif path is not None and path.exists() and not force:
            problems.append(f"{path}: exists; choose another --out, or --force to overwrite it")
    if problems:
        raise InputError(problems)


def write(
    material: Material, html: Path, book: Path | None, words: Words, command: Sequence[str] = ()
) -> Report:
    """Write a report of some material. Raises DiskError."""
    write_file(html, page_of(material, words, command).encode())
    if book is not None:
        write_file(book, book_of(material, words, command))
    title = title_of(material, words)
    return Report(html, book, title, answers(material, words), material.label)


def page_of(material: Material, words: Words, command: Sequence[str] = ()) -> str:
    """Return the page of a report."""
    tables = tables_of(material, words)
    if "points" in tables:
        tables["points"] = first_rows(tables["points"], words)
    return page(material, tables, list(_facts(material, words, command)), words)


def book_of(material: Material, words: Words, command: Sequence[str] = ()) -> bytes:
    """Return the workbook of a report."""
    tables = [*tables_of(material, words).values(), *_more_tables(material, words)]
    about = [(words.say("page.kind"), title_of(material, words))]
    about += [(words.say("page.answer"), one) for one in answers(material, words)]
    about += notes_of(material, words)
    about += _facts(material, words, command)
    about += [
        (words.say("made.scenario", name=name, file="TOML"), scenario.to_toml())
        for name, scenario in material.plans.items()
    ]
    return workbook(tables, about, words)


def tables_of(material: Material, words: Words) -> dict[str, Table]:
    """Return the tables of the page by name, whole."""
    found = [plans_table(material.plans, words)]
    if material.swept is not None:
        found.append(points_of(material.swept, words))
    if material.comparison is not None:
        compared = material.comparison
        found += [target_table(compared, words), differences_table(compared, words)]
    if results := material.results:
        found += [outcomes_table(results, words), phases_table(results, words)]
        found += [rules_table(results, words)] if material.posterior is not None else []
        patients = patients_table(results, words)
        found += [] if patients is None else [patients]
        found += [outcomes_table(results, words, name) for name in ("cost", "all")]
    if material.explanation is not None:
        found += [table(material.explanation, words) for table in (barriers_table, ledger_table)]
    if material.staffing is not None:
        made = (finalists_table, pareto_table, levers_table)
        found += [table(material.staffing, words) for table in made]
    name = list(material.plans)[-1]
    found.append(assumptions_table(name, material.subject, words))
    return {table.name: table for table in found}


def _more_tables(material: Material, words: Words) -> Iterator[Table]:
    """Yield the tables of the workbook alone: what the fans show, and every input."""
    if material.results:
        yield weekly_table(material.results, words)
    name = list(material.plans)[-1]
    yield assumptions_table(name, material.subject, words, every=True)


def _facts(material: Material, words: Words, command: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield where the numbers come from."""
    if command:
        yield words.say("made.report"), shlex.join(command)
    again = material.comparison is not None or material.staffing is not None
    kept = bool(material.kept) and not again  # else made of the files of the report
    yield words.say("made.kept" if kept else "made.numbers"), shlex.join(material.made)
    yield words.say("made.seed"), str(material.seed)
    yield words.say("made.runs"), words.number(material.replicates)
    yield words.say("made.weeks"), words.number(material.weeks)
    for name, result in material.kept.items():
        yield words.say("made.result", name=name), result
    if material.explanation is not None and not material.kept:
        yield words.say("made.result", name="explain"), material.explanation.result
    if (drawn := material.posterior) is not None:
        yield words.say("made.posterior"), f"{drawn['id']}: {', '.join(drawn['parameters'])}"
    yield words.say("made.source"), material.source
    versions = ", ".join(f"{name} {one}" for name, one in material.versions.items())
    yield words.say("made.versions"), versions
    yield words.say("made.label"), words.known(f"label.{material.label}", material.label)


def _plans(source: Plan | Mapping[str, Plan]) -> dict[str, Scenario]:
    """Return the plans by name; raise InputError with every problem."""
    if not isinstance(source, Mapping):
        found = source if isinstance(source, Scenario) else load(source)
        return {found.name: found}
    plans: dict[str, Scenario] = {}
    problems: list[str] = []
    for name, one in source.items():
        try:
            plans[name] = one if isinstance(one, Scenario) else load(one)
        except InputError as error:
            problems += error.messages
    if not source:
        problems.append("plans: a report needs at least one (found 0)")
    if problems:
        raise InputError(problems)
    return plans


def _explained(
    material: Material, replicates: int, posterior: Given | None, **options: Any
) -> Material:
    """Return the material with what the barriers of its last plan cost."""
    from sim.experiment.explain.explaining import explain

    subject, seed = material.subject, material.seed
    found = explain(subject, replicates, seed, posterior=posterior, **options)
    return replace(material, explanation=found)
