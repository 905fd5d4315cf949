"""What is broken and how it is run: a shipped file, put beside the files that it needs, and a small run of it."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COHORT = ("hiv", "sick_sicker", "sick_sicker_age", "sick_sicker_residence")
SMALL = ("hiv", "krijkamp", "sick_sicker", "sick_sicker_age", "sick_sicker_residence")
Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Target:
    """A shipped file by kind, how often it is taken, and what runs it in a folder, under the name it has there."""

    kind: str
    file: Path
    weight: float
    run: Callable[[Path], Numbers]
    name: str

    @property
    def label(self) -> str:
        return f"{self.kind} {self.file.stem}"


def targets() -> list[Target]:
    """Every kind of shipped file; large ones are taken seldom, since each takes a second to read."""
    made = []

    def add(kind: str, file: str, weight: float, run: Callable[[Path], Numbers], name: str = "") -> None:
        made.append(Target(kind, ROOT / file, weight, run, name or f"{kind}{Path(file).suffix}"))

    for model in SMALL:
        add("model", f"models/{model}.yaml", 5, lambda at: _study(at / "model.yaml"))
        add("parameters", f"parameters/{model}.yaml", 4, _with_parameters(model))
    add("model", "models/tki2_reduced.yaml", 3, lambda at: _study(at / "model.yaml"))
    add("parameters", "parameters/tki2_reduced.yaml", 3, _with_parameters("tki2_reduced"))
    add("model", "models/tki2.yaml", 0.6, lambda at: _study(at / "model.yaml"))
    add("parameters", "parameters/tki2.yaml", 0.6, _with_parameters("tki2"))
    for file in sorted((ROOT / "scenarios").glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        small = file.stem.startswith(SMALL)
        if re.search("^scenario:", text, re.M) and not re.search("^case:", text, re.M):
            add("scenario", f"scenarios/{file.name}", 1.5 if small else 0.4, lambda at: _study(at / "scenario.yaml"))
    add("case", "scenarios/tki2-aarhus-investment.yaml", 2, _case)
    for rules in ("denmark", "denmark_new", "denmark_reform"):
        add("rules", f"parameters/rules/{rules}.yaml", 1, _rules)
    add("design", "designs/tki2_trial.yaml", 3, _design)
    add("targets", "parameters/tki2_targets.yaml", 0.6, _targets)
    add("soem", "scenarios/soem/tki2012.csv", 8, _soem)
    add("table", "parameters/mortality.csv", 3, _table("age"))
    add("table", "parameters/us_mortality_2015.csv", 3, _table("age"))
    add("price index", "parameters/price_index.csv", 3, _price_index)
    return made


def place(target: Target, text: str, folder: Path) -> None:
    """Write a text in the target's place, and beside it what it names."""
    for old in folder.iterdir():
        old.unlink()
    if target.kind in ("parameters", "targets"):
        for file in (*(ROOT / "parameters").glob("*.csv"), *(ROOT / "parameters").glob("tki2_*_priors.yaml")):
            shutil.copy(file, folder)
    (folder / target.name).write_bytes(text.encode("utf-8", "surrogateescape"))


def _study(file: Path) -> Numbers:
    import costeff

    return _numbers(costeff.load(file))


def _numbers(study: Any) -> Numbers:
    """Means of all flows and effects by strategy in a run of two draws."""
    engine = "cohort" if study.model.name in COHORT else None
    result = study.psa(draws=2, individuals=4, engine=engine, threads=1, progress=False)
    means = {}
    for g, strategy in enumerate(result.strategies):
        for i, line in enumerate(result.flows.lines):
            name = f"{line.item} {line.payer}>{line.recipient} {strategy}"
            amounts = result.flows.amount[:, g, i]
            means[name] = means.get(name, 0.0) + float(amounts.sum()) + 1e-3 * float(amounts[..., -1].sum())
        for e, name in enumerate(result.effects.names):
            means[f"{name} {strategy}"] = float(result.effects.value[:, g, e].sum())
    return means


def _with_parameters(model: str) -> Callable[[Path], Numbers]:
    def run(at: Path) -> Numbers:
        text = f"scenario: fuzz\nmodel: {model}\nparameters: ./parameters.yaml\n"
        (at / "scenario.yaml").write_text(text, encoding="utf-8")
        return _study(at / "scenario.yaml")

    return run


def _case(at: Path) -> Numbers:
    from costeff import invest

    result = invest(at / "case.yaml", draws=2, individuals=4, threads=1, progress=False)
    return {f"npv {party}": float(result.npv((party,)).sum()) for party in result.parties}


def _rules(at: Path) -> Numbers:
    from costeff.rules import load_rules

    return _flat(load_rules(at / "rules.yaml", *_known()))


@cache
def _known() -> tuple[Any, Any]:
    """The model that rules are for, and its evidence."""
    from costeff.evidence import read_evidence
    from costeff.model import parameter_file, read_model

    model = read_model("tki2")
    return model, read_evidence(parameter_file(model))


def _design(at: Path) -> Numbers:
    from costeff.voi.trial_file import read_trial

    return _flat(read_trial(at / "design.yaml"))


def _targets(at: Path) -> Numbers:
    from costeff.calibrate.targets import read_plan

    return _flat(read_plan(at / "targets.yaml"))


def _soem(at: Path) -> Numbers:
    from costeff.investment.soem.form_of_costs import soem_result
    from costeff.investment.soem.read import read_soem

    case = read_soem(at / "soem.csv")
    result = soem_result(case)
    return {f"net {payer}": float(result.net(payer)) for payer in result.payers} | {"gross": float(result.gross())}


def _table(argument: str) -> Callable[[Path], Numbers]:
    def run(at: Path) -> Numbers:
        from costeff.evidence import read_evidence

        text = (
            "parameters: {x: {value: 1, unit: ratio, kind: assumption, note: none}}\n"
            "tables: {t: {file: table.csv, unit: rate per year, kind: assumption, note: none}}\n"
        )
        (at / "p.yaml").write_text(text, encoding="utf-8")
        table = read_evidence(at / "p.yaml").tables["t"]
        if table.argument != argument:
            return {f"argument {table.argument}": 1.0}
        start = float(table.index[0])
        ages = [age for age in range(150) if age >= start]
        return {f"{name} {age}": float(table.lookup([float(age)], name)[0]) for name in table.columns for age in ages}

    return run


def _price_index(at: Path) -> Numbers:
    from costeff.evidence.prices import read_price_index

    return {
        str(year): value
        for year, value in read_price_index(at / "price index.csv", "unemployment_benefit_max").values.items()
    }


def _flat(value: Any, path: str = "") -> dict[str, float]:
    """Every number in an object, by its path; places in files and texts aside."""
    if isinstance(value, bool):
        return {path: float(value)}
    if isinstance(value, int | float):
        return {} if math.isnan(value) else {path: float(value)}
    if type(value).__name__ in ("Place", "Label"):
        return {}
    if is_dataclass(value):
        parts = {f.name: getattr(value, f.name) for f in fields(value)}
    elif isinstance(value, Mapping):
        parts = {str(key): one for key, one in value.items()}
    elif isinstance(value, list | tuple):
        parts = {str(i): one for i, one in enumerate(value)}
    elif hasattr(value, "text"):
        return {f"{path} = {value.text}": 1.0}
    else:
        return {}
    return {k: v for key, one in parts.items() for k, v in _flat(one, f"{path}.{key}").items()}
