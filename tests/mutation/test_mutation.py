"""Faults are put in as they are meant to be, and the written result is that of the present code."""

from __future__ import annotations

import re

import pytest
from mutation.mutate import LEAST_CAUGHT, RESULT, digests, reasons
from mutation.small_faults import mutants

CODE = """
'''A docstring with 1 + 1.'''
LIMIT = 2

def f(x: int = 3, *, deep: bool = False) -> float:
    '''Another, with a < b.'''
    if x < LIMIT and not deep:
        raise ValueError(f"{x} + {1 + 1}")
    return -x / 2 if deep else x
"""


def test_each_expression_is_changed_once_and_messages_are_not() -> None:
    assert [mutant.name for mutant in mutants(CODE)] == [
        ": `2` -> `3`",
        "f: `False` -> `True`",
        "f: `3` -> `4`",
        "f: `x < LIMIT and (not deep)` -> `x < LIMIT or not deep`",
        "f: `x < LIMIT` -> `x <= LIMIT` in `x < LIMIT and (not deep)`",
        "f: `not deep` -> `deep` in `x < LIMIT and (not deep)`",
        "f: `-x / 2 if deep else x` -> `-x / 2 if not deep else x`",
        "f: `-x / 2` -> `-x * 2` in `-x / 2 if deep else x`",
        "f: `-x` -> `x` in `-x / 2 if deep else x`",
        "f: `2` -> `3` in `-x / 2 if deep else x`",
    ]


def test_a_changed_text_is_the_change_and_nothing_else() -> None:
    first = next(iter(mutants(CODE)))
    names: dict[str, object] = {}
    exec(compile(first.tree, "changed", "exec"), names)
    assert names["LIMIT"] == 3
    with pytest.raises(ValueError, match=r"2 \+ 2"):
        names["f"](2)  # type: ignore[operator]


def test_the_result_is_of_the_present_code() -> None:
    """Run `nox -s mutate` after a change of the ledger or the measures, and commit what it writes."""
    text = RESULT.read_text("utf-8")
    rows = re.findall(r"^\| (costeff\S+) \| (\w+) \| (\d+) \| (\d+) \|$", text, re.M)
    assert "costeff.investment.measures" in [module for module, *_ in rows]
    assert {module: digest for module, digest, *_ in rows}.items() <= digests().items()
    faults, caught = (sum(int(row[column]) for row in rows) for column in (2, 3))
    assert caught >= LEAST_CAUGHT * faults
    alive = re.findall(r"^- (.+)$", text, re.M)
    assert len(alive) == faults - caught
    assert [name for name in alive if name not in reasons()] == []
