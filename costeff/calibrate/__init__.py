"""Calibration: priors and published targets in, a posterior and its fit to every target out. Rank 7.

Every name loads its module on first use, so that importing the package stays light.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costeff.old_names import by_old_name

if TYPE_CHECKING:
    from costeff.calibrate.calibration import calibrate, check
    from costeff.calibrate.report import Calibration
    from costeff.calibrate.smoother import posterior_ensemble
    from costeff.calibrate.statistic import Between, Statistic
    from costeff.calibrate.targets import CalibrationPlan, Target, read_plan, read_targets

__all__ = [
    "Between",
    "Calibration",
    "CalibrationPlan",
    "Statistic",
    "Target",
    "calibrate",
    "calibrate_command",
    "check",
    "posterior_ensemble",
    "read_plan",
    "read_targets",
]

_HOME = {
    "Between": "statistic",
    "Calibration": "report",
    "CalibrationPlan": "targets",
    "Statistic": "statistic",
    "Target": "targets",
    "calibrate": "calibration",
    "check": "calibration",
    "posterior_ensemble": "smoother",
    "read_plan": "targets",
    "read_targets": "targets",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        return by_old_name(__name__, name)
    value = getattr(import_module(f"costeff.calibrate.{_HOME[name]}"), name)
    globals()[name] = value  # the next look-up does not come here
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def calibrate_command(
    scenario_name: str | os.PathLike[str] = "tki2",
    out: str | os.PathLike[str] | None = None,
    *,
    seed: int = 1,
    draws: int | None = None,
    individuals: int | None = None,
    threads: int | None = None,
    check: bool = False,
    progress: bool | None = None,
) -> Calibration:
    """Calibrate the model of a scenario to the targets beside its parameter file (`NAME_targets.yaml`).

    `check` only simulates the shipped posterior again (250 draws of 1,000 individuals by default; a
    calibration has 1,000 of 2,000). `out` is the folder that `Calibration.write` fills. Raises ScenarioError
    for a scenario that sets parameters of its own, and for a missing targets file; CosteffError for what is
    wrong in the files.
    """
    import contextlib
    import sys

    from costeff.calibrate import calibration
    from costeff.errors import ScenarioError
    from costeff.evidence import read_evidence
    from costeff.files import reserved
    from costeff.model import check_against, model_file, parameter_file, read_model, read_scenario

    scenario = read_scenario(scenario_name)
    if scenario.set or scenario.parameters:
        raise ScenarioError(
            "a scenario with parameters of its own cannot be calibrated",
            where=scenario.file,
            value=", ".join(scenario.set) or scenario.parameters,
            rule="a calibration belongs to a model and its parameter file",
            way_out=f"calibrate the model: costeff calibrate {scenario.model}",
        )
    if check and out is not None:
        raise ScenarioError(
            "a check writes nothing", value=f"out {os.fspath(out)}", rule="--check or --out", way_out="drop one of them"
        )
    model = read_model(model_file(scenario))
    file = parameter_file(model)
    evidence = read_evidence(file)
    check_against(model, evidence)
    plan = import_module("costeff.calibrate.targets").read_plan(_targets_file(file))
    sizes = {"draws": draws, "individuals": individuals}
    own_sizes = {key: value for key, value in sizes.items() if value is not None}
    show = sys.stderr.isatty() if progress is None else progress
    run = calibration.check if check else calibration.calibrate
    with contextlib.nullcontext() if out is None else reserved(out, kind="calibration"):
        result: Calibration = run(model, evidence, plan, seed=seed, threads=threads, progress=show, **own_sizes)
        if out is not None:
            result.write(out)
    return result


def _targets_file(parameters: Path) -> Path:
    """The targets beside a parameter file: `NAME_targets.yaml`. Raises ScenarioError when there are none."""
    from costeff.errors import ScenarioError

    file = parameters.with_name(f"{parameters.stem}_targets.yaml")
    if not file.is_file():
        raise ScenarioError(
            "this model has no targets",
            value=str(file),
            rule="targets stand beside the parameter file, in NAME_targets.yaml",
            way_out="write such a file, or calibrate tki2",
        )
    return file
