"""The within-trial evaluation in words: rows of its tables, sentences and notes, for the terminal and the report."""

from __future__ import annotations

from collections.abc import Sequence

from costeff.catalogue import say
from costeff.model.model import Model
from costeff.reporting.numbers import write_money, write_number, write_percent
from costeff.trial.evaluation.evaluate import Interval, PairResult, TrialEvaluation
from costeff.trial.evaluation.flow import FlowRow, people_of
from costeff.trial.evaluation.further import Further
from costeff.trial.evaluation.further_text import further_parts
from costeff.trial.evaluation.imputation import IMPUTATIONS
from costeff.trial.evaluation.imputed_fit import MOST_NESTED
from costeff.trial.evaluation.nested import FEWEST_CLUSTERS
from costeff.trial.figures.flow import FlowDrawing, flow_drawing
from costeff.trial.lens import Lens
from costeff.trial.plan import AnalysisPlan
from costeff.trial.text import plan_lines, table


def printed_evaluation(
    evaluation: TrialEvaluation,
    flow_rows: tuple[FlowRow, ...],
    around: Further,
    plan: AnalysisPlan,
    lens: Lens,
    model: Model,
    language: str,
) -> str:
    """The whole evaluation for the terminal."""
    parts = ["\n".join(plan_lines(plan, lens, language))]
    if evaluation.inside_only:
        parts.append(say("trial_inside_only", language))
    heads, rows = flow_table(flow_rows, plan, model, language)
    parts.append(say("trial_flow", language) + "\n" + table(heads, rows))
    for name in effect_names(evaluation):
        heads, rows = pair_table(evaluation, name, model, language)
        parts.append(effect_title(evaluation, flow_rows, name, language) + "\n" + table(heads, rows))
    others = further_parts(around, plan, model, language)
    parts += ["\n".join([part.title, table(part.heads, part.rows), *part.lines]) for part in others]
    parts.append("\n".join(notes(evaluation, plan, language)))
    return "\n\n".join(parts)


def effect_names(evaluation: TrialEvaluation) -> list[str]:
    """Effects in the order in which they were evaluated."""
    return list(dict.fromkeys(one.effect_name for one in evaluation.pairs))


def effect_title(evaluation: TrialEvaluation, flow_rows: tuple[FlowRow, ...], name: str, language: str) -> str:
    """What is compared, of how many people."""
    one = next(pair for pair in evaluation.pairs if pair.effect_name == name)
    people = " + ".join(people_of(flow_rows, name))
    return say("trial_evaluated", language, effect=one.effect_label[language], people=people)


def flow_table(
    flow_rows: tuple[FlowRow, ...], plan: AnalysisPlan, model: Model, language: str
) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the numbers of the flow diagram."""
    groups = (plan.strategies[0], plan.strategies[-1])
    labels = {one.name: one.label[language] for one in plan.end_points}
    heads = [say("trial_step", language), *(model.find("strategies", name).label[language] for name in groups)]
    rows = []
    for step in flow_rows:
        detail = labels.get(step.detail, step.detail)
        rows.append([say(f"trial_flow_{step.name}", language, detail=detail), *step.counts])
    return heads, rows


def flow_diagram(
    heads: Sequence[str], counts: Sequence[Sequence[str]], plan: AnalysisPlan, language: str
) -> FlowDrawing:
    """The flow diagram of CONSORT, from the numbers of the plan and of the flow's table, with each step in a box."""
    numbers = list(counts[0][1:])
    in_the_trial = str(sum(map(int, numbers))) if all(one.isdigit() for one in numbers) else "–"
    top = say("trial_flow_top", language, planned=plan.participants, randomised=in_the_trial)
    steps = [[f"{head}: {counts[0][i]}" for i, head in enumerate(heads[1:], start=1)]]
    steps += [[f"{row[0]}: {own}" for own in row[1:]] for row in counts[1:]]
    alternative = "; ".join([top, *(" / ".join(step) for step in steps)])
    return flow_drawing(top, steps, alternative)


def pair_table(
    evaluation: TrialEvaluation, name: str, model: Model, language: str
) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of one effect: each perspective's difference in cost, the ratio, and how sure the trial is."""
    own = [one for one in evaluation.pairs if one.effect_name == name]
    views = {one.name: one.label[language] for one in model.perspectives}
    heads = [say(f"trial_head_{key}", language) for key in ("perspective", "cost", "effect", "ratio", "better")]
    rows = [
        [
            views[p.perspective],
            _money(p.cost, language),
            effect_cell(p, language),
            ratio_cell(p, language),
            sure(p, language),
        ]
        for p in own
    ]
    return heads, rows


def effect_cell(pair: PairResult, language: str) -> str:
    """The difference in effect with its interval, and with its sign."""
    one = pair.effect
    if pair.effect_of == "share":
        texts = [write_percent(x, language, decimals=1) for x in (one.value, one.low, one.high)]
    else:
        texts = [write_number(x, language, error=one.error / 10) for x in (one.value, one.low, one.high)]
    return f"{texts[0]} ({texts[1]}; {texts[2]})"


def ratio_cell(pair: PairResult, language: str) -> str:
    """The ratio with every ratio that is not rejected; in words where that is no interval."""
    ratio = pair.ratio
    if ratio.kind == "none":
        return say("trial_ratio_none", language)
    low, high = (write_money(_three(x), language) for x in (ratio.low, ratio.high))
    if ratio.kind == "outside":
        return say("trial_ratio_outside", language, low=low, high=high)
    return f"{write_money(_three(pair.cost.value / pair.effect.value), language)} ({low}; {high})"


def sure(pair: PairResult, language: str) -> str:
    """Share of replicates in which the programme has more effect at less cost."""
    return str(write_percent(pair.quadrants["more_cheaper"], language))


def notes(evaluation: TrialEvaluation, plan: AnalysisPlan, language: str) -> list[str]:
    """What the figures rest on, and what deviates from the plan."""
    lines = [
        say("trial_adjusted", language, names=evaluation.covariates_text(language)),
        say("trial_bootstrap", language, replicates=write_number(evaluation.replicates, language)),
        say("trial_ratio_note", language),
        say("trial_sampling_error", language),
        say("trial_consultants", language, fewest=FEWEST_CLUSTERS),
    ]
    if evaluation.is_imputed:
        called = {one.name: one.label[language] for one in plan.end_points}
        names = ", ".join(called[name] for name in plan.missing.get("uses", ())) or "–"
        lines.append(say("trial_imputed", language, imputations=IMPUTATIONS, names=names))
        if evaluation.is_nested:
            nested = write_number(min(evaluation.replicates, MOST_NESTED), language)
            lines.append(say("trial_imputed_once", language, replicates=nested))
    elif plan.missing.get("model") == "multiple_imputation":
        lines.append(say("trial_not_imputed", language))
    else:
        lines.append(say("trial_complete_cases", language))
    return lines


def _money(one: Interval, language: str) -> str:
    value, low, high = (write_money(x, language, error=one.error / 10) for x in (one.value, one.low, one.high))
    return f"{value} ({low}; {high})"


def _three(value: float) -> float:
    return float(f"{value:.3g}")
