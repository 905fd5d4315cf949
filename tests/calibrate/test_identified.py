"""Anchored in a closed form: what a normal cost difference is worth to know, and rows of what is open on its page."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import calibration_identified as identified
import numpy as np
import pytest
from calibration_identified import Line, lines_of, on_page, scores_of, table_of, written

from costeff import Evaluation
from costeff.bundled import data_dir
from costeff.calibrate import read_plan
from costeff.evidence import read_evidence

FIGURES = data_dir("parameters")


@dataclass(frozen=True)
class Run:
    """Stands for a Result: one evaluation, whatever the perspective."""

    evaluation: Evaluation

    def perspective(self, name: str) -> Evaluation:
        assert name == "municipal"
        return self.evaluation


def run_of() -> Run:
    """Extra cost 30 a + 40 b + 50 c, all standard normal: the decision turns on their sum."""
    a, b, c = np.random.default_rng(3).standard_normal((3, 1000))
    extra = 30 * a + 40 * b + 50 * c
    cost = np.column_stack([np.zeros(1000), extra])
    columns = {"a": a, "b": b, "b2": b, "c": c}
    return Run(Evaluation("payer", "qaly", ("usual", "new"), "usual", cost, cost * 0, parameters=columns))


def test_value_is_that_of_the_closed_form() -> None:
    """A saving of mean 0 and SD s among what is known is worth s / sqrt(2 pi); everything, by hand in these draws."""
    run = run_of()
    extra = run.evaluation.cost[:, 1]
    everything = float(np.maximum(-extra, 0).mean() - max(-extra.mean(), 0))
    rows, whole = lines_of({"a": 0.5, "b": 0.02, "b2": 0.02}, [("b", "b2")], run)
    assert [one.names for one in rows] == [("b", "b2"), ("a",)]
    for one, sd in (*zip(rows, (40, 30), strict=True), (whole, 50)):
        assert one.value == pytest.approx(sd / math.sqrt(2 * math.pi), abs=3 * one.error)
        assert one.share == pytest.approx(one.value / everything)
    assert [one.narrowed for one in rows] == [False, True]


def test_every_calibrated_parameter_has_a_register_table() -> None:
    for name in ("tki2_targets.yaml", "tki2_wide_targets.yaml"):
        if (FIGURES / name).is_file():
            assert all(table_of(parameter) for parameter in read_plan(FIGURES / name).priors)
    members = read_evidence(FIGURES / "tki2.yaml").groups["posterior"].parameters
    assert all(table_of(parameter) for parameter in members)
    with pytest.raises(KeyError):
        table_of("price")


def test_longest_beginning_counts() -> None:
    assert "job is held" in table_of("hr_return_job_lost")
    assert "by diagnosis" in table_of("hr_return_heart")


def test_parameters_of_one_score_are_one_row() -> None:
    scores = scores_of(["x", "y", "z"], [("x", "z")])
    assert scores == {"x": ("x", "z"), "y": ("y",)}


def test_what_is_written() -> None:
    rows = [
        Line(("h_work_sick_1",), 0.02, 120.0, 30.0, 0.012),
        Line(("hr_return_women", "hr_return_heart"), 0.4, 0, 5, 0),
    ]
    text = "\n".join(written(rows, Line((identified.EVERYTHING,), 0.2, 200.0, 40.0, 0.02)))
    assert "| `h_work_sick_1` | 120 (30) | 1.2% | 0.02 | sickness_benefit status" in text
    assert "| `hr_return_women` + `hr_return_heart` | 0 (5) | 0.0% | 0.40 |  |" in text
    assert "2 of 3 parameters are narrowed by a tenth or more. 1 of 2 scores carry at least 1 %" in text
    assert "1 of these are not narrowed" in text


def test_page_has_a_row_for_each_parameter_and_names_tables_of_what_is_open() -> None:
    """The page as committed: every member of the shipped posterior once, and a table wherever it is not narrowed."""
    page = identified.PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[hp].*`) \| .* \| .* \| (\S+) \| (.*) \|$", page, re.M)
    names = [name for cell, _, _ in rows for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(names) == sorted(read_evidence(FIGURES / "tki2.yaml").groups["posterior"].parameters)
    for cell, contraction, table in rows:
        if float(contraction) < 0.0949:
            assert table == table_of(re.findall(r"`(\w+)`", cell)[0])
        elif float(contraction) > 0.105:
            assert not table


def test_marked_part_is_made_anew() -> None:
    page = f"a\n\n{identified.BEGIN}\nold\n{identified.END}\nz\n"
    assert on_page(page, ["new"]) == f"a\n\n{identified.BEGIN}\n\nnew\n\n{identified.END}\nz\n"
