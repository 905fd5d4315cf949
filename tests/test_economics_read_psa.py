"""Anchors: the published Sick-Sicker table; one small analysis written in every layout; refusals with their place."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import costeff as ce
from costeff.economics import read_psa
from costeff.errors import MissingExtraError, ResultError

DATA = Path(__file__).parent / "data" / "economics"
COST = np.array([[100.5, 150.0], [120.0, 151.25], [-3.0, 0.0]])
EFFECT = np.array([[1.0, 1.5], [1.125, 1.5], [0.0, 0.25]])
PRICE = np.array([3.5, 4.0, 5.0])


def long_table() -> pd.DataFrame:
    draw, strategy = np.divmod(np.arange(6), 2)
    return pd.DataFrame({
        "draw": draw + 1, "strategy": np.array(["usual", "new"])[strategy],
        "cost": COST.ravel(), "effect": EFFECT.ravel(), "price": np.repeat(PRICE, 2),
    })  # fmt: skip


def wide_table() -> pd.DataFrame:
    parts = {f"{kind}_{name}": values[:, s] for kind, values in (("cost", COST), ("effect", EFFECT))
             for s, name in enumerate(("usual", "new"))}  # fmt: skip
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
        for mark, decimal, end in (
            (",", ".", "csv"),
            (";", ",", "csv"),
            (";", ".", "txt"),
            ("\t", ",", "tsv"),
        ):
            file = tmp_path / f"{name}.{end}"
            table.to_csv(file, sep=mark, decimal=decimal, index=False, encoding="utf-8-sig")
            check(read_psa(file))
            check(read_psa(str(file)))
    two = long_table().drop(columns="price"), pd.DataFrame({"draw": [3, 1, 2], "price": PRICE[[2, 0, 1]]})
    check(read_psa(two[0], parameters=two[1]))
    rows = wide_table().drop(columns=["draw", "price"]), pd.DataFrame({"price": PRICE})
    check(read_psa(rows[0], parameters=rows[1]))
    import xarray as xr

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
    told = read_psa(table, strategies=["new", "usual"], comparator="usual", ignore=["note"],
                    effect_sign=-1, effect_unit="weeks")  # fmt: skip
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
        (GOOD.replace("2;a;1;1", "2;a;;1"), 4, "not a number"),
        (GOOD.replace("2;a;1;1", "2;a;nan;1"), 4, "missing or not finite"),
        (GOOD.replace("2;a;1;1", "2;a;-inf;1"), 4, "missing or not finite"),
        (GOOD.replace("2;a;1;1", "2;a;1.000;1"), 4, "both decimal commas and points"),
        (GOOD.replace("2;a;1;1", "2;a;1_000;1"), 4, "not a number"),
        (GOOD.replace("2;a;1;1", "2;a;1"), 4, "another number of cells"),
        (GOOD.replace("2;a;1;1", "2; ;1;1"), 4, "empty cell"),
        (GOOD.replace("effect", "cost"), 1, "not unique"),
        (GOOD.replace("effect", "outcome"), 1, "lacks a column"),
        ("cost_a,effect_a,cost_b\n1,1,1\n", 1, "lacks its cost or its effect"),
        ("cost_a,effect_a,effect_b\n1,1,1\n", 1, "lacks its cost or its effect"),
        ("draw,cost_a,effect_a\n1,1,1\n1,1,1\n", 3, "stands twice"),
        ("draw,strategy,cost,effect,p\n1,a,1,1,3\n1,b,1,1,4\n", 3, "not the same for all strategies"),
        ("a,b\n1,2\n", 1, "no costs"),
        ("cost_a,effect_a\n", 1, "no rows"),
        ("cost_a,effect_a,p\n\n1,1,low\n", 3, "not a number"),
    ],
)
def test_bad_files_are_refused_with_their_line(tmp_path: Path, text: str, line: int, what: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ResultError) as caught:
        read_psa(file)
    assert f"bad.csv, line {line}: " in str(caught.value)
    assert what in str(caught.value)


@pytest.mark.parametrize(
    "bad",
    [
        7, "nothing.csv", "table.docx", wide_table().astype({"price": str}), wide_table().assign(price=True),
        wide_table().assign(price=pd.array([1, None, 2], dtype="Int64")),
        pd.concat([wide_table(), wide_table()["price"]], axis=1),
    ],
)  # fmt: skip
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
        "both tables": lambda: read_psa(wide_table(), parameters=wide_table()[["draw", "price"]]),
        "same draws": lambda: read_psa(
            wide_table(), parameters=pd.DataFrame({"draw": [1, 2, 9], "x": PRICE})
        ),
        "only one of": lambda: read_psa(wide_table(), parameters=pd.DataFrame({"x": PRICE})),
    }
    for what, call in bad.items():
        with pytest.raises(ResultError, match=what):
            call()


def test_a_large_table_is_read_to_the_last_digit(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(20_000, 12))
    names = [f"{kind}_{s}" for kind in ("cost", "effect") for s in "abcdef"]
    file = tmp_path / "large.csv"
    pd.DataFrame(values, columns=names).to_csv(file, index=False)
    evaluation = read_psa(file)
    np.testing.assert_array_equal(evaluation.cost, values[:, :6])
