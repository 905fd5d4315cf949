"""Anchored in the shipped targets file and in textbook standard errors."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costeff.bundled import data_dir
from costeff.calibrate import Statistic, Target, read_plan, read_targets
from costeff.calibrate.likelihood import error_covariance, natural, sampling_covariance, sampling_sd, transformed
from costeff.errors import CosteffError

SHIPPED = data_dir("parameters") / "tki2_targets.yaml"
FILE = """\
model: three
sources:
  s: {title: Source, address: "https://example.org", seen: seen}
discrepancy: {value: 0.1, note: assumed}
priors:
  h: {value: 0.1, centre: median, unit: hazard per week, distribution: lognormal, interval: [0.05, 0.2], kind: derived}
targets:
  - name: work
    title: In work
    use: calibrate
    set: {p_start: 1}
    statistic: {type: state_share, states: [work], at: 26}
    value: 0.6
    interval: [0.5, 0.7]
    n: 100
    source: s
"""


def test_shipped_file() -> None:
    plan = read_plan(SHIPPED)
    assert len(plan.used("calibrate")) == 111
    assert len(plan.used("holdout")) == 15
    assert {name.split("_")[0] for name in plan.priors} == {"h", "hr", "p"}
    heart = plan.targets[0]
    assert (heart.value, heart.n, heart.statistic.at) == (0.668, 244, 52)
    assert heart.statistic.states == ("work", "sick_employer")
    assert heart.place is not None
    assert "name: heart_rehabilitation_work" in SHIPPED.read_text(encoding="utf-8").splitlines()[heart.place.line - 1]  # type: ignore[operator]
    assert read_targets(SHIPPED) == list(plan.targets)


def test_family_era_and_country_are_words(tmp_path: Path) -> None:
    path = tmp_path / "three_targets.yaml"
    text = FILE.replace("kind: derived", "kind: assumption")
    path.write_text(text, encoding="utf-8")
    assert (read_plan(path).targets[0].family, read_plan(path).targets[0].condition) == ("", "")
    words = "    family: return\n    era: 2013-16\n    country: Norway\n    condition: stroke\n"
    path.write_text(text + words, encoding="utf-8")
    target = read_plan(path).targets[0]
    assert (target.family, target.era, target.country, target.condition) == ("return", "2013-16", "Norway", "stroke")


def test_shipped_priors_are_wide() -> None:
    """Every baseline hazard may lie a factor 2.5 either way: log SD 0.4 at least."""
    for name, prior in read_plan(SHIPPED).priors.items():
        if name.startswith("h_"):
            low, high = prior["interval"]
            assert math.log(high / low) / 3.92 >= 0.4, name


@pytest.mark.parametrize(
    ("old", "new", "what", "line"),
    [
        ("type: state_share", "type: state_sum", "unknown `type`", 12),
        ("at: 26}", "at: 26, within: 3}", "unknown key 'within'", 12),
        ("at: 26", "at: -1", "too small", 12),
        ("value: 0.6", "value: 0.8", "does not hold the value", 14),
        ("interval: [0.5, 0.7]", "interval: [0, 0.7]", "outside 0-1", 14),
        ("interval: [0.5, 0.7]", "interval: [0.7]", "not two numbers", 14),
        ("source: s", "source: t", "unknown `source`", 16),
        ("use: calibrate", "use: fit", "unknown `use`", 10),
        ("n: 100", "n: 0", "too small", 15),
        ("n: 100", "n: '?'", "not a whole number", 15),
        ("n: 100", "n: 1000", "do not go together", 15),
        ("interval: [0.5, 0.7]", "interval: [0.3, 0.8]", "SD 0.2 on the logit by n, 0.57 by the interval", 15),
        ("p_start: 1", "p_start: yes please", "not a number", 11),
        ("discrepancy: {value: 0.1", "discrepancy: {value: -0.1", "negative", 4),
        ("title: In work", "titel: In work", "unknown key 'titel'", 9),
        ("    title: In work\n", "", "lacks `title`", 8),
    ],
)
def test_mistakes_have_a_line(tmp_path: Path, old: str, new: str, what: str, line: int) -> None:
    assert FILE.count(old) == 1
    path = tmp_path / "three_targets.yaml"
    path.write_text(FILE.replace(old, new), encoding="utf-8")
    with pytest.raises(CosteffError, match=what) as caught:
        read_plan(path)
    assert f"line {line}" in str(caught.value)


def test_two_targets_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "three_targets.yaml"
    path.write_text(FILE + FILE[FILE.index("  - name") :], encoding="utf-8")
    with pytest.raises(CosteffError, match="two targets have this name"):
        read_plan(path)


def test_one_figure_under_two_names_would_count_twice(tmp_path: Path) -> None:
    again = FILE[FILE.index("  - name") :].replace("name: work", "name: work_again").replace("In work", "At work")
    path = tmp_path / "three_targets.yaml"
    path.write_text(FILE + again, encoding="utf-8")
    with pytest.raises(CosteffError, match="'work_again' is the figure of 'work'"):
        read_plan(path)
    path.write_text(FILE.replace("kind: derived", "kind: assumption") + again.replace("at: 26", "at: 27"), "utf-8")
    assert len(read_plan(path).targets) == 2


def test_one_source_spelt_twice_would_err_twice(tmp_path: Path) -> None:
    path = tmp_path / "three_targets.yaml"
    path.write_text(FILE.replace("discrepancy:", '  s_2: {title: "source.", seen: seen}\ndiscrepancy:'), "utf-8")
    with pytest.raises(CosteffError, match="'s_2' and 's' are one source") as caught:
        read_plan(path)
    assert "line 4" in str(caught.value)


# -- likelihood ----


def share(value: float, n: int | None, *states: str, name: str = "t", at: int = 10) -> Target:
    statistic = Statistic("state_share", at, states or ("work",))
    return Target(name, name, "calibrate", statistic, value, (value * 0.9, value * 1.05), n=n, source="s")


def test_multinomial_covariance_against_simulation() -> None:
    """Logits of three shares of the same 400 people, 200,000 times."""
    values = (0.55, 0.2, 0.15)
    targets = [share(p, 400, state, name=state) for p, state in zip(values, ("a", "b", "c"), strict=True)]
    counts = np.random.default_rng(1).multinomial(400, [*values, 0.1], 200_000)[:, :3]
    simulated = np.cov(np.log(counts / (400 - counts)).T)
    np.testing.assert_allclose(sampling_covariance(targets), simulated, rtol=0.05)


def test_other_people_or_weeks_are_independent() -> None:
    targets = [share(0.5, 400, "a"), share(0.3, 400, "b", at=11), share(0.3, 300, "b"), share(0.4, 400, "a", "c")]
    covariance = sampling_covariance(targets)
    np.testing.assert_array_equal(covariance, np.diag(np.diag(covariance)))


def test_interval_gives_the_sd_where_n_is_unknown() -> None:
    weeks = Target("m", "m", "calibrate", Statistic("median_weeks", 52, ("sick",)), 17, (14, 20), source="s")
    assert sampling_sd(weeks) == pytest.approx(math.log(20 / 14) / (2 * 1.959964), rel=1e-6)


def test_discrepancy_adds_its_variance() -> None:
    target = share(0.5, 100)
    assert error_covariance([target], 0.1)[0, 0] == pytest.approx(0.2**2 + 0.1**2)


@given(st.floats(0.001, 0.999))
def test_scales_are_inverse(value: float) -> None:
    for kind in ("state_share", "median_weeks"):
        target = Target("t", "t", "calibrate", Statistic(kind, 5, ("a",)), 0.5, (0.4, 0.6))
        assert float(natural(target, transformed(target, value))) == pytest.approx(value, rel=1e-9)
