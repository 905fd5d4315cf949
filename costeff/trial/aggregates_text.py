"""Tables of counts for the terminal: what was read and refused; hazards and statuses with intervals of sampling."""

from __future__ import annotations

from math import exp, log, sqrt

from costeff.catalogue import say
from costeff.model.model import Model
from costeff.reporting.numbers import write_number, write_percent
from costeff.trial.aggregates import Aggregates, Move
from costeff.trial.lens import Lens
from costeff.trial.plan import AnalysisPlan
from costeff.trial.quality import Refusals
from costeff.trial.text import LEVEL, plan_lines, refused_lines, table


def printed_counts(
    counts: Aggregates, refusals: Refusals, plan: AnalysisPlan, lens: Lens, model: Model, language: str
) -> str:
    """What a table of counts holds: rows read and refused, then each move or status by group."""
    lines = [*plan_lines(plan, lens, language), ""]
    lines.append(
        say(
            "trial_counts_read",
            language,
            file=refusals.file,
            rows=refusals.rows,
            refused=sum(refusals.counts.values()),
            hidden=sum(m.count is None for m in counts.moves.values())
            + sum(s is None for s in counts.statuses.values()),
            smallest=counts.smallest,
        )
    )
    lines += refused_lines(refusals, lens, language)
    if counts.moves:
        lines += ["", _moves(counts, plan, model, language)]
    if counts.statuses:
        lines += ["", _statuses(counts, model, language)]
    lines += ["", say("trial_sampling_error", language)]
    return "\n".join(lines)


def hazard_ratio(programme: Move | None, usual: Move | None) -> tuple[float, float, float] | None:
    """(ratio of two hazards, its 95 % interval on the log scale), counts being Poisson; None where one is 0 or hidden.

    >>> ratio, low, high = hazard_ratio(Move(100, 1000.0), Move(25, 500.0))
    >>> ratio, round(low, 4), round(high, 4)                                     # 2 and exp(+-1.96 sqrt(1/100 + 1/25))
    (2.0, 1.2903, 3.1)
    """
    if programme is None or usual is None or not programme.count or not usual.count:
        return None
    ratio = programme.hazard / usual.hazard
    half = LEVEL * sqrt(1 / programme.count + 1 / usual.count)
    return ratio, exp(log(ratio) - half), exp(log(ratio) + half)


def _moves(counts: Aggregates, plan: AnalysisPlan, model: Model, language: str) -> str:
    states = {state.name: state.label[language] for state in model.states}
    groups = list(dict.fromkeys(group for group, _, _ in counts.moves))
    usual, programme = plan.strategies[0], plan.strategies[-1]
    rows = []
    for source, target in dict.fromkeys((source, target) for _, source, target in counts.moves):
        own = {group: counts.moves.get((group, source, target)) for group in groups}
        cells = [_move(move, counts.smallest, language) for move in own.values()]
        ratio = hazard_ratio(own.get(programme), own.get(usual))
        cells.append("" if ratio is None else _interval(ratio, language))
        rows.append([f"{states[source]} → {states[target]}", *cells])
    heads = [say("trial_move", language), *(_group(group, model, language) for group in groups)]
    return say("trial_moves", language) + "\n" + table([*heads, say("trial_hazard_ratio", language)], rows)


def _move(move: Move | None, smallest: int, language: str) -> str:
    if move is None:
        return ""
    weeks = write_number(round(move.weeks), language)
    if move.count is None:
        return f"<{smallest} / {weeks}"
    hazard = write_percent(move.hazard, language, decimals=2)
    return f"{write_number(move.count, language)} / {weeks} ({hazard})"


def _interval(three: tuple[float, float, float], language: str) -> str:
    ratio, low, high = (write_number(one, language, error=0.05) for one in three)
    return f"{ratio} ({low}; {high})"


def _statuses(counts: Aggregates, model: Model, language: str) -> str:
    states = {state.name: state.label[language] for state in model.states}
    rows = []
    for (group, source, status, weeks), share in counts.statuses.items():
        cells = [say("trial_hidden", language, smallest=counts.smallest), "", ""]
        if share is not None:
            ends = "–".join(str(write_percent(x, language)) for x in (share.low, share.high))
            cells = [f"{share.count}/{share.people}", str(write_percent(share.share, language)), ends]
        after = say("trial_status_after", language, before=states[source], status=states[status], weeks=weeks)
        rows.append([f"{_group(group, model, language)}: {after}", *cells])
    heads = [say(f"trial_{key}", language) for key in ("status", "count", "share")]
    return table([*heads, "95 %"], rows)


def _group(name: str, model: Model, language: str) -> str:
    return say("trial_all", language) if name == "all" else str(model.find("strategies", name).label[language])
