"""What a trial taught, in words: rows of the tables and sentences, for the terminal, the page and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from costeff.analysis.study import StudyData
from costeff.catalogue import say
from costeff.reporting.numbers import write_money, write_number, write_percent
from costeff.trial.evaluation.rounded import rounded
from costeff.trial.learning.alone import EffectRow, Span, effect_row
from costeff.trial.learning.elsewhere import ElsewhereRow
from costeff.trial.learning.posterior import TrialPosterior
from costeff.trial.learning.statistics import SHARE
from costeff.trial.learning.worth import Spread, TrialWorth, View
from costeff.trial.lens import Lens
from costeff.trial.plan import AnalysisPlan

MOST_ROWS = 20
MOST_LEFT = 0.85
"""Share of the prior's spread that is left, below which a parameter that the design does not name is listed too."""


def effect_rows(posterior: TrialPosterior, learns: Sequence[str]) -> list[EffectRow]:
    """What the design learns about and what was measured alone first, then the others of which most was learnt."""
    names = [name for name in dict.fromkeys((*learns, *posterior.exact)) if name in posterior.prior]
    others = {
        name: posterior.spread_left(name)
        for name, column in posterior.prior.items()
        if name not in names and column.std() > 0
    }
    names += [n for n in sorted(others, key=lambda n: others[n]) if others[n] < MOST_LEFT][: MOST_ROWS - len(names)]
    return [effect_row(name, posterior.prior[name], posterior.posterior[name]) for name in names]


def called(name: str, study: StudyData, language: str) -> str:
    """What the model calls a parameter; its name where it has no label."""
    label = study.evidence.labels.get(name)
    return name if label is None else str(label[language])


def effect_table(rows: Sequence[EffectRow], study: StudyData, language: str) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: before, by the trial alone, after."""
    heads = [say(f"trial_head_{key}", language) for key in ("parameter", "prior", "trial_alone", "posterior", "left")]
    return heads, [
        [
            called(row.name, study, language),
            _span(row.prior, language),
            say("trial_told_nothing", language) if row.trial is None else _span(row.trial, language),
            _span(row.posterior, language),
            write_percent(row.spread_left, language),
        ]
        for row in rows
    ]


def elsewhere_table(rows: Sequence[ElsewhereRow], study: StudyData, language: str) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: each ratio where the trial was, and in a new municipality."""
    heads = [say(f"trial_head_{key}", language) for key in ("parameter", "here", "elsewhere", "between")]
    return heads, [
        [
            called(row.name, study, language),
            _span(row.here, language),
            _span(row.elsewhere, language),
            write_percent(row.between, language),
        ]
        for row in rows
    ]


def fit_table(
    posterior: TrialPosterior, study: StudyData, lens: Lens, language: str
) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: what the register showed beside what the model foretold before and after."""
    model = study.model
    labels = {group.read_as: group.label[language] for group in lens.groups if group.read_as}
    heads = [say(f"trial_head_{key}", language) for key in ("group", "statistic", "shown", "foretold", "after")]
    rows = []
    for one in posterior.fits:
        names = [labels[model.state_names[code]] for code in (one.statistic.state, one.statistic.to) if code >= 0]
        key = "trial_statistic_share" if one.statistic.kind == SHARE else "trial_statistic_move"
        text = say(key, language, state=" → ".join(names), begin=one.statistic.begin + 1, end=one.statistic.end)
        rows.append(
            [
                model.find("strategies", one.group).label[language],
                text,
                write_number(one.value, language, error=one.error / 10),
                *(_mean(*side, language) for side in (one.prior, one.posterior)),
            ]
        )
    return heads, rows


def method_lines(posterior: TrialPosterior, study: StudyData, language: str) -> list[str]:
    """How the posterior was found, and what it leaves out."""
    values = {
        "draws": write_number(posterior.draws, language),
        "effective": write_number(round(posterior.effective), language),
    }
    lines = [say(f"trial_by_{posterior.method}", language, weeks=posterior.weeks, **values)]
    if posterior.exact:
        lines.append(say("trial_alone", language, names=_listed(posterior.exact, study, language)))
    if posterior.doubted:
        lines.append(say("trial_doubted", language, names=_listed(posterior.doubted, study, language)))
    if posterior.factor > 1:
        lines.append(say("trial_shared", language, factor=write_number(posterior.factor, language, decimals=1)))
    if posterior.contamination > 0:
        lines.append(say("trial_contaminated", language, share=write_percent(posterior.contamination, language)))
    return [*lines, say("trial_learning_note", language)]


def decision_table(worth: TrialWorth, study: StudyData, language: str) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: extra cost, effect and what is best, before and after, by perspective."""
    model = study.model
    views = {one.name: one.label[language] for one in model.perspectives}
    heads = [
        say(f"trial_head_{key}", language)
        for key in (
            "perspective",
            "cost_before",
            "cost_after",
            "effect_before",
            "effect_after",
            "best_before",
            "best_after",
        )
    ]
    rows = []
    for one in worth.decisions:
        best = [
            f"{model.find('strategies', name).label[language]} ({write_percent(sure, language)})"
            for name, sure in zip(one.best, one.sure, strict=True)
        ]
        rows.append(
            [
                views[one.perspective],
                *(_money(x, language) for x in one.cost),
                *(_number(x, language) for x in one.effect),
                *best,
            ]
        )
    return heads, rows


def worth_lines(worth: TrialWorth, study: StudyData, language: str) -> list[str]:
    """What the trial was expected to be worth, what it was, and what is still worth asking."""
    currency = study.model.conventions.currency
    view = study.model.find("perspectives", worth.perspective).label[language]
    own = next(one for one in worth.decisions if one.perspective == worth.perspective)

    def amount(value: float) -> str:
        return write_money(float(f"{value:.3g}"), language, currency=currency)

    is_changed = own.best[0] != own.best[1]
    lines = [
        say("trial_worth_at", language, view=view, wtp=amount(worth.wtp)),
        say("trial_worth_promised", language, promised=amount(worth.promise), error=amount(worth.promise_error)),
        say("trial_worth_changed" if is_changed else "trial_worth_same", language, worth=amount(own.change)),
        say("trial_worth_perfect", language, before=amount(worth.perfect.before), after=amount(worth.perfect.after)),
    ]
    texts = [f"{called(one.name, study, language)} {amount(one.after)}" for one in worth.parameters if one.after > 0]
    lines.append(say("trial_still_to_ask" if texts else "trial_nothing_to_ask", language, names="; ".join(texts)))
    return lines


def view_table(views: Sequence[View], plan: AnalysisPlan, language: str) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: the share beyond the data first, then both parts of cost and effect."""
    labels = {one.name: one.label[language] for one in plan.views}
    heads = [
        say(f"trial_head_{key}", language)
        for key in ("view", "beyond", "cost_seen", "cost_later", "beyond_effect", "effect_seen", "effect_later")
    ]
    return heads, [
        [
            labels[one.name],
            write_percent(one.share_beyond, language),
            _money(one.seen_cost, language),
            _money(one.later_cost, language),
            write_percent(one.share_beyond_effect, language),
            _number(one.seen_effect, language),
            _number(one.later_effect, language),
        ]
        for one in views
    ]


def as_content(
    posterior: TrialPosterior, rows: Sequence[EffectRow], worth: TrialWorth, views: Sequence[View], study: StudyData
) -> dict[str, Any]:
    """The same as plain data, no digit finer than its error."""
    names = study.model.state_names
    return {
        "method": posterior.method,
        "draws": posterior.draws,
        "effective_draws": round(posterior.effective),
        "weeks": posterior.weeks,
        "contamination": posterior.contamination,
        "variance_by_consultants": round(posterior.factor, 2),
        "doubted": list(posterior.doubted),
        "parameters": [
            {
                "name": row.name,
                "prior": vars(row.prior),
                "trial": None if row.trial is None else vars(row.trial),
                "posterior": vars(row.posterior),
                "spread_left": row.spread_left,
            }
            for row in rows
        ],
        "statistics": [
            {
                "group": one.group,
                "kind": one.statistic.kind,
                "weeks": [one.statistic.begin, one.statistic.end],
                "state": names[one.statistic.state],
                "to": names[one.statistic.to] if one.statistic.to >= 0 else None,
                "value": rounded(one.value, one.error),
                "error": rounded(one.error, one.error),
                "prior": list(one.prior),
                "posterior": list(one.posterior),
            }
            for one in posterior.fits
        ],
        "worth": {
            "perspective": worth.perspective,
            "wtp": worth.wtp,
            "promised": worth.promise,
            "promised_error": worth.promise_error,
            "perfect_before": worth.perfect.before,
            "perfect_after": worth.perfect.after,
            "still_worth_asking": {one.name: one.after for one in worth.parameters},
            "decisions": [
                {
                    "perspective": one.perspective,
                    **{key: [vars(x) for x in getattr(one, key)] for key in ("cost", "effect", "net")},
                    "best": list(one.best),
                    "sure": list(one.sure),
                    "worth_of_the_change": one.change,
                }
                for one in worth.decisions
            ],
        },
        "views": [
            {
                "view": one.name,
                "own_year": one.is_own_year,
                "share_beyond": one.share_beyond,
                "share_beyond_effect": one.share_beyond_effect,
                **{key: vars(getattr(one, key)) for key in ("seen_cost", "later_cost", "seen_effect", "later_effect")},
            }
            for one in views
        ],
    }


def _listed(names: Iterable[str], study: StudyData, language: str) -> str:
    return ", ".join(called(name, study, language) for name in names)


def _span(one: Span, language: str) -> str:
    error = max((one.high - one.low) / 40, 1e-12)
    return " ".join(
        [
            write_number(one.middle, language, error=error),
            f"({'; '.join(write_number(x, language, error=error) for x in (one.low, one.high))})",
        ]
    )


def _mean(mean: float, error: float, language: str) -> str:
    return f"{write_number(mean, language, error=error / 10)} ± {write_number(error, language, error=error / 10)}"


def _money(one: Spread, language: str) -> str:
    mean, error = (write_money(x, language, error=one.error / 10) for x in (one.mean, one.error))
    return f"{mean} ± {error}"


def _number(one: Spread, language: str) -> str:
    return _mean(one.mean, one.error, language)
