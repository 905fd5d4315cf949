"""The design of a study: what is measured in which group, who drops out, and for which place the study decides."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.errors import ResultError, ScenarioError
from costeff.numerics.ranks import normal_scores
from costeff.voi.trial_cells import NORMAL, RATE, SHARE, Cells

Floats = NDArray[np.float64]
Expected = str | float | Callable[[Mapping[str, Floats]], ArrayLike]
"""A parameter, a number, or a function of all parameters by name."""
_OWN_LUCK = 20_080
"""Seed of what is peculiar to the study's place, so that the same design gives the same number."""


@dataclass(frozen=True)
class Endpoint:
    """What a study measures in each of its groups.

    `mean` gives by group what an individual's value is on average; `sd` the spread between individuals, None
    for a share, of which the study counts the people (then mean x (1 - mean) is the variance). With `rate`, `mean`
    is a number of events per participant, which are counted (their variance is the mean), and `sd` is left out.
    `dropout` is the share of participants without this measurement, lost at random. `contrast`: only the difference
    from the first group is learnt from, as when the level at the place of the study says nothing about ours.

    Examples
    --------
    >>> Endpoint("falls", {"usual": "falls_usual", "new": "falls_new"}, rate=True).kind
    'rate'
    """

    name: str
    mean: Mapping[str, Expected]
    sd: Expected | None = None
    dropout: float = 0.0
    contrast: bool = False
    rate: bool = False

    @property
    def kind(self) -> str:
        """`share` or `rate`, which are counted, or `normal`."""
        if self.rate:
            return RATE
        return SHARE if self.sd is None else NORMAL


@dataclass(frozen=True)
class TrialDesign:
    """Endpoints, and how participants are split between groups: {"usual": 1, "new": 2} is 2:1.

    `correlation` (endpoint, endpoint) is between the endpoints of one individual; independent unless given.

    `between`: parameters whose value at the study's place is another than at the place that decides, each with
    the share of its variance that lies between places (tau^2 / (tau^2 + SE^2) of a random-effects prediction,
    on the scale on which it is normal). The study then measures the value at its own place, of which only the
    common part carries over: correlation 1 - share. Empty: the place of the study decides about itself.
    """

    endpoints: tuple[Endpoint, ...]
    allocation: Mapping[str, float]
    correlation: ArrayLike | None = None
    between: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "endpoints", tuple(self.endpoints))
        parts = list(self.allocation.values())
        if not self.endpoints or not parts or not all(part > 0 and math.isfinite(part) for part in parts):
            raise ScenarioError("a study needs endpoints, and groups of positive size", value=dict(self.allocation))
        for endpoint in self.endpoints:
            if not set(endpoint.mean) <= set(self.allocation) or not endpoint.mean:
                raise ScenarioError(
                    f"endpoint '{endpoint.name}' names a group that the study lacks",
                    value=", ".join(endpoint.mean),
                    rule=f"groups: {', '.join(self.allocation)}",
                )
            if not 0 <= endpoint.dropout < 1:
                raise ScenarioError("dropout is out of range", value=endpoint.dropout, rule="from 0 to below 1")
            if endpoint.rate and endpoint.sd is not None:
                raise ScenarioError(
                    f"endpoint '{endpoint.name}' is a rate with an sd",
                    value=endpoint.sd,
                    rule="events of a rate are counted, and their variance is the rate",
                    way_out="leave out sd=, or rate=True",
                )
            if endpoint.contrast and len(endpoint.mean) < 2:
                raise ScenarioError(f"endpoint '{endpoint.name}' is a contrast of one group")
        for name, share in self.between.items():
            if not 0 <= share <= 1:
                raise ScenarioError(
                    f"the share of the variance of '{name}' between places is out of range",
                    value=share,
                    rule="from 0 (the same everywhere) to 1 (one place says nothing about another)",
                )
        size = len(self.endpoints)
        between = np.eye(size) if self.correlation is None else np.asarray(self.correlation, np.float64)
        if (
            between.shape != (size, size)
            or not np.array_equal(between, between.T)
            or (np.diag(between) != 1).any()
            or np.linalg.eigvalsh(between)[0] < -1e-12
        ):
            raise ScenarioError("this is no correlation matrix of the endpoints", value=between.tolist())

    def summaries(self, parameters: Mapping[str, Floats], draws: int) -> tuple[Floats, Floats]:
        """Expected summaries (draw, k) and their covariance for one participant in all, (draw, k, k).

        A summary is an endpoint's mean in a group, or the difference of one from the first group's. The
        covariance for n participants is 1 / n of it.
        """
        return self.cells(parameters, draws).summaries()

    def cells(self, parameters: Mapping[str, Floats], draws: int) -> Cells:
        """What the study sees in each endpoint and group, for each draw. Raises ScenarioError for a wrong share."""
        parameters = self.at_its_place(parameters)
        cells = [(e, group) for e, endpoint in enumerate(self.endpoints) for group in endpoint.mean]
        whole = sum(self.allocation.values())
        between = np.eye(len(self.endpoints)) if self.correlation is None else np.asarray(self.correlation)
        mean, sd = np.empty((draws, len(cells))), np.empty((draws, len(cells)))
        for c, (e, group) in enumerate(cells):
            endpoint = self.endpoints[e]
            mean[:, c] = _values(endpoint.mean[group], parameters, endpoint.name)
            if endpoint.kind == NORMAL:
                assert endpoint.sd is not None
                sd[:, c] = _values(endpoint.sd, parameters, endpoint.name)
            else:
                _check_counted(endpoint, group, mean[:, c])
                own = mean[:, c]
                sd[:, c] = np.sqrt(own * (1 - own) if endpoint.kind == SHARE else own)
        shape = np.zeros((len(cells),) * 2)
        for c, (e, group) in enumerate(cells):
            for d, (f, other) in enumerate(cells):
                if group == other:  # dropouts of two endpoints are independent, which leaves rho sd sd / n
                    completion = 1 - self.endpoints[e].dropout if e == f else 1.0
                    shape[c, d] = between[e, f] * whole / self.allocation[group] / completion
        groups = list(self.allocation)
        return Cells(
            mean,
            sd,
            shape,
            self._contrasts(cells),
            kinds=tuple(self.endpoints[e].kind for e, _ in cells),
            names=tuple(f"'{self.endpoints[e].name}' in '{group}'" for e, group in cells),
            groups=tuple(groups.index(group) for _, group in cells),
            parts=tuple(self.allocation[group] / whole for group in groups),
            observed=tuple(1 - self.endpoints[e].dropout for e, _ in cells),
        )

    def at_its_place(self, parameters: Mapping[str, Floats]) -> Mapping[str, Floats]:
        """The parameters where the study takes place, given those where the decision is made; see `between`.

        Draws keep their distributions and their rank correlations within a place; ResultError for an unknown name.
        """
        if not self.between:
            return parameters
        from scipy.special import ndtr

        columns = [np.asarray(_values(name, parameters, "between places")) for name in self.between]
        score = np.column_stack([normal_scores(column) for column in columns])
        with np.errstate(invalid="ignore"):  # a parameter that does not vary has no correlation
            within = np.nan_to_num(np.atleast_2d(np.corrcoef(score, rowvar=False)))
        np.fill_diagonal(within, 1.0)
        size, axes = np.linalg.eigh(within)
        root = axes * np.sqrt(np.maximum(size, 0))
        own = np.random.default_rng(_OWN_LUCK).normal(size=score.shape) @ root.T
        correlations = 1 - np.array(list(self.between.values()))
        there = ndtr(correlations * score + np.sqrt(1 - correlations**2) * own)
        local_values = {
            name: np.quantile(column, there[:, j])
            for j, (name, column) in enumerate(zip(self.between, columns, strict=True))
        }
        return {**parameters, **local_values}

    def _contrasts(self, cells: Sequence[tuple[int, str]]) -> Floats:
        """Matrix from the cells to the summaries."""
        rows = []
        for e, endpoint in enumerate(self.endpoints):
            own = [c for c, (f, _) in enumerate(cells) if f == e]
            for c in own[1:] if endpoint.contrast else own:
                row = np.zeros(len(cells))
                row[c] = 1
                if endpoint.contrast:
                    row[own[0]] = -1
                rows.append(row)
        return np.array(rows)


def _check_counted(endpoint: Endpoint, group: str, mean: Floats) -> None:
    """Refuse a share outside 0-1, or a rate below 0, by the value that is farthest out. Raises ScenarioError."""
    most = 1.0 if endpoint.kind == SHARE else math.inf
    low, high = float(mean.min()), float(mean.max())
    if low >= 0 and high <= most:
        return
    worst = low if -low > high - most else high
    if endpoint.kind == SHARE:
        raise ScenarioError(
            f"endpoint '{endpoint.name}' is a share outside 0-1",
            where=f"group '{group}'",
            value=worst,
            rule="without sd= an endpoint is a share of people, from 0 to 1 in every draw",
            way_out="give sd= when it is not a share, rate=True when it is a number of events",
        )
    raise ScenarioError(
        f"endpoint '{endpoint.name}' is a rate below 0",
        where=f"group '{group}'",
        value=worst,
        rule="a number of events per participant, from 0 in every draw",
        way_out="give sd= when it is not a number of events",
    )


def _values(what: Expected, parameters: Mapping[str, Floats], name: str) -> Floats | float:
    if isinstance(what, str):
        if what not in parameters:
            raise ResultError(
                f"endpoint '{name}' names an unknown parameter",
                value=what,
                rule=f"parameters: {', '.join(parameters) or 'none'}",
            )
        return parameters[what]
    return np.asarray(what(parameters), np.float64) if callable(what) else float(what)
