"""What is left out of numba's work changes no result, holds only meanwhile, and only for numba as it was read."""

from __future__ import annotations

import copy

import numba
import numpy as np
import pytest
from numba.core import codegen, inline_closurecall

from costeff.numerics import kernel_compile
from costeff.numerics.kernel_cache import kernel, kernel_outline, kernel_part
from costeff.numerics.kernel_compile import lighter, tried


def _methods() -> tuple[object, object, object]:
    return (
        codegen.CPUCodeLibrary._optimize_functions,
        inline_closurecall.InlineWorker.inline_ir,
        inline_closurecall.copy,
    )


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


def test_a_method_that_takes_something_else_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codegen.CPUCodeLibrary, "_optimize_functions", lambda self, module, level: None)
    assert not tried()


def test_it_holds_only_meanwhile() -> None:
    before = _methods()
    with lighter():
        assert all(new is not old for new, old in zip(_methods(), before, strict=True))
        with lighter():  # a kernel that calls a kernel
            assert inline_closurecall.copy is not copy
        assert inline_closurecall.copy is not copy
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
