"""Anchored in docs/model_language.md, "Scenario files": what is read, and every error with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from costeff import bundled
from costeff.errors import ModelError, Place, ScenarioError
from costeff.labels import Label
from costeff.model import Scenario, Wtp, apply_options, model_file, read_model, read_scenario

FOLDER = Path(__file__).parents[1] / "data" / "models"
TEXT = """\
scenario: no_effect
title: {en: No effect, da: Ingen effekt}
model: ./example.yaml
parameters: ./example_parameters.yaml
set:
  hr: 1
  hr_relapse: {value: 1, unit: ratio, kind: assumption, interval: [0.9, 1.1]}
options: {horizon: 10 years, price_year: 2025, entry_date: 2024-07-01, engine: microsim}
run: {draws: 1000, individuals: 500, seed: 0, method: sobol}
wtp: {effect: qaly, range: [0, 1000000], at: 300000}
effect: qaly
"""


def write(folder: Path, text: str = TEXT) -> Path:
    path = folder / "s.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_key(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert read_scenario(path) == Scenario(
        name="no_effect",
        title=Label("No effect", "Ingen effekt"),
        model="./example.yaml",
        parameters="./example_parameters.yaml",
        set={"hr": 1, "hr_relapse": {"value": 1, "unit": "ratio", "kind": "assumption", "interval": [0.9, 1.1]}},
        options={"horizon": "10 years", "price_year": 2025, "entry_date": "2024-07-01", "engine": "microsim"},
        run={"draws": 1000, "individuals": 500, "seed": 0, "method": "sobol"},
        wtp=Wtp("qaly", (0.0, 1_000_000.0), 300_000.0),
        effect="qaly",
        file=str(path),
        places={"hr": Place(str(path), 6), "hr_relapse": Place(str(path), 7)},
    )


def test_set_is_plain_python(tmp_path: Path) -> None:
    found = read_scenario(write(tmp_path)).set["hr_relapse"]
    assert type(found) is dict
    assert type(found["interval"]) is list
    assert type(found["interval"][0]) is float


def test_the_least(tmp_path: Path) -> None:
    scenario = read_scenario(write(tmp_path, "scenario: base_case\nmodel: tki2\n"))
    assert scenario.title == Label("base case", "base case")
    assert (scenario.set, scenario.options, scenario.run, scenario.wtp, scenario.effect) == ({}, {}, {}, None, None)


def test_a_model_gives_its_default_scenario() -> None:
    scenario = read_scenario(FOLDER / "example.yaml")
    assert (scenario.name, scenario.model) == ("example", str(FOLDER / "example.yaml"))
    assert model_file(scenario) == FOLDER / "example.yaml"
    assert apply_options(read_model(model_file(scenario)), scenario) == read_model(FOLDER / "example.yaml")


def test_bundled_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("models", "scenarios"):
        (tmp_path / kind).mkdir()
    (tmp_path / "models" / "both.yaml").write_text("model: both\n", encoding="utf-8")
    (tmp_path / "models" / "alone.yaml").write_text("model: alone\n", encoding="utf-8")
    (tmp_path / "scenarios" / "both.yaml").write_text("scenario: both\nmodel: alone\n", encoding="utf-8")
    monkeypatch.setattr(bundled, "data_dir", lambda kind: tmp_path / kind)
    assert read_scenario("both").model == "alone"  # the scenario comes before the model of that name
    assert read_scenario("alone") == Scenario("alone", Label("alone", "alone"), "alone")
    assert model_file(read_scenario("both")) == tmp_path / "models" / "alone.yaml"
    with pytest.raises(ScenarioError, match="no shipped scenario or model") as caught:
        read_scenario("alnoe")
    assert "scenarios: both; models: alone, both" in str(caught.value)
    assert "'alone'?" in str(caught.value)


def test_a_model_path_is_beside_the_scenario(tmp_path: Path) -> None:
    scenario = read_scenario(write(tmp_path))
    with pytest.raises(ScenarioError, match="no such file"):
        model_file(scenario)
    (tmp_path / "example.yaml").write_text("model: example\n", encoding="utf-8")
    assert model_file(scenario) == tmp_path / "example.yaml"


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        ("run: {draws", "ran: {draws", "unknown key 'ran'"),
        ("draws: 1000", "drws: 1000", "unknown key 'drws' in `run`"),
        ("draws: 1000", "draws: 0", "too small"),
        ("individuals: 500", "individuals: -500", "too small"),  # a negative population
        ("individuals: 500", "individuals: 0.5", "not a whole number"),
        ("seed: 0", "seed: -1", "too small"),
        ("seed: 0", "seed: 18446744073709551616", "too large"),
        ("method: sobol", "method: halton", "one of random, latin_hypercube, sobol"),
        ("horizon: 10 years", "horizon: long", "span of time"),
        ("horizon: 10 years", "horison: 10 years", "did you mean 'horizon'?"),
        ("price_year: 2025", "price_year: soon", "not a whole number"),
        ("entry_date: 2024-07-01", "entry_date: 2024-02-30", "not a date"),
        ("range: [0, 1000000]", "range: [1000000, 0]", "the lower first"),
        ("range: [0, 1000000]", "range: 1000000", "the lower first"),
        ("at: 300000", "at: many", "not an amount"),
        ("  hr: 1\n", "  hr: high\n", "not set to a number"),
        ("  hr: 1\n", "  hr: .inf\n", "not set to a number"),
        ("  hr: 1\n", "  hr: true\n", "not set to a number"),
        ("  hr: 1\n", "  hr relapse: 1\n", "not a name"),
        ("  hr: 1\n", "  hr_relapse: 1\n", "duplicate key"),
        ("model: ./example.yaml\n", "", "lacks `model`"),
        ("effect: qaly\n", "effect: [qaly\n", "not valid YAML"),
    ],
)
def test_refused_with_line(old: str, new: str, piece: str, tmp_path: Path) -> None:
    at = TEXT.rindex(old)
    path = write(tmp_path, TEXT[:at] + new + TEXT[at + len(old) :])
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    text, line = str(caught.value), TEXT[:at].count("\n") + 1
    assert piece in text
    assert "Rule: " in text
    assert "Way out: " in text
    if "duplicate" in piece or "not valid" in piece:
        line += 1  # noticed at the second key, or at the end of the file
    if "lacks" in piece:
        line = 1  # the file as a whole
    assert f"{path}, line {line}: " in text


def test_options_change_the_conventions(tmp_path: Path) -> None:
    model = read_model(FOLDER / "example.yaml")
    changed = apply_options(model, read_scenario(write(tmp_path)))
    c = changed.conventions
    assert (c.horizon, c.price_year, c.entry_date) == (520, 2025, "2024-07-01")
    assert changed.transitions == model.transitions
    assert model.conventions.horizon == 260  # the model itself stays


def test_options_that_the_model_cannot_take(tmp_path: Path) -> None:
    model = read_model(FOLDER / "example.yaml")
    with pytest.raises(ScenarioError, match="unknown effect") as caught:
        apply_options(model, read_scenario(write(tmp_path, TEXT.replace("\neffect: qaly", "\neffect: qalys"))))
    assert "did you mean 'qaly'?" in str(caught.value)
    with pytest.raises(ScenarioError, match="unknown effect"):
        apply_options(model, read_scenario(write(tmp_path, TEXT.replace("{effect: qaly", "{effect: life"))))
    short = Scenario("short", Label("a", "a"), "example", options={"horizon": "26 cycles"})
    with pytest.raises(ModelError, match="beyond the horizon"):
        apply_options(model, short)
    with pytest.raises(ScenarioError, match="span of time"):
        apply_options(model, Scenario("x", Label("a", "a"), "example", options={"horizon": "0.01 years"}))
