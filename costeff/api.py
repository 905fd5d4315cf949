"""The classes that users hold: the data of `analysis` and `investment`, with what the folders do bound to them.

A module's function that stands in the body of a class is a method: its signature, its help and its types come along.
Nothing is computed here.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, Unpack, overload

from costeff.analysis import load as reading
from costeff.analysis import read_psa as table_reading
from costeff.analysis.description import describe_study, study_html
from costeff.analysis.evaluation import EvaluationData
from costeff.analysis.keep import keep
from costeff.analysis.lives import histories, histories_of_result
from costeff.analysis.net_benefit import incremental_nmb, nhb, nmb
from costeff.analysis.noise import noise
from costeff.analysis.psa import psa, run
from costeff.analysis.read_psa import TableOptions
from costeff.analysis.result_tables import effects_table, items, parties
from costeff.analysis.study import ResultData, StudyData
from costeff.cea.acceptability import ceac, ceaf
from costeff.cea.decision_matrix import decision_matrix_of_result
from costeff.cea.density import density
from costeff.cea.icer import evaluation_html, icer_table
from costeff.cea.loss import expected_loss
from costeff.cea.mixed import mixed_strategy
from costeff.cea.pairwise import pairwise
from costeff.cea.paper_table import table
from costeff.cea.risk_aversion import risk_aversion
from costeff.cea.subgroups import subgroups
from costeff.investment import invest as investing
from costeff.investment.by_group import by_target_group
from costeff.investment.pockets import transfers, wrong_pockets
from costeff.investment.repricing import differences, reprice, sources
from costeff.investment.result import CaseResultData
from costeff.old_names import called_once
from costeff.precision.advice_of_result import advice
from costeff.precision.convergence import convergence
from costeff.sensitivity import global_, global_search
from costeff.sensitivity.one_way import one_way, tornado
from costeff.sensitivity.scenarios import scenarios_beside
from costeff.sensitivity.threshold_search import threshold
from costeff.sensitivity.two_way import two_way
from costeff.study import evaluation_output, output
from costeff.study.pairwise_text import result_html
from costeff.study.summary import summary
from costeff.voi.evpi import evpi
from costeff.voi.evppi import evppi
from costeff.voi.evsi import evsi
from costeff.voi.noise_comparison import noise_comparison
from costeff.voi.trial_value import trial_value_of_result

if TYPE_CHECKING:
    from costeff.investment.invest import CaseLike

Kind = TypeVar("Kind")


class Evaluation(EvaluationData):
    """Cost and effect by draw and strategy, under one perspective and one effect; its methods decide from them.

    Fields are those of `costeff.analysis.evaluation.EvaluationData`, which says what each holds.

    Parameters
    ----------
    perspective : str
        Whose costs count.
    effect_name : str
        Name of the effect, such as "qaly".
    strategies : tuple of str
        Names of the strategies, in the order of the last axis.
    comparator : str
        The strategy that the others are compared with.
    cost : array_like
        (draw, strategy): mean cost per individual, in `currency`.
    effect : array_like
        (draw, strategy): mean effect per individual, in `effect_unit`, as counted.
    cost_half : array_like, optional
        (draw, 2, strategy): the cost of two independent halves of a draw's individuals.
    effect_half : array_like, optional
        (draw, 2, strategy): the effect of the same halves.
    parameters : mapping, optional
        Drawn parameters by name, each (draw,).
    levels : mapping, optional
        Names of the levels of parameters that hold codes 0, 1, ...
    currency : str
        Of the costs.
    effect_unit : str
        Of the effect.
    price_year : int, optional
        Of the costs.
    label : str
        Title of reports.
    effect_sign : int
        1: more is better; -1: fewer is better, so that a decrease is a gain.
    attrs : mapping, optional
        Conventions and provenance, kept as given.
    replicates : int, optional
        Equal designs that the draws lie in; independent draws without it.
    rounding : float
        How far the halves of cost may lie from the whole because flows were rounded, in `currency`.
    simulated : bool
        Whether the draws are of a run of costeff, whose errors are simulation errors.

    Examples
    --------
    >>> two = Evaluation("municipal", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[100.0, 150.0], [120.0, 150.0]] * 3, effect=[[1.0, 1.5], [1.0, 1.5]] * 3)
    >>> two.icer_table()[["strategy", "incremental_cost", "icer", "status"]].to_dict("records")[1]
    {'strategy': 'new', 'incremental_cost': 40.0, 'icer': 80.0, 'status': 'efficient'}
    """

    keep = keep
    icer_table = icer_table
    pairwise = pairwise
    table = table
    nmb = nmb
    nhb = nhb
    incremental_nmb = incremental_nmb
    ceac = ceac
    ceaf = ceaf
    expected_loss = expected_loss
    risk_aversion = risk_aversion
    mixed_strategy = mixed_strategy
    density = density
    evpi = evpi
    evppi = evppi
    evsi = evsi
    convergence = convergence
    noise = noise
    noise_comparison = noise_comparison
    gsa = global_.gsa
    report = evaluation_output.report
    plot = evaluation_output.plot
    to_csv = evaluation_output.to_csv
    _repr_html_ = evaluation_html


class Result(ResultData[Evaluation]):
    """One run, with everything that can be read off it.

    Parameters
    ----------
    study : Study
        What was run.
    parameters : mapping
        Drawn values (draw,) of each parameter, by name, in its unit.
    simulated : Simulated
        What was counted, by draw and strategy.
    individuals : int
        People in each draw.
    seed : int
        Start of the random numbers.
    method : str
        How parameters were drawn.
    replicates : int, optional
        Designs that the draws are made of; independent draws without it.
    stop : Stop, optional
        What a run to a target error reached.
    streamed : Streamed, optional
        What a run left that is too large to be held whole.

    Examples
    --------
    >>> result = load("sick_sicker").run(individuals=200, progress=False)
    >>> type(result.perspective()).__name__
    'Evaluation'
    """

    evaluation_class: ClassVar[type[EvaluationData]] = Evaluation

    if TYPE_CHECKING:
        study: Study

    histories = histories_of_result
    parties = parties
    items = items
    effects_table = effects_table
    decision_matrix = decision_matrix_of_result
    tornado = tornado
    advice = advice
    trial_value = trial_value_of_result
    study_value = called_once("Result.study_value", "trial_value", trial_value_of_result)
    summary = summary
    report = output.report
    workbook = output.workbook
    write = output.write_files
    _repr_html_ = result_html


class Study(StudyData[Result]):
    """A checked model, its evidence at the analysis price year, and the scenario's settings; its methods run it.

    Parameters
    ----------
    model : Model
        The checked model.
    evidence : Evidence
        Its parameters, at the price year of the analysis.
    scenario : Scenario
        Settings of the run, with what the scenario changes.

    Examples
    --------
    >>> load("tki2").model.strategy_names
    ('usual_care', 'tki2')
    """

    result_class: ClassVar[type[ResultData[Any]]] = Result

    describe = describe_study
    run = run
    psa = psa
    histories = histories
    one_way = one_way
    two_way = two_way
    threshold = threshold
    scenario_table = scenarios_beside
    gsa = global_search.gsa
    subgroups = subgroups
    _repr_html_ = study_html


class CaseResult(CaseResultData):
    """One investment case: its cash flow with everything that can be read off it.

    Parameters
    ----------
    case : Case
        What was asked for.
    cash : CashFlow
        Money by draw, year and line, in the currency of the case.
    service : Service
        Citizens served.
    rules : str
        The rules in force.
    parameters : mapping
        Drawn values (draw,) of each parameter, by name, in its unit.
    individuals : int
        People simulated in each draw.
    seed : int
        Start of the random numbers.
    citizens_served : float
        How many citizens the programme serves.
    parties : mapping
        Labels of the parties by name.
    groups : mapping
        Parties of each group, by the name of the group.
    decider : str
        The group or party for whom the case is told unless another is named.
    labels : mapping, optional
        Labels of the groups by name.
    half : array_like, optional
        (draw, 2, year, line): case less usual care of either half of the individuals.
    equal_people : int, optional
        How many individuals in one cohort would leave as much to luck. Default: `individuals`.
    priced : Priced, optional
        What re-pricing needs.
    repriced : mapping, optional
        What `reprice` set, (draw,) each, by name.
    currency : str
        Of all money.
    by_evidence : CaseResult, optional
        The same case with the evidence's effect, where it has a belief of its own.
    on_top : OnTop, optional
        The two programmes alone, where the case lies on top of another.
    no_effect : CashFlow, optional
        The same case when the programme changes nobody's life.

    Examples
    --------
    >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
    >>> case.draws
    2
    """

    wrong_pockets = wrong_pockets
    transfers = transfers
    by_target_group = by_target_group
    reprice = reprice
    sources = sources
    differences = differences


def with_face(kind: type[Kind], data: Any) -> Kind:
    """What was read or run, as an object of the class that users hold; nothing is checked or computed again.

    Parameters
    ----------
    kind : type
        One of the classes above.
    data : object of the class that `kind` is made of

    Returns
    -------
    object of `kind`
    """
    face = object.__new__(kind)
    vars(face).update(vars(data))
    return face


def load(name_or_path: str | os.PathLike[str]) -> Study:
    """The study of a scenario or model: a shipped name ("tki2", "no_effect") or the path of a YAML file.

    Parameters
    ----------
    name_or_path : str or path
        A name that is shipped, or the path of a YAML file.

    Returns
    -------
    Study
        Checked, and ready to run.

    Raises
    ------
    CosteffError
        With file, line, value, rule and way out for anything wrong in the files.

    Examples
    --------
    >>> load("tki2").model.strategy_names
    ('usual_care', 'tki2')
    """
    return with_face(Study, reading.load(name_or_path))


@wraps(investing.invest)
def invest(
    case: CaseLike,
    draws: int | None = None,
    individuals: int | None = None,
    seed: int | None = None,
    *,
    threads: int | None = None,
    progress: bool | None = None,
) -> CaseResult:
    """As `costeff.investment.invest.invest`, whose help this has."""
    result = investing.invest(case, draws, individuals, seed, threads=threads, progress=progress)
    if result.by_evidence is not None:
        result = replace(result, by_evidence=with_face(CaseResult, result.by_evidence))
    return with_face(CaseResult, result)


@overload
def read_psa(source: Any, *, subgroup: None = None, **options: Unpack[TableOptions]) -> Evaluation: ...


@overload
def read_psa(source: Any, *, subgroup: str, **options: Unpack[TableOptions]) -> dict[str, Evaluation]: ...


@wraps(table_reading.read_psa)
def read_psa(
    source: Any, *, subgroup: str | None = None, **options: Unpack[TableOptions]
) -> Evaluation | dict[str, Evaluation]:
    """As `costeff.analysis.read_psa.read_psa`, whose help this has."""
    if subgroup is None:
        return with_face(Evaluation, table_reading.read_psa(source, **options))
    read = table_reading.read_psa(source, subgroup=subgroup, **options)
    return {name: with_face(Evaluation, one) for name, one in read.items()}
