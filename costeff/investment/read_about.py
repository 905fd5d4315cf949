"""Reads what a case says of itself in words: purpose, target group, owner, risks and what is done about them."""

from __future__ import annotations

from typing import Any

from costeff.investment.case import ABOUT
from costeff.investment.keys import ABOUT_FORM, RISK
from costeff.labels import Label
from costeff.model.formula_section import FormulaSection


def read_about(top: FormulaSection) -> dict[str, Any]:
    """Labels by key of `about`, and `risks`: pairs of a risk and its answer, in the file's order."""
    if not top.has("about"):
        return {}
    block = top.block("about", "`about`")
    block.closed(ABOUT_FORM)
    texts: dict[str, Any] = {key: block.label("", key) for key in ABOUT if block.has(key)}
    if block.has("risks"):
        texts["risks"] = block.listed("risks", "risk", _risk)
    return texts


def _risk(block: FormulaSection) -> tuple[Label, Label]:
    block.closed(RISK)
    block.required("risk")
    block.required("answer")
    return block.label("", "risk"), block.label("", "answer")
