"""Anchored in docs/calibration.md: a model of one's own, calibrated by the page's file, and what a slip is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_calibrate import MODEL, PARAMETERS

from costeff.bundled import data_dir
from costeff.calibrate import Calibration, calibrate_command
from costeff.errors import CosteffError, Place

PAGE = data_dir("parameters").parent / "docs" / "calibration.md"
FILE = PAGE.read_text(encoding="utf-8").split("```yaml\nmodel: three")[1].split("```")[0]
EFFECT = "  return_source: {by: source, sd: 0.2, spread: half_normal, population: 0.25, parameters: [h_return]}\n"
BY_COUNTRY = "  by_country: {by: country, sd: 0.3, reference: Denmark, parameters: [h_return]}\n"
COUNTRIES = {"ward": "Denmark", "clinic": "Norway"}
WORK = "states: [work], at: 20"


def calibrated(folder: Path, *changes: tuple[str, str], leave_one_out: bool = True) -> Calibration:
    """What the command makes of the page's file after these changes, each of which is found in it."""
    text = "model: three" + FILE
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    (folder / "three.yaml").write_text(MODEL, encoding="utf-8")
    (folder / "three_parameters.yaml").write_text(PARAMETERS, encoding="utf-8")
    (folder / "three_parameters_targets.yaml").write_text(text, encoding="utf-8")
    sizes = {"draws": 80, "individuals": 60, "threads": 1}
    return calibrate_command(folder / "three.yaml", leave_one_out=leave_one_out, progress=False, **sizes)


def test_the_file_of_the_page(tmp_path: Path) -> None:
    found = calibrated(tmp_path)
    assert list(found.fit["target"]) == ["back_20", "back_10", "sick_again"]
    assert found.hierarchy is not None
    text = "\n".join([str(found), *found.hierarchy.left_out_lines()])
    assert "ward: log density" in text
    assert "eras" not in text  # it has none
    assert len(found.hierarchy.scores) == 2


def test_effects_of_countries_alone(tmp_path: Path) -> None:
    """No source effect: sources err by their discrepancy, and the rival of constant width is scored all the same."""
    first, second = ((f"source: {s},", f"source: {s}, country: {c},") for s, c in COUNTRIES.items())
    found = calibrated(tmp_path, (EFFECT, BY_COUNTRY), first, second).hierarchy
    assert found is not None
    assert found.sds.empty
    assert list(found.levels["level"]) == ["Norway"]
    assert len(found.scores) == 3


def test_figures_of_one_source_predict_nothing(tmp_path: Path) -> None:
    one = (("source: clinic", "source: ward"), ("source: register", "source: ward"))
    with pytest.raises(CosteffError, match="all figures are of one") as caught:
        calibrated(tmp_path, *one)
    assert "value: ward" in str(caught.value)
    text = str(calibrated(tmp_path, *one, leave_one_out=False))
    assert "One source: no other predicts its figures" in text
    assert "rms z" not in text


SLIPS = {
    "high to low": ("[0.57, 0.67]", "[0.67, 0.57]", "runs from high to low", "write [0.57, 0.67]"),
    "per cent": ("value: 0.62, interval: [0.57, 0.67]", "value: 62, interval: [57, 67]", "outside 0-1", "0.62"),
    "the value alone in per cent": ("value: 0.62", "value: 62", "outside 0-1", "not per cent: 0.62"),
    "the interval alone in per cent": ("[0.57, 0.67]", "[57, 67]", "outside 0-1", "not per cent"),
    "nobody": ("value: 0.62, interval: [0.57", "value: 0, interval: [0", "nobody or of everybody", "(count + 0.5)"),
    "everybody": ("value: 0.62, interval: [0.57, 0.67]", "value: 1, interval: [0.57, 1]", "nobody or of", "around it"),
    "outside": ("value: 0.62", "value: 0.72", "does not hold the value", "correct one"),
    "at an end": ("[0.57, 0.67], n: 400", "[0.1, 0.63]", "at an end of its interval", "as wide around"),
    "all states": (WORK, "states: [work, sick, dead], at: 20", "counts everybody", "take some out"),
    "a name twice": ("name: back_10", "name: back_20", "two targets have this name", "rename"),
    "no such statistic": ("type: state_share", "type: share_in_state", "unknown `type`", "choose one"),
    "a prior of nothing": ("  h_relapse: {", "  h_relaps: {", "a prior of 'h_relaps'", "did you mean 'h_relapse'"),
    "set, unknown": ("p_start_work: 1", "p_start: 1", "sets an unknown parameter", "p_start_work"),
    "set, in per cent": ("p_start_work: 1", "p_start_work: 100", "outside its unit", "correct the value"),
    "no such source": ("source: ward", "source: wards", "unknown `source`", "did you mean 'ward'"),
    "nothing to fit": ("use: calibrate", "use: fit", "unknown `use`", "choose one"),
    "sd below 0": ("sd: 0.2", "sd: -0.2", "no spread", "sd: 0.2"),
    "a part in per cent": ("population: 0.25", "population: 25", "outside 0-1", "0.25"),
}


@pytest.mark.parametrize("slip", list(SLIPS))
def test_a_slip_is_named_with_its_line_and_a_way_out(tmp_path: Path, slip: str) -> None:
    before, after, what, way_out = SLIPS[slip]
    with pytest.raises(CosteffError) as caught:
        calibrated(tmp_path, (before, after))
    assert what in str(caught.value)
    assert way_out in str(caught.value.way_out)
    assert caught.value.rule
    assert isinstance(caught.value.where, Place)
    assert caught.value.where.line in lines_of(before)


def lines_of(words: str) -> range:
    """From the first line of the entry in which these words stand to their own."""
    text = "model: three" + FILE
    own = text[: text.index(words) + len(words)].count("\n") + 1
    first, lines = own, text.splitlines()
    while not lines[first - 1].startswith(("  - ", "  h_", "  return_source")):
        first -= 1
    return range(first, own + 1)


def test_an_era_that_the_effect_does_not_know(tmp_path: Path) -> None:
    levels = "{before: {value: 1.5, interval: [1, 2.2]}}"
    era = f"  by_era: {{by: era, reference: now, parameters: [h_return], levels: {levels}}}\n"
    eras = (("source: ward,", "source: ward, era: now,"), ("source: clinic,", "source: clinic, era: befor,"))
    with pytest.raises(CosteffError) as caught:
        calibrated(tmp_path, (EFFECT, EFFECT + era), *eras)
    assert "effect 'by_era' has no ratio for this era" in str(caught.value)
    assert "names a level that no target has" in str(caught.value)


def test_a_share_and_what_it_leaves_out_are_one_figure(tmp_path: Path) -> None:
    """0.62 at work and 0.38 not: independent errors would count the figure twice."""
    rest = FILE[FILE.index("  - {name: back_20") : FILE.index("  - {name: back_10")]
    other = rest.replace("back_20", "away_20").replace("[work]", "[sick, dead]").replace("0.62", "0.38")
    other = other.replace("[0.57, 0.67]", "[0.33, 0.43]")
    with pytest.raises(CosteffError, match="'away_20' is what target 'back_20' leaves out") as caught:
        calibrated(tmp_path, (rest, rest + other))
    assert caught.value.way_out == "take one out"
    part = other.replace("[sick, dead]", "[sick]").replace("0.38", "0.35").replace("[0.33, 0.43]", "[0.3, 0.4]")
    assert len(calibrated(tmp_path, (rest, rest + part)).fit) == 4
