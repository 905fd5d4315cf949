"""Values that are hardly meant: a discount rate of 3.5, a ratio of 20, a hazard of 3 a week.

Each is an error unless the parameter says `meant: true`, in its file or where a scenario sets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from costeff.errors import EvidenceError, FormulaError
from costeff.model.amounts import YEAR, schedule
from costeff.model.formulas.dimension import PER_YEAR
from costeff.model.formulas.expression import Expression

if TYPE_CHECKING:
    from costeff.model.data import ModelData

HIGHEST_DISCOUNT_RATE = 0.2
LOWEST_RATIO, HIGHEST_RATIO = 0.1, 10.0
HIGHEST_HAZARD = 1.0
_MARK_HINT = "`meant: true` beside the value if it is"


def problems(model: ModelData, evidence: Any) -> list[EvidenceError]:
    """Parameters of the model whose values are hardly meant, each once."""
    all_problems = [*_discount_rates(model, evidence), *_ratios(evidence), *_hazards(model, evidence)]
    return list({str(p): p for p in all_problems}.values())


def base_values(model: ModelData, evidence: Any) -> dict[str, Any]:
    """Parameters and definitions at their stated values on entry, and tables, as far as they can be worked out."""
    c = model.conventions
    values: dict[str, Any] = {"cycles_per_year": float(c.cycles_per_year), "horizon": float(c.horizon)}
    values |= dict(evidence.tables) | {name: p.value for name, p in evidence.parameters.items()}
    values |= {YEAR: 0.0} | {name: values.get(schedule(model, name)[0][1], 0.0) for name in model.dated}
    for name, formula in model.definitions.items():
        value = value_of(formula, values)
        if value is not None:
            values[name] = value
    return values


def value_of(formula: Expression, values: dict[str, Any]) -> float | None:
    """A formula at given values; None where it cannot be worked out."""
    if not formula.names | formula.table_names <= values.keys():  # told by its error too, which looks for close names
        return None
    try:
        value = formula.evaluate(values)
    except FormulaError:
        return None
    return value if isinstance(value, float) else None


def read_by(formulas: Iterable[Expression], model: ModelData) -> set[str]:
    """The names that formulas read, through definitions too."""
    names, ahead = set[str](), list(formulas)
    while ahead:
        fresh = ahead.pop().names - names
        names |= fresh
        ahead += [model.definitions[name] for name in fresh if name in model.definitions]
    return names


def _discount_rates(model: ModelData, evidence: Any) -> Iterator[EvidenceError]:
    c = model.conventions
    bands = [e for band in c.discount_bands for e in (band.cost, band.effect)]
    formulas = [c.discount_rate_cost, c.discount_rate_effect, *bands]
    values = base_values(model, evidence)
    for formula in formulas:
        rate = value_of(formula, values)
        if rate is None or rate <= HIGHEST_DISCOUNT_RATE:
            continue
        read = [evidence.parameters[n] for n in sorted(read_by([formula], model)) if n in evidence.parameters]
        if any(parameter.meant for parameter in read):
            continue
        names = ", ".join(f"{p.name}: {p.value:g}" for p in read) or formula.text
        mark_hint = _MARK_HINT if read else "a parameter with `meant: true` if it is"
        percent = f"{rate:g} % is {rate / 100:g}; " if rate >= 1 else ""
        yield EvidenceError(
            f"a discount rate of {rate * 100:g} % a year is hardly meant",
            where=read[0].at("value") if read else formula.place,
            value=names,
            rule=f"at most {HIGHEST_DISCOUNT_RATE:g}, that is {HIGHEST_DISCOUNT_RATE * 100:g} % a year",
            way_out=f"{percent}correct it, or write {mark_hint}",
        )


def _ratios(evidence: Any) -> Iterator[EvidenceError]:
    for p in evidence.parameters.values():
        if p.unit != "ratio" or p.meant or p.value == 0 or LOWEST_RATIO <= p.value <= HIGHEST_RATIO:
            continue
        yield EvidenceError(
            f"parameter {p.name!r}: a ratio of {p.value:g} is hardly meant",
            where=p.at("value"),
            value=p.value,
            rule=f"a ratio lies in {LOWEST_RATIO:g} to {HIGHEST_RATIO:g}, or is 0; 1 changes nothing",
            way_out=f"{_percent(p.value)}; correct it, or write {_MARK_HINT}",
        )


def _percent(value: float) -> str:
    """What a ratio typed as a percentage, or as a change, would be.

    >>> _percent(20.0), _percent(0.05)
    ('20 % more is 1.2, 20 % less is 0.8', '5 % more is 1.05, 5 % less is 0.95')
    """
    size = value / 100 if value >= 1 else value
    less = f", {size * 100:g} % less is {1 - size:g}" if size < 1 else ""
    return f"{size * 100:g} % more is {1 + size:g}{less}"


def _hazards(model: ModelData, evidence: Any) -> Iterator[EvidenceError]:
    """Rates and hazards that transitions read, per cycle; a year is long enough for more than one."""
    c = model.conventions
    if c.cycle == "year":
        return
    formulas = [e for t in model.transitions for e in t.formulas]
    formulas += [e for effect in model.strategy_effects if effect.scale == "instead" for e in effect.ratio]
    read = read_by(formulas, model)
    for name in sorted(read & set(evidence.parameters)):
        p = evidence.parameters[name]
        kind, _, time = p.unit.partition(" per ")
        if kind not in ("rate", "hazard") or time not in PER_YEAR or p.meant:
            continue
        per_cycle = p.value * PER_YEAR[time] / c.cycles_per_year
        if per_cycle > HIGHEST_HAZARD:
            yield EvidenceError(
                f"parameter {name!r}: {p.value:g} per {time} is hardly meant as a hazard",
                where=p.at("value"),
                value=p.value,
                rule=f"at most {HIGHEST_HAZARD:g} per cycle: at {per_cycle:.3g} per {c.cycle} hardly anybody stays",
                way_out=f"a share of 3 % a {time} is 0.03; correct value or unit, or write {_MARK_HINT}",
            )
