"""`mih validate`: what is printed, and which exit code it ends with."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.experiment.calibrate import arms, validate
from sim.experiment.calibrate.targets import HELD_OUT, targets
from tests.texts import LABEL

FEW = ("--populations", "2")


def mih(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["validate", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every held-out pattern be reproduced, whatever the model gives."""
    wider = tuple(
        replace(one, low=0.0, high=1.0) if one.use == HELD_OUT else one for one in targets()
    )
    monkeypatch.setattr(validate, "targets", lambda: wider)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask one held-out pattern for what no run gives."""
    asked = tuple(
        replace(one, low=2.0, high=3.0) if one.name == "trained_left" else one
        for one in validate.targets()
    )
    monkeypatch.setattr(validate, "targets", lambda: asked)


def test_it_ends_with_0_if_all_that_is_held_out_is_reproduced() -> None:
    code, out, err = mih(*FEW)
    assert code == 0
    assert "4 of 4 held-out patterns reproduced." in out
    assert LABEL in out
    assert "128 organisations in each situation" in out
    assert "Where organisations of the field stop:" in out
    assert "mih: " not in err
    for one in targets():
        assert one.label in out


def test_it_ends_with_1_and_words_if_one_is_not(narrow: None) -> None:
    code, out, err = mih(*FEW)
    assert code == 1
    assert "3 of 4 held-out patterns reproduced; not: Trained staff that left." in out
    assert "mih: held-out patterns not reproduced: Trained staff that left" in err


def test_json_is_the_contract_and_comes_before_a_failure_too(narrow: None) -> None:
    code, out, _ = mih(*FEW, "--seed", "7", "--json")
    assert code == 1
    found = json.loads(out, parse_constant=pytest.fail)
    assert (found["label"], found["seed"], found["populations"]) == (LABEL, 7, 2)
    assert found["organisations"] == 2 * arms.POPULATION
    assert found["passed"] is False
    assert found["reproduced"]["held-out"] == [3, 4]
    assert set(found["targets"]) == {one.name for one in targets()}
    keys = {"pattern", "label", "use", "low", "high", "unit", "transform", "definition", "source"}
    keys |= {"caveat", "value", "n", "se", "simulated", "reproduced", "borderline"}
    assert all(set(entry) == keys for entry in found["targets"].values())


def test_a_posterior_gives_each_population_a_draw_of_its_own(tmp_path: Path) -> None:
    from sim.experiment.calibrate.posterior import Posterior

    place = tmp_path / "p.parquet"
    Posterior({"start_rate": np.array([0.0])}, np.array([1.0]), {}).save(place)
    code, out, _ = mih(*FEW, "--posterior", str(place), "--json")
    assert code == 0
    assert json.loads(out)["targets"]["month_12"]["simulated"]["value"] == 0.0
    assert mih("--posterior", str(tmp_path / "none"))[0] == 2


def test_options_that_cannot_be_are_refused() -> None:
    assert mih("--populations", "1")[0] == 2
    assert mih(*FEW, "--seed", "-1")[0] == 2
