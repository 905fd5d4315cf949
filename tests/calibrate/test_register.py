"""Anchored in counts: shares, Wilson intervals and what must be withheld are worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from costeff.bundled import data_dir
from costeff.calibrate import read_plan
from costeff.calibrate.fits import with_passages
from costeff.calibrate.observe import populations
from costeff.calibrate.register import Benefit, Register, register_targets, wilson
from costeff.calibrate.targets import with_register
from costeff.errors import CosteffError, ModelError
from costeff.model import read_model

REGISTER = Register(
    {"sickness_benefit": Benefit("gone", 104, "sick", {"p": 1.0}), "course": Benefit("left", 160)},
    {"work": ("work", "sick_employer"), "flex": ("flex_job",), "pension": ("pension",)},
    5,
    "Denmark",
    "from 2017",
    "return",
)
HEAD = "benefit,measure,weeks,status,people\n"


def written(tmp_path: Path, rows: str, head: str = HEAD) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(head + rows, encoding="utf-8")
    return path


def test_ended_spells(tmp_path: Path) -> None:
    path = written(
        tmp_path, "sickness_benefit,begun,,,200\nsickness_benefit,ended,26,,130\nsickness_benefit,ended,13,,80\n"
    )
    early, late = register_targets(REGISTER, path)
    assert (early.name, early.value, early.n) == ("register_sickness_benefit_ended_13", 0.4, 200)
    assert (late.statistic.type, late.statistic.at, late.statistic.passage) == ("passage_share", 26, "gone")
    assert late.value == 0.65
    assert (late.start, dict(late.changes), late.source) == ("sick", {"p": 1.0}, "register")
    assert (late.country, late.era, late.family, late.use) == ("Denmark", "from 2017", "return", "calibrate")
    # p = 0.4, n = 200, z^2 = 3.8415: centre (0.4 + 3.8415 / 400) / (1 + 3.8415 / 200), half width by hand 0.0673
    assert early.interval == pytest.approx((0.3346, 0.4692), abs=2e-4)
    assert early.place is not None
    assert early.place.line == 4


def test_status_after(tmp_path: Path) -> None:
    path = written(tmp_path, "course,status,13,work,30\ncourse,status,13,flex,50\ncourse,status,13,pension,120\n")
    work, flex, pension = register_targets(REGISTER, path)
    assert [t.value for t in (work, flex, pension)] == [0.15, 0.25, 0.6]
    assert {t.n for t in (work, flex, pension)} == {200}
    statistic = work.statistic
    assert (statistic.type, statistic.at, statistic.follow, statistic.passage) == ("state_share_after", 160, 13, "left")
    assert statistic.states == ("work", "sick_employer")


def test_semicolons_and_groups_of_thousands(tmp_path: Path) -> None:
    head = "people;status;weeks;measure;benefit\n"
    rows = "14.320;work;13;status;course\n9 756;flex;13;status;course\n1.200.000;pension;13;status;course\n"
    work, flex, pension = register_targets(REGISTER, written(tmp_path, rows, head))
    assert {work.n, flex.n, pension.n} == {14320 + 9756 + 1200000}
    assert work.value == 14320 / 1224076


@pytest.mark.parametrize("cell", ["3", "<5", "..", "*", ""])
def test_a_small_count_is_withheld_and_the_next_smallest_with_it(tmp_path: Path, cell: str) -> None:
    """One cell alone could be found by subtraction from `all`."""
    path = written(
        tmp_path,
        f"course,status,13,all,203\ncourse,status,13,work,{cell}\n"
        "course,status,13,flex,50\ncourse,status,13,pension,150\n",
    )
    (only,) = register_targets(REGISTER, path)
    assert (only.name, only.value) == ("register_course_pension_13", 150 / 203)


def test_two_withheld_hide_each_other(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "course,status,13,all,155\ncourse,status,13,work,3\ncourse,status,13,flex,2\ncourse,status,13,pension,150\n",
    )
    (only,) = register_targets(REGISTER, path)
    assert only.n == 155


def test_all_but_a_few_is_withheld_too(tmp_path: Path) -> None:
    rows = "sickness_benefit,begun,,,200\nsickness_benefit,ended,26,,130\nsickness_benefit,ended,104,,198\n"
    assert [t.statistic.at for t in register_targets(REGISTER, written(tmp_path, rows))] == [26]


@pytest.mark.parametrize(
    ("rows", "what", "line"),
    [
        ("course,status,13,work,<5\ncourse,status,13,flex,50\n", "how many left is not known", 2),
        ("course,ended,13,,40\n", "nobody is known to have begun 'course'", 2),
        ("cours,ended,13,,40\n", "unknown benefit", 2),
        ("course,gone,13,,40\n", "unknown measure", 2),
        ("course,status,13,wrk,40\n", "unknown status", 2),
        ("course,status,x,work,40\n", "no number of weeks", 2),
        ("course,status,0,work,40\n", "no number of weeks", 2),
        ("course,status,13,work,4.5\n", "no count", 2),
        ("course,begun,,,10\ncourse,ended,13,,40\n", "more people than all 10", 3),
        ("course,status,13,work,0,125\n", "more or fewer cells", 2),  # a Danish decimal cut in two
        ("course,begun,,,2,412\n", "more or fewer cells", 2),  # thousands: read as 2 people, if at all
        ("course,status,13,work\n", "more or fewer cells", 2),  # not withheld, but not there
        ('course,status,13,work,"0,125"\n', "no count", 2),  # a share, not 125 people
        ('course,status,13,work,"12,5"\n', "no count", 2),
        ('course,status,13,work,"1.234,567"\n', "no count", 2),
        ("course,status,13,work,40\ncourse,status,13,work,41\n", "status work stands twice, first on line 2", 3),
        ("course,begun,,,400\ncourse,begun,26,,500\n", "begun stands twice", 3),
        ("course,begun,,,400\ncourse,ended,26,,50\ncourse,ended,13,,60\n", "fewer had left 'course'", 3),
        ("course,status,13,all,100\ncourse,status,13,work,80\ncourse,status,13,flex,50\n", "more people than left", 4),
        ("course,status,13,all,..\ncourse,status,13,work,80\n", "how many left is not known", 2),
        ("course,begun,,,400\ncourse,ended,13,work,60\n", "a status in a row `ended`", 3),
    ],
)
def test_refused(tmp_path: Path, rows: str, what: str, line: int) -> None:
    with pytest.raises(CosteffError, match=what) as caught:
        register_targets(REGISTER, written(tmp_path, rows))
    assert f"export.csv, line {line}" in str(caught.value)


def test_every_refusal_has_a_rule_and_a_way_out(tmp_path: Path) -> None:
    for rows in ("course,status,13,work\n", "course,begun,,,400\ncourse,begun,,,500\n"):
        with pytest.raises(CosteffError) as caught:
            register_targets(REGISTER, written(tmp_path, rows))
        assert caught.value.rule
        assert caught.value.way_out
    latin = tmp_path / "latin.csv"
    latin.write_bytes((HEAD + "course,status,13,arbejdsl\u00f8s,40\n").encode("latin-1"))
    with pytest.raises(ModelError, match="cannot be read") as caught:
        register_targets(REGISTER, latin)
    assert "CSV UTF-8" in str(caught.value.way_out)


def test_empty_cells_at_the_end_of_a_line_are_a_spreadsheets(tmp_path: Path) -> None:
    path = written(tmp_path, "course;status;13;work;40;;\ncourse;status;13;flex;60;;\n", HEAD.replace(",", ";"))
    assert [t.value for t in register_targets(REGISTER, path)] == [0.4]


def test_of_two_statuses_that_are_everyone_one_counts(tmp_path: Path) -> None:
    """The other share is what the first leaves out; with some in neither, both are figures."""
    rows = "course,status,13,work,40\ncourse,status,13,flex,60\n"
    assert [t.name for t in register_targets(REGISTER, written(tmp_path, rows))] == ["register_course_work_13"]
    more = "course,status,13,all,130\n" + rows
    assert [t.value for t in register_targets(REGISTER, written(tmp_path, more))] == [40 / 130, 60 / 130]


def test_several_problems_in_one_message(tmp_path: Path) -> None:
    with pytest.raises(CosteffError) as caught:
        register_targets(REGISTER, written(tmp_path, "cours,ended,13,,40\ncourse,gone,13,,40\n"))
    assert "line 2" in str(caught.value)
    assert "line 3" in str(caught.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        register_targets(REGISTER, tmp_path / "none.csv")
    with pytest.raises(ModelError, match="head of the export"):
        register_targets(REGISTER, written(tmp_path, "", "benefit,people\n"))
    with pytest.raises(ModelError, match="nothing to calibrate to"):
        register_targets(REGISTER, written(tmp_path, "course,begun,,,40\n"))


def test_an_export_joins_the_shipped_targets(tmp_path: Path) -> None:
    """The words of the shipped file are understood, and the model can express what they mean."""
    plan = read_plan(data_dir("parameters") / "tki2_targets.yaml")
    assert plan.register is not None
    rows = [f"{benefit},begun,,,400\n{benefit},ended,26,,150\n" for benefit in plan.register.benefits]
    cells = [f"job_clarification,status,13,{status},{20 + i}\n" for i, status in enumerate(plan.register.status)]
    joined = with_register(plan, written(tmp_path, "".join([*rows, *cells])))
    own = joined.targets[len(plan.targets) :]
    assert len(own) == 3 + len(plan.register.status)
    assert joined.sources["register"].title == "Export of a register: export.csv"
    starts = populations(with_passages(read_model("tki2"), joined), own, joined.effects)
    assert len(starts) == 3
    assert {level.level for start in starts for level in start.levels} == {"register"}
    with pytest.raises(ModelError, match="does not say what"):
        with_register(replace(plan, register=None), tmp_path / "export.csv")


def test_wilson_interval_holds_its_share() -> None:
    """By its definition: at each end, the share lies z standard errors of that end away."""
    for count, size in ((3, 40), (150, 203), (1, 9)):
        for end in wilson(count, size):
            assert abs(count / size - end) == pytest.approx(1.959964 * (end * (1 - end) / size) ** 0.5, rel=1e-5)
