"""Anchored in the table of words of docs/architecture.md: one word per thing, in every public name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from vocabulary import ALLOWED_NAMES, QUANTITIES, REFUSED_WORDS, refusals

import costeff

PACKAGE = Path(costeff.__file__).parent
Function = ast.FunctionDef | ast.AsyncFunctionDef


def public_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, name) of what a reader meets: functions, classes, methods, fields, constants and parameters."""
    yield from _names_in(tree.body)


def _is_syntax(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation).startswith("ast.")


def _names_in(body: list[ast.stmt]) -> Iterator[tuple[int, str]]:
    for node in body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node.lineno, node.name
        if isinstance(node, Function) and (not node.name.startswith("_") or node.name in ("__init__", "__call__")):
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            # A node of Python's own syntax tree is called what Python calls it.
            yield from ((arg.lineno, arg.arg) for arg in every if not _is_syntax(arg.annotation))
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.lineno, node.name
            # Python itself names the parameter of a NodeVisitor's methods `node`.
            if not any("NodeVisitor" in ast.dump(base) or "NodeTransformer" in ast.dump(base) for base in node.bases):
                yield from _names_in(node.body)
        elif isinstance(node, ast.AnnAssign | ast.Assign):
            targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
            yield from (
                (node.lineno, target.id)
                for target in targets
                if isinstance(target, ast.Name) and not target.id.startswith("_")
            )


@pytest.mark.parametrize(
    "path",
    sorted(path for path in PACKAGE.rglob("*.py") if "_bundled" not in path.parts),
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)
def test_public_names_use_the_words(path: Path) -> None:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    # `simulation` is the act, here as in every textbook; the word refused is a simulation for a draw.
    wrong = [problem for part in parts if part != "simulation" for problem in refusals(part)]
    for line, name in public_names(ast.parse(path.read_text(encoding="utf-8"))):
        wrong += [f"line {line}: {problem}" for problem in refusals(name)]
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "complaints"),
    [
        ("def run(arm): ...", ["arm in arm: say strategy"]),
        ("class HealthState: ...", ["health_state in HealthState: say state"]),
        (
            "class A:\n    n_patients: int\n    def f(self, *, iteration): ...",
            [
                "patients in n_patients: say individual",
                "iteration in iteration: say cycle",
                "iteration in iteration: say draw",
            ],
        ),
        ("class A:\n    def __init__(self, payoff): ...", ["payoff in payoff: say flow"]),
        ("OUTCOMES = 1", ["outcomes in OUTCOMES: say effect"]),
        ("def calc_evpi(): ...", ["calc_evpi: call it evpi"]),
        ("def _inner(agent): ...\nclass _P:\n    payoff: int", []),
        ("def stepping(alarm, resampled, charm): ...", []),
        ("class V(ast.NodeVisitor):\n    def visit_Name(self, node): ...", []),
    ],
)
def test_a_refused_word_is_seen(code: str, complaints: list[str]) -> None:
    found = [problem for _, name in public_names(ast.parse(code)) for problem in refusals(name)]
    assert found == complaints


def test_the_table_agrees_with_itself() -> None:
    """No word in use is refused elsewhere, no quantity is, and every exception is about a refused word."""
    assert [word for word in [*REFUSED_WORDS, *QUANTITIES] if refusals(word)] == []
    refused = {word for row in REFUSED_WORDS.values() for word in row}
    assert all(any(word in pattern for word in refused) for pattern in ALLOWED_NAMES)
    assert refusals("window_edge") == refusals("edges") == refusals("sample_size") == []
    assert refusals("edge") == ["edge in edge: say transition"]
