"""Budget impact: the whole target group, today's mix of programme and usual care against a new one, undiscounted.

The same simulations and prices as an investment case: the money of everybody under usual care, and on top of it what
the programme changes for those who take it up under either mix. Sizes: D draws, Y calendar years, L lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from costeff.analysis.intervals import interval
from costeff.errors import ResultError, ScenarioError
from costeff.investment.case import QUARTERS, Case
from costeff.investment.case_figures import Parties
from costeff.investment.cash import CashFlow, CashLine
from costeff.investment.result import CaseResultData
from costeff.model.formulas.expression import Expression

if TYPE_CHECKING:
    import pandas as pd

YEARS = 5
MIXES = ("current", "new")


@dataclass(frozen=True)
class Mixes:
    """The cases behind a budget impact. `whole` serves everybody, for their money under usual care; a mix in which
    nobody is served needs no case (None)."""

    whole: Case
    current: Case | None
    new: Case | None
    target: tuple[float, ...]
    uptake: Mapping[str, tuple[float, ...]]

    @property
    def cases(self) -> tuple[Case, ...]:
        """Those to be run, in order: whole, current, new."""
        return tuple(c for c in (self.whole, self.current, self.new) if c is not None)


@dataclass(frozen=True, eq=False)
class BudgetImpact:
    """Payments of the whole target group under both mixes, undiscounted.

    `current` and `new` (D, Y, L). `target` citizens enter the target group each year, of whom the share `uptake` is
    offered the programme and takes it; `served` begin it. All (Y,) by mix.
    """

    years: tuple[int, ...]
    lines: tuple[CashLine, ...]
    current: np.ndarray
    new: np.ndarray
    target: np.ndarray
    uptake: Mapping[str, np.ndarray]
    served: Mapping[str, np.ndarray]
    price_year: int
    result: CaseResultData  # names of parties and groups

    def spending(self, parties: Parties, mix: str = "new") -> np.ndarray:
        """Net spending of `parties` together under a mix, (D, Y): paid less received."""
        if mix not in MIXES:
            raise ResultError("unknown mix", value=mix, rule=f"one of {', '.join(MIXES)}")
        members = self.result.members(parties)
        sign = np.array([(x.payer in members) * 1.0 - (x.recipient in members) for x in self.lines])
        return np.asarray((self.current if mix == "current" else self.new) @ sign)

    def net(self, parties: Parties) -> np.ndarray:
        """Budget impact for `parties` together, (D, Y): + is less spending under the new mix, a gain."""
        savings: np.ndarray = self.spending(parties, "current") - self.spending(parties, "new")
        return savings

    def table(self, parties: Sequence[str] | None = None) -> pd.DataFrame:
        """Expected money by party or group and year, and in all (`year` 0): `current` and `new` net spending, `impact`
        with a 95 % interval (`lo`, `hi`) and the `probability` that it is a saving."""
        import pandas as pd

        rows = []
        for name in parties if parties is not None else (*self.result.groups, *self.result.parties):
            before, after = (self.spending(name, mix) for mix in MIXES)
            for year, pick in [*((y, slice(i, i + 1)) for i, y in enumerate(self.years)), (0, slice(None))]:
                b, a = before[:, pick].sum(axis=1), after[:, pick].sum(axis=1)
                low, high = interval(b - a)
                rows.append(
                    {
                        "party": name,
                        "year": year,
                        "current": float(b.mean()),
                        "new": float(a.mean()),
                        "impact": float((b - a).mean()),
                        "lo": float(low),
                        "hi": float(high),
                        "probability": float((b - a > 0).mean()),
                    }
                )
        return pd.DataFrame(rows)

    def citizens(self) -> pd.DataFrame:
        """By year: the target group, uptake and citizens served under both mixes."""
        import pandas as pd

        columns = {"year": self.years, "target": self.target}
        for mix in MIXES:
            columns |= {f"uptake_{mix}": self.uptake[mix], f"served_{mix}": self.served[mix]}
        return pd.DataFrame(columns)


def uptake_curve(start: float, end: float, over: int, years: int = YEARS) -> tuple[float, ...]:
    """Uptake by year: from `start` in the first year by equal steps to `end` after `over` years, then level.

    >>> uptake_curve(0.1, 0.4, 3), uptake_curve(0.2, 0.2, 0, 2)
    ((0.1, 0.2, 0.3, 0.4, 0.4), (0.2, 0.2))
    """
    steps = [min(y / over, 1.0) if over > 0 else 1.0 for y in range(years)]
    return tuple(round(start + (end - start) * step, 12) for step in steps)


def mixes(case: Case, target: Sequence[float], new: Sequence[float], current: Sequence[float] | float = 0.0) -> Mixes:
    """The cases of a budget impact over as many calendar years as `target` has figures (five is usual).

    `target` citizens enter the target group each year, evenly through it; `current` and `new` are the shares who take
    the programme by year. Programme, capacity, rules and prices are the case's; where the programme runs already, its
    start-up is paid under the new mix only. Raises ScenarioError for shares outside 0-1, a negative number of citizens,
    or more years than the case has.
    """
    years = len(target)
    now = (float(current),) * years if isinstance(current, int | float) else tuple(current)
    if not 1 <= years <= case.years:
        raise ScenarioError(
            "the budget impact runs past the case",
            value=years,
            rule=f"1 to {case.years} calendar years",
            way_out="give the case more `years`",
        )
    for name, curve in (("current", now), ("new", tuple(new))):
        if len(curve) != years or not all(0 <= u <= 1 for u in curve):
            raise ScenarioError(
                f"the uptake of the {name} mix is not a share for each year",
                value=list(curve),
                rule=f"{years} numbers from 0 to 1",
                way_out="give one per calendar year of the target group",
            )
    if not all(np.isfinite(n) and n >= 0 for n in target) or not any(target):
        raise ScenarioError(
            "the target group is not a number of citizens", value=list(target), rule="0 or more each year, not all 0"
        )

    def of(uptake: tuple[float, ...], without_start_up: bool) -> Case | None:
        if not any(n * u for n, u in zip(target, uptake, strict=True)):
            return None
        start_costs = case.programme.start_up
        start_up = (
            {y: Expression(f"0 * ({f.text})", f.place) for y, f in start_costs.items()}
            if without_start_up
            else start_costs
        )
        capacity = case.capacity
        return replace(
            case,
            years=years,
            inflow=tuple(n / QUARTERS for n in target for _ in range(QUARTERS)),
            uptake=uptake,
            fidelity=case.fidelity[:years],
            programme=replace(case.programme, start_up=start_up),
            capacity=replace(capacity, consultants=capacity.consultants[:years]) if capacity else None,
        )

    whole = of((1.0,) * years, True)
    assert whole is not None
    if whole.capacity is not None:  # only their usual care is read from it: places for all, so that nobody waits
        room = tuple(1e3 + n for n in target)
        whole = replace(whole, capacity=replace(whole.capacity, consultants=room))
    return Mixes(whole, of(now, True), of(tuple(new), False), tuple(target), {"current": now, "new": tuple(new)})


def budget_impact(mix_cases: Mixes, results: Sequence[CaseResultData]) -> BudgetImpact:
    """The budget impact, from the results of `mix_cases.cases` in order, made with the same draws and luck."""
    if len(results) != len(mix_cases.cases):
        raise ResultError(
            "results are missing", value=len(results), rule=f"one for each of {len(mix_cases.cases)} cases"
        )
    whole, *rest = results
    following = iter(rest)
    by_mix = {mix: next(following) if getattr(mix_cases, mix) is not None else None for mix in MIXES}
    flows = [r.cash for r in (whole, *by_mix.values()) if r is not None]
    keys = list(dict.fromkeys(_key(x) for cash in flows for x in cash.lines))
    lines = {_key(x): x for cash in reversed(flows) for x in cash.lines}
    usual = _placed(whole.cash, whole.cash.usual, keys)
    years, nobody = whole.years, np.zeros(len(whole.years))
    money, starts = {}, {}
    for mix, result in by_mix.items():
        change = np.zeros_like(usual)
        if result is not None:
            change = _placed(result.cash, result.cash.programme - result.cash.usual, keys)
        money[mix] = usual + change
        starts[mix] = nobody if result is None else np.asarray(result.service.served)
    return BudgetImpact(
        years=years,
        lines=tuple(lines[key] for key in keys),
        current=money["current"],
        new=money["new"],
        target=np.array(mix_cases.target),
        uptake={mix: np.array(mix_cases.uptake[mix]) for mix in MIXES},
        served=starts,
        price_year=whole.cash.price_year,
        result=whole,
    )


def _key(line: CashLine) -> tuple[str, str, str, bool]:
    return line.item, line.payer, line.recipient, line.programme


def _placed(cash: CashFlow, array: np.ndarray, keys: Sequence[tuple[str, str, str, bool]]) -> np.ndarray:
    """(D, Y, keys): the lines of `array` in the order of `keys`, 0 where there are none."""
    out = np.zeros((*array.shape[:2], len(keys)))
    for i, line in enumerate(cash.lines):
        out[:, :, keys.index(_key(line))] += array[:, :, i]
    return out
