"""Figures as they may leave: no more digits than their error warrants, so that none carries a person's value."""

from __future__ import annotations

from dataclasses import asdict
from math import floor, isfinite, log10
from typing import Any

from costeff.trial.evaluation.evaluate import Interval, PairResult, TrialEvaluation

SHARE_DECIMALS = 2


def rounded(value: float, error: float) -> float:
    """A figure to the second digit of its error.

    >>> rounded(12345.678, 987.6), rounded(0.0213456, 0.0123), rounded(5.0, 0.0)
    (12350.0, 0.021, 5.0)
    """
    if not isfinite(value) or not isfinite(error) or error <= 0:
        return value
    return round(value, 1 - floor(log10(error)))


def exported(evaluation: TrialEvaluation) -> dict[str, Any]:
    """What may leave of an evaluation, as plain data: rounded differences, shares and curves; no replicate or count."""
    return {
        "replicates": evaluation.replicates,
        "inside_only": evaluation.inside_only,
        "imputed": evaluation.is_imputed,
        "covariates": list(evaluation.covariates),
        "pairs": [_pair(one) for one in evaluation.pairs],
    }


def _pair(one: PairResult) -> dict[str, Any]:
    ratio_error = abs(one.ratio.high - one.ratio.low) / 4
    finite = one.ratio.kind != "none"
    return {
        "perspective": one.perspective,
        "effect_name": one.effect_name,
        "effect_of": one.effect_of,
        "cost": exported_interval(one.cost),
        "effect": exported_interval(one.effect),
        "ratio": {
            "value": rounded(one.cost.value / one.effect.value, ratio_error) if finite and one.effect.value else None,
            "kind": one.ratio.kind,
            "low": rounded(one.ratio.low, ratio_error) if finite else None,
            "high": rounded(one.ratio.high, ratio_error) if finite else None,
        },
        "quadrants": {name: round(share, SHARE_DECIMALS) for name, share in one.quadrants.items()},
        "acceptability": [
            {"wtp": wtp, "share": round(share, SHARE_DECIMALS)} for wtp, share in zip(*one.acceptability, strict=True)
        ],
        "net_benefit": [
            {"wtp": b.wtp, "value": rounded(b.value, b.error), "error": rounded(b.error, b.error)} for b in one.benefits
        ],
    }


def exported_interval(one: Interval) -> dict[str, float]:
    """A figure with its error and interval, to the second digit of the error."""
    return {name: rounded(value, one.error) for name, value in asdict(one).items()}
