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


def test_references_in_docstrings_lead_somewhere() -> None:
    """A name with a folder of costeff/ before it, such as `voi.evpi.evpi`, stands in that file."""
    package = Path(costeff.__file__).parent
    lost = []
    for file in sorted(package.rglob("*.py")):
        for name in re.findall(r"`((?:[a-z_]+\.)+[A-Za-z_]+)`", file.read_text("utf-8")):
            folder, *parts = name.removeprefix("costeff.").split(".")
            place = package / folder
            while parts and (place / parts[0]).is_dir():
                place = place / parts.pop(0)
            if not place.is_dir() or not parts:
                continue  # an attribute of a variable, not a place
            module, *rest = parts
            source = place / f"{module}.py"
            text = source.read_text("utf-8") if source.is_file() else (place / "__init__.py").read_text("utf-8")
            if not re.search(rf"\b{(rest or [module])[0]}\b", text) and not (source.is_file() and not rest):
                lost.append(f"{file.relative_to(package)}: {name}")
    assert lost == []


def test_files_that_documents_name_are_there() -> None:
    """A path in backticks, such as `voi/evpi.py`, lies in the repository or costeff/; many folders have `words/`."""
    lost = []
    for page in [DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]:
        for name in re.findall(r"`((?:[a-z_]+/)+[\w.]+\.(?:py|yaml|csv|md|log))`", page.read_text("utf-8")):
            if name.startswith("words/"):
                continue
            if not any((root / name).exists() for root in (DOCS.parent, DOCS.parent / "costeff", DOCS)):
                lost.append(f"{page.name}: {name}")
    assert lost == []
