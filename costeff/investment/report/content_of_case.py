"""Puts together what the planner's pages of a case show: every number is computed here or below, none in `present`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np

from costeff.analysis.intervals import interval
from costeff.investment import measures, repricing
from costeff.investment.pockets import transfers
from costeff.investment.report.amounts_of_case import typed_amounts
from costeff.investment.report.belief import belief_content
from costeff.investment.report.budget import budget_content
from costeff.investment.report.content import QUANTILES, AreaRow, CaseContent, ItemRow, Payback, Payer
from costeff.investment.report.department_rows import department_rows
from costeff.investment.report.effect import effect_and_cost, scenarios, spread
from costeff.investment.report.effect_changes import effect_rows
from costeff.investment.report.on_top import on_top_content
from costeff.investment.report.origin import (
    labels_of_parameters,
    notes_of_case,
    notes_of_parameters,
    provenance,
    stamp_of,
    strategy_labels,
    title_of_rules,
)
from costeff.investment.report.split import paid_by
from costeff.investment.report.stated import stated_costs
from costeff.investment.report.target_groups import group_rows
from costeff.labels import Label, same, worded

if TYPE_CHECKING:
    import pandas as pd

    from costeff.investment.result import CaseResultData


SUMS = ("municipal_with_tax", "public")
"""Groups that stand as sums after the parties they add, beside the decider's, where the case has them."""
START_UP = "start_up"
FEWEST, CHANCE = 100, 3.5
"""Draws that a regression on inputs needs, and standard errors from 0 below which a slope is taken for chance."""


def payback_spread(years: np.ndarray) -> Payback:
    """The spread of (D,) payback times: quantiles that are themselves draws, as infinity has no halfway.

    >>> payback_spread(np.array([2.0, 3.0, 3.0, np.inf]))
    Payback(median=3.0, lo=2.0, hi=inf, never=0.25, invests=1.0)
    """
    times = np.sort(years[~np.isnan(years)])
    if not len(times):
        nan = float("nan")
        return Payback(nan, nan, nan, nan, 0.0)
    lo, median, hi = (float(times[_place(q, len(times))]) for q in (0.1, 0.5, 0.9))
    return Payback(median, lo, hi, float(np.isinf(times).mean()), len(times) / len(years))


def _place(share: float, count: int) -> int:
    """Position of the smallest of `count` sorted values that `share` of them do not exceed."""
    return max(int(np.ceil(share * count - 1e-9)) - 1, 0)


def sums(result: CaseResultData) -> list[str]:
    """The groups that stand as sums: the decider's first."""
    return [name for name in dict.fromkeys((result.decider, *SUMS)) if name in result.groups]


def payers(result: CaseResultData) -> list[Payer]:
    """Parties inside society in the order of the groups, each sum after the parties that it adds."""
    rows: list[Payer] = []
    parties_listed: set[str] = set()
    for name in sums(result):
        members = result.groups[name]
        rows += [payer(result, party, result.parties[party], False) for party in members if party not in parties_listed]
        parties_listed |= set(members)
        label = result.labels.get(name) or same(name)
        if len(members) > 1 or (name == result.decider and name not in members):
            rows.append(payer(result, name, label, True))
    inside = result.groups.get("societal", tuple(result.parties))
    rest = [name for name in inside if name not in parties_listed]
    return rows + [payer(result, name, result.parties[name], False) for name in rest]


def payer(result: CaseResultData, name: str, label: Label, total: bool) -> Payer:
    """One row: everything that is said of a party or a sum of parties."""
    path = result.cumulative(name)
    lasting = result.permanent_change(name)
    need, lowest = result.expected_financing(name)
    replicates = result.cash.replicates
    return Payer(
        name=name,
        label=label,
        parties=result.members(name),
        total=total,
        net=result.net(name).mean(axis=0),
        path=path.mean(axis=0),
        fan=np.quantile(path, QUANTILES, axis=0),
        npv=spread(result.npv(name), replicates),
        payback=payback_spread(result.payback(name)),
        payback_discounted=payback_spread(result.payback(name, discounted=True)),
        break_even=result.break_even_probability(name),
        realised=None if result.half is None else result.break_even_probability(name, realised=True),
        need=need,
        need_year=lowest,
        deficit=spread(result.peak_financing(name), replicates),
        permanent=None if np.isnan(lasting).any() else spread(lasting, replicates),
        per_krone=result.expected_return_per_krone(name),
        largest_cost=result.largest_cost(name),
    )


def areas(result: CaseResultData, decider: str) -> list[AreaRow]:
    """The decider's net by budget area and calendar year, start-up apart; areas in which nothing moves are left out."""
    lines, members = result.cash.lines, result.members(decider)
    labels = {area.name: area.label for area in result.case.areas}
    names = dict.fromkeys([*labels, *(line.area for line in lines)])
    rows = []
    for start_up in (False, True):
        for name in names:
            mask = np.array([x.area == name and is_start_up(x.item) == start_up for x in lines])
            net = result.cash.net(members, mask).mean(axis=0)
            if np.any(net):
                lasting = np.nan if result.service.inflow[-1] == 0 else 0.0 if start_up else float(net[-1])
                rows.append(AreaRow(labels.get(name) or _area(name), start_up, net, lasting))
    return rows


def _area(name: str) -> Label:
    """The name of an area that the case does not label; lines on no area of the case are on 'other'."""
    return worded("area_other") if name == "other" else same(name)


def is_start_up(item: str) -> bool:
    """Whether an item is the programme's implementation cost."""
    return START_UP in item


def items(result: CaseResultData, payer_rows: Iterable[Payer]) -> list[ItemRow]:
    """Expected present value of each item for each payer; the programme's own cost first."""
    cash, payer_rows = result.cash, list(payer_rows)
    rows = []
    first: dict[tuple[str, bool], Label] = {}
    for x in cash.lines:
        first.setdefault((x.item, x.programme), x.label)
    for (item, own), label in sorted(first.items(), key=lambda entry: not entry[0][1]):
        mask = np.array([x.item == item and x.programme == own for x in cash.lines])
        movers = {party for x in compress(cash.lines, mask) for party in (x.payer, x.recipient)}
        worth = tuple(
            0.0 if movers.isdisjoint(p.parties) else float((cash.net(p.parties, mask) @ cash.discount).mean())
            for p in payer_rows
        )
        if any(worth):
            rows.append(ItemRow(item, label, own, worth))
    return rows


def regression_tornado(worth: np.ndarray, parameters: Mapping[str, np.ndarray]) -> pd.DataFrame | None:
    """How far each uncertain input moves the expected present value over its 95 % interval, widest first.

    One linear regression of `worth` (D,) on each input (D,); columns as `sensitivity.tornado.tornado_table`. It needs
    no simulation. Inputs within CHANCE standard errors of no slope are left out. None with fewer than FEWEST draws.
    """
    import pandas as pd

    if len(worth) < FEWEST:
        return None
    rows = []
    base = float(worth.mean())
    for name, values in parameters.items():
        x = np.asarray(values, dtype=float).reshape(-1)
        if len(x) != len(worth) or np.ptp(x) == 0:
            continue
        away = x - x.mean()
        slope = float(away @ (worth - base) / (away @ away))
        residuals = worth - base - slope * away
        error = np.sqrt(float(residuals @ residuals) / (len(x) - 2) / float(away @ away))
        if abs(slope) <= CHANCE * error:
            continue
        low, high = (float(q) for q in interval(x))
        ends = [base + slope * (end - float(x.mean())) for end in (low, high)]
        rows.append(
            {
                "name": name,
                "low_value": low,
                "high_value": high,
                "low_result": ends[0],
                "high_result": ends[1],
                "swing": abs(ends[1] - ends[0]),
                "changes_decision": any(end * base < 0 for end in ends),
            }
        )
    names = ["name", "low_value", "high_value", "low_result", "high_result", "swing", "changes_decision"]
    table = pd.DataFrame(rows, columns=names)
    return table.sort_values("swing", ascending=False, ignore_index=True)


def noise_share(result: CaseResultData, parties: Collection[str]) -> float:
    """Share of the spread of the present value between draws that is luck of the simulated citizens; NaN if unknown."""
    if result.half is None or result.draws < 2:
        return float("nan")
    sign = np.array([(x.recipient in parties) * 1.0 - (x.payer in parties) for x in result.cash.lines])
    worth = np.einsum("dhyl,l,y->dh", result.half, sign, result.cash.discount)
    total = float(np.var(measures.npv(result.cash, parties), ddof=1))
    luck = float(np.mean((worth[:, 0] - worth[:, 1]) ** 2)) / 4
    return min(luck / total, 1.0) if total > 0 else 0.0


def case_content(result: CaseResultData) -> CaseContent:
    """Everything on the planner's pages of one case."""
    return with_tables(screen_content(result), result)


def screen_content(result: CaseResultData) -> CaseContent:
    """What says how the case comes out: in words, by year and by department, without the tables behind it."""
    case, payer_rows = result.case, payers(result)
    names = [p.name for p in payer_rows]
    decider = result.decider if result.decider in names else names[0]
    public = "public" if "public" in names else ""
    labels = labels_of_parameters(result)
    programme, comparator = strategy_labels(result)
    return CaseContent(
        title=case.title,
        case=case.name,
        years=result.years,
        price_year=case.price_year,
        currency=result.currency,
        programme=programme,
        comparator=comparator,
        rules=title_of_rules(result),
        view=case.view,
        payers=payer_rows,
        decider=decider,
        public=public,
        areas=(),
        items=(),
        effects=effect_rows(result),
        service=result.service,
        citizens_served=result.citizens_served,
        scenarios=(),
        noise=noise_share(result, result.members(decider)),
        parameter_labels=labels,
        typed=typed_amounts(case, labels),
        stamp=stamp_of(result),
        stated=stated_costs(result),
        municipality=case.municipality,
        price_growth=case.price_index,
        notes=notes_of_case(result),
        departments=department_rows(result, decider),
        belief=belief_content(result, decider, public),
        about=case.about,
        paid_by=paid_by(result),
        on_top=on_top_content(result, decider, public),
    )


def with_tables(content: CaseContent, result: CaseResultData) -> CaseContent:
    """The content of a screen with the tables and figures behind it."""
    decider, public = content.decider, content.public
    curve, heat, smallest, line = effect_and_cost(result.cash, result.without_effect(), result.members(decider))
    transfer_table = transfers(result)
    return replace(
        content,
        areas=areas(result, decider),
        items=items(result, content.payers),
        scenarios=scenarios(result, content.payers, decider, public),
        transfers=[
            (str(x["payer"]), str(x["recipient"]), float(x["amount"])) for x in transfer_table.to_dict("records")
        ],
        shortfall=float(transfer_table.attrs.get("shortfall", 0.0)),
        effect_curve=curve,
        heat=heat,
        smallest_effect=smallest,
        zero_line=line,
        tornado=regression_tornado(result.npv(decider), result.parameters),
        sources=None if result.priced is None else repricing.sources(result),
        differences=None if result.priced is None else repricing.differences(result),
        parameter_notes=notes_of_parameters(result),
        provenance=provenance(result),
        budget=budget_content(result, decider),
        target_groups=group_rows(result, decider, public, partial(effect_rows, result)),
    )
