"""The section `delivery` of a model file: by strategy, the ordered stages in which its programme is delivered."""

from __future__ import annotations

from costeff.documents.values import plain
from costeff.model import keys
from costeff.model.delivery import ONE, ZERO, Delivery, Stage
from costeff.model.formula_section import FormulaSection
from costeff.model.formulas.expression import Expression
from costeff.model.sections import formula_map


def delivery(name: str, block: FormulaSection) -> Delivery:
    """The delivery of one strategy, as a file states it."""
    block.closed(keys.DELIVERY)
    return Delivery(
        name,
        block.texts("in", mandatory=True),
        block.texts("legs", mandatory=True),
        _ratios(block),
        block.formula("trial_dose"),
        block.named("stages", "stage", _stage),
        block.place,
    )


def _ratios(block: FormulaSection) -> dict[str, Expression]:
    """One ratio for all under the name '', or one for each category."""
    by_category = isinstance(plain(block.required("ratio")), dict)
    return formula_map(block, "ratio") if by_category else {"": block.formula("ratio")}


def _stage(name: str, block: FormulaSection) -> Stage:
    block.closed(keys.STAGE)
    if block.has("rate") and block.has("delay"):
        rule = "a stage is waited for at a `rate` per cycle, or for a known `delay` in cycles"
        block.refuse("rate", f"{block.name} has both", rule, "keep exactly one")
    costs = block.block("costs", f"`costs` of {block.name}") if block.has("costs") else None
    return Stage(
        name,
        block.label(name),
        block.formula("dose"),
        block.optional_formula("probability") or ONE,
        block.optional_formula("rate"),
        block.optional_formula("delay") or ZERO,
        block.optional_formula("drop_out") or ZERO,
        {str(party): costs.formula(party) for party in costs.data} if costs is not None else {},
        block.place,
    )
