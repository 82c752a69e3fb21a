"""What tests of single rules share: parameters as plain numbers, and references of the drivers."""

import math
from types import SimpleNamespace
from typing import Any

import pytest

from tests.tolerances import ROUNDING


def parameters_with(**values: float) -> Any:
    return SimpleNamespace(**values)


def exactly(value: float) -> Any:
    return pytest.approx(value, rel=ROUNDING, abs=ROUNDING)


def logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


REFERENCES = {
    "motivation_reference": 0.55,
    "clarity_reference": 0.65,
    "strain_reference": 0.3,
    "quality_reference": 0.45,
    "trust_reference": 0.6,
}
