"""Scenario and study files as an enemy would write them, or a careless friend."""

from pathlib import Path

from hypothesis import strategies as st

from sim.scenario import shipped, shipped_folder

_SHIPPED = sorted(shipped_folder().rglob("*.toml"))
TEXTS = [path.read_text(encoding="utf-8") for path in _SHIPPED]

SPITEFUL = [
    "1e308",
    "-1e308",
    "nan",
    "inf",
    "-inf",
    "9" * 400,
    "1000000000",
    "-1",
    "0x" + "f" * 60,
    "1_000",
    "01",
    "1979-05-27T07:32:00Z",
    "true",
    '""',
    '"\u202e\u2066abc"',
    '"\\u0000"',
    '"a\\nb"',
    '"../../../../etc/passwd"',
    '"/dev/zero"',
    '"' + "x" * 2000 + '"',
    "'''",
    "[" * 200,
    "{a=" * 100,
    "[1, [2, [3, [4]]]]",
    "{ from = 0, to = 1e308, steps = 1000000000 }",
    '{ prior = ["beta", 1e-300, 1e300] }',
    '"prior"',
    "[0, 0, 0]",
    "[]",
    "{}",
]
KEYS = [
    "title",
    "shows",
    "scenario",
    "design",
    "points",
    "replicates",
    "seed",
    "outcomes",
    "weekly",
    "clinicians",
    "caseload",
    "weeks",
    "organisations",
    "attention",
    "network",
    "role_clarity",
    "phases.build.team_hours",
    '"phases.build"',
    "mechanisms.trust",
    "[factors]",
    "[set]",
    "[[phases]]",
    "[phases.build]",
    "[mechanisms]",
    "\u202ereversed",
    "a" * 300,
    ".".join("abcdefghij" * 20),
]
MARKS = ["\x00", "\r", "\ufeff", "\u202e", "\ud800", "=", "[", "]", '"', "'", "#", "\\", "é" * 50]


def lines() -> st.SearchStrategy[str]:
    """Draw a line that sets a key to something bad, or a heading."""
    return st.builds(
        lambda key, value: f"{key}\n" if key.startswith("[") else f"{key} = {value}\n",
        st.sampled_from(KEYS),
        st.sampled_from(SPITEFUL) | st.integers().map(str) | st.floats().map(repr),
    )


@st.composite
def shaken(draw: st.DrawFn) -> bytes:
    """Draw a shipped file with lines put in, taken out, doubled, and bytes changed."""
    text = draw(st.sampled_from(TEXTS)).splitlines(keepends=True)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        what = draw(st.sampled_from(["put in", "take out", "double", "change"]))
        if what == "put in" or not text[at:]:
            text.insert(at, draw(lines()))
        elif what == "take out":
            del text[at]
        elif what == "double":
            text.insert(at, text[at])
        else:
            key = text[at].partition("=")[0]
            text[at] = f"{key}= {draw(st.sampled_from(SPITEFUL))}\n"
    data = "".join(text).encode("utf-8", "surrogatepass")
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(data)))
        mark = draw(st.sampled_from(MARKS)).encode("utf-8", "surrogatepass")
        data = data[:at] + mark + data[at + draw(st.integers(0, 3)) :]
    return data


def files() -> st.SearchStrategy[bytes]:
    """Draw the content of a hostile file."""
    made = st.lists(lines(), max_size=25).map(lambda some: "".join(some).encode("utf-8", "replace"))
    return shaken() | made | st.binary(max_size=200) | st.sampled_from(WORST)


def _grid(levels: int, factors: int) -> bytes:
    names = ["role_clarity", "workload", "motivation", "trust", "alignment", "engagement"]
    head = 'title = "x"\nscenario = "baseline"\nreplicates = 10000000\n[factors]\n'
    span = f"{{ from = 0.5, to = 0.9, steps = {levels} }}"
    return (head + "".join(f"{name} = {span}\n" for name in names[:factors])).encode()


def _sampled(design: str, points: int) -> bytes:
    head = f'title = "x"\nscenario = "baseline"\ndesign = "{design}"\npoints = {points}\n'
    names = ("trust", "workload", "role_clarity", "motivation", "diffusion")
    factors = "".join(f'{name} = "prior"\n' for name in names)
    return f"{head}replicates = 1\n[factors]\n{factors}".encode()


HEAD = b'title = "x"\n'
WORST = [
    b"",
    b"\n" * 70_000,
    HEAD + b"#" * 65_000,
    HEAD + b"a" * 60_000 + b" = 1\n",
    HEAD + b'"' + b"\\u202e" * 9_000 + b'" = 1\n',
    HEAD + b"".join(b"k%d = 1\n" % k for k in range(5_500)),
    HEAD + b"trust = 0.5\n" * 5_000,
    HEAD + b"x = " + b"[" * 60_000,
    HEAD + b"x = " + b"[" * 400 + b"]" * 400,
    HEAD + b"x = " + b"{a = " * 9_000,
    HEAD + b".".join(b"a" for _ in range(30_000)) + b" = 1\n",
    HEAD + b"".join(b"[" + b".".join([b"a"] * 40) + b".b%d]\n" % k for k in range(600)),
    HEAD + b"weeks = " + b"9" * 60_000 + b"\n",
    HEAD + b"workload = 1e" + b"9" * 60_000 + b"\n",
    HEAD + b"attention = [" + b"[0, 1.0], " * 6_000 + b"]\n",
    HEAD + b"[[phases]]\n" * 5_000,
    HEAD + b"organisations = 1000000000\nclinicians = 1000000000\ncaseload = 1000000000\n",
    HEAD + b"organisations = 100000\nclinicians = 5000\ncaseload = 500\nweeks = 1040\n",
    HEAD + b'scenario = "/dev/zero"\n[factors]\nleads = [1]\n',
    HEAD + b'scenario = "../../../../../../etc/passwd"\n[factors]\nleads = [1]\n',
    HEAD + b'scenario = "baseline"\npoints = "/dev/zero"\n',
    HEAD + b'scenario = "baseline"\npoints = "."\n',
    _sampled("sobol", 2**20),
    _sampled("lhs", 10_000),
    HEAD + b'scenario = "baseline"\n[factors]\nleads = [' + b"1, " * 20_000 + b"]\n",
    _grid(100, 2),
    _grid(1000, 3),
    _grid(10**9, 6),
]
"""Files that ask for much time or memory."""


def names(place: Path) -> list[str | Path]:
    """Return names of files that are none, or not of a kind to read."""
    (place / "loop.toml").symlink_to(place / "loop.toml")
    return [
        "",
        ".",
        "/",
        "..",
        "../baseline",
        "baseline\x00.toml",
        "x" * 5_000,
        "\u202elmot.x",
        "/dev/zero",
        "/dev/stdin",
        "/proc/self/mem",
        place / "loop.toml",
        place,
        place / "none" / "x.toml",
        f"{shipped()[0]}/../{shipped()[0]}",
    ]
