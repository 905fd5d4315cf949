"""The model that is verified: run as it stands, and with changes whose consequences are known.

Runs are small. The cohort engine is used where it can hold the model; else lives are simulated, with the same luck in
all runs, so that identities hold exactly for any number of people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from costeff.analysis.study import ResultData, StudyData
from costeff.compile.environment import parameter_environment
from costeff.errors import CosteffError
from costeff.ledger import Effects, Flows, effects, flows
from costeff.ledger.perspectives import cost
from costeff.model import Model, Perspective
from costeff.simulation.simulate import Simulated, simulate

PEOPLE, DRAWS, LOTS = 100, 8, 16
SEED = 20191
MOST_CYCLES = 130
"""Up to which a cohort is quicker than a few lives."""
COHORT, LIVES = "cohort", "microsim"


@dataclass(frozen=True)
class Run:
    """What one run gave: quantities with prices on them, per individual."""

    model: Model
    simulated: Simulated
    environment: Mapping[str, Any]

    @cached_property
    def flows(self) -> Flows:
        """Money by draw, strategy, line, year and layer."""
        s = self.simulated
        return flows(self.model, s.layout, self.environment, s.quantities)

    def effects(self, layer: int | None = None) -> Effects:
        """Effects in their layer of discounting, or all in the one that is named (0 is undiscounted)."""
        s = self.simulated
        layer = s.layer_effect if layer is None else layer
        return effects(self.model, s.layout, self.environment, s.quantities, layer)

    @cached_property
    def people(self) -> float:
        """Individuals in each draw, or the weight of the groups."""
        return float(self.simulated.quantities.half_sizes.sum())

    @cached_property
    def time(self) -> np.ndarray:
        """Undiscounted cycles in each state by draw, strategy, state and year, per individual."""
        where, time = self.simulated.layout, self.simulated.quantities.time
        tally = where.tally(None)
        by_state = [time[:, :, :, where.cells(tally, s), :, 0].sum(axis=(2, 3)) for s in self.model.state_names]
        return np.stack(by_state, axis=2) / self.people

    @cached_property
    def alive(self) -> np.ndarray:
        """Undiscounted cycles alive by draw and strategy, per individual."""
        living = [state.alive and not state.counts for state in self.model.states]
        return np.asarray(self.time[:, :, living].sum(axis=(2, 3)))

    @cached_property
    def trace(self) -> np.ndarray:
        """Share in each state by strategy, state and point of time, mean over draws."""
        return self.simulated.quantities.trace / (self.people * self.simulated.quantities.draws)

    @cached_property
    def events(self) -> np.ndarray:
        """Undiscounted events by draw, strategy and event, per individual."""
        count = len(self.simulated.layout.events)
        return np.asarray(self.simulated.quantities.events[:, :, :, :count, :, 0].sum(axis=(2, 4)) / self.people)

    def cost(self, perspective: Perspective, layer: int | None = None) -> np.ndarray:
        """Cost of a perspective by draw, strategy and year."""
        return cost(perspective, self.flows, self.environment, self.simulated.layer_cost if layer is None else layer)


@dataclass(frozen=True)
class Subject:
    """A study and the runs that checks make of it."""

    study: StudyData[Any]

    @property
    def model(self) -> Model:
        """As declared."""
        return self.study.model

    @cached_property
    def base_values(self) -> dict[str, np.ndarray]:
        """Every parameter at its stated value, (1,)."""
        return {name: np.array([value]) for name, value in self.study.evidence.base().items()}

    @cached_property
    def drawn_values(self) -> dict[str, np.ndarray]:
        """A few draws of every parameter."""
        return self.study.evidence.columns(DRAWS, SEED)

    @cached_property
    def cohort(self) -> Run | None:
        """The model by the cohort engine; None where it cannot hold it."""
        try:
            return self.run(engine=COHORT)
        except CosteffError:
            return None

    @cached_property
    def engine(self) -> str:
        """The engine of most runs: the cohort engine for models of few cycles that it can hold."""
        long = self.model.conventions.horizon > MOST_CYCLES
        return LIVES if long or self.cohort is None else COHORT

    def run(
        self,
        model: Model | None = None,
        values: Mapping[str, np.ndarray] | None = None,
        *,
        engine: str | None = None,
        seed: int = SEED,
        keys: np.ndarray | None = None,
    ) -> Run:
        """The model, or a changed one, at its stated values unless others are given."""
        model = self.model if model is None else model
        values = self.base_values if values is None else values
        engine = self.engine if engine is None else engine
        tables = self.study.tables
        simulation = simulate(model, values, tables, individuals=PEOPLE, seed=seed, keys=keys, engine=engine)
        size = len(next(iter(values.values()))) if values else 1
        return Run(model, simulation, parameter_environment(model, values, tables, size))

    @cached_property
    def base(self) -> Run:
        """The model at its stated values."""
        return self.cohort if self.engine == COHORT and self.cohort is not None else self.run()

    @cached_property
    def draws(self) -> Run:
        """The model in a few draws."""
        return self.run(values=self.drawn_values)

    @cached_property
    def lots(self) -> Run:
        """The model at its stated values for many lots of other people, so that luck can be measured."""
        return self.in_lots(SEED)

    def in_lots(self, seed: int) -> Run:
        """As `lots`, from another seed."""
        values = {name: np.repeat(value, LOTS) for name, value in self.base_values.items()}
        return self.run(values=values, engine=LIVES, seed=seed, keys=np.arange(LOTS))

    @cached_property
    def result(self) -> ResultData[Any]:
        """The few draws as a result, from which decisions are read."""
        return self.study.result_class(self.study, self.drawn_values, self.draws.simulated, PEOPLE, SEED, "random")


class ChangedModel(Model):
    """A model that is not checked anew: a utility of 1 for everyone breaks rules of what is declared."""

    def __post_init__(self) -> None:
        pass


def model_with(model: Model, **fields: Any) -> Model:
    """The model with other fields, unchecked."""
    return ChangedModel(**{**model.__getstate__(), **fields})
