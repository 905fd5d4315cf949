"""What readers of a result are shown of the calibration behind it: figure by figure, and what left-out sources say.

Made of a calibration by `validation_of`, kept as one small file (`costeff.calibrate.validation_file`), and drawn by
`costeff.calibrate.figures` for `costeff calibrate --figures` and for the report of a run alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.evidence import EmpiricalRows, Evidence

if TYPE_CHECKING:
    import pandas as pd

    from costeff.calibrate.hierarchy_tables import Hierarchy
    from costeff.calibrate.targets import CalibrationPlan

Z95, Z975 = 1.6448536269514722, 1.959963984540054
LEAST_CONTRACTION = 0.1
"""A contraction below this: the figures say nothing about the parameter."""
BANDS = {"prior": (0.05, 0.95), "model": (0.05, 0.25, 0.75, 0.95)}
"""Quantiles of the predictions that are kept, before and after calibration."""


@dataclass(frozen=True)
class ComparedFigure:
    """One published figure beside what the model gives for its people; `share` says whether it lies between 0 and 1.

    published: value and 95 % interval. prior: 90 % band. posterior: quantiles 5, 25, 75 and 95 %, fitted. z: distance
    in SDs of prediction and error after the fit. left_out_z: the same, predicted without its source. predicted: that
    prediction with its 90 % interval, errors of the figure included; () where no source can be left out.
    """

    name: str
    title: str
    source: str
    family: str
    use: str
    share: bool
    published: tuple[float, ...]
    prior: tuple[float, ...]
    posterior: tuple[float, ...]
    z: float
    left_out_z: float | None = None
    predicted: tuple[float, ...] = ()

    @property
    def held_out(self) -> bool:
        """Whether it was never fitted."""
        return self.use == "holdout"

    @property
    def unseen_z(self) -> float | None:
        """z of a prediction that did not know the figure; None where there is none."""
        return self.z if self.held_out and self.left_out_z is None else self.left_out_z

    @property
    def inside(self) -> bool:
        """Whether a prediction that did not know the figure holds it in its 90 % interval."""
        return self.unseen_z is not None and abs(self.unseen_z) <= Z95


@dataclass(frozen=True)
class NarrowedParameter:
    """A calibrated parameter: median and 95 % interval before and after, and by how much its SD (log) has shrunk."""

    name: str
    prior: tuple[float, ...]
    posterior: tuple[float, ...]
    contraction: float

    @property
    def narrowed(self) -> bool:
        """Whether the figures say anything about it."""
        return self.contraction >= LEAST_CONTRACTION


@dataclass(frozen=True)
class Validation:
    """How a model's calibration fits, and how it predicts what it was not shown.

    `hashes` are SHA-256 of posterior, targets, priors and held-out figures. `sds` maps effects of sources to the SD of
    their log ratio with its 90 % interval. `densities` are log predictive densities: left_out, and of the held-out
    figures holdouts and average (that of the plain average of published figures).
    """

    model: str
    date: str
    draws: int
    individuals: int
    seed: int
    hashes: Mapping[str, str]
    figures: tuple[ComparedFigure, ...]
    parameters: tuple[NarrowedParameter, ...]
    sds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    densities: Mapping[str, float] = field(default_factory=dict)
    file: str = ""

    @property
    def fitted(self) -> tuple[ComparedFigure, ...]:
        """The figures calibrated to."""
        return tuple(figure for figure in self.figures if not figure.held_out)

    @property
    def holdouts(self) -> tuple[ComparedFigure, ...]:
        """The figures that were never fitted."""
        return tuple(figure for figure in self.figures if figure.held_out)

    @property
    def not_narrowed(self) -> tuple[NarrowedParameter, ...]:
        """Parameters about which the figures say nothing."""
        return tuple(one for one in self.parameters if not one.narrowed)

    @property
    def left_out(self) -> tuple[float, ...]:
        """z of every fitted figure, predicted without its source."""
        return tuple(one.left_out_z for one in self.fitted if one.left_out_z is not None)

    def summary(self) -> dict[str, float]:
        """What the rows amount to: numbers of figures and sources, how left-out and held-out figures were predicted.

        rms_z_left_out and beyond_left_out (|z| above 1.96) are there where sources were left out.
        """
        unseen = np.array(self.left_out)
        own: dict[str, float] = {
            "figures": len(self.fitted),
            "sources": len({one.source for one in self.fitted}),
            "holdouts": len(self.holdouts),
            "holdouts_inside": sum(one.inside for one in self.holdouts),
            "parameters": len(self.parameters),
            "narrowed": len(self.parameters) - len(self.not_narrowed),
        }
        if not len(unseen):
            return own
        rms = float(f"{np.sqrt((unseen**2).mean()):.4g}")
        return own | {"rms_z_left_out": rms, "beyond_left_out": int((np.abs(unseen) > Z975).sum())}


def validation_of(
    plan: CalibrationPlan,
    sizes: tuple[int, int, int],
    fit: pd.DataFrame,
    contraction: pd.DataFrame,
    posterior: pd.DataFrame,
    hierarchy: Hierarchy | None,
) -> Validation:
    """What is kept of a calibration's tables; numbers to five digits, as in its file.

    `sizes` are draws, individuals and seed.
    """
    from costeff.files import writing_day

    left_out, densities, sds = _of_sources(hierarchy)
    rows = []
    for target, row in zip(plan.targets, fit.to_dict("records"), strict=True):
        z, predicted = left_out.get(target.name, (None, ()))
        rows.append(
            ComparedFigure(
                target.name,
                target.title,
                target.source,
                target.family,
                target.use,
                target.statistic.share,
                _short([target.value, *target.interval]),
                _short([row[band_name("prior", q)] for q in BANDS["prior"]]),
                _short([row[band_name("model", q)] for q in BANDS["model"]]),
                _short([row["z"]])[0],
                z,
                predicted,
            )
        )
    return Validation(
        plan.model,
        writing_day().isoformat(),
        *sizes,
        {"posterior": posterior_hash({str(name): x for name, x in posterior.items()}), **plan_hashes(plan)},
        tuple(rows),
        tuple(_narrowed(row) for row in contraction.to_dict("records")),
        sds,
        densities,
    )


def _of_sources(
    hierarchy: Hierarchy | None,
) -> tuple[dict[str, tuple[float, tuple[float, ...]]], dict[str, float], dict[str, tuple[float, ...]]]:
    """By figure z and prediction without its source; log densities; SDs between sources. Empty without effects."""
    if hierarchy is None:
        return {}, {}, {}
    left_out = {}
    for table in (hierarchy.left_out, hierarchy.holdouts):
        for row in table.to_dict("records"):
            left_out[row["target"]] = (_short([row["z"]])[0], _short([row[k] for k in ("predicted", "low", "high")]))
    densities = {"left_out": float(hierarchy.left_out["log_density"].sum())}
    if not hierarchy.holdouts.empty:
        own = hierarchy.holdouts
        densities |= {"holdouts": float(own["log_density"].sum()), "average": float(own["average"].sum())}
    sds = {row["effect"]: _short([row[k] for k in ("sd", "low", "high")]) for row in hierarchy.sds.to_dict("records")}
    finite = {name: value for name, value in densities.items() if np.isfinite(value)}
    return left_out, dict(zip(finite, _short([*finite.values()]), strict=True)), sds


def _narrowed(row: Mapping[Any, Any]) -> NarrowedParameter:
    prior, posterior = (_short([row[f"{k}{end}"] for end in ("", "_low", "_high")]) for k in ("prior", "posterior"))
    return NarrowedParameter(row["parameter"], prior, posterior, _short([row["contraction"]])[0])


def band_name(kind: str, quantile: float) -> str:
    """The column of the fit table that holds a quantile of the predictions.

    >>> band_name("model", 0.05)
    'model_q05'
    """
    return f"{kind}_q{round(100 * quantile):02d}"


def _short(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values)


# ---- which posterior, figures and priors they belong to ----


def posterior_hash(columns: Mapping[Any, Any]) -> str:
    """SHA-256 of draws (J,) by parameter, to six digits; the order of columns and line ends of files do not matter.

    >>> posterior_hash({"a": [1.0], "b": [2.0]}) == posterior_hash({"b": [2.0], "a": [1.0000000001]})
    True
    """
    lines = [f"{name}: {','.join(f'{value:.6g}' for value in columns[name])}" for name in sorted(columns)]
    return _digest("\n".join(lines))


def plan_hashes(plan: CalibrationPlan) -> dict[str, str]:
    """SHA-256 of the targets file (any line ends), of the priors, and of the held-out figures by source."""
    text = (
        Path(plan.file).read_text(encoding="utf-8") if plan.file and Path(plan.file).is_file() else repr(plan.targets)
    )
    priors = "\n".join(f"{name}: {_told(plan.priors[name])}" for name in sorted(plan.priors))
    sources = sorted({target.source for target in plan.used("holdout")})
    lots = [f"{s}: {', '.join(t.name for t in plan.used('holdout') if t.source == s)}" for s in sources]
    return {"targets": _digest(text), "priors": _digest(priors), "holdouts": _digest("\n".join(lots))}


def _told(value: Any) -> str:
    """A declaration as one text, whatever the order of its keys."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_told(value[key])}" for key in sorted(value)) + "}"
    return "[" + ", ".join(map(_told, value)) + "]" if isinstance(value, list | tuple) else str(value)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def stale(validation: Validation, evidence: Evidence) -> tuple[str, ...]:
    """Why a validation does not belong to the posterior that `evidence` draws from; () where it does.

    Names of calibrated parameters that are not drawn from a posterior, or the one text "posterior": other draws.
    """
    columns: dict[str, Any] = {}
    for group in evidence.groups.values():
        if isinstance(group, EmpiricalRows):
            table = np.asarray(group.rows, dtype=float)
            columns |= {name: table[:, group.parameters.index(name)] for name in group.members}
    names = [one.name for one in validation.parameters]
    missing = tuple(name for name in names if name not in columns)
    if missing:
        return missing
    same = posterior_hash({name: columns[name] for name in names}) == validation.hashes["posterior"]
    return () if same else ("posterior",)
