"""Anchors: the published Sick-Sicker table; one small analysis written in every layout; refusals with their place."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import costeff as ce
from costeff import read_psa
from costeff.errors import MissingExtraError, ResultError

DATA = Path(__file__).parents[1] / "data" / "economics"
COST = np.array([[100.5, 150.0], [120.0, 151.25], [-3.0, 0.0]])
EFFECT = np.array([[1.0, 1.5], [1.125, 1.5], [0.0, 0.25]])
PRICE = np.array([3.5, 4.0, 5.0])


def long_table() -> pd.DataFrame:
    draw, strategy = np.divmod(np.arange(6), 2)
    return pd.DataFrame(
        {
            "draw": draw + 1,
            "strategy": np.array(["usual", "new"])[strategy],
            "cost": COST.ravel(),
            "effect": EFFECT.ravel(),
            "price": np.repeat(PRICE, 2),
        }
    )


def wide_table() -> pd.DataFrame:
    parts = {
        f"{kind}_{name}": values[:, s]
        for kind, values in (("cost", COST), ("effect", EFFECT))
        for s, name in enumerate(("usual", "new"))
    }
    return pd.DataFrame({"draw": [1, 2, 3], "price": PRICE, **parts})


def check(evaluation: ce.Evaluation) -> None:
    assert evaluation.strategies == ("usual", "new")
    assert evaluation.comparator == "usual"
    np.testing.assert_array_equal(evaluation.cost, COST)
    np.testing.assert_array_equal(evaluation.effect, EFFECT)
    assert list(evaluation.parameters) == ["price"]
    np.testing.assert_array_equal(evaluation.parameters["price"], PRICE)


def test_every_layout_gives_the_same(tmp_path: Path) -> None:
    check(ce.read_psa(long_table()))
    check(read_psa(wide_table()))
    check(read_psa(wide_table().drop(columns="draw")))
    for table, name in ((long_table(), "long"), (wide_table(), "wide")):
        for mark, decimal, end in ((",", ".", "csv"), (";", ",", "csv"), (";", ".", "txt"), ("\t", ",", "tsv")):
            file = tmp_path / f"{name}.{end}"
            table.to_csv(file, sep=mark, decimal=decimal, index=False, encoding="utf-8-sig")
            check(read_psa(file))
            check(read_psa(str(file)))
    two = long_table().drop(columns="price"), pd.DataFrame({"draw": [3, 1, 2], "price": PRICE[[2, 0, 1]]})
    check(read_psa(two[0], parameters=two[1]))
    rows = wide_table().drop(columns=["draw", "price"]), pd.DataFrame({"price": PRICE})
    check(read_psa(rows[0], parameters=rows[1]))
    dims = ("draw", "strategy")
    data = xr.Dataset(
        {"cost": (dims, COST), "effect": (dims[::-1], EFFECT.T), "price": ("draw", PRICE)},
        {"strategy": ["usual", "new"]},
    )
    check(read_psa(data))


@settings(max_examples=30)
@given(st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    table = long_table().iloc[order]
    check(read_psa(table, strategies=["usual", "new"]))


def test_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "long.parquet"
    file.write_bytes(b"PAR1")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", None)  # as if it were not installed
        with pytest.raises(MissingExtraError, match=r"costeff\[data\]"):
            read_psa(file)
    pytest.importorskip("pyarrow")
    long_table().to_parquet(file)
    check(read_psa(file))


def test_published_table() -> None:
    """Means as published, from the file as it stands; 16 parameters are recognised."""
    evaluation = read_psa(DATA / "sick_sicker_psa.csv", currency="USD")
    figures = json.loads((DATA / "sick_sicker_psa.json").read_text("utf-8"))
    assert evaluation.strategies == ("SoC", "A", "B", "AB")
    np.testing.assert_allclose(evaluation.cost.mean(axis=0), figures["mean_cost"], rtol=1e-12)
    np.testing.assert_allclose(evaluation.effect.mean(axis=0), figures["mean_effect"], rtol=1e-12)
    assert len(evaluation.parameters) == 16
    assert evaluation.conventions()["currency"] == "USD"


def test_options() -> None:
    table = wide_table().assign(cost_per_visit=2.0, note="x")
    told = read_psa(
        table, strategies=["new", "usual"], comparator="usual", ignore=["note"], effect_sign=-1, effect_unit="weeks"
    )
    assert told.strategies == ("new", "usual")
    assert told.comparator == "usual"
    assert set(told.parameters) == {"price", "cost_per_visit"}
    np.testing.assert_array_equal(told.gain, -EFFECT[:, ::-1])


GOOD = "draw;strategy;cost;effect\n1;a;1,5;1\n1;b;2;1,5\n2;a;1;1\n2;b;2;2\n"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (GOOD.replace("2;b;2;2\n", ""), 4, "has no row for a strategy"),
        (GOOD + "2;b;2;2\n", 6, "stands twice"),
        (GOOD.replace("2;a;1;1", "2;a;;1"), 4, "missing or not finite"),
        (GOOD.replace("2;a;1;1", "2;a;nan;1"), 4, "missing or not finite"),
        (GOOD.replace("2;a;1;1", "2;a;-inf;1"), 4, "missing or not finite"),
        (GOOD.replace("2;a;1;1", "2;a;1.25;1"), 2, "both decimal commas and points"),
        (GOOD.replace("2;a;1;1", "2;a;1_000;1"), 4, "not a number"),
        (GOOD.replace("2;a;1;1", "2;a;1"), 4, "another number of cells"),
        (GOOD.replace("2;a;1;1", "2; ;1;1"), 4, "empty cell"),
        (GOOD.replace("effect", "cost"), 1, "not unique"),
        (GOOD.replace("effect", "weeks"), 1, "lacks a column"),
        ("cost_a,effect_a,cost_b\n1,1,1\n", 1, "lacks its cost or its effect"),
        ("cost_a,effect_a,effect_b\n1,1,1\n", 1, "lacks its cost or its effect"),
        ("draw,cost_a,effect_a\n1,1,1\n1,1,1\n", 3, "stands twice"),
        ("draw,strategy,cost,effect,p\n1,a,1,1,3\n1,b,1,1,4\n", 3, "not the same for all strategies"),
        ("a,b\n1,2\n", 1, "no costs"),
        ("cost_a,effect_a\n", 1, "no rows"),
        ("cost_a,effect_a,p\n\n1,1,low\n1,1,2\n", 3, "not a number"),
        ("cost_a,effect_a,p\n1,1,3\n1,1,\n", 3, "missing or not finite"),
        ("cost_a,effect_a,p\n1,1,3\n1,1,inf\n", 3, "missing or not finite"),
        ("cost_a,effect_a,p\n1,1,3\n1,1,1e400\n", 3, "missing or not finite"),
        ("cost_a,effect_a\n1,1\n#DIV/0!,1\n", 3, "missing or not finite"),
        ("cost_a,effect_a\n1,1\n12 %,1\n", 3, "not a number"),
        ('cost_a,effect_a\n950,1\n"1,500",1\n', 3, "1,500 can be read as 1500 (English) or as 1.5 (Danish)"),
        ("cost_a;effect_a\n950;1\n1.500;1\n", 3, "1.500 can be read as 1.5 (English) or as 1500 (Danish)"),
        ("cost_a;effect_a\n900;0.25\n1.500;0.5\n", 3, "can be read in two ways"),
        ("cost_a,effect_a\n1.500,1\n2.500,1\n", 2, "can be read in two ways"),
        ("cost_a,effect_a\n1,5,0,2\n", 2, "another number of cells"),
        ('"","cost_a","effect_a"\n"7",2,3\n', 1, "a column has no name"),
        ("Draw,Kind,Cost,Effect\n1,a,1,1\n", 1, "no costs"),
        ("draw,strategy,cost,effect\n1,a,1,1\n1,a ,1,1\n", 3, "stands twice"),
        ("draw,strategy,cost,effect\n1,a,1,1\n,b,1,1\n", 3, "empty cell"),
        ("", 1, "no rows"),
    ],
)
def test_bad_files_are_refused_with_their_line(tmp_path: Path, text: str, line: int, what: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ResultError) as caught:
        read_psa(file)
    assert f"bad.csv, line {line}: " in str(caught.value)
    assert what in str(caught.value)
    assert "Way out: " in str(caught.value)


def test_what_other_cells_tell_is_read(tmp_path: Path) -> None:
    """A leading 0, other numbers of decimals or a decimal comma tell how the numbers of a table are written."""
    for text, cost in (
        ("cost_a;effect_a\n0.500;1\n1.500;1\n", [0.5, 1.5]),
        ("cost_a;effect_a\n1.25;1\n1.500;1\n", [1.25, 1.5]),
        ("cost_a;effect_a\n1,500;1\n2,5;1\n", [1.5, 2.5]),
        ("cost_a,effect_a\n1.500,0.5\n2.500,1\n", [1.5, 2.5]),
        ("cost_a;effect_a\n1.000;1,5\n900;1\n", [1000.0, 900.0]),
        ("cost_a;effect_a\n1;1\n1.500.000,5;1\n", [1.0, 1_500_000.5]),
        ("cost_a;effect_a\n1.500,5;1\n1.500;1\n", [1500.5, 1500.0]),
        ('cost_a,effect_a\n"1,500",0.5\n950,1\n', [1500.0, 950.0]),
        ("cost_a;effect_a\n1 500;1\n950;1\n", [1500.0, 950.0]),
    ):
        file = tmp_path / "good.csv"
        file.write_text(text, encoding="utf-8")
        assert read_psa(file).cost[:, 0].tolist() == cost


def bad_frames() -> dict[str, tuple[str, pd.DataFrame]]:
    """By name: the place and a bad table in memory; the same tables are written as Parquet."""
    wide, long = wide_table(), long_table()
    return {
        "missing cost": ("row 1, column 'cost_new'", wide.assign(cost_new=[1.0, np.nan, 2.0])),
        "infinite effect": ("row 2, column 'effect_new'", wide.assign(effect_new=[1.0, 2.0, -np.inf])),
        "missing parameter": ("row 0, column 'price'", wide.assign(price=[np.nan, 1.0, 2.0])),
        "missing whole number": ("row 1, column 'price'", wide.assign(price=pd.array([1, None, 2], dtype="Int64"))),
        "numbers as text": ("row 0, column 'price'", wide.assign(price=["1", "2", "3"])),
        "dates": ("row 0, column 'price'", wide.assign(price=pd.date_range("2026-01-01", periods=3))),
        "a draw twice": ("row 2, column 'draw'", wide.assign(draw=[1, 2, 1])),
        "unbalanced": ("row 2, column 'draw'", long.drop(index=3)),
        "a draw of a strategy twice": ("row 2, column 'draw'", long.assign(draw=[1, 1, 1, 2, 3, 3])),
        "strategy without a name": (
            "row 1, column 'strategy'",
            long.assign(strategy=["usual", None, "usual", "new", "usual", "new"]),
        ),
        "missing draw": ("row 4, column 'draw'", long.assign(draw=[1, 1, 2, 2, np.nan, 3])),
        "two values of a parameter": ("row 3, column 'price'", long.assign(price=[3, 3, 4, 5, 5, 5])),
        "no rows": ("the table", long.iloc[:0]),
    }


@pytest.mark.parametrize("name", bad_frames())
@pytest.mark.parametrize("kind", ["memory", "parquet"])
def test_bad_tables_are_refused_with_place_and_remedy(name: str, kind: str, tmp_path: Path) -> None:
    place, table = bad_frames()[name]
    source: object = table
    if kind == "parquet":
        pytest.importorskip("pyarrow")
        source = tmp_path / "bad.parquet"
        table.to_parquet(source)
        place = place.replace("the table", "bad.parquet")
    with pytest.raises(ResultError) as caught:
        read_psa(source)
    assert place in str(caught.value)
    assert "Way out: " in str(caught.value)


def bad_datasets() -> dict[str, tuple[str, xr.Dataset]]:
    """By name: what is said and a bad labelled dataset."""
    dims = ("draw", "strategy")
    good = xr.Dataset(
        {"cost": (dims, COST), "effect": (dims, EFFECT), "price": ("draw", PRICE)},
        {"strategy": ["usual", "new"], "draw": [7, 8, 9]},
    )
    holed, endless = COST.copy(), EFFECT.copy()
    holed[1, 0], endless[2, 1] = np.nan, np.inf
    return {
        "missing cost": ("draw 8, strategy usual: 'cost' holds", good.assign(cost=(dims, holed))),
        "infinite effect": ("draw 9, strategy new: 'effect' holds", good.assign(effect=(dims, endless))),
        "missing parameter": ("draw 7: 'price' holds", good.assign(price=("draw", np.array([np.nan, 1.0, 2.0])))),
        "numbers as text": ("'cost' does not hold numbers", good.assign(cost=(dims, COST.astype(str)))),
        "parameter as text": (
            "'price' holds a cell that is not a number",
            good.assign(price=("draw", np.array(["1", "2", "3"]))),
        ),
        "complex": ("'price' does not hold numbers", good.assign(price=("draw", PRICE * 1j))),
        "a strategy twice": ("not unique (value: a, a)", good.assign_coords(strategy=["a", "a"])),
        "a draw twice": ("a draw stands twice (value: 7)", good.assign_coords(draw=[7, 8, 7])),
        "no effect": ("no 'effect' over (draw, strategy)", good.drop_vars("effect")),
        "no names": ("does not name its strategies", good.drop_vars("strategy")),
    }


@pytest.mark.parametrize("name", bad_datasets())
def test_bad_datasets_are_refused_with_place_and_remedy(name: str) -> None:
    told, dataset = bad_datasets()[name]
    with pytest.raises(ResultError) as caught:
        read_psa(dataset)
    assert told in str(caught.value)
    assert "Way out: " in str(caught.value)


def test_a_file_that_is_not_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    file = tmp_path / "table.parquet"
    file.write_text("cost_a,effect_a\n1,1\n", encoding="utf-8")
    with pytest.raises(ResultError, match="not a Parquet table"):
        read_psa(file)


def test_replicates_are_kept() -> None:
    """Six draws in three blocks: the error is that of the mean of the blocks' means."""
    six = pd.DataFrame({"cost_a": [1.0, 2, 3, 4, 5, 6], "effect_a": np.zeros(6)})
    table = read_psa(six, replicates=3).icer_table()
    assert table["cost_mcse"].item() == pytest.approx(np.std([1.5, 3.5, 5.5], ddof=1) / np.sqrt(3))
    with pytest.raises(ResultError, match="equal replicates"):
        read_psa(six, replicates=4)


@pytest.mark.parametrize(
    "bad",
    [
        7,
        "nothing.csv",
        "table.docx",
        wide_table().astype({"price": str}),
        wide_table().assign(price=[2.0, True, 3.0]),
        wide_table().assign(price=pd.array([1, None, 2], dtype="Int64")),
        pd.concat([wide_table(), wide_table()["price"]], axis=1),
    ],
)
def test_other_refusals(bad: object) -> None:
    with pytest.raises(ResultError):
        read_psa(bad)


def test_more_refusals(tmp_path: Path) -> None:
    old = tmp_path / "old.csv"
    old.write_bytes(GOOD.replace("a", "ø").encode("cp1252"))
    bad = {
        "UTF-8": lambda: read_psa(old),
        "no such column": lambda: read_psa(wide_table(), ignore=["x"]),
        "no such strategy": lambda: read_psa(long_table(), strategies=["usual", "x"]),
        "asked for twice": lambda: read_psa(long_table(), strategies=["usual", "usual"]),
        "both tables": lambda: read_psa(wide_table(), parameters=wide_table()[["draw", "price"]]),
        "same draws": lambda: read_psa(wide_table(), parameters=pd.DataFrame({"draw": [1, 2, 9], "x": PRICE})),
        "only one of": lambda: read_psa(wide_table(), parameters=pd.DataFrame({"x": PRICE})),
    }
    for what, call in bad.items():
        with pytest.raises(ResultError, match=what) as caught:
            call()
        assert "Way out: " in str(caught.value)


def test_a_large_table_is_read_to_the_last_digit(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(20_000, 12))
    names = [f"{kind}_{s}" for kind in ("cost", "effect") for s in "abcdef"]
    file = tmp_path / "large.csv"
    pd.DataFrame(values, columns=names).to_csv(file, index=False)
    evaluation = read_psa(file)
    np.testing.assert_array_equal(evaluation.cost, values[:, :6])


@pytest.mark.parametrize(
    ("draws", "gap"),
    [
        ([1, 2, 4, 5, 6], "after draw 2 comes 4"),
        ([0, 10, 20, 40], "after draw 20 comes 40"),
        ([1, 2, 3, 4], ""),
        ([10, 20, 30, 40], ""),
        ([7, 3021, 44, 9154], ""),
        ([0.5, 1, 2, 5], ""),
    ],
)
def test_draws_that_are_left_out_are_missed(draws: list[float], gap: str) -> None:
    """Numbers counted up with a gap; seeds and other names that are not counted up are taken as they are."""
    n = len(draws)
    frame = pd.DataFrame({"draw": draws, "cost_a": range(n), "cost_b": 1.0, "effect_a": 0.0, "effect_b": 1.0})
    if not gap:
        assert read_psa(frame).draws == n
        return
    with pytest.raises(ResultError) as caught:
        read_psa(frame)
    assert gap in str(caught.value)
    assert "would bias" in str(caught.value)


@pytest.mark.parametrize(
    "option", [{"subgroup": "price"}, {"effects": "e.csv"}, {"net_benefit": "nb_*"}, {"sheet": "psa"}]
)
def test_options_of_tables_are_refused_for_a_dataset(option: dict[str, str]) -> None:
    dataset = xr.Dataset(
        {"cost": (("draw", "strategy"), COST), "effect": (("draw", "strategy"), EFFECT)},
        {"strategy": ["usual", "new"], "draw": [7, 8, 9]},
    )
    with pytest.raises(ResultError, match=f"value: {next(iter(option))}="):
        read_psa(dataset, **option)
    table = read_psa(dataset.to_dataframe().reset_index())  # the way out
    np.testing.assert_array_equal(table.cost, read_psa(dataset).cost)
