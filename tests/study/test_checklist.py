"""Anchored in CHEERS 2022 itself: 28 items, of which a run can fill some and must leave the others visibly blank."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner

from costeff import load
from costeff.cli import main
from costeff.labels import Label
from costeff.model.scenario_keys import REPORTING
from costeff.study.checklist.cheers import FROM_RUN, Item, cheers
from costeff.study.checklist.note import QUESTIONS, checklist
from costeff.verification.appendix import answers_to_advishe, appendix
from costeff.verification.verify import verify

ONLY_PEOPLE_KNOW = {
    *("title", "abstract", "background", "plan"),
    *("engagement", "effect_of_engagement", "funding", "conflicts"),
}
BLANK = "[BLANK: the authors write this]"


@pytest.fixture(scope="module")
def result():  # type: ignore[no-untyped-def]
    return load("sick_sicker").psa(draws=64, progress=False)


def by_name(items: list[Item]) -> dict[str, Item]:
    return dict(zip(REPORTING, items, strict=True))


def test_28_items_filled_or_visibly_blank(result) -> None:  # type: ignore[no-untyped-def]
    items = cheers(result, "en")
    assert [item.number for item in items] == list(range(1, 29))
    own = by_name(items)
    assert all(own[name].is_blank for name in ONLY_PEOPLE_KNOW)
    assert not ONLY_PEOPLE_KNOW & set(FROM_RUN)
    assert "75 years, in cycles of one year." in own["horizon"].texts[0]
    assert "Costs 3.0 % a year" in own["discount_rate"].texts[0].replace("\u00a0", " ")
    assert by_name(cheers(result, "da"))["discount_rate"].texts[0].endswith("(årlig).")
    note = checklist(result, "en")
    table = note.blocks[3].table
    assert table is not None
    assert len(table.rows) == 28
    assert sum(text == BLANK for _, text in table.rows) == sum(item.is_blank for item in items)


def test_authors_fill_blanks_and_add_to_what_the_run_says(result) -> None:  # type: ignore[no-untyped-def]
    own_texts = {"funding": Label("Nobody paid.", "Ingen betalte."), "horizon": Label("Lifelong.", "Livslang.")}
    study = replace(result.study, scenario=replace(result.study.scenario, reporting=own_texts))
    items = by_name(cheers(replace(result, study=study), "da"))
    assert items["funding"].texts == ("Ingen betalte.",)
    assert items["horizon"].texts[-1] == "Livslang."
    assert len(items["horizon"].texts) == 2


@pytest.mark.parametrize("language", ["en", "da", "nb"])
def test_advishe_has_no_score_and_the_appendix_has_every_check(result, language: str) -> None:  # type: ignore[no-untyped-def]
    verification = verify("hiv", only=["shares_sum", "dead_stay_dead", "dear_is_dear"][:2])
    block = appendix(verification, language)
    note = checklist(result, language, answers_to_advishe(verification, language), [block])
    table = note.blocks[4].table
    assert table is not None
    assert len(table.rows) == len(QUESTIONS) == 13
    assert not any("%" in answer for _, answer in table.rows if "/" in answer)
    assert block.table is not None
    assert len(block.table.rows) == 2


def test_the_word_file_opens_and_says_what_the_page_says(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["checklist", "sick_sicker", "--no-verify", "--out", str(tmp_path / "own")])
    assert told.exit_code == 0, told.output
    tables = docx.Document(str(tmp_path / "own" / "checklist.docx")).tables
    questions = [row.cells[0].text for row in tables[0].rows][1:]
    assert questions[0] == "What is recommended?"
    assert len(questions) == 5
    assert len(tables[1].columns) == 6  # the decision of each primary perspective
    cells = [[cell.text for cell in row.cells] for row in tables[2].rows]
    assert len(cells) == 29
    assert ["28 Conflicts of interest", BLANK] in cells
    page = (tmp_path / "own" / "checklist.html").read_text(encoding="utf-8")
    assert all(title in page for title, _ in cells)


def test_the_setting_is_the_country_and_the_date_where_the_model_has_both() -> None:
    """Expert@Work is a Norwegian model that people enter on a date."""
    result = load("expert-at-work").psa(draws=2, individuals=10, progress=False)
    setting = by_name(cheers(result, "en"))["setting"]
    assert setting.texts[0] == "Country: Norway. Entry date of the people: 1 January 2024."
