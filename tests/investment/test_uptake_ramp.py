"""Anchored in the ramp by hand: 0.5 (1 - exp(-t / 2)) is 0.1065 in year 1 and 0.2613 in year 2, on average."""

from __future__ import annotations

from pathlib import Path

import pytest

from costeff.bundled import data_dir
from costeff.errors import ScenarioError
from costeff.investment.read import read_case

SHIPPED = data_dir("scenarios") / "followup-teams-kinn-investment.yaml"
RAMP = "uptake: {ceiling: 0.5, time_constant: 2, ends: 2026, kept: 0.5, loss: 0.5}"


def case(folder: Path, uptake: str) -> tuple[float, ...]:
    file = folder / "case.yaml"
    text = SHIPPED.read_text(encoding="utf-8")
    assert RAMP in text
    file.write_text(text.replace(RAMP, uptake), encoding="utf-8")
    return read_case(str(file)).uptake


def test_uptake_grows_and_what_lasts_is_kept(tmp_path: Path) -> None:
    shares = case(tmp_path, RAMP)
    # 0.5 (1 - 2 (exp(-y / 2) - exp(-(y + 1) / 2))) for y = 0, 1, 2.
    assert shares[:3] == pytest.approx([0.1065307, 0.2613488, 0.3552504], abs=1e-6)
    ramp = case(tmp_path, "uptake: {ceiling: 0.5, time_constant: 2}")
    assert shares[:3] == ramp[:3]
    assert all(0.5 * full < share < full for share, full in zip(shares[3:], ramp[3:], strict=True))
    assert case(tmp_path, "uptake: {ceiling: 0.5, time_constant: 2, ends: 2026, kept: 1}") == pytest.approx(ramp)
    gone = case(tmp_path, "uptake: {ceiling: 0.5, time_constant: 2, ends: 2026, kept: 0}")
    assert gone == (*ramp[:3], 0, 0, 0)
    assert case(tmp_path, "uptake: {ceiling: 0.4, time_constant: 0}") == (0.4,) * 6
    # The same uptake year by year, as a case has always stated it.
    assert case(tmp_path, "uptake: {2024: 0.1, 2025: 0.3, later: 0.4}") == (0.1, 0.3, 0.4, 0.4, 0.4, 0.4)


@pytest.mark.parametrize(
    ("uptake", "told"),
    [
        ("uptake: {ceiling: 50, time_constant: 2}", "`ceiling` of `uptake` is not a share"),
        ("uptake: {ceiling: 0.5, time_constant: -2}", "`time_constant` of `uptake` is below 0"),
        ("uptake: {ceiling: 0.5, time_constant: 2, ends: 2035}", "no year of the case"),
        ("uptake: {ceiling: 0.5, time_constant: 2, keep: 1}", "unknown key 'keep'"),
        ("uptake: {ceiling: 0.5}", "time_constant"),
    ],
)
def test_a_ramp_that_cannot_be_read_is_refused(tmp_path: Path, uptake: str, told: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        case(tmp_path, uptake)
    assert told in str(caught.value)
    assert "case.yaml" in str(caught.value)
