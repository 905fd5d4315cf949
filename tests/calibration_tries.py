"""Last tries at the bars of leave-one-source-out that usual care misses; too slow for the suite.

    python tests/calibration_tries.py --try NAME+NAME ... [--draws N] [--individuals N] [--passes N]

The shipped calibration is done (ES-MDA) without what was kept of the tries; then it meets each try of
tests/calibration_tries.yaml, one case after another, as in tests/calibration_structure.py: the members of the
whole fit are simulated with it (first pass), then members drawn from the linear posterior that follows. `none` is
judged by the same passes; every case meets the same random numbers.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from calibration_structure import Whole, judged, line_of, run_of

from costeff.bundled import data_dir
from costeff.calibrate import CalibrationPlan, read_plan
from costeff.calibrate.effects import read_effect
from costeff.calibrate.hierarchy import Problem, assimilate, set_up
from costeff.calibrate.scores import width_table
from costeff.documents.section import Document
from costeff.evidence import read_evidence
from costeff.model import read_model
from costeff.model.formula_section import FormulaSection

TRIES = Path(__file__).with_suffix(".yaml")


def tries() -> dict[str, FormulaSection]:
    """The tries of the file, by name."""
    document = Document(str(TRIES), numbers="en")
    top = document.load(TRIES, FormulaSection)
    return {name: top.block(name, f"try '{name}'") for name in top.data}


def with_tries(plan: CalibrationPlan, names: tuple[str, ...], known: dict[str, FormulaSection]) -> CalibrationPlan:
    """The plan with these tries in it."""
    effects, targets = plan.effects, plan.targets
    for name in names:
        block = known[name]
        effects = tuple(e for e in effects if e.name not in block.texts("without"))
        effects, wide = (*effects, *block.named("effects", "effect", read_effect)), block.texts("half_normal")
        effects = tuple(replace(e, spread="half_normal") if e.name in wide else e for e in effects)
        readings, eras = block.data.get("statistic", {}), block.data.get("era", {})
        targets = tuple(replace(t, era=eras.get(t.source, t.era)) for t in targets)
        targets = tuple(
            replace(t, statistic=replace(t.statistic, events=tuple(readings[t.name]))) if t.name in readings else t
            for t in targets
        )
    return replace(plan, effects=effects, targets=targets)


def problem_with(names: tuple[str, ...], known: dict[str, FormulaSection]) -> Problem:
    """The calibration before the tries, with these of them."""
    folder = data_dir("parameters")
    plan = with_tries(read_plan(folder / "tki2_targets.yaml"), ("before", *names), known)
    return set_up(read_model("tki2"), read_evidence(folder / "tki2.yaml"), plan)


def whole_for(whole: Whole, problem: Problem) -> Whole:
    """The members of the shipped fit with the columns of `problem`: those that are new as in the prior."""
    draws = len(whole.ensemble)
    normal = np.random.default_rng(6).standard_normal((draws, len(problem.state.addresses)))
    places = [whole.addresses.index(name) if name in whole.addresses else -1 for name in problem.state.addresses]
    columns = [whole.ensemble[:, place] if place >= 0 else normal[:, i] for i, place in enumerate(places)]
    sds = {e.name: whole.sds.get(e.name, np.full(draws, e.sd)) for e in problem.plan.effects if e.unknown_sd}
    return Whole(problem.state.addresses, np.column_stack(columns), sds)


def main() -> None:
    """Fit everything, then each case, and print."""
    parser = argparse.ArgumentParser(description="What last tries buy in log evidence.")
    parser.add_argument("--try", dest="cases", nargs="+", default=["none"])
    parser.add_argument("--draws", type=int, default=600)
    parser.add_argument("--individuals", type=int, default=500)
    parser.add_argument("--passes", type=int, default=2)
    asked = parser.parse_args()
    start, known = time.process_time(), tries()
    problem = problem_with((), known)
    ensemble, sds, _ = assimilate(problem, run_of(problem, asked.individuals), asked.draws)
    whole = Whole(problem.state.addresses, ensemble, sds)
    print(f"{'try':<44}{'rms z':>7}{'beyond 1.96':>12}{'log density':>13}{'z':>7}  worst after the fit")
    for case in asked.cases:
        part = problem_with(() if case == "none" else tuple(case.split("+")), known)
        table, linear = judged(whole_for(whole, part), part, run_of(part, asked.individuals), asked.passes)
        print(line_of(case, part, table, linear), flush=True)
        solution: Any = SimpleNamespace(linear=linear)
        widths = width_table(part, solution, table)
        print(
            "    width over that of a source alone: "
            + ", ".join(f"{w.family} {w.ratio:.2f}" for w in widths.itertuples())
        )
    print(f"{(time.process_time() - start) / 60:.1f} minutes of processor time")


if __name__ == "__main__":
    main()
