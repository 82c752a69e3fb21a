"""Commands about files: exit codes, messages, and that nothing is written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import scenario
from sim.cli import main
from sim.errors import BusyError, DriftError, IncompleteError, InputError, MihError, TooLargeError

BAD: dict[str, bytes] = {
    "empty": b"",
    "blank": b"\n\n",
    "no-title": b"leads = 2\n",
    "not-toml": b"title: x\n",
    "duplicate": b'title = "x"\nleads = 2\nleads = 3\n',
    "unknown-key": b'title = "x"\nrole_clarty = 0.3\n',
    "out-of-range": b'title = "x"\nrole_clarity = 30\n',
    "key-users": b'title = "x"\nkey_users = 12\n',
    "nan": b'title = "x"\nlead_hours = nan\n',
    "inf": b'title = "x"\nlead_hours = -inf\n',
    "huge-real": b'title = "x"\nlead_hours = 1e308\n',
    "huge-integer": b'title = "x"\nleads = 99999999999999999999\n',
    "huge-digits": b'title = "x"\nleads = ' + b"9" * 60000,
    "huge-hex": b'title = "x"\nleads = 0x' + b"f" * 60000,
    "many-agents": b'title = "x"\nclinicians = 1000000000\n',
    "deep-lists": b"title = " + b"[" * 60000,
    "deep-tables": b"title = " + b"{a=" * 20000,
    "deep-keys": b"a." * 30000 + b"a = 1",
    "deep-header": b"[" + b"a." * 30000 + b"a]",
    "too-large": b'title = "x"\n#' + b"x" * 70000,
    "many-keys": b"".join(b"k%d=1\n" % number for number in range(7000)),
    "many-tables": b"".join(b"[a.b%d]\n" % number for number in range(6000)),
    "many-phases": b'title = "x"\n' + b"[[phases]]\n" * 5000,
    "not-utf-8": b'title = "caf\xe9"\n',
    "utf-16": 'title = "x"\n'.encode("utf-16"),
    "bidi-title": b'title = "a\\u202eb"\n',
    "bidi-key": 'title = "x"\n"a\u202eb" = 3\n'.encode(),
    "control-character": b'title = "x\x07"\n',
    "binary": bytes(range(256)) * 20,
    "quoted-keys": b"".join(b'"%d"=1\n' % number for number in range(7000)),
    "open-strings": b'title = "x"\n' + b'a = """\n' * 5000 + b"b = '''",
    "path-in-phase-name": b'title = "x"\n[[phases]]\nname = "../../etc"\nfeeds = "fit"\n',
}


def run(*arguments: str) -> tuple[int, str, str]:
    """Run a command in this process; return exit code, output and messages."""
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_ends_with_2_and_its_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"{kind}.toml"
    path.write_bytes(BAD[kind])
    code, out, err = run("check", str(path))
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert lines
    assert all(line.startswith(f"mih: {path}:") for line in lines)
    assert all(line.isprintable() for line in lines)
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == BAD[kind]


def test_a_bad_file_is_refused_within_a_second_and_200_mb(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("peak memory is read as on Linux")
    code = (
        "import sys, time; from sim.errors import InputError\n"
        "from sim.scenario import load; load('baseline'); slowest = 0.0\n"
        "for name in sys.argv[1:]:\n"
        "    start = time.process_time()\n"
        "    try: load(name)\n"
        "    except InputError: pass\n"
        "    slowest = max(slowest, time.process_time() - start)\n"
        "peak = open('/proc/self/status').read().split('VmHWM:')[1].split()[0]\n"
        "print(slowest, int(peak) / 1024)"
    )
    paths = []
    for kind, data in BAD.items():
        paths.append(tmp_path / f"{kind}.toml")
        paths[-1].write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(scenario.__file__).parents[1])},
    )
    seconds, megabytes = map(float, done.stdout.split())
    assert seconds < 1.0
    assert megabytes < 200.0


def test_folders_pipes_and_missing_files(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe, tmp_path / "none.toml", tmp_path / "none" / "none.toml"):
        code, _, err = run("check", str(path))
        assert code == 2
        assert str(path) in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.toml"
    path.write_text('title = "x"')
    path.chmod(0)
    code, _, err = run("check", str(path))
    assert code == 2
    assert "cannot be read" in err


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that nobody can read")
def test_a_file_whose_reading_fails_for_anybody() -> None:
    code, _, err = run("check", "/proc/self/mem")
    assert code == 2
    assert "/proc/self/mem: cannot be read" in err


def test_a_file_name_that_hides_something(tmp_path: Path) -> None:
    path = tmp_path / "a\u202eb.toml"
    path.write_text('title = "x"')
    code, _, err = run("check", str(path))
    assert code == 2
    assert "\\u202e" in err
    assert "\u202e" not in err


def test_good_files_are_ok_and_all_files_are_checked(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text('title = "x"\n')
    bad.write_text('title = "x"\nleeds = 2\nmanagers = -1\n')
    code, out, err = run("check", str(bad), "baseline", str(good))
    assert code == 2
    assert out.splitlines() == ["baseline: ok", f"{good}: ok"]
    assert len(err.splitlines()) == 2
    assert run("check", str(good))[0] == 0


def test_an_unknown_name_gets_a_suggestion_and_the_list() -> None:
    code, _, err = run("check", "overlaod")
    assert code == 2
    assert "did you mean overload?" in err
    assert "baseline, " in err


def test_usage_errors_end_with_2() -> None:
    for arguments in (["check"], ["nonsense"], ["list", "--nonsense"]):
        code, _, err = run(*arguments)
        assert code == 2
        assert "Usage:" in err
    assert run("parameters", "--json", "--markdown")[0] == 2


def test_list_parameters_and_schema() -> None:
    code, out, _ = run("list")
    assert code == 0
    assert len({line.index("  ") for line in out.splitlines() if line}) > 1
    assert [entry["name"] for entry in json.loads(run("list", "--json")[1])] == scenario.shipped()
    assert "role_clarity" in run("parameters")[1]
    assert run("parameters", "--markdown")[1].startswith("# ")
    assert "| start of use |" in run("parameters", "--paths")[1]
    assert run("parameters", "--paths", "--json")[0] == 2
    assert any(entry["name"] == "leads" for entry in json.loads(run("parameters", "--json")[1]))
    assert json.loads(run("schema")[1]) == scenario.json_schema()
    assert run("--version")[1].startswith("mih ")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (MihError("a"), 1, "mih: a\n"),
        (InputError(["a", "b"]), 2, "mih: a\nmih: b\n"),
        (BusyError("a"), 3, "mih: a\n"),
        (DriftError("a"), 4, "mih: a\n"),
        (IncompleteError("a"), 5, "mih: a\n"),
        (TooLargeError("a"), 6, "mih: a\n"),
        (MemoryError(), 6, "mih: not enough memory\n"),
        (KeyboardInterrupt(), 130, "mih: interrupted\n"),
        (
            KeyError("a\nb"),
            1,
            "mih: internal error: KeyError: 'a\\nb' (run again with --debug)\n",
        ),
    ],
)
def test_every_error_has_its_exit_code(
    error: BaseException, code: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command("fail")
    def fail() -> None:
        raise error

    monkeypatch.setitem(main.commands, "fail", fail)
    assert run("fail") == (code, "", message)
    raised = CliRunner().invoke(main, ["--debug", "fail"]).exception
    assert raised is error or isinstance(error, KeyboardInterrupt)


def in_a_process(arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, through a shell."""
    code = "from sim.cli import main; main(prog_name='mih')"
    return subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -X importtime -c "{code}" {arguments}'],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(scenario.__file__).parents[1])},
    )


def test_help_needs_no_heavy_library() -> None:
    done = in_a_process("--help")
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click" in imported
    assert not imported & {"numpy", "pydantic", "numba", "mesa", "scipy", "pandas"}


def test_a_reader_that_leaves_early_is_no_error() -> None:
    done = in_a_process("parameters --json | true")
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


@given(st.binary(max_size=2000))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_bytes_never_surprise(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "random.toml"
    path.write_bytes(data)
    code, _, err = run("check", str(path))
    assert code == 2
    assert err.startswith(f"mih: {path}:")
