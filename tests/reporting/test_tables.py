"""Anchored in tables written by hand, and in CSV files that pandas reads back to the same numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from present_example import example_content

from costeff.errors import ResultError
from costeff.reporting.numbers import SPACE
from costeff.reporting.tables import Band, Cell, Column, html_table
from costeff.study.report.report_tables import report_tables
from costeff.study.report.tidy import tidy_tables, write_csv


def test_everything_is_escaped() -> None:
    evil = '<script>"&'
    text = html_table([Column(evil), Column(evil, True)], [[evil, evil], Band(evil), [evil, Cell(evil, (evil,))]], evil)
    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 10
    assert 'class="number"' in text


def test_only_web_addresses_are_links() -> None:
    cell = Cell("A source", ("https://doi.org/10.1000/x", "javascript:alert(1)", "data:text/html,x", "file.csv"))
    text = html_table([Column("a"), Column("b")], [["1", cell]], "c")
    assert text.count("<a ") == 1
    assert '<a href="https://doi.org/10.1000/x" rel="noreferrer noopener">doi.org/10.1000/x</a>' in text
    assert "javascript:alert(1)" in text
    sly = html_table([Column("a")], [[Cell("", ('https://x.dk/" onclick="alert(1)',))]], "c")
    assert 'onclick="' not in sly


def test_a_row_must_fit() -> None:
    with pytest.raises(ResultError, match="does not fit"):
        html_table([Column("a")], [["1", "2"]], "c")


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("alternatives", [1, 2])
def test_every_table_of_the_report_has_rows(language: str, alternatives: int) -> None:
    content = example_content(alternatives=alternatives)
    more = [replace(content.perspectives[0], name="fourth")]
    tables = report_tables(replace(content, perspectives=[*content.perspectives, *more]), language)
    assert bool(tables.pop("key")) == (alternatives > 1)
    assert tables.pop("beside") == ""  # nobody asked for other scenarios
    for name, text in tables.items():
        assert text.count("<tr>") >= 2, name
        assert not re.search(r"\bnan\b", text.lower()), name


def test_digits_follow_the_error() -> None:
    content = example_content()
    content.parties.loc[0, ["increment", "mcse", "lo", "hi"]] = [4944.4, 320.0, -123.4, 9999.9]
    text = report_tables(content, "da")["parties"]
    cells = re.findall(r'<td class="number" data-label="([^"]*)">([^<]*)</td>', text)
    assert cells[:2] == [("Forskel", "+4.900"), ("95 %-interval".replace(" ", SPACE), "−100 til 10.000")]


def test_shares_are_percent_and_their_differences_points() -> None:
    content = example_content()
    row = {"usual_care": 0.5686, "tki2": 0.5640, "increment": -0.0046, "mcse": 0.0052, "lo": -0.1026, "hi": 0.09}
    for key, value in row.items():
        content.effects.loc[2, key] = value
    text = report_tables(content, "da")["effects"]
    cells = text[text.index("Tilbage inden 52 uger") :].split("</tr>")[0].split("</td>")
    assert [cell.split(">")[-1] for cell in cells[:6]] == ["%", "−0,5", "−10 til 9", "56,9", "56,4", "0,5"]


def test_noise_of_a_shared_effect_stands_once() -> None:
    content = example_content()
    text = report_tables(content, "en")["noise"]
    assert text.count("Extra cost") == 3
    assert text.count("Extra effect") == 1
    assert "All perspectives" in text


def test_outside_accounts_stand_last() -> None:
    content = example_content()
    content = type(content)(**{**vars(content), "parties": content.parties.iloc[::-1]})
    text = report_tables(content, "en")["parties"]
    assert text.index("Accounts outside society") < text.index("Production")
    assert text.index("Region") < text.index("Accounts outside society")


def test_differences_by_year_are_those_of_the_rows_above() -> None:
    content = example_content()
    view = content.perspectives[0]
    cost = [100.0, 200.0, 300.0, 400.0, 500.0, 90.0, 210.0, 300.0, 380.0, 1500.0]
    view.by_year["cost"] = cost
    view.by_year["increment"] = [0.0] * 5 + [new - old for old, new in zip(cost[:5], cost[5:], strict=True)]
    view.by_year["mcse"], view.by_year["increment_mcse"] = 2.0, 3.0
    text = report_tables(content, "en")["by_year"]
    row = text[text.index("Difference from Usual care") :].split("</tr>")[0]
    numbers = [cell.split("</td>")[0] for cell in row.split('<td class="number">')[1:]]
    assert numbers == ["−10", "+10", "0", "−20", "+1,000"]


def test_tidy_tables_are_long() -> None:
    content = example_content(alternatives=2)
    tables = tidy_tables(content)
    parties = tables["parties"]
    assert set(parties["strategy"]) == {"usual_care", "tki2", "other"}
    assert len(parties) == 3 * 10
    assert {"label_en", "label_da"} <= set(parties.columns)
    row = parties[(parties["party"] == "mso") & (parties["strategy"] == "tki2")]
    assert row["value"].item() == content.parties["tki2"].iloc[0]
    increments = tables["parties_increments"]
    assert len(increments) == 2 * 10
    np.testing.assert_array_equal(increments["increment"], content.parties["increment"])
    assert len(tables["trace"]) == content.trace.size
    assert set(tables["ceac"]["perspective"]) == {"municipal", "public", "societal"}


def test_csv_reads_back_exactly(tmp_path: Path) -> None:
    content = example_content()
    paths = write_csv(content, tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [path.name for path in paths]
    for name, table in tidy_tables(content).items():
        back = pd.read_csv(tmp_path / "new" / f"{name}.csv", keep_default_na=True)
        assert list(back.columns) == list(table.columns)
        for column in table.select_dtypes("number").columns:
            np.testing.assert_array_equal(
                back[column].to_numpy(dtype=float), table[column].to_numpy(dtype=float, na_value=np.nan), name
            )
    assert "\r" not in (tmp_path / "new" / "parties.csv").read_text(encoding="utf-8")
