"""Anchored in an identity: lives written in mstate's form and read back are the lives, week by week and priced."""

from __future__ import annotations

from functools import cache
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from costeff import load
from costeff.api import Study
from costeff.errors import ResultError
from costeff.simulation.histories import multi_state
from costeff.trial.lives import lives_of_histories, weeks_of_lives
from costeff.trial.multi_state import lives_of_mstate
from costeff.trial.pricing import base_prices, priced


@cache
def study() -> Study:
    return load("tki2")


@cache
def histories() -> pd.DataFrame:
    return study().histories(individuals=150, seed=6)


def table() -> pd.DataFrame:
    return multi_state(histories(), study().model)


def test_lives_are_read_back_from_the_file() -> None:
    file = StringIO()
    table().to_csv(file, index=False)
    file.seek(0)
    shuffled = pd.read_csv(file).sample(frac=1, random_state=1)
    prices = base_prices(study(), seed=6)
    for name in study().model.strategy_names:
        whole, again = (
            lives_of_histories(histories(), study().model, name),
            lives_of_mstate(shuffled, study().model, name),
        )
        assert np.array_equal(weeks_of_lives(again), weeks_of_lives(whole))
        columns = [0, 1, 2]  # state, entry, end; which of two exits was taken is not in the form
        assert np.array_equal(again.stays.rows[:, columns], whole.stays.rows[:, columns])
        assert again.ambiguous == ("sick_full -> unemployed",)
        ours, theirs = (priced(one, prices) for one in (whole, again))
        moved = {item for item, sums in ours.items().items() if not np.array_equal(sums, theirs.items()[item])}
        assert {item for item, _, _ in moved} <= {"production_vacancy_loss"}


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (lambda own: own.drop(columns="trans"), "not in the form of mstate"),
        (lambda own: own.assign(trans=own["trans"] + 1), "does not number so"),
        (lambda own: own.assign(Tstop=own["Tstop"] + 1), "do not follow each other"),
        (lambda own: own.assign(status=1), "ends in two states"),
        (lambda own: own[own["Tstop"] < 260], "another horizon"),
        (lambda own: own[own["strategy"] == "nothing"], "of no draw"),
    ],
)
def test_a_table_of_another_kind_is_refused(edit: object, complaint: str) -> None:
    with pytest.raises(ResultError, match=complaint):
        lives_of_mstate(edit(table()), study().model, "tki2")  # type: ignore[operator]
