"""People of draws that share their luck are those of each draw by itself, to the last digit: anchored in one draw."""

from __future__ import annotations

import numpy as np
import pytest

from costeff import load
from costeff.compile.environment import parameter_environment, population


@pytest.mark.parametrize("name", ["tki2", "sick_sicker", "connect", "expert-at-work"])
def test_people_who_share_their_luck_are_made_as_in_a_draw_alone(name: str) -> None:
    study = load(name)
    base = study.evidence.base()
    reads = {
        read
        for attribute in study.model.attributes
        for formula in [attribute.value, *(attribute.categories or {}).values()]
        if formula is not None
        for read in formula.names
    }
    moved = [parameter for parameter in base if parameter in reads]
    changes = [{}, *({parameter: base[parameter] * 1.05} for parameter in moved[:4]), {}]
    sets = [base | change for change in changes]
    keys = np.full(len(sets), 3, np.uint64)
    columns = {parameter: np.array([one[parameter] for one in sets]) for parameter in base}

    def people(rows: slice) -> dict[str, np.ndarray]:
        own = {parameter: column[rows] for parameter, column in columns.items()}
        size = len(keys[rows])
        env = parameter_environment(study.model, own, study.tables, size)
        return population(study.model, env, 1, keys[rows], 0, 400)

    together = people(slice(None))
    assert all(array.shape == (len(sets), 400) for array in together.values())
    for i in range(len(sets)):
        alone = people(slice(i, i + 1))
        for attribute, array in alone.items():
            assert np.array_equal(together[attribute][i], array[0]), (name, attribute, i)
    if moved:
        assert any((array != array[:1]).any() for array in together.values()), name
