"""The commands whose numbers a change of structure must not move, each at a small size."""

from __future__ import annotations

from dataclasses import dataclass

SMALL = ("--draws", "16", "--individuals", "40", "--seed", "5", "--quiet")
"""Draws enough for every table to be made, and few enough that all commands take a few minutes."""

REFERENCE_MODELS = (
    "sick_sicker",
    "sick_sicker_published",
    "sick_sicker_age",
    "sick_sicker_age_published",
    "sick_sicker_residence",
    "sick_sicker_residence_published",
    "krijkamp",
    "krijkamp_published",
    "hiv",
)


@dataclass(frozen=True)
class Run:
    """One command line.

    Parameters
    ----------
    name : str
        Folder of its outputs.
    arguments : (argument,)
        What follows `costeff`; `{out}` stands for the folder of its outputs, which exists.
    """

    name: str
    arguments: tuple[str, ...]


def _run(name: str, line: str, *more: str) -> Run:
    return Run(name, (*line.split(), *more))


def _study(name: str) -> Run:
    return _run(f"run-{name}", f"run {name} --out {{out}}/files", *SMALL)


def all_runs() -> tuple[Run, ...]:
    """Every command, the quick ones first.

    Returns
    -------
    (run,) of Run
    """
    few = ("--individuals", "60", "--batches", "5", "--seed", "5")
    case = "invest tki2-aarhus-investment --out {out}/files --language"
    return (
        *(_study(name) for name in REFERENCE_MODELS),
        _study("tki2"),
        _run("run-tki2-da", "run tki2 --out {out}/files --language da", *SMALL),
        *(_study(name) for name in ("no_effect", "harm", "rates_2026", "from_unemployment")),
        _run("invest-en", f"{case} en", *SMALL),
        _run("invest-da", f"{case} da", *SMALL),
        _run("compare", "compare tki2 no_effect harm", *SMALL),
        _run("dsa", "dsa tki2 --parameter hr_self_support --parameter programme_cost --json {out}/dsa.json", *few),
        _run(
            "dsa-two-way", "dsa tki2 --two-way hr_self_support programme_cost --grid 3 --json {out}/two_way.json", *few
        ),
        _run("threshold", "threshold tki2 --parameter hr_self_support --json {out}/threshold.json", *few),
        _run(
            "gsa-morris",
            "gsa sick_sicker --method morris --size 4 --result incremental_nmb --wtp 100000 --strategy AB "
            "--seed 5 --quiet --json {out}/gsa.json",
        ),
        _run(
            "gsa-sobol",
            "gsa tki2 --method sobol --size 16 --individuals 20 --result incremental_cost --seed 5 --quiet "
            "--json {out}/gsa.json",
        ),
        _run(
            "voi",
            "voi tki2 --wtp 300000 --draws 200 --individuals 40 --seed 5 --quiet --group hr_self_support "
            "--design tki2_trial --n 180 --json {out}/voi.json",
        ),
        _run("calibrate-check", "calibrate tki2 --check --draws 20 --individuals 60"),
    )
