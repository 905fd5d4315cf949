"""What a report shows, already computed: the presentation layer formats and draws, and computes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from costeff.labels import Label

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData
    from costeff.calibrate.validation import Validation
    from costeff.model.practice_today import PracticeToday
    from costeff.psfs.response import PsfsResponse
    from costeff.rollout.rollout import Rollout
    from costeff.sensitivity.break_even import BreakEven
    from costeff.study.decision.board import Board
    from costeff.study.groups.groups import Groups


@dataclass(frozen=True)
class PerspectiveView:
    """One perspective: its evaluation (discounted, per individual) and what is printed with it."""

    name: str
    label: Label
    evaluation: EvaluationData
    """Cost and the report's main effect by draw and strategy."""
    note: Label
    """Item filter, factor and price basis in words; '' when there is none."""
    by_year: pd.DataFrame
    """Columns strategy, year (1, 2, ...), cost: undiscounted mean cost per individual."""


@dataclass(frozen=True)
class Content:
    """Everything in the HTML report. Money is per individual unless a column says otherwise."""

    title: Label
    scenario: str
    model: str
    strategies: Mapping[str, Label]
    comparator: str
    states: Mapping[str, Label]
    cycles_per_year: int
    currency: str
    price_year: int
    wtp: np.ndarray
    """Willingness-to-pay range of the scenario, for the CEAC and CEAF."""
    wtp_at: float | None
    """The scenario's stated value, or None."""
    effect_label: Label
    effect_unit: str
    parties: pd.DataFrame
    """Who pays and who gains. Columns party, label (Label), inside (bool), one per strategy (discounted net cost: paid
    less received), increment, mcse, lo, hi (95 % interval over draws), programme (its cost within the increment)."""
    items: pd.DataFrame
    """Flows. Columns item, label (Label), payer, recipient, one per strategy (discounted), increment, mcse,
    programme (bool)."""
    perspectives: Sequence[PerspectiveView]
    effects: pd.DataFrame
    """Columns effect, label (Label), unit, better ('more'|'fewer'), one per strategy, increment, mcse, lo, hi,
    discounted (bool)."""
    trace: xr.DataArray
    """(strategy, state, cycle): share of individuals in each state at each point of time."""
    passages: xr.DataArray
    """(passage, strategy, cycle): cumulative share whose first passage began before the cycle."""
    passage_labels: Mapping[str, Label]
    medians: pd.DataFrame
    """Columns passage, strategy, median (cycles; NaN when fewer than half), share_within_year, stay (cycles)."""
    tornado: pd.DataFrame
    """Column strategy (whose result it is, against the comparator), and those of `sensitivity.tornado.tornado_table`:
    name, low_value, high_value, low_result, high_result, swing, changes_decision."""
    tornado_measure: Label
    """What the tornado is on, with its unit: net benefit at the stated wtp, or net cost of a party."""
    tornado_base: Mapping[str, float]
    """The unchanged result by strategy."""
    noise: pd.DataFrame
    """Columns perspective, quantity (cost, effect), total_sd, noise_sd, share: variance that is individual noise."""
    implied: pd.DataFrame
    """Columns measure (Label), strategy, value, lo, hi: the implied ratio on benefit-free return, and similar."""
    parameters: pd.DataFrame
    """`Evidence.parameter_table()`."""
    diagram: Mapping[str, Any]
    """State-transition diagram: 'states' (names), 'edges' (source, target, number of transitions)."""
    description: str
    """`describe()` as plain text."""
    conventions: Sequence[tuple[Label, str | Label]]
    provenance: Sequence[tuple[Label, str]]
    tornado_even: pd.DataFrame | None = None
    """As `tornado`, of strategies that break even along a parameter of their effect, held there (held, held_at)."""
    tornado_even_base: Mapping[str, float] = field(default_factory=dict)
    tornado_even_at: Mapping[str, BreakEven] = field(default_factory=dict)
    """By strategy, the parameter and the value at which it is held."""
    parameter_notes: Mapping[str, Label] = field(default_factory=dict)
    """Notes of parameters in every language, by their English text in `parameters`."""
    parameter_labels: Mapping[str, Label] = field(default_factory=dict)
    """Labels of parameters and groups; a name without one is shown as it is."""
    accounts: Mapping[str, Label] = field(default_factory=dict)
    """Labels of every party and account that a flow may name."""
    differences: pd.DataFrame | None = None
    """`Evidence.differences()`: what the scenario set in the place of the model's figures."""
    notes: Sequence[Label] = field(default_factory=tuple)
    """Statements that a reader must see (rules in force, structural assumptions, failed hold-out targets)."""
    delivery: pd.DataFrame | None = None
    """How far programmes that are delivered in stages reach: see `report.delivery.delivery`."""
    practice: pd.DataFrame | None = None
    """What implementing would be worth by willingness to pay: see `report.practice.practice`."""
    practice_today: PracticeToday | None = None
    """What the scenario says is done today."""
    validation: Validation | None = None
    """The calibration behind the results, where the model names its validation file."""
    board: Board | None = None
    """What a board acts on, which stands first."""
    caution: Label | None = None
    """What every reader must see before any number."""
    psfs: PsfsResponse | None = None
    """Who has improved on PSFS, where the scenario speaks of it."""
    rollout: Rollout | None = None
    """Who is reached when and where, where the scenario has a roll-out."""
    beside: pd.DataFrame | None = None
    """Other scenarios under the primary perspectives, where they were asked for: see `other_scenarios`."""
    groups: Groups | None = None
    """Results by group of people, where the scenario declares groups."""
    validation_stale: Sequence[str] = ()
    """Why it belongs to other draws than those of the results; then nothing of it is shown."""
    people_come_and_go: bool = False
    """Whether the states are those of a system, which people come to and leave; the trace then has those present."""
