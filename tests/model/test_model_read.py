"""Anchored in docs/model_language.md: the whole example read section by section, and every error with its line."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff.errors import CosteffError, FormulaError, ModelError, Place, ScenarioError
from costeff.labels import Label
from costeff.model import (
    Attribute,
    Clock,
    Conventions,
    Effect,
    Expression,
    Flow,
    LookBack,
    Model,
    OnLeaving,
    Share,
    State,
    Strategy,
    Term,
    Transition,
    parameter_file,
    read_model,
)

EXAMPLE = Path(__file__).parents[1] / "data" / "models" / "example.yaml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
E = Expression
Broken = Callable[..., tuple[CosteffError, int]]


@pytest.fixture(scope="module")
def model() -> Model:
    return read_model(EXAMPLE)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Broken:
    """Replaces one passage of the example; gives the error and the line on which the new text begins."""
    path = tmp_path_factory.mktemp("models") / "broken.yaml"

    def read(old: str, new: str) -> tuple[CosteffError, int]:
        assert TEXT.count(old) == 1, f"{old!r} occurs {TEXT.count(old)} times"
        path.write_text(TEXT.replace(old, new), encoding="utf-8")
        with pytest.raises(CosteffError) as caught:
            read_model(path)
        return caught.value, TEXT[: TEXT.index(old)].count("\n") + 1

    return read


def plain(thing: Any) -> Any:
    """An element as nested dicts without places, so that files and Python can be compared."""
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        fields = {f.name: plain(getattr(thing, f.name)) for f in dataclasses.fields(thing) if f.name != "place"}
        return {"class": type(thing).__name__, **fields}
    if isinstance(thing, tuple | list):
        return [plain(part) for part in thing]
    if isinstance(thing, dict):
        return {key: plain(value) for key, value in thing.items()}
    return thing


# -- every section, as declared ----


def test_head_and_conventions(model: Model) -> None:
    assert (model.name, model.title, model.file) == ("example", Label("Example", "Eksempel"), str(EXAMPLE))
    assert plain(model.conventions) == plain(
        Conventions(
            cycle="week",
            cycles_per_year=52,
            horizon=260,
            within_cycle="none",
            discounting="whole_year",
            discount_rate_cost=E("discount_rate"),
            discount_rate_effect=E("discount_rate"),
            currency="DKK",
            price_year=2024,
            price_basis=Label("factor prices", "faktorpriser", nb="faktorpriser"),
            entry_date="2024-01-01",
            beyond_table="constant",
        )
    )


def test_states_and_population(model: Model) -> None:
    assert model.state_names == ("sick", "work", "retired", "dead")
    assert plain(model.states[3]) == plain(State("dead", Label("Dead", "Død"), alive=False))
    assert plain(model.definitions) == {"hr_waned": E("hr ** 0.5")}
    first = Attribute(
        "diagnosis",
        categories={"heart": E("p_heart"), "cancer": E("p_cancer"), "other": E("rest")},
        labels={"heart": Label("Heart disease", "Hjertesygdom")},
    )
    assert plain(model.attributes[0]) == plain(first)
    age = Attribute("age", value=E("min(max(mean_age + sd_age * z, 18), 66)"), unit="years")
    assert plain(model.attributes[2]) == plain(age)
    assert model.start == "start_state"
    assert model.categories == {"heart": 0, "cancer": 1, "other": 2, "women": 0, "men": 1, "sick": 0, "work": 1}


def test_clocks(model: Model) -> None:
    back = LookBack(52, 156, ("work",), E("banked_weeks"), E("spell_weeks"))
    assert plain(model.clocks) == plain(
        (
            Clock("age", E("floor(age * cycles_per_year)")),
            Clock("calendar", E(0)),
            Clock("public_support", E("spell_weeks"), ("sick",), back),
            Clock("absence", E("spell_weeks"), None, OnLeaving(("work",))),
        )
    )


def test_exits_are_expanded_and_named(model: Model) -> None:
    assert [(t.name, t.leg) for t in model.transitions] == [
        ("sick -> work", "return_to_work"),
        ("relapse", "relapse"),
        ("sick -> dead", "sick -> dead"),
        ("work -> dead", "work -> dead"),
    ]
    death = Transition(
        name="work -> dead",
        source="work",
        target="dead",
        clock="age",
        hazard=E("lookup(mortality, t / cycles_per_year, sex) / cycles_per_year"),
        strata=("sex",),
        leg="work -> dead",
        lifelong="death",
    )
    assert plain(model.transitions[3]) == plain(death)
    assert [(d.name, d.source, d.clock) for d in model.deadlines] == [
        ("sick -> retired", "sick", "age"),
        ("work -> retired", "work", "age"),
    ]


def test_strategies_and_effects_on_hazards(model: Model) -> None:
    assert model.windows == (26, 52)
    assert plain(model.strategies[1]) == plain(Strategy("tki2", Label("TKI2", "TKI2")))
    assert model.comparator == "usual_care"
    assert model.strategy_effects[0].ratio == (E("hr"), E("hr_waned"), E("1"))
    assert model.strategy_effects[1].ratio == (E("hr_relapse"),)


def test_flows(model: Model) -> None:
    flows = {flow.item: flow for flow in model.flows}
    refund = Flow(
        "sickness_benefit_refund",
        "state",
        "msb",
        Label(*["sickness benefit refund"] * 2),
        of="sickness_benefit",
        shares=(Share((E(0.8), E(0.4), E(0.3), E(0.2)), ("ladder",)),),
    )
    assert plain(flows["sickness_benefit_refund"]) == plain(refund)
    assert flows["case_work"].amounts == {"sick": E("case_work_week"), "work": E("0")}
    crossed = flows["case_work"].shares[0]
    assert crossed.bands == ("ladder", "absence")
    assert [e.text for e in crossed.values] == ["1", "1", "1", "0.5", "1", "0.5", "1", "0.5"]
    assert (flows["listing"].per, flows["listing"].transitions) == ("event", ("relapse",))
    assert flows["programme_mso"].amounts == {"": E("programme_cost * mso_share")}
    marked = flows["displaced"]
    assert marked.negative
    assert marked.programme
    assert marked.needs_simulation
    assert marked.strategies == ("tki2",)
    assert flows["wage"].weight == "wage"
    assert flows["friction_loss"].only_in == ("societal_friction",)


def test_bands_parties_and_perspectives(model: Model) -> None:
    assert model.bands[0].labels == ("1-4", "5-26", "27-52", "53+")
    assert [p.name for p in model.parties if p.outside] == ["resources", "production"]
    views = {view.name: view for view in model.perspectives}
    assert views["societal"].parties == ("mso", "msb", "state", "employer", "citizen")
    assert views["benefits"].items == ("sickness_benefit", "sickness_benefit_refund")
    assert views["societal_friction"].exclude_items == ("production",)
    assert views["societal_market"].factor == E("net_tax_factor")


def test_passages_and_effects(model: Model) -> None:
    assert (model.passages[0].states, model.passages[0].stay) == (("work",), 4)
    terms = (
        Term(("sick", "work"), E(1), "utility"),
        Term(("work",), E("utility_gain_work"), adds=True),
        Term(("sick",), E("direct_gain"), strategies=("tki2",), within=52, adds=True),
    )
    qaly = Effect(
        "qaly",
        Label("QALY", "QALY"),
        "QALY",
        "more",
        terms,
        discount=True,
        factor=E("1 / cycles_per_year"),
        without=("retired",),
    )
    assert plain(model.effects[0]) == plain(qaly)
    assert [(e.name, e.events, e.within, e.mean_within) for e in model.effects[2:]] == [
        ("repeated_sick_listings", ("relapse",), None, None),
        ("returned_to_work", (), 52, None),
        ("weeks_to_return", (), None, 52),
    ]


def test_every_element_and_formula_has_its_line(model: Model) -> None:
    lines = TEXT.splitlines()
    sections = ("states", "attributes", "clocks", "strategies", "bands", "parties", "perspectives", "passages")
    for element in [e for section in (*sections, "effects") for e in getattr(model, section)]:
        assert element.place.file == str(EXAMPLE)
        assert lines[element.place.line - 1].strip().startswith(f"{element.name}:")
    for flow in model.flows:
        assert flow.place is not None
        assert flow.place.line is not None
        assert lines[flow.place.line - 1].strip().startswith("- {item: " + flow.item)
    place = model.transitions[0].multiplier.place  # type: ignore[union-attr]
    assert place is not None
    assert place.line is not None
    assert "multiplier:" in lines[place.line - 1]
    place = model.flows[4].amounts["sick"].place
    assert place is not None
    assert place.line is not None
    assert "{sick: case_work_week" in lines[place.line - 1]


def test_a_list_of_sources_with_a_name(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(TEXT.replace("clock: age, strata", "name: death, clock: age, strata"), encoding="utf-8")
    names = [(t.name, t.leg) for t in read_model(path).transitions[2:]]
    assert names == [("death [sick]", "death"), ("death [work]", "death")]


def test_default_names_are_made_unique(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    twice = "deadlines:\n  - {from: sick, to: work, clock: time_in_state, at: 52}\n"
    path.write_text(TEXT.replace("deadlines:\n", twice, 1), encoding="utf-8")
    model = read_model(path)
    assert model.transitions[0].name == "sick -> work"
    assert model.deadlines[0].name == "sick -> work (2)"


def test_parameter_file_is_beside_the_model(model: Model) -> None:
    assert parameter_file(model) == EXAMPLE.parent / "example_parameters.yaml"


def test_the_same_model_in_python(tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text(
        "model: two\nparameters: none\nstart: start\n"
        "conventions: {cycle: year, horizon: 3 cycles, discount_rate_cost: 0.03, discount_rate_effect: 0,\n"
        "              currency: DKK, price_year: 2024}\n"
        "states: {well: , ill: {label: Ill}}\npopulation: {start: {categories: {well: rest}}}\n"
        "transitions: [{from: well, to: ill, probability: p}]\nstrategies: {only: }\n",
        encoding="utf-8",
    )
    here = Model(
        name="two",
        title=Label("two", "two"),
        conventions=Conventions("year", 1, 3, "none", "whole_year", E(0.03), E(0), "DKK", 2024),
        states=(State("well", Label("well", "well")), State("ill", Label("Ill", "Ill"))),
        attributes=(Attribute("start", categories={"well": E("rest")}),),
        start="start",
        clocks=(),
        transitions=(Transition("well -> ill", "well", "ill", probability=E("p"), leg="well -> ill"),),
        strategies=(Strategy("only", Label("only", "only")),),
        parameters="none",
        file=str(path),
    )
    assert plain(read_model(path)) == plain(here)


# -- what is refused, with its line ----

TYPES = {
    "unknown key at the top": ("windows: [26, 52]", "window: [26, 52]", ["unknown key 'window'", "'windows'"]),
    "unknown key in a state": ("alive: false", "alife: false", ["unknown key 'alife' in state 'dead'", "'alive'"]),
    "duplicate key": ("  calendar: {initial: 0}", "  age: {initial: 0}", ["duplicate key", "age", "keep one"]),
    "broken YAML": ("windows: [26, 52]", "windows: [26, 52", ["not valid YAML", "brackets"]),
    "broken indentation": ("  cycle: week", " cycle: week", ["not valid YAML"]),
    "two documents": ("windows: [26, 52]", "---\nwindows: [26, 52]", ["not valid YAML"]),
    "a mapping as a key": ("windows: [26, 52]", "{a: 1}: [26, 52]", ["a key is not a text"]),
    "an alias that holds itself": ("windows: [26, 52]", "windows: &w [*w]", ["list of whole numbers"]),
    "a mapping that holds itself": ("label: TKI2", "label: &w {en: *w}", ["lacks `en`"]),
    "a tag": ("windows: [26, 52]", "windows: !!python/object/apply:os.system [1]", ["a YAML tag"]),
    "a missing key": ("  currency: DKK\n", "", ["lacks `currency`"]),
    "a text for a number": ("price_year: 2024", "price_year: last", ["not a whole number", "last"]),
    "a bool for a number": ("price_year: 2024", "price_year: true", ["not a whole number"]),
    "a number for a text": ("currency: DKK", "currency: 5", ["not a text", "5"]),
    "a number for a bool": ("alive: false", "alive: 0", ["not true or false"]),
    "an unknown choice": ("within_cycle: none", "within_cycle: non", ["one of none, half_cycle", "'none'"]),
    "a span without unit": ("horizon: 5 years", "horizon: 5", ["span of time", "`5 years`"]),
    "a span of no whole cycles": ("horizon: 5 years", "horizon: 0.01 years", ["whole number of cycles"]),
    "not a date": ("2024-01-01", "2024-13-01", ["not a date", "2024-13-01"]),
    "a mapping for a list": ("windows: [26, 52]", "windows: {a: 1}", ["whole numbers"]),
    "a list for a mapping": ("  calendar: {initial: 0}", "  calendar: [0]", ["not a mapping"]),
    "a list for a formula": ("hr_waned: hr ** 0.5", "hr_waned: [hr]", ["not a formula"]),
    "a bool for a formula": ("hr_waned: hr ** 0.5", "hr_waned: true", ["not a formula"]),
    "an unquoted comma": ('"min(max(mean_age + sd_age * z, 18), 66)"', "min(mean_age, 66)", ["in quotes"]),
    "import in a formula": ("hr_waned: hr ** 0.5", "hr_waned: __import__('os')", ["unknown function '__import__'"]),
    "attribute in a formula": ("hr_waned: hr ** 0.5", "hr_waned: hr.real", ["an attribute (a dot", "hr.real"]),
    "a repeated name in a list": ("terms: [{states: [sick, work]", "terms: [{states: [sick, sick]", ["twice"]),
    "a share list without band": ("share: 1}", "share: [1, 2]}", ["without its band"]),
    "crossed shares of one depth": ("[[1, 1], [1, 0.5], [1, 0.5], [1, 0.5]]", "[1, 0.5]", ["another shape"]),
    "amount beside `of`": ("of: sickness_benefit,", "of: sickness_benefit, amount: 1,", ["beside `of`"]),
    "states per start": ("per: start,", "per: start, states: [sick],", ["states in a flow per start"]),
    "a name used twice": (
        "clock: absence,\n     multiplier",
        "name: relapse, clock: absence,\n     multiplier",
        ["two exits have this name"],
    ),
}
#: lines from the change to the line named, where they differ.
LATER = {
    ("windows: [26, 52]", "windows: [26, 52"): 2,  # the next text after an empty line
    ("  cycle: week", " cycle: week"): 1,
    ("  currency: DKK\n", ""): -8,  # where `conventions` begins
    ("clock: absence,\n     multiplier", "name: relapse, clock: absence,\n     multiplier"): 2,  # the second of them
}


@pytest.mark.parametrize(("old", "new", "pieces"), TYPES.values(), ids=TYPES.keys())
def test_refused_with_line(old: str, new: str, pieces: list[str], broken: Broken) -> None:
    error, line = broken(old, new)
    lines = [p.where.line for p in getattr(error, "problems", [error]) if isinstance(p.where, Place)]
    assert line + LATER.get((old, new), 0) in lines, str(error)
    for piece in pieces:
        assert piece in str(error)
    assert "Rule: " in str(error)
    assert "Way out: " in str(error)


def test_a_formula_error_names_the_file(broken: Broken) -> None:
    error, line = broken("hr_waned: hr ** 0.5", "hr_waned: hr.real")
    assert isinstance(error, FormulaError)
    assert str(error).splitlines()[0].startswith(f"{error.where}")
    assert f"broken.yaml, line {line}" in str(error)


def test_several_problems_in_one_message(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(TEXT.replace("alive: false", "alife: false").replace("stay: 4", "stay: x"), encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        read_model(path)
    assert len(caught.value.problems) == 2  # type: ignore[attr-defined]
    assert "2 problems" in str(caught.value)
    assert "'alife'" in str(caught.value)
    assert "`stay`" in str(caught.value)


@pytest.mark.parametrize("text", ["", "- 1\n", "just words\n", "[" * 5000])
def test_not_a_mapping(text: str, tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"mapping|valid YAML"):
        read_model(path)


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(b"model: \xff\n")
    with pytest.raises(ModelError, match="UTF-8"):
        read_model(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no such file"):
        read_model(tmp_path / "absent.yaml")


def test_a_tag_runs_nothing(tmp_path: Path) -> None:
    made = tmp_path / "made"
    path = tmp_path / "m.yaml"
    for evil in (f"!!python/object/apply:os.mkdir [{made}]", f"!!python/object/new:os.mkdir {{args: [{made}]}}"):
        path.write_text(TEXT.replace("DKK per week", evil), encoding="utf-8")
        with pytest.raises(ModelError, match="tag"):
            read_model(path)
    assert not made.exists()


PLACES = [
    "sick: {label: {",
    "calendar: {",
    "- {from: sick, ",
    "- {from: [sick, work], to: retired",
    "ladder: {",
    "mso: {",
    "- {item: wage, ",
    "municipal: {",
    "return_to_work: {states",
    "qaly: {",
    "terms: [{states: [sick, work]",
    "reset: {after",
    "tki2: {",
    "- {strategy: tki2, legs: [relapse]",
    'age: {value: "min',
    "share: {band: ",
]
KNOWN_KEYS = """
    model title parameters conventions states definitions population start clocks windows transitions deadlines
    strategies strategy_effects bands parties flows perspectives passages effects label alive initial advances_in
    reset name from to hazard probability clock multiplier strata leg lifelong at edges outside item per amount
    weight share of real programme negative only_in needs_simulation items exclude_items factor stay unit better
    discount terms events passage within mean_within after counted_in banked banked_until comparator strategy legs
    ratio scale categories value band values on_leaving en da null true false
"""
KNOWN = set(KNOWN_KEYS.split())


@settings(deadline=None, max_examples=20)
@given(place=st.sampled_from(PLACES), key=st.from_regex(r"[a-z][a-z_]{1,11}", fullmatch=True))
def test_any_unknown_key_is_refused_with_its_line(place: str, key: str, broken: Broken) -> None:
    if key in KNOWN:
        key += "_x"
    brace = place.index("{") if "label" not in place else place.rindex("{", 0, -1)
    error, line = broken(place, f"{place[: brace + 1]}{key}: 1, {place[brace + 1 :]}")
    found = getattr(error, "problems", [error])[0]
    assert f"unknown key '{key}'" in found.what
    assert found.where.line == line
    assert found.rule.startswith("keys here: ")


def test_reading_is_light() -> None:
    code = (
        "import sys; from costeff.model import read_model; "
        f"read_model({str(EXAMPLE)!r}); "
        "print({'scipy', 'pandas', 'numba', 'xarray', 'plotly'} & {n.split('.')[0] for n in sys.modules})"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=EXAMPLE.parents[3])
    assert ran.stdout.strip() == "set()", ran.stderr
