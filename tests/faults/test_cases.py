"""What a planner was told of a case, or of several side by side, that its own numbers did not bear out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fault import fault

import costeff
from costeff.cli import main
from costeff.errors import CosteffError
from costeff.investment.report.case import case_html
from costeff.investment.report.content import CaseContent
from costeff.investment.report.content_of_case import case_content
from costeff.investment.report.sentences import case_sentences
from costeff.investment.report.tables import case_tables
from costeff.investment.report.write import case_summary

SMALL = ("--draws", "10", "--individuals", "20", "--quiet")
CASE = """case: {name}
title: {{en: "Case {name}", da: "Sag {name}"}}
scenario: {scenario}
first_year: 2026
years: 4
price_year: {price_year}
inflow: {{2026: 100, 2027: 50, later: 0}}
programme: {{departments: {{mso: 0.4, msb: rest}}, start_up: {{2026: 250000}}}}
"""


def written(folder: Path, name: str, more: str = "", scenario: str = "tki2", price_year: int = 2026) -> Path:
    path = folder / f"{name}.yaml"
    text = CASE.format(name=name, scenario=scenario, price_year=price_year)
    path.write_text(text + more, encoding="utf-8")
    return path


def call(*words: object) -> Any:
    ended = CliRunner().invoke(main, [str(word) for word in words])
    assert ended.exit_code == 0, ended.output
    return ended


def invested(path: Path) -> CaseContent:
    return case_content(costeff.invest(path, 20, 30, progress=False))


def table(content: CaseContent, heading: str) -> list[list[str]]:
    """Rows of the table on the page whose caption begins with `heading`, tags taken away."""
    found = [re.sub(r"<[^>]+>", "", t[: t.index("</caption>")]).strip() for t in tables(content)]
    at = next(i for i, caption in enumerate(found) if caption.startswith(heading))
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", tables(content)[at], re.S)
    return [[re.sub(r"<[^>]+>", "", c) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", r, re.S)] for r in rows]


def tables(content: CaseContent) -> list[str]:
    return [t for t in case_tables(content, "en").values() if t]


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """No PDF is needed here."""
    monkeypatch.setenv("CHROMIUM", "")


@fault(
    kind="a mean of extremes told as the most that is expected",
    given="a case whose expected budget profile is lowest at one point, in one year",
    right="the lowest point of the expected profile, with its year; the risk said apart",
)
@pytest.mark.parametrize("language", ["en", "da"])
def test_financing_is_that_of_the_expected_profile(tmp_path: Path, language: str) -> None:
    content = invested(written(tmp_path, "a"))
    path = content.by_name["municipal"].path
    page = " ".join(case_sentences(content, language)).replace("\u00a0", " ")
    words = {
        "en": r"budget profile needs ([\d.,]+) million DKK of financing \((\d+),",
        "da": r"budgetprofil kræver ([\d.,]+) mio. kr. \((\d+),",
    }
    said = re.search(words[language], page)
    assert said, page
    assert float(said[1].replace(",", ".")) == pytest.approx(-path.min() / 1e6, abs=0.051)
    assert int(said[2]) == content.years[int(path.argmin())]
    assert ("1 draw of 10" if language == "en" else "1 ud af 10 trækninger") in page


@fault(
    kind="no effect that is not a run without effect",
    given="a case, and the same case with `set: {relative_fidelity: 0}`",
    right="the row 'no effect' is the result of the case without effect, for both payers",
)
def test_no_effect_is_a_run_without_effect(tmp_path: Path) -> None:
    idle = invested(written(tmp_path, "b", "set: {relative_fidelity: 0}\n"))
    row = table(invested(written(tmp_path, "a")), "Low, central")[-1]
    assert row[0].startswith("No effect")
    shown = [float(text.replace("−", "-").replace(",", "")) for text in row[1:3]]
    right = [idle.by_name[name].npv.mean / 1000 for name in ("municipal", "public")]
    assert shown == pytest.approx(right, abs=0.51)


@fault(
    kind="a low and a high row of one arbitrary draw",
    given="a case with two payers in the table of low, central and high",
    right="each column has the ends of that payer's 80 % interval on page 1, to the digit",
)
def test_low_and_high_are_each_payers_own(tmp_path: Path) -> None:
    content = invested(written(tmp_path, "a"))
    who = {row[0].removeprefix("= "): row[2] for row in table(content, "Who pays and who gains")}
    head, low, _, high, *_ = table(content, "Low, central")
    for at in (1, 2):
        ends = [row[at].removeprefix("+") for row in (low, high)]
        assert " to ".join(ends) == who[head[at]].replace("\u00a0", " ")


@fault(
    kind="two sentences that contradict each other",
    given="a comparison of a case with doing nothing, in few draws",
    right="one sentence on the lead, which follows from its standard error",
)
def test_a_lead_within_error_is_not_called_sure(tmp_path: Path) -> None:
    said = call("compare", written(tmp_path, "a"), *SMALL).output
    assert ("within simulation error" in said) != ("not chance" in said or "more than chance" in said), said
    assert "not chance" not in said


@fault(
    kind="an option that is dropped",
    given="`--limit 2000000 --limit 5000000` where both allow the same cases",
    right="a row for each limit",
)
def test_each_limit_has_a_row(tmp_path: Path) -> None:
    out = tmp_path / "out"
    call("compare", written(tmp_path, "a"), *SMALL, "--limit", 20_000_000, "--limit", 50_000_000, "--out", out)
    told = json.loads((out / "cases.json").read_text(encoding="utf-8"))
    assert [x["limit"] for x in told["portfolios"]] == [20_000_000, 50_000_000]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        pytest.param(
            ("tki2", ""),
            ("heart", ""),
            False,
            marks=fault(
                kind="the same citizens chosen twice",
                given="scenarios tki2 (all diagnoses) and heart (30 % of the same citizens), no limit",
                right="at most one of them is chosen",
            ),
        ),
        (("heart", ""), ("cancer", ""), True),
        pytest.param(
            ("tki2", "set: {p_from_unemployment: 0}\n"),
            ("tki2", "set: {p_from_unemployment: 1}\n"),
            True,
            marks=fault(
                kind="target groups told apart by the name of a file",
                given="one scenario, citizens from work in one case and from unemployment in the other",
                right="both are chosen: no citizen is in both",
            ),
        ),
    ],
)
def test_cases_for_the_same_citizens(
    tmp_path: Path, one: tuple[str, str], other: tuple[str, str], together: bool
) -> None:
    """With an effect so large that every case gains, all that may be chosen together are."""
    effect = "  hr_self_support: 2\n  hr_full_to_partial: 2\n  hr_unemployed_well: 2\n"
    files = []
    for name, (scenario, more) in (("one", one), ("other", other)):
        own = more.removeprefix("set: {").removesuffix("}\n")
        body = "set:\n" + effect + (f"  {own}\n" if own else "")
        files.append(written(tmp_path, name, body, scenario))
    out = tmp_path / "out"
    call("compare", *files, *SMALL, "--perspective", "societal", "--limit", 1e9, "--out", out)
    told = json.loads((out / "cases.json").read_text(encoding="utf-8"))
    assert len(told["portfolios"][0]["cases"]) == (2 if together else 1), told["portfolios"]
    page = (out / "cases.html").read_text(encoding="utf-8")
    assert ("at most one of them is chosen" in page) != together


NOT_A_CHOICE = fault(
    kind="a ranking of what cannot be chosen between",
    given="two cases that differ in what no municipality decides",
    right="refused, with what differs in each case",
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("", "view: all_municipalities\n", marks=NOT_A_CHOICE, id="view"),
        pytest.param("{regime: across}", "{regime: old}", marks=NOT_A_CHOICE, id="rules"),
        pytest.param("", "set: {municipal_tax: 0.256}\n", marks=NOT_A_CHOICE, id="municipality"),
        pytest.param("", "set: {discount_rate: 0.01}\n", marks=NOT_A_CHOICE, id="discount"),
        pytest.param("", "out_migration: 0.02\n", marks=NOT_A_CHOICE, id="movers"),
    ],
)
def test_cases_in_different_worlds_are_not_ranked(tmp_path: Path, one: str, other: str) -> None:
    rules = "rules: {{set: denmark_reform, regime: {}}}\n"
    bodies = [
        rules.format(body[9:-1]) if body.startswith("{") else rules.format("across") + body for body in (one, other)
    ]
    files = [written(tmp_path, name, body) for name, body in zip(("one", "other"), bodies, strict=True)]
    ended = CliRunner().invoke(main, ["compare", *map(str, files), *SMALL])
    assert ended.exit_code == 2, ended.output
    assert "cannot be chosen between" in ended.output


@fault(
    kind="a larger case told as a better one",
    given="two cases of which one has twice the citizens",
    right="what differs, the gain per citizen and per krone, outlay and financing stand on the page",
)
def test_size_is_told(tmp_path: Path) -> None:
    double = written(tmp_path, "double")
    text = double.read_text(encoding="utf-8").replace("2026: 100, 2027: 50", "2026: 200, 2027: 100")
    double.write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    call("compare", written(tmp_path, "single"), double, *SMALL, "--out", out)
    page = (out / "cases.html").read_text(encoding="utf-8")
    for words in (
        "What differs between the cases",
        "per citizen who begins",
        "per krone of programme",
        "Expected profile needs",
        "outlay in the first year",
    ):
        assert words in page
    assert page.index("What differs") < page.index("Ranking:")


@fault(
    kind="a way out that leads into the library's own files",
    given="`price_year: 2027`, a year after the last of the price index",
    right="refused at the case's line, with the key of the case that states a projection",
)
def test_a_later_price_level_is_stated_in_the_case(tmp_path: Path) -> None:
    case = written(tmp_path, "a", price_year=2027)
    with pytest.raises(CosteffError) as refused:
        costeff.invest(case, 2, 10, progress=False)
    assert "price_index: {2027: " in str(refused.value)
    assert "a.yaml, line 6" in str(refused.value)


@fault(
    kind="a result that does not say of when and whose it is",
    given="a case, with SOURCE_DATE_EPOCH set",
    right="the day, the size, the seed and the version of costeff on the page and in case.json",
)
def test_a_result_says_which_run_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    result = costeff.invest(written(tmp_path, "a"), 2, 10, progress=False)
    content = case_content(result)
    page = case_html(content, "en")
    assert "15 June 2025" in page
    assert case_summary(result, content).get("date") == "2025-06-15"
    assert case_summary(result, content).get("costeff") == costeff.__version__
