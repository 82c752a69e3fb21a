"""Small posteriors for tests."""

from pathlib import Path

import numpy as np

from sim.draws import generator
from sim.experiment.calibrate.posterior import Posterior


def small(draws: int = 40) -> Posterior:
    """Return draws of two rules that matter, none like another."""
    random = generator(1, "a small posterior")
    values = {
        "start_rate": random.uniform(0.003, 0.012, draws),
        "stop_rate": random.uniform(0.001, 0.006, draws),
    }
    return Posterior(values, np.full(draws, 1.0 / draws), {"made": "for tests"})


def one_draw(**values: float) -> Posterior:
    """Return a posterior that knows the rules."""
    return Posterior({name: np.array([v]) for name, v in values.items()}, np.ones(1), {})


def saved(posterior: Posterior, folder: Path) -> str:
    """Write a posterior and return its path."""
    path = folder / "posterior.parquet"
    posterior.save(path)
    return str(path)
