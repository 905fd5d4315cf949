"""Formulas of models as spreadsheet formulas: the same arithmetic on cells, for Excel and LibreOffice."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from costeff.model.formulas.expression import Expression

_OPERATORS: dict[type[ast.AST], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS: dict[type[ast.AST], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "=",
    ast.NotEq: "<>",
}
_FUNCTIONS = {"exp": "EXP", "log": "LN", "sqrt": "SQRT", "abs": "ABS", "floor": "INT", "min": "MIN", "max": "MAX"}
_TEMPLATES = {
    "where": "IF({0}<>0,{1},{2})",
    "rate_to_probability": "(1-EXP(-({0})*({1})))",
    "probability_to_rate": "(-LN(1-({0}))/({1}))",
    "probability_to_odds": "(({0})/(1-({0})))",
    "odds_to_probability": "(({0})/(1+({0})))",
    "logit": "LN(({0})/(1-({0})))",
    "expit": "(1/(1+EXP(-({0}))))",
}
_SECOND_IS_ONE = ("rate_to_probability", "probability_to_rate")
_LONGEST = 8000  # characters; Excel's limit is 8,192


class _NotLiveError(Exception):
    """A part that a spreadsheet does not do in the same way."""


def excel_formula(formula: Expression, cells: Mapping[str, str]) -> str | None:
    """The formula with every name replaced by its cell (or number), without the equals sign; None when a part of it
    (a quantile, a hazard, a table, rounding of halves to the even number) has no counterpart.

    Raises KeyError for a name that is not in `cells`.

    >>> excel_formula(Expression("-a ** 2 + where(a > 1, b, 0)"), {"a": "$B$1", "b": "$B$2"})
    '(-POWER($B$1,2)+IF(IF($B$1>1,1,0)<>0,$B$2,0))'
    >>> excel_formula(Expression("gamma_quantile(u, 2, 3)"), {"u": "A1"}) is None
    True
    """
    try:
        text = _part(ast.parse(formula.text, mode="eval").body, cells)
    except _NotLiveError:
        return None
    return text if len(text) <= _LONGEST else None


def _part(part: ast.expr, cells: Mapping[str, str]) -> str:
    match part:
        case ast.Constant(value=int() | float() as number):
            return _number(float(number))
        case ast.Name(id=name):
            return cells[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            # A spreadsheet takes the sign before the power, -2^2 = 4; POWER() and brackets leave no doubt.
            return f"-{_part(operand, cells)}"
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _part(operand, cells)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"IF({_part(operand, cells)}=0,1,0)"
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_part(left, cells), _part(right, cells), right)
        case ast.BinOp(left=left, op=op, right=right):
            return f"({_part(left, cells)}{_OPERATORS[type(op)]}{_bracketed(right, cells)})"
        case ast.BoolOp(op=op, values=values):
            name = "AND" if isinstance(op, ast.And) else "OR"
            conditions = ",".join(f"{_part(value, cells)}<>0" for value in values)
            return f"IF({name}({conditions}),1,0)"
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [_part(side, cells) for side in (left, *others)]
            links = [f"{a}{_COMPARISONS[type(op)]}{b}" for a, op, b in zip(sides, ops, sides[1:], strict=False)]
            return f"IF({links[0] if len(links) == 1 else 'AND(' + ','.join(links) + ')'},1,0)"
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _call(name, arguments, cells)
    raise _NotLiveError


def _power(base: str, exponent: str, right: ast.expr) -> str:
    if isinstance(right, ast.Constant):
        return f"POWER({base},{exponent})" if right.value else "1"
    return f"IF({exponent}=0,1,POWER({base},{exponent}))"  # Excel refuses 0 to the power 0


def _bracketed(part: ast.expr, cells: Mapping[str, str]) -> str:
    text = _part(part, cells)
    return f"({text})" if text.startswith("-") else text


def _call(name: str, arguments: list[ast.expr], cells: Mapping[str, str]) -> str:
    if name not in _FUNCTIONS and name not in _TEMPLATES:
        raise _NotLiveError
    values = [_part(argument, cells) for argument in arguments]
    if name in _FUNCTIONS:
        return f"{_FUNCTIONS[name]}({','.join(values)})"
    if name in _SECOND_IS_ONE and len(values) == 1:
        values.append("1")
    return _TEMPLATES[name].format(*values)


def _number(value: float) -> str:
    text = repr(value).removesuffix(".0")
    return f"({text})" if value < 0 else text
