"""A comparison that is kept: sealed stages, the same numbers, and it goes on where it stopped."""

import shutil
from pathlib import Path

import pytest

from sim.errors import DriftError, InputError
from sim.experiment.compare import stages
from sim.experiment.compare.comparing import compare
from sim.experiment.store.stored import open_result
from sim.scenario import Scenario, loads

SMALL = loads('title = "small"\norganisations = 2\nclinicians = 10\ncaseload = 3\nweeks = 60\n')
PLANS = {"small": SMALL, "two leads; more": SMALL.with_values({"leads": 2, "lead_hours": 20.0})}
GROWING = {"precision": 0.04, "budget": 400, "outcomes": ["first_use"]}


def test_a_kept_comparison_says_what_one_in_memory_says(tmp_path: Path) -> None:
    kept = compare(PLANS, 12, out=tmp_path / "c", workers=0, **GROWING)
    assert kept.as_json() == compare(PLANS, 12, **GROWING).as_json()
    assert kept.as_json()["precision"]["stages"][0] == 12
    folders = sorted(path.name for path in (tmp_path / "c").glob("stage-01/*"))
    assert folders == ["0-small", "1-two-leads-more"]
    numbers = [0]
    for place in sorted((tmp_path / "c").glob("stage-*/0-small")):
        stored = open_result(place)
        assert stored.sealed
        assert stored.runs["replicate"][0] == numbers[-1]
        numbers.append(numbers[-1] + stored.done)
    assert numbers[1:] == [sum(kept.precision.stages[:k]) for k in range(1, len(numbers))]


def test_a_comparison_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = compare(PLANS, 12, out=tmp_path / "whole", workers=0, **GROWING)
    shutil.copytree(tmp_path / "whole", tmp_path / "part")
    last = sorted((tmp_path / "part").glob("stage-*"))[-1]
    assert last.name != "stage-01"
    shutil.rmtree(last)
    simulated: list[int] = []
    real = stages.execute

    def counted(*arguments: object, **options: object) -> object:
        report = real(*arguments, **options)  # type: ignore[arg-type]
        simulated.append(report.done - report.before)
        return report

    monkeypatch.setattr(stages, "execute", counted)
    again = compare(PLANS, 12, out=tmp_path / "part", workers=0, **GROWING)
    assert again.as_json() == whole.as_json()
    assert sum(simulated) == 2 * whole.precision.stages[-1]


@pytest.mark.parametrize(
    ("plans", "seed", "named"),
    [
        (PLANS, 2, "its seed differ"),
        ({**PLANS, "third": SMALL.with_values({"leads": 3})}, 1, "its plans differ"),
    ],
)
def test_another_comparison_is_refused(
    plans: dict[str, Scenario], seed: int, named: str, tmp_path: Path
) -> None:
    compare(PLANS, 2, out=tmp_path / "c")
    with pytest.raises(DriftError, match=named):
        compare(plans, 2, seed, out=tmp_path / "c")
    compare(plans, 2, seed, out=tmp_path / "c", force=True)
    assert (tmp_path / "c.old-1" / "comparison.json").exists()


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        compare(PLANS, 2, out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
