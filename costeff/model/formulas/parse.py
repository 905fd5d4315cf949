"""Reading a formula: the text is parsed, never run, and rebuilt from checked parts only.

Python's parser makes the tree; every node is held against the whitelist below, and what is not named there is
refused with its column in the text. Rank 4; used by `costeff.model.formulas.expression`.
"""

from __future__ import annotations

import ast
import difflib
import itertools
import operator
import re
import unicodedata
import warnings
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NoReturn, cast

import numpy as np

from costeff.documents.numerals import (
    NEAR_ZERO,
    NEAR_ZERO_RULE,
    NEAR_ZERO_WAY_OUT,
    advice,
    is_near_zero,
    slip_in_formula,
)
from costeff.errors import FormulaError, Place
from costeff.model.formulas.functions import FUNCTIONS

LONGEST = 1_000  # characters; with the two bounds below it keeps time and memory of a hostile formula small
MOST_NODES = 300
DEEPEST = 100

SYNTAX_RULE = "a formula holds numbers, names, + - * / **, comparisons, and, or, not, ( ) and known functions"
_ARITHMETIC: dict[type[ast.operator], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARISON: dict[type[ast.cmpop], str] = {
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
}
_OTHER_OPERATORS: dict[type[ast.operator], tuple[str, str]] = {
    ast.BitXor: ("^", "write ** for a power"),
    ast.BitAnd: ("&", "write `and`"),
    ast.BitOr: ("|", "write `or`"),
    ast.FloorDiv: ("//", "write floor(a / b)"),
    ast.Mod: ("%", "write a - b * floor(a / b)"),
    ast.MatMult: ("@", "write sums and products of names"),
    ast.LShift: ("<<", "multiply by a power of 2"),
    ast.RShift: (">>", "divide by a power of 2"),
}
_REFUSALS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Attribute: ("an attribute (a dot after a name)", "use a plain name"),
    ast.Subscript: ("a subscript (square brackets after a value)", "use lookup(table, x, column)"),
    ast.Lambda: ("a lambda", "write the formula itself"),
    ast.ListComp: ("a comprehension", "write the terms out"),
    ast.SetComp: ("a comprehension", "write the terms out"),
    ast.DictComp: ("a comprehension", "write the terms out"),
    ast.GeneratorExp: ("a comprehension", "write the terms out"),
    ast.JoinedStr: ("a text", "use numbers and names only"),
    ast.NamedExpr: ("an assignment (:=)", "declare a parameter and use its name"),
    ast.Starred: ("a starred argument", "write the arguments out"),
    ast.IfExp: ("`a if condition else b`", "write where(condition, a, b)"),
    ast.List: ("a list", "lists stand only as second and third argument of piecewise"),
    ast.Tuple: ("a tuple (a comma outside a call)", "write one formula; decimals take a point: 0.5"),
    ast.Set: ("a set", "use numbers and names only"),
    ast.Dict: ("a dictionary", "use numbers and names only"),
}


_DECIMAL = re.compile(r"[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]+)?")
_CONSTANTS: dict[type, str] = {
    bool: "a truth value",
    type(None): "None",
    complex: "an imaginary number",
    str: "a text",
    bytes: "bytes",
}


class Reader:
    """Checks one formula and rebuilds it.

    `names`, `tables` and `columns` (table, column) collect what it uses, with the character where.
    """

    def __init__(self, text: str, place: Place | None) -> None:
        self.text, self.place = text, place
        self.names: dict[str, int] = {}
        self.tables: dict[str, int] = {}
        self.columns: dict[tuple[str, str], int] = {}

    def _column(self, node: ast.expr, end: bool = False) -> int:
        """0-based character where the node starts (or ends); ast counts bytes."""
        offset = (node.end_col_offset or 0) if end else node.col_offset
        return len(self.text.encode()[:offset].decode(errors="ignore"))

    def source(self, node: ast.expr) -> str:
        """The node as it was written."""
        return self.text[self._column(node) : self._column(node, end=True)]

    def refuse(self, what: str, at: ast.expr | int | None, way_out: str, rule: str = SYNTAX_RULE) -> NoReturn:
        """Raise FormulaError with a caret at a node or a 0-based character."""
        start = self._column(at) if isinstance(at, ast.expr) else at
        raise FormulaError(what, where=self.place, value=_pointed(self.text, start), rule=rule, way_out=way_out)

    def read(self) -> ast.expr:
        """The checked tree: constants are floats, comparisons and logic are calls. Raises FormulaError."""
        text = self.text
        if not text:
            self.refuse("the formula is empty", None, "write a number or a formula")
        if len(text) > LONGEST:
            self.refuse(
                f"the formula has {len(text):,} characters", None, "split it", f"at most {LONGEST:,} characters"
            )
        strange = next((i for i, mark in enumerate(text) if unicodedata.normalize("NFKC", mark) != mark), None)
        if strange is not None:
            plain = unicodedata.normalize("NFKC", text[strange])
            way_out = slip_in_formula(text) or advice(text) or f"write {plain!r}"
            self.refuse(f"the letter {text[strange]!r} would be read as {plain!r}", strange, way_out)
        if "#" in text:
            self.refuse("a comment inside a formula", text.index("#"), "put notes in a `note` field")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of style, such as "1or x"; meaning is checked below
                body = ast.parse(text, mode="eval").body
        except SyntaxError as error:
            at = max((error.offset or 1) - 1, 0)
            why = "a number begins with a zero" if "leading zeros" in (error.msg or "") else error.msg
            comma = re.search(r"[0-9]+,0[0-9]+", text) if why.endswith("a zero") else None
            point = f"decimals take a point: write {comma[0].replace(',', '.')}" if comma else ""
            way_out = point or slip_in_formula(text) or advice(text) or self._repair(text, at)
            self.refuse(f"the formula cannot be read: {why}", at, way_out)
        except (ValueError, MemoryError, RecursionError) as error:
            self.refuse(f"the formula cannot be read: {str(error) or 'nested too deeply'}", None, "write it plainly")
        self._check_size(body)
        tree = self._checked(body)
        for name in self.tables.keys() & self.names.keys():
            what = f"'{name}' is used as a table and as a number"
            self.refuse(what, self.names[name], "rename one of the two", "one name, one meaning")
        return tree

    @staticmethod
    def _repair(text: str, at: int) -> str:
        if text[at : at + 1] == "=":
            return "compare with ==; arguments of functions have no names"
        return "check parentheses and operators near the caret; reserved words of Python cannot be names"

    def _check_size(self, body: ast.expr) -> None:
        count, level, depth = 0, [body], 0
        while level:
            count, depth = count + len(level), depth + 1
            level = [part for node in level for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
        if count > MOST_NODES or depth > DEEPEST:
            self.refuse(
                f"the formula is too large ({count} parts, {depth} deep)",
                None,
                "split it into several parameters",
                f"at most {MOST_NODES} parts, nested at most {DEEPEST} deep",
            )

    def _checked(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.Constant():
                new = self._number(node)
            case ast.Name():
                new = self._name(node)
            case ast.BinOp():
                new = self._arithmetic(node)
            case ast.UnaryOp(op=ast.Not()):
                new = _call("_not", [self._checked(node.operand)])
            case ast.UnaryOp(op=ast.UAdd() | ast.USub()):
                new = ast.UnaryOp(node.op, self._checked(node.operand))
                if isinstance(new.operand, ast.Constant):
                    value = _number(new.operand)
                    new = ast.Constant(-value if isinstance(node.op, ast.USub) else value)
            case ast.BoolOp():
                name = "_and" if isinstance(node.op, ast.And) else "_or"
                new = _call(name, [self._checked(part) for part in node.values])
            case ast.Compare():
                new = self._comparison(node)
            case ast.Call():
                new = self._call(node)
            case _:
                what, way_out = _REFUSALS.get(type(node), (f"{type(node).__name__}", "use numbers and names only"))
                self.refuse(f"{what} is not allowed in a formula", node, way_out)
        return ast.copy_location(new, node)

    def _number(self, node: ast.Constant) -> ast.expr:
        kind = type(node.value)
        if kind is not int and kind is not float:
            what = _CONSTANTS.get(kind, "an ellipsis")
            way_out = "write 1 for true and 0 for false" if kind is bool else "use numbers and names only"
            self.refuse(f"{what} is not allowed in a formula", node, way_out)
        numeral = self.source(node)
        if not _DECIMAL.fullmatch(numeral):
            bare = numeral.replace("_", "")
            way_out = f"write {int(bare, 0)}" if kind is int and len(bare) < 20 else f"write {bare}"
            self.refuse(f"the number {numeral} is not in decimal digits", node, way_out)
        try:
            value = float(_number(node))
        except OverflowError:
            value = np.inf
        if not np.isfinite(value):
            self.refuse("the number is too large", node, "use a smaller number", "numbers lie within 1.8e308")
        if is_near_zero(numeral, value):
            self.refuse(NEAR_ZERO, node, NEAR_ZERO_WAY_OUT, NEAR_ZERO_RULE)
        return ast.Constant(value)

    def _name(self, node: ast.Name) -> ast.expr:
        if node.id.startswith("_"):
            self.refuse(
                f"the name '{node.id}' starts with an underscore", node, "rename it", "names start with a letter"
            )
        if node.id in FUNCTIONS:
            way_out = f"call it: {FUNCTIONS[node.id].signature}"
            self.refuse(f"'{node.id}' is a function, not a value", node, way_out, "function names are reserved")
        self.names.setdefault(node.id, self._column(node))
        return ast.Name(node.id, ast.Load())

    def _arithmetic(self, node: ast.BinOp) -> ast.expr:
        if type(node.op) not in _ARITHMETIC:
            sign, way_out = _OTHER_OPERATORS[type(node.op)]
            at = self.text.index(sign, self._column(node.left, end=True))
            self.refuse(f"the operator {sign} is not allowed in a formula", at, way_out)
        first, second = self._checked(node.left), self._checked(node.right)
        if not (isinstance(first, ast.Constant) and isinstance(second, ast.Constant)):
            return ast.BinOp(first, node.op, second)
        # Constants are worked out now, as floats: 9**9**9**9 overflows at once instead of filling the memory.
        with np.errstate(all="ignore"):
            value = float(_ARITHMETIC[type(node.op)](np.float64(_number(first)), np.float64(_number(second))))
        if not np.isfinite(value):
            self.refuse(f"'{self.source(node)}' is {value}", node, "correct the numbers", "a number must be finite")
        return ast.Constant(value)

    def _comparison(self, node: ast.Compare) -> ast.expr:
        for sign in node.ops:
            if type(sign) not in _COMPARISON:
                way_out = "compare with < <= > >= == !="
                self.refuse("`in` and `is` are not allowed in a formula", node.comparators[0], way_out)
        # One call with all links, so that the middle of a < b < c is worked out once.
        signs = ast.Tuple([ast.Constant(_COMPARISON[type(sign)]) for sign in node.ops], ast.Load())
        return _call("_compare", [signs, *(self._checked(part) for part in [node.left, *node.comparators])])

    def _call(self, node: ast.Call) -> ast.expr:
        if not isinstance(node.func, ast.Name):
            self.refuse("only a named function can be called", node.func, _listed())
        name = node.func.id
        if name not in FUNCTIONS:
            way_out = _closest(name, FUNCTIONS) or "write one of them"
            self.refuse(f"unknown function '{name}'", node.func, way_out, _listed())
        function = FUNCTIONS[name]
        if node.keywords:
            keyword = node.keywords[0]
            what = f"a named argument ({keyword.arg or '**'}) is not allowed in a formula"
            self.refuse(what, keyword.value, f"write {function.signature}")
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                self._checked(argument)
        self._refuse_decimal_comma(node.args)
        if len(node.args) < function.least or (function.most is not None and len(node.args) > function.most):
            what = f"{name} takes {function.arguments} arguments, not {len(node.args)}"
            self.refuse(what, node, f"write {function.signature}", function.meaning)
        if name == "piecewise":
            return self._piecewise(node)
        if name == "lookup":
            return self._lookup(node)
        return _call(name, [self._checked(argument) for argument in node.args])

    def _refuse_decimal_comma(self, arguments: list[ast.expr]) -> None:
        """Two whole numbers with a bare comma between them are one with a decimal comma, or two arguments."""
        for first, second in itertools.pairwise(arguments):
            text = self.text[self._column(first) : self._column(second, end=True)]
            if re.fullmatch(r"[0-9]+,[0-9]+", text):
                self.refuse(
                    f"{text} can be read as one number or as two",
                    first,
                    f"write {text.replace(',', '.')} for one number, {text.replace(',', ', ')} for two",
                )

    def _piecewise(self, node: ast.Call) -> ast.expr:
        t, edges, levels = node.args
        signature = FUNCTIONS["piecewise"].signature
        if not (isinstance(edges, ast.List) and isinstance(levels, ast.List) and edges.elts):
            at = levels if isinstance(edges, ast.List) and edges.elts else edges
            self.refuse("piecewise takes two lists, neither empty", at, f"write {signature}")
        if len(levels.elts) != len(edges.elts) + 1:
            what = f"piecewise has {len(edges.elts)} edges and {len(levels.elts)} hazards"
            self.refuse(what, levels, f"write {signature}", "one hazard more than edges")
        lists = [ast.List([self._checked(part) for part in group.elts], ast.Load()) for group in (edges, levels)]
        return _call("piecewise", [self._checked(t), *lists])

    def _lookup(self, node: ast.Call) -> ast.expr:
        table, x, column = node.args
        if not isinstance(table, ast.Name) or table.id.startswith("_") or table.id in FUNCTIONS:
            self.refuse("the first argument of lookup is not a table's name", table, "write the name of a table")
        self.tables.setdefault(table.id, self._column(table))
        reading = [ast.Name(table.id, ast.Load()), self._checked(x)]
        if not isinstance(column, ast.Name):
            return _call("lookup", [*reading, self._checked(column)])
        if column.id.startswith("_") or column.id in FUNCTIONS:
            self.refuse(f"'{column.id}' cannot name a column", column, "rename the column")
        self.columns.setdefault((table.id, column.id), self._column(column))
        return _call("lookup", [*reading, ast.Name(column_key(table.id, column.id), ast.Load())])

    def check_known(self, positions: Mapping[str, int], choices: Collection[str], kind: str, of: str = "") -> None:
        """Refuse the first name in `positions` (with its character) that is not known, naming the closest."""
        for name, at in positions.items():
            if name not in choices:
                way_out = _closest(name, choices) or f"declare '{name}'"
                self.refuse(f"unknown {kind} '{name}'{of}", at, way_out, "a name must be declared before use")


def _call(name: str, arguments: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), arguments, [])


def _number(node: ast.Constant) -> float:
    return cast(float, node.value)


def column_key(table: str, column: str) -> str:
    """The name under which the checked tree reads a column written as a bare name."""
    return f"{table}.{column}"  # the point keeps it apart from every name a formula can hold


def _closest(name: str, choices: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, [str(item) for item in choices], n=3)
    return f"perhaps {' or '.join(near)}" if near else ""


def _listed() -> str:
    return f"functions are {', '.join(sorted(FUNCTIONS))}"


def _pointed(text: str, at: int | None) -> str:
    """The formula, or the part of it around the fault, with a caret under character `at` (0-based)."""
    if at is None:
        return text if len(text) <= 100 else f"{text[:100]}..."
    start = max(0, at - 60)
    before, after = ("..." if start else ""), ("..." if len(text) > at + 40 else "")
    excerpt = f"{before}{text[start : at + 40]}{after}"
    return f"\n    {excerpt}\n    {' ' * (len(before) + at - start)}^ column {at + 1}"
