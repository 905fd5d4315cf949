"""Anchored in attacks: each asks for something outside the whitelist and is refused where it stands."""

from __future__ import annotations

import math
from typing import Any

import pytest
from refusal import refusal

ATTACKS = {
    "import by name": ("__import__('os').system('true')", "only a named function can be called", 1),
    "import call": ("__import__(1)", "unknown function '__import__'", 1),
    "dunder name": ("1 + __builtins__", "starts with an underscore", 5),
    "private name": ("_x", "starts with an underscore", 1),
    "wide underscore": ("\uff3fx", "would be read as '_'", 1),
    "internal function": ("_compare(1)", "unknown function '_compare'", 1),
    "attribute": ("x.real + 1", "an attribute", 1),
    "attribute of a number": ("(1.0).__class__", "an attribute", 1),
    "subclasses": ("().__class__.__base__", "an attribute", 1),
    "method": ("x.dump(1)", "only a named function can be called", 1),
    "getattr": ("getattr(x, 'real')", "unknown function 'getattr'", 1),
    "eval": ("eval('1')", "unknown function 'eval'", 1),
    "open": ("open(1)", "unknown function 'open'", 1),
    "string": ("'abc' * 9", "a text", 1),
    "string argument": ("exp('1')", "a text", 5),
    "bytes": ("b'1'", "bytes", 1),
    "format string": ("f'{x}'", "a text", 1),
    "percent format": ("'%s' % x", "the operator %", 6),
    "call of call": ("exp(1)(2)", "only a named function can be called", 1),
    "call of lambda": ("(lambda: 1)()", "only a named function can be called", 2),
    "lambda": ("lambda: 1", "a lambda", 1),
    "subscript": ("1 + x[0]", "a subscript", 5),
    "slice": ("x[::2]", "a subscript", 1),
    "list comprehension": ("[a for a in x]", "a comprehension", 1),
    "generator": ("max((a for a in x), 1)", "a comprehension", 5),
    "set comprehension": ("{a for a in x}", "a comprehension", 1),
    "dict comprehension": ("{a: 1 for a in x}", "a comprehension", 1),
    "list": ("[1, 2]", "a list", 1),
    "list in another function": ("max([1, 2], 3)", "a list", 5),
    "tuple": ("1, 2", "a tuple", 1),
    "decimal comma": ("0,5", "decimals take a point", 1),
    "set": ("{1}", "a set", 1),
    "dictionary": ("{}", "a dictionary", 1),
    "walrus": ("(x := 1)", "an assignment", 2),
    "assignment": ("x = 1", "cannot be read", 3),
    "statement": ("import os", "cannot be read", 1),
    "two statements": ("1; 2", "cannot be read", 2),
    "starred": ("exp(*x)", "a starred argument", 5),
    "double starred": ("exp(**x)", "a named argument (**)", 7),
    "keyword argument": ("exp(x=1)", "a named argument (x)", 7),
    "conditional": ("1 if x else 2", "write where(condition, a, b)", 1),
    "yield": ("(yield)", "Yield is not allowed", 2),
    "await": ("await x", "not allowed", 1),
    "ellipsis": ("...", "an ellipsis", 1),
    "None": ("x + None", "None is not allowed", 5),
    "True": ("True", "write 1 for true", 1),
    "imaginary": ("2j", "an imaginary number", 1),
    "is": ("x is y", "`in` and `is`", 6),
    "in": ("x in y", "`in` and `is`", 6),
    "xor": ("x ^ 2", "write ** for a power", 3),
    "bitwise and": ("(x) & (y)", "write `and`", 5),
    "bitwise or": ("x | y", "write `or`", 3),
    "floor division": ("x // 2", "write floor(a / b)", 3),
    "matrix product": ("x @ y", "the operator @", 3),
    "shift": ("1 << 99", "the operator <<", 3),
    "invert": ("~x", "not allowed", 1),
    "tower of powers": ("9**9**9**9", "'9**9**9' is inf", 4),
    "overflow": ("x * 10**400", "'10**400' is inf", 5),
    "large float": ("1e999", "number is too large", 1),
    "vanished float": ("1e-2000 * x", "too near to 0", 1),
    "large integer": ("9" * 400, "number is too large", 1),
    "divide by zero": ("x + 1 / 0", "'1 / 0' is inf", 5),
    "root of a negative": ("(-1)**0.5", "is nan", 1),
    "comment": ("x # note", "a comment", 3),
    "null byte": ("x\0y", "cannot be read", None),
    "empty": ("  ", "the formula is empty", None),
    "unbalanced": ("(1 + 2", "cannot be read", 1),
    "long text": ("x+" * 500 + "x", "1,001 characters", None),
    "many parts": ("max(" + "1," * 400 + "1)", "too large (403 parts", None),
    "many signs": ("-" * 999 + "1", "too large", None),
    "nested parentheses": ("(" * 400 + "1" + ")" * 400, "cannot be read", None),
    "nested calls": ("exp(" * 120 + "x" + ")" * 120, "too large (241 parts, 121 deep)", None),
    "function as a value": ("exp + 1", "'exp' is a function", 1),
    "unknown function": ("weibul(t, 1, 2)", "perhaps weibull", 1),
    "too few arguments": ("1 + min(x)", "min takes 2 or more arguments, not 1", 5),
    "too many arguments": ("exp(x, 2)", "exp takes 1 arguments, not 2", 1),
    "wrong number": ("rate_to_probability(1, 2, 3)", "takes 1 or 2 arguments", 1),
    "piecewise without lists": ("piecewise(t, 1, 2)", "takes two lists", 14),
    "piecewise too short": ("piecewise(t, [1], [2])", "1 edges and 1 hazards", 19),
    "piecewise empty": ("piecewise(t, [], [2])", "takes two lists", 14),
    "table not a name": ("lookup(1, x, men)", "not a table's name", 8),
    "private table": ("lookup(_t, x, men)", "not a table's name", 8),
    "private column": ("lookup(t, x, __class__)", "cannot name a column", 14),
    "table as a number": ("lookup(a, x, men) + a", "a table and as a number", 21),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused_where_it_stands(name: str) -> None:
    text, piece, column = ATTACKS[name]
    message = refusal(text)
    assert piece in message
    if column is not None:
        lines = message.splitlines()
        pointed = next(i for i, line in enumerate(lines) if "^ column" in line)
        assert f"^ column {column}" in lines[pointed]
        shown = " ".join(text.split())[column - 1 :][:20].rstrip()
        if shown:  # the caret stands right under the part at fault
            assert lines[pointed - 1][lines[pointed].index("^") :].startswith(shown)


@pytest.mark.parametrize("value", [True, None, math.nan, math.inf, 10**400, [1.0], {"a": 1}, 1j, b"1"])
def test_only_texts_and_finite_numbers(value: Any) -> None:
    assert "a text or a finite number" in refusal(value)


def test_column_counts_characters_not_bytes() -> None:
    assert "^ column 9" in refusal("æøå * x + y.real".replace(" + ", "+"))


def test_caret_stays_under_the_fault_in_a_long_formula() -> None:
    message = refusal("+".join(f"a{i}" for i in range(60)) + "+b.real+" + "+".join("c" * 30))
    shown, caret = message.splitlines()[1:3]
    assert shown[caret.index("^") :].startswith("b.real")


def test_env_objects_are_never_run() -> None:
    class Hostile:
        def __radd__(self, other: object) -> float:
            raise AssertionError("code of an object in env ran")

        __add__ = __radd__

    assert "'x' is Hostile, not a number" in refusal("1 + x", {"x": Hostile()})
    assert "'x' is str, not a number" in refusal("x", {"x": "3"})
