"""Several models of the same decision: their weighted average, and what it is worth to know which one is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.analysis.curves import best_share
from costeff.analysis.dust import highest, size_of_benefit
from costeff.analysis.intervals import mean, read_level
from costeff.analysis.ties import chances, chances_of, covariance_of_means
from costeff.analysis.wtp import read_wtp
from costeff.cea.decision_matrix import same
from costeff.cea.stratified import ALIKE, weighted_error
from costeff.errors import ResultError, ScenarioError

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]
COARSEST = 0.02
"""How far from its weight a structure's share of a mixture's replicate may be."""
Structures = Mapping[str, tuple[float, "EvaluationData"]]
"""Structure to (how likely it is right, its Evaluation)."""


def _read(structures: Structures) -> tuple[list[EvaluationData], Floats]:
    evaluations = {name: one for name, (_, one) in structures.items()}
    if not evaluations:
        raise ScenarioError("no structures are given")
    same(evaluations, *ALIKE)
    weights = np.array([float(weight) for weight, _ in structures.values()])
    if not (np.isfinite(weights) & (weights >= 0)).all() or abs(weights.sum() - 1) > 1e-9:
        raise ScenarioError(
            "weights do not make up the whole",
            value=", ".join(f"{w:g}" for w in weights),
            rule="each 0 or more; they sum to 1",
            way_out="state how likely each structure is right",
        )
    return list(evaluations.values()), weights


def structural_average(structures: Structures, wtp: ArrayLike | None = None, *, level: float = 0.95) -> xr.Dataset:
    """Decisions over several model structures, each a whole PSA with a weight: the mixture of their distributions.

    Variables. Over (wtp, strategy): `nmb`, the weighted mean net monetary benefit, with `nmb_mcse`; `probability`
    that the strategy is best in the mixture; `lower` and `upper`, percentile interval of the mixture of incremental
    net benefit. Over (wtp, structure): `preferred_by_structure`, and `loss`, what that structure's choice loses in
    the mixture. Over (wtp,): `preferred`; `evpi_structure`, the value of knowing which structure is right,
    and `evpi`, that of knowing structure and parameters, each with `_mcse`. Money per individual.

    Weights are judgements, and are printed with the result. Numbers of draws may differ; when structures share
    draws (some parameter is equal), errors are paired. Raises ScenarioError for weights that do not sum to 1 or a
    missing wtp, ResultError when strategies, units or perspectives differ.
    Source: Bojke, Claxton, Sculpher and Palmer 2009; Strong, Oakley and Chilcott 2012.

    >>> from costeff import Evaluation
    >>> def two(gain):
    ...     return Evaluation("state", "qaly", ("usual", "new"), "usual", [[0.0, 100.0]] * 2, [[0.0, gain]] * 2)
    >>> found = structural_average({"lasting": (0.5, two(0.9)), "waning": (0.5, two(0.3))}, 200)
    >>> found["nmb"].values.tolist(), found["preferred"].values.tolist(), found["evpi_structure"].values.tolist()
    ([[0.0, 20.0]], ['new'], [20.0])
    """
    import xarray as xr

    read_level(level)
    models, weights = _read(structures)
    values, _ = read_wtp(wtp, *models)
    first, blocks = models[0], [one.replicates for one in models]
    pairing = len({(one.draws, one.replicates) for one in models}) == 1 and _share(models)
    names, base = np.asarray(first.strategies, dtype=str), first.comparator_index
    order = [base, *(s for s in range(len(names)) if s != base)]
    shape = (len(values), len(names))
    columns = {name: np.empty(shape) for name in ("nmb", "nmb_mcse", "probability", "lower", "upper")}
    single = {n: np.empty(len(values)) for n in ("evpi_structure", "evpi_structure_mcse", "evpi", "evpi_mcse")}
    by_structure = np.empty((len(values), len(models)), dtype=np.intp)
    choices, loss = np.empty(len(values), dtype=np.intp), np.empty((len(values), len(models)))
    for w, value in enumerate(values.tolist()):
        benefit = [value * one.gain - one.cost for one in models]
        sizes = [size_of_benefit(value, one.gain, one.cost) for one in models]
        means, large = (np.array([mean(part) for part in parts]) for parts in (benefit, sizes))
        mix_means = weights @ means
        at = choices[w] = highest(mix_means, weights @ large, order)
        own = by_structure[w] = highest(means, large, order)
        loss[w] = mix_means[at] - mix_means[own]
        columns["nmb"][w] = mix_means
        shares = [best_share(part, size).mean(axis=0) for part, size in zip(benefit, sizes, strict=True)]
        columns["probability"][w] = weights @ np.array(shares)
        for s in range(len(names)):
            columns["nmb_mcse"][w, s] = weighted_error([part[:, s] for part in benefit], weights, blocks, pairing)
            over = [part[:, s] - part[:, base] for part in benefit]
            columns["lower"][w, s], columns["upper"][w, s] = _limits(over, weights, level)
        for name, parts in (
            ("evpi_structure", [part[:, k] - part[:, at] for part, k in zip(benefit, own, strict=True)]),
            ("evpi", [part.max(axis=1) - part[:, at] for part in benefit]),
        ):
            single[name][w] = weights @ [float(mean(part)) for part in parts]
        errors = _errors_of_information(benefit, weights, blocks, pairing)
        single["evpi_structure_mcse"][w], single["evpi_mcse"][w] = errors
    unit, about = {"unit": first.currency}, first.conventions()
    about.pop("label")
    about.pop("draws")
    text = ", ".join(f"{name} {weight:g}" for name, weight in zip(structures, weights, strict=True))
    axes = ("wtp", "strategy")
    return xr.Dataset(
        {
            **{name: (axes, array, {} if name == "probability" else unit) for name, array in columns.items()},
            "preferred_by_structure": (("wtp", "structure"), names[by_structure]),
            "loss": (("wtp", "structure"), loss, unit),
            "preferred": ("wtp", names[choices]),
            **{name: ("wtp", array, unit) for name, array in single.items()},
            "weight": ("structure", weights),
        },
        {"wtp": values, "strategy": list(names), "structure": list(structures)},
        attrs={**about, **unit, "weights": text, "level": level},
    )


def _errors_of_information(
    benefit: list[Floats], weights: Floats, blocks: list[int | None], pairing: bool
) -> tuple[float, float]:
    """Standard errors of `evpi_structure` and `evpi`, from chances of being best in place of the best: see ties."""
    apart = [part - part[:, :1] for part in benefit]
    if pairing:
        mix_chances = chances_of(np.tensordot(weights, np.array(apart), axes=1), blocks[0])
    else:
        each = [w**2 * covariance_of_means(x, r) for w, x, r in zip(weights, apart, blocks, strict=True) if w > 0]
        mix_chances = chances(weights @ [x.mean(axis=0) for x in apart], np.sum(each, axis=0))
    structure_terms = [x @ (chances_of(x, r) - mix_chances) for x, r in zip(apart, blocks, strict=True)]
    best = [x.max(axis=1) - x @ mix_chances for x in apart]
    return weighted_error(structure_terms, weights, blocks, pairing), weighted_error(best, weights, blocks, pairing)


def _share(models: list[EvaluationData]) -> bool:
    """Whether some parameter has the same draws in two structures, as runs of one seed have: they are then related."""
    for i, one in enumerate(models):
        for other in models[:i]:
            n = min(one.draws, other.draws)
            for name in set(one.parameters) & set(other.parameters):
                first, second = one.parameters[name][:n], other.parameters[name][:n]
                if np.ptp(first) > 0 and np.array_equal(first, second):
                    return True
    return False


def _limits(parts: list[Floats], weights: Floats, level: float) -> tuple[float, float]:
    """Percentiles of a mixture of columns: the smallest value at which the weighted distribution reaches them."""
    values = np.concatenate(parts)
    weight = np.concatenate([np.full(len(x), w / len(x)) for x, w in zip(parts, weights, strict=True)])
    order = np.argsort(values, kind="stable")
    cumulative_weight = np.cumsum(weight[order])
    tail = (1 - level) / 2
    places = np.minimum(np.searchsorted(cumulative_weight, [tail - 1e-12, 1 - tail - 1e-12]), len(values) - 1)
    low, high = values[order][places]
    return float(low), float(high)


def mixture(structures: Structures, draws: int | None = None) -> EvaluationData:
    """One Evaluation whose draws come from the structures in proportion to their weights, for every other function.

    The first draws of each are taken, numbers by largest remainder; `draws` in all (default: as many as the
    structures hold). Structures that share their draws give different ones, so that each draw counts once. Where all
    lie in the same number of replicates, so does the mixture: replicate k of each makes its replicate k. Halves are
    kept when all have them, and parameters that all share. What was taken is in `attrs["structures"]`. Errors of a
    mixture of independent draws count which structure a draw is from as luck too, though the numbers are fixed: too
    large where structures differ much; structural_average has errors without that. Raises ScenarioError when a
    structure has too few draws, or replicates have too few to be shared by weight; ResultError when some lie in
    replicates and others do not, or not in as many.
    """
    models, weights = _read(structures)
    blocks = models[0].replicates
    if any(one.replicates != blocks for one in models):
        raise ResultError(
            "structures lie in different replicates",
            value=", ".join(str(one.replicates) for one in models),
            rule="a mixture's draws are all independent, or lie in equally many replicates",
            way_out="run the structures with the same method and replicates",
        )
    parts = blocks or 1
    # of replicates the same ones hold the shared draws, and their means tell the error
    apart = blocks is None and _share(models)
    stocks = [one.draws // parts for one in models]
    most = min(int(n / weight + 1e-9) for n, weight in zip(stocks, weights, strict=True) if weight > 0)
    most = min(most, *stocks) if apart else most
    if draws is not None and draws % parts:
        raise ScenarioError("draws do not make equal replicates", value=draws, rule=f"a multiple of {parts}")
    count = most if draws is None else draws // parts
    exact = weights * count
    draw_counts = np.floor(exact + 1e-9).astype(int)
    draw_counts[np.argsort(-(exact - draw_counts), kind="stable")[: count - draw_counts.sum()]] += 1
    short = [name for name, n, own in zip(structures, draw_counts, stocks, strict=True) if n > own]
    if short or count < 1 or (apart and count > most):
        raise ScenarioError(
            "a structure has too few draws for its weight",
            value=", ".join(short) or count * parts,
            rule=f"at most {most * parts} draws in all",
            way_out="run more draws, or ask for fewer",
        )
    if parts > 1 and np.abs(draw_counts / count - weights).max() > COARSEST:
        raise ScenarioError(
            "the replicates have too few draws to be shared by weight",
            value=", ".join(f"{name} {n / count:.2g}" for name, n in zip(structures, draw_counts, strict=True)),
            rule=f"in each of {parts} replicates whole draws make each weight within {COARSEST:g}",
            way_out="run more draws, or draw at random (method='random')",
        )
    start = np.cumsum(draw_counts) - draw_counts if apart else np.zeros_like(draw_counts)
    picks = [(one, np.arange(low, low + n)) for one, low, n in zip(models, start, draw_counts, strict=True) if n]
    halves = all(one.cost_half is not None for one, _ in picks)
    common = set.intersection(*(set(one.parameters) for one, _ in picks))

    def joined(arrays: list[Floats]) -> Floats:
        """Replicate by replicate, and in each structure by structure."""
        cut = [
            array.reshape(parts, -1, *array.shape[1:])[:, rows] for array, (_, rows) in zip(arrays, picks, strict=True)
        ]
        whole = np.concatenate(cut, axis=1)
        return np.asarray(whole.reshape(-1, *whole.shape[2:]))

    def own(name: str) -> Floats:
        return joined([getattr(one, name) for one, _ in picks])

    text = ", ".join(f"{name} {n}" for name, n in zip(structures, draw_counts * parts, strict=True))
    return replace(
        models[0],
        cost=own("cost"),
        effect=own("effect"),
        cost_half=own("cost_half") if halves else None,
        effect_half=own("effect_half") if halves else None,
        parameters={
            name: joined([one.parameters[name] for one, _ in picks]) for name in models[0].parameters if name in common
        },
        attrs={**models[0].attrs, "structures": text},
        replicates=blocks,
        rounding=max(one.rounding for one in models),
    )
