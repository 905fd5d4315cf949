"""Whether a workload has become slower: two ratios to one loop, each with its error, and a rule with known rates.

With d the difference of the logarithms, e its error, and F the slowdown that must not go through, a workload is
`slower` when

    d > log(F) / 2    and    d > t e,

t the quantile of Student's law that luck passes once in 800 (`FALSE_ALARMS` divided by the number of all workloads).
Halfway to F, so that neither a slowdown of F slips through by a hair nor luck alarms. Where e is so large that F would
be missed more often than once in 20, the answer is `untold`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: The chance that any of all workloads alarms though none has changed; the bar is 1 in 20.
FALSE_ALARMS = 0.02
#: The chance with which a slowdown of F is seen where the answer is not `untold`.
POWER = 0.95
#: Beyond doubt is what luck gives with this chance at most, and of F, in logarithms, has this share at least.
SURE, SURE_SHARE = 1e-6, 0.85
#: Rounds that stand behind the spread expected beforehand (`Kind.spread`), as few of one's own say little about it.
PRIOR_ROUNDS = 6


@dataclass(frozen=True)
class Kind:
    """What is known of a kind of workload beforehand, as shares of its ratio.

    `spread` of one round about the mean and `floor`, the spread between sessions that more rounds do not lessen, by
    runs on a busy machine; `target`, the error at which rounds stop; `weight`, by which the allowed slowdown grows.
    """

    spread: float
    floor: float
    target: float
    weight: float

    def allowed(self, factor: float) -> float:
        """The slowdown that must not go through: `factor` for parts; 1.4 for whole commands where parts have 1.2."""
        return 1.0 + self.weight * (factor - 1.0)


KINDS = {"part": Kind(0.03, 0.015, 0.025, 1.0), "command": Kind(0.05, 0.02, 0.04, 2.0)}


@dataclass(frozen=True)
class Estimate:
    """Ratios of one workload by round, each from a process of its own."""

    values: tuple[float, ...]
    kind: str

    @property
    def log_mean(self) -> float:
        """Mean of the logarithms."""
        return math.fsum(map(math.log, self.values)) / len(self.values)

    @property
    def ratio(self) -> float:
        """Their geometric mean."""
        return math.exp(self.log_mean)

    @property
    def degrees(self) -> int:
        """Degrees of freedom of the spread."""
        return PRIOR_ROUNDS + len(self.values) - 1

    @property
    def luck(self) -> float:
        """Error of the mean by the rounds, as a share: their spread, joined with that expected beforehand."""
        squares = math.fsum((math.log(value) - self.log_mean) ** 2 for value in self.values)
        variance = (PRIOR_ROUNDS * KINDS[self.kind].spread ** 2 + squares) / self.degrees
        return math.sqrt(variance / len(self.values))

    @property
    def error(self) -> float:
        """Its whole error, as a share."""
        return math.hypot(self.luck, KINDS[self.kind].floor)


@dataclass(frozen=True)
class Verdict:
    """How a workload changed: `change` is new over old, `low` and `high` its bounds at 95 %, `word` the answer.

    `doubt` is whether more rounds may give another answer: it cannot be told yet, or slower but not beyond doubt.
    """

    change: float
    low: float
    high: float
    allowed: float
    word: str
    doubt: bool


def verdict(old: Estimate, new: Estimate, factor: float, workloads: int) -> Verdict:
    """Hold a new estimate against an old one; `workloads` is how many the rate of false alarms is shared by."""
    from scipy.special import stdtrit

    change, error = new.log_mean - old.log_mean, math.hypot(old.error, new.error)
    degrees = _degrees((old, new), error)
    allowed = math.log(KINDS[new.kind].allowed(factor))
    limit = max(allowed / 2, float(stdtrit(degrees, 1 - FALSE_ALARMS / workloads)) * error)
    if change > limit:
        word = "slower"
    elif limit + float(stdtrit(degrees, POWER)) * error > allowed:
        word = "untold"
    else:
        word = "faster" if change < -limit else "same"
    half = float(stdtrit(degrees, 0.975)) * error
    sure = max(SURE_SHARE * allowed, float(stdtrit(degrees, 1 - SURE)) * error)
    doubt = word == "untold" or (word == "slower" and change < sure)
    return Verdict(math.exp(change), math.exp(change - half), math.exp(change + half), math.exp(allowed), word, doubt)


def _degrees(estimates: Sequence[Estimate], error: float) -> float:
    """Degrees of freedom of the difference (Welch and Satterthwaite); the floors are taken as known."""
    return error**4 / math.fsum(one.luck**4 / one.degrees for one in estimates)
