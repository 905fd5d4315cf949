"""The result in plain sentences, made from the numbers: what it costs whom, what it gives, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.intervals import interval, mean, monte_carlo_error
from costeff.analysis.noise import noise_corrected
from costeff.analysis.settled import CLOSE, FEW, FEWEST, judged, replicates_behind
from costeff.catalogue import check_language, say
from costeff.cea import acceptability
from costeff.cea.decision_matrix import decision_matrix
from costeff.cea.icer_words import error_name, icer_words
from costeff.reporting.effect_words import effect_interval, write_effect
from costeff.reporting.numbers import write_money, write_money_interval, write_number, write_percent
from costeff.reporting.style import label_of
from costeff.reporting.unit_names import unit_name
from costeff.study.report.rows import increments_of

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData
    from costeff.study.report.content import Content, PerspectiveView


KEY_PERSPECTIVES = 3
"""How many perspectives are put into sentences: the first, the widest known by name, then others in their order."""
_WIDE = ("public", "societal")


@dataclass(frozen=True)
class Spread:
    """An increment of cost over the draws: mean, its error, limits, probability of a saving, noise removed or not."""

    mean: float
    mcse: float
    lo: float
    hi: float
    saves: float
    corrected: bool


def cost_spread(evaluation: EvaluationData, strategy: str) -> Spread:
    """Extra cost of a strategy against the comparator, in currency per individual.

    Limits and probability are those of the parameters alone (individual noise removed) when halves are there, there are
    several draws and that noise is less than the whole spread; else of the draws as they are. NaN with one draw.
    """
    s, base = evaluation.strategies.index(strategy), evaluation.comparator_index
    raw: NDArray[np.float64] = evaluation.cost[:, s] - evaluation.cost[:, base]
    noise_removed = evaluation.cost_half is not None and evaluation.draws > 1
    extra_costs = -noise_corrected(evaluation, 0.0).sel(strategy=strategy).values if noise_removed else raw
    if np.ptp(extra_costs) == 0 < np.ptp(raw):  # luck is as large as the whole spread: nothing is left to show
        extra_costs, noise_removed = raw, False
    lo, hi = interval(extra_costs)
    saves = float((extra_costs < 0).mean()) if len(extra_costs) > 1 else math.nan
    error = float(monte_carlo_error(raw, evaluation.replicates))
    return Spread(float(mean(raw)), error, float(lo), float(hi), saves, noise_removed)


def key_result(content: Content, language: str = "en", *, with_table: bool = False) -> list[str]:
    """Sentences for the top of a report: cost by perspective, main effect, the ratio in words, who pays.

    KEY_PERSPECTIVES perspectives are put into words. Says so when the interval includes 0, and when the simulation
    error is as large as the difference. `with_table`: the first three stand in a table (`result_tables.key_table`),
    so that of them only what the simulation does not settle is said. Raises ScenarioError for an unknown language.
    """
    check_language(language)
    sentences: list[str] = []
    views = key_views(content)
    alternatives = [name for name in content.strategies if name != content.comparator]
    noise_removed = False
    for strategy in alternatives:
        for view in views:
            spread = cost_spread(view.evaluation, strategy)
            noise_removed = noise_removed or spread.corrected
            if not with_table or _is_open(content, spread.mean, spread.mcse):
                sentences.append(_cost_sentence(content, view.label[language], strategy, spread, language))
        sentences += _effect_sentences(content, strategy, language, unsettled_only=with_table)
    if views:
        view = views[0]
        for strategy, words in icer_words(view.evaluation, content.strategies, language).items():
            if words.against and not with_table:
                names = {
                    "strategy": _inline(content, strategy, language),
                    "comparator": _inline(content, words.against, language),
                }
                sentences.append(
                    say("says_ratio", language, perspective=view.label[language], words=words.text, **names)
                )
        if content.wtp_at is not None:
            sentences.append(_wtp_sentence(content, content.wtp_at, language))
    for strategy in alternatives:
        sentences += _party_sentences(content, strategy, language)
    if views and views[0].evaluation.draws > 1:
        sentences.append(say("says_corrected" if noise_removed else "says_raw", language))
    return sentences


def key_views(content: Content) -> list[PerspectiveView]:
    """The first perspective, then `public` and `societal` where declared, then the others, in the content's order."""
    order = sorted(
        range(len(content.perspectives)), key=lambda i: (i > 0, content.perspectives[i].name not in _WIDE, i)
    )
    return [content.perspectives[i] for i in sorted(order[:KEY_PERSPECTIVES])]


def horizon(content: Content, language: str) -> str:
    """The time horizon in words, from the last point of the trace, to a tenth of a year."""
    years = round(float(content.trace["cycle"].max()) / content.cycles_per_year, 1)
    if years == 1:
        return say("one_year", language)
    return say("years", language, number=write_number(years, language, decimals=0 if years.is_integer() else 1))


def _inline(content: Content, strategy: str, language: str) -> str:
    """A strategy's label inside a sentence: a label that begins with an ordinary word loses its capital."""
    label = label_of(content.strategies, strategy, language)
    ordinary = label.split(" ")[0] in say("ordinary_words", language).split()
    return label[:1].lower() + label[1:] if ordinary else label


def _names(content: Content, strategy: str, language: str) -> dict[str, str]:
    return {
        "strategy": _inline(content, strategy, language),
        "comparator": _inline(content, content.comparator, language),
    }


def _cost_sentence(content: Content, perspective: str, strategy: str, spread: Spread, language: str) -> str:
    error = None if math.isnan(spread.mcse) else spread.mcse
    size = write_money(abs(spread.mean), language, currency=content.currency, error=error)
    nil = write_money(0, language, currency=content.currency)
    key = "says_costs_same" if size == nil else "says_costs_more" if spread.mean > 0 else "says_costs_less"
    limits = say("spread_none", language)
    if not math.isnan(spread.lo):
        limits = say(
            "spread_cost",
            language,
            probability=write_percent(spread.saves, language),
            interval=write_money_interval(spread.lo, spread.hi, language, error=error),
        )
    names = _names(content, strategy, language)
    text = say(
        key, language, perspective=perspective, horizon=horizon(content, language), money=size, spread=limits, **names
    )
    error_text = write_money(spread.mcse, language, currency=content.currency, error=error)
    ends = (spread.lo, spread.hi)
    return " ".join([text, *_doubts(content, spread.mean, spread.mcse, ends, "cost", error_text, language)])


def _doubts(
    content: Content, centre: float, error: float, ends: tuple[float, float], kind: str, error_text: str, language: str
) -> list[str]:
    """What must be added when the sign is uncertain, or when more draws could turn it."""
    sentences = []
    if ends[0] < 0 < ends[1]:
        sentences.append(say(f"says_unsure_{kind}", language))
    verdict = judged(centre, error, replicates_behind(content.perspectives[0].evaluation))
    if verdict == CLOSE:
        simulated = content.perspectives[0].evaluation.simulated
        sentences.append(say("says_too_noisy" if simulated else "says_sampled", language, error=error_text))
    elif verdict == FEW:
        sentences.append(say("says_too_few", language, number=FEWEST))
    return sentences


def _is_open(content: Content, centre: float, error: float) -> bool:
    """Whether more draws could turn the sign of a difference."""
    return judged(centre, error, replicates_behind(content.perspectives[0].evaluation)) in (CLOSE, FEW)


def _effect_sentences(content: Content, strategy: str, language: str, *, unsettled_only: bool) -> list[str]:
    """The main effect: that of the evaluations."""
    if not content.perspectives:
        return []
    evaluation = content.perspectives[0].evaluation
    rows = increments_of(content.effects, content, strategy)
    rows = rows[rows["effect"] == evaluation.effect_name]
    return [
        _effect_sentence(content, row, strategy, language)
        for row in rows.to_dict("records")
        if not unsettled_only or _is_open(content, float(row["increment"]), float(row["mcse"]))
    ]


def _effect_sentence(content: Content, row: dict[Any, Any], strategy: str, language: str) -> str:
    centre, error, lo, hi = (float(row[key]) for key in ("increment", "mcse", "lo", "hi"))
    unit = str(row["unit"])
    size, nil, error_text = (_effect_size(value, unit, language, error) for value in (abs(centre), 0.0, error))
    key = "same" if size == nil else "more" if centre > 0 else "less"
    limits = say("spread_none", language)
    if not math.isnan(lo):
        limits = f"{say('interval_95', language)} {effect_interval(lo, hi, unit, language, error)}"
    label = row["label"][language]
    names = _names(content, strategy, language)
    text = say(f"says_effect_{key}", language, effect=label, number=size, spread=limits, **names)
    return " ".join([text, *_doubts(content, centre, error, (lo, hi), "effect", error_text, language)])


def _effect_size(value: float, unit: str, language: str, error: float) -> str:
    """The size of a difference in effect, without a sign and with its unit."""
    if unit == "share":
        return write_effect(value, unit, language, error=error, with_sign=True).removeprefix("+")
    text = write_effect(value, unit, language, error=error)
    return f"{text}\u00a0{unit_name(unit, language, plural=text != '1')}"


def _wtp_sentence(content: Content, wtp: float, language: str) -> str:
    view = content.perspectives[0]
    best = acceptability.ceaf(view.evaluation, [wtp]).isel(wtp=0)
    variable = "probability_noise_corrected" if "probability_noise_corrected" in best else "probability"
    text = say(
        "says_at_wtp",
        language,
        perspective=view.label[language],
        wtp=write_money(wtp, language, currency=content.currency),
        unit=unit_name(view.evaluation.effect_unit, language, plural=False),
        strategy=_inline(content, str(best["strategy"].item()), language),
        probability=write_percent(best[variable].item(), language),
    )
    evaluation = view.evaluation
    if replicates_behind(evaluation) and not decision_matrix([evaluation], [wtp])["settled"].item():
        text += " " + say("says_choice_unsettled", language, error=error_name(evaluation, language))
    return text


def _party_sentences(content: Content, strategy: str, language: str) -> list[str]:
    """Who pays more and who pays less, largest first, and for whom the simulation does not settle it.

    Parties whose difference is exactly 0 are left out.
    """
    rows = increments_of(content.parties, content, strategy)
    rows = rows[rows["inside"].astype(bool)].sort_values("increment", key=abs, ascending=False, kind="stable")
    texts_by_key: dict[str, list[str]] = {"says_pay_more": [], "says_pay_less": [], "says_pay_unsettled": []}
    count = replicates_behind(content.perspectives[0].evaluation) if content.perspectives else 0
    for row in rows.to_dict("records"):
        amount, error = float(row["increment"]), float(row["mcse"])
        label = str(row["label"][language])
        amount_text = f"{label} {write_money(abs(amount), language, currency=content.currency, error=error)}"
        if amount != 0 and judged(amount, error, count) in (CLOSE, FEW):
            texts_by_key["says_pay_unsettled"].append(label)
        elif write_money(amount, language, error=error) != "0":
            texts_by_key["says_pay_more" if amount > 0 else "says_pay_less"].append(amount_text)
    name = _inline(content, strategy, language)
    return [
        say(key, language, strategy=name, list=_joined(texts, language)) for key, texts in texts_by_key.items() if texts
    ]


def _joined(texts: list[str], language: str) -> str:
    """A list as it is spoken: commas, and a word before the last."""
    head, last = ", ".join(texts[:-1]), texts[-1]
    return f"{head} {say('and', language)} {last}" if head else last
