"""Anchored in the words of docs/calibration.md: what each key means, and what is refused, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from costeff.bundled import data_dir
from costeff.calibrate import Between, CalibrationPlan, Statistic, observe, read_plan
from costeff.calibrate.fits import with_passages
from costeff.calibrate.observe import populations
from costeff.errors import CosteffError, EngineError
from costeff.evidence import read_evidence
from costeff.model import parameter_file, read_model

FILE = """\
model: tki2
sources:
  s: {title: Source, address: "https://example.org", seen: seen}
discrepancy: {value: 0.1, note: assumed}
priors:
  h: {value: 0.1, unit: hazard per week, distribution: lognormal, interval: [0.05, 0.2], kind: assumption}
passages:
  off: {states: [sick_full, sick_partial], stay: 3}
targets:
  - name: t
    title: T
    use: calibrate
    statistic: STATISTIC
    value: 0.6
    interval: [0.5, 0.7]
    source: s
"""


def contrast(of: Statistic, attribute: str, groups: Any, measure: str = "odds_ratio") -> Statistic:
    return Statistic("contrast", of.at, measure=measure, of=of, between=Between(attribute, groups))


WORDED = {
    "{type: state_share_after, passage: off, within: 104, follow: 26, states: [work], among: [work, dead]}": Statistic(
        "state_share_after", 104, ("work",), ("work", "dead"), "off", follow=26
    ),
    "{type: passage_after, after: return_to_work, within: 104, passage: off, follow: 52}": Statistic(
        "passage_after", 104, passage="off", follow=52, after="return_to_work"
    ),
    "{type: passage_window, passage: off, from: 130, to: 338, at_risk: true, among: [work]}": Statistic(
        "passage_window", 338, (), ("work",), "off", begin=130, at_risk=True
    ),
    "{type: passage_window, passage: off, to: 12}": Statistic("passage_window", 12, passage="off"),
    "{type: event_count, events: relapse, from: 4, to: 52, measure: variance}": Statistic(
        "event_count", 52, begin=4, events=("relapse",), measure="variance"
    ),
    "{type: status_among_left, left: [sick_full], at: 12, states: [work]}": Statistic(
        "status_among_left", 12, ("work",), origins=("sick_full",)
    ),
    "{type: contrast, of: {type: state_share, states: work, at: 52}, between: {sex: [women, men]}, "
    "measure: odds_ratio}": contrast(Statistic("state_share", 52, ("work",)), "sex", ("women", "men")),
    "{type: contrast, of: {type: event_count, events: relapse, to: 9, measure: mean}, "
    "between: {age: [[18, 31], [51, 61]]}, measure: ratio}": contrast(
        Statistic("event_count", 9, events=("relapse",), measure="mean"), "age", ((18.0, 31.0), (51.0, 61.0)), "ratio"
    ),
}


def plan_of(folder: Path, statistic: str) -> CalibrationPlan:
    text = FILE.replace("STATISTIC", statistic)
    path = folder / "tki2_targets.yaml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path)


@pytest.mark.parametrize("words", list(WORDED))
def test_a_statistic_is_read(tmp_path: Path, words: str) -> None:
    plan = plan_of(tmp_path, words)
    assert plan.targets[0].statistic == WORDED[words]
    assert [p.name for p in plan.passages] == ["off"]
    groups = populations(with_passages(read_model("tki2"), plan), plan.targets)
    assert len(groups) == 1


def test_the_example_of_the_page(tmp_path: Path) -> None:
    page = (data_dir("parameters").parent / "docs" / "calibration.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0].replace("somebody_2024", "s")
    path = tmp_path / "tki2_targets.yaml"
    path.write_text(FILE[: FILE.index("passages:")] + example, encoding="utf-8")
    plan = read_plan(path)
    inner = Statistic("passage_after", 52, passage="detached", follow=52, after="return_to_work")
    assert plan.targets[0].statistic == contrast(inner, "age", ((51.0, 61.0), (18.0, 31.0)))
    assert (
        populations(with_passages(read_model("tki2"), plan), plan.targets)[0].model.conventions.horizon == 52 + 52 + 3
    )


def test_the_two_that_were_misread() -> None:
    """A first event within a year of return among those who returned; a window that leaves out the first two years."""
    targets = {t.name: t for t in read_plan(data_dir("parameters") / "tki2_targets.yaml").targets}
    detached, pension = targets["heart_mi_detached_52"], targets["general_pension_window"]
    assert detached.statistic == Statistic("passage_after", 52, passage="detached", follow=52, after="return_to_work")
    assert pension.statistic == Statistic("passage_window", 338, passage="pension", begin=130, at_risk=True)
    assert (detached.value, pension.value) == (0.242, round(5694 / 225056, 4))
    same_people = targets["heart_mi_return_52"]
    assert (detached.start, detached.changes) == (same_people.start, same_people.changes)


STATE = "{type: state_share, states: [work], at: 5}"
KINDS = "state_share, passage_share, state_share_after, passage_after, passage_window, event_count, status_among_left"
REFUSED = {  # statistic: what, value, rule, way out; all in line 13
    "{type: passage_window, passage: off, from: 60, to: 60}": (
        "`statistic` of target 't': the window ends before it begins",
        "60",
        "`to` above `from` (60)",
        "write 61 or more",
    ),
    "{type: event_count, events: relapse, to: 60, measure: median}": (
        "`statistic` of target 't': unknown `measure`",
        "median",
        "one of mean, variance",
        "did you mean 'mean'?",
    ),
    "{type: contrast, of: {type: median_weeks, states: work, within: 5}, between: {sex: [women, men]}, "
    "measure: ratio}": (
        "`of` in `statistic` of target 't': a contrast of type 'median_weeks'",
        "median_weeks",
        f"a share or a number of events: {KINDS}",
        "contrast a `state_share` in the cycle that matters, or give each group a target of its own",
    ),
    "{type: contrast, of: {type: event_count, events: relapse, to: 5, measure: mean}, between: {sex: [women, men]}, "
    "measure: odds_ratio}": (
        "`statistic` of target 't': odds of `event_count`",
        "odds_ratio",
        "only shares have odds",
        "write `measure: ratio`",
    ),
    f"{{type: contrast, of: {STATE}, between: {{sex: [women, men], age: [[1, 2], [3, 4]]}}, measure: ratio}}": (
        "`between` in `statistic` of target 't' names 2 attributes",
        "sex, age",
        "one attribute",
        "write between: {sex: [women, men]} or between: {age: [[18, 31], [51, 61]]}",
    ),
    f"{{type: contrast, of: {STATE}, between: {{age: [[31, 18], [51, 61]]}}, measure: ratio}}": (
        "`between` in `statistic` of target 't': `age` does not name two groups",
        "[[31, 18], [51, 61]]",
        "two categories, or two ranges [from, to) of a number, each with from below to",
        "write between: {sex: [women, men]} or between: {age: [[18, 31], [51, 61]]}",
    ),
    f"{{type: contrast, of: {STATE}, between: {{sex: [women, [0, 1]]}}, measure: ratio}}": (
        "`between` in `statistic` of target 't': `sex` does not name two groups",
        "[women, [0, 1]]",
        "two categories, or two ranges [from, to) of a number, each with from below to",
        "write between: {sex: [women, men]} or between: {age: [[18, 31], [51, 61]]}",
    ),
}


def message(file: str, line: int, parts: tuple[str, str, str, str]) -> str:
    what, value, rule, way_out = parts
    dot = "" if way_out.endswith("?") else "."
    return f"{file}, line {line}: {what} (value: {value}).\n  Rule: {rule}.\n  Way out: {way_out}{dot}"


@pytest.mark.parametrize("statistic", list(REFUSED))
def test_what_cannot_be_read(tmp_path: Path, statistic: str) -> None:
    with pytest.raises(CosteffError) as caught:
        plan_of(tmp_path, statistic)
    assert str(caught.value) == message(str(tmp_path / "tki2_targets.yaml"), 13, REFUSED[statistic])


PASSAGES = "declared: return_to_work, self_support, end_of_sickness_benefit, clarified, off"
UNFIT = {  # statistic: what, value, rule, way out; all in line 10
    "{type: state_share_after, passage: of, within: 9, follow: 2, states: [work]}": (
        "target 't': unknown passage 'of'",
        "of",
        PASSAGES,
        "did you mean 'off'?",
    ),
    "{type: passage_after, after: return_to_wrok, within: 9, passage: off, follow: 2}": (
        "target 't': unknown passage 'return_to_wrok'",
        "return_to_wrok",
        PASSAGES,
        "did you mean 'return_to_work'?",
    ),
    "{type: status_among_left, left: [sick_ful], at: 9, states: [work]}": (
        "target 't': unknown state 'sick_ful'",
        "sick_ful",
        f"declared: {', '.join(read_model('tki2').state_names)}",
        "did you mean 'sick_full'?",
    ),
    "{type: status_among_left, left: [sick_full], at: 0, states: [work]}": (
        "target 't': nobody has left a state at the start",
        "0",
        "`at` is a cycle by which some have left",
        "write a later cycle",
    ),
    "{type: status_among_left, left: [sick_full], at: 9, states: [work], among: [flex_job]}": (
        "target 't' counts states that are not in `among`",
        "work",
        "`states` are some of `among`, which is the denominator",
        "add them",
    ),
    "{type: state_share, at: 9, states: [work, retired], among: [work, flex_job]}": (
        "target 't' counts states that are not in `among`",
        "retired",
        "`states` are some of `among`, which is the denominator",
        "add them",
    ),
    f"{{type: contrast, of: {STATE}, between: {{sexx: [women, men]}}, measure: ratio}}": (
        "target 't', `between`: unknown attribute 'sexx'",
        "sexx",
        f"declared: {', '.join(a.name for a in read_model('tki2').attributes)}",
        "did you mean 'sex'?",
    ),
    f"{{type: contrast, of: {STATE}, between: {{sex: [women, boys]}}, measure: ratio}}": (
        "target 't', `between`: unknown category 'boys'",
        "boys",
        "declared: women, men",
        "declare the category",
    ),
    f"{{type: contrast, of: {STATE}, between: {{sex: [[0, 1], [1, 2]]}}, measure: ratio}}": (
        "target 't', `between`: 'sex' is not a number",
        "[(0.0, 1.0), (1.0, 2.0)]",
        "its categories are women, men",
        "name two of them",
    ),
    f"{{type: contrast, of: {STATE}, between: {{age: [young, old]}}, measure: ratio}}": (
        "target 't', `between`: 'age' has no categories",
        "young, old",
        "ranges [from, to) of the number",
        "write age: [[18, 31], [51, 61]]",
    ),
    f"{{type: contrast, of: {STATE}, between: {{start_state: [work, sick_full]}}, measure: ratio}}\n    start: work": (
        "target 't', `between`: the groups would be empty",
        "start_state",
        "everyone starts in 'work' (`start`)",
        "take out `start`, or contrast something else",
    ),
}


@pytest.mark.parametrize("statistic", list(UNFIT))
def test_what_the_model_cannot_count(tmp_path: Path, statistic: str) -> None:
    plan = plan_of(tmp_path, statistic)
    with pytest.raises(CosteffError) as caught:
        populations(with_passages(read_model("tki2"), plan), plan.targets)
    assert str(caught.value) == message(str(tmp_path / "tki2_targets.yaml"), 10, UNFIT[statistic])


def test_events_that_the_model_lacks(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "{type: event_count, events: relapses, to: 9, measure: mean}")
    with pytest.raises(CosteffError) as caught:
        populations(with_passages(read_model("tki2"), plan), plan.targets)
    text = str(caught.value)
    assert "line 10: target 't': unknown transition, deadline or leg 'relapses' (value: relapses)" in text
    assert text.endswith("Way out: did you mean 'relapse'?")


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        (
            "off:",
            "clarified:",
            (
                "passage 'clarified' is in the model already",
                "clarified",
                "each name once: targets may name the model's passages too",
                "take it out, or rename it",
            ),
        ),
        (
            "[sick_full, sick_partial]",
            "[sick_ful]",
            (
                "passage 'off': unknown state 'sick_ful'",
                "sick_ful",
                f"declared: {', '.join(read_model('tki2').state_names)}",
                "did you mean 'sick_full'?",
            ),
        ),
    ],
)
def test_passages_of_the_targets(tmp_path: Path, old: str, new: str, parts: tuple[str, str, str, str]) -> None:
    path = tmp_path / "tki2_targets.yaml"
    path.write_text(FILE.replace("STATISTIC", STATE).replace(old, new), encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        with_passages(read_model("tki2"), read_plan(path))
    assert str(caught.value) == message(str(path), 8, parts)


@pytest.mark.parametrize(
    ("statistic", "who"),
    [
        ("{type: status_among_left, left: [resource_course], at: 1, states: [work]}", "its denominator"),
        (
            f"{{type: contrast, of: {STATE}, between: {{age: [[18, 30], [190, 200]]}}, measure: ratio}}",
            "a group of `between` (age)",
        ),
    ],
)
def test_nobody_to_count(tmp_path: Path, statistic: str, who: str) -> None:
    """A share of nobody is refused; it would have been one half."""
    plan, model = plan_of(tmp_path, statistic), read_model("tki2")
    evidence = read_evidence(parameter_file(model)).at_prices(2024)
    base = {name: np.array([value]) for name, value in evidence.base().items()}
    groups = populations(with_passages(model, plan), plan.targets)
    keys = np.zeros(1, np.uint64)
    with pytest.raises(EngineError) as caught:
        observe.observe(groups, base, evidence.tables, individuals=40, seed=1, keys=keys, threads=1)
    parts = (
        f"target 't': {who} holds nobody, or one individual where a variance is asked for",
        "40 individuals",
        "in all but 2% of draws each half of the individuals holds some of them",
        "simulate more individuals, or widen whom it is about: `set`, `start`, `within`, `among`, `between`",
    )
    assert str(caught.value) == message(str(tmp_path / "tki2_targets.yaml"), 10, parts)


@pytest.mark.parametrize(("low", "what"), [("0", "a number of 0 or below"), ("-1", "a number of 0 or below")])
def test_an_interval_of_a_ratio_lies_above_0(tmp_path: Path, low: str, what: str) -> None:
    text = FILE.replace("STATISTIC", "{type: event_count, events: relapse, to: 9, measure: mean}")
    path = tmp_path / "tki2_targets.yaml"
    path.write_text(text.replace("[0.5, 0.7]", f"[{low}, 1.7]"), encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        read_plan(path)
    parts = (f"target 't': {what}", f"[{low}, 1.7]", "above 0", "correct the interval")
    assert str(caught.value) == message(str(path), 15, parts)
