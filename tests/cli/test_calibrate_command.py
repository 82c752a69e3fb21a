"""``mih calibrate``: prints, keeps, draws, goes on; refuses what cannot be."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.experiment.calibrate import calibrating
from tests.texts import LABEL

FEW = ("--rule", "stop_rate", "--rule", "stop_use", "--draws", "256", "--accept", "64")
FEW += ("--size", "8", "--checks", "8", "--workers", "0")


def mih(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["calibrate", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_it_prints_what_it_found_keeps_and_draws_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrating, "LOOK", 1)
    monkeypatch.setattr(calibrating, "AGAIN", 2)
    out = tmp_path / "x"
    code, said, errors = mih(*FEW, "--out", str(out))
    assert code == 0, errors
    assert said.startswith(LABEL)
    for label in ("Stopping", "Effect of use shown on stopping"):
        assert any(line.startswith(label) for line in said.splitlines())
    assert "256 draws of 2 rules" in said
    assert "held-out patterns can be its own" in said
    assert errors.splitlines()[-1].startswith(f"written to {out} (posterior ")
    assert (out / "posterior.parquet").is_file()
    assert (out / "figures" / "patterns.png").is_file()
    found = json.loads((out / "calibration.json").read_text(), parse_constant=pytest.fail)
    assert (found["draws"], found["accepted"]) == (256, 64)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--draws", "100"), "draws: must be a power of two"),
        (("--rule", "clinicians"), "clinicians is no rule with a prior"),
        (("--seed", "-1"), "seed: -1 is out of range"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    code, _, errors = mih(*words, "--out", str(tmp_path / "x"))
    assert code == 2
    assert said in errors
    assert not (tmp_path / "x").exists()
