"""Small faults put into Python source: one operator, comparison, constant or condition changed at a time."""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SWAPPED_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
}
SWAPPED_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@dataclass(frozen=True)
class Mutant:
    """One fault: the function it is in ('' for the module itself), its line, what stands there and what it becomes.

    `inside` is the whole expression of the statement.
    """

    function: str
    line: int
    before: str
    after: str
    inside: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """How the fault is called in the list of survivors; it holds no line number, so that edits above keep it."""
        inside = "" if self.inside == self.before else f" in `{self.inside}`"
        return f"{self.function}: `{self.before}` -> `{self.after}`{inside}"


def digest(path: Path, without: set[str]) -> str:
    """Hash of what a file does: neither layout nor comments, docstrings, imports and the functions `without` count."""
    tree = without_docstrings(ast.parse(path.read_text("utf-8")))
    tree.body = [
        node
        for node in tree.body
        if not isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, "name", "") not in without
    ]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:16]


def without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def mutants(source: str) -> Iterator[Mutant]:
    """Every fault of a source text, from its first line to its last."""
    tree = without_docstrings(ast.parse(source))
    for place, function, whole in enumerate_expressions(tree):
        for after in faults(place):
            changed = copy.deepcopy(tree)
            twin = next(node for node in ast.walk(changed) if same_place(node, place))
            replaced = Replace(twin, after).visit(changed)
            texts = (ast.unparse(node) for node in (place, after, whole))
            yield Mutant(function, place.lineno, *texts, ast.fix_missing_locations(replaced))


def enumerate_expressions(tree: ast.Module) -> list[tuple[ast.expr, str, ast.expr]]:
    """(expression, function, whole expression) of all that is worked out, but annotations and what builds an error."""
    places: list[tuple[ast.expr, str, ast.expr]] = []

    def walk(node: ast.AST, function: str, whole: ast.expr | None) -> None:
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.Assert):
            return
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            function = f"{function}.{node.name}" if function else node.name
        for name, field in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list"):
                continue
            for child in field if isinstance(field, list) else [field]:
                if isinstance(child, ast.expr):
                    places.append((child, function, whole or child))
                if isinstance(child, ast.AST):
                    walk(child, function, (whole or child) if isinstance(child, ast.expr) else whole)

    walk(tree, "", None)
    return places


def faults(node: ast.expr) -> list[ast.expr]:
    """What an expression is changed into."""
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPPED_OPERATORS:
        return [ast.BinOp(node.left, SWAPPED_OPERATORS[type(node.op)](), node.right)]
    if isinstance(node, ast.Compare):
        changed = [
            [*node.ops[:i], SWAPPED_COMPARISONS[type(op)](), *node.ops[i + 1 :]] for i, op in enumerate(node.ops)
        ]
        return [ast.Compare(node.left, operators, node.comparators) for operators in changed]
    if isinstance(node, ast.BoolOp):
        return [ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)]
    if isinstance(node, ast.UnaryOp):
        return [node.operand]
    if isinstance(node, ast.IfExp):
        return [ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)]
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return [ast.Constant(not node.value)]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return [ast.Constant(node.value + 1)]
    return []


def same_place(node: ast.AST, place: ast.expr) -> bool:
    return type(node) is type(place) and all(
        getattr(node, name) == getattr(place, name) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset")
    )


class Replace(ast.NodeTransformer):
    """Puts one expression in the place of another."""

    def __init__(self, old: ast.AST, new: ast.expr) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.old:
            return ast.copy_location(copy.deepcopy(self.new), node)
        return super().visit(node)
