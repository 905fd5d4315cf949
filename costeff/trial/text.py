"""The trial's data for the terminal and as JSON: the plan, the quality of an extract, what the groups had, the lens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from costeff.catalogue import say
from costeff.labels import Label
from costeff.model.model import Model
from costeff.reporting.numbers import write_money, write_number, write_percent
from costeff.trial.lens import Lens
from costeff.trial.plan import AnalysisPlan
from costeff.trial.process import Share, hidden
from costeff.trial.programme_cost import UNUSED_HOURS, ProgrammeCost
from costeff.trial.quality import Quality, Refusals
from costeff.trial.results import TrialResults

LEVEL = 1.959963984540054
FEW_ITEMS = 12


def plan_lines(plan: AnalysisPlan, lens: Lens, language: str) -> list[str]:
    """Which plan an output follows: its name, hash, date and deviations, and whether the codes are verified."""
    lines = [
        say(
            "trial_plan",
            language,
            title=plan.title[language],
            hash=plan.short_hash(),
            date=plan.date_of_plan.isoformat(),
        )
    ]
    if plan.date_opened is not None:
        key = "trial_opened" if plan.date_opened > plan.date_of_plan else "trial_opened_before"
        lines.append(say(key, language, date=plan.date_opened.isoformat()))
    lines += [
        say("trial_deviation", language, what=one.what, why=one.why, date=one.since) for one in plan.deviations
    ] or [say("trial_no_deviations", language)]
    if not lens.codes_verified:
        lines.append(say("trial_unverified", language, lens=lens.title[language]))
    return lines


def printed_quality(quality: Quality, plan: AnalysisPlan, lens: Lens, language: str) -> str:
    """The quality of an extract: files, rows, what was refused and where first. Counts only, groups pooled."""
    lines = [*plan_lines(plan, lens, language), ""]
    rows = []
    for name, one in quality.files.items():
        rows.append([one.file or name, str(one.rows), str(sum(one.counts.values()))])
    heads = [say(f"trial_{key}", language) for key in ("file", "rows", "refused")]
    lines.append(table(heads, rows))
    for one in quality.files.values():
        lines += refused_lines(one, lens, language)
    facts = quality.facts
    lines.append("")
    lines.append(say("trial_weeks_from_to", language, first=facts["first_week"], last=facts["last_week"]))
    lines.append(
        say(
            "trial_people_facts", language, people=facts["people"], full=facts["followed_in_full"], weeks=plan.follow_up
        )
    )
    lines.append(
        say(
            "trial_lost",
            language,
            dead=small(int(facts["dead"]), plan.smallest_cell),
            emigrated=small(int(facts["emigrated"]), plan.smallest_cell),
        )
    )
    lines.append(say("trial_nothing_repaired", language))
    return "\n".join(lines)


def refused_lines(refusals: Refusals, lens: Lens, language: str) -> list[str]:
    """What was refused of one file, by kind, count and first line; codes that the lens does not know."""
    lines = []
    for kind, count in refusals.counts.items():
        words = say(f"trial_refused_{kind}", language)
        first = refusals.first[kind]
        lines.append(say("trial_refusal", language, file=refusals.file, count=count, kind=words, line=first))
    if refusals.unknown_codes:
        codes = ", ".join(sorted(refusals.unknown_codes)[:20])
        lines.append(say("trial_unknown_codes", language, codes=codes, lens=lens.name))
    return lines


def printed_results(
    results: TrialResults, plan: AnalysisPlan, lens: Lens, model: Model, language: str, blind: bool = False
) -> str:
    """End points by group, money by party, programme, process; small counts are hidden."""
    parts = ["\n".join(plan_lines(plan, lens, language))]
    names = {name: _group_name(plan, model, name, i, blind, language) for i, name in enumerate(plan.strategies)}
    parts.append(say("trial_end_points", language) + "\n" + _end_points(results, plan, names, language))
    if results.not_worked_out:
        points = {one.name: one.label[language] for one in plan.end_points}
        parts.append("\n".join(f"{points[name]}: {say(why, language)}" for name, why in results.not_worked_out.items()))
    parts.append(say("trial_parties", language, weeks=52) + "\n" + _parties(results, model, names, language))
    for name, cost in results.registrations.items():
        parts.append(_programme(cost, names[name], plan, model, language))
    for name, milestones in results.milestones.items():
        parts.append(_process(results, plan, milestones, name, names[name], language))
    parts.append("\n".join(_notes(results, plan, model, language)))
    return "\n\n".join(parts)


def printed_lens(
    items: Mapping[str, tuple[float, float]], plan: AnalysisPlan, lens: Lens, model: Model, people: int, language: str
) -> str:
    """What the register does not see, by item, in simulated lives."""
    labels = {flow.item: flow.label for flow in model.flows}
    rows = [
        [
            labels[item][language],
            _money(as_lived, model, language),
            _money(as_seen, model, language),
            _money(as_seen - as_lived, model, language),
        ]
        for item, (as_lived, as_seen) in list(items.items())[:FEW_ITEMS]
    ]
    heads = [say(key, language) for key in ("trial_item", "trial_as_lived", "trial_as_seen", "trial_difference")]
    first = say("trial_lens_head", language, lens=lens.title[language], people=people, weeks=52)
    return "\n".join([*plan_lines(plan, lens, language), "", first, table(heads, rows)])


def as_json(results: TrialResults, plan: AnalysisPlan) -> dict[str, Any]:
    """The results as data, small counts hidden, with the plan's hash and deviations."""

    def share(one: Share) -> dict[str, Any]:
        if hidden(one, plan.smallest_cell):
            return {"count": None, "people": one.people, "hidden": f"fewer than {plan.smallest_cell}"}
        return {**asdict(one), "share": one.share}

    values = [asdict(v) for v in results.values if v.people >= plan.smallest_cell]
    return {
        "plan": {
            "name": plan.name,
            "hash": plan.hash,
            "dated": plan.date_of_plan.isoformat(),
            "deviations": [asdict(one) for one in plan.deviations],
        },
        "values": values,
        "differences": [asdict(d) for d in results.differences if d.people >= 2 * plan.smallest_cell],
        "not_worked_out": dict(results.not_worked_out),
        "parties": results.parties,
        "items": results.items,
        "registered": {name: asdict(one) for name, one in results.registrations.items()},
        "process": {
            group: {step: share(s) for step, s in milestones.items()}
            for group, milestones in results.milestones.items()
        },
        "process_by_quarter": {
            group: {f"{quarter} {step}": share(s) for (quarter, step), s in milestones.items()}
            for group, milestones in results.by_quarter.items()
        },
        "links": {
            group: {f"{before} -> {after}": share(s) for (before, after), s in links.items()}
            for group, links in results.links.items()
        },
        "doses": {group: {name: share(s) for name, s in doses.items()} for group, doses in results.doses.items()},
        "health_care": results.care,
        "health_care_missing": list(results.care_missing),
        "ambiguous_moves": list(results.ambiguous),
        "drawn_attributes": list(results.drawn_attributes),
    }


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side, the first to the left."""
    widths = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(heads))]
    lines = [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in (heads, *rows)
    ]
    return "\n".join(line.rstrip() for line in lines)


def small(count: int, smallest: int) -> str:
    """A count, or that it is too small to be shown.

    >>> small(0, 5), small(3, 5), small(12, 5)
    ('0', '<5', '12')
    """
    return f"<{smallest}" if 0 < count < smallest else str(count)


def _group_name(plan: AnalysisPlan, model: Model, name: str, place: int, blind: bool, language: str) -> str:
    if blind:
        return say("trial_group", language, letter=chr(ord("A") + place))
    return str(model.find("strategies", name).label[language])


def _end_points(results: TrialResults, plan: AnalysisPlan, names: Mapping[str, str], language: str) -> str:
    labels = {one.name: one.label[language] + (" *" if one.primary else "") for one in plan.end_points}
    rows: dict[tuple[str, str], list[str]] = {}
    for one in results.values:
        key = (one.end_point, one.measure)
        cell = f"{_plain(one.value, one.error, one.measure, language)} (n {one.people})"
        rows.setdefault(key, []).append(cell if one.people >= plan.smallest_cell else f"n <{plan.smallest_cell}")
    for difference in results.differences:
        low, high = (difference.value + sign * LEVEL * difference.error for sign in (-1, 1))
        limits = "; ".join(_plain(end, difference.error, difference.measure, language) for end in (low, high))
        cell = f"{_plain(difference.value, difference.error, difference.measure, language)} ({limits})"
        rows[difference.end_point, difference.measure].append(
            cell if difference.people >= 2 * plan.smallest_cell else ""
        )
    heads = [say("trial_end_point", language), *names.values(), say("trial_difference_interval", language)]
    body = [
        [f"{labels[point]}: {say(f'trial_measure_{measure}', language)}", *cells]
        for (point, measure), cells in rows.items()
    ]
    return table(heads, body) + "\n" + say("trial_primary", language)


def _plain(value: float, error: float, measure: str, language: str) -> str:
    if measure == "share":
        return write_percent(value, language, decimals=1)
    return write_number(value, language, error=error / 10 if error == error and error else None)


def _parties(results: TrialResults, model: Model, names: Mapping[str, str], language: str) -> str:
    labels: dict[str, Label] = {party.name: party.label for party in model.parties}
    rows = []
    for party in next(iter(results.parties.values())):
        amounts = [results.parties[name][party] for name in names]
        change = amounts[-1] - amounts[0]
        rows.append([labels[party][language], *(_money(x, model, language) for x in [*amounts, change])])
    heads = [say("trial_party", language), *names.values(), say("trial_difference", language)]
    return table(heads, rows)


def _programme(cost: ProgrammeCost, name: str, plan: AnalysisPlan, model: Model, language: str) -> str:
    rows = [[_kind(kind, plan, language), _money(x, model, language), ""] for kind, x in cost.variable.items() if x]
    rows += [[_kind(kind, plan, language), "", _money(x, model, language)] for kind, x in cost.fixed.items() if x]
    total = [sum(cost.variable.values()), sum(cost.fixed.values())]
    rows.append([say("trial_total", language), *(_money(x, model, language) for x in total)])
    heads = [say("trial_work", language), say("trial_variable", language), say("trial_fixed", language)]
    each = _money(cost.per_citizen, model, language)
    return (
        say("trial_registered", language, group=name)
        + "\n"
        + table(heads, rows)
        + "\n"
        + say("trial_per_citizen", language, amount=each, citizens=cost.citizens)
    )


def _kind(kind: str, plan: AnalysisPlan, language: str) -> str:
    if kind == UNUSED_HOURS or plan.registration is None:
        return say("trial_unused_capacity", language)
    return str(plan.registration.labels[kind][language])


def _process(
    results: TrialResults, plan: AnalysisPlan, milestones: Mapping[str, Share], name: str, label: str, language: str
) -> str:
    labels = {one.name: one.label[language] for one in plan.process}
    rows = [[labels[step], *_share(one, plan.smallest_cell, language)] for step, one in milestones.items()]
    for (before, after), one in results.links[name].items():
        rows.append(
            [
                say("trial_link", language, before=labels[before], after=labels[after]),
                *_share(one, plan.smallest_cell, language),
            ]
        )
    rows.append([say("trial_fidelity", language), *_share(results.fidelity[name], plan.smallest_cell, language)])
    heads = [say("trial_step", language), say("trial_count", language), say("trial_share", language), "95 %"]
    return say("trial_process", language, group=label) + "\n" + table(heads, rows)


def _share(one: Share, smallest: int, language: str) -> list[str]:
    if hidden(one, smallest):
        return [say("trial_hidden", language, smallest=smallest), "", ""]
    ends = "–".join(str(write_percent(x, language)) for x in (one.low, one.high))
    return [f"{one.count}/{one.people}", str(write_percent(one.share, language)), ends]


def _notes(results: TrialResults, plan: AnalysisPlan, model: Model, language: str) -> list[str]:
    notes = [say("trial_sampling_error", language)]
    if results.care_missing:
        kinds = ", ".join(plan.health_care[kind][1][language] for kind in results.care_missing)
        notes.append(say("trial_care_missing", language, kinds=kinds))
    if results.ambiguous:
        notes.append(say("trial_ambiguous", language, moves="; ".join(results.ambiguous)))
    if results.drawn_attributes:
        notes.append(say("trial_drawn", language, names=", ".join(results.drawn_attributes)))
    return notes


def _money(amount: float, model: Model, language: str) -> str:
    return write_money(round(amount), language, currency=model.conventions.currency)
