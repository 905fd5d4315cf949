"""Safe formulas: a text is checked once against a whitelist and evaluated on plain numpy arrays.

Opening a model never runs code: `costeff.model.formulas.parse` rebuilds the text from checked parts, and
`costeff.model.formulas.functions` holds everything that may be called. Rank 4.
"""

from __future__ import annotations

import ast
import numbers
from collections.abc import Callable, Collection, Mapping
from types import CodeType
from typing import Any, NoReturn, cast

import numpy as np

from costeff.errors import FormulaError, Place
from costeff.model.formulas.functions import FUNCTIONS, Array, all_true, any_true, compare, negated
from costeff.model.formulas.parse import SYNTAX_RULE, Reader, column_key

_NAMESPACE: dict[str, Any] = {
    "__builtins__": {},
    "_compare": compare,
    "_and": all_true,
    "_or": any_true,
    "_not": negated,
    **{name: function.call for name, function in FUNCTIONS.items()},
}


class Expression:
    """A formula, parsed and checked once, evaluated on numbers and arrays that broadcast.

    text: a formula of at most 1,000 characters (runs of white space count as one space) or a number.
    place: where it was written, for messages.

    Numbers are floats; conditions are numbers (1 true, 0 false). Constant arithmetic that is not finite
    is refused when parsed. Evaluation ignores nan and infinity on the way and checks the *result*: one value
    that is not finite is an error that names the part at fault, so `where(t > 0, log(t), 0)` is allowed and
    log(0) is not. (On the way 1/infinity is 0 and anything**0 is 1; comparing with nan gives nan.)

    `lookup(table, x, column)`: `table` is a bare name; `column` is a column of the table if it has one of
    that name, else a name in `env` or a formula that gives whole numbers 0, 1, ... picking columns in order.

    Raises FormulaError that shows the formula with a caret at the fault.

    >>> formula = Expression("weibull(t, shape, 10) * hr")
    >>> sorted(formula.names)
    ['hr', 'shape', 't']
    >>> formula.evaluate({"t": np.array([0.0, 1.0]), "shape": 1.0, "hr": 2.0}).tolist()
    [0.2, 0.2]
    >>> Expression("x.real + 1", Place("m.yaml", 7))
    Traceback (most recent call last):
    costeff.errors.FormulaError: m.yaml, line 7: an attribute (a dot after a name) is not allowed ... (value:
        x.real + 1
        ^ column 1).
      Rule: a formula holds numbers, names, ... and known functions.
      Way out: use a plain name.
    """

    __slots__ = ("_body", "_code", "_reader", "text")

    text: str
    _reader: Reader
    _body: ast.expr
    _code: CodeType

    def __init__(self, text: str | float, place: Place | None = None) -> None:
        formula_text = _text(text, place)
        reader = Reader(formula_text, place)
        body = reader.read()
        fields = {"text": formula_text, "_reader": reader, "_body": body, "_code": _compiled(body)}
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        if self.is_constant:
            self.evaluate({})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an Expression is not changed; make a new one")

    @property
    def place(self) -> Place | None:
        """Where the formula was written."""
        return self._reader.place

    @property
    def tree(self) -> ast.expr:
        """The checked tree: constants are floats, comparisons and logic are calls."""
        return self._body

    def part(self, node: ast.expr) -> str:
        """A part of the tree as it was written."""
        return self._reader.source(node)

    @property
    def names(self) -> frozenset[str]:
        """Free names; names of tables and columns are not among them."""
        return frozenset(self._reader.names)

    @property
    def table_names(self) -> frozenset[str]:
        """Tables the formula looks up."""
        return frozenset(self._reader.tables)

    @property
    def column_names(self) -> frozenset[tuple[str, str]]:
        """(table, column) pairs written as bare names; a column may turn out to be a name in `env`."""
        return frozenset(self._reader.columns)

    @property
    def is_constant(self) -> bool:
        """True if the value depends on no name and no table."""
        return not self._reader.names and not self._reader.tables

    def names_read(self, tables: Mapping[str, Any]) -> frozenset[str]:
        """Free names, and the bare columns that the given tables do not have (they are codes in `env`)."""
        codes = {c for t, c in self._reader.columns if t in tables and c not in tables[t].columns}
        return self.names | codes

    def check(self, known_names: Collection[str], tables: Mapping[str, Any] | None = None) -> None:
        """Refuse a name that is not known, before evaluation; with `tables`, also unknown tables and columns.

        >>> Expression("hr_work * 2").check(["hr_work"])
        """
        self._reader.check_known(self._reader.names, known_names, "name")
        if tables is not None:
            self._reader.check_known(self._reader.tables, tables, "table")
            for (table, column), at in self._reader.columns.items():
                choices = {*tables[table].columns, *known_names}
                self._reader.check_known({column: at}, choices, "column", f" of table '{table}'")

    def evaluate(self, env: Mapping[str, Any] | None = None) -> Array | float:
        """Value for the names in `env`: numbers or arrays that broadcast; tables under their names.

        Returns a float when all are single numbers, else a float64 array of the common shape.
        """
        env = {} if env is None else env
        values = self._values(env)
        try:
            with np.errstate(all="ignore"):
                result = np.asarray(eval(self._code, _NAMESPACE, values), dtype=np.float64)
                # Finite numbers have a finite sum, unless they are huge.
                finite = np.isfinite(result.sum()) or np.isfinite(result).all()
        except ValueError as error:
            shapes = ", ".join(f"{name} {np.shape(values[name])}" for name in self._reader.names)
            rule = "shapes must broadcast, as in numpy"
            self._reader.refuse(f"the values cannot be combined: {error}", None, f"shapes are {shapes}", rule)
        if not finite:
            self._explain(result, values)
        if result.ndim == 0:
            return float(result)
        return result.copy() if isinstance(self._body, ast.Name) else result

    def _values(self, env: Mapping[str, Any]) -> dict[str, Any]:
        self._reader.check_known(self._reader.names, env, "name")
        self._reader.check_known(self._reader.tables, env, "table")
        values: dict[str, Any] = {name: self._array(name, env[name], at) for name, at in self._reader.names.items()}
        for name, at in self._reader.tables.items():
            if not isinstance(getattr(env[name], "columns", None), Mapping):
                what = f"'{name}' is looked up and is {type(env[name]).__name__}, not a table"
                self._reader.refuse(what, at, "name a table", "a table has columns by name")
            values[name] = env[name]
        for (table, column), at in self._reader.columns.items():
            if column in values[table].columns:
                values[column_key(table, column)] = column
            else:
                choices = {*values[table].columns, *env}
                self._reader.check_known({column: at}, choices, "column", f" of table '{table}'")
                values[column_key(table, column)] = self._array(column, env[column], at)
        return values

    def _array(self, name: str, value: Any, at: int) -> Array:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            what = f"'{name}' is {type(value).__name__}, not a number"
            self._reader.refuse(what, at, "give a number or an array", "names in a formula hold numbers")
        return array.astype(np.float64, copy=False)

    def _explain(self, result: Array, values: Mapping[str, Any]) -> NoReturn:
        """Name the first bad position, the values there, and the innermost part at fault."""
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(result))[0])
        point = {
            name: np.broadcast_to(value, result.shape)[index] if isinstance(value, np.ndarray) else value
            for name, value in values.items()
        }
        fault = _fault(self._body, point)
        point_values = {name.rpartition(".")[2]: x for name, x in point.items() if isinstance(x, np.float64)}
        at = f" at {list(index)}" if index else ""
        point_text = ", ".join(f"{name} = {x:.6g}" for name, x in point_values.items())
        part = self._reader.source(fault)
        what = f"the formula gives {result[index]}{at}: '{part}' is not finite" + (
            f", with {point_text}" if point_text else ""
        )
        name = fault.func.id if isinstance(fault, ast.Call) and isinstance(fault.func, ast.Name) else ""
        domain = FUNCTIONS[name].domain if name in FUNCTIONS else ""
        rule = f"{FUNCTIONS[name].signature} needs {domain}" if domain else "every value of the result is finite"
        self._reader.refuse(what, fault, "correct the values, or guard it with where(condition, a, b)", rule)

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Expression) else NotImplemented

    def __hash__(self) -> int:
        return hash((Expression, self.text))

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[type[Expression], tuple[str, Place | None]]:
        return Expression, (self.text, self.place)


def _text(text: object, place: Place | None) -> str:
    if isinstance(text, str):
        return " ".join(text.split())
    # Python counts true and false as whole numbers; a formula does not.
    if not isinstance(text, bool) and isinstance(text, numbers.Real):
        try:
            value = float(text)
        except OverflowError:
            value = np.inf
        if np.isfinite(value):
            whole = isinstance(text, numbers.Integral) and abs(value) < 2**53
            return str(int(value)) if whole else repr(value)
    raise FormulaError(
        f"a formula is a text or a finite number, not {type(text).__name__}",
        where=place,
        value=f"{text!r:.60}" if isinstance(text, bool | float) else None,
        rule=SYNTAX_RULE,
        way_out="write a number, or a formula in quotes",
    )


def _fault(node: ast.expr, point: dict[str, Any]) -> ast.expr:
    """Innermost part that is not finite at one point, following only the branch that `where` chose."""

    def value(part: ast.expr) -> Any:
        with np.errstate(all="ignore"):
            return eval(_compiled(part), _NAMESPACE, point)

    for part in _parts(node, value):
        if not np.isfinite(value(part)):
            return _fault(part, point)
    return node


def _parts(node: ast.expr, value: Callable[[ast.expr], Any]) -> list[ast.expr]:
    match node:
        case ast.BinOp():
            return [node.left, node.right]
        case ast.UnaryOp():
            return [node.operand]
        case ast.Call(func=ast.Name(id="where")):
            condition, a, b = node.args
            truth = value(condition)
            return [condition] if np.isnan(truth) else [a if truth else b]
        case ast.Call(func=ast.Name(id="lookup")):
            return [part for part in node.args[1:] if not isinstance(part, ast.Name) or "." not in part.id]
        case ast.Call(func=ast.Name(id="piecewise")):
            t, *lists = node.args
            return [t, *(part for group in lists for part in cast(ast.List, group).elts)]
        case ast.Call():
            return [part for part in node.args if not isinstance(part, ast.Tuple)]
    return []


def _compiled(body: ast.expr) -> CodeType:
    return compile(ast.fix_missing_locations(ast.Expression(body)), "<formula>", "eval")
