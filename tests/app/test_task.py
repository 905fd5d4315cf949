"""Anchored in what the commands write and print for the same files: `invest --out`, `compare` and `ask`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from app_example import CASE, WITH_EFFECT, open_case, settled

from costeff.app.files.folder import LOG
from costeff.errors import ScenarioError
from costeff.investment.invest import invest, invest_all
from costeff.study.ask import worth_asking


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
    worth = {r.case.name: float(r.npv(content.decider).mean()) for r in results}
    assert content.worth[content.decider] == worth
    assert [p.limit for p in content.portfolios] == [1e6]


def test_figures_to_ask_for_are_those_of_ask(tmp_path: Path) -> None:
    one = open_case(tmp_path, CASE.replace("draws: 8, individuals: 10", "draws: 100, individuals: 4"))
    settled(one)
    one.ask()
    state = settled(one)
    assert state.task is not None
    other = worth_asking(invest(str(tmp_path / "small.yaml"), progress=False))
    assert [row.name for row in state.task.output.ask_rows] == [row.name for row in other]
    assert np.array_equal([row.worth for row in state.task.output.ask_rows], [row.worth for row in other])
