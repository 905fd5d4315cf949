"""Anchored in what the commands write and print for the same files: `invest --out`, `compare` and `ask`."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from app_example import CASE, WITH_EFFECT, open_case, settled

from costeff.app.files.folder import LOG
from costeff.app.results.job import Job
from costeff.app.screens.acceptable import of_case
from costeff.app.screens.pane import pane
from costeff.app.screens.uploaded import of_table
from costeff.cea.acceptability import ceac
from costeff.errors import ResultError, ScenarioError
from costeff.investment.invest import invest, invest_all
from costeff.investment.report.effect_changes import case_evaluation
from costeff.investment.report.on_top import on_top_cells
from costeff.investment.report.write_comparison import cases_content
from costeff.investment.soem.write import case_soem
from costeff.study.ask import worth_asking
from costeff.study.start_designs import start_designs


def test_the_files_of_a_case_lie_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("costeff.investment.report.write", "costeff.investment.note.write"):
        monkeypatch.setattr(f"{place}.find_browser", lambda: None)
    one = open_case(tmp_path, WITH_EFFECT)
    settled(one)
    for _ in range(2):
        one.write("da")
        state = settled(one)
        assert state.task is not None
        assert state.task.job.error is None
        assert {"case.html", "case.xlsx", "note.docx", "soem.xlsx", "budget.csv"} <= set(state.task.output.files)
    folder = one.file.folder
    for file in (*state.task.output.files, "small.yaml", LOG):
        assert folder.result_file("small.yaml", file).is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".costeff-versions", "small - result", "small.yaml"]
    for file in ("../small.yaml", "x.yaml", ".costeff.lock", "case.html/../../small.yaml"):
        with pytest.raises(ScenarioError):
            folder.result_file("small.yaml", file)


def test_cases_side_by_side_are_those_of_compare(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(CASE.replace("small", "other").replace("12000", "9000"), encoding="utf-8")
    one = open_case(tmp_path)
    settled(one)
    one.compare(["other.yaml"], 1e6)
    state = settled(one)
    assert state.task is not None
    content = state.task.output.cases
    assert content is not None
    results = invest_all([str(tmp_path / name) for name in ("small.yaml", "other.yaml")], progress=False)
    assert content.worth == cases_content(results, limits=[1e6]).worth
    worth = {r.case.name: float(r.npv(content.decider).mean()) for r in results}
    assert content.worth[content.decider] == pytest.approx(worth, rel=1e-14)  # a mean in another order of its sum
    assert [p.limit for p in content.portfolios] == [1e6]


def test_the_soem_table_names_for_whom_the_case_is(tmp_path: Path) -> None:
    """It named the model's scenario, though the case says for whom it is."""
    one = open_case(tmp_path, f"{CASE}about: {{target_group: Sygemeldte med ryglidelser}}\n")
    latest = settled(one).latest
    assert latest is not None
    assert case_soem(latest.result, "da").target_group == "Sygemeldte med ryglidelser"
    plain = settled(open_case(tmp_path / "plain")).latest
    assert plain is not None
    assert case_soem(plain.result, "da").target_group == "own_programme (small)"


def test_figures_to_ask_for_are_those_of_ask(tmp_path: Path) -> None:
    one = open_case(tmp_path, CASE.replace("draws: 8, individuals: 10", "draws: 100, individuals: 4"))
    settled(one)
    one.ask()
    state = settled(one)
    assert state.task is not None
    result = invest(str(tmp_path / "small.yaml"), progress=False)
    other = worth_asking(result)
    assert [row.name for row in state.task.output.ask_rows] == [row.name for row in other]
    assert [one.name for one in state.task.output.start_designs] == [one.name for one in start_designs(result)]
    assert np.array_equal([row.worth for row in state.task.output.ask_rows], [row.worth for row in other])


def test_acceptability_of_a_case_is_the_share_of_its_draws(tmp_path: Path) -> None:
    """By hand: the case is best in the draws whose present value and priced effect add up to more than 0."""
    one = open_case(tmp_path, CASE.replace("draws: 8, individuals: 10", "draws: 100, individuals: 4"))
    state = settled(one)
    result = invest(str(tmp_path / "small.yaml"), progress=False)
    evaluation = case_evaluation(result, "municipal")
    sign, gain = evaluation.effect_sign, evaluation.effect[:, 1]
    wanted = [float((result.npv("municipal") + sign * gain * worth > 0).mean()) for worth in (0, 500, 2000)]
    assert ceac(evaluation, [0, 500, 2000])["probability"][:, 1].values.tolist() == wanted
    assert state.latest is not None
    assert evaluation.effect[:, 1].mean() == pytest.approx(state.latest.content.effects[0].mean)
    drawn_parts = str(of_case(state, "2 000", "da"))
    assert drawn_parts.count("Graph(") == 2
    assert "municipal" not in drawn_parts, "parties have names for people"
    assert of_case(state, "", "da") == []
    assert "className='problem'" in str(of_case(state, "2.000", "da"))
    with pytest.raises(ResultError, match="no such effect"):
        case_evaluation(result, "municipal", "happiness")


def test_two_programmes_stand_side_by_side(tmp_path: Path) -> None:
    """The pane has a row for each alone, this one on top of the other, both, and what they have in common."""
    below = CASE.replace("case: small", "case: below").replace("12000", "9000")
    (tmp_path / "below.yaml").write_text(below, encoding="utf-8")
    state = settled(open_case(tmp_path, f"{CASE}on_top_of: below.yaml\n"))
    assert (state.problem, state.is_current) == (None, True)
    assert state.latest is not None
    cells = on_top_cells(state.latest.content, "da")
    assert len(cells) == 5
    drawn_pane = str(pane(state, "da"))
    assert all(row[0] in drawn_pane and row[2] in drawn_pane for row in cells)


def test_an_uploaded_table_is_told_as_cea_tells_it() -> None:
    """An ICER by hand, and two figures up to a willingness to pay; a bad table is told in words."""
    rows = "".join(f"{100 + n},{1000 + n},1,1.5\n" for n in range(40))  # 900 more for half a unit more: 1,800
    text = f"cost_usual,cost_new,effect_usual,effect_new\n{rows}"
    contents = f"data:text/csv;base64,{base64.b64encode(text.encode()).decode()}"
    parts = str(of_table(contents, "../psa.csv", "2 000", "en"))
    assert "1,800\\xa0money per QALY gained" in parts
    assert parts.count("Graph(") == 2
    for contents, name, words in (("data:,AAA", "psa.csv", "arrive whole"), ("data:,", "psa.exe", "not a table")):
        assert words in str(of_table(contents, name, "", "en"))
    bad = base64.b64encode(b"cost_usual,cost_new\n1,x\n").decode()
    assert "className='problem'" in str(of_table(f"data:text/csv;base64,{bad}", "psa.csv", "", "da"))


def test_a_fault_of_any_kind_ends_the_work_and_is_told() -> None:
    """A compiler below raises kinds of its own: a screen that is not told waits for ever."""

    class OwnKindError(Exception):
        pass

    def work(_: object) -> None:
        raise OwnKindError("not typed")

    job = Job(work)
    job.wait()
    assert not job.runs
    assert job.error is not None
    assert "OwnKindError: not typed" in str(job.error)
