"""Share of TKI2's people who have a new absence of over 8 weeks within 130 weeks of their return.

    python tests/calibration_new_absence.py [--posterior FILE ...]

Over 8 weeks is four on sickness benefit after four that the employer pays. Of each file of draws (unless named: that
which ships) mean and 95 % interval over 200 draws of 1,000 individuals. It is no published figure, so no target.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
import pandas as pd

from costeff.bundled import data_dir
from costeff.calibrate.likelihood import natural
from costeff.calibrate.observe import populations
from costeff.calibrate.setting import Run, columns_of
from costeff.calibrate.statistic import Statistic
from costeff.calibrate.target import Target
from costeff.evidence import read_evidence
from costeff.model import read_model

DRAWS, INDIVIDUALS, SEED = 200, 1000, 1
BENEFIT = ("sick_full", "sick_partial", "sick_unemployed")


def shares(posterior: pd.DataFrame | None) -> np.ndarray:
    """The share in each draw, (200,), with the columns of `posterior` in place of what ships."""
    model, evidence = read_model("tki2"), read_evidence(data_dir("parameters") / "tki2.yaml")
    passage = replace(model.passages[0], name="four_weeks", states=BENEFIT, stay=4)
    model = replace(model, passages=(*model.passages, passage))
    statistic = Statistic("passage_after", 104, passage="four_weeks", after="return_to_work", follow=130)
    target = Target("new_absence", "", "calibrate", statistic, 0.3, (0.2, 0.4))
    draws = columns_of(evidence, DRAWS, SEED)
    if posterior is not None:
        rows = np.linspace(0, len(posterior) - 1, DRAWS).astype(int)
        draws |= {name: posterior[name].to_numpy()[rows] for name in posterior}
    seen = Run(evidence, INDIVIDUALS, SEED, None, False).observe(populations(model, (target,)), draws, DRAWS, 0)
    return np.asarray(natural(target, seen.values[:, 0]))


def main() -> None:
    """Print a line for each file."""
    parser = argparse.ArgumentParser(description="New absence of over 8 weeks within 130 weeks of return.")
    parser.add_argument("--posterior", nargs="*", default=[])
    asked = parser.parse_args()
    for name in asked.posterior or [None]:
        share = shares(None if name is None else pd.read_csv(name))
        low, high = np.quantile(share, [0.025, 0.975])
        print(f"{name or 'as shipped'}: {share.mean():.2f} ({low:.2f}-{high:.2f})")


if __name__ == "__main__":
    main()
