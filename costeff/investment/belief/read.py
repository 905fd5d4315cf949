"""Reads the section `effect` of a case: what is so today, and what is believed of the programme."""

from __future__ import annotations

import re

from costeff.documents.numerals import read
from costeff.documents.values import as_text
from costeff.investment.belief.belief import MEASURES, Belief, Guess
from costeff.investment.belief.keys import EFFECT
from costeff.model.formula_section import FormulaSection

_PERCENT = re.compile(r"([0-9.,]+)\s*(?:%|pct\.?|procent)")
MEAN_WITHIN = 104
"""Weeks beyond which nobody is counted in a mean, where the case names none."""


def read_belief(top: FormulaSection) -> Belief | None:
    """The belief of a case; None where it has none. Raises ScenarioError for a number that cannot be what it is said
    to be.
    """
    if not top.has("effect"):
        return None
    block = top.block("effect", "`effect`")
    block.closed(EFFECT)
    measure = block.choice("measure", MEASURES)
    if measure == "share" and not block.has("weeks"):
        block.refuse(
            "weeks",
            "a share back, and not after how many weeks",
            "a share is of the citizens who are back after so many weeks",
            "add `weeks: 26`, or the weeks that your figure counts",
        )
    if measure == "median" and block.has("weeks"):
        block.refuse(
            "weeks",
            "`weeks` beside a median",
            "the median is itself the week by which half are back",
            "remove `weeks`, or write `measure: share`",
        )
    weeks = block.whole("weeks", MEAN_WITHIN, least=1)
    today = _guess(block, measure, weeks, "today")
    programme = _guess(block, measure, weeks, "programme")
    for end in ("low", "high"):
        if not block.has(f"programme_{end}"):
            block.refuse(
                f"programme_{end}",
                f"the belief has no `programme_{end}`",
                "a belief comes with how far it may be wrong: in 1 case of 10 lower, in 1 of 10 higher",
                f"add `programme_{end}: ...`",
            )
    return Belief(
        parameter=block.text("ratio", "hr_self_support"),
        passage=block.text("passage", "return_to_work"),
        measure=measure,
        weeks=weeks,
        today=today,
        programme=programme,
        others=block.choice("other_effects", ("none", "evidence"), "none") == "evidence",
    )


def _guess(block: FormulaSection, measure: str, weeks: int, key: str) -> Guess:
    value = _figure(block, measure, weeks, key)
    low, high = (
        _figure(block, measure, weeks, f"{key}_{end}") if block.has(f"{key}_{end}") else value
        for end in ("low", "high")
    )
    if not low <= value <= high:
        block.refuse(
            f"{key}_low",
            f"`{key}` does not lie between its low and high",
            f"{key}_low is at most {key}, and {key}_high at least",
            "correct the figures: the low is the smaller number, also of weeks",
        )
    return Guess(value, low, high)


def _figure(block: FormulaSection, measure: str, weeks: int, key: str) -> float:
    percent = _percent(block, key) if measure == "share" else None
    value = block.number(key) if percent is None else percent
    if measure == "share":
        if not 0 < value < 1:
            way_out = f"write {value / 100:g} for {value:g} %" if 1 <= value < 100 else "write for example 0.55"
            block.refuse(key, f"`{key}` is not a share", "a share above 0 and below 1", way_out)
        return value
    block.document.sure(block.data.get(key), f"`{key}`", block.line_of(key))
    most = weeks if measure == "mean" else 520
    if not 0 < value < most:
        rule = f"weeks above 0 and below {most}"
        if measure == "mean":
            rule += ", beyond which nobody is counted in the mean"
        block.refuse(key, f"`{key}` cannot be so many weeks", rule, "correct it, or count further with `weeks`")
    return value


def _percent(block: FormulaSection, key: str) -> float | None:
    """A share that was written as `55 %`; None for what was not."""
    match = _PERCENT.fullmatch(str(as_text(block.data[key])).strip()) if block.has(key) else None
    number = None if match is None else read(match[1], block.document.numbers or "en")
    return None if number is None else number / 100
