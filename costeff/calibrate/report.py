"""What a calibration found: fit to each target, contraction of each prior, the posterior, and how they are printed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from costeff.calibrate.hierarchy_tables import Hierarchy
from costeff.calibrate.likelihood import Z975, error_covariance, natural, transformed
from costeff.calibrate.observe import Observed
from costeff.calibrate.target import Target
from costeff.calibrate.targets import CalibrationPlan
from costeff.calibrate.validation import BANDS, LEAST_CONTRACTION, Validation, band_name, validation_of
from costeff.calibrate.validation_file import validation_text
from costeff.errors import ResultError
from costeff.evidence import Parameter
from costeff.files import write_folder
from costeff.files.cells import csv_text

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
WIDTH = 110


@dataclass(frozen=True)
class Calibration:
    """The result of `calibrate` or, when `checked_only`, of `check`.

    fit: one row per target. contraction: one row per parameter. posterior: one row per draw, one column per
    parameter; with effects, of a new population. hierarchy: what concerns sources, where the plan has effects.
    """

    plan: CalibrationPlan
    fit: pd.DataFrame
    contraction: pd.DataFrame
    posterior: pd.DataFrame
    priors: Mapping[str, Parameter]
    seed: int
    draws: int
    individuals: int
    seconds: float
    checked_only: bool = False
    hierarchy: Hierarchy | None = None

    def __repr__(self) -> str:
        kind = "check" if self.checked_only else "posterior"
        return f"Calibration of {self.plan.model or 'a model'}: {kind}, targets: {len(self.fit)}, draws: {self.draws}"

    def __str__(self) -> str:
        """Tables of fit and contraction, at most 110 columns wide."""
        return "\n".join(_lines(self))

    def validation(self) -> Validation:
        """What readers of results are shown of the calibration behind them."""
        sizes = self.draws, self.individuals, self.seed
        return validation_of(self.plan, sizes, self.fit, self.contraction, self.posterior, self.hierarchy)

    def write(self, folder: str | os.PathLike[str]) -> tuple[str, ...]:
        """Write posterior, tables and the lines for the parameter file into `folder`; the names of the files.

        A failure leaves the folder as it was. Raises ResultError when it cannot be written, or when nothing was
        calibrated.
        """
        if self.checked_only:
            raise ResultError("a check has no new posterior to write", way_out="run without --check")
        stem = self.plan.model or "model"
        files = {
            f"{stem}_posterior.csv": csv_text(self.posterior, float_format="%.6g", lineterminator="\n"),
            "fit.csv": csv_text(self.fit, float_format="%.6g", lineterminator="\n"),
            "contraction.csv": csv_text(self.contraction, float_format="%.6g", lineterminator="\n"),
            "report.txt": f"{self}\n",
            "parameters.txt": parameter_lines(self),
            f"{stem}_validation.yaml": validation_text(self.validation()),
        }
        if self.hierarchy is not None:
            frames = self.hierarchy.frames()
            files |= {f"{n}.csv": csv_text(f, float_format="%.6g", lineterminator="\n") for n, f in frames.items()}

        def make(directory: Path) -> None:
            for name, text in files.items():
                (directory / name).write_text(text, encoding="utf-8")

        output_files = write_folder(folder, make, kind="calibration")
        output_files.log()
        return tuple(output_files.names)

    def write_figures(self, folder: str, language: str = "en") -> list[str]:
        """Write a page for each family of figures into `folder`: published, before and after; the names of the pages.

        Raises ResultError when it cannot be written.
        """
        from costeff.calibrate.figures import fit_figures
        from costeff.reporting.outputs import write_figures

        return write_figures(folder, fit_figures(self.validation().figures), language)


def fit_table(plan: CalibrationPlan, after: Observed, before: Observed | None) -> pd.DataFrame:
    """One row per target: published value, predictions before and after with 95 % intervals and bands, and a verdict.

    Intervals of predictions are those of the parameters: simulation noise, known from the two halves, is
    taken out. `z` is the distance from the published value in standard deviations of prediction, discrepancy
    and sampling together on the scale of the likelihood; `inside` says whether it is within 1.96, which a
    wide prediction passes easily; the stricter `mean_inside` whether the mean prediction lies within the
    published interval. `noise` is the simulation noise of one draw against the standard deviation of the
    target's error.
    """
    import pandas as pd

    error = np.sqrt(np.diag(error_covariance(plan.targets, plan.discrepancy)))
    rows = []
    for k, target in enumerate(plan.targets):
        spread = _less_noise(after, k)
        z = (spread.mean() - float(transformed(target, target.value))) / np.hypot(spread.std(ddof=1), error[k])
        prediction = _predicted("model", target, spread)
        rows.append(
            {
                "target": target.name,
                "use": target.use,
                "source": target.source,
                "published": target.value,
                "published_low": target.interval[0],
                "published_high": target.interval[1],
                **_predicted("prior", target, None if before is None else _less_noise(before, k)),
                **prediction,
                "z": float(z),
                "inside": bool(abs(z) <= Z975),
                "mean_inside": bool(target.interval[0] <= prediction["model"] <= target.interval[1]),
                "noise": float(np.sqrt(after.noise[k, k]) / error[k]),
            }
        )
    return pd.DataFrame(rows)


def _less_noise(observed: Observed, k: int) -> Floats:
    """Draws of one target, pulled towards their mean until the variance of the simulation noise is gone."""
    values = observed.values[:, k]
    whole = float(values.var(ddof=1))
    variance_share = max(whole - float(observed.noise[k, k]), 0.0) / whole if whole > 0 else 0.0
    return np.asarray(values.mean() + (values - values.mean()) * np.sqrt(variance_share))


def _predicted(kind: str, target: Target, values: Floats | None) -> dict[str, float]:
    """Mean, 95 % interval, and the quantiles of `BANDS`, in the unit of the target; NaN without values."""
    bands = [band_name(kind, quantile) for quantile in BANDS[kind]]
    if values is None:
        return dict.fromkeys((kind, f"{kind}_low", f"{kind}_high", *bands), float("nan"))
    low, high = natural(target, np.quantile(values, [0.025, 0.975]))
    mean = float(natural(target, values).mean())
    inner = dict(zip(bands, natural(target, np.quantile(values, BANDS[kind])).tolist(), strict=True))
    return {kind: mean, f"{kind}_low": float(low), f"{kind}_high": float(high), **inner}


def contraction_table(priors: Mapping[str, Parameter], posterior: Mapping[str, Floats]) -> pd.DataFrame:
    """One row per parameter: prior and posterior median with 95 % interval, shift and contraction on the log scale."""
    import pandas as pd

    grid = (np.arange(4000) + 0.5) / 4000
    rows = []
    for name, column in posterior.items():
        spread = priors[name].spread
        wide = float(np.log(spread.ppf(grid)).std())
        contraction = 1 - float(np.log(column).std(ddof=1)) / wide
        (low, high), (lower, upper) = spread.interval(), np.quantile(column, [0.025, 0.975])
        rows.append(
            {
                "parameter": name,
                "prior": float(spread.ppf(0.5)),
                "prior_low": low,
                "prior_high": high,
                "posterior": float(np.median(column)),
                "posterior_low": float(lower),
                "posterior_high": float(upper),
                "shift": float((np.log(column).mean() - np.log(spread.ppf(grid)).mean()) / wide),
                "contraction": contraction,
                "identified": contraction >= LEAST_CONTRACTION,
            }
        )
    return pd.DataFrame(rows)


def _lines(c: Calibration) -> list[str]:
    what = "Posterior as shipped, simulated again" if c.checked_only else "Calibration by ES-MDA"
    out = [
        f"{what}: model {c.plan.model}, {c.draws} draws, {c.individuals} individuals per draw and population, "
        f"seed {c.seed}.",
        f"z: distance in standard deviations of prediction, sampling and discrepancy ({c.plan.discrepancy:g}).",
        "OUT: |z| above 1.96. off: z is within it, but the mean prediction lies outside the published interval.",
    ]
    if c.checked_only and c.plan.effects:
        out.append("Effects of sources, eras, countries and conditions are drawn from their priors.")
    for use, title in (("calibrate", "Targets calibrated to"), ("holdout", "Held out: predicted, not fitted")):
        rows = c.fit[c.fit["use"] == use]
        if not rows.empty:
            out += ["", title, _head(c.checked_only), *(_row(row, c.checked_only) for row in rows.to_dict("records"))]
    out.append("")
    for use, title in (("calibrate", "Calibrated to"), ("holdout", "Held out")):
        rows = c.fit[c.fit["use"] == use]
        beyond = rows.loc[~rows["inside"], "target"].tolist()
        off = rows.loc[~rows["mean_inside"], "target"].tolist()
        out += _wrapped(f"{title}, OUT: |z| above 1.96 ({len(beyond)} of {len(rows)})", beyond)
        out += _wrapped(f"{title}, mean outside the published interval ({len(off)} of {len(rows)})", off)
        if not rows.empty:
            most = rows["noise"].max()
            out.append(f"{title}: simulation noise of one draw is {most:.0%} of the SD of a target's error or less")
    if c.hierarchy is not None:
        out += ["", *c.hierarchy.lines()]
    return [*out, "", *contraction_lines(c.contraction)]


def _head(is_check: bool) -> str:
    prior = "" if is_check else f"{'prior (95 %)':>20}"
    return f"{'target':<35}{'published (95 %)':>20}{prior}{'model (95 %)':>20}{'z':>6}"


def _row(row: Mapping[Any, Any], is_check: bool) -> str:
    cells = [_cell(row, key) for key in ("published", "prior", "model") if not (is_check and key == "prior")]
    verdict = "  OUT" if not row["inside"] else "  off" if not row["mean_inside"] else ""
    return f"{row['target']:<35}" + "".join(f"{cell:>20}" for cell in cells) + f"{row['z']:>6.1f}{verdict}"


def _cell(row: Mapping[Any, Any], key: str) -> str:
    digits = 1 if row[key] >= 1 else 3
    return f"{row[key]:.{digits}f} ({row[f'{key}_low']:.{digits}f}-{row[f'{key}_high']:.{digits}f})"


def contraction_lines(table: pd.DataFrame) -> list[str]:
    """The table of contraction as it is printed: identified parameters, then the names of the others."""
    identified_rows, unknown = table[table["identified"]], table.loc[~table["identified"], "parameter"].tolist()
    out = [
        "Contraction of prior to posterior: 1 - sd(log posterior) / sd(log prior)",
        f"{'parameter':<40}{'prior (95 %)':>31}{'posterior (95 %)':>31}{'contr.':>8}",
    ]
    for row in identified_rows.sort_values("contraction", ascending=False).to_dict("records"):
        cells = "".join(f"{_small(row, key):>31}" for key in ("prior", "posterior"))
        out.append(f"{row['parameter']:<40}{cells}{row['contraction']:>8.2f}")
    return [*out, "", *_wrapped(f"Not identified: contraction below {LEAST_CONTRACTION:g} ({len(unknown)})", unknown)]


def _small(row: Mapping[Any, Any], key: str) -> str:
    return f"{row[key]:.3g} ({row[f'{key}_low']:.3g}-{row[f'{key}_high']:.3g})"


def _wrapped(title: str, names: list[str]) -> list[str]:
    import textwrap

    text = f"{title}: {', '.join(names) or 'none'}"
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False)


def parameter_lines(c: Calibration) -> str:
    """The calibrated parameters and their group as lines for the parameter file, with prior, sources and notes."""
    target_sources = list(dict.fromkeys(t.source for t in c.plan.used("calibrate")))
    contractions = dict(zip(c.contraction["parameter"], c.contraction["contraction"], strict=True))
    lines = ["parameters:"]
    for name, parameter in c.priors.items():
        low, high = parameter.interval()
        caveat = (
            ""
            if contractions[name] >= LEAST_CONTRACTION
            else "; not identified by the targets, so it rests on the prior"
        )
        prior = f"prior {parameter.spread.ppf(0.5):.4g} ({low:.4g}-{high:.4g}), {parameter.kind}"
        prior += f"; calibrated by `costeff calibrate`{caveat}"
        note = json.dumps("; ".join(part for part in (parameter.note, prior) if part), ensure_ascii=False)
        value = float(np.median(c.posterior[name]))
        sources = ", ".join(dict.fromkeys((*parameter.source, *target_sources)))
        lines.append(
            f"  {name}: {{value: {value:.6g}, centre: median, unit: {parameter.unit}, kind: calibrated, "
            f"source: [{sources}], note: {note}}}"
        )
    members = ",\n    ".join(c.priors)
    group = ["  posterior:", "    distribution: empirical", f"    file: {c.plan.model}_posterior.csv"]
    return "\n".join([*lines, "", "groups:", *group, f"    parameters: [\n    {members}]", ""])
