"""Intervals that were drawn otherwise than declared, without a word."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner
from fault import fault

from costeff.cli import main
from costeff.evidence import read_evidence

KIND = "an interval is drawn otherwise than declared"


def written(folder: Path, parameter: str) -> Path:
    path = folder / "p.yaml"
    path.write_text(f"parameters:\n  x: {{{parameter}, kind: assumption}}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        pytest.param(
            f"value: {value}, unit: {unit}, distribution: {family}, interval: {interval}",
            said,
            marks=fault(kind=KIND, given=f"{family}, mean {value}, interval {interval}", right=f"a warning: {said}"),
        )
        for family, value, unit, interval, said in (
            ("lognormal", 0.402, "ratio", [0.186, 0.868], "declared 0.186 to 0.868, drawn 0.1604 to 0.8424"),
            ("lognormal", 0.5, "ratio", [0.2, 1.5], "declared 0.2 to 1.5, drawn 0.1179 to 1.418"),
            ("beta", 0.3, "share", [0.1, 0.9], "declared 0.1 to 0.9, drawn 0.008617 to 0.8086"),
            ("gamma", 1.0, "ratio", [0.3, 9], "declared 0.3 to 9, drawn"),
        )
    ],
)
def test_an_interval_that_cannot_be_drawn_is_said(tmp_path: Path, parameter: str, said: str) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        drawn = read_evidence(written(tmp_path, parameter)).parameters["x"].interval()
    assert said in " ".join(str(w.message) for w in caught), f"no warning; drawn {drawn[0]:.4g} to {drawn[1]:.4g}"


@fault(kind=KIND, given="lognormal ratio 0.402 (0.186-0.868) around a mean", right="`centre: median` is proposed")
def test_a_ratio_is_offered_its_median(tmp_path: Path) -> None:
    parameter = "value: 0.402, unit: ratio, distribution: lognormal, interval: [0.186, 0.868]"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read_evidence(written(tmp_path, parameter))
    said = " ".join(str(w.message) for w in caught)
    assert "`centre: median` (drawn 0.1861 to 0.8684)" in said, said or "no warning"


@fault(
    kind=KIND,
    given="`costeff describe` of programme_cost, gamma, 3,000 to 10,500 in 2012 prices",
    right="drawn and declared interval, both at the analysis's prices",
)
def test_describe_prints_both_intervals(tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    entry = "{value: 6000, unit: DKK per individual, price_year: 2024, distribution: gamma, interval: [3000, 10500], "
    scenario.write_text(
        f"scenario: s\nmodel: tki2\nset:\n  programme_cost: {entry}kind: assumption}}\n", encoding="utf-8"
    )
    ended = CliRunner().invoke(main, ["describe", str(scenario)])
    output = " ".join(ended.output.split())
    line = output[output.index("programme_cost (Cost of the programme): 6,000") :][:140]
    assert "drawn 2,834 to 10,334 (declared 3,000 to 10,500)" in line


@pytest.mark.parametrize(
    "family",
    [
        pytest.param(
            family,
            marks=fault(
                kind=KIND,
                given=f"{family}, mean 3.4, interval [2, 5.5]",
                right="2 to 5.5: this family can meet both limits",
            ),
        )
        for family in ("triangular", "pert")
    ],
)
def test_families_that_can_meet_both_limits_do(tmp_path: Path, family: str) -> None:
    path = written(tmp_path, f"value: 3.4, unit: weeks, distribution: {family}, interval: [2, 5.5]")
    assert read_evidence(path).parameters["x"].interval() == pytest.approx((2, 5.5), rel=1e-6)
