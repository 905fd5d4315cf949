"""Amounts by person and date in words: which values change on a date, and which amounts are counted one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from costeff.model.amounts import counted
from costeff.model.describe_words import Words
from costeff.model.formulas.expression import Expression

if TYPE_CHECKING:
    from costeff.model.model import Model


def dated_lines(model: Model, say: Words) -> Iterator[str]:
    """Each value by date with its dates and the parameters that stand for it."""
    for name, steps in model.dated.items():
        changes = ", ".join(say("dated_from", parameter=parameter, date=date.isoformat()) for date, parameter in steps)
        yield f"{name}: {changes}"


def counted_mark(model: Model, formulas: list[Expression], say: Words) -> str:
    """That an amount is counted person by person; '' for one that prices time and events afterwards."""
    return say("counted") if any(counted(model, formula) for formula in formulas) else ""
