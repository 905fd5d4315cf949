"""The model: declared elements that have passed every check."""

from __future__ import annotations

from dataclasses import dataclass

from costeff.model.checks.check import check_new_model
from costeff.model.data import ModelData


@dataclass(frozen=True, repr=False)
class Model(ModelData):
    """A checked model. Build it with `read_model(path)` or directly; `check_model` runs in the constructor.

    Its fields are those of `ModelData`.

    Parameters
    ----------
    name : str
        Its name in files and commands.
    title : Label
        What readers see.
    conventions : Conventions
        Cycle, horizon, discount rates, currency and price year.
    states : tuple of State
        Where people can be.
    attributes : tuple of Attribute
        What differs between people.
    start : str
        The state in which people enter.
    clocks : tuple of Clock
        Times that are counted, in cycles.
    transitions : tuple of Transition
        Moves between states.
    strategies : tuple of Strategy
        What is compared.
    deadlines : tuple of Deadline
        Moves at a fixed time.
    strategy_effects : tuple of StrategyEffect
        What a strategy changes.
    windows : tuple of int
        Times that split the horizon, in cycles.
    bands : tuple of Band
        Intervals of clocks.
    parties : tuple of Party
        Who pays and who is paid.
    flows : tuple of Flow
        Money between parties.
    perspectives : tuple of Perspective
        Whose money counts.
    passages : tuple of Passage
        First times that are told.
    effects : tuple of Effect
        What is gained besides money.
    definitions : mapping
        Formulas by name.
    assumptions : tuple of Assumption
        What is assumed, and why.
    parameters : str
        The parameter file.
    file : str
        The model's own file.
    validation : str
        The file that says how well the calibration of its parameters fits; '' without one.
    country : str
        The country whose conventions and shared parameters it takes; '' without one.
    rules : str
        The rule set that gives values by date; '' without one.
    dated : mapping
        Names of that rule set that amounts read: each with the dates from which a parameter stands for it, in order.
    delivery : tuple of Delivery
        How programmes are delivered; what follows from it stands among the elements above.
    system : System, optional
        Arrivals and places of a system that people come to and leave; its moves stand among the transitions.
    left_out : str
        A state of the dead in which those begin who are left out of a run; no file has it.

    Examples
    --------
    >>> from costeff import read_model
    >>> read_model("sick_sicker").strategy_names
    ('SoC', 'A', 'B', 'AB')
    """

    def __post_init__(self) -> None:
        check_new_model(self)
