"""Evaluation: cost and effect by draw and strategy under one perspective, checked once, then trusted.

Depends on costeff.errors only; pandas and xarray appear in what the methods return, not in what is stored.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.intervals import check_replicates
from costeff.analysis.level_check import checked_levels
from costeff.errors import ResultError

HALF_TOLERANCE = 2.0**-32
"""How far the mean of the halves may lie from the whole, relative to the largest value: two sums of a million numbers
in different orders differ by no more. Money that was rounded says its own step, see `Evaluation.rounding`."""

MOST_NAMES = 6
"""Strategies that the short text of an evaluation names."""


ERROR_OF_RUNS = "simulation error"
"""What the errors of a model's own runs are; those of a table are its sampling error."""


@dataclass(frozen=True, eq=False)
class EvaluationData:
    """Cost and effect by draw and strategy, under one perspective and one effect.

    Arrays are copied to float64 and made read-only. Raises ResultError for a wrong shape, name or number.

    >>> from costeff import Evaluation
    >>> two = Evaluation("municipal", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[100.0, 150.0], [120.0, 150.0]] * 3, effect=[[1.0, 1.5], [1.0, 1.5]] * 3)
    >>> two.icer_table()[["strategy", "incremental_cost", "icer", "status"]].to_dict("records")[1]
    {'strategy': 'new', 'incremental_cost': 40.0, 'icer': 80.0, 'status': 'efficient'}
    """

    perspective: str
    """Whose costs count."""
    effect_name: str
    """Name of the effect, such as "qaly"."""
    strategies: tuple[str, ...]
    """Names of the strategies, in the order of the last axis."""
    comparator: str
    """Name of the strategy that the others are compared with."""
    cost: NDArray[np.float64]
    """(draw, strategy): mean cost per individual, in `currency`."""
    effect: NDArray[np.float64]
    """(draw, strategy): mean effect per individual, in `effect_unit`, as counted (see `effect_sign`)."""
    cost_half: NDArray[np.float64] | None = None
    """(draw, 2, strategy): the same for two independent halves of a draw's individuals; None for a cohort."""
    effect_half: NDArray[np.float64] | None = None
    """(draw, 2, strategy)"""
    parameters: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Drawn parameters by name, each (draw,)."""
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the levels of those parameters that were read as text or yes/no and hold codes 0, 1, ..."""
    currency: str = "money"
    effect_unit: str = "QALY"
    price_year: int | None = None
    label: str = ""
    effect_sign: int = 1
    """1: more is better. -1: fewer is better (weeks on sickness benefit), so a decrease is a gain."""
    attrs: Mapping[str, object] = field(default_factory=dict)
    """Conventions and provenance, kept as given."""
    replicates: int | None = None
    """None: draws are independent. R: they lie in R equal blocks, each randomised by itself (Latin hypercube,
    Sobol), from whose means every Monte Carlo error comes; 1: no error can be told, so all are NaN."""
    rounding: float = 0.0
    """How far the mean of the halves of cost may lie from the whole because flows were rounded, in `currency`."""
    simulated: bool = False
    """True: draws of a run of costeff, so that a Monte Carlo error is simulation error. False: draws from elsewhere,
    of which nobody knows how they came about, so that it is the sampling error of the draws."""

    def __post_init__(self) -> None:
        self._check_names()
        shape = self._keep("cost", None)
        self._keep("effect", shape)
        if (self.cost_half is None) != (self.effect_half is None):
            raise ResultError(
                "halves are given for cost or effect only",
                rule="noise needs both cost_half and effect_half, or neither",
            )
        if self.cost_half is not None:
            for name in ("cost", "effect"):
                self._keep(f"{name}_half", (shape[0], 2, shape[1]))
                self._check_half(name, self.rounding if name == "cost" else 0.0)
        self._keep_parameters(shape[0])
        if self.replicates is not None:
            check_replicates(self.replicates, shape[0])

    def _check_names(self) -> None:
        object.__setattr__(self, "strategies", tuple(self.strategies))
        names = self.strategies
        if not names or not all(names):
            raise ResultError("strategies need names", value=names, rule="each name is a non-empty text")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ResultError("strategy names are not unique", value=", ".join(twice))
        if self.comparator not in names:
            raise ResultError(
                "the comparator is not one of the strategies",
                value=self.comparator,
                rule=f"strategies: {', '.join(names)}",
                way_out="name one of them as comparator",
            )
        if self.effect_sign not in (1, -1):
            raise ResultError(
                "effect_sign is wrong", value=self.effect_sign, rule="1: more is better; -1: fewer is better"
            )

    def _keep(self, name: str, shape: tuple[int, ...] | None) -> tuple[int, ...]:
        """Copy one array to read-only float64 after checking its shape and that it is finite."""
        try:
            values = np.array(getattr(self, name), dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ResultError(f"{name} is not an array of numbers", rule=str(error)) from error
        if shape is None:  # the first array sets the number of draws
            shape = (max(len(values), 1) if values.ndim else 1, len(self.strategies))
        if values.shape != shape:
            rule = f"expected {shape}; axes are (draw, [half,] strategy)"
            raise ResultError(f"{name} has the wrong shape", value=values.shape, rule=rule)
        if not np.isfinite(values).all():
            place = tuple(int(index) for index in np.argwhere(~np.isfinite(values))[0])
            raise ResultError(
                f"{name} holds a number that is not finite",
                value=values[place],
                where=f"draw {place[0]}, strategy '{self.strategies[place[-1]]}'",
            )
        values.setflags(write=False)
        object.__setattr__(self, name, values)
        return values.shape

    def _check_half(self, name: str, rounding: float) -> None:
        whole, half = getattr(self, name), getattr(self, f"{name}_half")
        gaps = np.abs(half.mean(axis=1) - whole)
        most = rounding + HALF_TOLERANCE * float(np.abs(half).max())
        if gaps.max() > most:
            draw, strategy = np.unravel_index(int(gaps.argmax()), gaps.shape)
            raise ResultError(
                f"the halves of {name} do not make up the whole",
                where=f"draw {draw}, strategy '{self.strategies[strategy]}'",
                value=f"their mean is {half[draw, :, strategy].mean():.17g}, the whole {whole[draw, strategy]:.17g}",
                rule=f"the mean of the halves is the draw's mean, within {most:.3g} for rounding",
                way_out="give two halves with equally many individuals, which together are all of them, or no halves; "
                "for rounded money say the step under `rounding`",
            )

    def _keep_parameters(self, draws: int) -> None:
        arrays = {}
        for name, column in self.parameters.items():
            values = column if _is_frozen(column) else np.array(column, dtype=np.float64)
            if values.shape != (draws,) or not np.isfinite(values).all():
                raise ResultError(
                    f"parameter '{name}' does not fit the draws",
                    value=f"shape {values.shape}",
                    rule=f"one finite number for each of {draws} draws",
                )
            values.setflags(write=False)
            arrays[name] = values
        object.__setattr__(self, "parameters", arrays)
        object.__setattr__(self, "levels", checked_levels(self.levels, arrays))

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.cost)

    @property
    def gain(self) -> NDArray[np.float64]:
        """(draw, strategy): the effect counted so that more is better, in `effect_unit`."""
        return self.effect_sign * self.effect

    @property
    def comparator_index(self) -> int:
        """Position of the comparator among the strategies."""
        return self.strategies.index(self.comparator)

    @property
    def alternatives(self) -> tuple[str, ...]:
        """The strategies without the comparator, in their order."""
        return tuple(name for name in self.strategies if name != self.comparator)

    @property
    def errors(self) -> str:
        """What a Monte Carlo error (`_mcse`) of these draws is: the error of a mean, not the spread of the draws."""
        return ERROR_OF_RUNS if self.simulated else "sampling error of the draws"

    def conventions(self) -> dict[Hashable, str | int]:
        """What travels with every table and array: texts and integers only, so that netCDF accepts them.

        `strategies` is a JSON list of all names in their order, so that a figure of some of them gives each its look.

        Returns
        -------
        dict
            Name of the convention to its text or number.

        Examples
        --------
        >>> from costeff import Evaluation
        >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
        ...                cost=[[0.0, 100.0], [0.0, 100.0]], effect=[[0.0, 1.0], [0.0, 0.2]])
        >>> two.conventions()["comparator"]
        'usual'
        """
        entries: dict[Hashable, str | int] = {
            "perspective": self.perspective,
            "effect": self.effect_name,
            "effect_unit": self.effect_unit,
            "effect_sign": self.effect_sign,
            "comparator": self.comparator,
            "currency": self.currency,
            "draws": self.draws,
            "label": self.label,
            "errors": self.errors,
            "strategies": json.dumps(list(self.strategies), ensure_ascii=False),
        }
        if self.replicates is not None:
            entries["replicates"] = self.replicates
        return entries if self.price_year is None else {**entries, "price_year": self.price_year}

    def __repr__(self) -> str:
        return f"Evaluation: {self.about()}\n  {self.compared()}"

    def about(self) -> str:
        """Whose costs, in what money, which effect and how many draws, in one line.

        Returns
        -------
        str
            One line of text.

        Examples
        --------
        >>> from costeff import Evaluation
        >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
        ...                cost=[[0.0, 100.0], [0.0, 100.0]], effect=[[0.0, 1.0], [0.0, 0.2]])
        >>> two.about()
        'payer perspective, money per individual, effect qaly (QALY), draws: 2'
        """
        year = "" if self.price_year is None else f" {self.price_year}"
        text = f"{self.perspective} perspective, {self.currency}{year} per individual"
        return f"{text}, effect {self.effect_name} ({self.effect_unit}), draws: {self.draws}"

    def compared(self) -> str:
        """The strategies, at most MOST_NAMES of them by name.

        Returns
        -------
        str
            One line of text.

        Examples
        --------
        >>> from costeff import Evaluation
        >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
        ...                cost=[[0.0, 100.0], [0.0, 100.0]], effect=[[0.0, 1.0], [0.0, 0.2]])
        >>> two.compared()
        'new, compared with usual; parameters: 0'
        """
        names = ", ".join(self.alternatives[:MOST_NAMES])
        more = len(self.alternatives) - MOST_NAMES
        others = (f"{names} and {more} more" if more > 0 else names) or "no other strategy"
        return f"{others}, compared with {self.comparator}; parameters: {len(self.parameters)}"


def _is_frozen(values: object) -> bool:
    """Whether an array is read-only and no view, as evaluations keep theirs: others may keep it too, without a copy."""
    if not isinstance(values, np.ndarray) or values.dtype != np.float64:
        return False
    return values.base is None and not values.flags.writeable
