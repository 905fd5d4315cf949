"""What the published figures leave open in usual care of TKI2, and what it is worth to the municipality to know it.

    python tests/calibration_identified.py [--calibration FOLDER] [--draws N] [--individuals N] [--log]

For the shipped scenario `tki2`, its posterior and its targets: EVPPI of each calibrated parameter for the municipality
without tax, which pays for nothing but money (willingness to pay 0), its share of the value of knowing everything, and
how far the calibration has narrowed it. Parameters that stand `together` in the targets file are one row. For each that
is not narrowed by a tenth: the table of a register's export (`--register`) that would narrow it. Contractions are those
of the calibration, from FOLDER/tki2_validation.yaml or the validation that the model names; without either, of the
shipped posterior against the priors. `--log` writes the table into docs/identified_tki2.md, which is committed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from costeff import load
from costeff.bundled import data_dir
from costeff.calibrate import CalibrationPlan, read_plan
from costeff.calibrate.calibration import prior_evidence, priors_of, shipped_posterior
from costeff.calibrate.report import contraction_table
from costeff.calibrate.validation import LEAST_CONTRACTION
from costeff.calibrate.validation_file import read_validation
from costeff.evidence import Evidence
from costeff.model import Model, validation_file
from costeff.voi.evpi import evpi
from costeff.voi.evppi import cut_at_bounds, evppi

PAGE = data_dir("parameters").parent / "docs" / "identified_tki2.md"
BEGIN, END = "<!-- begin: python tests/calibration_identified.py --log -->", "<!-- end -->"
PERSPECTIVE, EVERYTHING = "municipal", "all calibrated parameters"
MATTERS = 0.01
"""Share of the value of knowing everything from which a parameter must be narrowed, or its table named."""
TABLES = {
    "h_sick_employer": "sickness_benefit ended, by weeks 4-26, of those with an employer",
    "h_sick_full": "sickness_benefit ended and status after 4 and 13 weeks",
    "h_sick_partial": "sickness_benefit ended and status after 4 and 13 weeks, of those on graded return",
    "h_sick_unemployed": "sickness_benefit ended and status after 4 and 13 weeks, of those without a job",
    "h_job_clarification": "job_clarification ended and status after 13, 26 and 52 weeks",
    "h_resource_course": "resource_course ended and status after 13, 26 and 52 weeks",
    "h_social_assistance": "social_assistance status after 26, 52 and 104 weeks",
    "h_flex_job": "flex_job status after 26, 52 and 104 weeks",
    "h_unemployed": "unemployment_benefit status after 13, 26 and 52 weeks",
    "h_work": "sickness_benefit status after 26, 52 and 104 weeks, of those back at work after 4",
    "hr_return_job_lost": "sickness_benefit ended, by whether the job is held",
    "hr_return": "sickness_benefit ended, by diagnosis, age and sex",
    "hr_relapse": "sickness_benefit status after 26 and 52 weeks, by diagnosis and age, of those back at work after 4",
    "p_grave": "sickness_benefit ended, by weeks 4-104, diagnosis and weeks sick before",
    "h_light_before": "sickness_benefit ended, by weeks 4-104, diagnosis and weeks sick before",
    "hr_pension": "sickness_benefit status after 104 weeks, by diagnosis and age",
}
"""The rows of an export that tell a parameter, by how its name begins; the longest that fits counts."""


@dataclass(frozen=True)
class Line:
    """One row of the table: parameters that one score moves, their contraction, EVPPI and its error (DKK)."""

    names: tuple[str, ...]
    contraction: float
    value: float
    error: float
    share: float

    @property
    def narrowed(self) -> bool:
        """Whether the published figures say anything about it."""
        return self.contraction >= LEAST_CONTRACTION


def table_of(name: str) -> str:
    """The rows of a register's export that would narrow a parameter. Raises KeyError for one of another kind."""
    starts = [start for start in TABLES if name.startswith(start)]
    return TABLES[max(starts, key=len)] if starts else TABLES[name]


def scores_of(names: Sequence[str], together: Sequence[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The calibrated parameters that one score moves, by the first of them."""
    followers = {name for group in together for name in group[1:]}
    groups = {group[0]: group for group in together}
    return {name: groups.get(name, (name,)) for name in names if name not in followers}


def contractions(model: Model, evidence: Evidence, plan: CalibrationPlan, folder: Path | None) -> dict[str, float]:
    """How far each calibrated parameter is narrowed, by the calibration's own file where there is one."""
    file = validation_file(model) if folder is None else folder / f"{plan.model}_validation.yaml"
    if file is not None:
        return {one.name: one.contraction for one in read_validation(file).parameters}
    priors = priors_of(prior_evidence(evidence, plan), plan)
    table = contraction_table(priors, shipped_posterior(evidence, plan))
    return dict(zip(table["parameter"], table["contraction"], strict=True))


def lines_of(
    narrowed: Mapping[str, float], together: Sequence[tuple[str, ...]], run: object
) -> tuple[list[Line], Line]:
    """A row for each score, the most valuable first, and all calibrated parameters together; `run` is a Result."""
    evaluation = run.perspective(PERSPECTIVE)  # type: ignore[attr-defined]
    scores = scores_of(list(narrowed), together)
    groups: dict[str, list[str]] = {name: list(members) for name, members in scores.items()}
    table = cut_at_bounds(evppi(evaluation, {**groups, EVERYTHING: list(narrowed)}, 0.0)).sel(wtp=0.0)
    everything = float(evpi(evaluation, 0.0)["evpi"].item())
    rows = []
    for name in [*scores, EVERYTHING]:
        own = table.sel(group=name)
        value, error = max(float(own["evppi"]), 0.0), float(own["evppi_mcse"])
        members = scores.get(name, (EVERYTHING,))
        rows.append(Line(members, narrowed.get(name, float("nan")), value, error, value / everything))
    return sorted(rows[:-1], key=lambda one: (-one.value, one.contraction)), rows[-1]


def written(rows: Sequence[Line], whole: Line) -> list[str]:
    """The table and what follows from it, as Markdown."""
    out = ["| parameters that one score moves | EVPPI, DKK (error) | share | narrowed by | register table |"]
    out.append("|---|---|---|---|---|")
    for one in rows:
        names = " + ".join(f"`{name}`" for name in one.names)
        table = "" if one.narrowed else table_of(one.names[0])
        cells = f"{one.value:,.0f} ({one.error:,.0f}) | {one.share:.1%} | {one.contraction:.2f}"
        out.append(f"| {names} | {cells} | {table} |")
    count = sum(len(one.names) for one in rows)
    thin = [one for one in rows if not one.narrowed]
    heavy = [one for one in rows if one.share >= MATTERS]
    heavy_thin = sum(not one.narrowed for one in heavy)
    told = (
        f"{heavy_thin} of these are not narrowed, and each has its register table above" if heavy else "so none must be"
    )
    out += [
        "",
        f"All calibrated parameters together: {whole.value:,.0f} DKK ({whole.error:,.0f}), {whole.share:.1%} of the "
        f"value of knowing everything.",
        "",
        f"{count - sum(len(one.names) for one in thin)} of {count} parameters are narrowed by a tenth or more. "
        f"{len(heavy)} of {len(rows)} scores carry at least 1 % of that value; {told}.",
    ]
    return out


def on_page(page: str, lines: Sequence[str]) -> str:
    """The page with its marked part anew."""
    head, rest = page.split(BEGIN)
    return "\n".join([head + BEGIN, "", *lines, "", END]) + rest.split(END, 1)[1]


def main() -> None:
    """Run, print, and write the page if asked."""
    parser = argparse.ArgumentParser(description="What is not identified in usual care of TKI2, and what it is worth.")
    parser.add_argument("--calibration", type=Path, help="folder that `costeff calibrate --out` filled")
    parser.add_argument("--targets", type=Path, default=data_dir("parameters") / "tki2_targets.yaml")
    parser.add_argument("--draws", type=int, default=2048)
    parser.add_argument("--individuals", type=int, default=200)
    parser.add_argument("--log", action="store_true")
    options = parser.parse_args()
    start = time.process_time()
    study, plan = load("tki2"), read_plan(options.targets)
    narrowed = contractions(study.model, study.evidence, plan, options.calibration)
    sizes = {"draws": options.draws, "individuals": options.individuals, "seed": 1}
    rows, whole = lines_of(narrowed, plan.together, study.psa(**sizes, threads=1, progress=False))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    minutes = (time.process_time() - start) / 60
    today = dt.datetime.now(dt.UTC).date()
    head = (
        f"{today}, commit {commit.strip()}: {sizes}, {options.targets.name}, {minutes:.1f} minutes of processor time."
    )
    lines = [head, "", *written(rows, whole)]
    print("\n".join(lines))
    if options.log:
        PAGE.write_text(on_page(PAGE.read_text(encoding="utf-8"), lines), encoding="utf-8")


if __name__ == "__main__":
    main()
