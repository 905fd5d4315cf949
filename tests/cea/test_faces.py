"""Anchored in numpy: what an evaluation shows of itself, as tables, files, figures and a report."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import costeff as ce
import costeff.analysis.read_psa as reader
from costeff.analysis import evaluation as data
from costeff.analysis.wtp import wtp_curve
from costeff.cea.figures.acceptability import ceac
from costeff.cea.figures.benefit import benefit
from costeff.cea.figures.plane import plane
from costeff.cea.icer_rows import pairwise_rows
from costeff.cea.pairwise import pairwise
from costeff.errors import CosteffError, ResultError
from costeff.study.report.evaluation_report import labels_of
from costeff.voi.figures.voi import evpi

NAMES = ("usual", "a", "b")


def example(draws: int = 60, names: tuple[str, ...] = NAMES, seed: int = 0, **more: Any) -> ce.Evaluation:
    """Costs around 100, 120, ... and effects around 1.0, 1.1, ...: each dearer and better than the one before."""
    rng, step = np.random.default_rng(seed), np.arange(len(names))
    cost = rng.normal(100 + 20 * step, 10, (draws, len(names)))
    effect = rng.normal(1 + 0.1 * step, 0.05, (draws, len(names)))
    return ce.Evaluation("payer", "qaly", names, names[0], cost, effect, currency="EUR", **more)


def halves(draws: int = 80, sign: int = 1) -> ce.Evaluation:
    """Two strategies with two halves of individuals in each draw, whose luck is half of the spread."""
    rng = np.random.default_rng(3)
    world = rng.normal([[100, 130]], 10, (draws, 2)), rng.normal([[1.0, 1.2]], 0.1, (draws, 2))
    luck = [rng.normal(0, size, (draws, 2, 2)) for size in (14, 0.14)]
    cost, effect = (w[:, None] + noise for w, noise in zip(world, luck, strict=True))
    return ce.Evaluation(
        "payer",
        "qaly",
        ("usual", "new"),
        "usual",
        cost.mean(axis=1),
        effect.mean(axis=1),
        cost,
        effect,
        effect_sign=sign,
    )


# keep


def test_keep_is_the_same_draws_of_some() -> None:
    three = example(effect_sign=-1, parameters={"x": np.arange(60.0)})
    kept = three.keep("b", "usual")
    assert (kept.strategies, kept.comparator, kept.effect_sign) == (("b", "usual"), "usual", -1)
    assert np.array_equal(kept.cost, three.cost[:, [2, 0]])
    assert np.array_equal(kept.effect, three.effect[:, [2, 0]])
    assert np.array_equal(kept.parameters["x"], three.parameters["x"])
    assert type(kept) is type(three) is ce.Evaluation


def test_all_strategies_are_the_evaluation_itself() -> None:
    """With the tables and curves that are worked out already; another comparator or order is another evaluation."""
    three = example()
    assert three.keep("usual", "a", "b") is three
    assert three.keep("usual", "a", "b", comparator="a").comparator == "a"
    assert three.keep("b", "a", "usual").strategies == ("b", "a", "usual")


def test_an_icer_table_is_the_askers_own() -> None:
    """What is done to a table does not come back with the next."""
    three = example()
    first, clean = three.icer_table(), three.icer_table()
    first["cost"] = 0.0
    first.attrs["comparator"] = "another"
    pd.testing.assert_frame_equal(three.icer_table(), clean)
    assert three.icer_table().attrs == clean.attrs
    assert clean.attrs["comparator"] == "usual"


def test_pairwise_ceac_is_of_the_two_alone() -> None:
    three = example()
    two = three.keep("usual", "b").ceac([100, 500])["probability"].sel(strategy="b").values
    net = np.array([100, 500]) * (three.effect[:, [2]] - three.effect[:, [0]]) - (
        three.cost[:, [2]] - three.cost[:, [0]]
    )
    assert two.tolist() == (net > 0).mean(axis=0).tolist()
    assert (two >= three.ceac([100, 500])["probability"].sel(strategy="b").values).all()


def test_keep_keeps_halves() -> None:
    two = halves()
    turned = two.keep("new", "usual", comparator="new")
    assert turned.cost_half is not None
    assert two.cost_half is not None
    assert np.array_equal(turned.cost_half, two.cost_half[..., ::-1])


@pytest.mark.parametrize(
    ("names", "more", "said"),
    [
        (("usual", "c"), {}, r"unknown strategy to keep \(value: c\)"),
        (("usual", "usual"), {}, r"kept twice \(value: usual\)"),
        ((), {}, "no strategy is kept"),
        (("a", "b"), {}, r"comparator is not among .* \(value: usual\).*\n.*\n.*keep 'usual' too"),
        (("usual", "a"), {"comparator": "b"}, r"comparator is not among .* \(value: b\)"),
    ],
)
def test_keep_refuses(names: tuple[str, ...], more: dict[str, str], said: str) -> None:
    with pytest.raises(ResultError, match=said):
        example().keep(*names, **more)


# pairwise


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 40), st.integers(2, 5), st.integers(0, 10_000), st.sampled_from([1, -1]))
def test_pairwise_is_numpy(draws: int, count: int, seed: int, sign: int) -> None:
    evaluation = example(draws, tuple(f"s{i}" for i in range(count)), seed, effect_sign=sign)
    table = evaluation.pairwise([0, 250]).set_index("strategy")
    assert list(table.index) == list(evaluation.alternatives)
    for i, name in enumerate(evaluation.strategies[1:], start=1):
        row = table.loc[name]
        for key, values in (("cost", evaluation.cost), ("effect", evaluation.effect)):
            gap = values[:, i] - values[:, 0]
            assert row[f"incremental_{key}"] == pytest.approx(gap.mean(), rel=1e-12)
            assert row[f"incremental_{key}_mcse"] == pytest.approx(gap.std(ddof=1) / draws**0.5)
            ends = [row[f"incremental_{key}_{end}"] for end in ("lower", "upper")]
            assert ends == pytest.approx(np.quantile(gap, [0.025, 0.975]).tolist())
        cost, gain = (x[:, i] - x[:, 0] for x in (evaluation.cost, sign * evaluation.effect))
        net = 250 * gain - cost
        assert row["nmb_at_250"] == pytest.approx(net.mean())
        assert row["nmb_at_250_lower"] == pytest.approx(np.quantile(net, 0.025))
        assert row["probability_at_250"] == (net > 0).mean()
        assert row["probability_at_0"] == row["probability_cheaper"] == (cost < 0).mean()
        assert row["probability_better"] == (gain > 0).mean()
        together = cost.mean() * gain.mean() > 0  # dearer and better, or cheaper and worse
        assert np.isnan(row["icer"]) == (not (together and row["settled"]))
        if together and row["settled"]:
            assert row["icer"] == pytest.approx(cost.mean() / gain.mean())


def test_a_dominating_strategy_keeps_its_comparison() -> None:
    dominates = ce.Evaluation("p", "qaly", ("usual", "new"), "usual", [[9.0, 5.0], [8.0, 6.0]], [[1.0, 1.5]] * 2)
    row = dominates.pairwise().iloc[0]
    assert (row["incremental_cost"], row["incremental_effect"]) == (-3.0, 0.5)
    assert row["quadrant"].startswith("south-east")
    assert np.isnan(row["icer"])


@pytest.mark.parametrize("sign", [1, -1])
def test_intervals_lose_the_luck_of_individuals(sign: int) -> None:
    two = halves(sign=sign)
    row = two.pairwise(200).iloc[0]
    for key, values in (("cost", two.cost), ("effect", two.effect)):
        assert row[f"incremental_{key}_luck_removed"]
        gap = values[:, 1] - values[:, 0]
        raw = np.subtract(*np.quantile(gap, [0.975, 0.025]))
        width = row[f"incremental_{key}_upper"] - row[f"incremental_{key}_lower"]
        noise = _noise_share(two, key)
        assert width / raw == pytest.approx(np.sqrt(1 - noise))
        assert row[f"incremental_{key}_lower"] < gap.mean() < row[f"incremental_{key}_upper"]
    assert row["nmb_at_200_lower"] > np.quantile(two.incremental_nmb(200).values, 0.025)


def test_luck_as_large_as_the_spread_stays_and_is_said() -> None:
    rng = np.random.default_rng(0)
    middle, apart = rng.normal(0, 1, (20, 2)), rng.normal(0, 9, (20, 2))
    half = np.stack([middle - apart, middle + apart], axis=1)
    only_luck = ce.Evaluation("p", "q", ("a", "b"), "a", half.mean(axis=1), half.mean(axis=1), half, half)
    row = only_luck.pairwise().iloc[0]
    gap = only_luck.cost[:, 1] - only_luck.cost[:, 0]
    assert not row["incremental_cost_luck_removed"]
    assert row["incremental_cost_lower"] == pytest.approx(np.quantile(gap, 0.025))
    assert "*" in next(iter(pairwise_rows(only_luck, labels_of(only_luck), "en")))[2]


def _noise_share(two: ce.Evaluation, key: str) -> float:
    half = getattr(two, f"{key}_half")
    gap = (half[:, 0] - half[:, 1]) @ np.array([-1.0, 1.0])
    values = getattr(two, key) @ np.array([-1.0, 1.0])
    return float((gap**2).mean() / 4 / values.var(ddof=1))


def test_one_draw_has_no_interval_and_one_strategy_no_row() -> None:
    row = example(draws=1).pairwise(10).iloc[0]
    assert np.isnan([row[k] for k in ("incremental_cost_lower", "incremental_cost_mcse", "probability_cheaper")]).all()
    alone = example().keep("usual")
    assert len(pairwise(alone, 5)) == 0
    assert list(alone.pairwise(5).columns) == list(example().pairwise(5).columns)
    assert alone.table(5)["best_at_5"].tolist() == [1.0]


# table


def test_table_joins_what_the_others_say() -> None:
    three = example()
    table, pairs, incremental = three.table([20, 200]), three.pairwise([20, 200]), three.icer_table()
    assert table["strategy"].tolist() == incremental["strategy"].tolist()
    for name in ("cost", "effect_mcse", "icer", "status", "against"):
        assert table[name].equals(incremental[name])
    joined = table.set_index("strategy").loc[pairs["strategy"]]
    for name in ("incremental_cost", "incremental_effect_upper", "nmb_at_20", "nmb_at_200", "nmb_at_200_lower"):
        assert joined[name].tolist() == pairs[name].tolist()
    shares = three.ceac([20, 200])["probability"].sel(strategy=table["strategy"].tolist())
    assert table["best_at_20"].tolist() == shares.values[0].tolist()
    assert table.loc[table["strategy"] == "usual", "incremental_cost"].isna().all()
    low = np.quantile(three.cost[:, 1], 0.025)
    assert table.set_index("strategy").loc["a", "cost_lower"] == pytest.approx(low)


# willingness to pay for figures


def test_values_of_a_table_and_points_of_a_curve() -> None:
    one = wtp_curve(50)
    assert (one.at, one.values.tolist(), one.curve.min(), one.curve.max(), len(one.curve)) == (50, [50], 0, 100, 101)
    assert 33.3 in wtp_curve([33.3, 10]).curve
    many = wtp_curve(range(10, 0, -1))
    assert many.at is None
    assert many.curve.tolist() == list(range(1, 11))
    assert many.values[[0, -1]].tolist() == [1, 10]
    assert wtp_curve(0).curve.tolist() == [0.0]
    with pytest.raises(CosteffError, match="no default willingness to pay"):
        example().plot(None)  # type: ignore[arg-type]


# figures


def test_plot_is_the_four_figures() -> None:
    three = example()
    shown, labels, asked = three.plot(200), labels_of(three), wtp_curve(200)
    alone = [
        plane(three, labels, wtp=200),
        benefit(three, asked.curve, labels, wtp=200),
        ceac(three.ceac(asked.curve), labels, wtp=200),
        evpi(three.evpi(asked.curve)),
    ]
    assert [len(figure.data) for figure in alone] == [
        sum(trace.xaxis == axis for trace in shown.data) for axis in ("x", "x2", "x3", "x4")
    ]
    for mine, own in zip(shown.data, [trace for figure in alone for trace in figure.data], strict=True):
        assert np.array_equal(mine.x, own.x)
        assert np.array_equal(mine.y, own.y)
        assert (mine.line.color, mine.marker.symbol) == (own.line.color, own.marker.symbol)
    legend = [trace.name for trace in shown.data if trace.showlegend]
    assert len(legend) == len(set(legend))
    assert {"usual", "a", "b"} <= set(legend)
    titles = [shown.layout[axis].title.text for axis in ("xaxis", "yaxis2", "yaxis3", "yaxis4")]
    assert all(titles)
    for note in (*shown.layout.annotations, *shown.layout.shapes):
        assert (note.xref + note.yref).count("paper") in (0, 2)  # only the titles lie on the whole picture


def test_benefit_crosses_zero_at_the_icer() -> None:
    two = example(names=("usual", "a"))
    icer = two.icer_table()["icer"].max()
    figure = benefit(two, np.array([0.0, icer]), labels_of(two))
    line, lower, upper = figure.data
    assert line.y[1] == pytest.approx(0, abs=1e-9)
    net = icer * (two.effect[:, 1] - two.effect[:, 0]) - (two.cost[:, 1] - two.cost[:, 0])
    assert [lower.y[1], upper.y[1]] == pytest.approx(np.quantile(net, [0.025, 0.975]).tolist())


@pytest.mark.parametrize("evaluation", [example(draws=1), example().keep("usual")], ids=["one draw", "one strategy"])
def test_nothing_to_draw_is_said(evaluation: ce.Evaluation) -> None:
    with pytest.raises(ResultError, match="nothing to draw"):
        evaluation.plot(10)


# files


def test_draws_are_read_back_to_the_last_bit(tmp_path: Path) -> None:
    level = {"sex": ("f", "m")}
    three = example(parameters={"x": np.linspace(0, 1, 60), "sex": np.arange(60) % 2}, levels=level)
    assert three.to_csv(tmp_path / "draws.csv") == ["draws.csv"]
    frame = pd.read_csv(tmp_path / "draws.csv")
    assert frame["sex"].tolist()[:6:3] == ["f", "m"]
    back = ce.read_psa(tmp_path / "draws.csv", ignore=["sex"], comparator="usual", effect_sign=1)
    assert back.strategies == three.strategies
    for name in ("cost", "effect"):
        assert np.array_equal(getattr(back, name), getattr(three, name))
    assert np.array_equal(back.parameters["x"], three.parameters["x"])


def test_a_folder_holds_every_table(tmp_path: Path) -> None:
    three = example()
    names = three.to_csv(tmp_path / "out", wtp=[20, 200])
    assert set(names) == {
        "icer_table.csv",
        "pairwise.csv",
        "draws.csv",
        "ceac.csv",
        "ceaf.csv",
        "evpi.csv",
        "costeff-files.json",
    }
    curves = pd.read_csv(tmp_path / "out" / "ceac.csv")
    at = curves[(curves["wtp"] == 200) & (curves["strategy"] == "b")]
    assert at["probability"].tolist() == [three.ceac(200)["probability"].values[0, 2]]
    assert "ceac.csv" not in three.to_csv(tmp_path / "plain")


def test_files_are_refused_where_they_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="cannot write here"):
        example().to_csv(tmp_path / "none" / "draws.csv")
    with pytest.raises(ResultError, match="cannot write here"):
        example().report(tmp_path / "none" / "out.html")
    with pytest.raises(ResultError, match="no willingness to pay"):
        example().to_csv(tmp_path / "draws.csv", wtp=5)
    with pytest.raises(ResultError, match=r"name of a column of results \(value: cost\)"):
        example(parameters={"cost": np.zeros(60)}).to_csv(tmp_path / "draws.csv")
    assert list(tmp_path.iterdir()) == []


# report


def text_of(path: Path) -> str:
    page = re.sub(r"<script.*?</script>|<style.*?</style>", "", path.read_text("utf-8"), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "heading", "evpi_name"),
    [
        ("en", "Each strategy against usual", "EVPI per individual"),
        ("da", "Hver strategi i forhold til usual", "EVPI pr. person"),
    ],
)
def test_report_holds_the_numbers(tmp_path: Path, language: str, heading: str, evpi_name: str) -> None:
    three = example()
    page = text_of(three.report(tmp_path / "out.html", wtp=[150, 300], language=language, title="Our <b> table"))
    assert "Our &lt;b&gt; table" in page
    assert heading in page
    assert evpi_name in page
    gap = (three.cost[:, 2] - three.cost[:, 0]).mean()
    assert f"+{gap:.0f}" in page
    share = three.ceaf(150)["probability"].item()
    assert f"{100 * share:.0f} %" in page


def test_report_without_a_willingness_to_pay_says_so(tmp_path: Path) -> None:
    path = example().report(tmp_path / "out.html")
    assert "there is no acceptability curve and no EVPI" in text_of(path)
    assert path.read_text("utf-8").count('class="plot"') == 1  # the plane


@pytest.mark.parametrize(("draws", "count"), [(1, 2), (2, 9), (49, 1)])
def test_any_evaluation_has_a_report(tmp_path: Path, draws: int, count: int) -> None:
    names = tuple(f"strategy {i}" for i in range(count))
    page = text_of(example(draws, names).report(tmp_path / "out.html", wtp=100))
    assert all(name in page for name in names)
    assert "nan" not in page.lower().split()


def test_table_of_a_program_has_a_report(tmp_path: Path) -> None:
    (tmp_path / "psa.csv").write_text("cost_A,cost_B,effect_A,effect_B\n1,2,1,2\n2,4,1,3\n", encoding="utf-8")
    assert ce.read_psa(tmp_path / "psa.csv").report(tmp_path / "out.html").is_file()


# what a prompt shows


def test_read_psa_gives_the_face_and_its_help() -> None:
    assert ce.read_psa.__doc__ == reader.read_psa.__doc__
    assert issubclass(ce.Evaluation, data.EvaluationData)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One of everything that a user holds at a prompt, from the largest model that is shipped."""
    study = ce.load("tki2")
    result = study.psa(4, 10, seed=1, progress=False)
    many = example(200, tuple(f"a long name of strategy {i}" for i in range(12)), parameters={"x": np.zeros(200)})
    return {
        "Study": study,
        "Model": study.model,
        "Evidence": study.evidence,
        "Result": result,
        "Evaluation": many,
        "Parameter": next(iter(study.evidence.parameters.values())),
        "perspective": result.perspective(),
        "GlobalSensitivity": example(200, parameters={"x": np.arange(200.0)}).gsa(result="effect", strategy="a"),
    }


@pytest.mark.parametrize(
    "name", ["Study", "Model", "Evidence", "Result", "Evaluation", "Parameter", "perspective", "GlobalSensitivity"]
)
def test_a_prompt_shows_a_few_lines(shown: dict[str, Any], name: str) -> None:
    text = repr(shown[name])
    assert len(text) <= 700
    assert text.count("\n") <= 2
    assert "array(" not in text


def test_every_public_class_is_shown_short(shown: dict[str, Any]) -> None:
    classes = {name for name in ce.__all__ if isinstance(getattr(ce, name), type)}
    assert classes - set(shown) == {"CaseResult"}  # below, as it takes a run


def test_a_case_is_shown_short() -> None:
    case = ce.invest("tki2-aarhus-investment", draws=2, individuals=10)
    text = repr(case)
    assert text.startswith(f"CaseResult: {case.case.name}, ")
    assert len(text) <= 400
    assert text.count("\n") <= 1


def test_a_notebook_shows_every_perspective_of_a_result(shown: dict[str, Any]) -> None:
    result = shown["Result"]
    page = result._repr_html_()
    assert page != shown["perspective"]._repr_html_()
    for perspective in result.model.perspectives:
        assert f"<td>{perspective.name}</td>" in page
    assert "<td>qaly</td>" in page
    assert len(page) < 12_000


def test_labels_are_shown_as_text(shown: dict[str, Any]) -> None:
    text = shown["Result"].effects_table().to_string()
    assert "Label(" not in text


def test_an_evaluation_of_a_run_knows_its_labels(shown: dict[str, Any], tmp_path: Path) -> None:
    page = text_of(shown["perspective"].report(tmp_path / "da.html", wtp=300_000, language="da"))
    labels = {s.label["da"] for s in shown["Model"].strategies}
    assert all(label in page for label in labels)
    assert "usual_care" not in page
