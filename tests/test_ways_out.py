"""Anchored in use: the way out that a message names is applied, and then the file loads and does what was meant."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import costeff as ce
from costeff.errors import CosteffError
from costeff.model.formulas.expression import Expression

sys.path.insert(0, str(Path(__file__).parent / "faults"))
from coaching import MODEL, PARAMETERS, own

BENEFIT = "amount: benefit_week}"
BANDS = re.compile(r"declare (bands: \{.*?\}\}) and give the flow (share: \{.*?\})")


def refused(folder: Path, model: str = MODEL, parameters: str = PARAMETERS) -> str:
    with pytest.raises(CosteffError) as caught:
        ce.load(own(folder, model, parameters))
    return str(caught.value)


def benefit_of(folder: Path, model: str) -> float:
    """Kroner of sickness benefit per individual under usual care, at the stated values."""
    result = ce.load(own(folder, model)).run(400, seed=1, progress=False)
    items = result.items().set_index("item")
    return float(items.loc["benefit", "usual_care"])


@pytest.mark.parametrize(
    "asked",
    [
        "amount: 'where(t < 12, benefit_week, 0)'}",
        "amount: 'benefit_week * (week < 12)'}",
        "amount: 'benefit_week * (cycle < 12)'}",
        "amount: benefit_week, within: 26}",
        "amount: benefit_week, until: 8}",
        "amount: benefit_week, duration: 12 weeks}",
        "amount: benefit_week, months: 3}",
        "amount: benefit_week, for: 26}",
        "amount: benefit_week, from_week: 4}",
        "amount: benefit_week, band: course}",
    ],
)
def test_a_flow_of_limited_time_is_written_with_a_band(tmp_path: Path, asked: str) -> None:
    said = refused(tmp_path, MODEL.replace(BENEFIT, asked))
    assert "use a band" in said
    bands, share = BANDS.search(said).groups()  # type: ignore[union-attr]  # asserted by what follows
    mended = MODEL.replace(BENEFIT, f"amount: benefit_week, {share}}}") + bands + "\n"
    edge = re.search(r"edges: \[(\d+)\]", bands)
    whole, part = benefit_of(tmp_path, MODEL), benefit_of(tmp_path, mended)
    assert edge is not None
    weeks = int(edge[1])
    early = sum(4500 * np.exp(-0.0402 * week) for week in range(weeks))
    right = whole - early if "from_week" in asked else early
    assert part == pytest.approx(right, rel=0.06)


@pytest.mark.parametrize(
    ("asked", "number"), [("within: 26", 26), ("until: 8", 8), ("for: 26", 26), ("from_week: 4", 4)]
)
def test_the_number_of_cycles_is_kept(tmp_path: Path, asked: str, number: int) -> None:
    assert f"edges: [{number}]" in refused(tmp_path, MODEL.replace(BENEFIT, f"amount: benefit_week, {asked}}}"))


def test_a_unit_of_time_is_not_taken_for_cycles(tmp_path: Path) -> None:
    said = refused(tmp_path, MODEL.replace(BENEFIT, "amount: benefit_week, years: 1}"))
    assert "edges: [1]" not in said
    assert "edges count cycles" in said


def test_a_ratio_that_asks_for_the_time_is_one_with_windows(tmp_path: Path) -> None:
    """A step in time is written in two ways, and both are the same lives."""
    by_time = MODEL.replace("ratio: hr_coaching", "ratio: 'where(t < 26, hr_coaching, 1)'")
    by_window = MODEL.replace("ratio: hr_coaching", "ratio: [hr_coaching, 1]") + "windows: [26]\n"
    costs = []
    for number, text in enumerate((by_time, by_window)):
        folder = tmp_path / str(number)
        folder.mkdir()
        costs.append(ce.load(own(folder, text)).psa(2, 20, seed=1, progress=False).perspective().cost)
    assert (costs[0] == costs[1]).all()


@pytest.mark.parametrize("key", ["sd", "std", "stdev", "standard_deviation", "sem", "stderr", "se_mean", "sigma"])
def test_a_spread_by_another_name_is_se(tmp_path: Path, key: str) -> None:
    asked = PARAMETERS.replace("interval: [0.03, 0.05]", f"{key}: 0.005")
    assert "did you mean 'se'?" in refused(tmp_path, parameters=asked)
    study = ce.load(own(tmp_path, parameters=asked.replace(f"{key}:", "se:")))
    assert study.evidence.parameters["h_return"].spread.sd == pytest.approx(0.005)


@pytest.mark.parametrize("key", ["ci", "ci95", "range", "limits"])
def test_an_interval_by_another_name(tmp_path: Path, key: str) -> None:
    assert "did you mean 'interval'?" in refused(
        tmp_path, parameters=PARAMETERS.replace("interval: [0.03", f"{key}: [0.03")
    )


@pytest.mark.parametrize("value", ["300000", "[0, 300000]", "'300000 DKK'"])
def test_a_number_for_wtp_becomes_its_three_keys(tmp_path: Path, value: str) -> None:
    own(tmp_path)
    file = tmp_path / "scenario.yaml"
    text = "scenario: ours\nmodel: ./coaching.yaml\n"
    file.write_text(f"{text}wtp: {value}\n", encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        ce.load(str(file))
    line = re.search(r"write (wtp: \{.*?\})", str(caught.value))
    assert line is not None
    file.write_text(f"{text}{line[1].replace('EFFECT', 'qaly')}\n", encoding="utf-8")
    wtp = ce.load(str(file)).scenario.wtp
    assert wtp is not None
    assert (wtp.effect, wtp.at) == ("qaly", 300_000)


def test_a_number_for_wtp_that_reads_two_ways_is_asked_about_first(tmp_path: Path) -> None:
    own(tmp_path)
    (tmp_path / "scenario.yaml").write_text("scenario: ours\nmodel: ./coaching.yaml\nwtp: 300.000\n", encoding="utf-8")
    with pytest.raises(CosteffError, match=r"300\.000 can be read as 300"):
        ce.load(str(tmp_path / "scenario.yaml"))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("wtp: 300000", "wtp"),
        ("wtp: {effect: qaly, range: [0, 500000]}", "wtp"),
        ("run: {draws: 20}", "run"),
        ("set: {h_return: 0.03}", "set"),
        ("options: {horizon: 2 years}", "options"),
        ("effect: qaly", "effect"),
    ],
)
def test_what_belongs_in_a_scenario_is_sent_there(tmp_path: Path, line: str, named: str) -> None:
    said = refused(tmp_path, MODEL + f"{line}\n")
    assert f"unknown key '{named}'" in said
    assert "scenario file" in said
    own(tmp_path)
    stated = "wtp: {effect: qaly, range: [0, 600000], at: 300000}" if line == "wtp: 300000" else line
    (tmp_path / "scenario.yaml").write_text(f"scenario: ours\nmodel: ./coaching.yaml\n{stated}\n", encoding="utf-8")
    assert ce.load(str(tmp_path / "scenario.yaml")).scenario.name == "ours"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("draws: 20", "draws"),
        ("seed: 4", "seed"),
        ("horizon: 2 years", "horizon"),
        ("price_year: 2024", "price_year"),
        ("engine: cohort", "engine"),
    ],
)
def test_what_belongs_under_run_or_options(tmp_path: Path, line: str, key: str) -> None:
    own(tmp_path)
    file, text = tmp_path / "scenario.yaml", "scenario: ours\nmodel: ./coaching.yaml\n"
    file.write_text(f"{text}{line}\n", encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        ce.load(str(file))
    section = re.search(r"write it under `(\w+)`", str(caught.value))
    assert section is not None
    file.write_text(f"{text}{section[1]}: {{{line}}}\n", encoding="utf-8")
    scenario = ce.load(str(file)).scenario
    assert key in {**scenario.run, **scenario.options}


# decimal commas


@pytest.mark.parametrize(
    ("text", "point"),
    [("max(0,5, x)", "0.5"), ("where(x > 0, 0,5, 1)", "0.5"), ("min(1,25, x)", "1.25"), ("max(x, 2,5)", "2.5")],
)
def test_a_bare_comma_between_digits_is_asked_about(text: str, point: str) -> None:
    with pytest.raises(CosteffError, match="can be read as one number or as two") as caught:
        Expression(text)
    write = re.search(r"write (\S+) for one number, (.*?) for two", str(caught.value))
    assert write is not None
    assert write[1] == point
    bare = write[2].replace(", ", ",")
    assert Expression(text.replace(bare, write[1])).evaluate({"x": 9.0}) is not None


def test_a_comma_with_a_blank_is_two_numbers() -> None:
    assert float(Expression("max(0, 5, x)").evaluate({"x": 1.0})) == 5
    with pytest.raises(CosteffError, match=r"decimals take a point: write 0\.03"):
        Expression("where(x > 0,03, 1, 0)")
