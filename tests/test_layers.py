"""Anchored in the table of layers of docs/architecture.md: imports point down; equal ranks do not meet."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import costeff
from costeff import kernel_cache

PACKAGE = Path(costeff.__file__).parent

#: Rank of every module and folder directly in costeff/. `costeff` itself is __init__.py, of which the library
#: reads only __version__. `cli` is above `app`, because the command `costeff app` starts it.
RANKS = {
    "cells": 0, "characters": 0, "costeff": 0, "currencies": 0, "errors": 0, "kernel_cache": 0, "vocabulary": 0,
    "bundled": 1, "files": 1, "numerals": 1, "random": 1, "sheets": 1, "units": 1,
    "quantities": 2, "tensors": 2, "yaml_file": 2,
    "engine": 3, "evidence": 3,
    "model": 4,
    "compile": 5, "rules": 5,
    "histories": 6, "run": 6,
    "calibrate": 7, "economics": 7, "ledger": 7, "trial": 7,
    "investment": 8,
    "present": 9,
    "study": 10,
    "app": 11, "benchmark": 11,
    "cli": 12,
    "__main__": 13,
}  # fmt: skip
ENGINE_MAY_IMPORT = {"__future__", "collections", "concurrent", "costeff", "dataclasses", "itertools", "math", "numba",
                     "numpy", "os", "typing"}  # fmt: skip
BANNED_NAMES = {"utils", "util", "common", "helpers", "helper", "misc"}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "_bundled" not in path.parts)


def home(path: Path) -> str:
    """The ranked name a file belongs to: its folder or module directly in costeff/."""
    first = path.relative_to(PACKAGE).parts[0]
    return "costeff" if first == "__init__.py" else first.removesuffix(".py")


def imports(tree: ast.AST) -> list[tuple[int, str]]:
    """(line, dotted name) of everything imported, inside functions and under TYPE_CHECKING too."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
    return found


def target(dotted: str) -> str | None:
    """The ranked name behind an import, or None when it is not ours."""
    first, *rest = dotted.split(".")
    if first != "costeff":
        return None
    return "costeff" if not rest or rest == ["__version__"] else rest[0]


def offences(here: str, tree: ast.AST) -> list[str]:
    """What is wrong with the imports of one file that belongs to `here`."""
    wrong = []
    for line, dotted in imports(tree):
        there = target(dotted)
        if dotted.startswith("."):
            wrong.append(f"line {line}: relative import {dotted}")
        elif there is None or there == here:
            continue
        elif there not in RANKS:
            wrong.append(
                f"line {line}: {dotted} has no rank (a name of costeff/__init__.py? import its home)"
            )
        elif RANKS[there] >= RANKS[here]:
            wrong.append(f"line {line}: {here} ({RANKS[here]}) imports {there} ({RANKS[there]})")
    return wrong


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_down(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    here = home(path)
    assert here in RANKS, f"{path.name} has no rank: add it here and to docs/architecture.md"
    assert not BANNED_NAMES & set(path.relative_to(PACKAGE).with_suffix("").parts)
    if here != "costeff":
        assert offences(here, tree) == []


def test_first_file_loads_nothing() -> None:
    """__init__.py names its modules for type checkers only; what it imports when it runs is standard."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    ]
    assert {dotted.split(".")[0] for _, dotted in imports(tree)} == {"__future__", "importlib", "typing"}


@pytest.mark.parametrize("path", sorted((PACKAGE / "engine").rglob("*.py")), ids=lambda path: path.name)
def test_engine_knows_arrays_only(path: Path) -> None:
    for line, dotted in imports(ast.parse(path.read_text(encoding="utf-8"))):
        allowed = dotted.split(".")[0] in ENGINE_MAY_IMPORT or dotted.startswith("scipy.special")
        assert allowed, f"{path.name}, line {line}: the engine imports {dotted}"


def test_everything_a_kernel_can_see_is_hashed() -> None:
    """What the engine and `random` import from costeff, directly or through others, is in the hash."""
    hashed = {path.relative_to(PACKAGE).as_posix() for path in kernel_cache.kernel_sources()}
    seen: set[str] = set()
    ahead = [*sorted((PACKAGE / "engine").rglob("*.py")), PACKAGE / "random.py"]
    while ahead:
        path = ahead.pop()
        name = path.relative_to(PACKAGE).as_posix()
        if name in seen or not path.is_file():
            continue
        seen.add(name)
        for _, dotted in imports(ast.parse(path.read_text(encoding="utf-8"))):
            if (there := target(dotted)) not in (None, "costeff"):
                folder = PACKAGE / str(there)
                ahead += sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    assert "engine/__init__.py" in seen
    assert seen <= hashed


@pytest.mark.parametrize(
    ("here", "code", "complaint"),
    [
        ("economics", "from costeff.ledger import flows", "economics (7) imports ledger (7)"),
        ("engine", "def f():\n    import costeff.model.reading", "engine (3) imports model (4)"),
        ("model", "from . import states", "relative import"),
        ("study", "from costeff import load", "load has no rank"),
        ("tensors", "from costeff import quantities", "tensors (2) imports quantities (2)"),
    ],
)
def test_an_offence_is_seen(here: str, code: str, complaint: str) -> None:
    (found,) = offences(here, ast.parse(code))
    assert complaint in found


def test_what_is_allowed_passes() -> None:
    code = "import numpy\nfrom costeff import __version__, errors\nimport costeff.study"
    assert offences("cli", ast.parse(code)) == []


@pytest.mark.parametrize("name", [name for name in costeff.__all__ if name != "__version__"])
def test_public_names_have_a_ranked_home(name: str) -> None:
    """Each lazy name points at a module of the table; where that module exists, the name is in it."""
    where = costeff._HOME[name]
    top = where.split(".")[1]
    assert top in RANKS
    if (PACKAGE / top / "__init__.py").is_file() or (PACKAGE / f"{top}.py").is_file():
        assert getattr(costeff, name) is getattr(importlib.import_module(where), name)


def test_unknown_public_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'calc_nmb'"):
        _ = costeff.calc_nmb
    assert dir(costeff) == sorted(costeff.__all__)
