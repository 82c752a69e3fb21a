"""`export` and `to_xarray`: what was stored, and nothing else, in forms other programs read."""

import errno
import io
import json
import os
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyarrow import csv

import sim.agents
from sim import layout, simulate
from sim.draws import MAX_SEED
from sim.errors import IncompleteError, InputError
from sim.experiment.check.rows import empty_tables
from sim.experiment.design.study import study_of
from sim.experiment.execute.work import Way, execute
from sim.experiment.export import arrays
from sim.experiment.export import exporting as exporting
from sim.experiment.export.exporting import export
from sim.experiment.export.meanings import meaning_of, types_of
from sim.experiment.runs import plan as plans
from sim.experiment.runs.columns import STATUSES
from sim.experiment.runs.own import own_of
from sim.experiment.runs.plan import plan_of_result, plan_of_study
from sim.experiment.store.encoding import DamagedError
from sim.experiment.store.files import DiskError
from sim.experiment.store.folder import SEAL
from sim.experiment.store.parts import receipt_name
from sim.experiment.store.stored import Stored, open_result
from sim.outcomes import outcome_names
from sim.parameters import outcomes, parameters
from sim.scenario import loads
from sim.world import recipe
from tests.keeping import write_result
from tests.texts import LABEL, PHASES

xr = pytest.importorskip("xarray")

SMALL = loads(
    'title = "Klein, \\"één\\""\norganisations = 2\nclinicians = 8\ncaseload = 2\nweeks = 40\n'
    'currency = "CHF"\n'
)
OUTCOMES = ["adoption", "reach", "competence_week", "cost", "patients_reached"]
OUTCOMES += ["cost_per_patient_reached"]
TABLES = ("points", "runs", "organisations", "weekly", "events")


class Breaking(sim.agents.Clinician):
    """Raises in about half of the runs."""

    def propose(self) -> None:
        if self.organisation.number == self.post == 0 and self.key % 2 == 0:
            raise ValueError("broken")
        super().propose()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rectangular sweep, an uneven one, and a run with events; in several chunks."""
    place = tmp_path_factory.mktemp("results")
    factors = {"role_clarity": [0.3, 0.7], "network": ["teams", "random"]}
    uneven = {"organisations": [1, 3], "weeks": [20, 30], "mechanisms.trust": [True, False]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plans, "CHUNK_WORK", 10_000)
        for name, one in (("even", factors), ("uneven", uneven)):
            study = study_of(
                SMALL, one, replicates=3, outcomes=OUTCOMES, weekly=["adoption", "cost"]
            )
            plan = plan_of_study(study, command=("mih", "sweep", "x y"))
            assert plan.chunks > 1
            execute(plan, place / name, Way(workers=0))
        result = simulate.run(SMALL, 4, seed=MAX_SEED, events=True)
        write_result(result, place / "run", command=("mih", "run", "x"))
    return place


@pytest.fixture(scope="module")
def netcdf(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that gives the netCDF file of a result; each is written once."""
    folder = tmp_path_factory.mktemp("netcdf")

    @cache
    def written(name: str) -> Path:
        export(made / name, folder / f"{name}.nc", "netcdf")
        return folder / f"{name}.nc"

    return written


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "CHUNK_WORK", 10_000)


def frame_of(stored: Stored, table: str) -> pd.DataFrame | None:
    frame: pd.DataFrame | None = getattr(stored, table)
    return frame


# --- CSV -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["even", "uneven", "run"])
def test_csv_holds_every_bit_of_the_frames(made: Path, tmp_path: Path, name: str) -> None:
    stored = export(made / name, tmp_path / "csv")
    there = {path.stem for path in (tmp_path / "csv").glob("*.csv")}
    assert there == {table for table in TABLES if frame_of(stored, table) is not None} | {"columns"}
    for table in there - {"columns"}:
        frame = frame_of(stored, table)
        assert frame is not None
        found = csv.read_csv(tmp_path / "csv" / f"{table}.csv").to_pandas()
        assert list(found) == list(frame)
        for column in frame:
            want, got = frame[column], found[column]
            if pd.api.types.is_float_dtype(want):
                assert np.array_equal(
                    want.to_numpy().view(np.uint64)[want.notna()],
                    got.to_numpy(np.float64).view(np.uint64)[want.notna()],
                ), column
                assert (want.isna() == got.isna()).all()
            elif pd.api.types.is_numeric_dtype(want):
                assert (want == got).all()
            else:
                assert list(want.astype(str)) == list(got.astype(str))


def test_never_is_missing_and_not_a_number(
    made: Path, tmp_path: Path, netcdf: Callable[[str], Path]
) -> None:
    export(made / "even", tmp_path / "csv")
    stored = open_result(made / "even")
    never = stored.organisations["competence_week"].isna()
    assert never.any()
    plain = pd.read_csv(tmp_path / "csv" / "organisations.csv", keep_default_na=False, dtype=str)
    assert set(plain["competence_week"][never]) == {""}
    words = (tmp_path / "csv" / "organisations.csv").read_text().lower()
    assert not {"nan", "inf", "never", "null", "none"} & set(words.replace("\n", ",").split(","))
    loaded = xr.load_dataset(netcdf("even"))
    found = loaded["organisation_competence_week"].to_numpy().ravel()
    assert np.array_equal(np.isnan(found), never.to_numpy())
    # The run's restricted mean is a number, and says how many got there.
    assert not np.isnan(loaded["competence_week"]).any()
    assert float(loaded["competence_week.share_reached"].min()) < 1.0


def test_columns_say_what_every_column_of_every_table_means(made: Path, tmp_path: Path) -> None:
    for name in ("even", "run"):
        stored = export(made / name, tmp_path / name)
        described = pd.read_csv(tmp_path / name / "columns.csv", keep_default_na=False)
        assert list(described) == ["table", "column", "type", "unit", "label", "meaning"]
        for table, rows in described.groupby("table"):
            header = pd.read_csv(tmp_path / name / f"{table}.csv", nrows=0)
            assert list(header) == list(rows["column"])
        assert (described["meaning"].str.len() > 10).all()
        known = described.set_index(["table", "column"])
        for table, columns in stored.manifest["columns"].items():
            for one in columns:
                entry = known.loc[(table, one["name"])]
                assert (entry["unit"], entry["type"]) == (one["unit"], one["type"])
        assert known.loc[("runs", "cost"), "unit"] == "CHF"
        definition = outcomes()["reach"].definition
        assert known.loc[("organisations", "reach"), "meaning"] == definition
    clarity = pd.read_csv(tmp_path / "even" / "columns.csv").set_index("column")
    assert parameters()["role_clarity"].meaning in clarity.loc["role_clarity", "meaning"]


def test_provenance_says_where_the_numbers_come_from(made: Path, tmp_path: Path) -> None:
    stored = export(made / "run", tmp_path / "csv")
    found = json.loads(
        (tmp_path / "csv" / "provenance.json").read_text(), parse_constant=pytest.fail
    )
    assert found["plan"] == stored.manifest["plan"]
    assert found["result"] == stored.result is not None
    assert found["seed"] == MAX_SEED
    assert loads(found["scenario"]) == SMALL
    assert found["versions"] == stored.manifest["versions"]
    assert found["command"] == ["mih", "run", "x"]
    assert found["label"].startswith(LABEL)
    assert (found["sealed"], found["runs"], found["runs_there"]) == (True, 4, 4)
    assert str(tmp_path) not in json.dumps(found)
    for name, one in found["files"].items():
        data = (tmp_path / "csv" / name).read_bytes()
        assert sha256(data).hexdigest() == one["sha256"]
        assert len(pd.read_csv(io.BytesIO(data))) == one["rows"]
    assert {*found["files"], "provenance.json"} == {p.name for p in (tmp_path / "csv").iterdir()}


def test_the_same_result_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        export(made / "even", tmp_path / name)
        export(made / "even", tmp_path / f"{name}.nc", "netcdf")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()


# --- netCDF --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["even", "uneven", "run"])
@pytest.mark.filterwarnings("error")
def test_a_file_gives_back_the_arrays(made: Path, netcdf: Callable[[str], Path], name: str) -> None:
    stored = open_result(made / name)
    wanted = stored.to_xarray()
    found = xr.load_dataset(netcdf(name))
    xr.testing.assert_identical(found, wanted)
    for variable in wanted.variables:
        if wanted[variable].dtype.kind in "fiub":
            assert found[variable].dtype == wanted[variable].dtype, variable
    assert found.attrs["seed"] == stored.plan.seed
    assert found.attrs["result"] == stored.result
    assert found.attrs["sealed"] == "yes"
    assert loads(found.attrs["scenario"]) == SMALL
    assert json.loads(found.attrs["versions"]) == stored.manifest["versions"]
    # HDF5 alone does not notice a flipped bit.
    assert found["adoption"].encoding["fletcher32"]


def test_points_and_replicates_are_dimensions_where_all_points_are_alike(made: Path) -> None:
    stored = open_result(made / "even")
    found = stored.to_xarray()
    assert dict(found.sizes) == {"point": 4, "replicate": 3, "organisation": 2, "week": 40}
    assert found["adoption"].dims == ("point", "replicate")
    assert found["weekly_cost"].dims == ("point", "replicate", "week")
    assert found["organisation_cost"].dims == ("point", "replicate", "organisation")
    assert list(found["network"].to_numpy()) == list(stored.points["network"])
    assert found["network"].dims == ("point",)
    runs = found["adoption"].to_series().reset_index()
    wanted = stored.runs[["point", "replicate", "adoption"]]
    pd.testing.assert_frame_equal(runs[list(wanted)], wanted, check_dtype=False)
    rows = found["organisation_cost"].to_numpy().ravel()
    np.testing.assert_array_equal(rows, stored.organisations["cost"])
    assert stored.weekly is not None
    np.testing.assert_array_equal(found["weekly_cost"].to_numpy().ravel(), stored.weekly["cost"])
    # A grid becomes an array over its factors.
    grid = found["adoption"].set_index(point=["role_clarity", "network"]).unstack("point")
    assert dict(grid.sizes) == {"replicate": 3, "role_clarity": 2, "network": 2}
    one = stored.frame().query("role_clarity == 0.7 and network == 'teams' and replicate == 2")
    assert float(grid.sel(role_clarity=0.7, network="teams", replicate=2)) == one["adoption"].item()


def test_runs_are_rows_where_points_differ_in_shape(made: Path) -> None:
    stored = open_result(made / "uneven")
    found = stored.to_xarray()
    assert found["adoption"].dims == ("run",)
    np.testing.assert_array_equal(found["adoption"], stored.runs["adoption"])
    np.testing.assert_array_equal(found["mechanisms.trust"], stored.frame()["mechanisms.trust"])
    assert found["mechanisms.trust"].dtype == bool
    assert stored.weekly is not None
    for dim, frame, column in (
        ("organisation_row", stored.organisations, "organisation_cost"),
        ("week_row", stored.weekly, "weekly_cost"),
    ):
        assert found[column].dims == (dim,)
        np.testing.assert_array_equal(found[column], frame[column.partition("_")[2]])
        of_run = found[f"{dim}_run"].to_numpy()
        for key in ("point", "replicate"):
            np.testing.assert_array_equal(found[key].to_numpy()[of_run], frame[key])
    np.testing.assert_array_equal(found["week"], stored.weekly["week"])


def test_a_partial_result_is_rows_of_runs(made: Path, tmp_path: Path) -> None:
    folder = copied(made / "even", tmp_path)
    (folder / SEAL).unlink()
    (folder / receipt_name(1)).unlink()
    with pytest.raises(IncompleteError, match="--allow-partial"):
        export(folder, tmp_path / "x")
    stored = export(folder, tmp_path / "x", allow_partial=True)
    assert len(pd.read_csv(tmp_path / "x" / "runs.csv")) == stored.done < stored.plan.runs
    assert json.loads((tmp_path / "x" / "provenance.json").read_text())["sealed"] is False
    export(folder, tmp_path / "x.nc", "netcdf", allow_partial=True)
    found = xr.load_dataset(tmp_path / "x.nc")
    assert dict(found.sizes) == {"run": stored.done, "organisation": 2, "week": 40}
    assert found.attrs["sealed"] == "no"
    assert "result" not in found.attrs
    np.testing.assert_array_equal(found["network"], stored.frame()["network"])


def test_every_variable_has_unit_name_and_meaning(made: Path) -> None:
    for name in ("even", "uneven", "run"):
        found = open_result(made / name).to_xarray()
        for variable in found.variables.values():
            assert {"units", "long_name", "description"} <= set(variable.attrs)
            assert all(variable.attrs[key] for key in ("units", "long_name", "description"))
        assert found["organisation_cost"].attrs["units"] == "CHF"
        assert found["status"].attrs["flag_meanings"].split() == list(STATUSES)


def test_events_keep_their_words_and_what_is_missing(
    made: Path, netcdf: Callable[[str], Path]
) -> None:
    found, events = xr.load_dataset(netcdf("run")), open_result(made / "run").events
    assert events is not None
    words = [layout.EVENTS[code] for code in found["event_event"].to_numpy()]
    assert words == list(events["event"])
    assert list(np.array(layout.ROLES)[found["event_role"]]) == list(events["role"])
    for column in ("replicate", "week", "organisation", "post", "place", "detail"):
        np.testing.assert_array_equal(found[f"event_{column}"], events[column])
    assert events["place"].isna().any()
    raw = xr.load_dataset(netcdf("run"), mask_and_scale=False)
    assert raw["event_place"].dtype == np.int32
    assert set(raw["event_place"].to_numpy()[events["place"].isna()]) == {-1}


def test_a_result_in_memory_has_no_point(tmp_path: Path) -> None:
    result = simulate.run(SMALL, 3, first_replicate=5, events=True)
    found = result.to_xarray()
    assert dict(found.sizes) | {"event": 0} == {
        "replicate": 3,
        "organisation": 2,
        "week": 40,
        "event": 0,
    }
    assert list(found["replicate"]) == [5, 6, 7]
    for k, name in enumerate(result.names):
        np.testing.assert_array_equal(found[f"organisation_{name}"], result.outcomes[:, :, k])
    for name in result.weekly.dtype.names or ():
        np.testing.assert_array_equal(found[f"weekly_{name}"], result.weekly[name])
    assert found.attrs["plan"] == plan_of_result(result).hash
    some = found[["adoption", "organisation_cost", "weekly_adoption", "event_week"]]
    xr.testing.assert_identical(xr.load_dataset(io.BytesIO(arrays.netcdf_bytes(some))), some)


def test_nothing_happens_in_no_weeks() -> None:
    found = simulate.run(SMALL, 1, weeks=0, events=True).to_xarray()
    assert (found.sizes["week"], found.sizes["event"]) == (0, 0)
    none = found[[name for name in found if 0 in found[name].shape]]
    assert {"weekly_adoption", "event_week"} <= set(none)
    xr.testing.assert_identical(xr.load_dataset(io.BytesIO(arrays.netcdf_bytes(none))), none)


# --- what columns mean ---------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["baseline", "other phases"])
def test_every_column_of_every_table_has_a_meaning(base: str) -> None:
    scenario = SMALL if base == "baseline" else loads(PHASES)
    plan = plan_of_result(simulate.run(scenario, 1, weeks=1, events=True))
    assert set(outcome_names(recipe(scenario))) == set(plan.outcomes)
    for table, empty in empty_tables(plan).items():
        for name, kind in types_of(empty).items():
            meaning = meaning_of(table, name, scenario)
            assert meaning.label
            assert meaning.text.endswith((".", ")"))
            assert kind in ("int32", "int64", "double", "string")
    with pytest.raises(KeyError):
        meaning_of("weekly", "nonsense", scenario)
    with pytest.raises(KeyError):
        meaning_of("points", "nonsense", scenario)


def test_no_name_stands_for_two_things() -> None:
    prefixed = [f"organisation_{name}" for name in outcomes()]
    prefixed += [f"weekly_{name}" for name in layout.SERIES.names or ()]
    assert not {*parameters(), *arrays._KEYS} & {*outcomes(), *prefixed}


# --- places --------------------------------------------------------------------------------------


def copied(folder: Path, to: Path) -> Path:
    import shutil

    return Path(shutil.copytree(folder, to / "copy"))


@pytest.mark.parametrize("kind", ["csv", "netcdf"])
def test_what_is_there_is_refused_or_moved_and_never_lost(
    made: Path, tmp_path: Path, kind: str
) -> None:
    place = tmp_path / "x"
    place.write_text("precious")
    with pytest.raises(InputError, match=r"x exists; .*--force to move it to x\.old-1"):
        export(made / "even", place, kind)
    assert place.read_text() == "precious"
    export(made / "even", place, kind, force=True)
    assert (tmp_path / "x.old-1").read_text() == "precious"
    assert place.is_dir() == (kind == "csv")
    export(made / "even", place, kind, force=True)
    assert (tmp_path / "x.old-2").is_dir() == (kind == "csv")
    assert {path.name for path in tmp_path.iterdir()} == {"x", "x.old-1", "x.old-2"}


@pytest.mark.parametrize("kind", ["csv", "netcdf"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_failing_disk_leaves_all_as_it_was(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, code: int
) -> None:
    place = tmp_path / "x"
    place.write_text("precious")

    def failing(_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(DiskError, match="cannot be written"):
        export(made / "even", place, kind, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert place.read_text() == "precious"


@pytest.mark.parametrize("kind", ["csv", "netcdf"])
def test_a_place_that_is_taken_meanwhile_is_not_overwritten(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    real, place = exporting._sync, tmp_path / "x"

    def taken(path: Path) -> None:
        place.mkdir(exist_ok=True)
        (place / "precious").touch()
        real(path)

    monkeypatch.setattr(exporting, "_sync", taken)
    with pytest.raises(InputError, match="x exists"):
        export(made / "even", place, kind)
    assert [path.name for path in tmp_path.rglob("*")] == ["x", "precious"]


def test_an_interrupted_export_leaves_nothing(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(made / "run", tmp_path / "new" / "x", progress=interrupted)
    assert [path.name for path in tmp_path.rglob("*")] == ["new"]


def test_places_that_cannot_be_are_refused(made: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = made / "run"
    for out, words in (
        ("", "must name a place"),
        ("a\0b", "must name a place"),
        (folder, "outside the result's folder"),
        (folder / "parts" / "x", "outside the result's folder"),
        (made, "not around it"),
        (tmp_path / "file" / "x", "is no folder"),
        (Path.cwd(), "the folder you are in"),
    ):
        with pytest.raises(InputError, match=words):
            export(folder, out, force=True)
    with pytest.raises(InputError, match="format: found 'xlsx'"):
        export(folder, tmp_path / "x", "xlsx")


def test_a_damaged_result_is_not_exported(made: Path, tmp_path: Path) -> None:
    folder = copied(made / "run", tmp_path)
    part = folder / "parts" / "part-000000.parquet"
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(DamagedError):
        export(folder, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_failed_runs_are_exported_only_if_asked(tmp_path: Path) -> None:
    study = study_of(SMALL, {"workload": [0.9, 1.1]}, replicates=6)
    own = own_of({sim.agents.Clinician: Breaking})
    execute(plan_of_study(study, own=own), tmp_path / "own", Way(workers=0))
    with pytest.raises(IncompleteError, match="exception") as caught:
        export(tmp_path / "own", tmp_path / "x")
    assert "--allow-failed" in str(caught.value)
    stored = export(tmp_path / "own", tmp_path / "x", allow_failed=True)
    runs = pd.read_csv(tmp_path / "x" / "runs.csv")
    failed = runs["status"] == "exception"
    assert 0 < failed.sum() == len(stored.failed)
    assert runs[failed].drop(columns=["point", "replicate", "status"]).isna().all(axis=None)
    found = stored.to_xarray()
    assert set(found["status"].to_numpy().ravel()) == {0, STATUSES.index("exception")}
    assert np.isnan(found["adoption"].to_numpy()[found["status"] != 0]).all()


def test_nothing_finished_is_nothing_to_export(made: Path, tmp_path: Path) -> None:
    folder = copied(made / "even", tmp_path)
    (folder / SEAL).unlink()
    for path in (folder / "receipts").iterdir():
        path.unlink()
    with pytest.raises(IncompleteError, match="no run is finished"):
        export(folder, tmp_path / "x", allow_partial=True)


def test_without_xarray_the_command_that_installs_it_is_named(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "find_spec", lambda name: None if name == "h5py" else object())
    for attempt in (
        lambda: export(made / "run", tmp_path / "x.nc", "netcdf"),
        lambda: open_result(made / "run").to_xarray(),
        lambda: simulate.run(SMALL, 1, weeks=1).to_xarray(),
    ):
        with pytest.raises(
            InputError, match=r'h5py not installed; pip install "mih-sim\[xarray\]"'
        ):
            attempt()
    export(made / "run", tmp_path / "csv")
