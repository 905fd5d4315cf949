"""Calibration: priors and published targets in, a posterior and its fit to every target out. Rank 7.

Every name loads its module on first use, so that importing the package stays light.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costeff.old_names import by_old_name

if TYPE_CHECKING:
    from costeff.calibrate.calibration import calibrate, check
    from costeff.calibrate.ranks import Ranks
    from costeff.calibrate.report import Calibration
    from costeff.calibrate.statistic import Between, Statistic
    from costeff.calibrate.target import Target
    from costeff.calibrate.targets import CalibrationPlan, read_plan, read_targets
    from costeff.evidence import Evidence
    from costeff.model import Model

__all__ = [
    "Between",
    "Calibration",
    "CalibrationPlan",
    "Ranks",
    "Statistic",
    "Target",
    "calibrate",
    "calibrate_command",
    "check",
    "ranks_command",
    "read_plan",
    "read_targets",
]

_HOME = {
    "Between": "statistic",
    "Calibration": "report",
    "CalibrationPlan": "targets",
    "Ranks": "ranks",
    "Statistic": "statistic",
    "Target": "target",
    "calibrate": "calibration",
    "check": "calibration",
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
    targets: str | os.PathLike[str] | None = None,
    resume: str | os.PathLike[str] | None = None,
    register: str | os.PathLike[str] | None = None,
    leave_one_out: bool = False,
) -> Calibration:
    """Calibrate the model of a scenario to the targets beside its parameter file (`NAME_targets.yaml`).

    `check` only simulates the shipped posterior again (250 draws of 1,000 individuals by default; a calibration has
    1,000 of 500). `out` is the folder that `Calibration.write` fills. `targets` is another targets file. `resume`
    is a folder that keeps what has been simulated: the same command then goes on where it stopped (a
    `costeff.workplace`, hence not for use within one). `register` is an export of counts
    (`costeff.calibrate.register`) whose figures join the targets; the posterior is then that of its own population.
    `leave_one_out` refuses targets without `effects` and those of one source: none can be left out.
    Raises ScenarioError for a scenario that sets parameters of its own, and for a missing targets file; CosteffError
    for what is wrong in the files.
    """
    import contextlib

    from costeff.calibrate import calibration
    from costeff.errors import ScenarioError
    from costeff.files import reserved

    model, evidence, plan = _files(scenario_name, targets)
    if register is not None:
        plan = import_module("costeff.calibrate.targets").with_register(plan, register)
    if check and out is not None:
        raise ScenarioError(
            "a check writes nothing", value=f"out {os.fspath(out)}", rule="--check or --out", way_out="drop one of them"
        )
    if leave_one_out and not plan.effects:
        raise ScenarioError(
            "no source can be left out",
            value=plan.file,
            rule="the targets file says under `effects` how sources differ",
            way_out="name such a file with --targets, or drop --leave-one-out",
        )
    if leave_one_out and len({target.source for target in plan.used("calibrate")}) == 1:
        raise ScenarioError(
            "no source can be left out: all figures are of one",
            where=plan.file,
            value=plan.used("calibrate")[0].source,
            rule="a source that is left out is predicted from the others",
            way_out="give each figure the source that it comes from, or drop --leave-one-out",
        )
    sizes = {"draws": draws, "individuals": individuals}
    settings: dict[str, Any] = {key: value for key, value in sizes.items() if value is not None}
    run = calibration.check if check else calibration.calibrate
    with _kept(resume), contextlib.nullcontext() if out is None else reserved(out, kind="calibration"):
        result: Calibration = run(
            model, evidence, plan, seed=seed, threads=threads, progress=_shown(progress), **settings
        )
        if out is not None:
            result.write(out)
    return result


def ranks_command(
    scenario_name: str | os.PathLike[str] = "tki2",
    *,
    truths: int,
    seed: int = 1,
    draws: int | None = None,
    individuals: int | None = None,
    threads: int | None = None,
    progress: bool | None = None,
    targets: str | os.PathLike[str] | None = None,
    resume: str | os.PathLike[str] | None = None,
) -> Ranks:
    """Ranks of `truths` simulated truths among the draws of their posteriors, for the targets of a scenario's model.

    `resume` is a folder that keeps each truth's: the same command, also with more truths, then goes on from there.

    Raises as `calibrate_command` does.
    """
    from costeff.calibrate.ranks import ranks

    sizes = {"draws": draws, "individuals": individuals}
    own_sizes: dict[str, Any] = {key: value for key, value in sizes.items() if value is not None}
    model, evidence, plan = _files(scenario_name, targets)
    show = _shown(progress)
    with _kept(resume):
        return ranks(model, evidence, plan, truths=truths, seed=seed, threads=threads, progress=show, **own_sizes)


def _kept(resume: str | os.PathLike[str] | None) -> AbstractContextManager[Any]:
    """A workplace that keeps finished parts in the folder; nothing where none is named."""
    from contextlib import nullcontext

    from costeff.simulation.workplace import workplace

    return nullcontext() if resume is None else workplace(resume)


def _shown(progress: bool | None) -> bool:
    """Whether progress is shown: as asked, or on a terminal."""
    import sys

    return sys.stderr.isatty() if progress is None else progress


def _files(
    scenario_name: str | os.PathLike[str], targets: str | os.PathLike[str] | None
) -> tuple[Model, Evidence, CalibrationPlan]:
    """The model of a scenario, its evidence, and its targets."""
    from costeff.errors import ScenarioError
    from costeff.evidence import read_evidence
    from costeff.model import check_against, model_file, parameter_file, read_model, read_scenario
    from costeff.model.country import with_country
    from costeff.rules.dated import with_dated

    scenario = read_scenario(scenario_name)
    if scenario.set or scenario.parameters:
        raise ScenarioError(
            "a scenario with parameters of its own cannot be calibrated",
            where=scenario.file,
            value=", ".join(scenario.set) or scenario.parameters,
            rule="a calibration belongs to a model and its parameter file",
            way_out=f"calibrate the model: costeff calibrate {scenario.model}",
        )
    model = read_model(model_file(scenario))
    file = parameter_file(model)
    evidence = with_dated(model, with_country(read_evidence(file), model))
    check_against(model, evidence)
    plan: CalibrationPlan = import_module("costeff.calibrate.targets").read_plan(_targets_file(file, targets))
    if plan.model != model.name:
        raise ScenarioError(
            "these targets are another model's",
            where=plan.file,
            value=f"model: {plan.model}",
            rule=f"targets of the model that is calibrated, '{model.name}'",
            way_out=f"write `model: {model.name}` in the targets file if they are meant for it, or name another file",
        )
    return model, evidence, plan


def _targets_file(parameters: Path, targets: str | os.PathLike[str] | None) -> Path:
    """The targets file that is named (in the working folder, or beside the parameter file), or `NAME_targets.yaml`.

    Raises ScenarioError when there is none.
    """
    from costeff.errors import ScenarioError

    file = parameters.with_name(f"{parameters.stem}_targets.yaml") if targets is None else Path(targets)
    if targets is not None and file.name and not file.is_file():
        file = parameters.with_name(file.name)
    if not file.is_file():
        raise ScenarioError(
            "this model has no targets" if targets is None else "no such targets file",
            value=str(file if targets is None else targets),
            rule="targets stand beside the parameter file, in NAME_targets.yaml, or in a file that is named",
            way_out="write such a file, or name one with --targets FILE",
        )
    return file
