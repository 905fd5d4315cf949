"""Anchored in the model's own files: what is set, what it replaces, and the three ways to set a price, which agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costeff import CaseResult, invest, load
from costeff.errors import EvidenceError, Place
from costeff.evidence import Changes, Evidence, Gamma, Lognormal, Parameter, Setter, Source
from costeff.investment.invest import base_case
from costeff.investment.report.workbook import case_workbook, case_workbook_content
from costeff.investment.repricing import reprice
from costeff.labels import Label
from costeff.reporting.differences import certain_sentences, difference_lines, differences_table, plain_differences

CASE = """
case: ours
scenario: tki2
first_year: 2026
years: 2
price_year: 2026
inflow: {2026: 40, later: 0}
programme:
  departments: {mso: 0.4, msb: rest}
run: {draws: 1, individuals: 20, seed: 3}
"""


def written(folder: Path, more: str) -> Path:
    path = folder / "case.yaml"
    path.write_text(CASE + more, encoding="utf-8")
    return path


def evidence() -> Evidence:
    return Evidence(
        [
            Parameter(
                "fee",
                6000,
                "DKK",
                Gamma.from_interval(6000, 3000, 10500),
                price_year=2012,
                kind="published",
                source=("book",),
            ),
            Parameter(
                "hr",
                1.1,
                "ratio",
                Lognormal.from_interval(1.1, 0.8, 1.5, "median"),
                "median",
                kind="derived",
                source=("book",),
            ),
            Parameter("wait", 4.0, "weeks", kind="assumption", note="counted"),
        ],
        sources={"book": Source("A book", seen="seen")},
    )


def paid(result: CaseResult) -> float:
    lines = [i for i, x in enumerate(result.cash.lines) if x.item.startswith("programme")]
    return float((result.cash.programme - result.cash.usual)[:, :, lines].sum(axis=(1, 2)).mean())


def test_set_reprice_and_workbook_give_one_number(tmp_path: Path) -> None:
    base = base_case(written(tmp_path, ""), 20)
    stated = base_case(written(tmp_path, "set: {programme_cost: 6000}\n"), 20)
    repriced = reprice(base, {"programme_cost": 6000})
    book = case_workbook_content(base)
    value = next(p.values[0] for p in book.parameters if p.name == "programme_cost")
    lines = [x for x in book.lines if x.item.startswith("programme")]
    typed = sum(float(x.amount[book.shown].sum() - x.amount[book.comparator].sum()) for x in lines) * 6000 / value
    again = case_workbook_content(repriced)
    shown = [p.values for p in again.parameters if p.name == "programme_cost"]
    assert [paid(stated), paid(repriced), typed] == pytest.approx([40 * 6000] * 3, rel=1e-9)
    assert [set(values) for values in shown] == [{6000.0}]


def test_the_workbook_lists_what_differs(tmp_path: Path) -> None:
    result = invest(written(tmp_path, "set: {programme_cost: 6000, caseload: 40}\n"), progress=False)
    case_workbook(result, tmp_path / "case.xlsx")
    rows = [
        [str(cell) for cell in row if cell is not None]
        for row in openpyxl.load_workbook(tmp_path / "case.xlsx")["Inputs"].iter_rows(values_only=True)
    ]
    start = next(i for i, row in enumerate(rows) if row == ["What differs from the model"])
    told = {row[0].split("(")[-1].rstrip(")"): row[1:] for row in rows[start + 2 : start + 4]}
    assert set(told) == {"programme_cost", "caseload"}
    assert told["programme_cost"][2] == "6,000, assumption"
    assert "assumption, Sund By" in told["programme_cost"][1]
    assert any("set to 6,000 it is certain here" in " ".join(row) for row in rows[start + 4 :])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["fee", "hr", "wait"]),
    value=st.floats(0.5, 9000),
    kind=st.sampled_from([None, "published", "derived", "assumption"]),
    note=st.sampled_from([None, "our own count"]),
    spread=st.booleans(),
)
def test_no_figure_that_is_set_keeps_an_origin_that_it_was_not_given(
    name: str, value: float, kind: str | None, note: str | None, spread: bool
) -> None:
    entry: dict[str, Any] = {"value": value}
    entry |= {} if kind is None else {"kind": kind}
    entry |= {"source": "book"} if kind in ("published", "derived") else {}
    entry |= {} if note is None else {"note": note}
    if spread:
        entry |= {"distribution": "gamma", "se": value / 4}
    change: Any = value if len(entry) == 1 else entry
    made = evidence().override(Changes({name: change}, Setter("case", "ours"), price_year=2026)).parameters[name]
    was = evidence().parameters[name]
    assert (made.kind, made.source) == (kind or "assumption", tuple(["book"] if "source" in entry else []))
    assert made.unit == was.unit
    assert made.price_year == (2026 if name == "fee" else None)
    assert made.note == note if note else made.note.startswith("set here (case 'ours'); the model has ")
    assert made.replaces == was
    assert made.made_certain == (not spread and not was.fixed)


def test_a_figure_set_twice_still_replaces_the_models() -> None:
    once = evidence().override(Changes({"wait": 5}, Setter("scenario", "s")))
    twice = once.override(Changes({"wait": 6}, Setter("case", "c"), Place("c.yaml", 3)))
    row = twice.differences().iloc[0]
    assert (row["model_value"], row["value"], row["set_by"], row["setter"], row["place"]) == (
        4,
        6,
        "case",
        "c",
        "c.yaml:3",
    )


def test_family_and_centre_of_a_spread_are_the_models() -> None:
    made = evidence().override({"hr": {"value": 1.2, "interval": [0.9, 1.6]}}).parameters["hr"]
    assert (made.centre, made.spread.family, made.kind) == ("median", "lognormal", "assumption")
    assert made.spread.median == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("entry", "missing"),
    [
        ({}, "value missing"),
        ({"note": "x"}, "value missing"),
        ({"distribution": "gamma"}, "value, interval (or se, shape or counts) missing"),
        ({"kind": "derived", "interval": [1, 2]}, "value, distribution, source missing"),
        ({"value": 5, "kind": "published"}, "source missing"),
    ],
)
def test_everything_missing_is_named_together(entry: dict[str, Any], missing: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        evidence().override({"wait": entry})
    assert missing in str(caught.value)


def test_words_in_both_languages() -> None:
    frame = evidence().override(Changes({"fee": 5000, "hr": 1}, Setter("case", "ours"))).differences()
    labels = {"fee": Label("Fee", "Honorar")}
    assert certain_sentences(frame, labels, "en")[0].startswith("Fee (fee) was uncertain (gamma, 2,834 to 10,334);")
    assert certain_sentences(frame, labels, "da")[0].endswith("sat til 5.000 er den sikker her.")
    table = differences_table(frame, labels, "da")
    for piece in ("Honorar (fee)", "5.000, antagelse", "publiceret, A book", "sat her (casen ours)"):
        assert piece in table
    assert difference_lines(frame, labels, "en")[0] == "What differs from the model:"
    assert plain_differences(frame)[1]["price_year"] is None
    assert differences_table(evidence().differences(), labels, "en") == ""


def test_a_scenario_that_sets_nothing_differs_in_nothing() -> None:
    assert not len(load("tki2").evidence.differences())
    assert len(load("no_effect").evidence.differences()) == 8
