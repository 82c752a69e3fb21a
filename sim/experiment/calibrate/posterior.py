"""A posterior: weighted draws of some rules, kept in one file with where they come from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.draws import generator
from sim.errors import InputError
from sim.experiment.store.encoding import (
    DamagedError,
    canonical,
    columns_hash,
    parquet_bytes,
    parquet_table,
)
from sim.experiment.store.files import write_file
from sim.parameters import parameters

FILE = "posterior.parquet"
_KEY = b"mih"


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws of rules.

    ``values``: a column (draws,) for each parameter, on the registry's scales. ``weights`` (draws,)
    add to 1. ``provenance``: where it comes from; decides nothing.
    """

    values: Mapping[str, NDArray[Any]]
    weights: NDArray[np.float64]
    provenance: Mapping[str, Any]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(self.values)

    @property
    def count(self) -> int:
        """Number of draws."""
        return len(self.weights)

    @cached_property
    def id(self) -> str:
        """Hash of draws and weights."""
        return columns_hash(self._table())[:16]

    def draw(self, k: int) -> dict[str, Any]:
        """Return draw number k."""
        return {name: column[k].item() for name, column in self.values.items()}

    def equal(self, count: int, seed: int) -> list[dict[str, Any]]:
        """Return draws that count alike: each as often as its weight says, give or take one.

        Systematic resampling (Kitagawa 1996, doi 10.2307/1390750), in an order of no meaning.
        """
        random = generator(seed, "draws of a posterior")
        ends = np.cumsum(self.weights)
        at = (random.random() + np.arange(count)) / count
        which = np.minimum(np.searchsorted(ends / ends[-1], at, side="right"), self.count - 1)
        return [self.draw(k) for k in random.permutation(which).tolist()]

    def save(self, path: Path) -> None:
        """Write the file; the same content gives the same bytes. Raises DiskError."""
        note = {_KEY: canonical(dict(self.provenance))}
        write_file(path, parquet_bytes(self._table().replace_schema_metadata(note)))

    def _table(self) -> pa.Table:
        columns = {"draw": np.arange(self.count, dtype=np.int32), "weight": self.weights}
        return pa.table({**columns, **self.values})


def read_posterior(path: str | Path) -> Posterior:
    """Read a posterior, checking everything.

    Raises InputError with all that is wrong: no such file, no posterior, unknown parameters, values
    out of the registry's range, weights that do not add to 1.
    """
    place = Path(path)
    try:
        table = parquet_table(place.read_bytes(), place)
    except OSError as error:
        raise InputError(f"{place}: cannot be read ({error.strerror})") from error
    except DamagedError as error:
        raise InputError(f"{place}: no posterior, or damaged; made by mih calibrate") from error
    problems = _problems(table)
    if problems:
        raise InputError([f"{place}: {text}" for text in problems])
    note = (table.schema.metadata or {}).get(_KEY, b"{}")
    names = [name for name in table.column_names if name not in ("draw", "weight")]
    values = {name: table[name].to_numpy() for name in names}
    return Posterior(values, table["weight"].to_numpy(), json.loads(note))


def _problems(table: pa.Table) -> list[str]:
    """Return what is wrong with the content of a posterior."""
    names = table.column_names
    missing = [name for name in ("draw", "weight") if name not in names]
    if missing or len(names) < 3 or not table.num_rows:
        return ["no posterior: needs columns draw, weight and a parameter each, and draws"]
    found = []
    weights = table["weight"].to_numpy()
    if not np.isfinite(weights).all() or weights.min() < 0.0 or abs(weights.sum() - 1.0) > 1e-9:
        found.append(f"weight: must be 0 or more and add to 1 (found {weights.sum():.6g})")
    for name in names:
        if name in ("draw", "weight"):
            continue
        entry = parameters().get(name)
        if entry is None or entry.kind == "choice":
            found.append(f"{name}: no such number in the registry of this version")
            continue
        values = table[name].to_numpy().astype(float)
        if not ((values >= entry.low) & (values <= entry.high)).all():
            ends = f"{np.nanmin(values):.4g} to {np.nanmax(values):.4g}"
            allowed = f"{entry.low:g} to {entry.high:g}"
            found.append(f"{name}: out of range (found {ends}, allowed {allowed})")
    return found
