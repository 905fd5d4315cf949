"""What the other parameters do to a result, taken out of the draws before the mean given one parameter is read.

The mean of y given x_j is E[y | x_j]. Let B be the parameters that the draws show to be related to x_j, with x_j
itself, and U the others, which are independent of B. A function c of all parameters whose mean over U is 0 whatever B
is, has E[c | x_j] = 0, so that y - c has the same mean given x_j as y has, and less spread (a control variate). Here c
is that part of a regression of y on all parameters whose terms hold a member of U: with terms that are products of
functions of single parameters, each less its mean, the mean over U of each such term is 0. Related parameters stay in,
so that what moves along with x_j is counted.

The regression that is taken off a draw is that of the other draws (one left out), else c would hold part of the
draw's own luck, and the mean would be pulled towards it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.levels import Levels
from costeff.analysis.regression.smooth import Smoother, bends_along, choose, orthonormal
from costeff.numerics.ranks import normal_scores

Floats = NDArray[np.float64]

TREND_LIMIT = 3.3
"""Standard errors from which a correlation of the normal scores of two parameters says that they are related: one in
a thousand of unrelated ones exceeds it. A false alarm costs precision, a relation that is overlooked moves the mean."""
_BEND_LIMIT = 4.2
"""The same for correlations with squares of scores, of which there are three for each pair."""
_MOST_BENDS = 6
_FEW = 20
"""Draws over which the variance of a score is spread, from which it enters products: that of a rare level would follow
the luck of its draws."""
_NEW = 0.02
"""Share of a bend that the straight line and the bends before it leave, below which it adds nothing."""
_MOST_PRODUCTS = 150
"""Products of parameters that enter the regression; those that its residuals show the most of."""


def standard(values: Floats, of: Floats | None = None) -> Floats:
    """Less the mean, in standard deviations; both those of `of` where that is given."""
    whole = values if of is None else of
    return np.asarray((values - whole.mean(axis=0)) / whole.std(axis=0))


@dataclass(frozen=True, eq=False)
class Terms:
    """The functions of one parameter: `scores`, of which products are formed, and `bends`, all of mean 0, (draw, k)."""

    scores: Floats
    bends: Floats
    roughness: Floats
    """(k,) the penalty of each bend, 1 for the first."""
    features: Floats
    """(draw, k): what tells whether two parameters are related; the first is that of a trend."""
    score_at: Callable[[Floats], Floats]
    """The scores at other values of the parameter, (row,) -> (row, k)."""


def terms(values: Floats, levels: Levels | None, bends: int) -> Terms:
    """The functions of a parameter: its levels, or its value and smooth bends along its ranks."""
    none = np.zeros((len(values), 0))
    if levels is not None:
        positions = np.flatnonzero(levels.counts)
        others = levels.values[positions[positions != positions[levels.counts[positions].argmax()]]]
        is_one = (values[:, None] == others).astype(float)
        share, spread = is_one.mean(axis=0), is_one.std(axis=0)

        def of_level(at: Floats) -> Floats:
            return np.asarray(((at[:, None] == others) - share) / spread)

        own = of_level(values)
        return Terms(own, none, np.zeros(0), own, of_level)
    along = normal_scores(values)
    centre, scale = values.mean(), values.std()

    def of_value(at: Floats) -> Floats:
        return np.asarray((at[:, None] - centre) / scale)

    straight = of_value(values)
    features = standard(np.column_stack([along, along**2]))
    if not bends:
        return Terms(straight, none, np.zeros(0), features, of_value)
    columns, roughness = bends_along(along, bends)
    apart, penalty = [np.ones((len(values), 1)), straight], []
    for column, rough in zip(columns.T, roughness, strict=True):
        before = np.hstack(apart) / np.sqrt(len(values))
        residual = column - before @ (before.T @ column)
        if residual.std() > _NEW * column.std():
            apart.append(residual[:, None] / residual.std())
            penalty.append(rough)
    bend_columns = np.hstack(apart[2:]) if penalty else none
    return Terms(straight, bend_columns, np.array(penalty), features, of_value)


@dataclass(frozen=True, eq=False)
class Netted:
    """Responses (draw, response) without what parameters do that are not related to those asked for."""

    values: Floats
    constant: Floats
    """(draw, response): the part taken off that does not depend on the parameters asked for, less its mean."""
    by_score: Floats
    """(draw, score, response): the part taken off by each score of the parameters asked for."""


@dataclass(frozen=True, eq=False)
class Foretold:
    """A regression of some responses on all terms: what it says of each draw, and how draws move it."""

    coefficients: Floats
    """(term, response); 0 where the other draws foretell a response no better than their mean does."""
    residual: Floats
    """(draw, response)"""
    left_out: Floats
    """(draw, response): the residual of a draw from the regression of the others; 0 where that is not used."""
    moves: Floats
    """(draw, term): how far each response moves each coefficient."""

    @classmethod
    def of(cls, smoother: Smoother, design: Floats, responses: Floats) -> Foretold:
        """The regression averaged over smoothness by its likelihood (see smooth.choose)."""
        deviations = responses - responses.mean(axis=0)
        score = smoother.columns.T @ deviations
        weight, _ = choose(smoother, score, deviations.T @ deviations - score.T @ score, len(deviations))
        shares = weight @ smoother.kept
        coefficients = smoother.back @ (shares[:, None] * score)
        residual = deviations - design @ coefficients
        left_out = residual / (1 - np.minimum(smoother.squares @ shares, 0.99))[:, None]
        useful = (left_out**2).sum(axis=0) < (deviations**2).sum(axis=0)
        return cls(
            np.where(useful, coefficients, 0.0),
            residual,
            np.where(useful, left_out, 0.0),
            (smoother.columns * shares) @ smoother.back.T,
        )


class Netting:
    """Regressions on all parameters that vary, one for each of `groups` (draw, response), and who is related.

    `replicates`: the draws lie in so many equal blocks, each randomised by itself.
    """

    def __init__(
        self,
        parameters: Mapping[str, Floats],
        levels: Mapping[str, Levels | None],
        groups: Sequence[Floats],
        replicates: int | None = None,
    ) -> None:
        self.replicates = replicates
        self.names, self.groups = list(parameters), list(groups)
        draws, count = len(groups[0]), len(self.names)
        bends = int(np.clip((draws // 4 - count) // max(count, 1), 0, _MOST_BENDS))
        self.terms = {name: terms(values, levels[name], bends) for name, values in parameters.items()}
        self.related = self._related()
        own = [self.terms[name] for name in self.names]
        self._scores = np.hstack([one.scores for one in own])
        self._owner = np.repeat(np.arange(count), [one.scores.shape[1] for one in own])
        self._fit(own)

    def _related(self) -> NDArray[np.bool_]:
        """(parameter, parameter): whether the draws show two to be related, directly or through others."""
        from scipy.sparse.csgraph import connected_components

        features = [self.terms[name].features for name in self.names]
        owner = np.repeat(np.arange(len(features)), [f.shape[1] for f in features])
        first = np.concatenate([np.arange(f.shape[1]) == 0 for f in features])
        every = np.hstack(features)
        apart = np.abs(every.T @ every) / np.sqrt(len(every))
        least = np.where(first[:, None] & first, TREND_LIMIT, _BEND_LIMIT)
        relations = apart > least
        if self.replicates is not None and self.replicates > 1:
            relations &= self._in_all_replicates(every, least, self.replicates)
        links = np.zeros((len(features),) * 2, dtype=bool)
        np.logical_or.at(links, (owner[:, None], owner[None, :]), relations)
        _, block = connected_components(links, directed=False)
        return np.asarray(block[:, None] == block)

    @staticmethod
    def _in_all_replicates(features: Floats, least: Floats, replicates: int) -> NDArray[np.bool_]:
        """Which correlations the replicates agree on: in a few points of a Sobol design some are large by design."""
        from scipy.special import ndtr, stdtrit

        blocks = features.reshape(replicates, -1, features.shape[1])
        each = np.einsum("rdf,rdg->rfg", blocks, blocks) / blocks.shape[1]
        error = each.std(axis=0, ddof=1) / np.sqrt(replicates)
        return np.asarray(np.abs(each.mean(axis=0)) > stdtrit(replicates - 1, ndtr(least)) * error)

    def partners(self, names: Sequence[str]) -> list[str]:
        """The parameters that the draws show to be related to any of `names`, without these."""
        inside = np.any(self.related[[self.names.index(name) for name in names]], axis=0)
        return [name for name, own in zip(self.names, inside.tolist(), strict=True) if own and name not in names]

    def _fit(self, own: Sequence[Terms]) -> None:
        """Fit functions of single parameters, then with them the products that the residuals show."""
        draws = len(self._scores)
        columns = [np.ones((draws, 1)), self._scores, *(one.bends for one in own)]
        free = 0.0 if self._scores.shape[1] < draws / 5 else 0.1
        penalty = [np.zeros(1), np.full(self._scores.shape[1], free), *(one.roughness for one in own)]
        single = [self._owner, *(np.full(one.bends.shape[1], i) for i, one in enumerate(own))]
        alone = np.concatenate([[-1], *single])
        design, weight = np.hstack(columns), np.concatenate(penalty)
        first = self._foretell(design, weight)
        self._pairs = _products(self._scores, self._owner, np.hstack([one.residual for one in first]))
        products = self._scores[:, self._pairs[:, 0]] * self._scores[:, self._pairs[:, 1]]
        self._spread = products.std(axis=0)
        self._middle = products.mean(axis=0) / self._spread
        products = products / self._spread - self._middle
        self._owners = np.vstack([np.column_stack([alone, alone]), self._owner[self._pairs]])
        self._design = np.hstack([design, products])
        self._foretold = (
            self._foretell(self._design, np.append(weight, np.ones(len(self._pairs)))) if len(self._pairs) else first
        )

    def _foretell(self, design: Floats, penalty: Floats) -> list[Foretold]:
        columns, rough, back = orthonormal(design, np.diag(penalty))
        smoother = Smoother(design, columns, rough, back, np.zeros(0), np.ones(0))
        return [Foretold.of(smoother, design, group) for group in self.groups]

    def without_others(self, names: Sequence[str]) -> list[Netted]:
        """Each group without what the parameters that are not related to `names` do."""
        at = [self.names.index(name) for name in names]
        inside = np.append(self.related[at].any(axis=0), True)  # the constant, -1, is nobody's
        off = ~inside[self._owners].all(axis=1)
        score_indices = [s for i in at for s in np.flatnonzero(self._owner == i).tolist()]
        net_groups = []
        for group, foretold in zip(self.groups, self._foretold, strict=True):
            design, coefficients = self._design[:, off], foretold.coefficients
            reduction = design @ coefficients[off]
            # Over the other parameters as drawn, a product with one of them has the mean 0 at every value of those
            # asked for. Its mean in these draws is luck, which goes too.
            products = off[-len(self._pairs) :] if len(self._pairs) else off[:0]
            luck = self._middle[products] @ coefficients[off.size - len(self._pairs) :][products]
            reduction += luck - reduction.mean(axis=0)
            own = (design * foretold.moves[:, off]).sum(axis=1)
            by = np.stack([self._by_score(s, inside, coefficients) for s in score_indices], axis=1)
            constant = reduction - np.einsum("ds,dsr->dr", self._scores[:, score_indices], by)
            net_groups.append(
                Netted(group - reduction + own[:, None] * foretold.left_out, constant - constant.mean(axis=0), by)
            )
        return net_groups

    def _by_score(self, score: int, inside: NDArray[np.bool_], coefficients: Floats) -> Floats:
        """(draw, response): what multiplies one score in the part that is taken off."""
        multiplier = np.zeros((len(self._scores), coefficients.shape[1]))
        first = len(coefficients) - len(self._pairs)
        for number, (one, other) in enumerate(self._pairs):
            for here, there in ((one, other), (other, one)):
                if here == score and not inside[self._owner[there]]:
                    multiplier += self._scores[:, [there]] / self._spread[number] * coefficients[first + number]
        return multiplier


def _draws_that_carry(column: Floats) -> float:
    """How many draws the variance of a score is spread over."""
    squares = column**2
    return float(squares.sum() ** 2 / (squares**2).sum())


def _products(scores: Floats, owner: NDArray[np.intp], residuals: Floats) -> NDArray[np.intp]:
    """Pairs of scores of different parameters whose products the residuals show most, (pair, 2)."""
    draws, squares = len(scores), scores**2
    large = np.sqrt(np.maximum(squares.T @ squares / draws, 1e-30))
    correlations = np.zeros(large.shape)
    for residual in residuals.T:
        size = residual.std()
        if size > 0:
            correlations = np.maximum(
                correlations, np.abs((scores * residual[:, None]).T @ scores) / draws / (size * large)
            )
    enough_draws = np.array([_draws_that_carry(score) for score in scores.T]) > _FEW
    one, other = np.triu_indices(len(correlations), 1)
    useful = (owner[one] != owner[other]) & enough_draws[one] & enough_draws[other]
    one, other = one[useful], other[useful]
    ranking = np.argsort(-correlations[one, other], kind="stable")[: min(_MOST_PRODUCTS, max(draws // 8, 3))]
    pairs = np.column_stack([one[ranking], other[ranking]])
    varies = (scores[:, pairs[:, 0]] * scores[:, pairs[:, 1]]).std(axis=0) > 1e-9
    return np.asarray(pairs[varies])
