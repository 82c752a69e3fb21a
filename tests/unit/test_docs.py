"""The documentation says what the code does: generated parts, names, links, commands, numbers."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from sim import inputs, parameters, paths, wording
from sim.cli import main
from sim.experiment.design.study import loads_study, shipped_studies
from sim.parameters import RegistryError
from sim.scenario import loads, shipped
from tests.pages import PAGES, ROOT, blocks

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXPERIMENTS = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
ODD = (ROOT / "docs" / "odd.md").read_text(encoding="utf-8")
BEGIN, END = "<!-- paths:begin -->\n", "<!-- paths:end -->"
REWRITE_PATHS = (
    "mih parameters --paths | sed -i -e '/<!-- paths:begin/r /dev/stdin' "
    "-e '/<!-- paths:begin/,/<!-- paths:end/{/<!-- paths:/!d}' docs/odd.md"
)


def section(text: str, title: str) -> str:
    """Return the part of a page under a heading of the second level."""
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


# What is generated.


def test_the_parameter_page_is_up_to_date() -> None:
    written = (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    command = "mih parameters --markdown > docs/parameters.md"
    assert written == parameters.as_page() + "\n", f"out of date, rewrite it with: {command}"


def test_the_table_of_paths_is_up_to_date() -> None:
    assert ODD.count(BEGIN) == 1
    assert ODD.count(END) == 1
    written = ODD.split(BEGIN)[1].split(END)[0]
    assert written == paths.as_markdown() + "\n", f"out of date, rewrite it with: {REWRITE_PATHS}"


# The table of paths.


@pytest.mark.parametrize("path", paths.paths(), ids=lambda path: f"{path.start}-{path.target}")
def test_a_path_names_rules_and_parameters_that_exist(path: paths.Path) -> None:
    assert path.rules
    for rule in path.rules:
        assert rule in paths.rules()
    assert path.parameter in ("", *parameters.parameters())
    assert path.sign in ("+", "-")


def test_every_factor_has_a_path_and_every_carrier_carries() -> None:
    starts = {path.start for path in paths.paths()}
    assert {*parameters.FACTORS, *parameters.CARRIERS} <= starts
    fields = inputs.parameter_dtype().names or ()
    assert {f"{factor}_on" for factor in parameters.FACTORS} <= set(fields)
    assert parameters.FACTORS == wording.MECHANISMS


def test_what_starts_a_path_is_a_factor_or_the_end_of_another() -> None:
    carried = {
        "experience",
        "peers",
        "habit",
        "use shown",
        "skill",
        "guidance",
    }  # come from use, not a path
    targets = {path.target for path in paths.paths()} | carried | set(parameters.FACTORS)
    assert {path.start for path in paths.paths()} <= targets


def test_weights_on_a_seen_factor_are_on_a_path() -> None:
    """A coefficient named after a factor cannot be left out of the table by accident."""
    named = re.compile(r"_(clarity|overload|motivation|trust|engagement|strain|ambiguity)$")
    on_a_path = {path.parameter for path in paths.paths()}
    for name in parameters.parameters():
        if named.search(name) and name not in ("role_clarity", "newcomer_clarity"):
            assert name in on_a_path, f"{name} has no path in the registry"


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ('"strain"', "path must be three texts"),
        ('["strain", "lapse"]', "path must be three texts"),
        ('["strain", "lapse", 1]', "path must be three texts"),
        ('["stress", "lapse", "+"]', "path starts at 'stress'"),
        ('["strain", " ", "+"]', "path must lead somewhere"),
        ('["strain", "lapse", "up"]', "unknown sign 'up'"),
    ],
)
def test_a_broken_path_is_named(tmp_path: Path, path: str, complaint: str) -> None:
    for file in (ROOT / "sim" / "registry").glob("*.toml"):
        text = file.read_text(encoding="utf-8")
        if file.stem == "clinicians":
            text = text.replace('path = ["strain", "lapse", "+"]', f"path = {path}")
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError, match=r"^clinicians\.toml: lapse_strain: ") as caught:
        parameters._read_parameters(tmp_path)
    assert complaint in str(caught.value)


# The protocol names everything there is.


@pytest.mark.parametrize("rule", paths.rules())
def test_the_protocol_names_every_rule(rule: str) -> None:
    assert f"`{rule}`" in ODD


@pytest.mark.parametrize("rule", sorted(set(re.findall(r"`([a-z]+\.[a-z_]+)`", ODD))))
def test_the_protocol_names_only_rules_there_are(rule: str) -> None:
    modules = {name.split(".")[0] for name in paths.rules()}
    assert rule in paths.rules() or rule.split(".")[0] not in modules


@pytest.mark.parametrize("name", parameters.parameters())
def test_every_parameter_is_documented(name: str) -> None:
    page = (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    assert f"`{name}`" in ODD or f"`{name}`" in page


@pytest.mark.parametrize(
    "name",
    [
        entry.name
        for entry in parameters.parameters().values()
        if entry.group in ("drivers", "project", "clinicians", "patients")
    ],
)
def test_the_protocol_has_every_coefficient(name: str) -> None:
    assert re.search(rf"`{name}(`| = )", ODD)


def test_the_week_has_ten_steps_as_in_the_code() -> None:
    steps = [int(n) for n in re.findall(r"^(\d+)\. \*\*", section(ODD, "3. The week"), re.M)]
    assert steps == list(range(1, 11))
    for engine in ("kernel/week.py", "agents/model.py"):
        source = (ROOT / "sim" / engine).read_text(encoding="utf-8")
        marked = re.findall(r"# steps? (\d+)(?: and (\d+))?", source)
        assert sorted(int(n) for pair in marked for n in pair if n) == steps


@pytest.mark.parametrize("concept", [
    "Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction",
    "Sensing", "Interaction", "Stochasticity", "Collectives", "Observation",
    "Individual decision-making", "Heterogeneity",
])  # fmt: skip
def test_the_protocol_has_every_design_concept(concept: str) -> None:
    assert f"\n**{concept}" in section(ODD, "4. Design concepts")


def test_the_protocol_quotes_the_defaults() -> None:
    quoted = re.findall(r"`([a-z_]+)` is ([\d.]+\d|\d)[,;. ]", ODD)
    assert len(quoted) >= 5
    for name, number in quoted:
        assert parameters.parameters()[name].default == float(number), (
            f"{name} is quoted as {number}"
        )


def test_the_protocol_quotes_the_references() -> None:
    from sim import world
    from sim.scenario import load

    p = world.recipe(load("baseline")).p[0]
    text = section(ODD, "9. Mechanisms and their references")
    for symbol, name in (("c", "clarity"), ("m", "motivation"), ("e", "strain")):
        number = f"{float(p[f'{name}_reference']):.3f}".lstrip("0")
        assert f"$\\bar {symbol}={number}$" in text
    for words, name in (("overload", "overload"), ("slack", "slack"), ("engagement", "engagement")):
        assert f"mean {words} {float(p[f'{name}_reference']):.3f}".replace(" 0.", " .") in text


QUESTIONS = {
    "I": {"i": "ab", "ii": "abcde", "iii": "a"},
    "II": {
        "i": "abcde", "ii": "abcdefgh", "iii": "ab", "iv": "abcde", "v": "abc", "vi": "abcd",
        "vii": "ab", "viii": "ab", "ix": "a", "x": "ab",
    },
    "III": {"i": "ab", "ii": "abc", "iii": "a", "iv": "abc"},
}  # fmt: skip
"""The guiding questions of ODD+D (Mueller et al. 2013, doi 10.1016/j.envsoft.2013.06.003)."""


def test_every_guiding_question_has_its_row_in_the_protocol() -> None:
    rows = section(ODD, "14. Where each item of ODD and ODD+D stands")
    found = []
    for part, element, letter, several in re.findall(
        r"^\| (I+)\.([ivx]+)(?:\.([a-h]))? ?(?:[^|(]*\(([a-h, ]+)\))?", rows, re.M
    ):
        found += [(part, element, one) for one in letter or several.split(", ")]
    asked = [
        (part, element, letter)
        for part, elements in QUESTIONS.items()
        for element, letters in elements.items()
        for letter in letters
    ]
    assert sorted(found) == sorted(asked)


# Links.


def links(page: Path) -> Iterator[str]:
    """Yield the relative targets of links and images of a page."""
    for target in re.findall(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)", page.read_text("utf-8")):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(page: Path) -> set[str]:
    """Return the anchors that headings of a page make."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_resolve(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name} links to {link}"


# Commands.


def commands() -> Iterator[str]:
    """Yield each call of mih in the pages, also amid text, but for those with a word to fill in.

    Those in blocks of code are run by ``tests/docs/test_commands_in_docs.py``.
    """
    for line in "\n".join(page.read_text(encoding="utf-8") for page in PAGES).splitlines():
        spans = re.findall(r"`([^`]*)`", line) if "`" in line else [line]
        for span in spans:
            for part in span.split("&&"):
                call = part.split("#")[0].strip()
                if re.match(r"(\.venv/bin/)?mih [a-z]", call):
                    yield call.rstrip("\\")


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_commands_of_the_pages_exist(command: str) -> None:
    _, name, *words = shlex.split(command)
    context = click.Context(main)
    found = main.get_command(context, name)
    assert found is not None, f"there is no command mih {name}"
    known = {option for param in found.params for option in param.opts}
    for word in words:
        if word.startswith("-"):
            assert word.split("=")[0] in known, f"mih {name} has no option {word}"


def test_the_readme_has_commands_and_the_two_lines_that_start() -> None:
    assert len(set(commands())) >= 5
    install = "python3 -m venv .venv && .venv/bin/pip install -q"
    assert f"\n{install} . && .venv/bin/mih run baseline\n" in README
    test = f'{install} -e ".[test]" -c constraints.txt && .venv/bin/python -m pytest'
    assert f"\n{test}\n" in README


def test_the_study_of_the_page_on_experiments_loads() -> None:
    (text,) = blocks("toml", EXPERIMENTS)
    study = loads_study(text)
    assert study.count == 18
    assert f"{word_of(len(shipped_studies()))} studies come with the package" in EXPERIMENTS


def word_of(number: int) -> str:
    return {4: "Four", 5: "Five", 6: "Six", 7: "Seven"}[number]


def test_the_scenario_file_of_the_readme_loads() -> None:
    (text,) = blocks("toml", README)
    assert loads(text).title == "Our department"
    assert f"shows {len(shipped())} cases" in README


def test_the_numbers_of_the_readme_are_what_the_model_gives() -> None:
    import sim

    rows = re.findall(r"^\| `mih run ([a-z-]+)` \|(.*)\|$", README, re.M)
    assert len(rows) >= 2
    for name, cells in rows:
        summary = sim.run(name, 100, 1).summary()
        found = [interval(summary["adoption"]), interval(summary["live"])]
        found.append(weeks(summary["go_live_week"]))
        assert cells == f" {' | '.join(found)} ", f"the README's row of {name} is out of date"


def interval(found: Any) -> str:
    mean, low, high = (f"{100 * share:.0f}" for share in (found.mean, found.ci_low, found.ci_high))
    return f"{mean} % ({low} to {high} %)"


def weeks(found: Any) -> str:
    middle = "never" if found.q50 is None else f"week {found.q50:.0f}"
    return f"{middle}; {100 * found.share_reached:.0f} % get there"


# How to cite.


def test_what_is_cited_is_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    meta = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert meta["version"] == project["version"]
    assert meta["name"] == project["name"]
    assert meta["description"] == project["description"]
    assert f"\nversion: {project['version']}\n" in citation
    assert meta["referencePublication"]["identifier"].split("doi.org/")[1] in citation
