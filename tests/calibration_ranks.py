"""Simulation-based calibration of a reduced problem of usual care; too slow for the suite.

    python tests/calibration_ranks.py [--truths N] [--resume FOLDER] [--log]

Eight parameters of the TKI2 model under their blind priors, ten figures of five sources, and the effects of sources on
return and relapse with unknown SDs; everything else is fixed at its base value. `--log` writes date, commit and result
to tests/calibration_ranks.md, which is committed. What must hold: least p by Holm above 0.01 over all quantities,
pooled coverage of 90 % intervals 87-93 %, of each quantity 82-97 %; posteriors whose SDs are multiplied by 0.7 and by
1.5 are rejected by the same test.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from costeff.bundled import data_dir
from costeff.calibrate import CalibrationPlan, Ranks, read_plan
from costeff.calibrate.ranks import DRAWS, INDIVIDUALS, SCALES, TRUTHS, ranks
from costeff.evidence import Evidence, read_evidence
from costeff.model import Model, read_model
from costeff.simulation.workplace import workplace

FIGURES = (
    "heart_mi_return_52",
    "heart_mi_detached_52",
    "stroke_return_52",
    "stroke_self_support_52",
    "back_pain_return_104",
    "back_pain_work_104",
    "back_pain_sick_104",
    "mental_a_self_support_52",
    "mental_a_health_benefit_52",
    "mental_a_self_support_156",
)
PARAMETERS = (
    "hr_return_heart",
    "hr_relapse_heart",
    "h_sick_employer_work",
    "h_sick_full_work_1",
    "h_sick_full_work_2",
    "h_sick_full_unemployed_1",
    "h_work_sick_1",
    "h_work_sick_2",
)
EFFECTS = ("return_source", "relapse_source")
LOG = Path(__file__).with_name("calibration_ranks.md")


def reduced(
    figures: Sequence[str] = FIGURES, parameters: Sequence[str] = PARAMETERS
) -> tuple[Model, Evidence, CalibrationPlan]:
    """The model, evidence with all but these parameters fixed at their base value, and the plan of these figures."""
    plan = read_plan(data_dir("parameters") / "tki2_targets.yaml")
    evidence = read_evidence(data_dir("parameters") / "tki2.yaml")
    small = replace(
        plan,
        targets=tuple(t for t in plan.targets if t.name in figures),
        priors={name: plan.priors[name] for name in parameters},
        effects=tuple(effect for effect in plan.effects if effect.name in EFFECTS),
        together=(),
    )
    base = evidence.base()
    return read_model("tki2"), evidence.override({name: base[name] for name in base if name not in parameters}), small


def verdicts(result: Ranks) -> list[str]:
    """What must hold, and whether it does."""
    least, pooled = result.verdict()
    single = result.table()["coverage"]
    rows = [
        ("least p by Holm above 0.01", f"{least:.3f}", least > 0.01),
        ("pooled coverage 0.87-0.93", f"{pooled:.3f}", 0.87 <= pooled <= 0.93),
        (
            "coverage of each 0.82-0.97",
            f"{single.min():.3f}-{single.max():.3f}",
            single.min() >= 0.82 and single.max() <= 0.97,
        ),
    ]
    for i, scale in enumerate(SCALES[1:], 1):
        p = result.verdict(i)[0]
        rows.append((f"SDs times {scale:g} rejected: p below 0.01", f"{p:.2g}", p < 0.01))
    return [f"{what}: {value} {'holds' if good else 'FAILS'}" for what, value, good in rows]


def main() -> None:
    """Run, print, and write the log if asked."""
    parser = argparse.ArgumentParser(description="Rank histograms of simulated truths.")
    parser.add_argument("--truths", type=int, default=TRUTHS)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--individuals", type=int, default=INDIVIDUALS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", type=Path, help="folder that keeps each truth's ranks")
    parser.add_argument("--log", action="store_true")
    asked = parser.parse_args()
    start = time.process_time()
    sizes = {"truths": asked.truths, "draws": asked.draws, "individuals": asked.individuals, "seed": asked.seed}
    with workplace(asked.resume):
        result = ranks(*reduced(), threads=1, progress=True, **sizes)
    minutes = (time.process_time() - start) / 60
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    today = dt.datetime.now(dt.UTC).date()
    head = f"{today}, commit {commit.strip()}: {sizes}, {minutes:.0f} minutes of processor time"
    lines = [head, "", *result.lines(), "", *verdicts(result)]
    print("\n".join(lines))
    if asked.log:
        title = "# Ranks of simulated truths\n\nWritten by `python tests/calibration_ranks.py --log`; see there.\n\n"
        LOG.write_text(title + "```text\n" + "\n".join(lines) + "\n```\n", encoding="utf-8")


if __name__ == "__main__":
    main()
