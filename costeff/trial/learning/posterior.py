"""The posterior of a trial as data, and the file of its draws that a run takes: `costeff run NAME --posterior FILE`.

The file of draws is a table of numbers; a second file beside it says which model, scenario and price year it belongs
to, and which plan it is from, so that it is not read where it would mean something else. Sizes: D draws.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from costeff.analysis.study import StudyData
from costeff.errors import ScenarioError
from costeff.files import write_whole
from costeff.trial.learning.statistics import Statistic

DRAWS_FILE, ABOUT_FILE = "posterior.csv", "posterior.json"
PRIOR, WEIGHTS, SMOOTHER = "prior", "weights", "smoother"


@dataclass(frozen=True)
class FitRow:
    """One statistic of one group: what the trial showed with its error, and mean and spread before and after."""

    group: str
    statistic: Statistic
    value: float
    error: float
    prior: tuple[float, float]
    posterior: tuple[float, float]


@dataclass(frozen=True, eq=False)
class TrialPosterior:
    """Draws (D,) by parameter before and after; by which `method`; how many draws the weights are worth.

    `exact` names the parameters that were updated by themselves, in closed form or by quadrature; `doubted` those of
    them whose prior held what the trial measured for next to impossible. `factor`: how many times as much the
    programme's figures vary as those of citizens who share no consultant.
    """

    prior: Mapping[str, np.ndarray]
    posterior: Mapping[str, np.ndarray]
    method: str
    effective: float
    fits: tuple[FitRow, ...]
    exact: tuple[str, ...]
    weeks: int
    contamination: float
    doubted: tuple[str, ...] = ()
    factor: float = 1.0

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(next(iter(self.posterior.values())))

    def spread_left(self, name: str) -> float:
        """Standard deviation of a parameter after, over that before."""
        before = float(self.prior[name].std())
        return float(self.posterior[name].std()) / before if before else 1.0


def uncertain(study: StudyData, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The draws of the parameters that have a distribution."""
    parameters = study.evidence.parameters
    return {name: column for name, column in columns.items() if not parameters[name].fixed}


def draws_text(posterior: TrialPosterior, study: StudyData) -> str:
    """The draws as a CSV with every digit, so that what was not learnt stays the same to the last one."""
    own = uncertain(study, posterior.posterior)
    names, columns = list(own), [column.tolist() for column in own.values()]
    rows = (",".join((str(i), *(repr(x) for x in row))) for i, row in enumerate(zip(*columns, strict=True)))
    return "\n".join([",".join(("draw", *names)), *rows, ""])


def about(posterior: TrialPosterior, study: StudyData, plan_hash: str, text: str) -> dict[str, Any]:
    """What the draws belong to and come from."""
    return {
        "model": study.model.name,
        "scenario": study.scenario.name,
        "price_year": study.model.conventions.price_year,
        "plan": plan_hash,
        "method": posterior.method,
        "effective_draws": round(posterior.effective),
        "draws": posterior.draws,
        "weeks": posterior.weeks,
        "contamination": posterior.contamination,
        "updated_alone": list(posterior.exact),
        "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(),
    }


def write_posterior(posterior: TrialPosterior, study: StudyData, plan_hash: str, folder: Path) -> None:
    """Write both files into a folder."""
    text = draws_text(posterior, study)
    write_whole(text, folder / DRAWS_FILE)
    note = json.dumps(about(posterior, study, plan_hash, text), ensure_ascii=False, indent=1)
    write_whole(note + "\n", folder / ABOUT_FILE)


def read_posterior(file: str | os.PathLike[str], study: StudyData) -> Path:
    """The table of draws of a posterior, checked to belong to the study. `file` is it, or the folder that holds it.

    Raises ScenarioError where the file beside it is missing, or says another model, scenario, price year or content.
    """
    place = Path(file)
    place = place / DRAWS_FILE if place.is_dir() else place
    note = place.with_suffix(".json")
    for one in (place, note):
        if not one.is_file():
            raise ScenarioError(
                "no posterior there",
                value=str(one),
                rule=f"a posterior is two files, {DRAWS_FILE} and {ABOUT_FILE}, as `costeff trial update --out` writes",
                way_out="name the folder or the table, with both files as they were written",
            )
    try:
        own = json.loads(note.read_text("utf-8"))
        own_words = {key: own[key] for key in ("model", "scenario", "price_year", "sha256")}
    except (ValueError, KeyError, TypeError):
        raise ScenarioError(
            "this says of no posterior what it belongs to",
            where=str(note),
            rule="model, scenario, price_year and sha256, as `costeff trial update --out` writes them",
            way_out="write the posterior anew",
        ) from None
    right = {
        "model": study.model.name,
        "scenario": study.scenario.name,
        "price_year": study.model.conventions.price_year,
        "sha256": hashlib.sha256(place.read_bytes().replace(b"\r\n", b"\n")).hexdigest(),
    }
    for key, value in right.items():
        if own_words[key] != value:
            raise ScenarioError(
                "the posterior was changed after it was written"
                if key == "sha256"
                else f"the posterior belongs to another {key.replace('_', ' ')}",
                where=str(note),
                value=f"{own_words[key]}, and here it is {value}",
                rule="draws mean what they meant where they were learnt: the same scenario, prices and content",
                way_out="run the scenario that it was learnt for, or update again",
            )
    return place
