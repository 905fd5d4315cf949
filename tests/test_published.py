"""Anchored in published models that are not shipped: numbers printed by their authors or by programs that redo them.

The models lie in tests/data/published; docs/replications/published.md says where each comes from and what is equal.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from costeff import Evaluation, Result, Study, load

DATA = Path(__file__).parent / "data" / "published"


def study(folder: Path, model: str, values: str = "{}") -> Study:
    """A published model by the cohort engine, with other values of some parameters."""
    scenario = folder / f"{model}.yaml"
    scenario.write_text(
        f"scenario: {model}\ntitle: {model}\nmodel: {DATA / model}.yaml\noptions: {{engine: cohort}}\nset: {values}\n"
    )
    return load(scenario)


def viewed(result: Result, effect: str | None = None) -> Evaluation:
    return result.perspective(result.model.perspectives[0].name, effect)


def icer(evaluation: Evaluation) -> float:
    return float(evaluation.icer_table()["icer"].iloc[-1])


# -- decision trees -------------------------------------------------------------------------------------------------


def test_sumatriptan_tree(tmp_path: Path) -> None:
    """Briggs box 2.3: 22.06 and 4.71, 0.41(7) and 0.20. The paper's ICER, 29,366, comes from rounded totals."""
    found = viewed(study(tmp_path, "evans").run(), "qaly")
    utility = viewed(study(tmp_path, "evans").run(), "utility").effect[0]
    assert found.cost[0].round(2).tolist() == [4.71, 22.06]
    assert utility.round(3).tolist() == [0.201, 0.417]
    assert icer(found) == pytest.approx(29_366, rel=2e-4)


@pytest.mark.parametrize(("relief", "printed"), [(0.379 + 0.268, 19_632), (0.379 + 0.091, 58_498)])
def test_sumatriptan_tree_at_the_limits_of_relief(relief: float, printed: int, tmp_path: Path) -> None:
    """rdecision counts a year of 365.25 days, the paper and this model one of 365."""
    found = viewed(study(tmp_path, "evans", f"{{p_sumatriptan_relief: {relief:.3f}}}").run(), "qaly")
    assert round(icer(found) * 365.25 / 365) == printed


def test_dressing_tree(tmp_path: Path) -> None:
    assert viewed(study(tmp_path, "tegaderm").run()).cost[0].round(2).tolist() == [151.29, 77.75]
    low = study(tmp_path, "tegaderm", "{r_bloodstream: 0.3}")
    assert viewed(low.run()).cost[0].round(2).tolist() == [34.47, 30.79]
    by_ratio, by_cost = (
        low.threshold(name, "hospital", low=limits[0], high=limits[1], individuals=2, batches=1, engine="cohort")
        .roots[0]
        .value
        for name, limits in (("hr_bloodstream", (0.1, 0.9)), ("c_bloodstream", (0.0, 9_900.0)))
    )
    assert round(by_ratio, 2) == 0.53
    assert by_cost == pytest.approx(7_840.72, abs=10), "rdecision searches with a tolerance of 10"


def test_dressing_tree_in_a_probabilistic_analysis(tmp_path: Path) -> None:
    """rdecision's 1,000 runs: saving 74.3 (-11 to 262), 94.6 % saving. Within three standard errors of two runs."""
    draws = 1_000
    cost = viewed(study(tmp_path, "tegaderm").psa(draws=draws, individuals=2, seed=1)).cost
    saving = cost[:, 0] - cost[:, 1]
    spread = saving.std()
    assert saving.mean() == pytest.approx(74.3, abs=3 * error(spread, draws))
    assert np.quantile(saving, 0.025) == pytest.approx(-11, abs=3 * end_error(spread, draws))
    assert np.quantile(saving, 0.975) == pytest.approx(262, abs=3 * 2 * end_error(spread, draws)), "a long tail"
    assert (saving > 0).mean() == pytest.approx(0.946, abs=3 * error(0.946**0.5 * 0.054**0.5, draws))


def error(spread: float, draws: int) -> float:
    """Standard error of the difference between the means of two runs."""
    return float(spread * (2 / draws) ** 0.5)


def end_error(spread: float, draws: int) -> float:
    """The same of the ends of a 95 % interval, for a normal distribution: density 0.0584 / spread there."""
    return float((0.025 * 0.975) ** 0.5 / 0.0584 * error(spread, draws))


# -- cohorts --------------------------------------------------------------------------------------------------------


def test_heart_valve(tmp_path: Path) -> None:
    """Sonnenberg and Beck round 10,000 people to whole ones in each year: 23,752."""
    found = study(tmp_path, "heart_valve").run().effects.value[0, 0, 0]
    assert 10_000 * found == pytest.approx(23_752, abs=3)


BRIGGS_STANDARD = [  # in successful primary, revision, successful revision, dead; after 1 to 8 years
    [0.98000000, 0.0, 0.0, 0.0200000],
    [0.97265720, 0.0007768, 0.0, 0.02656600],
    [0.96516548, 0.00097491, 0.00075606, 0.03310354],
    [0.95757109, 0.00115802, 0.00166964, 0.03960125],
    [0.93783561, 0.00132115, 0.00268314, 0.05816010],
    [0.91838963, 0.00145307, 0.00379326, 0.07636404],
    [0.89924305, 0.00157339, 0.00496429, 0.09421927],
    [0.88040225, 0.00168398, 0.00618146, 0.11173231],
]
BRIGGS_NEW = [
    [0.98000000, 0.0, 0.0, 0.02000000],
    [0.97323145, 0.00020255, 0.0, 0.02656600],
    [0.96645641, 0.00025438, 0.00019715, 0.03309206],
    [0.95968665, 0.00030239, 0.00043553, 0.03957543],
    [0.94083683, 0.00034529, 0.00070021, 0.05811767],
    [0.92232657, 0.00038012, 0.00099040, 0.07630291],
    [0.90415327, 0.00041201, 0.00129686, 0.09413786],
    [0.88631355, 0.00044144, 0.00161577, 0.11162924],
]


def test_hip_replacement(tmp_path: Path) -> None:
    """The book's spreadsheet, by way of heemod's tests: every printed digit."""
    result = study(tmp_path, "hip").run()
    found = viewed(result)
    assert found.cost[0].round(6).tolist() == [512.434658, 610.311818]
    assert found.effect[0].round(7).tolist() == [14.6531896, 14.6977099]
    assert round(float(found.effect[0, 1]), 8) == 14.69770986
    assert icer(found) == pytest.approx(2_198.486665, abs=2e-4)
    states = ["success", "revision", "success_revision", "dead"]
    for g, counts in enumerate((BRIGGS_STANDARD, BRIGGS_NEW)):
        trace = result.trace.sel(state=states)[g, :, 1:9].to_numpy().T
        assert np.abs(trace - counts).max() < 1e-8


def test_knee_replacement(tmp_path: Path) -> None:
    """Per 1,000 operations. Event counts are occupancies at the end of each month, as rdecision sums them."""
    result = study(tmp_path, "knee").run()
    found = viewed(result)
    assert (1_000 * found.cost[0]).round().tolist() == [7_693_634, 7_133_747]
    assert (1_000 * found.effect[0]).round(2).tolist() == [5_309.00, 5_323.31], "by half-cycle"
    months = 100 * result.trace[:, :, 1:].sum("cycle")
    printed = {
        "serious": [87.32, 58.06],
        "complex_revision": [5.13, 3.55],
        "simple_revision": [2.55, 1.89],
        "minor": [135.83, 136.49],
    }
    for state, percent in printed.items():
        assert months.sel(state=state).to_numpy().round(2).tolist() == percent
    assert (100 * result.trace.sel(state="dead")[:, -1]).to_numpy().round(2).tolist() == [37.10, 37.06]


@cache
def hesim(folder: Path, model: str) -> Evaluation:
    """500 draws, as many as hesim's vignettes take."""
    return viewed(study(folder, model).psa(draws=500, individuals=2, seed=1))


def test_hip_replacement_by_subgroup(tmp_path: Path) -> None:
    """hesim: +118 (57 to 158), +0.028 (0.011 to 0.053), 4,240. Within three standard errors of two runs of 500."""
    found = hesim(tmp_path, "hip_subgroups")
    for values, printed, low, high in ((found.cost, 118, 57, 158), (found.effect, 0.028, 0.011, 0.053)):
        more = values[:, 1] - values[:, 0]
        assert more.mean() == pytest.approx(printed, abs=3 * error(more.std(), 500))
        ends = np.quantile(more, [0.025, 0.975])
        assert ends == pytest.approx([low, high], abs=3 * end_error(more.std(), 500))
    cost, effect = (values.mean(axis=0) @ [-1, 1] for values in (found.cost, found.effect))
    assert cost / effect == pytest.approx(4_240, rel=3 * 0.05), "the gain's own error is 2.4 % in each run"


def test_hip_replacement_by_mixed_clocks(tmp_path: Path) -> None:
    """hesim: 516 and 613; 15.38 (14.16 to 16.38) and 15.42 (14.06 to 16.49), from 500 draws of 1,000 lives."""
    found = hesim(tmp_path, "hip_clocks")
    for g, cost in enumerate((516, 613)):
        assert found.cost[:, g].mean() == pytest.approx(cost, abs=3 * error(found.cost[:, g].std(), 500))
    for g, (mean, low, high) in enumerate(((15.38, 14.16, 16.38), (15.42, 14.06, 16.49))):
        spread = found.effect[:, g].std()
        assert found.effect[:, g].mean() == pytest.approx(mean, abs=3 * error(spread, 500))
        ends = np.quantile(found.effect[:, g], [0.025, 0.975])
        assert ends == pytest.approx([low, high], abs=3 * end_error(spread, 500))


def test_mixed_clocks_by_individuals(tmp_path: Path) -> None:
    """A fixed year in revision, entered at a random time: cohort and lives agree within four standard errors."""
    exact = viewed(study(tmp_path, "hip_clocks").run())
    size = 4_000
    drawn = viewed(study(tmp_path, "hip_clocks").run(individuals=size, seed=2, engine="microsim"))
    assert np.abs(drawn.cost - exact.cost).max() < 4 * 1_800 / size**0.5
    assert np.abs(drawn.effect - exact.effect).max() < 4 * 6 / size**0.5


def test_partitioned_survival(tmp_path: Path) -> None:
    """PyHEOR divides monthly costs by 12, and gives a cost of the first cycle half a cycle's weight: 1,000 of 2,000."""
    found = viewed(study(tmp_path, "psm").run(), "qaly")
    assert found.effect[0].round(6).tolist() == [1.400887, 1.801582]
    assert viewed(study(tmp_path, "psm").run(), "life_years").effect[0].round(6).tolist() == [2.219941, 2.778781]
    theirs = (found.cost[0] - [0, 1_000]) / 12
    assert theirs.round(2).tolist() == [12_865.10, 25_273.73]
