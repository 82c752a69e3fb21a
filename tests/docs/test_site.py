"""The documentation site: no warning, no network, nothing loaded from elsewhere."""

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from sim.cli import main
from sim.parameters import outcomes, parameters
from tests.pages import ROOT

LOADING = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "video": "src",
}
"""Elements that make a browser fetch something, and where they say what."""

NO_NETWORK = """
import socket, sys
def refuse(*_, **__):
    raise OSError("the documentation must build without a network")
socket.socket.connect = socket.getaddrinfo = refuse
from sphinx.cmd.build import main
sys.exit(main(sys.argv[1:]))
"""


class Page(HTMLParser):
    """What one built page loads, links to, and can be linked at."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag == "link" and found.get("rel") in ("canonical", "license"):
            pass  # names, nothing is fetched
        elif tag in LOADING and LOADING[tag] in found:
            self.loads.append(found[LOADING[tag]])
        self.anchors |= {found[key] for key in ("id", "name") if key in found}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site without a network: in a namespace of its own, if the system lets us."""
    place = tmp_path_factory.mktemp("site")
    alone = ["unshare", "-n"] if shutil.which("unshare") else []
    if alone and subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        alone = []
    call = [*alone, sys.executable, "-c", NO_NETWORK, "-W", "--keep-going", "-q", "-b", "html"]
    call += ["-d", str(place / "doctrees"), str(ROOT / "docs"), str(place / "html")]
    done = subprocess.run(call, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return place / "html"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path.resolve(): Page(path) for path in site.glob("*.html")}


def test_no_page_loads_anything_from_elsewhere(pages: dict[Path, Page]) -> None:
    assert len(pages) > 25
    for path, page in pages.items():
        assert page.loads
        foreign = [load for load in page.loads if urlsplit(load).scheme or load.startswith("//")]
        assert not foreign, f"{path.name} loads {foreign}"


def test_what_pages_load_is_there(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        for load in page.loads:
            assert (path.parent / unquote(urlsplit(load).path)).exists(), f"{path.name}: {load}"


def test_no_style_sheet_loads_anything_from_elsewhere(site: Path) -> None:
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        found = re.findall(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")]*)", text)
        assert not found, f"{sheet.name} loads {found}"


def test_links_inside_the_site_resolve(site: Path, pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path.name} links to {link}"
            assert target.is_relative_to(site.resolve())
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].anchors, f"{path.name}: {link}"


def test_formulas_are_drawn_by_the_browser_itself(site: Path, pages: dict[Path, Page]) -> None:
    page = (site / "odd.html").resolve()
    text = page.read_text(encoding="utf-8")
    assert text.count("<math") > 100
    assert not [load for load in pages[page].loads if "mathjax" in load.lower()]
    assert "\\frac" not in re.sub(r"<[^>]*>", "", text)


def test_what_is_generated_stands_in_its_order(site: Path) -> None:
    text = (site / "contributing.html").read_text(encoding="utf-8")
    assert 0 < text.index("Thank you") < text.index("<h2>Where things are")
    assert "{generated}" not in "".join(page.read_text("utf-8") for page in site.glob("*.html"))


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("parameters", list(parameters())),
        ("outcomes", list(outcomes())),
        ("commands", [f"mih {name}" for name in main.commands]),
        ("scenario-files", ["title", "role_clarity", "mechanisms", "delay_weeks"]),
        ("python", ["sobol_indices", "Scenario", "frame"]),
        ("changelog", ["mih staff"]),
    ],
)
def test_a_reference_page_names_all_there_is(site: Path, page: str, names: list[str]) -> None:
    text = re.sub(r"<[^>]*>", "", (site / f"{page}.html").read_text(encoding="utf-8"))
    assert [name for name in names if name not in text] == []
