"""Figures that a scenario or a case sets: whose they are, at which prices, and what of the model they replace."""

from __future__ import annotations

import csv
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fault import fault

import costeff
from costeff import invest
from costeff.cli import main
from costeff.errors import CosteffError

CASE = """
case: ours
scenario: tki2
first_year: 2026
years: 2
price_year: 2026
inflow: {2026: 40, later: 0}
programme:
  departments: {mso: 0.4, msb: rest}
run: {draws: 4, individuals: 20, seed: 3}
"""


def scenario(folder: Path, body: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(f"scenario: mine\nmodel: tki2\n{body}\n", encoding="utf-8")
    return path


def described(path: Path | str) -> str:
    ended = CliRunner().invoke(main, ["describe", str(path)])
    assert ended.exit_code == 0, ended.output
    return " ".join(ended.output.split())


def case(folder: Path, more: str) -> Any:
    path = folder / "case.yaml"
    path.write_text(CASE + more, encoding="utf-8")
    return invest(path, progress=False)


def origin(path: Path | str, name: str) -> tuple[str, tuple[str, ...]]:
    parameter = costeff.load(path).evidence.parameters[name]
    return parameter.kind, tuple(parameter.source)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(
            name,
            value,
            marks=fault(
                kind="a figure of one's own is printed with the model's source",
                given=f"{name} set to {value} in a scenario",
                right="an assumption without a source; the note says where it was set and what the model has",
            ),
        )
        for name, value in (
            ("sickness_benefit_max", 9999),
            ("caseload", 5),
            ("programme_cost", 100),
            ("hr_self_support", 1.2),
            ("h_sick_full_work_1", 0.05),
        )
    ],
)
def test_a_bare_figure_is_an_assumption(tmp_path: Path, name: str, value: float) -> None:
    path = scenario(tmp_path, f"set:\n  {name}: {value}")
    assert origin(path, name) == ("assumption", ())
    note = costeff.load(path).evidence.parameters[name].note
    assert "set here (scenario 'mine', mine.yaml, line 4); the model has " in note


@fault(
    kind="a figure of one's own is printed with the model's source",
    given="`set: {municipal_tax: 0.256}` in a case",
    right="sources(): an assumption without a source",
)
def test_a_figure_of_a_case_is_an_assumption(tmp_path: Path) -> None:
    table = case(tmp_path, "set: {municipal_tax: 0.256}\n").sources().set_index("name")
    row = table.loc["municipal_tax"]
    assert (row["value"], row["kind"], row["source"]) == (0.256, "assumption", "")


@pytest.mark.parametrize(
    ("name", "parameter", "right"),
    [
        pytest.param(
            name,
            parameter,
            right,
            marks=fault(
                kind="a shipped scenario states another origin than its figure has",
                given=f"scenario {name}, {parameter}",
                right=f"{right[0]}, {', '.join(right[1]) or 'no source'}",
            ),
        )
        for name, parameter, right in (
            ("no_effect", "hr_self_support", ("assumption", ())),
            ("harm", "hr_self_support", ("published", ("nielsen_2015",))),
            ("harm", "hr_unemployed_well", ("published", ("poulsen_2014",))),
            ("low_uptake", "relative_uptake", ("assumption", ("connect_pilot",))),
            ("full_uptake", "relative_uptake", ("assumption", ("nime_2022",))),
            ("no_health_effect_of_work", "utility_not_working", ("assumption", ())),
        )
    ],
)
def test_shipped_scenarios_name_their_origin(name: str, parameter: str, right: tuple[str, tuple[str, ...]]) -> None:
    assert origin(name, parameter) == right


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(
            entry,
            marks=fault(
                kind="a mapping under `set` must repeat what the model knows",
                given=f"programme_cost: {entry}",
                right="accepted; the unit is the model's",
            ),
        )
        for entry in (
            "{value: 7000}",
            "{value: 7000, distribution: gamma, interval: [5000, 9500]}",
            "{value: 7000, interval: [5000, 9500]}",
            "{value: 7000, note: our own quote}",
            "{value: 7000, kind: published, source: tki_2012}",
        )
    ],
)
def test_what_the_model_knows_need_not_be_said(tmp_path: Path, entry: str) -> None:
    made = costeff.load(scenario(tmp_path, f"set:\n  programme_cost: {entry}")).evidence.parameters["programme_cost"]
    assert (made.value, made.unit, made.price_year) == (7000, "DKK per individual", 2024)
    assert made.fixed == ("interval" not in entry)


@fault(
    kind="a mapping under `set` is refused one missing key at a time",
    given="programme_cost: {distribution: gamma, kind: published}",
    right="one refusal that names value, interval and source",
)
def test_everything_missing_is_named_at_once(tmp_path: Path) -> None:
    path = scenario(tmp_path, "set:\n  programme_cost: {distribution: gamma, kind: published}")
    with pytest.raises(CosteffError, match=r"line 4.*value, interval \(or se, shape or counts\), source missing"):
        costeff.load(path)


@fault(
    kind="an amount under `set` is read at another price year than the analysis",
    given="`set: {programme_cost: 6000}` in a scenario in 2024 prices",
    right="6,000 in 2024 prices",
)
def test_an_amount_is_at_the_price_year_of_the_analysis(tmp_path: Path) -> None:
    base = costeff.load(scenario(tmp_path, "set:\n  programme_cost: 6000")).evidence.base()
    assert base["programme_cost"] == 6000


@fault(
    kind="an amount under `set` is read at another price year than the analysis",
    given="`set: {programme_cost: 6000}` in a case in 2026 prices, against `reprice({'programme_cost': 6000})`",
    right="the same cost of the programme: 240,000 for 40 citizens",
)
def test_set_and_reprice_agree(tmp_path: Path) -> None:
    def paid(result: Any) -> float:
        lines = [i for i, x in enumerate(result.cash.lines) if x.item.startswith("programme")]
        return float((result.cash.programme - result.cash.usual)[:, :, lines].sum(axis=(1, 2)).mean())

    stated = paid(case(tmp_path, "set: {programme_cost: 6000}\n"))
    priced = paid(case(tmp_path, "").reprice({"programme_cost": 6000}))
    assert [stated, priced] == pytest.approx([240_000, 240_000], rel=1e-9)


@fault(
    kind="an amount under `set` is read at another price year than the analysis",
    given="an amount that names its own price year: {value: 6000, price_year: 2012} in a 2024 analysis",
    right="moved by the price index as the model's own 6,000 of 2012 is",
)
def test_an_amount_with_a_price_year_of_its_own_is_moved(tmp_path: Path) -> None:
    entry = "{value: 6000, unit: DKK per individual, price_year: 2012, kind: assumption}"
    moved = costeff.load(scenario(tmp_path, f"set:\n  programme_cost: {entry}")).evidence.base()["programme_cost"]
    assert moved == pytest.approx(costeff.load("tki2").evidence.base()["programme_cost"])


@fault(
    kind="a source named in a scenario means something else in the parameter file",
    given="sources: {nielsen_2015: {title: A report of our own, ...}}",
    right="refused: the key is taken",
)
def test_a_source_keeps_its_meaning(tmp_path: Path) -> None:
    body = (
        "set:\n  hr_self_support: {value: 1.2, kind: published, source: nielsen_2015}\n"
        "sources:\n  nielsen_2015: {title: A report of our own, seen: seen}"
    )
    with pytest.raises(CosteffError, match="means something else in the parameter file"):
        costeff.load(scenario(tmp_path, body))


@fault(
    kind="sources of a case's `set` are looked for in the parameter file only",
    given="`set: {municipal_tax: {..., source: skm_2026}}` with skm_2026 under the case's `sources`",
    right="accepted, and the case's title printed",
)
def test_a_case_may_bring_the_source_of_what_it_sets(tmp_path: Path) -> None:
    more = (
        "sources: {skm_2026: {title: Municipal tax rates 2026, seen: seen}}\n"
        "set: {municipal_tax: {value: 0.256, unit: share, kind: published, source: skm_2026}}\n"
    )
    row = case(tmp_path, more).sources().set_index("name").loc["municipal_tax"]
    assert (row["kind"], row["source"]) == ("published", "Municipal tax rates 2026")


def on_page(folder: Path, name: str) -> str:
    text = re.sub(r"<script.*?</script>|<style.*?</style>", "", (folder / name).read_text(encoding="utf-8"), flags=re.S)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", text).replace("\u00a0", " ").split()))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Folder and terminal of a small run that sets two figures."""
    folder = tmp_path_factory.mktemp("ran")
    path = scenario(folder, "set:\n  programme_cost: 5000\n  caseload: {value: 40, note: our own count}")
    asked = ["run", str(path), "--draws", "4", "--individuals", "20", "--quiet", "--out", str(folder / "out")]
    ended = CliRunner().invoke(main, asked)
    assert ended.exit_code == 0, ended.output
    return folder / "out", " ".join(ended.output.split())


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(
            where,
            marks=fault(
                kind="what differs from the model is said nowhere",
                given=f"a scenario that sets two figures: {where}",
                right="a list of both, with the model's value, kind and source",
            ),
        )
        for where in ("the terminal of `run`", "report.html", "summary.json", "describe")
    ],
)
def test_what_differs_is_said(ran: tuple[Path, str], where: str) -> None:
    folder, terminal = ran
    if where == "summary.json":
        rows = json.loads((folder / "summary.json").read_text(encoding="utf-8")).get("differences", [])
        assert [(x["name"], x["value"], x["kind"], x["model_kind"]) for x in rows] == [
            ("programme_cost", 5000, "assumption", "assumption"),
            ("caseload", 40, "assumption", "published"),
        ]
        return
    pages = {
        "the terminal of `run`": lambda: terminal,
        "report.html": lambda: on_page(folder, "report.html"),
        "describe": lambda: described(folder.parent / "mine.yaml"),
    }
    text = pages[where]()
    assert "What differs from the model" in text
    part = text[text.index("What differs from the model") :][:2500]
    for piece in (
        "(programme_cost)" if where == "report.html" else "programme_cost",
        "5,000",
        "published",
        "our own count",
    ):
        assert piece in part


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(
            where,
            marks=fault(
                kind="a bare figure drops a distribution without a word",
                given=f"`set: {{programme_cost: 5000}}`: {where}",
                right="programme_cost was uncertain (gamma); set to 5,000 it is certain here",
            ),
        )
        for where in ("the terminal of `run`", "report.html")
    ],
)
def test_a_dropped_distribution_is_said(ran: tuple[Path, str], where: str) -> None:
    text = ran[1] if where.startswith("the") else on_page(ran[0], "report.html")
    assert re.search(r"was uncertain \(gamma, [\d,]+ to [\d,]+\); set to 5,000 it is certain here", text)


@pytest.fixture(scope="module")
def invested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Folder and terminal of a small case in Danish, with ramp-up, dated rules and two figures of its own."""
    folder = tmp_path_factory.mktemp("case")
    more = "ramp_up: [0.5, 0.75]\nrules: denmark_reform\nset: {programme_cost: 5000, municipal_tax: 0.256}\n"
    (folder / "case.yaml").write_text(CASE + more, encoding="utf-8")
    asked = ["invest", str(folder / "case.yaml"), "--language", "da", "--quiet", "--out", str(folder / "out")]
    ended = CliRunner().invoke(main, asked)
    assert ended.exit_code == 0, ended.output
    return folder / "out", " ".join(ended.output.split())


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(
            where,
            marks=fault(
                kind="what differs from the model is said nowhere",
                given=f"a case that sets two figures: {where}",
                right="a list of both, with the model's value, kind and source; that its cost is certain here",
            ),
        )
        for where in ("the terminal of `invest`", "case.html")
    ],
)
def test_what_a_case_differs_in_is_said(invested: tuple[Path, str], where: str) -> None:
    text = invested[1] if where.startswith("the") else on_page(invested[0], "case.html")
    part = text[text.find("Det er ændret i forhold til modellen") :][:3000]
    for piece in ("Det er ændret", "programme_cost", "5.000", "publiceret", "0,256", "er den sikker her"):
        assert piece in part


@fault(
    kind="a figure of one's own is printed with the model's source",
    given="`set: {municipal_tax: 0.256}` in a case with dated rules: sources.csv",
    right="one row, an assumption",
)
def test_dated_rules_do_not_claim_a_figure_that_is_set(invested: tuple[Path, str]) -> None:
    text = (invested[0] / "sources.csv").read_text(encoding="utf-8-sig")
    rows = [row for row in csv.DictReader(text.splitlines(), delimiter=";") if row["name"] == "municipal_tax"]
    assert [(row["value"], row["kind"]) for row in rows] == [("0,256", "assumption")]


@fault(
    kind="the appendix of a case states what is not so",
    given="inflow 40 with ramp_up [0.5, 0.75]",
    right="inflow 40 a year as typed, and the ramp-up beside it",
)
def test_inflow_is_shown_as_typed(invested: tuple[Path, str]) -> None:
    text = (invested[0] / "sources.csv").read_text(encoding="utf-8-sig")
    rows = {row["name"]: row["value"] for row in csv.DictReader(text.splitlines(), delimiter=";")}
    shown = {name: value for name, value in rows.items() if name.startswith(("inflow", "ramp"))}
    assert shown["inflow 2026"] in ("40", "40,0"), shown
    assert shown["ramp-up, quarter 1"] == "0,5"


@fault(
    kind="the appendix of a case states what is not so",
    given="figures without an interval (ages, inflow)",
    right="no claim that each is drawn within its interval; intervals stand in the table",
)
def test_fixed_figures_are_not_said_to_be_drawn(invested: tuple[Path, str]) -> None:
    text = on_page(invested[0], "case.html")
    assert "Hvert af dem trækkes inden for sit interval" not in text
    assert "de øvrige ligger fast" in text


@fault(
    kind="a figure of one's own is printed with the model's source",
    given="a re-priced municipal_tax 0.256: sources()",
    right="0.256, an assumption without a source",
)
def test_a_repriced_figure_is_an_assumption(tmp_path: Path) -> None:
    row = case(tmp_path, "").reprice({"municipal_tax": 0.256}).sources().set_index("name").loc["municipal_tax"]
    assert (row["value"], row["kind"], row["source"]) == (0.256, "assumption", "")


@fault(
    kind="a second re-pricing takes the first one back",
    given="programme_cost 0, then caseload 40",
    right="the programme still costs nothing",
)
def test_repricing_twice_keeps_both(tmp_path: Path) -> None:
    twice = case(tmp_path, "").reprice({"programme_cost": 0}).reprice({"caseload": 40})
    lines = [i for i, x in enumerate(twice.cash.lines) if x.item.startswith("programme")]
    assert float(twice.cash.programme[:, :, lines].sum()) == 0


@fault(
    kind="a figure of one's own is printed with the model's source",
    given="study.run(values={'caseload': 5}), its parameter table",
    right="caseload 5, an assumption",
)
def test_values_of_a_run_are_assumptions() -> None:
    ran = costeff.load("tki2").run(individuals=20, values={"caseload": 5}, progress=False)
    row = ran.study.evidence.parameter_table().set_index("name").loc["caseload"]
    assert (row["value"], row["kind"], row["source"]) == (5, "assumption", "")


@fault(
    kind="a figure that is set is not the one that is used",
    given="a case with dated rules on a scenario that sets sickness_benefit_max to 9,999",
    right="refused: the rules set it too, and would silently be used",
)
def test_a_figure_set_by_scenario_and_rules_is_refused(tmp_path: Path) -> None:
    mine = scenario(tmp_path, "set:\n  sickness_benefit_max: 9999")
    text = CASE.replace("scenario: tki2", f"scenario: ./{mine.name}") + "rules: denmark_reform\n"
    (tmp_path / "case.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(
        CosteffError, match=r"mine.yaml, line 4: 'sickness_benefit_max' is set by scenario 'mine' and by"
    ):
        invest(tmp_path / "case.yaml", progress=False)
