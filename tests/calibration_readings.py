"""How far two readings of a figure lie apart in the model, where its text leaves open who or what is counted.

    python tests/calibration_readings.py [--draws N] [--individuals N] [--resume FOLDER]

The shipped calibration is done again (with `--resume` from what `costeff calibrate tki2 --resume FOLDER` has kept).
Each figure of tests/calibration_readings.yaml is then simulated as parameters/tki2_targets.yaml has it and as the other
reading has it, with the same members of the ensemble. Half the distance on the likelihood's scale is an SD of the
figure: its interval is widened by it, in quadrature, where it is 0.1 or more.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
from calibration_structure import problem_without, run_of

from costeff.calibrate.fits import with_passages
from costeff.calibrate.hierarchy import Problem, Solution, solve
from costeff.calibrate.likelihood import Z975, natural, transformed
from costeff.calibrate.observe import populations
from costeff.calibrate.setting import columns_of
from costeff.calibrate.statistic import Between
from costeff.calibrate.target import Target
from costeff.documents.section import Document
from costeff.model import read_model
from costeff.model.formula_section import FormulaSection
from costeff.simulation.workplace import workplace

READINGS = Path(__file__).with_suffix(".yaml")
LEAST = 0.1
"""Half of the discrepancy within sources: readings that lie closer together are left as they are."""


def readings() -> dict[str, FormulaSection]:
    """The other reading of each figure, by its name."""
    top = Document(str(READINGS), numbers="en").load(READINGS, FormulaSection)
    return {name: top.block(name, f"reading of '{name}'") for name in top.data}


def other_reading(target: Target, block: FormulaSection) -> Target:
    """The target as its other reading has it."""
    statistic = target.statistic
    if block.has("states"):
        statistic = replace(statistic, states=block.texts("states"))
    for attribute, (one, other) in block.data.get("between", {}).items():
        statistic = replace(statistic, between=Between(attribute, (tuple(one), tuple(other))))
    changes = {**target.changes, **block.data.get("set", {})}
    return replace(target, statistic=statistic, changes=changes, start=block.text("start", target.start))


def pairs(problem: Problem) -> Iterator[tuple[Target, Target]]:
    """Each figure as the targets file has it, and as its other reading has it."""
    by_name = {target.name: target for target in problem.plan.targets}
    for name, block in readings().items():
        yield by_name[name], other_reading(by_name[name], block)


def printed(problem: Problem, solution: Solution, draws: int, individuals: int) -> None:
    """A line for each figure: both readings, half their distance, and the interval that follows."""
    model, run = with_passages(read_model("tki2"), problem.plan), run_of(problem, individuals)
    columns = {name: column[:draws] for name, column in columns_of(problem.prior, 1000, problem.seed).items()}
    values = {**columns, **{name: column[:draws] for name, column in solution.values.items()}}
    print(f"{'figure':<40}{'as read':>9}{'or':>8}{'SD':>7}  interval")
    for one, other in pairs(problem):
        seen = [
            run.observe(populations(model, (target,), problem.plan.effects), values, draws, 0)
            for target in (one, other)
        ]
        means = [float(x.values.mean()) for x in seen]
        half = abs(means[1] - means[0]) / 2
        low, high = transformed(one, one.interval)
        sd = np.hypot((high - low) / (2 * Z975), half if half >= LEAST else 0.0)
        interval = natural(one, transformed(one, one.value) + np.array([-1, 1]) * Z975 * sd)
        shown = " ".join(f"{x:.4g}" for x in (interval if half >= LEAST else one.interval))
        print(f"{one.name:<40}{natural(one, means[0]):>9.3f}{natural(one, means[1]):>8.3f}{half:>7.2f}  {shown}")


def main() -> None:
    """Calibrate, simulate both readings and print."""
    parser = argparse.ArgumentParser(description="How far two readings of a figure lie apart in the model.")
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--individuals", type=int, default=1000)
    parser.add_argument("--resume")
    asked = parser.parse_args()
    problem = problem_without(())
    with nullcontext() if asked.resume is None else workplace(asked.resume):
        solution = solve(problem, run_of(problem, 500), 1000)
    printed(problem, solution, asked.draws, asked.individuals)


if __name__ == "__main__":
    main()
