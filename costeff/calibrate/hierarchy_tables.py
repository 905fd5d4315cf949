"""What a calibration with effects says of its sources: spreads, effects, predictions of what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.calibrate.hierarchy import Problem, Solution, weighted_sds
from costeff.calibrate.linear import linear_posterior
from costeff.calibrate.scores import (
    binomial_p,
    constant_width_table,
    holdout_table,
    left_out_table,
    summary,
    width_table,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Hierarchy:
    """Tables of one calibration with effects.

    populations: start populations, in all and of the targets calibrated to. sds: one row per effect of sources. levels:
    one row per level of any effect. left_out: one row per target calibrated to, its source predicted from the others.
    widths: by family. holdouts: one row per held-out target. scores: this calibration and its rivals. spread: median
    over calibrated scores of the ensemble's SD, over that of the linear posterior.
    """

    populations: tuple[int, int]
    sds: pd.DataFrame
    levels: pd.DataFrame
    left_out: pd.DataFrame
    widths: pd.DataFrame
    holdouts: pd.DataFrame
    scores: pd.DataFrame
    spread: float

    def with_rival(self, name: str, table: pd.DataFrame) -> Hierarchy:
        """The same with the scores of one more rival, whose figures stand in `table`."""
        import pandas as pd

        row = pd.DataFrame([{"model": name, **summary(table)}])
        return replace(self, scores=pd.concat([self.scores, row], ignore_index=True))

    def frames(self) -> dict[str, pd.DataFrame]:
        """The tables by the names of their files."""
        tables = {"source_sds": self.sds, "effects": self.levels, "left_out": self.left_out, "widths": self.widths}
        tables |= {"scores": self.scores}
        return tables if self.holdouts.empty else {**tables, "holdouts": self.holdouts}

    def lines(self) -> list[str]:
        """What is printed of them with every calibration; where all figures are of one source, none is left out."""
        own = self.levels[self.levels["by"] != "source"]
        out = [
            f"Distinct start populations: {self.populations[0]}, {self.populations[1]} of the targets calibrated to; "
            f"each is simulated once per update",
            f"SD of the ensemble over that of the linear posterior, median of scores: {self.spread:.2f}",
            "",
            "SD between sources of the log ratio",
            f"{'effect':<30}{'prior scale':>12}{'posterior (90 %)':>24}{'part population':>17}",
        ]
        for row in self.sds.to_dict("records"):
            cell = f"{row['sd']:.2f} ({row['low']:.2f}-{row['high']:.2f})"
            out.append(f"{row['effect']:<30}{row['scale']:>12.2f}{cell:>24}{row['population']:>17.0%}")
        if len(own):
            head = f"{'effect':<46}{'prior (95 %)':>22}{'posterior (95 %)':>22}"
            out += ["", "Ratios of eras and countries", head]
        for row in own.to_dict("records"):
            cells = [f"{row[k]:.2f} ({row[k + '_low']:.2f}-{row[k + '_high']:.2f})" for k in ("prior", "posterior")]
            out.append(f"{row['effect'] + ' @ ' + row['level']:<46}" + "".join(f"{cell:>22}" for cell in cells))
        if self.left_out["source"].nunique() < 2:
            return [*out, "", "One source: no other predicts its figures", "", *self._holdout_lines()]
        return [*out, "", *self._score_lines(), "", *self._width_lines(), "", *self._holdout_lines()]

    def left_out_lines(self) -> list[str]:
        """Every figure, its source predicted from all others."""
        out = [
            "Left out by source, predicted from all other sources (90 %)",
            f"{'target':<41}{'published':>10}{'predicted (90 %)':>24}{'z':>7}",
        ]
        for source, rows in self.left_out.groupby("source", sort=False):
            density = float(rows["log_density"].sum())
            out.append(f"{source}: log density {density:.2f}")
            out += [f"  {_predicted(row)}" for row in rows.to_dict("records")]
        return out

    def _score_lines(self) -> list[str]:
        head = ["Left out by source, one after another, predicted from all others"]
        head.append(f"{'':<64}{'figures':>8}{'rms z':>7}{'beyond 1.96':>12}{'log density':>13}")
        return head + [
            f"{row['model']:<64}{row['figures']:>8.0f}{row['rms_z']:>7.2f}"
            f"{row['beyond']:>5.0f} ({row['beyond'] / row['figures']:>3.0%}){row['log_density']:>13.1f}"
            for row in self.scores.to_dict("records")
        ]

    def _width_lines(self) -> list[str]:
        head = ["Mean width of the 90 % interval, logit or log; of a source's own effects and error alone"]
        head.append(f"{'family':<16}{'figures':>8}{'width':>8}{'alone':>8}{'ratio':>8}")
        return head + [
            f"{row['family']:<16}{row['figures']:>8}{row['width']:>8.2f}{row['alone']:>8.2f}{row['ratio']:>8.2f}"
            for row in self.widths.to_dict("records")
        ]

    def _holdout_lines(self) -> list[str]:
        if self.holdouts.empty:
            return ["No hold-outs"]
        size, inside = len(self.holdouts), int(self.holdouts["inside"].sum())
        own, average = self.holdouts["log_density"].sum(), self.holdouts["average"].sum()
        out = [
            "Hold-outs, predicted as figures of sources that are new (90 %)",
            f"{'target':<41}{'published':>10}{'predicted (90 %)':>24}{'z':>7}",
        ]
        rows = self.holdouts.to_dict("records")
        out += [_predicted(row) + ("" if row["inside"] else "  outside") for row in rows]
        p = binomial_p(inside, size, 0.9)
        out.append(f"inside the 90 % interval: {inside} of {size} (binomial p {p:.2f})")
        out.append(f"log density {own:.1f}; of the plain average of the fitted figures of the family {average:.1f}")
        return out


def _predicted(row: Mapping[Any, Any]) -> str:
    cell = f"{row['predicted']:.3f} ({row['low']:.3f}-{row['high']:.3f})"
    return f"{row['target']:<41}{row['published']:>10.3f}{cell:>24}{row['z']:>7.1f}"


def hierarchy_of(problem: Problem, solution: Solution) -> Hierarchy:
    """All tables of a calibration with effects."""
    import pandas as pd

    left_out = left_out_table(problem, solution)
    words = "rival: constant width 0.3 between, 0.2 within, eras and countries"
    without = "rival: the same without eras and countries"
    if all(effect.by == "source" for effect in problem.plan.effects):
        words, without = "rival: constant width 0.3 between, 0.2 within", ""
    rows = [{"model": "this calibration", **summary(left_out)}]
    rows.append({"model": words, **summary(constant_width_table(problem, solution, True))})
    if without:
        rows.append({"model": without, **summary(constant_width_table(problem, solution, False))})
    return Hierarchy(
        (len(problem.everything), len(problem.groups)),
        _sds(problem, solution),
        _levels(problem, solution),
        left_out,
        width_table(problem, solution, left_out),
        holdout_table(problem, solution),
        pd.DataFrame(rows),
        spread_ratio(problem, solution),
    )


def spread_ratio(problem: Problem, solution: Solution) -> float:
    """Median over calibrated scores of the ensemble's SD, over that of the linear posterior: two ways to one spread."""
    nodes, weights = weighted_sds(problem, solution.linear, problem.seed)
    variances = weights @ problem.variances(nodes, len(weights))
    _, covariance = linear_posterior(solution.linear, problem.data, problem.error, problem.centres, variances)
    own = [i for i, name in enumerate(problem.state.names) if name in problem.plan.priors]
    ratio = solution.ensemble[:, own].std(axis=0, ddof=1) / np.sqrt(np.diag(covariance)[own])
    return float(np.median(ratio))


def _sds(problem: Problem, solution: Solution) -> pd.DataFrame:
    import pandas as pd

    nodes, weights = weighted_sds(problem, solution.linear, problem.seed)
    rows = []
    for effect in problem.plan.effects:
        if effect.by != "source":
            continue
        values = nodes.get(effect.name, np.full(len(weights), effect.sd))
        order = np.argsort(values)
        below = np.cumsum(weights[order])
        places = np.minimum(np.searchsorted(below, [0.05, 0.95]), len(order) - 1)
        low, high = values[order][places]
        rows.append(
            {
                "effect": effect.name,
                "scale": effect.sd,
                "sd": float(weights @ values),
                "low": float(low),
                "high": float(high),
                "population": effect.population,
            }
        )
    return pd.DataFrame(rows)


def _levels(problem: Problem, solution: Solution) -> pd.DataFrame:
    import pandas as pd

    by = {effect.name: effect.by for effect in problem.plan.effects}
    rows = []
    for level in problem.state.levels:
        low, middle, high = np.exp(np.quantile(solution.values[level.name], [0.025, 0.5, 0.975]))
        reach = 1.959963984540054 * level.sd
        rows.append(
            {
                "effect": level.effect,
                "by": by[level.effect],
                "level": level.level,
                "prior": float(np.exp(level.centre)),
                "prior_low": float(np.exp(level.centre - reach)),
                "prior_high": float(np.exp(level.centre + reach)),
                "posterior": float(middle),
                "posterior_low": float(low),
                "posterior_high": float(high),
            }
        )
    return pd.DataFrame(rows)
