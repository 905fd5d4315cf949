"""What is left out of numba's work changes no result, holds only meanwhile, and only for numba as it was read."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
import pytest
from numba.core import codegen
from numba.core.compiler import run_frontend

from costeff.numerics import kernel_compile, kernel_lowering, kernel_parts
from costeff.numerics.kernel_cache import kernel, kernel_outline, kernel_part
from costeff.numerics.kernel_compile import lighter, tried
from costeff.numerics.kernel_methods import Method


def _methods() -> tuple[object, ...]:
    return tuple(getattr(method.owner, method.name) for method in kernel_compile.METHODS)


@kernel_part
def _root(x):
    return np.sqrt(x * x + 1.0)


@kernel_outline
def _sum(values, power):
    total = 0.0
    for i in range(values.shape[0]):
        x = values[i]
        for _ in range(power):
            x = _root(x) - 0.25 * x
        total += x
    return total


def _both(values):
    """Two copies of one outline with another between, so that names and scopes could be mixed up."""
    first = _sum(values, 3)
    second = _sum(values[::2], 5)
    return first, second, _sum(values, 3) - first


def test_the_version_at_hand_was_tried() -> None:
    assert tried()


@pytest.mark.parametrize("version", ["0.61.2", "0.69.0", "1.0.0"])
def test_other_versions_compile_as_numba_does(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not tried(version)
    before = _methods()
    monkeypatch.setattr(kernel_compile, "tried", lambda: False)
    with lighter():
        assert _methods() == before


@pytest.mark.parametrize("method", kernel_compile.METHODS, ids=lambda method: method.name)
def test_a_method_that_takes_something_else_is_left_alone(method: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(method.owner, method.name, lambda _self, _something: None)
    assert not tried()


def test_it_holds_only_meanwhile() -> None:
    before = _methods()
    with lighter():
        assert all(new is not old for new, old in zip(_methods(), before, strict=True))
        with lighter():  # a kernel that calls a kernel
            assert all(new is not old for new, old in zip(_methods(), before, strict=True))
        assert all(new is not old for new, old in zip(_methods(), before, strict=True))
    assert _methods() == before
    with pytest.raises(ZeroDivisionError), lighter():
        raise ZeroDivisionError
    assert _methods() == before


def test_a_kernel_gives_the_numbers_of_numba_and_of_python(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).normal(size=257)
    light = kernel(_both)
    passes: list[str] = []
    whole = codegen.CPUCodeLibrary._optimize_functions
    monkeypatch.setattr(
        codegen.CPUCodeLibrary,
        "_optimize_functions",
        lambda self, ll_module: (passes.append(""), whole(self, ll_module))[1],
    )
    assert tried()
    lightly_made = light(values)
    assert passes == []
    plain = numba.njit(_nrt=False, error_model="numpy")(_both)
    assert plain(values) == lightly_made
    assert passes
    with_python = _both.__globals__["_root"].py_func
    total = 0.0
    for x in values.tolist():
        y = x
        for _ in range(3):
            y = with_python(y) - 0.25 * y
        total += y
    assert lightly_made[0] == total
    assert lightly_made[2] == 0.0


class _Pair(NamedTuple):
    low: np.ndarray
    high: np.ndarray
    times: int


@kernel_outline
def _width(pair, place):
    return (pair.high[place] - pair.low[place]) * pair.times


def _widths(pair, places):
    """A tuple under second names, one of them chosen on the way, and a local tuple made anew in each turn."""
    total = 0.0
    same = pair
    for turn in range(places.shape[0]):
        inner = _Pair(same.low, same.high, same.times + turn)
        again = inner
        wide = again if turn % 2 == 0 else pair
        total += _width(wide, places[turn]) + 10.0 * _width(again, places[turn])
    return total


def _steps(values):
    """What a turn of a loop reads from the turn before, after it has assigned anew what that was a name of."""
    total = 0.0
    for turn in range(values.shape[0]):
        new = values[turn] * 2.0
        if turn % 2 == 0:
            last = new
        else:
            total += new * last
    return total


def test_a_tuple_under_second_names_is_the_same_tuple() -> None:
    rng = np.random.default_rng(5)
    pair, places = _Pair(rng.normal(size=9), rng.normal(size=9), 3), rng.integers(0, 9, 20)
    expected = 0.0
    for turn, place in enumerate(places.tolist()):
        width = float(pair.high[place] - pair.low[place])
        expected += width * (3 + turn if turn % 2 == 0 else 3) + 10.0 * (width * (3 + turn))
    assert kernel(_widths)(pair, places) == expected


def test_what_is_left_from_the_turn_before_is_not_what_was_just_assigned(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.array([1.0, 10.0, 100.0, 1000.0])
    assert _steps(values) == kernel(_steps)(values) == 20.0 * 2.0 + 2000.0 * 200.0
    blocks = run_frontend(_steps).blocks  # before numba gives each assignment a name of its own
    assert "last" not in kernel_lowering.names_of_the_same(blocks, lambda name: "number")
    monkeypatch.setattr(kernel_lowering, "_is_before", lambda first, second, dominators: True)
    assert "last" in kernel_lowering.names_of_the_same(blocks, lambda name: "number")


def test_second_names_are_found_and_left_to_numba_where_references_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []
    names = kernel_lowering.names_of_the_same
    monkeypatch.setattr(
        kernel_lowering, "names_of_the_same", lambda *given: (found.append(len(result := names(*given))), result)[1]
    )
    pair = _Pair(np.zeros(2), np.ones(2), 1)
    kernel(_widths)(pair, np.array([0, 1]))
    assert max(found) > 2
    found.clear()
    with lighter():
        assert numba.njit(error_model="numpy")(_steps)(np.array([1.0, 2.0])) == 4.0 * 2.0
    assert found == []


def test_a_part_that_was_compiled_into_a_kernel_can_still_be_called() -> None:
    @kernel_part
    def third(x):
        return x / 3.0

    def two_thirds(x):
        return third(x) + third(x)

    assert kernel(two_thirds)(2.0) == 2.0 / 3.0 + 2.0 / 3.0
    part: Any = third
    assert isinstance(next(iter(part.overloads.values())).entry_point, kernel_parts.PartEntry)
    assert third(2.0) == 2.0 / 3.0
    assert third(1) == 1 / 3.0  # another type, compiled as numba does
    assert kernel(two_thirds)(5.0) == 5.0 / 3.0 + 5.0 / 3.0
