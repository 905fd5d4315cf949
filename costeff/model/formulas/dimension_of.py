"""Works out the dimension of a formula from the dimensions of its names, and finds sums of what cannot be added.

The tree is the checked one of `costeff.model.formulas.parse`: constants are floats, comparisons and logic are calls.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from costeff.model.formulas.dimension import (
    FACTOR,
    LOG,
    NUMBER,
    ODDS,
    PROBABILITY,
    PURE,
    RATE,
    UNKNOWN,
    Dimension,
    added,
    converted,
    named,
    product,
    raised,
)
from costeff.model.formulas.expression import Expression


@dataclass
class Walk:
    """One walk over a formula.

    names and tables: their dimensions; a name that is missing is unknown. numbers: names that stand for a number
    written in the model, which may convert as the number itself does. `problems` holds what was found, in words.

    >>> from costeff.model.formulas.dimension import of_unit
    >>> walk = Walk(Expression("a + b"), {"a": of_unit("years"), "b": of_unit("weeks")})
    >>> walk.dimension() == UNKNOWN, walk.problems
    (True, ['`a` is years and `b` is weeks; they cannot be added or compared'])
    """

    expression: Expression
    names: Mapping[str, Dimension]
    tables: Mapping[str, Dimension] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def dimension(self) -> Dimension:
        """The dimension of the whole formula."""
        return self._of(self.expression.tree)

    def _of(self, node: ast.expr) -> Dimension:
        match node:
            case ast.Constant():
                return NUMBER if abs(_value(node)) not in (0.0, 1.0) else FACTOR
            case ast.Name():
                return self.names.get(node.id, UNKNOWN)
            case ast.UnaryOp():
                return self._of(node.operand)
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.Call(func=ast.Name()):
                return self._call(node)
        return UNKNOWN

    def _arithmetic(self, node: ast.BinOp) -> Dimension:
        if isinstance(node.op, ast.Add | ast.Sub):
            return self._sum([node.left, node.right])
        if isinstance(node.op, ast.Pow):
            return self._power(node)
        power = 1.0 if isinstance(node.op, ast.Mult) else -1.0
        number, factor = self._number(node.right), self._number(node.left)
        if number is not None:
            return converted(self._of(node.left), number, power)
        right = self._of(node.right)
        if factor is not None:
            return converted(raised(right, power), factor)
        return product(self._of(node.left), right, power)

    def _number(self, node: ast.expr) -> float | None:
        """The value of a part that holds nothing but numbers written in the model."""
        match node:
            case ast.Constant():
                return _value(node)
            case ast.Name():
                return self.numbers.get(node.id)
            case ast.UnaryOp():
                return self._number(node.operand)  # its sign does not convert
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                first, second = self._number(node.left), self._number(node.right)
                if first is None or second is None:
                    return None
                if isinstance(node.op, ast.Mult):
                    return first * second
                return first / second if second else None
        return None

    def _power(self, node: ast.BinOp) -> Dimension:
        base = self._of(node.left)
        self._of(node.right)
        if isinstance(node.right, ast.Constant):
            return raised(base, _value(node.right))
        if base.readings == frozenset({()}):
            return Dimension(base.readings, PROBABILITY if base.sort == PROBABILITY else "", base.bare, True)
        return UNKNOWN

    def _sum(self, nodes: list[ast.expr]) -> Dimension:
        dimensions = [self._of(node) for node in nodes]
        total, first = dimensions[0], nodes[0]
        for node, dimension in zip(nodes[1:], dimensions[1:], strict=True):
            both = added(total, dimension)
            if both is None:
                one, other = (f"`{self.expression.part(n)}`" for n in (first, node))
                kinds = f"{one} is {named(total)} and {other} is {named(dimension)}; they cannot be added or compared"
                self.problems.append(kinds)
                return UNKNOWN
            if total.bare and not dimension.bare:
                first = node
            total = both
        return total

    def _call(self, node: ast.Call) -> Dimension:
        assert isinstance(node.func, ast.Name)
        name, arguments = node.func.id, node.args
        if name == "_compare":
            self._sum(arguments[1:])
            return FACTOR
        if name in _SPECIAL:
            return _SPECIAL[name](self, arguments)
        dimensions = [self._of(argument) for argument in arguments if not isinstance(argument, ast.Tuple)]
        if name in ("_and", "_or", "_not"):
            return FACTOR
        if name in _PLAIN:
            return FACTOR if all(x.bare for x in dimensions) else Dimension(PURE.readings, _PLAIN[name], loose=True)
        return UNKNOWN

    def _where(self, nodes: list[ast.expr]) -> Dimension:
        self._of(nodes[0])
        return self._sum(nodes[1:])

    def _same(self, nodes: list[ast.expr]) -> Dimension:
        return self._of(nodes[0])

    def _root(self, nodes: list[ast.expr]) -> Dimension:
        return raised(self._of(nodes[0]), 0.5)

    def _hazard_argument(self, nodes: list[ast.expr]) -> Dimension:
        """The dimension of a hazard given as an argument after the time."""
        self._of(nodes[0])
        return self._of(nodes[-1])

    def _by_scale(self, nodes: list[ast.expr]) -> Dimension:
        """A hazard per unit of the scale, which is counted as the time is."""
        time, shape, scale = nodes
        self._of(shape)
        span = raised(self._sum([time, scale]), -1)
        return Dimension(span.readings, RATE if span.readings else "", loose=span.loose)

    def _levels(self, nodes: list[ast.expr]) -> Dimension:
        time, edges, levels = nodes
        assert isinstance(edges, ast.List)
        assert isinstance(levels, ast.List)
        self._sum([time, *edges.elts])
        return self._sum(list(levels.elts))

    def _lookup(self, nodes: list[ast.expr]) -> Dimension:
        table, at, column = nodes
        self._of(at)
        if not isinstance(column, ast.Name):
            self._of(column)
        return self.tables.get(table.id, UNKNOWN) if isinstance(table, ast.Name) else UNKNOWN

    def _gamma(self, nodes: list[ast.expr]) -> Dimension:
        for node in nodes[:2]:
            self._of(node)
        return self._of(nodes[2])

    def _chance(self, nodes: list[ast.expr]) -> Dimension:
        return self._changed(nodes, RATE, PROBABILITY, 1.0)

    def _rate(self, nodes: list[ast.expr]) -> Dimension:
        return self._changed(nodes, PROBABILITY, RATE, -1.0)

    def _changed(self, nodes: list[ast.expr], source: str, target: str, power: float) -> Dimension:
        """A rate made a probability or the other way round, over `n` when that is given."""
        dimension = self._of(nodes[0])
        if dimension.sort == target:
            self.problems.append(f"`{self.expression.part(nodes[0])}` is a {target} already, not a {source}")
            return UNKNOWN
        if len(nodes) == 2:
            n = self._number(nodes[1])
            dimension = (
                converted(dimension, n, power) if n is not None else product(dimension, self._of(nodes[1]), power)
            )
        loose = dimension.loose or dimension.readings == frozenset({()})  # over which span of time is not said
        return Dimension(dimension.readings, target if dimension.readings else "", dimension.bare, loose)


def _value(node: ast.Constant) -> float:
    return float(node.value)  # type: ignore[arg-type]


_SPECIAL: dict[str, Callable[[Walk, list[ast.expr]], Dimension]] = {
    "where": Walk._where,
    "min": Walk._sum,
    "max": Walk._sum,
    "abs": Walk._same,
    "floor": Walk._same,
    "round": Walk._same,
    "sqrt": Walk._root,
    "constant": Walk._hazard_argument,
    "gompertz": Walk._hazard_argument,
    "weibull": Walk._by_scale,
    "log_logistic": Walk._by_scale,
    "piecewise": Walk._levels,
    "lookup": Walk._lookup,
    "gamma_quantile": Walk._gamma,
    "rate_to_probability": Walk._chance,
    "probability_to_rate": Walk._rate,
}
#: Functions that give a plain number whatever they read, and what kind of one.
_PLAIN = {
    "exp": "",
    "log": "",
    "logit": LOG,
    "expit": PROBABILITY,
    "probit": "",
    "beta_quantile": "",
    "erlang_b": PROBABILITY,
    "erlang_c": PROBABILITY,
    "probability_to_odds": ODDS,
    "odds_to_probability": PROBABILITY,
}


def dimension_of(
    expression: Expression,
    names: Mapping[str, Dimension],
    tables: Mapping[str, Dimension],
    numbers: Mapping[str, float] | None = None,
) -> tuple[Dimension, list[str]]:
    """The dimension of a formula, and what is wrong inside it, in words.

    >>> from costeff.model.formulas.dimension import of_unit
    >>> found, problems = dimension_of(Expression("h / 52"), {"h": of_unit("hazard per year")}, {})
    >>> problems, len(found.readings)
    ([], 2)
    """
    walk = Walk(expression, names, tables, numbers or {})
    return walk.dimension(), walk.problems
