"""Anchored in refusals that say where, which value, which rule and a way out, and in cases of two years by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from case_example import example_case, example_cash, example_result
from click.testing import CliRunner
from test_case_pages import by_hand, plain

from costeff import CaseResult, invest
from costeff.catalogue import say
from costeff.cli import main
from costeff.errors import CosteffError, ModelError, Place, ResultError, ScenarioError
from costeff.investment import Case
from costeff.investment.case import Capacity
from costeff.investment.costs import case_costs, displaced_shares, real_resources, shares_of
from costeff.investment.invest import best_capacity, crossing, invest_all, smallest_effect
from costeff.investment.report.comparison_sentences import cases_sentences, overlap_sentences
from costeff.investment.report.content_of_case import case_content
from costeff.investment.report.differences import differences
from costeff.investment.report.effect import COSTS, EFFECTS, _zero_line
from costeff.investment.report.figures import net_by_year
from costeff.investment.report.workbook import case_workbook
from costeff.investment.report.write_comparison import cases_content, write_cases
from costeff.investment.repricing import reprice
from costeff.investment.shared_reads import at_key
from costeff.labels import Label
from costeff.model.formulas.expression import Expression

CASE = """case: {name}
title: {{en: "Case {name}", da: "Sag {name}"}}
scenario: tki2
first_year: 2026
years: 2
price_year: 2026
inflow: {{2026: 40, later: 10}}
programme:
  departments: {{mso: 0.4, msb: rest}}
  variable: {variable}
run: {{draws: 5, individuals: 6, seed: 1}}
"""


def written(folder: Path, name: str = "a", more: str = "", variable: object = 12000) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(CASE.format(name=name, variable=variable) + more, encoding="utf-8")
    return path


def told(error: type[CosteffError], call: Callable[[], object], *parts: str) -> None:
    """The refusal holds these parts, and a rule."""
    with pytest.raises(error) as refused:
        call()
    for part in (*parts, "Rule: "):
        assert part in str(refused.value)


# -- costs that only the draws tell ----

ENV: Mapping[str, Any] = {"x": np.array([0.5, 1.5, -0.5])}


def with_programme(**changes: object) -> Case:
    case = example_case()
    programme = replace(case.programme, place=Place("case.yaml", 9), **changes)  # type: ignore[arg-type]
    return replace(case, programme=programme)


def formula(text: str, line: int) -> Expression:
    return Expression(text, Place("case.yaml", line))


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (
            lambda: case_costs(with_programme(variable=formula("100 * x", 4)), ENV, 3),
            ("case.yaml, line 4: a cost of the programme is negative (value: -50.0)", "mend the formula"),
        ),
        (
            lambda: case_costs(with_programme(start_up={2027: formula("-1 * x ** 2", 5)}), ENV, 3),
            ("case.yaml, line 5: a cost of the programme is negative (value: -2.25)",),
        ),
        (
            lambda: shares_of(with_programme(shares={"mso": formula("x", 3), "msb": formula("0.5", 3)}), ENV, 3),
            ("case.yaml, line 9: the departments' shares of the programme do not add up to 1 (value: 2", "`rest`"),
        ),
        (
            lambda: shares_of(with_programme(shares={"mso": formula("x", 3), "msb": formula("1 - x", 3)}), ENV, 3),
            ("case.yaml, line 9: the departments' shares", "shares are 0 or more and add up to 1 in every draw"),
        ),
        (
            lambda: displaced_shares(with_programme(replaces={"casework": formula("x", 7)}), ENV, 3),
            (
                "case.yaml, line 7: the share of 'casework' that the programme replaces is not a share (value: -0.5)",
                "beta",
            ),
        ),
        (
            lambda: displaced_shares(with_programme(replaces={"casework": formula("x ** 2", 7)}), ENV, 3),
            ("(value: 2.25)",),
        ),
    ],
)
def test_costs_and_shares_hold_in_every_draw(call: Callable[[], object], parts: tuple[str, ...]) -> None:
    told(ModelError, call, *parts)


def test_a_model_without_outside_parties_has_no_account_for_resources() -> None:
    case = invest("tki2-aarhus-investment", draws=2, individuals=4, progress=False)
    assert case.priced is not None
    model = case.priced.plan.model
    assert real_resources(model) == "resources"
    inside: Any = SimpleNamespace(name="ours", flows=(), parties=tuple(p for p in model.parties if not p.outside))
    told(ModelError, lambda: real_resources(inside), "no account for real resources", "declare `resources:")


def test_a_cash_flow_has_one_form_and_finite_numbers() -> None:
    cash = example_cash(draws=3)
    for wrong in (cash.usual[:, :4], np.where(np.arange(11) == 3, np.inf, cash.usual)):
        told(ModelError, lambda wrong=wrong: replace(cash, usual=wrong), "cash flow 'usual' has the wrong form")


# -- what is asked of a run ----


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (lambda case: best_capacity(case, "municipal", []), ("no capacities to try",)),
        (lambda case: smallest_effect(case, "municipal", [1.0, 1.0]), ("too few doses (value: [1.0, 1.0])",)),
        (lambda case: smallest_effect(case, "municipal", [-1.0, 1.0]), ("too few doses (value: [-1.0, 1.0])",)),
        (lambda case: invest(case, draws=0), ("nothing to simulate (value: 0)", "at least 1 draw and individual")),
    ],
)
def test_nothing_to_try_is_refused(tmp_path: Path, call: Callable[[Path], object], parts: tuple[str, ...]) -> None:
    path = written(tmp_path)
    told(ScenarioError, lambda: call(path), *parts)


def test_a_programme_that_never_pays_has_no_smallest_effect() -> None:
    assert np.isnan(crossing(np.array([0.0, 1.0, 2.0]), np.array([-2.0, 1.0, -1.0])))


def test_an_error_without_a_place_gets_the_line_of_its_key() -> None:
    case = replace(example_case(), places={"rules": Place("case.yaml", 4)})
    for where, line in ((None, "case.yaml, line 4: "), (Place("rules.yaml", 2), "rules.yaml, line 2: ")):
        with pytest.raises(ScenarioError, match=line), at_key(case, "rules"):
            raise ScenarioError("wrong", where=where)


def test_a_figure_of_scenario_and_rules_is_refused(tmp_path: Path) -> None:
    """`state_share_3` changes with the rules by date; a scenario that sets it would be overruled without a word."""
    (tmp_path / "ours.yaml").write_text(
        "scenario: ours\nmodel: tki2\nparameters: tki2\nset:\n  state_share_3: 0.5\n", encoding="utf-8"
    )
    path = written(tmp_path, more="rules: denmark\n")
    path.write_text(path.read_text("utf-8").replace("scenario: tki2", "scenario: ./ours.yaml"), encoding="utf-8")
    told(
        ScenarioError,
        lambda: invest(path),
        "'state_share_3' is set by",
        "by the case's rules",
        "(value: 0.5)",
        "Way out",
    )


# -- price index ----


def test_a_price_year_before_the_index_has_no_projection(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text("utf-8").replace("price_year: 2026", "price_year: 1950"), encoding="utf-8")
    told(
        CosteffError,
        lambda: invest(path),
        "a.yaml, line 6: there is no price index for this price year (value: 1950)",
        "Way out: choose a year that the index has",
    )
    path.write_text(path.read_text("utf-8").replace("price_year: 1950", "price_year: 2028"), encoding="utf-8")
    told(CosteffError, lambda: invest(path), "`price_index: {2027: GROWTH, 2028: GROWTH}` in the case")


# -- a result without its quantities, and at other prices ----


def test_a_result_read_back_has_no_quantities() -> None:
    told(ResultError, example_result(draws=2).with_prices, "the quantities behind this result are not there", "Way out")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> CaseResult:
    """Two years in the case's own words, with a value of the model set."""
    more = "set: {programme_share_mso: 0.5}\n"
    path = written(tmp_path_factory.mktemp("small"), more=more)
    text = path.read_text("utf-8").replace("programme:\n", "programme:\n  label: {en: Ours, da: Vores}\n")
    own = "{mso: {share: 0.4, label: {en: Health, da: Sundhed}}, msb: rest}"
    path.write_text(text.replace("{mso: 0.4, msb: rest}", own).replace("  variable: 12000\n", ""), encoding="utf-8")
    return invest(path, progress=False)


def test_programme_and_departments_have_the_names_of_the_case(small: CaseResult) -> None:
    """The model's own cost per citizen too; what others pay is called as before."""
    own = {line.payer: (line.label.en, line.label.da) for line in small.cash.lines if line.programme}
    assert own["mso"] == ("Ours, paid by Health", "Vores, betalt af Sundhed")
    assert own["msb"][0] == "Ours, paid by Social Affairs and Employment (MSB)"
    assert small.parties["mso"].da == "Sundhed"
    assert small.parties["state"].en == "State"
    content = case_content(small)
    assert (content.programme.en, content.comparator.en) != ("TKI2", "Ours")
    assert content.programme.da == "Vores"


def test_work_that_was_not_counted_cannot_be_taken_off(small: CaseResult) -> None:
    """Run without `replaces`; re-priced with it there are no weeks of the course to take usual work from."""
    programme = replace(small.case.programme, replaces={"casework": Expression("0.25")})
    told(
        ResultError,
        lambda: reprice(small, programme=programme),
        "the work that the programme replaces was not counted",
        "run the case with `replaces`",
    )


def test_the_workbook_of_a_repriced_case_holds_the_new_price(small: CaseResult, tmp_path: Path) -> None:
    import openpyxl

    case_workbook(reprice(small, {"state_share_3": 0.25}), tmp_path / "a.xlsx")
    rows = openpyxl.load_workbook(tmp_path / "a.xlsx")["Inputs"].iter_rows(values_only=True)
    assert 0.25 in next(row for row in rows if row[0] == "state_share_3")


def test_what_the_case_sets_is_printed(tmp_path: Path) -> None:
    path = written(tmp_path, more="set: {programme_share_mso: 0.45}\n")
    for language, words in (("en", "0.45"), ("da", "0,45")):
        ended = CliRunner().invoke(main, ["invest", str(path), "--quiet", "--language", language])
        assert ended.exit_code == 0, ended.output
        assert words in ended.output


# -- several cases ----


def test_the_command_ranks_cases_of_the_same_citizens(tmp_path: Path) -> None:
    """12,000 a citizen or 20,000: the same effect for less money is ahead by 8,000 a citizen, chance left out."""
    paths = [written(tmp_path, "a"), written(tmp_path, "b", variable=20000)]
    words = ["compare", *map(str, paths), "--quiet", "--limit", "1", "--out", str(tmp_path / "out")]
    ended = CliRunner().invoke(main, words, env={"CHROMIUM": ""})
    assert ended.exit_code == 0, ended.output
    assert re.search(r"a +[-\d]", ended.output)
    results = invest_all(paths, progress=False)
    table = cases_content(results).ranking.set_index("case")["mean"]
    served = results[0].service.served
    ahead = 8000 * float(served @ results[0].cash.discount)
    assert table["a"] - table["b"] == pytest.approx(ahead)
    assert (tmp_path / "out" / "cases.html").is_file()


def named(name: str, net: list[list[float]], **changes: object) -> CaseResult:
    result = by_hand(net)
    case = replace(result.case, name=name, title=Label(name.upper(), name.upper()), **changes)  # type: ignore[arg-type]
    return replace(result, case=case)


def test_citizens_who_are_declared_apart_are_told_so() -> None:
    """Of three cases two are for the same citizens: the third differs from both; of two that differ, all do."""
    net = [[-10.0, 30.0]] * 6
    three = [
        named(n, [[x * 2 for x in row] for row in net] if n == "b" else net, citizens=c)
        for n, c in zip("abc", "xxy", strict=True)
    ]
    words = plain(overlap_sentences(cases_content(three), "en"))
    assert "A and B" in words
    assert len(overlap_sentences(cases_content(three), "da")) == len(words.splitlines())
    apart = overlap_sentences(cases_content([three[0], three[2]]), "en")
    assert len(apart) == 2
    assert apart[0] != words.splitlines()[1]


def test_the_case_that_gains_most_for_each_citizen_is_named() -> None:
    """A gains 2,000 with 600 citizens, B 1,500 with 100: A is best in all, B for each citizen."""
    many, few = named("a", [[-1000.0, 3000.0]] * 6), named("b", [[-1000.0, 2500.0]] * 6)
    few = replace(few, citizens_served=100.0)
    words = plain(cases_sentences(cases_content([many, few]), "en"))
    assert words.startswith("A is best")
    assert re.search(r"\bB\b.* citizen", words)


def test_equal_neighbours_are_told_together() -> None:
    """Consultants 1, 1, 2: two spans; a parameter that one case lacks has a dash, a certain one no mean."""
    capacity = Capacity((1.0, 1.0, 2.0, 2.0, 2.0), 25.0, 2, "end", 2)
    base = example_result(draws=3)
    one, other = (replace(base, case=replace(base.case, name=n, capacity=c)) for n, c in (("a", capacity), ("b", None)))
    other = replace(other, parameters={"wage": np.array([1.0, 2.0, 3.0])})
    rows = {plain([row.label.en]): row.values for row in differences([one, other])}
    places = next(values for values in rows.values() if "2026" in values["a"].en)
    assert plain([places["a"].en]) == "2026–2027: 25; 2028–2030: 50"
    assert rows["wage"]["a"].en == "–"
    assert "2" in rows["wage"]["b"].en
    assert rows["hr self support"]["b"].da == "–"


def test_a_comparison_is_written_with_or_without_a_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "")
    content = cases_content([named("a", [[-10.0, 30.0]] * 6), named("b", [[-10.0, 20.0]] * 6)])
    names, messages = write_cases(content, tmp_path / "with", "en")
    assert any("PDF" in message for message in messages)
    assert "cases.pdf" not in names
    assert write_cases(content, tmp_path / "without", "en", pdf=False)[1] == []


# -- figures and groups ----


def test_a_line_of_break_even_that_is_level() -> None:
    """Nothing is gained by an effect: at any share the programme may cost 0.5 of its cost more."""
    half = (EFFECTS[1] - EFFECTS[0]) / 2
    assert _zero_line(0.5, 0.0, 1.0) == ((0.0, 1.5), (EFFECTS[-1] + half, 1.5))
    assert _zero_line(COSTS[-1] + 1.0, 0.0, 1.0) == ()


def test_without_a_public_sector_every_payer_has_bars_and_no_line_is_drawn() -> None:
    content = case_content(example_result(draws=6))
    figure = net_by_year(replace(content, public=""))
    assert len(figure.data) == len(content.leaves)
    assert {trace.type for trace in figure.data} == {"bar"}


def test_a_decider_of_one_party_is_no_sum() -> None:
    content = case_content(replace(example_result(draws=6), groups={"state": ("state",)}, decider="state"))
    assert [(p.name, p.total) for p in content.payers][:1] == [("state", False)]
    assert not any(p.total for p in content.payers)


def test_a_municipality_of_one_department_is_told_as_the_municipality() -> None:
    content = case_content(replace(example_result(draws=6), groups={"municipal": ("mso",)}))
    assert [(p.name, p.total) for p in content.payers][:2] == [("mso", False), ("municipal", True)]
    assert content.decider == "municipal"
    assert content.by_name["municipal"].npv == content.by_name["mso"].npv


@pytest.mark.parametrize("regime", ["old", "new", "across"])
def test_the_regime_of_the_rules_is_said(tmp_path: Path, regime: str) -> None:
    result = invest(written(tmp_path, more=f"rules: {{set: denmark, regime: {regime}}}\n"), progress=False)
    assert result.priced is not None
    title = result.priced.rules.title
    rules = case_content(result).rules
    for language in ("en", "da"):
        end = "" if regime == "across" else f", {say(f'regime_{regime}', language)}"
        assert rules[language] == title[language] + end
