"""Anchored in the table of layers of docs/architecture.md: imports point down, slices do not meet, no circles.

Imports inside functions and those for type checkers count as any other.
"""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import costeff
from costeff.numerics import kernel_cache
from costeff.numerics.kernel_closure import DECORATORS

PACKAGE = Path(costeff.__file__).parent

#: Rank of every module and folder directly in costeff/. `costeff` itself is __init__.py, of which the library reads
#: only __version__. A file `command*.py` of a slice has the rank of commands, so that it may use all slices and `api`.
RANKS = {
    "characters": 0,
    "costeff": 0,
    "currencies": 0,
    "errors": 0,
    "old_names": 0,
    "types": 0,
    "bundled": 1,
    "catalogue": 1,
    "numerics": 1,
    "problems": 1,
    "units": 1,
    "documents": 2,
    "engine": 2,
    "files": 2,
    "labels": 2,
    "messages": 2,
    "evidence": 3,
    "model": 4,
    "compile": 5,
    "rules": 5,
    "ledger": 6,
    "simulation": 6,
    "analysis": 7,
    "reporting": 8,
    "precision": 9,
    "calibrate": 10,
    "cea": 10,
    "investment": 10,
    "psfs": 10,
    "rollout": 10,
    "sensitivity": 10,
    "severity": 10,
    "trial": 10,
    "voi": 10,
    "study": 11,
    "verification": 11,
    "api": 12,
    "app": 13,
    "benchmark": 13,
    "shell": 13,
    "command": 14,
    "cli": 15,
}
ENGINE_MAY_IMPORT = {
    "__future__",
    "collections",
    "concurrent",
    "costeff",
    "dataclasses",
    "itertools",
    "math",
    "numba",
    "numpy",
    "os",
    "typing",
}
BANNED_NAMES = {"utils", "util", "common", "helpers", "helper", "misc"}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "_bundled" not in path.parts)


def home(path: Path) -> str:
    """The ranked name a file belongs to: its folder or module directly in costeff/."""
    *folders, name = path.relative_to(PACKAGE).parts
    if folders and folders[0] != "cli" and name.startswith("command"):
        return "command"
    return (
        "costeff"
        if (path.relative_to(PACKAGE).parts[0]) == "__init__.py"
        else (folders or [name])[0].removesuffix(".py")
    )


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
    if any(part.startswith("command") for part in rest[1:3]) and rest[0] != "cli":
        return "command"
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
            wrong.append(f"line {line}: {dotted} has no rank (a name of costeff/__init__.py? import its home)")
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


def module_name(path: Path) -> str:
    """The dotted name of a file of the package."""
    return ".".join(("costeff", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def graph(sources: dict[str, str]) -> dict[str, set[str]]:
    """Module to the modules that it imports; of `costeff` itself only the version is read, which is no import."""
    edges: dict[str, set[str]] = {}
    for name, text in sources.items():
        there = {dotted if dotted in sources else dotted.rpartition(".")[0] for _, dotted in imports(ast.parse(text))}
        edges[name] = {one for one in there if one in sources and one not in (name, "costeff")}
    return edges


def circles(edges: dict[str, set[str]]) -> list[set[str]]:
    """Sets of modules that import each other in a circle: what is left when leaves and roots are taken off in turn."""
    left = {name: set(there) for name, there in edges.items()}
    while True:
        used = set().union(*left.values()) if left else set()
        ends = {name for name, there in left.items() if not there or name not in used}
        if not ends:
            return [set(left)] if left else []
        left = {name: there - ends for name, there in left.items() if name not in ends}


def test_no_circle_of_imports() -> None:
    sources = {module_name(path): path.read_text(encoding="utf-8") for path in modules()}
    assert len(sources) > 300
    assert circles(graph(sources)) == []


def test_a_circle_is_seen() -> None:
    sources = {
        "costeff.a": "def f():\n    from costeff.b import g",
        "costeff.b": "from costeff.c import h",
        "costeff.c": "if TYPE_CHECKING:\n    import costeff.a",
        "costeff.d": "import costeff.a",
    }
    assert circles(graph(sources)) == [{"costeff.a", "costeff.b", "costeff.c"}]


def test_first_file_loads_nothing() -> None:
    """__init__.py names its modules for type checkers only; what it imports when it runs is standard, or the finder of
    old names, which imports no more."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    tree.body = [
        node for node in tree.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    ]
    names = {dotted if dotted.startswith("costeff") else dotted.split(".")[0] for _, dotted in imports(tree)}
    assert names == {"__future__", "importlib", "sys", "typing", "costeff.old_names.old_place"}


@pytest.mark.parametrize("path", sorted((PACKAGE / "engine").rglob("*.py")), ids=lambda path: path.name)
def test_engine_knows_arrays_only(path: Path) -> None:
    for line, dotted in imports(ast.parse(path.read_text(encoding="utf-8"))):
        allowed = dotted.split(".")[0] in ENGINE_MAY_IMPORT or dotted.startswith("scipy.special")
        assert allowed, f"{path.name}, line {line}: the engine imports {dotted}"


def test_every_file_with_a_kernel_is_followed() -> None:
    """A kernel in a file that is not listed would be compiled at every start."""
    decorated = {
        path
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(d, ast.Name) and d.id in DECORATORS for d in node.decorator_list)
    }
    assert PACKAGE / "engine" / "events" / "block.py" in decorated
    assert decorated <= set(kernel_cache.kernel_files())


@pytest.mark.parametrize(
    ("here", "code", "complaint"),
    [
        ("analysis", "from costeff.cea import icer", "analysis (7) imports cea (10)"),
        ("voi", "def f():\n    from costeff.cea.icer import icer_table", "voi (10) imports cea (10)"),
        ("cea", "from costeff.voi.command import voi", "cea (10) imports command (14)"),
        ("engine", "def f():\n    import costeff.model.reading", "engine (2) imports model (4)"),
        ("model", "from . import states", "relative import"),
        ("study", "from costeff import load", "load has no rank"),
        ("engine", "from costeff.documents import reader", "engine (2) imports documents (2)"),
    ],
)
def test_an_offence_is_seen(here: str, code: str, complaint: str) -> None:
    (found,) = offences(here, ast.parse(code))
    assert complaint in found


def test_what_is_allowed_passes() -> None:
    code = "import numpy\nfrom costeff import __version__, errors\nimport costeff.study"
    assert offences("cli", ast.parse(code)) == []
    assert offences("command", ast.parse("from costeff.cea.icer import icer_table\nimport costeff.api")) == []


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
