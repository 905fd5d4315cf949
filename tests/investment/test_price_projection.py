"""Anchored in growth compounded by hand."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costeff.errors import CosteffError, EvidenceError
from costeff.evidence import PriceIndex
from costeff.files.day import writing_day
from costeff.investment.invest import invest_all
from costeff.investment.read import read_case
from costeff.investment.repricing import sources

HEAD = "case: a\nscenario: tki2\nfirst_year: 2026\nyears: 2\nprice_year: 2027\ninflow: 10\n"


@given(st.lists(st.floats(0.9, 1.15), min_size=1, max_size=8))
def test_growth_is_compounded(growth: list[float]) -> None:
    index = PriceIndex("cpi", {2025: 80.0, 2026: 100.0}, others={"old": PriceIndex("old", {2020: 1.0})})
    found = index.projected({2027 + i: g for i, g in enumerate(growth)})
    assert found.factor(2026, 2026 + len(growth)) == pytest.approx(prod(growth))
    assert found.factor(2025, 2026) == 1.25
    assert found.kinds[2027] == "assumption"
    assert found.others["old"].values == {2020: 1.0}  # it ends too early to be carried on


@pytest.mark.parametrize("growth", [{2026: 1.03}, {2028: 1.03}, {2027: 1.03, 2029: 1.03}])
def test_a_projection_follows_the_last_year(growth: dict[int, float]) -> None:
    with pytest.raises(EvidenceError, match="does not follow its last year"):
        PriceIndex("cpi", {2025: 80.0, 2026: 100.0}).projected(growth)


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ("price_index: {2027: 3.4}", "not a growth of prices"),
        ("price_index: {2027: 1.03, 2026: 1.02}", "out of order"),
        ("price_index: {next: 1.03}", "not a year"),
        ("price_index: 1.03", "price_index"),
    ],
)
def test_mistakes_are_refused_with_their_line(tmp_path: Path, line: str, match: str) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + line + "\n", encoding="utf-8")
    with pytest.raises(CosteffError, match=match) as refused:
        read_case(tmp_path / "a.yaml")
    assert "a.yaml" in str(refused.value)


def test_a_projected_case_is_the_case_times_the_growth() -> None:
    """All money of the case at 2027 prices is that at 2026 prices times the growth stated, to rounding."""
    case = replace(read_case("tki2-aarhus-investment"), rules="", regime="old")
    later = replace(case, price_year=2027, price_index={2027: 1.034})
    now, then = invest_all([case, later], 2, 6, progress=False)
    assert np.allclose(then.net("state"), 1.034 * now.net("state"), rtol=1e-6, atol=1)
    told = sources(then).set_index("name")
    assert told.loc["price_index 2027", "value"] == 1.034
    assert told.loc["price_index 2027", "kind"] == "assumption"


def test_the_day_is_the_one_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert writing_day().isoformat() == "1970-01-02"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(CosteffError, match="no time"):
        writing_day()
