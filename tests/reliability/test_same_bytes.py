"""The same bytes, whoever does the work and in whatever order."""

from pathlib import Path

import numpy as np
import pytest

from sim import simulate
from sim.experiment.design.study import study_of
from sim.experiment.execute import work as execute_module
from sim.experiment.execute.work import execute
from sim.experiment.runs.plan import plan_of_study
from tests.keeping import write_result
from tests.reliability.campaigns import HERE
from tests.reliability.commands import Undisturbed
from tests.reliability.faults import content
from tests.reliability.studies import SMALL, small_chunks, small_plan


def test_this_process_gives_the_bytes_of_two_workers(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    execute(undisturbed.plan, tmp_path / "here", HERE)
    assert content(tmp_path / "here") == undisturbed.bytes


def test_any_order_and_any_repetition_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_chunks(1):
        plan = small_plan(weekly=["adoption"])
        assert plan.chunks == 8
        execute(plan, tmp_path / "whole", HERE)
        whole = content(tmp_path / "whole")
        execute(plan, tmp_path / "whole", HERE)
        assert content(tmp_path / "whole") == whole
        todo = execute_module._Work._todo
        for seed in range(3):
            orders: list[list[int]] = []

            def shuffled(
                work: execute_module._Work, seed: int = seed, orders: list[list[int]] = orders
            ) -> list[int]:
                found = np.random.default_rng(seed).permutation(todo(work)).tolist()
                orders.append(found)
                return list(found)

            monkeypatch.setattr(execute_module._Work, "_todo", shuffled)
            execute(small_plan(weekly=["adoption"]), tmp_path / str(seed), HERE)
            assert orders[0] != sorted(orders[0])
            assert content(tmp_path / str(seed)) == whole


def test_the_size_of_chunks_changes_no_number(tmp_path: Path) -> None:
    from sim.experiment.store.stored import open_result

    frames = []
    for size in (1, 2, 8):
        with small_chunks(size):
            execute(small_plan(), tmp_path / str(size), HERE)
            frames.append(open_result(tmp_path / str(size)).frame())
    assert frames[0].equals(frames[1])
    assert frames[0].equals(frames[2])


def test_a_run_that_is_kept_has_the_bytes_of_a_sweep_of_one_point(tmp_path: Path) -> None:
    write_result(simulate.run(SMALL, 5), tmp_path / "run", command=("mih", "run"))
    study = study_of(SMALL, {"leads": [SMALL.values["leads"]]}, replicates=5, weekly=True)
    execute(plan_of_study(study), tmp_path / "sweep", HERE)
    run, sweep = content(tmp_path / "run"), content(tmp_path / "sweep")
    parts = [name for name in run if name.endswith(".parquet") and name != "plan.parquet"]
    assert len(parts) == 3
    assert {name: run[name] for name in parts} == {name: sweep[name] for name in parts}
