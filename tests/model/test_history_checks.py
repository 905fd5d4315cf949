"""Anchored in the rules of docs/model_language.md on histories and strategies: one thing wrong, with its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from costeff.errors import CosteffError
from costeff.evidence import read_evidence
from costeff.model import Expression, check_against, describe, read_model, simulation_names

FOLDER = Path(__file__).parents[1] / "data" / "models"
TEXT = (FOLDER / "histories.yaml").read_text(encoding="utf-8")

#: (old, new, pieces of the message).
RULES: dict[str, tuple[str, str, list[str]]] = {
    "counting what is not there": ("counts: [relapse]", "counts: [relaps]", ["unknown event or state", "'relapse'?"]),
    "counting events and cycles": (
        "counts: [relapse]}",
        "counts: [relapse], within: 52}",
        ["`within` beside `counts`", "declare a second clock"],
    ),
    "weekdays in a model by weeks": ("within: 156\n", "within: 156\n    weekdays: true\n", ["`cycle: day`"]),
    "`initial_until` without a look-back": ("    within: 156\n", "", ["`initial_until` and no `within`"]),
    "a look-back that never counts": ("within: 156", "within: 0", ["a whole number"]),
    "a hazard by strata on such a clock": (
        "clock: sick_pay, hazard",
        "clock: sick_pay, strata: [diagnosis], hazard",
        ["on clock 'sick_pay' has `strata`", "ratio_on"],
    ),
    "an unknown second clock": ("ratio_on: {leaves:", "ratio_on: {leave:", ["unknown clock 'leave'", "'leaves'?"]),
    "the exit's own clock as the second": (
        "ratio_on: {leaves:",
        "ratio_on: {time_in_state:",
        ["`ratio_on` names the exit's clock", "the formula of the hazard"],
    ),
    "two second clocks": (
        'ratio_on: {leaves: "rr_leave ** min(t, 3)"}',
        'ratio_on: {leaves: "rr_leave ** t", sick_pay: 1}',
        ["`ratio_on` names 2 clocks"],
    ),
    "two rests": (
        "probability: {usual_care: p_usual, programme: p_programme}",
        "probability: rest",
        ["state 'assessment' has several rests"],
    ),
    "a strategy without its probability": (
        "{usual_care: p_usual, programme: p_programme}",
        "{usual_care: p_usual}",
        ["`probability` without programme", "a formula for every strategy"],
    ),
    "a probability of an unknown strategy": ("programme: p_programme", "programm: p_programme", ["'programme'?"]),
    "a ratio beside a probability by strategy": (
        "legs: [graded_return],",
        'legs: ["assessment -> work"],',
        ["a second effect on an exit"],
    ),
    "a start that is no attribute": ("start: first_state_programme", "start: first", ["categorical attribute 'first'"]),
    "starts in another order": (
        "{sick: 0.7, graded: rest}",
        "{graded: 0.3, sick: rest}",
        ["'graded' stands in another place", "with 0 for those"],
    ),
    "a start in no state": ("{sick: 0.7, graded: rest}", "{sick: 0.7, ill: rest}", ["unknown living state 'ill'"]),
    "a category without a ratio": (", mental: [hr_mental, 1]}", "}", ["add mental: 1"]),
    "a ratio of an unknown category": ("mental: [hr_mental", "metal: [hr_mental", ["unknown category 'metal'"]),
    "one window too many": ("[hr_mental, 1]", "[hr_mental, 1, 1]", ["has 2 ratios", "write 1 or 3"]),
    "categories of two attributes": ("mental: [hr_mental", "sick: [hr_mental", ["categories of two attributes"]),
    "an unknown clock of an effect": ("clock: time_in_state, ratio", "clock: spell, ratio", ["unknown clock 'spell'"]),
    "a clock that the ratio does not read": (
        '"where(t < 12, hr_early, 1)"',
        "hr_early",
        ["names a clock that it does not read", "remove `clock`"],
    ),
    "`every` without `t`": (
        'clock: time_in_state, ratio: "where(t < 12, hr_early, 1)"',
        "every: 4, ratio: hr_early",
        ["has `every`"],
    ),
}


def refused(text: str, tmp_path: Path) -> str:
    """The message with which the model is refused; it names file and line."""
    path = tmp_path / "histories.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        read_model(path)
    message = str(caught.value)
    assert "histories.yaml, line" in message
    assert "Rule: " in message
    assert "Way out: " in message
    return message


@pytest.mark.parametrize("name", RULES)
def test_each_rule_names_what_and_where(name: str, tmp_path: Path) -> None:
    old, new, pieces = RULES[name]
    assert old in TEXT, "the change finds its place"
    message = refused(TEXT.replace(old, new, 1), tmp_path)
    missing = [piece for piece in pieces if piece not in message]
    assert not missing, message


def test_a_counter_of_a_state_is_read_in_one_way(tmp_path: Path) -> None:
    both = TEXT.replace("name: relapse,", "name: work,").replace("counts: [relapse]", "counts: [work]")
    message = refused(both, tmp_path)
    for piece in ("counts 'work', which can be read in two ways", "every entry into it", "that event alone"):
        assert piece in message
    empty = TEXT.replace("  work: {label", "  lost: {}\n  work: {label").replace("counts: [relapse]", "counts: [lost]")
    assert "counts 'lost', which nobody enters" in refused(empty, tmp_path)


def test_scales_that_multiply_probabilities_take_no_t_and_no_category(tmp_path: Path) -> None:
    text = TEXT.replace("probability: {usual_care: p_usual, programme: p_programme}", "probability: p_usual")
    on_probability = "{strategy: programme, legs: [graded_return], clock: time_in_state"
    for scale in ("rate", "probability"):
        other = text.replace(on_probability, f'{{strategy: programme, legs: ["assessment -> work"], scale: {scale}')
        assert "reads `t` on the scale" in refused(other, tmp_path)
        by_category = other.replace('"where(t < 12, hr_early, 1)"', "{musculoskeletal: hr_early, mental: 1}")
        message = refused(by_category, tmp_path)
        assert "by category on the scale" in message
        assert "the attribute under `strata`" in message
        rest = by_category.replace("{musculoskeletal: hr_early, mental: 1}", "hr_early")
        rest = rest.replace('["assessment -> work"]', '["assessment -> disability"]')
        assert "which is the rest" in refused(rest, tmp_path)


def test_the_file_reads_fits_its_evidence_and_says_what_needs_a_simulation() -> None:
    model, evidence = read_model(FOLDER / "histories.yaml"), read_evidence(FOLDER / "histories_parameters.yaml")
    check_against(model, evidence)
    assert simulation_names(model) >= {"rr_leave", "p_programme", "hr_early", "decay", "hr_mental", "h_last"}
    assert model.transitions[-2].probability is not None
    assert model.transitions[-2].probability.text == "p_usual"


def test_a_counter_is_a_number_and_its_deadline_too() -> None:
    """248 days and 3 relapses are different things: a deadline at weeks on a counter is refused with its unit."""
    evidence = read_evidence(FOLDER / "histories_parameters.yaml")
    model = read_model(FOLDER / "histories.yaml")
    wrong = replace(
        model,
        deadlines=tuple(
            replace(d, at=Expression("mean_work")) if d.clock == "exhausted" else d for d in model.deadlines
        ),
    )
    with pytest.raises(CosteffError, match="a counter counts events"):
        check_against(wrong, evidence)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["1 more at each of relapse", "only the last 156 cycles count", "what the other exits leave"]),
        ("da", ["1 mere ved hver af relapse", "kun de seneste 156 cykler tæller", "det, de andre udgange levner"]),
    ],
)
def test_describe_says_it_in_both_languages(language: str, words: list[str]) -> None:
    text = " ".join(describe(read_model(FOLDER / "histories.yaml"), None, language).split())
    assert [word for word in words if word not in text] == []
