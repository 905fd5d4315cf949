"""Anchored in the example of docs/model_language.md: every declaration and figure of it stands in the description."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from costeff import load
from costeff.errors import ScenarioError
from costeff.evidence import Evidence, read_evidence
from costeff.model import Model, describe, describe_html, parameter_names, pricing_names, read_model, simulation_names
from costeff.model.describe_words import Words
from costeff.model.names import uses
from costeff.reporting.differences import difference_lines

FOLDER = Path(__file__).parents[1] / "data" / "models"


@pytest.fixture(scope="module")
def model() -> Model:
    return read_model(FOLDER / "example.yaml")


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return read_evidence(FOLDER / "example_parameters.yaml")


def flat(text: str) -> str:
    """The text with its line breaks undone."""
    return " ".join(text.split())


GOLDEN = [
    "Cycle: week, 52 per year; horizon 260 cycles (5 years)",
    "Discounting: by whole years; costs at discount_rate, effects at discount_rate, per year",
    "Money: DKK, prices of 2024, factor prices",
    "dead: Dead; not alive; no exits",
    "diagnosis: heart p_heart, cancer p_cancer, other rest",
    "age [years] = min(max(mean_age + sd_age * z, 18), 66)",
    "public_support: starts at spell_weeks, advances in sick and stands still elsewhere; back to 0 once 52 cycles "
    "were spent in work within the last 156, counting only cycles after the latest placement; banked_weeks such "
    "cycles were earned before the start and ended spell_weeks cycles before it",
    "absence: starts at spell_weeks, advances in every state; back to 0 on leaving work",
    "-> work: hazard per cycle piecewise(t, [13, 52], [h_work_1, h_work_2, h_work_3]); on clock absence; times the "
    "individual's where(diagnosis == cancer, hr_cancer, 1); leg return_to_work tki2: hazard times hr in cycles 0-25, "
    "hr_waned in cycles 26-51, 1 from cycle 52 on (cycles since the start)",
    "on clock age; by sex; one lifelong number 'death' per individual, first within the cycle",
    "-> retired: for certain when clock age reaches floor(retirement_age * cycles_per_year) (no multiplier",
    "usual_care: Usual care; comparator; no effect on any hazard",
    "ladder: 1-4, 5-26, 27-52, 53+ cycles on clock public_support",
    "resources: resources; outside society",
    "sickness_benefit (Sickness benefit): msb -> citizen; per cycle in sick: sickness_benefit_week",
    "state -> msb; the amounts of sickness_benefit; share by ladder: 0.8, 0.4, 0.3, 0.2",
    "per event of relapse: listing_cost",
    "once at the start: programme_cost * mso_share; share 1; only under tki2; real effect 'programme'; the "
    "programme's own cost",
    "may be negative; needs simulation",
    "only in perspective societal_friction",
    "societal (societal): mso, msb, state, employer, citizen",
    "times net_tax_factor",
    "the first of 4 consecutive cycles in work",
    "+ direct_gain per cycle in sick; only under tki2; within 52 cycles",
    "share whose return_to_work began within 52 cycles",
    "mean time to return_to_work, restricted to 52 cycles",
    "Flows marked so: displaced",
]


@pytest.mark.parametrize("piece", GOLDEN)
def test_golden_pieces(piece: str, model: Model) -> None:
    assert piece in flat(describe(model))


def test_every_formula_and_element_is_printed(model: Model) -> None:
    text = flat(describe(model))
    for use in uses(model):
        assert use.expression.text in text, use.what
    elements = ("states", "attributes", "clocks", "strategies", "bands", "parties", "perspectives", "effects")
    for name in [e.name for section in elements for e in getattr(model, section)]:
        assert name in text
    for flow in model.flows:
        assert f"{flow.item} ({flow.label.en}): {flow.payer} -> {flow.recipient}" in text


def test_every_parameter_with_interval_kind_and_source(model: Model, evidence: Evidence) -> None:
    text = flat(describe(model, evidence))
    assert "hr: median 1.2; ratio; 0.8 to 1.8; derived; Made up for a test" in text
    assert "wage_mean: 8,000; DKK per week, 2024; fixed; assumption" in text
    for name in parameter_names(model):
        assert f" {name}: " in text


def test_assumptions_stand_apart(model: Model, evidence: Evidence) -> None:
    text = describe(model, evidence)
    part = text[text.index("Assumptions, each") : text.index("\nTables\n")]
    listed = {line.split(":")[0] for line in part.splitlines()[2:] if line and not line.startswith(" ")}
    assumed = {p.name for p in evidence.parameters.values() if p.kind == "assumption"} | {"mortality"}
    assert listed == assumed
    assert "hr_relapse: median 1; ratio; 0.5 to 2; centred on 1" in flat(part)


def test_what_needs_a_new_simulation(model: Model) -> None:
    text = flat(describe(model))
    assert f"Re-priced without a new simulation: {', '.join(sorted(pricing_names(model)))} Needs" in text
    assert f"Needs a new simulation: {', '.join(sorted(simulation_names(model)))} Every" in text


@pytest.mark.parametrize("language", ["en", "da"])
def test_width(language: str, model: Model, evidence: Evidence) -> None:
    lines = describe(model, evidence, language).splitlines()
    assert max(map(len, lines)) <= 110
    assert len(lines) > 150


def test_danish(model: Model, evidence: Evidence) -> None:
    text = flat(describe(model, evidence, "da"))
    for piece in ("Eksempel", "Ure, i cykler", "sick: Sygedagpenge", "8.000", "0,8 til 1,8", "antagelse"):
        assert piece in text
    for english in ("Clocks", "hazard per cycle", "assumption", "Needs a new"):
        assert english not in text


def test_unknown_language(model: Model) -> None:
    for write in (describe, describe_html):
        with pytest.raises(ScenarioError, match="unknown language"):
            write(model, None, "no")


def test_numbers_are_grouped() -> None:
    assert Words("en").number(1234567.0) == "1,234,567"


class Tags(HTMLParser):
    """Text by tag, and whether tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_well_formed_and_says_the_same(model: Model, evidence: Evidence) -> None:
    page = Tags()
    page.feed(describe_html(model, evidence))
    assert page.open == []
    assert "times hr in cycles 0-25" in page.text
    assert "median 1.2" in page.text
    for use in uses(model):
        assert use.expression.text in page.text


def test_html_escapes(tmp_path: Path) -> None:
    text = (FOLDER / "example.yaml").read_text(encoding="utf-8")
    path = tmp_path / "m.yaml"
    path.write_text(text.replace("da: Eksempel", 'da: "<script>"').replace("en: Work", 'en: "<b>"'), encoding="utf-8")
    for language, piece in (("da", "&lt;script&gt;"), ("en", "&lt;b&gt;")):
        page = describe_html(read_model(path), None, language)
        assert piece in page
        assert "<script>" not in page
        assert "<b>" not in page


def test_a_median_and_a_probability_exit(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    text = (FOLDER / "example.yaml").read_text(encoding="utf-8")
    text = text.replace("hazard: h_relapse", "probability: h_relapse").replace(
        "legs: [relapse], ratio: hr_relapse", "legs: [relapse], ratio: hr_relapse, scale: probability"
    )
    path.write_text(text, encoding="utf-8")
    found = flat(describe(read_model(path)))
    assert "-> sick (relapse): probability per cycle h_relapse; on clock time_in_state" in found
    assert "tki2: probability times hr_relapse" in found


def test_a_note_is_told_in_the_readers_language() -> None:
    """Notes of a scenario's own figures and of assumptions, as they are written in the files."""
    study = load("haderslev")
    danish, english = (describe(study.model, study.evidence, language) for language in ("da", "en"))
    flat_danish, flat_english = (" ".join(text.split()) for text in (danish, english))
    assert "satsen i 2024-26 i forhold til 2016: en antagelse" in flat_danish
    assert "an assumption, required" not in flat_danish
    assert "rate of 2024-26 over that of 2016: an assumption" in flat_english
    lines = difference_lines(study.evidence.differences(), {}, "da")
    assert any("satsen i 2024-26" in line for line in lines)
