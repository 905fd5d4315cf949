"""Anchored in a count: every open question of a new case is refused with its text, and twelve answers close them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from costeff.analysis.load import load
from costeff.catalogue import languages, say
from costeff.cli import main
from costeff.errors import CosteffError
from costeff.investment.belief.belief import MEASURES
from costeff.investment.copy_model import copy_model
from costeff.investment.municipalities import AVERAGE, tax_rates
from costeff.investment.new import case_text, forms, new_case
from costeff.investment.questions import questions
from costeff.investment.read import read_case
from costeff.investment.shared_reads import SharedReads
from costeff.messages import error_text
from costeff.model import read_model

ANSWERS = {
    "municipality": "Nordkøb",
    "target_group": "Sygemeldte med rygsmerter",
    "inflow": "60",
    "label": "Tidlig rygindsats",
    "variable": "12001",
    "2027": "300001",
    "today": "35",
    "programme": "32",
    "programme_low": "28",
    "programme_high": "35",
    "municipal_tax": "0,256",
}


def answered(text: str) -> tuple[str, int]:
    """A new case with its questions answered in order, and how many values were typed."""
    lines, typed = [], 0
    opened = False
    for line in text.splitlines():
        key = line.strip().removesuffix(":")
        if opened and line.rstrip().endswith(":") and key in ANSWERS:
            line, typed = f"{line} {ANSWERS[key]}", typed + 1
        opened = line.strip().startswith("# >>")
        lines.append(line)
    return "\n".join(lines) + "\n", typed


@pytest.mark.parametrize("measure", MEASURES)
def test_twelve_answers_make_a_case(tmp_path: Path, measure: str) -> None:
    text, typed = answered(case_text("ryg", "tki2", "da", measure, 2027))
    assert typed == 12
    if measure == "share":
        text = text.replace("today: 35", "today: 55 %")
        for low, high in (
            ("programme: 32", "programme: 60 %"),
            ("_low: 28", "_low: 52 %"),
            ("_high: 35", "_high: 66 %"),
        ):
            text = text.replace(low, high)
    file = tmp_path / "ryg.yaml"
    file.write_text(text, encoding="utf-8")
    case = read_case(file)
    assert sum(case.inflow) == 240
    assert case.municipality == "Nordkøb"
    assert case.belief is not None
    assert case.belief.measure == measure


@pytest.mark.parametrize("language", languages())
def test_each_open_question_is_told_in_the_words_of_the_file(tmp_path: Path, language: str) -> None:
    file = new_case(tmp_path / "my.yaml", "tki2", language, "mean", 2027)
    text = file.read_text(encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        read_case(file)
    problems = getattr(caught.value, "problems", [])
    assert len(problems) == 12 == len(set(questions().values()))
    lines = text.splitlines()
    for problem in problems:
        assert lines[problem.where.line - 1].rstrip().endswith(":")
    told = error_text(caught.value, "da")
    comments = re.sub(r"\n\s*# >> ", " ", text)
    for question in questions().values():
        asked = say(f"question_{question}", language).replace("\u00a0", " ")
        assert asked in re.sub(r"\s+", " ", comments)
        assert say(f"question_{question}", "da") in told
    assert not re.search(r"(?i)aarhus|\btki|\bmso\b|\bmsb\b", text)


def test_a_municipality_of_the_table_answers_its_tax_rate_and_equalisation(tmp_path: Path) -> None:
    """By law 75 % of the difference in tax base is equalised at the average rate, so 0.75 x 25.049 / 26 for Randers."""
    text, typed = answered(case_text("ryg", "tki2", "da", "mean", 2027, "Randers"))
    assert typed == 10
    file = tmp_path / "ryg.yaml"
    file.write_text(text, encoding="utf-8")
    case = read_case(file)
    assert case.municipality == "Randers"
    evidence = SharedReads().study(replace(case, belief=None)).evidence
    assert evidence.parameters["municipal_tax"].value == 0.26
    assert evidence.parameters["equalisation_share"].value == pytest.approx(0.75 * 0.25049 / 0.26, abs=5e-5)
    assert "svmn.dk" in evidence.sources["tax_rates"].address
    with pytest.raises(CosteffError, match="did you mean 'Randers'"):
        case_text("ryg", "tki2", "da", "mean", 2027, "Rander")


def test_the_table_holds_the_98_with_the_rates_of_two_years() -> None:
    """Aarhus and Vejle as their own pages have them; the unweighted mean lies near the published average, 25.05 %."""
    rates = {name: by_year for name, by_year in tax_rates().items() if name != AVERAGE}
    assert len(rates) == 98
    assert all(set(by_year) == {2025, 2026} for by_year in rates.values())
    assert (rates["Aarhus"][2026], rates["Vejle"][2025], rates["København"][2026]) == (0.2452, 0.234, 0.2339)
    assert all(0.22 < rate < 0.28 for by_year in rates.values() for rate in by_year.values())
    assert sum(by_year[2026] for by_year in rates.values()) / 98 == pytest.approx(0.2505, abs=0.005)


def test_one_answer_less_is_one_question(tmp_path: Path) -> None:
    text, _ = answered(case_text("ryg", "tki2", "en", "median", 2027))
    file = tmp_path / "ryg.yaml"
    file.write_text(text.replace("variable: 12001", "variable:"), encoding="utf-8")
    with pytest.raises(CosteffError, match=r"`programme\.variable` is not answered") as caught:
        read_case(file)
    assert say("question_cost") in str(caught.value)


def test_nothing_is_overwritten_and_names_end_in_yaml(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(CosteffError, match="there already"):
        new_case(file, "tki2")
    assert file.read_text(encoding="utf-8") == "mine"
    with pytest.raises(CosteffError, match=r"ends in \.yaml"):
        new_case(tmp_path / "mine", "tki2")
    with pytest.raises(CosteffError, match="no form"):
        new_case(tmp_path / "other.yaml", "tki3")
    assert forms() == ("tki2",)


def test_the_command_says_what_to_do_next(tmp_path: Path) -> None:
    file = tmp_path / "en egen sag.yaml"
    ended = CliRunner().invoke(main, ["new", str(file), "--from", "tki2", "--language", "da", "--first-year", "2028"])
    assert ended.exit_code == 0, ended.output
    assert "costeff invest" in ended.output
    assert "first_year: 2028" in file.read_text(encoding="utf-8")


def test_a_copied_model_is_the_model_under_its_own_name(tmp_path: Path) -> None:
    files = copy_model("sick_sicker", tmp_path / "mine.yaml")
    assert files[0].name == "mine.yaml"
    copied, shipped = load(tmp_path / "mine.yaml"), load("sick_sicker")
    assert copied.model.name == "mine"
    assert copied.evidence.base() == shipped.evidence.base()
    assert copied.model.state_names == shipped.model.state_names
    assert copied.model.definitions == shipped.model.definitions
    with pytest.raises(CosteffError, match="there already"):
        copy_model("sick_sicker", tmp_path / "mine.yaml")


def test_a_copy_carries_its_tables(tmp_path: Path) -> None:
    files = copy_model("sick_sicker_age", tmp_path / "aged.yaml")
    assert any(file.suffix == ".csv" for file in files)
    assert read_model(files[0]).name == "aged"
