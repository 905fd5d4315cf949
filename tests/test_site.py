"""The site holds what there is: every page has a place in its list, every public name a description."""

from __future__ import annotations

import re
from pathlib import Path

import costeff

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_every_page_is_in_the_list() -> None:
    text = (DOCS / "contents.rst").read_text("utf-8")
    entries = re.findall(r"^   (?:.*<)?([\w/.*]+)>?$", text, re.M)
    listed = {
        page.resolve() for entry in entries for ending in ("md", "rst") for page in DOCS.glob(f"{entry}.{ending}")
    }
    pages = {page.resolve() for page in [*DOCS.rglob("*.md"), *DOCS.rglob("*.rst")]} - {DOCS / "contents.rst"}
    assert sorted(pages - listed) == []


def test_every_public_name_is_described() -> None:
    text = (DOCS / "api.rst").read_text("utf-8")
    described = set(re.findall(r"^\.\. auto(?:class|function):: (\w+)$", text, re.M))
    assert described == set(costeff.__all__) - {"__version__"}
    assert described == set(re.findall(r"^   (\w+)$", text.partition("Open a study")[0], re.M)), "the list on top"
