"""Reads who pays for a case's programme: each department's share, and its own name where the case gives one."""

from __future__ import annotations

from costeff.documents.values import plain
from costeff.investment.keys import DEPARTMENT
from costeff.labels import Label
from costeff.model.formula_section import FormulaSection
from costeff.model.formulas.expression import Expression

REST = "rest"


def read_departments(programme: FormulaSection) -> tuple[dict[str, Expression], dict[str, Label]]:
    """Share and own label by department. An entry is a share, `rest`, or `{share: ..., label: ...}`."""
    block = programme.block("departments", "`departments`")
    shares: dict[str, Expression] = {}
    labels: dict[str, Label] = {}
    rest: list[str] = []
    for name, raw in block.data.items():
        inner, key = block, name
        if isinstance(plain(raw), dict):
            inner, key = block.block(name, f"department '{name}'"), "share"
            inner.closed(DEPARTMENT)
            if inner.has("label"):
                labels[str(name)] = inner.label(str(name))
        if inner.required(key) == REST:
            rest.append(str(name))
            shares[str(name)] = Expression("0", inner.place_of(key))  # what is left is known when all are read
        else:
            shares[str(name)] = inner.formula(key)
    if len(rest) > 1:
        block.refuse(rest[1], "two departments take the rest", "at most one `rest`", "write a share")
    _add_up(programme, shares, bool(rest))
    if rest:
        others = " - ".join(f"({share.text})" for name, share in shares.items() if name != rest[0])
        shares[rest[0]] = Expression(f"1 - {others}" if others else "1", shares[rest[0]].place)
    return shares, labels


def _add_up(programme: FormulaSection, shares: dict[str, Expression], rest: bool) -> None:
    """Refuse shares below 0 and shares that do not add up to 1, where that is known before anything is drawn."""
    for name, share in shares.items():
        if share.is_constant and float(share.evaluate({})) < 0:
            programme.refuse(
                "departments",
                f"the share of '{name}' is negative",
                "shares are 0 or more and add up to 1",
                "correct it",
            )
    if not all(share.is_constant for share in shares.values()):
        return
    total = sum(float(share.evaluate({})) for share in shares.values())
    if abs(total - 1) > 1e-9 and (not rest or total > 1):
        way_out = "correct them, or write `rest` for one"
        if abs(total - 100) < 1e-9:
            way_out = "write 0.4 for 40 %"
        programme.refuse(
            "departments", "the departments' shares do not add up to 1", f"shares add up to 1, not {total:g}", way_out
        )
