"""What an update moves: normal scores of parameters, then log ratios of the levels of effects, one column each.

A parameter's value is the quantile of Phi(score) of its prior; for log-normal priors the score is the log scale. The
log ratio of a level is its centre plus its SD times its score. SDs that are unknown are not scores: a linear update
cannot learn how far levels spread, so they are drawn beforehand (`costeff.calibrate.linear`), one for each member.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costeff.calibrate.effects import Effect, Level
from costeff.evidence import Evidence
from costeff.evidence.draw import uniforms

Floats = NDArray[np.float64]
METHOD = "latin_hypercube"


@dataclass(frozen=True)
class State:
    """Columns of scores: one for each of `names`, then one for each of `levels`.

    `leaders` maps the parameters that follow another's score to that parameter.
    """

    prior: Evidence
    names: tuple[str, ...]
    leaders: Mapping[str, str]
    levels: tuple[Level, ...]
    effects: tuple[Effect, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """What each column of scores is called: names of parameters, then of levels."""
        return (*self.names, *(level.name for level in self.levels))

    def scores(self, draws: int, seed: int) -> Floats:
        """Scores of the prior, (J, P): a Latin hypercube, each column addressed by its name."""
        from scipy.special import ndtri

        columns = uniforms(self.addresses, draws, seed, METHOD)
        return np.asarray(ndtri(np.array([columns[name] for name in self.addresses]).reshape(-1, draws).T))

    def values(self, scores: Floats, sds: Mapping[str, Floats]) -> dict[str, Floats]:
        """Values of parameters, those that follow too, and log ratios of levels, by name, (J,) each; of scores (J, P).

        `sds` has the SD of every effect whose SD is unknown, (J,).
        """
        from scipy.special import ndtr

        size = len(self.names)
        u = np.clip(ndtr(scores[:, :size]), 1e-12, 1 - 1e-12)
        columns = {name: u[:, i] for i, name in enumerate(self.names)}
        columns |= {name: columns[leader] for name, leader in self.leaders.items() if leader in columns}
        drawn = {name: np.asarray(self.prior.parameters[name].spread.ppf(x)) for name, x in columns.items()}
        return {**drawn, **self.log_ratios(scores[:, size:], sds)}

    def log_ratios(self, scores: Floats, sds: Mapping[str, Floats]) -> dict[str, Floats]:
        """Log ratios of the levels, by name, (J,) each; `scores` (J, L) are those of the levels alone."""
        wide = {effect.name for effect in self.effects if effect.unknown_sd}
        return {
            level.name: level.centre + (sds[level.effect] if level.effect in wide else level.sd) * scores[:, i]
            for i, level in enumerate(self.levels)
        }


def prior_sds(effects: Sequence[Effect], draws: int, seed: int) -> dict[str, Floats]:
    """Draws (J,) of the unknown SDs under their half-normal priors, by effect."""
    from scipy.special import ndtri

    unknown_ones = [effect for effect in effects if effect.unknown_sd]
    columns = uniforms([f"sd of {effect.name}" for effect in unknown_ones], draws, seed, METHOD)
    return {e.name: np.asarray(e.sd * ndtri((1 + columns[f"sd of {e.name}"]) / 2)) for e in unknown_ones}
