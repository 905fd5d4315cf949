"""Anchors: one run of as many draws, bit for bit; the error computed again by hand at every batch; refusals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from costeff import load
from costeff.analysis.intervals import monte_carlo_error
from costeff.analysis.stopping import replicates_of
from costeff.errors import ScenarioError
from costeff.study.printing import printed
from costeff.study.report.content_of_result import _provenance

SMALL = {"individuals": 20, "seed": 3, "progress": False}
RANDOM = SMALL | {"method": "random"}


@pytest.fixture(scope="module")
def tki2():
    return load("tki2")


def same(one, other, exact_trace=True):
    a, b = one.simulated.quantities, other.simulated.quantities
    for name in ("time", "events", "passages", "half_sizes"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    np.testing.assert_allclose(a.trace, b.trace, rtol=0 if exact_trace else 1e-12)
    assert list(one.parameters) == list(other.parameters)
    for name in one.parameters:
        np.testing.assert_array_equal(one.parameters[name], other.parameters[name])
    assert (one.draws, one.replicates, one.method) == (other.draws, other.replicates, other.method)
    for perspective in one.model.perspectives:
        left, right = (r.perspective(perspective.name) for r in (one, other))
        np.testing.assert_array_equal(left.cost, right.cost)
        np.testing.assert_array_equal(left.effect, right.effect)


def errors(result, perspective, wtp, batch):
    """Error of the increment after each batch, by hand."""
    found = result.perspective(perspective)
    net = (wtp or 0.0) * found.gain - found.cost
    gain = net[:, 1] - net[:, 0]
    return [np.std(gain[:n], ddof=1) / math.sqrt(n) for n in range(batch, len(gain) + 1, batch)]


@pytest.mark.parametrize(("perspective", "wtp"), [("municipal", None), ("societal", 300_000.0)])
def test_it_stops_at_the_first_batch_that_meets_the_target(tki2, perspective, wtp):
    whole = tki2.psa(draws=96, **RANDOM)
    by_hand = errors(whole, perspective, wtp, 16)
    target = by_hand[3]  # met after four batches of 16, unless sooner
    batches = next(i for i, error in enumerate(by_hand, start=1) if error <= target)
    found = tki2.psa(target_error=target * (1 + 1e-12), perspective=perspective, wtp=wtp, batch=16, **RANDOM)
    assert found.stop.met
    assert found.draws == found.stop.draws == 16 * batches
    assert found.stop.reached == pytest.approx(by_hand[batches - 1], rel=1e-12)
    assert all(error > target for error in by_hand[: batches - 1])
    same(found, tki2.psa(draws=found.draws, **RANDOM))
    assert "is met" in printed(found)
    assert found.summary()["stop"]["draws"] == found.draws
    table = found.perspective(perspective).icer_table()
    if wtp is None:
        error = table["incremental_cost_mcse"].dropna().item()
        assert error == pytest.approx(found.stop.reached, rel=1e-12)


def test_the_maximum_is_kept_and_told(tki2):
    with pytest.warns(UserWarning, match="NOT met at the maximum of 40 draws"):
        found = tki2.psa(target_error=1e-3, batch=16, maximum=40, **SMALL)
    assert (found.draws, found.stop.met) == (40, False)
    assert "NOT met" in printed(found)
    assert "NOT met" in {label.en: text for label, text in _provenance(found)}["target error"]  # of the report
    same(found, tki2.psa(draws=40, **RANDOM))  # 40 make no 8 batches of 16, so they are drawn at random


@pytest.mark.parametrize("method", ["latin_hypercube", "sobol"])
def test_batches_of_designs_are_replicates(tki2, method):
    with pytest.warns(UserWarning, match="NOT met"):
        found = tki2.psa(target_error=1e-3, batch=8, maximum=85, method=method, **SMALL)
    assert (found.draws, found.replicates) == (80, 10)
    same(found, tki2.psa(draws=80, replicates=10, method=method, **SMALL))
    early = tki2.psa(target_error=1e9, batch=8, maximum=85, method=method, **SMALL)
    assert early.replicates == 8  # no error is told from fewer designs
    evaluation = found.perspective("municipal")
    gain = (evaluation.cost[:, 1] - evaluation.cost[:, 0]).reshape(10, 8).mean(axis=1)
    by_hand = np.std(gain, ddof=1) / math.sqrt(10)
    assert found.stop.reached == pytest.approx(by_hand, rel=1e-9)
    row = found.effects_table().iloc[0]
    value = found.effects.value[:, :, 0]
    means = (value[:, 1] - value[:, 0]).reshape(10, 8).mean(axis=1)
    assert row["mcse"] == pytest.approx(np.std(means, ddof=1) / math.sqrt(10), rel=1e-9)


def test_where_nobody_names_a_method_draws_make_designs_if_they_can(tki2):
    """Named and unnamed are the same run, bit for bit; draws that make no designs are drawn at random."""
    designs, plain = tki2.psa(draws=16, **SMALL), tki2.psa(draws=17, **SMALL)
    assert (designs.method, designs.replicates) == ("latin_hypercube", 16)
    same(designs, tki2.psa(draws=16, method="latin_hypercube", **SMALL))
    assert (plain.method, plain.replicates) == ("random", None)
    same(plain, tki2.psa(draws=17, **RANDOM))
    few = tki2.psa(draws=12, replicates=3, **SMALL)
    assert (few.method, few.replicates) == ("latin_hypercube", 3)
    ready = tki2.psa(target_error=1e9, batch=8, **SMALL)
    assert (ready.method, ready.draws, ready.replicates) == ("latin_hypercube", 64, 8)


def test_the_scenario_names_the_method(tki2):
    run = dict(tki2.scenario.run) | {"method": "sobol"}
    study = replace(tki2, scenario=replace(tki2.scenario, run=run))
    assert study.psa(draws=16, **SMALL).method == "sobol"
    assert study.psa(draws=16, **RANDOM).method == "random"


def test_expectations_stop_too():
    """The cohort engine has no individuals; three increments, of which the largest error counts."""
    study = load("sick_sicker")
    whole = study.psa(draws=64, method="random", engine="cohort", progress=False)
    found = whole.perspective(study.model.perspectives[0].name)
    net = 100_000 * found.gain - found.cost
    by_hand = [float(monte_carlo_error((net[:, 1:] - net[:, :1])[:n]).max()) for n in (32, 64)]
    assert by_hand[1] < by_hand[0]
    target = sum(by_hand) / 2
    ran = study.psa(target_error=target, wtp=100_000, batch=32, method="random", engine="cohort", progress=False)
    assert ran.stop.reached == pytest.approx(by_hand[1], rel=1e-9)
    same(ran, whole, exact_trace=False)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"target_error": 0.0}, "a target above 0"),
        ({"target_error": -1.0}, "a target above 0"),
        ({"target_error": math.nan}, "a target above 0"),
        ({"target_error": 10.0, "batch": 1}, "batches of 2 draws or more"),
        ({"target_error": 10.0, "maximum": 100}, "a maximum of at least 1"),
        ({"target_error": 10.0, "method": "sobol", "maximum": 1000}, "a maximum of at least 8"),
        ({"target_error": 10.0, "draws": 100}, "give maximum= instead"),
        ({"perspective": "municipal"}, "give target_error"),
        ({"target_error": 10.0, "perspective": "nobody"}, "unknown perspective"),
        ({"draws": 17, "method": "sobol"}, "a multiple of 8 or 10"),
        ({"draws": 20, "method": "sobol", "replicates": 3}, "equal replicates"),
        ({"draws": 20, "replicates": 4, "method": "random"}, "independent draws have no replicates"),
    ],
)
def test_what_is_refused(tki2, options, told):
    with pytest.raises(Exception, match=told):
        tki2.psa(**SMALL, **options)


def test_how_many_replicates():
    assert replicates_of("random", 1000, None) is None
    assert [replicates_of("sobol", n, None) for n in (1024, 1000, 100, 512, 96, 8)] == [16, 10, 10, 16, 12, 8]
    assert replicates_of("latin_hypercube", 7, 1) == 1
    with pytest.raises(ScenarioError):
        replicates_of("latin_hypercube", 7, None)


def test_one_design_tells_no_error(tki2):
    alone = tki2.psa(draws=16, method="sobol", replicates=1, **SMALL)
    table = alone.perspective("municipal").icer_table()
    assert table["cost_mcse"].isna().all()
    assert alone.parties()["mcse"].isna().all()
    assert np.isnan(alone.perspective("municipal").ceac(1e5)["probability_mcse"]).all()
