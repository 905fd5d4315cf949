"""Anchored in the model of docs/your_own_model.md, sound as it stands, with one slip of a first-time modeller each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from costeff import load
from costeff.errors import CosteffError
from costeff.study.printing import printed

PAGE = Path(__file__).parents[2] / "docs" / "your_own_model.md"
FILES = dict(re.findall(r"<!-- file: (\S+) -->\s*\n```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.S | re.M))


def with_slip(folder: Path, right: str, slip: str) -> str:
    """The page's model in a folder, one phrase of its structure replaced."""
    assert FILES["coaching.yaml"].count(right) == 1
    for name, text in FILES.items():
        (folder / name).write_text(text.replace(right, slip) if name == "coaching.yaml" else text, encoding="utf-8")
    return str(folder / "coaching.yaml")


@pytest.mark.parametrize(
    ("right", "slip", "what", "way_out"),
    [
        # A share of 0 returned to work, printed as a result: nobody can stay 400 weeks within two years.
        ("stay: 4,", "stay: 400,", "a stay beyond the horizon", "shorten `stay`, which is in cycles"),
        # The way out was "write 1 or 1".
        ("ratio: hr_coaching}", "ratio: [hr_coaching, 1]}", "number of ratios", "such as `windows: [26]`"),
        # Who writes `no` means false; the way out was `alive: true`, or none, which is true as well.
        ("alive: false}", "alive: no}", "`alive` is not true or false", "write `alive: false`"),
        ("discount: true,", "discount: ja,", "`discount` is not true or false", "write `discount: true`"),
    ],
)
def test_a_slip_is_refused_with_a_way_out_that_works(
    tmp_path: Path, right: str, slip: str, what: str, way_out: str
) -> None:
    with pytest.raises(CosteffError) as error:
        load(with_slip(tmp_path, right, slip))
    assert what in str(error.value)
    assert way_out in str(error.value)


@pytest.mark.parametrize(
    ("right", "mended"),
    [
        ("stay: 4,", "stay: 104,"),
        ("ratio: hr_coaching}", "ratio: [hr_coaching, 1]}\nwindows: [26]"),
        ("alive: false}", "alive: false}"),
    ],
)
def test_the_ways_out_work(tmp_path: Path, right: str, mended: str) -> None:
    assert load(with_slip(tmp_path, right, mended)).run(individuals=20, seed=1).draws == 1


def test_no_basis_of_prices_leaves_no_mark_behind_it(tmp_path: Path) -> None:
    """Printed as "discounted; )"."""
    result = load(with_slip(tmp_path, "stay: 4,", "stay: 4,")).run(individuals=20, seed=1)
    assert "Municipality [municipality]  (DKK per individual, price year 2024, discounted)\n" in printed(result)
