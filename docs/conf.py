"""The site: these pages, README.md and CHANGELOG.md, and an API reference. Built with `nox -s docs`.

The source folder is the repository, so that a page links to any file of it as it does on its own:

    python -m sphinx -W --keep-going -b html -c docs . build/site
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from costeff import __version__  # noqa: E402  # found through the line above

project = "costeff"
author = "The costeff contributors"
project_copyright = f"2026, {author}"
release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
root_doc = "docs/contents"
include_patterns = ["docs/**", "CHANGELOG.md", "CONTRIBUTING.md", "README.md", "VISION.md"]
exclude_patterns = ["build", "out", ".*"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
default_role = "code"  # a word in single backquotes is code, in docstrings as in Markdown

myst_heading_anchors = 4  # a page links to the headings of another
myst_enable_extensions = ["dollarmath"]

autosummary_generate = False  # docs/api.rst describes every name itself
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"costeff {release}"
html_additional_pages = {"index": "first.html"}  # leads to the first page
templates_path = ["templates"]
html_show_sourcelink = False
html_copy_source = False
