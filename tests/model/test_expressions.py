"""Formulas: anchored on refused attacks, closed forms of hazards and quantiles, and plain-Python twins."""

from __future__ import annotations

import copy
import math
import operator
import pickle
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from refusal import PLACE, array, refusal
from twins import hazards as twin

from costeff.errors import FormulaError
from costeff.evidence.tables import Table as EvidenceTable
from costeff.model.formulas.expression import Expression
from costeff.model.formulas.functions import FUNCTIONS

# Arithmetic against a twin: a tree is a text and a plain-Python function of (x, y), evaluated place by place.

Twin = Callable[[float, float], float]
Tree = tuple[str, Twin]


def _joined(sign: str, act: Callable[[float, float], float], a: Tree, b: Tree) -> Tree:
    return f"({a[0]} {sign} {b[0]})", lambda x, y: float(act(a[1](x, y), b[1](x, y)))


def _chosen(c: Tree, a: Tree, b: Tree) -> Tree:
    def value(x: float, y: float) -> float:
        truth, yes, no = c[1](x, y), a[1](x, y), b[1](x, y)
        return yes if truth != 0 else no

    return f"where({c[0]}, {a[0]}, {b[0]})", value


def _chained(a: Tree, b: Tree, c: Tree) -> Tree:
    return f"({a[0]} < {b[0]} <= {c[0]})", lambda x, y: float(a[1](x, y) < b[1](x, y) <= c[1](x, y))


def _minus(a: Tree) -> Tree:
    return f"-{a[0]}", lambda x, y: -a[1](x, y)


def _negated(a: Tree) -> Tree:
    return f"(not {a[0]})", lambda x, y: float(not a[1](x, y))


def _extreme(name: str, act: Callable[..., float], parts: list[Tree]) -> Tree:
    return f"{name}({', '.join(p[0] for p in parts)})", lambda x, y: act(*(p[1](x, y) for p in parts))


def _literal(value: float) -> Tree:
    return repr(value), lambda x, y: float(value)


SIGNS: dict[str, Callable[[float, float], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "and": lambda a, b: bool(a) and bool(b),
    "or": lambda a, b: bool(a) or bool(b),
}
LEAVES: st.SearchStrategy[Tree] = st.one_of(
    st.just(("x", lambda x, y: x)),
    st.just(("y", lambda x, y: y)),
    st.integers(0, 9).map(_literal),
    st.floats(0.125, 100.0).map(_literal),
)
TREES: st.SearchStrategy[Tree] = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.builds(lambda s, a, b: _joined(s, SIGNS[s], a, b), st.sampled_from(sorted(SIGNS)), part, part),
        st.builds(_chosen, part, part, part),
        st.builds(_chained, part, part, part),
        st.builds(_minus, part),
        st.builds(_negated, part),
        st.builds(lambda parts: _extreme("min", min, parts), st.lists(part, min_size=2, max_size=3)),
        st.builds(lambda parts: _extreme("max", max, parts), st.lists(part, min_size=2, max_size=3)),
    ),
    max_leaves=8,
)
VALUES = st.lists(st.floats(-50.0, 50.0), min_size=1, max_size=4)


@settings(max_examples=300)
@given(tree=TREES, xs=VALUES, ys=VALUES)
def test_arithmetic_equals_plain_python(tree: Tree, xs: list[float], ys: list[float]) -> None:
    text, value = tree
    try:
        expected = np.array([[value(x, y) for x in xs] for y in ys])
    except (ZeroDivisionError, OverflowError):
        assume(False)
    assume(bool(np.isfinite(expected).all()) and len(text) <= 1_000)
    result = Expression(text).evaluate({"x": np.array(xs)[None, :], "y": np.array(ys)[:, None]})
    # The same IEEE operations in the same order: equal, not close.
    np.testing.assert_array_equal(np.broadcast_to(result, expected.shape), expected)


@given(x=st.floats(0.01, 20.0), power=st.floats(-5.0, 5.0))
def test_power_and_precedence(x: float, power: float) -> None:
    env = {"x": x, "p": power}
    assert Expression("-x ** p").evaluate(env) == pytest.approx(-(x**power), rel=1e-14)
    assert Expression("2 ** x ** 0.5").evaluate(env) == pytest.approx(2 ** (x**0.5), rel=1e-14)


def test_simple_functions_are_the_textbook_ones() -> None:
    env = {"x": 2.5}
    expected = {
        "exp(x)": math.exp(2.5),
        "log(x)": math.log(2.5),
        "sqrt(x)": math.sqrt(2.5),
        "abs(-x)": 2.5,
        "floor(-x)": -3.0,
        "round(x)": 2.0,
        "expit(x)": 1 / (1 + math.exp(-2.5)),
        "logit(x / 10)": math.log(0.25 / 0.75),
        "probability_to_odds(x / 10)": 1 / 3,
        "odds_to_probability(x)": 2.5 / 3.5,
        "rate_to_probability(x)": 1 - math.exp(-2.5),
        "rate_to_probability(x, 2)": 1 - math.exp(-5.0),
        "probability_to_rate(x / 10)": -math.log(0.75),
        "probability_to_rate(x / 10, 2)": -math.log(0.75) / 2,
        "min(x, 3, 1)": 1.0,
        "max(x, 3, 1)": 3.0,
        "erlang_b(2, 2)": 0.4,
        "erlang_c(1, 2)": 1 / 3,
    }
    for text, value in expected.items():
        assert Expression(text).evaluate(env) == pytest.approx(value, rel=1e-14), text


def test_quantiles_closed_forms() -> None:
    u = np.array([0.025, 0.3, 0.5, 0.975])
    # Half of the normal error function, the exponential, and the power function have inverses in closed form.
    np.testing.assert_allclose([0.5 * math.erfc(-z / math.sqrt(2)) for z in array("probit(u)", u=u)], u, rtol=1e-13)
    np.testing.assert_allclose(array("gamma_quantile(u, 1, 3)", u=u), -3 * np.log1p(-u), rtol=1e-12)
    np.testing.assert_allclose(array("beta_quantile(u, 4, 1)", u=u), u**0.25, rtol=1e-12)
    np.testing.assert_allclose(array("beta_quantile(u, 1, 4)", u=u), 1 - (1 - u) ** 0.25, rtol=1e-12)


TIMES = st.integers(0, 60).map(float)
SHAPES = st.floats(0.5, 4.0)


@given(t=TIMES, shape=SHAPES, scale=st.floats(1.0, 80.0))
def test_weibull_and_log_logistic_integrate_their_rates(t: float, shape: float, scale: float) -> None:
    env = {"t": t, "k": shape, "s": scale}
    for name, rate in (("weibull", twin.weibull_rate), ("log_logistic", twin.log_logistic_rate)):
        expected = twin.integrated(rate(shape, scale), t)
        assert Expression(f"{name}(t, k, s)").evaluate(env) == pytest.approx(expected, rel=1e-6, abs=1e-12)


@given(t=TIMES, shape=st.one_of(st.just(0.0), st.floats(-0.2, 0.2)), rate=st.floats(0.0, 2.0))
def test_gompertz_and_constant_integrate_their_rates(t: float, shape: float, rate: float) -> None:
    env = {"t": t, "a": shape, "b": rate}
    expected = twin.integrated(twin.gompertz_rate(shape, rate), t)
    assert Expression("gompertz(t, a, b)").evaluate(env) == pytest.approx(expected, rel=1e-9, abs=1e-300)
    expected = twin.integrated(twin.constant_rate(rate), t)
    assert Expression("constant(t, b)").evaluate(env) == pytest.approx(expected, rel=1e-9, abs=1e-300)


@given(
    t=st.floats(0.0, 12.0),
    edges=st.lists(st.floats(0.0, 12.0), min_size=1, max_size=4).map(sorted),
    levels=st.lists(st.floats(0.0, 3.0), min_size=5, max_size=5),
)
def test_piecewise_is_the_exact_integral(t: float, edges: list[float], levels: list[float]) -> None:
    levels = levels[: len(edges) + 1]
    env = {"t": t, **{f"e{i}": e for i, e in enumerate(edges)}, **{f"h{i}": h for i, h in enumerate(levels)}}
    e = ", ".join(f"e{i}" for i in range(len(edges)))
    h = ", ".join(f"h{i}" for i in range(len(levels)))
    text = f"piecewise(t, [{e}], [{h}])"
    expected = twin.piecewise_integral(t, edges, levels)
    assert Expression(text).evaluate(env) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_hazards_add_up_to_closed_forms() -> None:
    t = np.arange(52.0)[None, :]
    k, s = np.array([[0.7], [1.0], [2.5]]), 20.0
    np.testing.assert_allclose(array("weibull(t, k, s)", t=t, k=k, s=s).sum(axis=1), (52 / s) ** k[:, 0], rtol=1e-13)
    np.testing.assert_allclose(
        array("log_logistic(t, k, s)", t=t, k=k, s=s).sum(axis=1), np.log1p((52 / s) ** k[:, 0]), rtol=1e-13
    )
    gompertz = np.expm1(52 * k[:, 0] / 50) / (k[:, 0] / 50) * 0.01
    np.testing.assert_allclose(array("gompertz(t, k / 50, 0.01)", t=t, k=k, s=s).sum(axis=1), gompertz, rtol=1e-12)
    np.testing.assert_allclose(
        array("piecewise(t, [4.25, 26], [k, 1, 0.5])", t=t, k=k, s=s).sum(axis=1), 4.25 * k[:, 0] + 34.75, rtol=1e-13
    )


def test_hazards_at_their_special_shapes() -> None:
    t = np.arange(6.0)
    np.testing.assert_allclose(array("weibull(t, 1, 8)", t=t), np.full(6, 0.125), rtol=1e-14)
    np.testing.assert_array_equal(array("gompertz(t, 0, 0.3)", t=t), np.full(6, 0.3))
    np.testing.assert_allclose(array("gompertz(t, 1e-12, 0.3)", t=t), np.full(6, 0.3), rtol=1e-11)
    np.testing.assert_array_equal(array("constant(t, 0.3)", t=t), np.full(6, 0.3))
    np.testing.assert_array_equal(array("piecewise(t, [2, 2.5], [1, 3, 7])", t=t), [1, 1, 5, 7, 7, 7])


@pytest.mark.parametrize(
    ("text", "env", "domain"),
    [
        ("weibull(t, k, 1)", {"t": 0.0, "k": -1.0}, "shape > 0"),
        ("weibull(t, 2, k)", {"t": -2.0, "k": 1.0}, "t >= 0"),
        ("log_logistic(t, 2, k)", {"t": 2.0, "k": 0.0}, "scale > 0"),
        ("gompertz(t, 0, k)", {"t": 2.0, "k": -1.0}, "rate >= 0"),
        ("constant(t, k)", {"t": 2.0, "k": -1.0}, "rate >= 0"),
        ("piecewise(t, [3, k], [1, 2, 3])", {"t": 0.0, "k": 2.0}, "edges that do not decrease"),
        ("piecewise(t, [3], [k, 2])", {"t": 5.0, "k": -2.0}, "hazards >= 0"),
        ("rate_to_probability(k)", {"k": -0.1}, "r >= 0"),
        ("rate_to_probability(1, k)", {"k": 0.0}, "n > 0"),
        ("probability_to_rate(k)", {"k": 1.0}, "0 <= p < 1"),
        ("probability_to_odds(k)", {"k": 1.5}, "0 <= p < 1"),
        ("odds_to_probability(k)", {"k": -0.5}, "o >= 0"),
        ("logit(k)", {"k": 0.0}, "0 < p < 1"),
        ("probit(k)", {"k": 1.0}, "0 < u < 1"),
        ("gamma_quantile(k, 1, 1)", {"k": 1.0}, "0 <= u < 1"),
        ("beta_quantile(k, 1, 1)", {"k": -0.1}, "0 <= u <= 1"),
        ("erlang_b(k, 2)", {"k": -1.0}, "load >= 0"),
        ("erlang_c(1, k)", {"k": 2.5}, "places a whole number"),
        ("log(k)", {"k": 0.0}, "x > 0"),
        ("sqrt(k)", {"k": -1.0}, "x >= 0"),
        ("exp(k)", {"k": 800.0}, "x below about 709"),
    ],
)
def test_outside_the_domain_is_refused(text: str, env: dict[str, float], domain: str) -> None:
    message = refusal(text, env)
    assert domain in message
    assert "is not finite" in message
    # One bad draw of three is enough, and is named.
    arrays = {name: np.full((3, 1), np.nan) for name in env}
    for name, value in env.items():
        arrays[name][:] = value
    assert "at [0, 0]" in refusal(text, arrays)


# The rule on nan and infinity: the result counts, and the part at fault is named.


def test_guarded_branch_does_not_fail() -> None:
    result = Expression("where(t > 0, log(t), 0)").evaluate({"t": np.array([0.0, 1.0, math.e])})
    np.testing.assert_allclose(result, [0.0, 0.0, 1.0])
    guarded = Expression("where(p < 1, probability_to_rate(p), 9)").evaluate({"p": np.array([0.0, 1.0])})
    np.testing.assert_array_equal(guarded, [0.0, 9.0])


def test_fault_names_position_values_and_innermost_part() -> None:
    x = np.array([[5.0, 4.0], [5.0, 3.0]])
    message = refusal("b + 2 * log(x - 3) * where(b > 0, 1, 1 / b)", {"x": x, "b": 1.5})
    assert "the formula gives -inf at [1, 1]" in message
    assert "'log(x - 3)' is not finite" in message
    assert "b = 1.5, x = 3" in message
    assert "^ column 9" in message
    # In the branch that was chosen, not in the one that was not.
    message = refusal("where(x > 4, 1 / (x - 5), log(x - 3))", {"x": x})
    assert "'1 / (x - 5)' is not finite" in message
    message = refusal("where(x > 4, log(x - 3), 1 / (x - 3))", {"x": x})
    assert "'1 / (x - 3)' is not finite" in message


def test_nan_in_a_condition_is_unknown_and_not_false() -> None:
    assert "'log(x)' is not finite" in refusal("where(log(x) > 0, 1, 2)", {"x": -1.0})
    assert "'log(x)' is not finite" in refusal("not log(x) < 0", {"x": -1.0})
    assert "'log(x)' is not finite" in refusal("x < 5 and log(x) > 1", {"x": -1.0})
    assert "'log(x)' is not finite" in refusal("x > 5 or log(x) > 1", {"x": -1.0})
    # False and unknown is false; true or unknown is true: the guard works in either order.
    env = {"x": np.array([-1.0, 1.0, 3.0])}
    for text in ("x > 0 and log(x) > 1", "log(x) > 1 and x > 0"):
        np.testing.assert_array_equal(Expression(text).evaluate(env), [0.0, 0.0, 1.0])
    for text in ("x <= 0 or log(x) > 1", "log(x) > 1 or x <= 0"):
        np.testing.assert_array_equal(Expression(text).evaluate(env), [1.0, 0.0, 1.0])


def test_conditions_are_numbers_that_add_up() -> None:
    # NumPy's own booleans add as "or"; here two true conditions count 2.
    result = Expression("(x > 0) + (x > 1) - (x > 2)").evaluate({"x": np.array([0.5, 1.5, 2.5])})
    np.testing.assert_array_equal(result, [1.0, 2.0, 1.0])


def test_values_given_as_nan_are_refused() -> None:
    assert "'x' is not finite" in refusal("x * 2", {"x": np.array([1.0, math.nan])})
    assert "'2 / x' is not finite" in refusal("2 / x", {"x": 0})


def test_constant_faults_are_found_when_read() -> None:
    assert "'log(0)' is not finite" in refusal("1 + log(0)")
    assert "scale > 0" in refusal("weibull(1, 2, 0)")


# Look-up.

LIFE = SimpleNamespace(
    x=np.array([18.0, 30.0, 65.0]), columns={"women": np.array([0.1, 0.2, 0.3]), "men": np.array([0.4, 0.5, 0.6])}
)


@given(age=st.floats(18.0, 120.0), column=st.sampled_from(["women", "men"]))
def test_lookup_equals_a_walk_down_the_rows(age: float, column: str) -> None:
    env = {"life": LIFE, "age": age, "sex": list(LIFE.columns).index(column)}
    expected = twin.looked_up(LIFE.x.tolist(), LIFE.columns[column].tolist(), age)
    assert Expression(f"lookup(life, age, {column})").evaluate(env) == expected
    assert Expression("lookup(life, age, sex)").evaluate(env) == expected
    assert Expression("lookup(life, age, sex + 0)").evaluate(env) == expected


def test_lookup_reads_the_table_of_evidence() -> None:
    table = EvidenceTable("life", "rate per year", "age", [18.0, 30.0, 65.0], dict(LIFE.columns), kind="assumption")
    age = np.array([18.0, 29.9, 30.0, 99.0])
    for column in ("women", "men"):
        result = Expression(f"lookup(life, age, {column})").evaluate({"life": table, "age": age})
        np.testing.assert_array_equal(result, table.lookup(age, column))
    guarded = Expression("where(age >= 30, lookup(life, age, men), 0)").evaluate({"life": table, "age": age - 10})
    np.testing.assert_array_equal(guarded, [0.0, 0.0, 0.0, 0.6])


def test_lookup_broadcasts_and_keeps_names_apart() -> None:
    formula = Expression("lookup(life, age + t, sex) * hr")
    assert formula.names == {"age", "t", "hr"}
    assert formula.table_names == {"life"}
    assert formula.column_names == {("life", "sex")}
    assert formula.names_read({"life": LIFE}) == {"age", "t", "hr", "sex"}
    assert Expression("lookup(life, age, men)").names_read({"life": LIFE}) == {"age"}
    env = {"life": LIFE, "age": np.array([[29.0], [64.0]]), "t": np.array([[0.0, 1.0]]), "sex": [[0], [1]], "hr": 2}
    np.testing.assert_array_equal(formula.evaluate(env), [[0.2, 0.4], [1.0, 1.2]])


def test_lookup_refusals() -> None:
    env = {"life": LIFE, "age": np.array([20.0, 17.9]), "sex": 1}
    below = refusal("lookup(life, age, men)", env)
    assert "at [1]" in below
    assert "not below the table's first row" in below
    guarded = Expression("where(age >= 18, lookup(life, age, men), 0)").evaluate(env)
    np.testing.assert_array_equal(guarded, [0.4, 0.0])
    assert "a column of the table" in refusal("lookup(life, 40, sex)", {"life": LIFE, "sex": 2})
    assert "a column of the table" in refusal("lookup(life, 40, sex)", {"life": LIFE, "sex": 0.5})
    assert "not finite" in refusal("lookup(life, age, men)", {"life": LIFE, "age": math.inf})
    message = refusal("lookup(life, 40, man)", {"life": LIFE})
    assert "unknown column 'man' of table 'life'" in message
    assert "perhaps men" in message
    assert "unknown table 'life'" in refusal("lookup(life, 40, men)", {"men": 1})
    assert "'life' is looked up and is float, not a table" in refusal("lookup(life, 40, men)", {"life": 1.0})


# The object.


def test_unknown_names_are_named_with_the_closest() -> None:
    message = refusal("2 * hr_wrok + b", {"hr_work": 1.0, "b": 2.0})
    assert "unknown name 'hr_wrok'" in message
    assert "perhaps hr_work" in message
    assert "^ column 5" in message
    formula = Expression("lookup(life, age, man) + b", PLACE)
    formula.check(["age", "b"])
    formula.check(["age", "b", "man"], {"life": LIFE})
    with pytest.raises(FormulaError, match="unknown name 'b'"):
        formula.check(["age"])
    with pytest.raises(FormulaError, match="unknown table 'life'"):
        formula.check(["age", "b"], {"live": LIFE})
    with pytest.raises(FormulaError, match="unknown column 'man'"):
        formula.check(["age", "b"], {"life": LIFE})


def test_shapes_broadcast_or_are_named() -> None:
    formula = Expression("weibull(t, k, s)", PLACE)
    env = {"t": np.arange(4.0)[None, :], "k": np.full((3, 1), 2.0), "s": 1}
    np.testing.assert_array_equal(formula.evaluate(env), np.tile([1.0, 3.0, 5.0, 7.0], (3, 1)))
    message = refusal("a + b", {"a": np.ones(2), "b": np.ones(3)})
    assert "a (2,), b (3,)" in message


def test_single_values_are_floats_and_arrays_are_new() -> None:
    assert type(Expression("x + 1").evaluate({"x": 1})) is float
    assert type(Expression("x > 0").evaluate({"x": np.float64(1)})) is float
    x = np.array([1.0, 2.0])
    result = Expression("x").evaluate({"x": x})
    assert not np.shares_memory(result, x)
    whole = Expression("x / 2").evaluate({"x": np.array([1, 2])})
    np.testing.assert_array_equal(whole, [0.5, 1.0])


def test_identity_is_the_text() -> None:
    formula = Expression("  2 *\n x ", PLACE)
    assert formula.text == "2 * x"
    assert repr(formula) == "Expression('2 * x')"
    assert formula == Expression("2 * x")
    assert formula != Expression("x * 2")
    assert formula != "2 * x"
    assert len({formula, Expression("2 * x")}) == 1
    assert formula.place == PLACE
    for twin_formula in (pickle.loads(pickle.dumps(formula)), copy.deepcopy(formula)):
        assert twin_formula == formula
        assert twin_formula.place == PLACE
        assert twin_formula.evaluate({"x": 3.0}) == 6.0
    with pytest.raises(AttributeError, match="not changed"):
        formula.text = "3"


@given(value=st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**15), 10**15)))
def test_numbers_keep_their_value(value: float) -> None:
    formula = Expression(value)
    assert formula.is_constant
    assert formula.evaluate() == value
    assert Expression(formula.text) == formula


def test_constants_know_it() -> None:
    assert Expression("2 + exp(1)").is_constant
    assert not Expression("2 + x").is_constant
    assert not Expression("lookup(life, 40, men)").is_constant


def test_every_function_is_listed_with_a_signature_that_reads() -> None:
    for name, function in FUNCTIONS.items():
        assert function.signature.startswith(f"{name}(")
        assert function.meaning
        if name not in ("piecewise", "lookup"):
            places = ", ".join(["x"] * function.least)
            assert Expression(f"{name}({places})").names == {"x"}


def test_a_formula_is_shown_as_it_is_written() -> None:
    assert f"value: {Expression('r_HD * 2')}" == "value: r_HD * 2"
    assert repr(Expression("r_HD")) == "Expression('r_HD')"
