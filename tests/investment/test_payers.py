"""Anchored in the shipped models' declarations, by hand: which perspectives a case tells by their own name."""

from __future__ import annotations

from pathlib import Path

import pytest

from costeff.errors import ModelError
from costeff.investment.payers import first_payer, payer_groups, payers
from costeff.model import read_model

MODELS = Path(__file__).parents[2] / "models"


@pytest.mark.parametrize(
    ("model", "first", "parties"),
    [("tki2", "municipal", ("mso", "msb")), ("tki2_reduced", "municipal", ("msb",)), ("expert-at-work", "nav", None)],
)
def test_a_group_is_told_by_its_name_and_a_lone_party_by_its_own(
    model: str, first: str, parties: tuple[str, ...] | None
) -> None:
    read = read_model(model)
    groups = payer_groups(read)
    assert first_payer(read, tuple(payers(read))) == first
    assert groups.get(first) == parties
    assert all(len(members) > 1 for name, members in groups.items() if name != "municipal")


def test_a_municipality_of_one_department_says_whether_it_is_a_group(tmp_path: Path) -> None:
    text = (MODELS / "tki2_reduced.yaml").read_text()
    path = tmp_path / "own.yaml"
    path.write_text(text.replace("parties: [msb], group: true", "parties: [msb]"))
    with pytest.raises(ModelError, match="does not say whether it is a group") as caught:
        payer_groups(read_model(path))
    assert "own.yaml, line" in str(caught.value)
    assert "group: true" in str(caught.value)
    path.write_text(text.replace("parties: [msb], group: true", "parties: [msb], group: false"))
    alone = read_model(path)
    assert "municipal" not in payer_groups(alone)
    assert first_payer(alone, tuple(payers(alone))) == "msb"
