"""What a validation says, in plain words and as tables: fit, left-out sources, hold-outs, what stays open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from costeff.calibrate.figures import FAMILIES, family_words
from costeff.calibrate.scores import binomial_p
from costeff.calibrate.validation import Z95, Z975, ComparedFigure, Validation
from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.numbers import SPACE, write_interval, write_number, write_percent
from costeff.reporting.style import label_of
from costeff.reporting.tables import Column, Row, html_table

RIGHT = (0.8, 1.1)
"""A root mean square z between these: the stated uncertainty is about right."""


def stale_sentence(validation: Validation, reasons: Sequence[str], language: str) -> str:
    """That a validation belongs to other draws than those of the results, and why (`validation.stale`)."""
    if tuple(reasons) == ("posterior",):
        return say("validation_stale", language, date=validation.date)
    return say("validation_other", language, names=", ".join(reasons))


def sentences(validation: Validation, language: str) -> list[str]:
    """What the calibration was made of, how left-out sources and hold-outs were predicted, and what is not narrowed."""
    v, numbers = validation, validation.summary()
    texts = {key: write_number(value, language) for key, value in numbers.items()}
    sizes = {key: write_number(getattr(v, key), language) for key in ("draws", "individuals")}
    counts = {key: texts[key] for key in ("figures", "sources")}
    out = [say("validation_made", language, date=v.date, **sizes, **counts), _left_out(v, numbers, language)]
    out += holdout_sentences(v, language)
    other = len(v.not_narrowed)
    key = "validation_narrowed" if other else "validation_all_narrowed"
    out.append(say(key, language, narrowed=texts["narrowed"], parameters=texts["parameters"], other=other))
    return out


def _left_out(v: Validation, numbers: Mapping[str, float], language: str) -> str:
    """How sources were predicted from all others; that it is not known, where no source can be left out."""
    if not v.left_out:
        return say("validation_no_sources", language)
    rms, beyond = numbers["rms_z_left_out"], numbers["beyond_left_out"]
    verdict = "right" if RIGHT[0] <= rms <= RIGHT[1] else "too_sure" if rms > RIGHT[1] else "too_wide"
    return say(
        "validation_left_out",
        language,
        rms=write_number(rms, language, decimals=2),
        verdict=say(f"validation_{verdict}", language),
        beyond=write_number(beyond, language),
        figures=write_number(len(v.left_out), language),
        share=write_percent(beyond / len(v.left_out), language),
    )


def holdout_sentences(v: Validation, language: str) -> list[str]:
    """How many held-out figures are as predicted, whether that is chance, and whether a plain average does better.

    Nothing where no figure was held out.
    """
    if not v.holdouts:
        return []
    numbers = v.summary()
    inside, size = int(numbers["holdouts_inside"]), len(v.holdouts)
    unlikely = binomial_p(inside, size, 0.9) < 0.05
    verdict = "as_chance" if not unlikely else "more_misses" if inside < 0.9 * size else "fewer_misses"
    out = [
        say(
            "validation_holdouts",
            language,
            holdouts=size,
            sources=len({one.source for one in v.holdouts}),
            inside=inside,
            verdict=say(f"validation_{verdict}", language),
        )
    ]
    if {"holdouts", "average"} <= v.densities.keys():
        own, average = v.densities["holdouts"], v.densities["average"]
        key = "validation_better" if own > average else "validation_worse"
        figures = [write_number(value, language, decimals=1) for value in (own, average)]
        out.append(say(key, language, own=figures[0], average=figures[1]))
    return out


def holdout_table(validation: Validation, language: str) -> str:
    """Every held-out figure and whether it is as predicted, as HTML; '' without any."""
    return _predicted_table(validation.holdouts, Z95, say("validation_holdout_table", language), language)


def missed_table(validation: Validation, language: str) -> str:
    """Fitted figures outside the 95 % interval that all other sources give, as HTML; '' without any."""
    misses = [one for one in validation.fitted if one.left_out_z is not None and abs(one.left_out_z) > Z975]
    return _predicted_table(misses, Z975, say("validation_missed_table", language), language)


def _predicted_table(figures: Iterable[ComparedFigure], limit: float, caption: str, language: str) -> str:
    heads = ("validation_figure", "fit_published", "validation_predicted", "validation_verdict")
    columns = [
        Column(say(key, language), number) for key, number in zip(heads, (False, True, True, False), strict=True)
    ]
    rows: list[Row] = []
    for one in figures:
        z = one.unseen_z or 0.0
        key = "validation_as_predicted" if abs(z) <= limit else "validation_higher" if z < 0 else "validation_lower"
        cells = [_with_interval(values, one.share, language) for values in (one.published, one.predicted)]
        rows.append([f"{one.title} ({one.source})", *cells, say(key, language)])
    return html_table(columns, rows, caption, as_lists=True) if rows else ""


def _with_interval(values: Sequence[float], share: bool, language: str) -> str:
    """A value with its interval, shares in percent; a dash without values."""
    if not values:
        return write_number(None, language)
    scale, end = (100, f"{SPACE}%") if share else (1, "")
    decimals = 1 if share else None
    middle, low, high = (scale * value for value in values)
    ends = write_interval(low, high, language, decimals=decimals)
    return f"{write_number(middle, language, decimals=decimals)}{end} ({ends}{end})"


def open_table(validation: Validation, labels: Mapping[str, Label], language: str) -> str:
    """Parameters about which the figures say nothing, before and after, as HTML; '' without any."""
    heads = [("parameter", False), ("validation_before", True), ("validation_after", True)]
    columns = [Column(say(key, language), number) for key, number in heads]
    rows: list[Row] = [
        [
            label_of(labels, one.name, language),
            *(_with_interval(x, False, language) for x in (one.prior, one.posterior)),
        ]
        for one in validation.not_narrowed
    ]
    return html_table(columns, rows, say("validation_open_table", language), as_lists=True) if rows else ""


def sources_table(validation: Validation, language: str) -> str:
    """How far sources differ in each hazard that has an effect of sources, as HTML; '' without any."""
    columns = [Column(say("validation_effect", language)), Column(say("validation_sd", language), True)]
    rows: list[Row] = []
    for name, (sd, low, high) in validation.sds.items():
        family = name.removesuffix("_source")
        words = family_words(family, language) if family in FAMILIES else name
        ends = write_interval(low, high, language, decimals=2)
        rows.append([words, f"{write_number(sd, language, decimals=2)} ({ends})"])
    return html_table(columns, rows, say("validation_sources_table", language), as_lists=True) if rows else ""
