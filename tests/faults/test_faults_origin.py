"""Figures that a scenario or a case sets: whose they are, at which prices, and what of the model they replace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fault import fault

import costeff
from costeff.cli import main
from costeff.errors import CosteffError
from costeff.study.invest import invest

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


@pytest.mark.parametrize(("name", "value"), [
    pytest.param(name, value, marks=fault(
        kind="a figure of one's own is printed with the model's source", given=f"{name} set to {value} in a scenario",
        right="an assumption without a source; the note says where it was set and what the model has"))
    for name, value in (("sickness_benefit_max", 9999), ("caseload", 5), ("programme_cost", 100),
                        ("hr_self_support", 1.2), ("h_sick_full_work_1", 0.05))
])  # fmt: skip
def test_a_bare_figure_is_an_assumption(tmp_path: Path, name: str, value: float) -> None:
    path = scenario(tmp_path, f"set:\n  {name}: {value}")
    assert origin(path, name) == ("assumption", ())
    note = costeff.load(path).evidence.parameters[name].note
    assert "set here (scenario 'mine', mine.yaml, line 4); the model has " in note


@fault(
    kind="a figure of one's own is printed with the model's source", given="`set: {municipal_tax: 0.256}` in a case",
    right="sources(): an assumption without a source",
)  # fmt: skip
def test_a_figure_of_a_case_is_an_assumption(tmp_path: Path) -> None:
    table = case(tmp_path, "set: {municipal_tax: 0.256}\n").sources().set_index("name")
    row = table.loc["municipal_tax"]
    assert (row["value"], row["kind"], row["source"]) == (0.256, "assumption", "")


@pytest.mark.parametrize(("name", "parameter", "right"), [
    pytest.param(name, parameter, right, marks=fault(
        kind="a shipped scenario states another origin than its figure has", given=f"scenario {name}, {parameter}",
        right=f"{right[0]}, {', '.join(right[1]) or 'no source'}"))
    for name, parameter, right in (
        ("no_effect", "hr_self_support", ("assumption", ())),
        ("harm", "hr_self_support", ("published", ("nielsen_2015",))),
        ("harm", "hr_unemployed_well", ("published", ("poulsen_2014",))),
        ("low_uptake", "relative_uptake", ("assumption", ("connect_pilot",))),
        ("full_uptake", "relative_uptake", ("assumption", ("nime_2022",))),
        ("no_health_effect_of_work", "utility_not_working", ("assumption", ())),
    )
])  # fmt: skip
def test_shipped_scenarios_name_their_origin(
    name: str, parameter: str, right: tuple[str, tuple[str, ...]]
) -> None:
    assert origin(name, parameter) == right


@pytest.mark.parametrize("entry", [
    pytest.param(entry, marks=fault(
        kind="a mapping under `set` must repeat what the model knows", given=f"programme_cost: {entry}",
        right="accepted; the unit is the model's"))
    for entry in ("{value: 7000}", "{value: 7000, distribution: gamma, interval: [5000, 9500]}",
                  "{value: 7000, interval: [5000, 9500]}", "{value: 7000, note: our own quote}",
                  "{value: 7000, kind: published, source: tki_2012}")
])  # fmt: skip
def test_what_the_model_knows_need_not_be_said(tmp_path: Path, entry: str) -> None:
    made = costeff.load(scenario(tmp_path, f"set:\n  programme_cost: {entry}")).evidence.parameters[
        "programme_cost"
    ]
    assert (made.value, made.unit, made.price_year) == (7000, "DKK per individual", 2024)
    assert made.fixed == ("interval" not in entry)


@fault(
    kind="a mapping under `set` is refused one missing key at a time",
    given="programme_cost: {distribution: gamma, kind: published}",
    right="one refusal that names value, interval and source",
)
def test_everything_missing_is_named_at_once(tmp_path: Path) -> None:
    path = scenario(tmp_path, "set:\n  programme_cost: {distribution: gamma, kind: published}")
    with pytest.raises(CosteffError, match=r"line 4.*value, interval \(or se, or shape\), source missing"):
        costeff.load(path)


@fault(
    kind="an amount under `set` is read at another price year than the analysis",
    given="`set: {programme_cost: 6000}` in a scenario in 2024 prices", right="6,000 in 2024 prices",
)  # fmt: skip
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
    moved = costeff.load(scenario(tmp_path, f"set:\n  programme_cost: {entry}")).evidence.base()[
        "programme_cost"
    ]
    assert moved == pytest.approx(costeff.load("tki2").evidence.base()["programme_cost"])


@fault(
    kind="a source named in a scenario means something else in the parameter file",
    given="sources: {nielsen_2015: {title: A report of our own, ...}}", right="refused: the key is taken",
)  # fmt: skip
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
