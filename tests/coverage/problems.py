"""Decision problems whose answers are known in closed form, or by a sum or an integral in one dimension.

Regular ones are of the kind that analyses are made of. The hard ones have a heavy tail, a switch that few draws have,
or strategies that tie in the mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.integrate import quad
from scipy.special import ndtr, ndtri
from scipy.stats import beta, betabinom, gamma, norm

from costeff import Evaluation
from costeff.evidence.draw import replicated
from costeff.voi.trial_design import Endpoint, TrialDesign

DRAWS = 1024
REPLICATES = 16
Columns = Mapping[str, np.ndarray]


ALL = ("regression", "gaussian", "moment_matching", "importance_sampling")
COUNTED = ("regression", "moment_matching")
"""Where all results are summed, which the other methods do alike."""


@dataclass(frozen=True)
class Study:
    """A study of a problem: its design, its participants, and by each method the value that is true."""

    design: TrialDesign
    participants: int
    value: float
    methods: tuple[str, ...] = ALL


@dataclass(frozen=True)
class Problem:
    """Strategies' costs and effects as functions of uniform numbers, read at one willingness to pay.

    `drawn` turns uniform columns into parameters, `outcome` parameters and uniform columns into cost and effect
    (draw, strategy). Truths by name: those of `numbers` are of costs, net benefits, probabilities and EVPI; `groups`
    are values of knowing some parameters; `thresholds` values of a parameter at which the net benefit is 0.
    """

    name: str
    uniforms: tuple[str, ...]
    drawn: Callable[[Columns], dict[str, np.ndarray]]
    outcome: Callable[[Columns, Columns], tuple[np.ndarray, np.ndarray]]
    numbers: Mapping[str, float]
    groups: Mapping[str, tuple[tuple[str, ...], float]] = field(default_factory=dict)
    studies: Mapping[str, Study] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    strategies: tuple[str, ...] = ("usual", "new")
    wtp: float = 0.0
    regular: bool = True
    method: str = "random"

    def run(self, seed: int, draws: int = DRAWS) -> Evaluation:
        """One table of draws; Latin hypercube and Sobol draws in replicates."""
        blocks = None if self.method == "random" else REPLICATES
        uniform = replicated(self.uniforms, draws, seed, self.method, blocks or 1)
        parameters = self.drawn(uniform)
        cost, effect = self.outcome(parameters, uniform)
        return Evaluation(
            "payer", "qaly", self.strategies, self.strategies[0], cost, effect, parameters=parameters, replicates=blocks
        )


def beside(*columns: np.ndarray | float) -> np.ndarray:
    """Columns of strategies, (draw, strategy); a number is the same in all draws."""
    return np.column_stack(np.broadcast_arrays(*columns))


def above_zero(mean: float, sd: float) -> float:
    """Mean of a normal number where it is above 0, and 0 elsewhere."""
    return mean * float(ndtr(mean / sd)) + sd * float(norm.pdf(mean / sd))


def gained(mean: float, sd: float) -> float:
    """Value of knowing a normal net benefit before choosing it or nothing."""
    return above_zero(mean, sd) - max(mean, 0.0)


def normal_net(spread: float = 1.0, method: str = "random") -> Problem:
    """A gain of mean 0.4 and SD 1, at 1 per unit, less a price of mean 0.1 and SD 0.5: all normal.

    The net benefit has mean 0.3; a study's posterior mean of the gain has SD sqrt(1 / (1 + noise)).
    """
    both = math.hypot(1, 0.5)

    def drawn(u: Columns) -> dict[str, np.ndarray]:
        return {"gain": 0.4 + ndtri(u["a"]), "price": 0.1 + 0.5 * ndtri(u["b"])}

    studies = {}
    for label, part, n in (("1:1, 20", 1, 20), ("2:1, 90", 2, 90), ("1:1, 300", 1, 300)):
        end = Endpoint("gain", {"usual": 0.0, "new": "gain"}, sd=6.0, contrast=True)
        noise = 36 / n * (1 + part) * (1 + 1 / part)
        studies[label] = Study(
            TrialDesign((end,), {"usual": 1, "new": part}),
            n,
            gained(0.3, math.sqrt(1 / (1 + noise))),
            ALL if part == 2 else ALL[:3],
        )
    return Problem(
        f"normal, {method} draws",
        ("a", "b"),
        drawn,
        lambda p, _: (beside(0.0, p["price"]), beside(0.0, p["gain"])),
        {"cost new": 0.1, "nmb new": 0.3, "ceac new": float(ndtr(0.3 / both)), "evpi": gained(0.3, both)},
        {
            "gain": (("gain",), gained(0.3, 1.0)),
            "price": (("price",), gained(0.3, 0.5)),
            "both": (("gain", "price"), gained(0.3, both)),
        },
        studies if method == "random" else {},
        {"price": 0.4, "gain": 0.1} if method == "random" else {},
        wtp=1.0,
        method=method,
    )


def share_and_price() -> Problem:
    """A share with a Beta(2, 18) law worth 10,000, against a gamma price of mean 800 and SD 200."""
    a, b, worth, shape, scale = 2.0, 18.0, 10_000.0, 16.0, 50.0
    price, share = gamma(shape, scale=scale), beta(a, b)
    # over the share: what is left of it beyond any price, and the other way round
    best = quad(lambda p: share.pdf(p) * _short(worth * p, shape, scale), 0, 1, epsabs=1e-7)[0]
    wins = quad(lambda p: share.pdf(p) * price.cdf(worth * p), 0, 1)[0]
    of_share = quad(lambda p: share.pdf(p) * max(worth * p - 800, 0), 0, 1, points=[0.08], epsabs=1e-7)[0]
    of_price = quad(lambda c: price.pdf(c) * max(worth * a / (a + b) - c, 0), 0, 3000, points=[1000])[0]
    mean = worth * a / (a + b) - 800
    counted = Endpoint("event", {"new": "share"})
    studies = {}
    for n in (10, 60):
        k = np.arange(n + 1)
        after = betabinom.pmf(k, n, a, b) @ np.maximum(worth * (a + k) / (a + b + n) - 800, 0)
        studies[f"share, {n}"] = Study(TrialDesign((counted,), {"new": 1}), n, float(after) - mean, COUNTED)
    return Problem(
        "share against price",
        ("a", "b"),
        lambda u: {"share": share.ppf(u["a"]), "price": price.ppf(u["b"])},
        lambda p, _: (beside(0.0, p["price"]), beside(0.0, p["share"])),
        {"cost new": 800.0, "nmb new": mean, "ceac new": wins, "evpi": best - mean},
        {"share": (("share",), of_share - mean), "price": (("price",), of_price - mean)},
        studies,
        {"price": 1000.0},
        wtp=worth,
    )


def _short(amount: float, shape: float, scale: float) -> float:
    """Mean of amount - price where that is above 0, of a gamma price."""
    return float(
        amount * gamma.cdf(amount, shape, scale=scale) - shape * scale * gamma.cdf(amount, shape + 1, scale=scale)
    )


def few_events() -> Problem:
    """A share of about 1 % (Beta(1, 99)) worth 100,000 against 600: ten participants can change nothing, 200 can."""
    a, b, worth, price = 1.0, 99.0, 1e5, 600.0
    share = beta(a, b)
    best = quad(lambda p: share.pdf(p) * max(worth * p - price, 0), 0, 1, points=[price / worth])[0]
    studies = {}
    for n in (10, 40, 200):
        k = np.arange(n + 1)
        after = betabinom.pmf(k, n, a, b) @ np.maximum(worth * (a + k) / (a + b + n) - price, 0)
        studies[f"share, {n}"] = Study(
            TrialDesign((Endpoint("event", {"new": "share"}),), {"new": 1}), n, float(after) - 400.0, COUNTED
        )
    return Problem(
        "few events",
        ("a",),
        lambda u: {"share": share.ppf(u["a"])},
        lambda p, _: (beside(0.0, np.full(len(p["share"]), price)), beside(0.0, p["share"])),
        {"nmb new": 400.0, "ceac new": float(share.sf(price / worth)), "evpi": best - 400.0},
        {"share": (("share",), best - 400.0)},
        studies,
        wtp=worth,
    )


def two_groups() -> Problem:
    """Events in both groups are learnt, 2:1, from beta priors: a sum over both beta-binomials."""
    usual, new = (2.0, 18.0), (2.0, 20.0)
    k0, k1 = np.arange(11)[:, None], np.arange(21)
    chance = betabinom.pmf(k0, 10, *usual) * betabinom.pmf(k1, 20, *new)
    after = 1000 * ((new[0] + k1) / (sum(new) + 20) - (usual[0] + k0) / (sum(usual) + 10)) + 30
    mean = 1000 * (2 / 22 - 2 / 20) + 30
    event = Endpoint("event", {"usual": "p0", "new": "p1"})
    design = TrialDesign((event,), {"usual": 1, "new": 2})
    value = float((chance * np.maximum(after, 0)).sum()) - max(mean, 0.0)
    return Problem(
        "events in two groups, 2:1",
        ("a", "b"),
        lambda u: {"p0": beta.ppf(u["a"], *usual), "p1": beta.ppf(u["b"], *new)},
        lambda p, _: (beside(0.0, np.full(len(p["p0"]), -30.0)), beside(p["p0"], p["p1"])),
        {"nmb new": mean},
        {},
        {"10 and 20": Study(design, 30, value, COUNTED)},
        wtp=1000.0,
    )


def product() -> Problem:
    """Net benefit 0.2 + x + y / 2 + 0.7 x y of independent normals, and 1 more or less by a switch of equal chances.

    Given one of them, what the others add is 0 on average.
    """
    return Problem(
        "product and switch",
        ("a", "b", "c"),
        lambda u: {"x": ndtri(u["a"]), "y": ndtri(u["b"]), "yes": (u["c"] < 0.5).astype(float)},
        lambda p, _: (
            beside(0.0, 0.8 - p["x"] - p["y"] / 2 - 0.7 * p["x"] * p["y"] - 2 * p["yes"]),
            np.zeros((len(p["x"]), 2)),
        ),
        {"cost new": -0.2, "nmb new": 0.2},
        {"x": (("x",), gained(0.2, 1.0)), "y": (("y",), gained(0.2, 0.5)), "yes": (("yes",), 0.5 * 1.2 - 0.2)},
    )


def three_strategies() -> Problem:
    """Net benefits 0, 0.5 + a and 0.2 + a / 2 + b: a alone by an integral over a, b by one over b."""
    of_a = quad(lambda a: norm.pdf(a) * max(0.0, 0.5 + a, 0.2 + a / 2), -9, 9, points=[-0.6, -0.5, -0.4])[0]
    of_b = quad(lambda b: norm.pdf(b) * max(0.5, 0.2 + b), -9, 9, points=[0.3])[0]
    both = quad(
        lambda a: norm.pdf(a) * (max(0.0, 0.5 + a) + above_zero(0.2 + a / 2 - max(0.0, 0.5 + a), 1.0)),
        -9,
        9,
        points=[-0.5],
    )[0]
    first = quad(lambda a: norm.pdf(a) * ndtr(max(0.0, 0.5 + a) - 0.2 - a / 2), -9, 9, points=[-0.5])[0]
    return Problem(
        "three strategies",
        ("a", "b"),
        lambda u: {"a": ndtri(u["a"]), "b": ndtri(u["b"])},
        lambda p, _: (-beside(0.0, 0.5 + p["a"], 0.2 + p["a"] / 2 + p["b"]), np.zeros((len(p["a"]), 3))),
        {"nmb new": 0.5, "nmb other": 0.2, "ceac other": 1 - first, "evpi": both - 0.5},
        {"a": (("a",), of_a - 0.5), "b": (("b",), of_b - 0.5), "both": (("a", "b"), both - 0.5)},
        strategies=("usual", "new", "other"),
    )


def heavy_tail() -> Problem:
    """A lognormal saving (sigma 1.5) against a price of 5: most of what it is worth lies in few draws."""
    sigma, price = 1.5, 5.0
    mean = math.exp(sigma**2 / 2)
    far = float(ndtr((sigma**2 - math.log(price)) / sigma)) * mean - price * float(ndtr(-math.log(price) / sigma))
    return Problem(
        "heavy tail",
        ("a",),
        lambda u: {"x": np.exp(sigma * ndtri(u["a"]))},
        lambda p, _: (beside(0.0, price - p["x"]), np.zeros((len(p["x"]), 2))),
        {"cost new": price - mean, "evpi": far - max(mean - price, 0.0)},
        {"x": (("x",), far - max(mean - price, 0.0))},
        regular=False,
    )


def rare_switch() -> Problem:
    """One draw in fifty has a yes that makes the new strategy worth 20; otherwise it loses 1."""
    chance = 0.02
    return Problem(
        "rare switch",
        ("a", "b"),
        lambda u: {"yes": (u["a"] < chance).astype(float), "x": ndtri(u["b"])},
        lambda p, _: (beside(0.0, 1 - 21 * p["yes"] + 0.1 * p["x"]), np.zeros((len(p["x"]), 2))),
        {"cost new": 1 - 21 * chance, "evpi": chance * 20},
        {"yes": (("yes",), chance * 20)},
        regular=False,
    )


def tied() -> Problem:
    """Three strategies with the same mean: 0, a and b / 2 + c, with the values of knowing a, or a and b."""
    of_both = quad(lambda a: norm.pdf(a) * (max(0.0, a) + above_zero(-max(0.0, a), 0.5)), -9, 9, points=[0.0])[0]
    whole = quad(
        lambda a: norm.pdf(a) * (max(0.0, a) + above_zero(-max(0.0, a), math.hypot(0.5, 1))), -9, 9, points=[0.0]
    )[0]
    return Problem(
        "ties",
        ("a", "b", "c"),
        lambda u: {"a": ndtri(u["a"]), "b": ndtri(u["b"])},
        lambda p, u: (-beside(0.0, p["a"], p["b"] / 2 + ndtri(u["c"])), np.zeros((len(p["a"]), 3))),
        {"evpi": whole},
        {"a": (("a",), gained(0.0, 1.0)), "a and b": (("a", "b"), of_both)},
        strategies=("usual", "new", "other"),
        regular=False,
    )


def problems() -> tuple[Problem, ...]:
    """All of them."""
    return (
        normal_net(),
        normal_net(method="latin_hypercube"),
        normal_net(method="sobol"),
        share_and_price(),
        few_events(),
        two_groups(),
        product(),
        three_strategies(),
        heavy_tail(),
        rare_switch(),
        tied(),
    )
