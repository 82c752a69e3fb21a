"""How the documentation site is built; nothing is fetched, nothing is run but the package."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "mih-sim"
author = "mih-sim maintainers"
copyright = "mih-sim maintainers, MIT licence"
release = version = version_of("mih-sim")
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "generated",
    "mathml",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4  # the anchors that a code host makes

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # names of deep modules would hide what a signature says

html_title = "mih-sim"
html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    # The widest tables take the place of the page's contents.
    "secondary_sidebar_items": {"**": ["page-toc"], "outcomes": [], "parameters": []},
    "show_toc_level": 2,
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_nav_level": 1,
    "show_prev_next": False,
}
