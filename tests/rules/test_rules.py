"""Anchored in the published rates of 2023-2026 and in the calendar: what is in force on a date, and what is refused."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from costeff import Study, load
from costeff.bundled import available
from costeff.compile.calendar import reformed
from costeff.compile.discount import discount_factors
from costeff.errors import CosteffError
from costeff.rules import RuleSet, load_rules

DAY = dt.date
ONE = {"sickness_benefit_max": np.ones(1)}
CUTS = tuple(DAY(year, 1, 1) for year in (2027, 2028, 2029, 2030))
HEAD = "rules: mine\ntitle: Mine\nknown_to: 2026\nheld_to: {value: 2030, kind: assumption}\n"


@cache
def study() -> Study:
    return load("tki2")


@cache
def rules(name: str = "denmark") -> RuleSet:
    return load_rules(name, study().model, study().evidence)


def read(tmp_path: Path, text: str) -> RuleSet:
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return load_rules(file, study().model, study().evidence)


def refused(tmp_path: Path, text: str, line: int, *words: str) -> None:
    with pytest.raises(CosteffError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    for word in ("mine.yaml", f"line {line}", "Rule: ", "Way out: ", *words):
        assert word in message, message


def test_every_shipped_set_reads_and_covers_2023_to_2045() -> None:
    assert available("rules") == ("denmark", "denmark_new", "denmark_reform", "haderslev", "norway")
    for name in available("rules")[:3]:  # others are of other models: test_norway.py, test_haderslev.py
        rules(name).check(DAY(2023, 1, 1), DAY(2045, 12, 31))
        assert rules(name).title["en"] != rules(name).title["da"]


@pytest.mark.parametrize(
    ("year", "sickness", "unemployment"),
    [(2023, 4550, 19728), (2024, 4695, 20359), (2025, 4865, 21092), (2026, 5085, 22041)],
)
def test_published_rates(year: int, sickness: float, unemployment: float) -> None:
    """As stated in their own year's prices; the index is the maximum unemployment benefit, so that one is level."""
    block = rules().on(DAY(year, 7, 1))
    assert block.set["sickness_benefit_max"].value == sickness
    assert block.set["unemployment_benefit_max"].value == unemployment
    moved = rules().values(DAY(year, 7, 1), ONE)
    assert moved["unemployment_benefit_max"] == pytest.approx(20359)
    assert moved["sickness_benefit_max"] == pytest.approx(sickness * 20359 / unemployment)


def test_2024_is_the_parameter_file() -> None:
    moved = rules().values(DAY(2024, 6, 1), ONE)
    base = study().evidence.base()
    assert {name for name, value in moved.items() if value[0] != base[name]} == set()


def test_later_years_hold_the_last_rate_at_the_price_level() -> None:
    last, later = rules().values(DAY(2030, 12, 31), ONE), rules().values(DAY(2041, 3, 1), ONE)
    assert {n: v.tolist() for n, v in last.items()} == {n: v.tolist() for n, v in later.items()}


@pytest.mark.parametrize("years", [1, 2, 3, 4])
def test_benefits_fall_behind_wages_until_2030(years: int) -> None:
    """0.3 points a year of those of working age, saved up instead; half of a cut of 0.45 points in 2026 or 2027."""
    first, later = rules().on(DAY(2026, 7, 1)).set, rules().on(DAY(2026 + years, 7, 1)).set
    for name in set(rules().yearly) - {"obligatory_pension"}:
        saved_up = 0.0 if name.startswith("old_age") else 0.003 * years
        assert later[name].value == round(first[name].value * (1 - 0.00225 - saved_up)), name
        assert later[name].kind == "assumption"
    assert later["obligatory_pension"].value == pytest.approx(0.021 + 0.003 * years)


def test_price_level_is_the_models() -> None:
    later = load("rates_2026")
    moved = load_rules("denmark", later.model, later.evidence)
    assert moved.price_year == 2026
    assert moved.values(DAY(2026, 1, 1), ONE)["sickness_benefit_max"].tolist() == [5085]


def test_other_parameters_stay_as_drawn() -> None:
    draws = {"casework_overhead": np.array([1.1, 1.4]), "municipal_tax": np.array([0.3, 0.3])}
    found = rules().values(DAY(2024, 1, 1), draws)
    assert found["casework_overhead"].tolist() == [1.1, 1.4]
    assert found["municipal_tax"].tolist() == [0.2452, 0.2452]
    assert all(v.shape == (2,) for v in found.values())


def test_across_the_reform() -> None:
    across = rules("denmark_reform")
    dates = across.dates(DAY(2025, 12, 31), DAY(2036, 1, 1))
    assert dates == (DAY(2026, 1, 1), DAY(2026, 2, 1), DAY(2026, 7, 1), *CUTS)
    for day, share, level in ((DAY(2026, 6, 30), None, None), (DAY(2026, 7, 1), 0.6, None), (DAY(2027, 1, 1), 0.6, 1)):
        found = across.values(day, ONE)
        assert [found.get(n, [None])[0] for n in ("follow_up_share", "job_clarification_level")] == [share, level]
    kinds = {
        p.name: p.kind for start, p in across.parameters() if start >= DAY(2026, 2, 1) and p.name not in across.yearly
    }
    assert kinds == {
        "ratio_resource_course_entry": "assumption",
        "follow_up_share": "assumption",
        "ratio_full_to_work": "assumption",
        "job_clarification_level": "assumption",
    }


@pytest.mark.parametrize(
    ("entry", "cycles"),
    [(DAY(2024, 1, 1), [108, 130]), (DAY(2026, 1, 1), [4, 26]), (DAY(2026, 4, 1), [0, 13]), (DAY(2028, 1, 1), [0, 0])],
)
def test_reforms_by_entry(entry: dt.date, cycles: list[int]) -> None:
    across = rules("denmark_reform")
    assert [r.cycle for r in across.reforms(entry)] == cycles
    assert [r.cycle for r in rules("denmark_new").reforms(entry)] == [0, 0]
    assert rules("denmark").reforms(entry) == ()
    first, second = across.reforms(entry)
    assert first.legs == {"resource_course_entry": 0.0}
    assert first.closed == {"resource_course": "job_clarification"}
    assert list(across.reform_draws(1)) == list(second.legs.values())


def test_one_parameter_has_one_luck() -> None:
    """The seed and name give the number, as in the parameter file: the same draw in every block and every call."""
    across = rules("denmark_reform")
    five = {"sickness_benefit_max": np.ones(5)}
    a, b = (across.values(day, five, seed=7)["follow_up_share"] for day in (DAY(2026, 8, 1), DAY(2030, 1, 1)))
    assert a.tolist() == b.tolist()
    assert len(set(a)) == 5
    assert across.reform_draws(5, 7)["ratio_full_to_work_20260701"].std() > 0


def test_after_the_reform_throughout() -> None:
    new = rules("denmark_new")
    early = new.values(DAY(2023, 1, 1), ONE)
    assert early["follow_up_share"].tolist() == [0.6]  # the rule of 2027 ...
    assert early["sickness_benefit_max"] == pytest.approx(4550 * 20359 / 19728)  # ... and the rate of 2023
    assert new.dates(DAY(2023, 1, 1), DAY(2030, 1, 1)) == (*(DAY(year, 1, 1) for year in (2024, 2025, 2026)), *CUTS)


def test_nobody_enters_the_resource_course_after_the_reform() -> None:
    """A simulation across: with old rules some are there at the end of year 3, with new rules nobody at any time."""
    from costeff.simulation.simulate import simulate

    s = study()
    draws = {name: np.array([v]) for name, v in s.evidence.base().items()}

    def weeks(name: str) -> np.ndarray:
        model = s.model.with_horizon(260)
        chosen = rules(name)
        for reform in chosen.reforms(DAY(2026, 1, 1)):
            model = reformed(model, reform.legs, reform.cycle, reform.closed)
        done = simulate(
            model, draws | chosen.reform_draws(1), s.tables, individuals=400, seed=1, threads=1, period_cycles=13
        )
        cells = done.layout.cells(done.layout.tally(None), "resource_course")
        assert done.quantities.time.shape[4:] == (20, 1)
        return np.asarray(done.quantities.time[0, 0, :, cells, :, 0].sum(axis=(0, 1)))

    assert weeks("denmark")[12:].sum() > 0
    assert weeks("denmark_new").sum() == 0
    across = weeks("denmark_reform")
    assert across[1:].sum() <= across[0] * 12 * 3  # only who was there in the first four weeks, for 3 years at most


def test_discount_schedule() -> None:
    (_, rate), *later = rules().discount
    factor = discount_factors("whole_year", rate, 80, 1, later)
    assert factor[36] == pytest.approx(0.292660, abs=5e-7)  # the guideline's check: chained
    assert (np.diff(factor) < 0).all()


def test_every_municipal_benefit_is_covered_once() -> None:
    """Coverage names each transfer between the municipality and the state or citizens on benefits, once."""
    named = [item for b in rules().benefits.values() for item in b.items]
    assert len(named) == len(set(named))
    paid = {
        f.item
        for f in study().model.flows
        if "msb" in (f.payer, f.recipient) and {f.payer, f.recipient} & {"state", "citizen", "employer"}
    }
    assert paid <= set(named)


def test_the_file_in_the_documentation_reads(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    mine = read(tmp_path, page.split("```yaml\n")[1].split("```")[0])
    assert mine.as_on == DAY(2027, 1, 1)
    assert mine.on(DAY(2026, 7, 1)).set["follow_up_share"].value == 0.6
    assert mine.coverage(2)["unemployment"].tolist() == [0.9, 0.9]


AT, PLAIN = "blocks:\n  - from: 2024-01-01\n", "blocks:\n  - {from: 2024-01-01}\n"
ASSUMED = "kind: assumption}"
SHARE = f"{{value: 0.5, unit: share, {ASSUMED}"

SETTINGS = [
    (f"follow_up_shar: {SHARE}", ("unknown parameter", "did you mean 'follow_up_share'")),
    ("follow_up_share: {value: 0.5, unit: share}", ("lacks `kind`",)),
    ("follow_up_share: {value: 0.5, unit: share, kind: published}", ("no source",)),
    ("follow_up_share: {value: 0.5, unit: share, kind: published, source: nobody}", ("unknown source",)),
    (f"follow_up_share: {{value: 1.5, unit: share, {ASSUMED}", ("outside its unit",)),
    (f"follow_up_share: {{value: 0.5, unit: ratio, {ASSUMED}", ("the model reads it in",)),
    (f"pension_single: {{value: 20000, unit: DKK per month, {ASSUMED}", ("price year",)),
    (
        f"wage_month: {{value: 40000, unit: DKK per month, price_year: 2024, {ASSUMED}",
        ("read by the simulation", "legs"),
    ),
]
LADDER = f"weeks:\n  - {{band: ladder, edges: [4, 26, 50], {ASSUMED}\n"
LOOK_BACK = f"weeks:\n  - {{clock: public_support, after: 26, within: 156, {ASSUMED}\n"
COVERED = f"benefits:\n  x: {{items: [nothing], funding: state, covered: {SHARE}}}\n"
FILES = [
    (HEAD + "blocks:\n  - {from: 2024-01-01}\n  - {from: 2023-01-01}\n", 7, ("out of order",)),
    (HEAD + "blocks:\n  - {from: 2024-13-01}\n", 6, ("not a date",)),
    (HEAD + AT + f"    legs:\n      full_to_wrk: {{value: 1, unit: ratio, {ASSUMED}\n", 8, ("full_to_work",)),
    (HEAD + AT + f"    closed:\n      resource_course: {{to: nowhere, {ASSUMED}\n", 8, ("unknown state",)),
    (HEAD + LADDER + PLAIN, 6, ("week limits differ", "4, 26, 52")),
    (HEAD + LOOK_BACK + PLAIN, 6, ("week limits differ", "52, 156")),
    (HEAD + f"discount: {{bands: [{{after: 35, rate: 0.02}}], {ASSUMED}\n" + PLAIN, 5, ("out of order",)),
    (HEAD + "yearly: [pension_single]\n" + PLAIN, 5, ("set in no block",)),
    (HEAD + COVERED + PLAIN, 6, ("unknown item",)),
    (HEAD + "block: []\n" + PLAIN, 5, ("unknown key 'block'", "did you mean 'blocks'")),
    (HEAD, 1, ("blocks",)),
    ("rules: mine\nknown_to: 2026\n" + PLAIN, 1, ("lacks `held_to`",)),
    ("rules: mine\nbase: ./mine.yaml\n", 2, ("circle",)),
]


@pytest.mark.parametrize(("setting", "words"), SETTINGS)
def test_setting_refused(tmp_path: Path, setting: str, words: tuple[str, ...]) -> None:
    refused(tmp_path, f"{HEAD}{AT}    set:\n      {setting}\n", 8, *words)


@pytest.mark.parametrize(("text", "line", "words"), FILES)
def test_refused(tmp_path: Path, text: str, line: int, words: tuple[str, ...]) -> None:
    refused(tmp_path, text, line, *words)


def test_a_year_without_its_rate_is_refused(tmp_path: Path) -> None:
    own = "{value: 20000, unit: DKK per month, price_year: 2024, kind: assumption}"
    text = (
        HEAD
        + f"yearly: [pension_single]\nblocks:\n  - {{from: 2024-01-01, set: {{pension_single: {own}}}}}\n"
        + f"  - {{from: 2025-01-01}}\n  - {{from: 2026-01-01, set: {{pension_single: {own}}}}}\n"
    )
    mine = read(tmp_path, text)
    assert mine.on(DAY(2024, 5, 1)).set["pension_single"].value == 20000
    with pytest.raises(CosteffError, match=r"(?s)mine.yaml, line 8: .*'pension_single' for 2025.*Way out") as caught:
        mine.values(DAY(2025, 5, 1), ONE)
    assert "2025-01-01" in str(caught.value)
    with pytest.raises(CosteffError, match=r"line 8: .*for 2025"):
        mine.check(DAY(2024, 1, 1), DAY(2030, 12, 31))
    with pytest.raises(CosteffError, match=r"(?s)holds nothing for 2023-12-31.*earlier `from`"):
        mine.on(DAY(2023, 12, 31))
    with pytest.raises(CosteffError, match=r"(?s)line 4: .*holds nothing for 2031.*raise `held_to`"):
        mine.on(DAY(2031, 1, 1))


def test_a_set_upon_another(tmp_path: Path) -> None:
    more = read(
        tmp_path,
        "rules: mine\nbase: denmark\nblocks:\n  - from: 2025-01-01\n    set: {municipal_tax: "
        "{value: 0.25, unit: share, kind: assumption}}\n  - from: 2026-04-01\n    set: {municipal_tax: "
        "{value: 0.26, unit: share, kind: assumption}}\n",
    )
    days = (DAY(2024, 1, 1), DAY(2025, 1, 1), DAY(2026, 3, 31), DAY(2026, 4, 1))
    assert [more.on(d).set["municipal_tax"].value for d in days] == [0.2452, 0.25, 0.25, 0.26]
    assert more.on(DAY(2025, 1, 1)).set["sickness_benefit_max"].value == 4865  # the base's block of that day stays
    more.check(DAY(2023, 1, 1), DAY(2040, 1, 1))
