"""From a case file to its result: draws, rules, simulation by quarter, and the cash flow."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from costeff.errors import ScenarioError
from costeff.investment.belief.in_ratios import by_evidence
from costeff.investment.case import Case
from costeff.investment.case_figures import Parties
from costeff.investment.case_plan import CasePlan
from costeff.investment.prepare import CaseSetup
from costeff.investment.pricing import Priced
from costeff.investment.quantities import case_quantities
from costeff.investment.read import read_case, with_capacity
from costeff.investment.result import CaseResultData, OnTop
from costeff.investment.shared_reads import SharedReads
from costeff.investment.variants import Variants
from costeff.types import CaseMethod

CaseLike = Case | str | os.PathLike[str]


def invest(
    case: CaseLike,
    draws: int | None = None,
    individuals: int | None = None,
    seed: int | None = None,
    *,
    method: CaseMethod | None = None,
    threads: int | None = None,
    progress: bool | None = None,
) -> CaseResultData:
    """The result of a case: a shipped name, a path, or a `Case`. Defaults come from the case's `run`.

    Parameters
    ----------
    case : str, path or Case
        The case.
    draws : int, optional
        Number of parameter sets. Default: the case's.
    individuals : int, optional
        People in each parameter set. Default: the case's.
    seed : int, optional
        Start of the random numbers. Default: the case's.
    method : str, optional
        How parameters are drawn: "random" or "latin_hypercube". Default: the case's, else Latin hypercube where the
        draws make designs.
    threads : int, optional
        Threads that work at once; the numbers are the same for any. Default: one for each core.
    progress : bool, optional
        Whether a progress bar is shown. Default: where a person watches the terminal.

    Returns
    -------
    CaseResult
        The case's cash flow by draw, year and party.

    Raises
    ------
    CosteffError
        With file, line, value, rule and way out for anything wrong in the case, before anything runs.

    Examples
    --------
    >>> from costeff import invest
    >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
    >>> case.draws
    2
    """
    return invest_all([case], draws, individuals, seed, method=method, threads=threads, progress=progress)[0]


def base_case(
    case: CaseLike,
    individuals: int | None = None,
    seed: int | None = None,
    *,
    threads: int | None = None,
    run: Priced | None = None,
    keep: Callable[[Variants], None] | None = None,
) -> CaseResultData:
    """The case in one draw with every parameter at its stated value, as the spreadsheet twin shows it.

    `run` is an earlier run of the same case: its model, evidence and rules are not read again. `keep` is given the
    lives that are simulated.
    """
    read = replace(case if isinstance(case, Case) else read_case(case), target_groups=())
    cache = SharedReads()
    if run is not None:
        cache.keep(run)
    setup = CaseSetup(read, 1, individuals, seed, None, cache, base_values=True)
    rules = setup.rules
    if rules is not None and read.view == "all_municipalities":  # what the state takes back is stated, not drawn
        coverage = {name: float(share[0]) for name, share in rules.coverage(1).items()}
        read = replace(read, coverage={**coverage, **read.coverage})
        setup = CaseSetup(read, 1, individuals, seed, None, cache, base_values=True)
    (quantities,) = case_quantities([setup.plan], threads, keep=keep)
    return setup.result(quantities)


def invest_all(
    cases: Iterable[CaseLike],
    draws: int | None = None,
    individuals: int | None = None,
    seed: int | None = None,
    *,
    method: CaseMethod | None = None,
    threads: int | None = None,
    progress: bool | None = None,
    before: Callable[[Sequence[CasePlan]], None] | None = None,
) -> list[CaseResultData]:
    """The results of several cases with common draws and luck; cases that can share simulations do.

    `before` is called with what is ready to simulate before it is, and may raise for what is not worth simulating, as
    `investment.choice.check_plans` does for cases that nobody can choose between.
    """
    cache = SharedReads()
    read = (c if isinstance(c, Case) else read_case(c) for c in cases)
    setups = [CaseSetup(c, draws, individuals, seed, method, cache) for c in read]
    if before is not None:
        before([p.plan for p in setups])
    beside = {
        number: CaseSetup(by_evidence(setup.case), draws, individuals, seed, method, cache)
        for number, setup in enumerate(setups)
        if setup.case.belief is not None and setup.case.belief.believes
    }
    below = {number: setup.other for number, setup in enumerate(setups) if setup.other is not None}
    alone = {
        number: CaseSetup(
            replace(setups[number].case, on_top_of="", target_groups=()), draws, individuals, seed, method, cache
        )
        for number in below
    }
    show = sys.stderr.isatty() if progress is None else progress
    ready = [*setups, *beside.values(), *below.values(), *alone.values()]
    all_quantities = case_quantities([p.plan for p in ready], threads, show)
    results = iter([p.result(quantities) for p, quantities in zip(ready, all_quantities, strict=True)])
    own = [next(results) for _ in setups]
    evidence = {number: next(results) for number in beside}
    others = {number: next(results) for number in below}
    return [
        replace(
            result,
            by_evidence=evidence.get(number),
            on_top=OnTop(others[number], next(results)) if number in others else None,
        )
        for number, result in enumerate(own)
    ]


def best_capacity(
    case: CaseLike, parties: Parties, consultants: Sequence[float], **options: int | None
) -> tuple[float, list[CaseResultData]]:
    """The number of consultants with the highest expected net present value for `parties`, and the result of each.

    All numbers asked for are tried; they share their simulations. `options`: draws, individuals, seed, threads.
    """
    base = case if isinstance(case, Case) else read_case(case)
    if not consultants:
        raise ScenarioError("no capacities to try", rule="at least one number of consultants")
    results = invest_all([with_capacity(base, n) for n in consultants], **options)  # type: ignore[arg-type]
    worth = [float(r.npv(parties).mean()) for r in results]
    return float(consultants[int(np.argmax(worth))]), results


def smallest_effect(
    case: CaseLike, parties: Parties, doses: Sequence[float] = (0.0, 0.5, 1.0, 1.5, 2.0), **options: int | None
) -> tuple[float, np.ndarray]:
    """The smallest part of the assumed effect at which the expected net present value is not negative.

    Also (doses, expected net present value) as rows of an array. The effect of the programme is its log hazard ratios
    times the model's fidelity: 0 none, 1 as assumed. The value is interpolated between simulated doses with common
    luck; NaN when no dose tried pays, the lowest dose when all do. The same dose holds in every draw.
    """
    base = case if isinstance(case, Case) else read_case(case)
    at = sorted(set(doses))
    if len(at) < 2 or at[0] < 0:
        raise ScenarioError("too few doses", value=list(doses), rule="at least two, none negative")
    # Doses above 1 are tried on purpose.
    intentions = tuple(dict.fromkeys((*base.meant, "fidelity")))
    trials = [replace(base, fidelity=tuple(f * dose for f in base.fidelity), meant=intentions) for dose in at]
    results = invest_all(trials, **options)  # type: ignore[arg-type]
    worth = np.array([float(r.npv(parties).mean()) for r in results])
    return crossing(np.array(at), worth), np.array([at, worth])


def crossing(at: np.ndarray, worth: np.ndarray) -> float:
    """The smallest point of `at` from which `worth`, joined by straight lines, is not below 0; NaN when it ends below.

    >>> crossing(np.array([0.0, 1, 2]), np.array([-2.0, -1, 1])), crossing(np.array([0.0, 1]), np.array([1.0, 2]))
    (1.5, 0.0)
    """
    if worth[-1] < 0:
        return float("nan")
    below = np.flatnonzero(worth < 0)
    if not len(below):
        return float(at[0])
    last = below[-1]
    low, high = worth[last], worth[last + 1]
    return float(at[last] + (at[last + 1] - at[last]) * -low / (high - low))
