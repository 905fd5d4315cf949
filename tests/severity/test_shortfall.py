"""Anchored in the figures that the Norwegian authority prints for ages 40-90, in a hand table, and in closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from costeff.cli import main
from costeff.errors import ScenarioError
from costeff.model.country import Country, read_country
from costeff.severity.shortfall import remaining_qalys, severity, severity_by_duration

# fmt: off
PRINTED = dict(enumerate([
    37.8, 37.0, 36.2, 35.3, 34.5, 33.7, 32.9, 32.1, 31.2, 30.4, 29.6, 28.8, 28.0, 27.2, 26.4, 25.6, 24.8, 24.0, 23.2,
    22.4, 21.6, 20.8, 20.0, 19.2, 18.5, 17.7, 17.0, 16.2, 15.5, 14.8, 14.1, 13.4, 12.7, 12.0, 11.4, 10.7, 10.1, 9.5,
    8.9, 8.3, 7.8, 7.3, 6.8, 6.3, 5.8, 5.4, 5.0, 4.6, 4.2, 3.9, 3.6], start=40))
PRINTED_YEARS = dict(enumerate([
    44.1, 43.1, 42.1, 41.2, 40.2, 39.2, 38.3, 37.3, 36.4, 35.4, 34.5, 33.5, 32.6, 31.7, 30.7, 29.8, 28.9, 28.0, 27.1,
    26.2, 25.3, 24.4, 23.5, 22.6, 21.8, 20.9, 20.1, 19.2, 18.4, 17.6, 16.8, 16.0, 15.3, 14.5, 13.7, 13.0, 12.3, 11.6,
    10.9, 10.2, 9.6, 9.0, 8.4, 7.8, 7.2, 6.7, 6.2, 5.7, 5.2, 4.8, 4.4], start=40))
# fmt: on
"""Remaining QALYs with the new norm, and remaining years, of the authority's tool of July 2025."""
EXPOSURES = Path(__file__).parents[1] / "data" / "severity" / "norway_2023.csv"
"""Years lived by women and men of each age in 2023 (Human Mortality Database), and who died (Statistics Norway)."""


@pytest.fixture(scope="module")
def norway() -> Country:
    return read_country("norway")


def test_life_expectancy_is_that_of_statistics_norway(norway: Country) -> None:
    """By hand over the columns of the table: at birth, 45, 67, 80 and 84 for men and women."""
    table = norway.evidence.tables["life_table"]
    for sex, printed in (
        ("men", {0: 81.61, 45: 37.90, 67: 18.09, 80: 8.75, 84: 6.54}),
        ("women", {0: 84.85, 45: 40.58, 67: 20.17, 80: 10.08, 84: 7.62}),
    ):
        for age, years in printed.items():
            alive, total = 1.0, 0.0
            for dying in list(table.columns[sex])[age:]:
                total += alive * (1 - dying / 2)
                alive *= 1 - dying
            assert round(total, 2) == years


def test_printed_remaining_qalys(norway: Country) -> None:
    """All 51, to the digit that is printed."""
    assert {age: round(remaining_qalys(norway, age), 1) for age in PRINTED} == PRINTED


def test_printed_remaining_years(norway: Country) -> None:
    """All 51 of the same tool, which have no norm in them: half a year in the year of death."""
    dying = norway.evidence.tables["life_table_2024"].columns["both"]
    years = {}
    for age in PRINTED_YEARS:
        alive = np.cumprod([1.0, *(1 - np.asarray(dying[age:]))])
        years[age] = round(float((alive[:-1] + alive[1:]).sum() / 2), 1)
    assert years == PRINTED_YEARS


def test_both_sexes_are_men_and_women_by_their_share_in_2024(norway: Country) -> None:
    """Those of an age in 2023 who have not died are a year older in 2024."""
    table = norway.evidence.tables["life_table_2024"].columns
    before = pd.read_csv(EXPOSURES)
    odds = (before["men_years"] / before["women_years"]).to_numpy(copy=True)
    survivors = ((1 - before["men_dying"]) / (1 - before["women_dying"])).to_numpy()[:-1]
    odds[1:] = odds[:-1] * survivors
    share = odds / (1 + odds)
    both = share * np.asarray(table["men"]) + (1 - share) * np.asarray(table["women"])
    np.testing.assert_allclose(np.asarray(table["both"]), both, atol=6e-9)


def test_hand_table(tmp_path: Path) -> None:
    """Of 60, half die in the year, of 61 all: (0.8 + 0.5 x 0.6) / 2 in the first year, 0.5 x 0.6 / 2 in the second."""
    (tmp_path / "life.csv").write_text("age,both\n60,0.5\n61,1\n")
    (tmp_path / "norm.csv").write_text("age,value\n60,0.8\n61,0.6\n")
    (tmp_path / "land.yaml").write_text(
        """
country: land
severity:
  {life_table: life, norm: norm, value_of_qaly: worth, kind: assumption,
   classes: [{least: 0, weight: 1}, {least: 0.5, weight: 2}]}
parameters: {worth: {value: 100, unit: EUR per QALY, price_year: 2024, kind: assumption}}
tables:
  life: {file: life.csv, unit: probability per year, kind: assumption}
  norm: {file: norm.csv, unit: utility, kind: assumption}
"""
    )
    land = read_country(tmp_path / "land.yaml")
    assert remaining_qalys(land, 60) == pytest.approx(0.55 + 0.15, abs=1e-15)
    assert [severity(land, 60, q).number for q in (0.25, 0.2, 0.15, 0.0)] == [1, 2, 2, 2]  # 0.7 less 0.2 is 0.5
    assert severity(land, 60, 0.0).value_of_qaly == 200
    one, all_life = severity_by_duration(land, 60, 0.4, [1, 30])
    assert (one.shortfall, all_life.shortfall) == (0.3, 0.4)


def test_classes_begin_at_their_edge_after_rounding(norway: Country) -> None:
    population = remaining_qalys(norway, 45)
    for shortfall, number in ((3.994, 1), (3.996, 2), (4.0, 2), (19.99, 5), (20.0, 6)):
        assert severity(norway, 45, population - shortfall).number == number
    values = [severity(norway, 45, population - 4 * k).value_of_qaly for k in range(6)]
    assert [round(v) for v in values] == [275_000, 385_000, 495_000, 605_000, 715_000, 825_000]


def test_nobody_of_84_is_beyond_the_second_class(norway: Country) -> None:
    assert severity(norway, 84, 0.0).number == 2


def test_what_is_refused(norway: Country) -> None:
    with pytest.raises(ScenarioError, match=r"(?s)'health_norm' of the country 'norway' has nothing for age 39.*40 to"):
        remaining_qalys(norway, 39)
    with pytest.raises(ScenarioError, match="cannot be what patients have left"):
        severity(norway, 45, 34.0)
    with pytest.raises(ScenarioError, match="not a loss of utility"):
        severity_by_duration(norway, 45, 0.85, [1])
    with pytest.raises(ScenarioError, match="'denmark' has no rule of severity"):
        remaining_qalys(read_country("denmark"), 45)


def test_command() -> None:
    out = CliRunner().invoke(main, ["severity", "norway", "--age", "84", "--qalys", "0", "--language", "nb"])
    assert out.exit_code == 0
    assert "385\u00a0000" in out.output
    assert CliRunner().invoke(main, ["severity", "norway", "--age", "84"]).exit_code != 0
