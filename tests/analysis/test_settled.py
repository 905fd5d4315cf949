"""One rule for what luck still decides, anchored in Student's law, and the same in every face of a result."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

import costeff
from costeff import Evaluation
from costeff.analysis.settled import FEWEST, judged, margin, quantile, replicates_of, settled
from costeff.cea.decision_matrix import decision_matrix
from costeff.cea.icer import UNSETTLED_STATUS, icer_interval
from costeff.cea.icer_words import icer_words
from costeff.errors import ResultError
from costeff.files.cells import csv_text
from costeff.reporting.numbers import SPACE
from costeff.study.printing import dominance_sentence, limits, printed_icer, reading
from costeff.study.report.evaluation_report import labels_of
from costeff.study.report.evaluation_tables import evaluation_tables
from costeff.study.table_text import cea_summary, printed_cea
from costeff.voi.evsi import enbs
from costeff.voi.trial_value import conclusion


def drawn(draws: int, seed: int, gap: float, *, strategies: int = 2, **more: Any) -> Evaluation:
    """Strategies whose costs and effects rise by `gap` standard deviations of their luck from one to the next."""
    luck = np.random.default_rng(seed).normal(0.0, 1.0, (2, draws, strategies))
    steps = gap * np.arange(strategies)
    cost, effect = 1000.0 + 10 * (luck[0] + steps), 1.0 + 0.1 * (luck[1] + 1.3 * steps)
    names = tuple("ABCD"[:strategies])
    return Evaluation("payer", "qaly", names, "A", cost, effect, **more)


@pytest.mark.parametrize("replicates", [5, 8, 16, 1000])
def test_the_margin_is_students(replicates: int) -> None:
    assert quantile(replicates) == pytest.approx(student.ppf(0.975, replicates - 1), rel=1e-12)
    assert margin(2.0, replicates, 0.8) == pytest.approx(2 * student.ppf(0.9, replicates - 1), rel=1e-12)
    wide = quantile(replicates)
    assert settled(wide * 1.001, 1.0, replicates) is True
    assert settled(-wide * 1.001, 1.0, replicates) is True
    assert settled(wide * 0.999, 1.0, replicates) is False


def test_few_replicates_tell_nothing() -> None:
    for replicates in range(1, FEWEST):
        assert settled(1e9, 1e-9, replicates) is False
        assert settled(5.0, 0.0, replicates) is False, "two equal halves are not without error"
        assert math.isnan(margin(1.0, replicates))
        with pytest.raises(ResultError, match="more replicates"):
            quantile(replicates)
    assert settled(5.0, 0.0, FEWEST) is True
    assert settled(0.0, 0.0, 2) is True
    assert settled(5.0, math.nan, 0) is None
    assert judged(5.0, math.nan, 1) == "too few replicates"
    assert [replicates_of(n, r, halves=h) for n, r, h in ((1, None, False), (1, None, True), (64, 8, True))] == [
        0,
        2,
        8,
    ]


def test_the_rule_is_wrong_about_one_time_in_twenty() -> None:
    """2,000 tables of 8 draws without a difference: its sign is called settled in 5 % (error 0.5 points)."""
    luck = np.random.default_rng(2).normal(size=(2000, 8))
    errors = luck.std(axis=1, ddof=1) / math.sqrt(8)
    wrong = np.mean([settled(m, e, 8) for m, e in zip(luck.mean(axis=1).tolist(), errors.tolist(), strict=True)])
    assert 0.035 < wrong < 0.065


def verdicts(evaluation: Evaluation) -> dict[str, bool | None]:
    return {row["strategy"]: row["settled"] for row in evaluation.icer_table().to_dict("records")}


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from([1, 3, 8, 60]),
    st.sampled_from([None, 1, 4, 8]),
    st.integers(0, 10_000),
    st.sampled_from([0.0, 0.1, 0.5, 3.0]),
    st.integers(2, 3),
    st.booleans(),
)
def test_every_face_says_the_same(
    draws: int, replicates: int | None, seed: int, gap: float, strategies: int, simulated: bool
) -> None:
    """Python, CSV, JSON, command line and report, in both languages."""
    blocks = None if replicates is None or draws % replicates else replicates
    one = drawn(draws, seed, gap, strategies=strategies, replicates=blocks, simulated=simulated)
    table = one.icer_table()
    known = verdicts(one)
    text = csv_text(evaluation_tables(one, None)["icer_table"], lineterminator="\n")
    read = {"True": True, "False": False, "": None}
    assert {row["strategy"]: read[row["settled"]] for row in csv.DictReader(io.StringIO(text))} == known
    for row in table.to_dict("records"):
        given_ = math.isfinite(row["icer"])
        ratio = row["status"] in ("efficient", "less costly, less effective")
        assert given_ == (ratio and row["settled"] is not False)
    printed = printed_icer(table).splitlines()[1:]
    words = {True: "yes", False: "no"}
    for line, (name, sure) in zip(printed, known.items(), strict=True):
        assert line.split()[0] == name
        assert line.split()[-1] in words.values() if sure is not None else True
        if sure is not None:
            assert line.split()[-1] == words[sure]
    for language, doubts in (("en", ("could explain", "not settled")), ("da", ("kan forklare", "ikke afgjort"))):
        for name, said in icer_words(one, labels_of(one), language).items():
            if said.against and not (known[name] is True and math.isfinite(_icer(table, name))):
                doubted = any(doubt in said.text for doubt in doubts)
                assert doubted == (known[name] is False), said.text
    assert any("simulation" in said.text for said in icer_words(one, labels_of(one)).values()) <= simulated
    ahead = decision_matrix([one], 100.0)["settled"].item()
    lead = one.incremental_nmb(100.0).values
    if strategies == 2:
        error = one.incremental_nmb(100.0).std("draw", ddof=1).item() / math.sqrt(draws) if draws > 1 else math.nan
        if blocks is None:
            assert ahead == bool(settled(abs(float(lead.mean())), error, replicates_of(draws)))


def _icer(table: Any, name: str) -> float:
    return float(table.set_index("strategy").loc[name, "icer"])


@pytest.mark.parametrize(("draws", "gap"), [(60, 3.0), (60, 0.05), (3, 3.0)])
def test_the_analysis_of_a_table_says_the_same(tmp_path: Any, draws: int, gap: float) -> None:
    one = drawn(draws, 7, gap)
    (tmp_path / "t.csv").write_text("x\n", encoding="utf-8")
    content = json.loads(json.dumps(cea_summary(one, None, str(tmp_path / "t.csv")), allow_nan=False))
    assert {row["strategy"]: row["settled"] for row in content["icer_table"]} == verdicts(one)
    (pair,) = content["pairwise"]
    assert pair["settled"] == verdicts(one)["B"]
    assert (pair["icer"] is None) == (pair["settled"] is False)
    text = printed_cea(one, None)
    doubted = "could explain the difference" in text or "not settled" in text
    assert doubted == (pair["settled"] is False)
    assert "simulation error" not in text


def test_a_run_says_the_same_in_its_files(tmp_path: Any) -> None:
    result = costeff.load("tki2").psa(draws=12, individuals=20, seed=2, progress=False)
    result.write(tmp_path / "out")
    content = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    with (tmp_path / "out" / "icer_table.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for view in result.model.perspectives:
        known = verdicts(result.perspective(view.name))
        told = content["perspectives"][view.name]
        assert {row["strategy"]: row["settled"] for row in told["icer_table"]} == known
        assert told["errors"] == "simulation error"
        own = [row for row in rows if row["perspective"] == view.name]
        assert {row["strategy"]: row["settled"] == "True" for row in own} == known
    parties = {row["party"]: row["settled"] for row in result.parties().to_dict("records")}
    assert {row["party"]: row["settled"] for row in content["parties"]} == parties
    for row in result.parties().to_dict("records"):
        assert row["settled"] == settled(row["increment"], row["mcse"], 12)
    assert "settled: whether another seed" in reading(result)


def test_a_status_among_three_is_settled_as_a_whole() -> None:
    """The third is on the frontier or off it by luck: its increments are far from 0, its standing is not settled."""
    rng = np.random.default_rng(5)
    luck = rng.normal(0.0, 1.0, (200, 2))
    cost = np.column_stack([np.zeros(200), 100 + 5 * luck[:, 0], np.full(200, 200.0)])
    effect = np.column_stack([np.zeros(200), 1 + 0.05 * luck[:, 1], np.full(200, 2.0)])
    near = Evaluation("payer", "qaly", ("A", "B", "C"), "A", cost, effect).icer_table().set_index("strategy")
    assert near.loc["B", "settled"] is False or not near.loc["B", "settled"]
    clear = Evaluation("payer", "qaly", ("A", "B", "C"), "A", cost, effect * [1, 1.5, 1]).icer_table()
    assert clear["settled"].all()
    assert clear["icer"].notna().sum() == 2
    beaten = Evaluation("payer", "qaly", ("A", "B", "C"), "A", cost, effect * [1, 0.5, 1]).icer_table()
    assert beaten["settled"].all()
    assert beaten.set_index("strategy").loc["B", "status"] == "extendedly dominated"


def test_no_interval_of_a_ratio_that_is_not_formed() -> None:
    rows = icer_interval(drawn(60, 1, 0.0))
    for row in rows.to_dict("records"):
        assert row["status"] == UNSETTLED_STATUS
        assert math.isnan(row["icer"])
        assert math.isnan(row["lower"])
    sure = icer_interval(drawn(8, 1, 9.0), kind="monte_carlo").iloc[0]
    wide = icer_interval(drawn(800, 1, 9.0), kind="monte_carlo").iloc[0]
    assert math.isfinite(sure["lower"])
    assert sure["upper"] - sure["lower"] > wide["upper"] - wide["lower"]


def test_dominance_of_one_draw_and_of_luck() -> None:
    alone = Evaluation("payer", "qaly", ("A", "B"), "A", [[9.0, 5.0]], [[1.0, 1.5]])
    assert dominance_sentence(alone.icer_table()).startswith("\nIn this one draw B costs least")
    text = icer_words(alone, labels_of(alone), "da")["B"].text
    assert text.replace(SPACE, " ").endswith("(i denne ene trækning)")
    assert alone.icer_table().attrs["dominating_settled"] is None


def study_of(value: float, error: float, cost: float) -> Any:
    import pandas as pd
    import xarray as xr

    information = xr.Dataset(
        {
            "population_evsi": (("participants", "wtp"), [[value], [value * 1.01]]),
            "population_evsi_mcse": (("participants", "wtp"), [[error], [error]]),
        },
        {"participants": [100, 200], "wtp": [1.0]},
        attrs={"draws": 1000},
    )
    found = enbs(information, fixed_cost=cost, cost_per_participant=0.0)
    rows = found.isel(wtp=0).to_dataframe().reset_index()
    assert isinstance(rows, pd.DataFrame)
    return conclusion(rows, "DKK")


def test_a_study_is_judged_within_its_error() -> None:
    assert study_of(500_000, 10_000, 100_000).startswith("Highest net benefit of the sizes tried: 200")
    assert "worth more than its cost; sizes that the error cannot tell from it: 100 to 200" in study_of(5e5, 1e4, 1e5)
    assert "not settled" in study_of(500_000, 510_000, 545_000)
    assert "not settled" in study_of(500_000, 300_000, 100_000)
    assert study_of(1_000, 10.0, 545_000).startswith("No size tried is worth its cost")


def test_limits_without_luck_where_it_is_known() -> None:
    row = {"lo": -9.0, "hi": 9.0, "lo_corrected": -3.0, "hi_corrected": 3.0}
    assert limits(row) == (-3.0, 3.0)
    assert limits(row | {"lo_corrected": math.nan, "hi_corrected": math.nan}) == (-9.0, 9.0)


def test_designs_of_a_run_settle_by_their_number() -> None:
    """With `replicates` the verdicts follow designs and not draws."""
    rng = np.random.default_rng(3)
    lead = rng.normal(size=8)
    lead = (lead - lead.mean()) / lead.std(ddof=1) * math.sqrt(8) + 2.2  # error 1
    cost = np.column_stack([np.zeros(80), -np.repeat(lead, 10)])
    effect = np.tile([1.0, 2.0], (80, 1))
    by_designs = Evaluation("payer", "qaly", ("A", "B"), "A", cost, effect, replicates=8)
    assert by_designs.icer_table().attrs["dominating_settled"] is False
    assert decision_matrix([by_designs], 0.0)["settled"].item() == 0
    clearer = Evaluation("payer", "qaly", ("A", "B"), "A", cost - [0.0, 0.3], effect, replicates=8)
    assert clearer.icer_table().attrs["dominating_settled"] is True
