"""Anchors: a plain-Python integral over hazard and entry dates (tests/twins/counts.py), conjugate betas and gammas in
closed form, and simulated feasibility studies whose shares and hazards are known."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

import costeff as ce
from costeff.errors import EvidenceError
from costeff.evidence import Beta, EventRate, Gamma
from tests.twins.counts import posterior_below, seen

CONNECT = {"events": 2, "of": 10, "entry": [0, 22], "evaluated": 28, "prior": [1, 20]}
"""Two of ten at a network meeting, entered September to January (22 weeks), evaluated 28 weeks after the first."""


@pytest.mark.parametrize(
    ("more", "pieces", "stages", "leaving"),
    [
        ({}, [(0, 22, 1.0)], 1, 0.0),
        ({"stages": 2, "exit_hazard": 0.02}, [(0, 22, 1.0)], 2, 0.02),
        ({"entry": [0, 4, 22], "entry_shares": [0.7, 0.3], "stages": 3}, [(0, 4, 0.7), (4, 22, 0.3)], 3, 0.0),
        ({"events": 0, "exit_hazard": 0.01}, [(0, 22, 1.0)], 1, 0.01),
        ({"events": 10, "prior": [2.5, 30]}, [(0, 22, 1.0)], 1, 0.0),
    ],
)
def test_posterior_is_the_plain_integral(
    more: dict[str, object], pieces: list[tuple[float, float, float]], stages: int, leaving: float
) -> None:
    counts = {**CONNECT, **more}
    found = EventRate.from_counts(0.0, counts)

    def chance(h: float) -> float:
        return seen(h, leaving, stages, pieces, 28.0)

    for h in (0.001, 0.02, 0.3):
        assert float(found.probability(h)) == pytest.approx(chance(h), abs=2e-8)
    levels = [0.0001, 0.025, 0.25, 0.5, 0.75, 0.975, 0.9999]
    quantiles = found.ppf(levels).tolist()
    ends = [*quantiles, *float(found.ppf(1 - 1e-9)) * np.array([1.0, 3.0])]
    below = posterior_below(chance, counts["events"], counts["of"], *counts["prior"], ends)  # type: ignore[call-overload]
    assert below[: len(levels)] == pytest.approx(levels, abs=1e-6)


def test_moments_are_those_of_the_quantiles() -> None:
    found = EventRate.from_counts(0.0, {**CONNECT, "stages": 2})
    x = found.ppf((np.arange(200_000) + 0.5) / 200_000)
    assert found.mean == pytest.approx(x.mean(), rel=1e-5)
    assert found.sd == pytest.approx(x.std(), rel=1e-3)


def test_closed_forms() -> None:
    """All enter at once and none takes the step: gamma with a longer rate. A complete share: beta."""
    none = EventRate.from_counts(0.0, {**CONNECT, "events": 0, "entry": [0, 0]})
    same = Gamma(1, 20 + 10 * 28)
    np.testing.assert_allclose(none.ppf([0.01, 0.5, 0.99]), same.ppf([0.01, 0.5, 0.99]), rtol=1e-7)
    assert none.mean == pytest.approx(same.mean, rel=1e-8)
    share = Beta.from_counts(0.5, {"events": 10, "of": 17, "prior": [0.5, 0.5]})
    assert share.shape() == {"alpha": 10.5, "beta": 7.5}
    # Nobody waits long: the hazard's posterior is that of the odds of a share. P(step) = h / (h + exit).
    long = EventRate.from_counts(0.0, {**CONNECT, "evaluated": 1e6, "exit_hazard": 0.05, "prior": [1, 1e-6]})
    assert float(long.probability(0.05)) == pytest.approx(0.5, abs=1e-6)


def test_simulated_feasibility_studies_recover_what_is_true() -> None:
    """150 studies of 17 referred: hazard and share come from the priors, so true values are uniform in posteriors."""
    draw = random.Random(7)
    ranks: dict[str, list[float]] = {"share": [], "hazard": []}
    for _ in range(150):
        share, hazard = draw.random(), draw.gammavariate(1, 1 / 20)
        accepted = sum(draw.random() < share for _ in range(17))
        first = Beta.from_counts(0.5, {"events": accepted, "of": 17})
        ranks["share"].append(float(np.mean(first.ppf((np.arange(1000) + 0.5) / 1000) < share)))
        if not accepted:
            continue
        times = [28 - 22 * draw.random() for _ in range(accepted)]
        met = sum(draw.expovariate(hazard) + draw.expovariate(hazard) < time for time in times)
        second = EventRate.from_counts(0.0, {**CONNECT, "events": met, "of": accepted, "stages": 2})
        ranks["hazard"].append(float(np.mean(second.ppf((np.arange(1000) + 0.5) / 1000) < hazard)))
    for values in ranks.values():
        n = len(values)
        assert np.mean(values) == pytest.approx(0.5, abs=3.3 * math.sqrt(1 / 12 / n))
        covered = sum(0.05 < value < 0.95 for value in values) / n
        assert covered == pytest.approx(0.9, abs=3.3 * math.sqrt(0.09 / n))


FILE = """
sources: {seed: {title: Project description, seen: seed}}
parameters:
  p_accept: {value: 0.579, unit: probability, distribution: beta, counts: {events: 10, of: 17}, kind: published,
    source: seed}
  h_meeting: {value: 0.0181, unit: hazard per week, distribution: event_rate,
    counts: {events: 2, of: 10, entry: [0, 22], evaluated: 28, prior: [1, 20]}, kind: derived, source: seed}
"""


def test_counts_in_a_parameter_file(tmp_path: Path) -> None:
    file = tmp_path / "numbers.yaml"
    file.write_text(FILE, "utf-8")
    evidence = ce.read_evidence(file)
    assert evidence.parameters["p_accept"].spread == Beta(11, 8)
    assert "2 of 10" in evidence.parameters["h_meeting"].spread.rule
    draws = evidence.draw(2000, seed=1)["h_meeting"]
    assert float(np.median(draws)) == pytest.approx(evidence.parameters["h_meeting"].spread.median, rel=0.06)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("of: 17", "of: 9", "not a part of a whole"),
        ("of: 17", "of: 17, evaluated: 3", "not complete"),
        ("value: 0.579", "value: 0.5", "differ"),
        ("evaluated: 28, ", "", "evaluated missing"),
        ("evaluated: 28", "evaluated: 20", "do not come before"),
        ("prior: [1, 20]", "prior: [0, 20]", "not a gamma"),
        ("entry: [0, 22]", "entry: [0, 4, 22]", "without their shares"),
        ("entry: [0, 22]", "entry: [0, 4, 22], entry_shares: [0.5, 0.6]", "make up a whole"),
        ("distribution: beta, counts", "distribution: normal, counts", "not built from `counts`"),
        ("events: 10, of", "event: 10, of", "unknown key 'event'"),
        ("counts: {events: 10, of: 17}", "counts: {events: 10, of: 17}, se: 0.1", "one statement of spread"),
    ],
)
def test_counts_that_do_not_fit_are_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in FILE
    file = tmp_path / "numbers.yaml"
    file.write_text(FILE.replace(old, new), "utf-8")
    with pytest.raises(EvidenceError, match=says):
        ce.read_evidence(file)
