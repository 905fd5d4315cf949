"""Writes tests/trial/data/lifelines.json: answers of lifelines for tests/trial/test_incidence.py.

lifelines cannot be installed beside pandas 3, so it has an environment of its own:

    python3 -m venv --without-pip ENV && python3 -m pip --python ENV/bin/python install lifelines==0.30.3
    ENV/bin/python tests/oracles/lifelines.py

Times are all different where there are competing events, since lifelines breaks ties at random there.
"""

from __future__ import annotations

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

sys.path.pop(0)  # this file has the name of the package

import numpy as np
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

UNTIL = (10.0, 30.0, 52.0)


def data_sets() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Different times with three causes; weeks with ties and one cause; no censoring; heavy censoring."""
    luck = np.random.default_rng(20261129)
    sets = {}
    for name, people, share_censored in (("competing", 150, 0.25), ("all_events", 60, 0.0), ("censored", 90, 0.7)):
        time = np.round(luck.permutation(people) * 0.37 + 0.11, 2)
        cause = 1 + luck.choice(3, people, p=[0.6, 0.25, 0.15])
        sets[name] = time, np.where(luck.random(people) < share_censored, 0, cause)
    weeks = luck.geometric(0.04, 200).clip(max=52)
    sets["weeks"] = weeks.astype(float), (weeks < 52).astype(int) * (luck.random(200) < 0.9)
    return sets


def main() -> None:
    warnings.simplefilter("error")
    answers = {}
    for name, (time, cause) in data_sets().items():
        one = {"time": time.tolist(), "cause": cause.tolist(), "incidence": {}, "restricted_mean": {}}
        for event in (1, 2, 3) if name != "weeks" else ():
            fitter = AalenJohansenFitter(calculate_variance=False).fit(time, cause, event_of_interest=event)
            curve = fitter.cumulative_density_.iloc[:, 0]
            one["incidence"][str(event)] = [float(curve[curve.index <= t].iloc[-1]) for t in UNTIL]
        km = KaplanMeierFitter().fit(time, cause > 0)
        one["free"] = [float(km.predict(t)) for t in UNTIL]
        one["restricted_mean"] = [float(restricted_mean_survival_time(km, t)) for t in UNTIL]
        answers[name] = one
    whole = {"versions": {p: version(p) for p in ("lifelines", "numpy", "pandas")}, "until": UNTIL, "sets": answers}
    place = Path(__file__).parents[1] / "trial" / "data" / "lifelines.json"
    place.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    print(f"{place}: {', '.join(answers)}")


if __name__ == "__main__":
    main()
