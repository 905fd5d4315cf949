"""Anchored in the form that issue 2 gives the outputs, and in sums: files are read back and added up again."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner, Result

from costeff import load
from costeff.bundled import KINDS, available
from costeff.cli import main

DRAWS, INDIVIDUALS = 6, 20
ROW = {
    "strategy",
    "cost",
    "cost_mcse",
    "effect",
    "effect_mcse",
    "incremental_cost",
    "incremental_cost_mcse",
    "incremental_effect",
    "incremental_effect_mcse",
    "icer",
    "status",
}


def call(*words: str) -> Result:
    ended = CliRunner().invoke(main, list(words))
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return ended


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The same run on one thread and on two."""
    folder = tmp_path_factory.mktemp("runs")
    size = ("--draws", str(DRAWS), "--individuals", str(INDIVIDUALS), "--seed", "1", "--quiet")
    for threads in (1, 2):
        ended = call("run", "tki2", *size, "--threads", str(threads), "--out", str(folder / str(threads)))
        assert ended.exit_code == 0, ended.output
        assert "Written to" in ended.stdout
        assert "summary.json" in ended.stdout
    return {threads: folder / str(threads) for threads in (1, 2)}


@pytest.fixture(scope="module")
def summary(outputs: dict[int, Path]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((outputs[1] / "summary.json").read_text(encoding="utf-8"))
    return found


# -- words ----


COMMANDS = ("list", "describe", "run", "compare", "calibrate", "histories", "benchmark", "warmup", "soem")


@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS)], ids=" ".join)
def test_help_has_examples(words: tuple[str, ...]) -> None:
    ended = call(*words, "--help")
    assert ended.exit_code == 0
    assert "costeff " in ended.stdout
    if words:
        assert "Example" in ended.stdout


def test_list_names_everything_shipped() -> None:
    ended = call("list")
    assert ended.exit_code == 0
    for name in (name for kind in KINDS if kind != "parameters" for name in available(kind)):
        assert name in ended.stdout.split()
    assert {"tki2", "no_effect", "harm", "from_work", "horizon_2", "rates_2026"} <= set(ended.stdout.split())


@pytest.mark.parametrize("language", ["en", "da"])
def test_describe_shows_what_a_reviewer_checks(language: str) -> None:
    ended = call("describe", "tki2", "--language", language)
    assert ended.exit_code == 0
    text = " ".join(ended.stdout.split())  # long lines are folded
    study = load("tki2")
    model = study.model
    labels = [s.label for s in model.states] + [p.label for p in model.parties] + [p.label for p in model.perspectives]
    assert all(label[language] in text for label in labels)
    for transition in model.transitions:
        assert transition.hazard is not None
        assert transition.hazard.text in text
    for name in study.evidence.parameters:
        assert name in text
    named = {source for p in study.evidence.parameters.values() for source in p.source}
    assert len(named) >= 10
    for source in named:
        assert study.evidence.sources[source].title in text


def test_run_prints_a_table_for_each_perspective() -> None:
    ended = call("run", "no_effect", "--draws", "3", "--individuals", "10", "--seed", "7", "--quiet")
    assert ended.exit_code == 0
    for view in load("no_effect").model.perspectives:
        assert f"[{view.name}]" in ended.stdout
    assert "3 draws x 10 individuals, seed 7" in ended.stdout
    again = call("run", "no_effect", "--draws", "3", "--individuals", "10", "--seed", "7", "--quiet")
    assert again.stdout == ended.stdout
    other = call("run", "no_effect", "--draws", "3", "--individuals", "10", "--seed", "8", "--quiet")
    assert other.stdout != ended.stdout


def test_compare_has_a_row_for_each_scenario() -> None:
    size = ("--draws", "3", "--individuals", "10", "--seed", "7", "--quiet")
    ended = call("compare", "no_effect", "tki2", *size, "--perspective", "state")
    assert ended.exit_code == 0
    rows = {line.split()[0]: line.split()[1:] for line in ended.stdout.splitlines() if line.strip()}
    assert set(rows) >= {"no_effect", "tki2"}
    assert set(rows["no_effect"]) <= {"0", "0.0000", "yes"}, "the state pays nothing for a programme without effect"
    assert set(rows["tki2"]) - {"0", "0.0000", "yes"}
    wrong = call("compare", "no_effect", *size, "--perspective", "kommune")
    assert wrong.exit_code == 2
    assert "perspectives: municipal" in wrong.stderr


def test_a_horizon_is_taken_from_the_command_line() -> None:
    ended = call("run", "tki2", "--draws", "2", "--individuals", "5", "--horizon", "2 years", "--quiet")
    assert ended.exit_code == 0
    assert "2 years" in ended.stdout


# -- files ----


def test_the_files_are_there(outputs: dict[int, Path]) -> None:
    names = {p.name for p in outputs[1].iterdir()}
    assert {"report.html", "results.nc", "summary.json", "icer_table.csv"} <= names
    assert names == {p.name for p in outputs[2].iterdir()}
    report = (outputs[1] / "report.html").read_text(encoding="utf-8")
    assert "</html>" in report
    assert "TKI2" in report
    assert len([name for name in names if name.endswith(".csv")]) >= 10


def number(value: object, *, missing: bool = False) -> bool:
    if value is None:
        return missing
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def test_summary_has_the_form_of_the_issue(summary: dict[str, Any]) -> None:
    study = load("tki2")
    strategies = ["usual_care", "tki2"]
    assert {k: summary[k] for k in ("model", "scenario", "seed", "draws", "individuals", "price_year")} == {
        "model": "tki2",
        "scenario": "tki2",
        "seed": 1,
        "draws": DRAWS,
        "individuals": INDIVIDUALS,
        "price_year": 2024,
    }
    assert {"costeff", "python", "numpy"} <= set(summary["versions"])
    assert all(isinstance(v, str) and v for v in summary["versions"].values())
    assert list(summary["perspectives"]) == [p.name for p in study.model.perspectives]
    assert {
        "municipal",
        "mso",
        "msb",
        "municipal_with_tax",
        "public",
        "state",
        "region",
        "employer",
        "citizen",
        "health_care",
        "societal",
    } <= set(summary["perspectives"])
    for told in summary["perspectives"].values():
        check_perspective(told, strategies)
    assert list(summary["effects"]) == [e.name for e in study.model.effects]
    for by_strategy in summary["effects"].values():
        assert list(by_strategy) == strategies
        for told in by_strategy.values():
            assert set(told) == {"mean", "mcse", "ci95"}
            assert number(told["mean"])
            assert number(told["mcse"])
            low, high = told["ci95"]
            assert low <= high
    assert summary["simulated"]["person_cycles"] == DRAWS * INDIVIDUALS * 260 * 2
    assert len(summary["run"]) == 16


def check_perspective(told: dict[str, Any], strategies: list[str]) -> None:
    assert told["effect"] == "qaly"
    rows = told["icer_table"]
    assert sorted(row["strategy"] for row in rows) == sorted(strategies)
    for row in rows:
        assert set(row) >= ROW
        reference = row["status"] == "reference"
        for key in ROW - {"strategy", "status", "icer"}:
            assert number(row[key], missing=reference and key.startswith("incremental")), (key, row)
        assert number(row["icer"], missing=True)
        assert isinstance(row["status"], str)
        assert row["cost_mcse"] >= 0
    assert sum(row["status"] == "reference" for row in rows) == 1
    assert {"wtp", "probability"} <= set(told["ceac"])
    wtp = told["ceac"]["wtp"]
    assert (wtp[0], wtp[-1]) == (0, 1_000_000)
    assert wtp == sorted(wtp)
    probability = told["ceac"]["probability"]
    assert list(probability) == strategies
    for first, second in zip(*probability.values(), strict=True):
        assert 0 <= first <= 1
        assert first + second == pytest.approx(1)
    assert len(probability["tki2"]) == len(wtp)
    assert list(told["undiscounted_cost_by_year"]) == strategies
    for years in told["undiscounted_cost_by_year"].values():
        assert len(years) == 5
        assert all(map(number, years))


def test_flows_in_the_netcdf_add_up_to_the_summary(outputs: dict[int, Path], summary: dict[str, Any]) -> None:
    model = load("tki2").model
    with xr.open_dataset(outputs[1] / "results.nc") as data:
        flow, payer, recipient = data["flow"], data["payer"].values, data["recipient"].values
        items, only = data["item"].values, {f.item: f.only_in for f in model.flows}
        for view in model.perspectives:
            sign = [
                float((p in view.parties) - (r in view.parties))
                * (not view.items or i in view.items)
                * (i not in view.exclude_items)
                * (not only[i] or view.name in only[i])
                for i, p, r in zip(items, payer, recipient, strict=True)
            ]
            net = (flow * xr.DataArray(sign, dims="line")).sum("line")
            told = summary["perspectives"][view.name]
            for row in told["icer_table"]:
                by_draw = net.sel(strategy=row["strategy"], layer="discounted_cost").sum("year").values
                exact = math.fsum(by_draw.tolist()) / DRAWS
                if view.factor is None:
                    assert row["cost"] == exact, view.name  # sums of rounded cells are exact
                else:
                    assert row["cost"] == pytest.approx(1.28 * exact, rel=1e-12)
            for strategy, years in told["undiscounted_cost_by_year"].items():
                mean = net.sel(strategy=strategy, layer="undiscounted").mean("draw").values
                factor = 1.0 if view.factor is None else 1.28
                assert years == pytest.approx((factor * mean).tolist(), rel=1e-9, abs=1e-6)
        for name, by_strategy in summary["effects"].items():
            for strategy, told in by_strategy.items():
                values = data["effect"].sel(effect_name=name, strategy=strategy).values
                assert told["mean"] == pytest.approx(values.mean(), rel=1e-12)
                assert told["mcse"] == pytest.approx(values.std(ddof=1) / math.sqrt(DRAWS), rel=1e-9, abs=1e-15)
        assert json.loads(data.attrs["provenance"])["seed"] == 1
        assert list(data["layer"].values) == ["undiscounted", "discounted_cost", "discounted_effect"]


def test_csvs_are_tidy_and_read_back(outputs: dict[int, Path], summary: dict[str, Any]) -> None:
    frames = {p.stem: pd.read_csv(p) for p in outputs[1].glob("*.csv")}
    for name, frame in frames.items():
        assert len(frame), name
        assert not any(str(column).startswith("Unnamed") for column in frame), name
    icer = frames["icer_table"]
    for perspective, told in summary["perspectives"].items():
        for row in told["icer_table"]:
            found = icer[(icer["perspective"] == perspective) & (icer["strategy"] == row["strategy"])].iloc[0]
            assert found["cost"] == row["cost"]
            assert found["effect"] == row["effect"]
            assert found["status"] == row["status"]
    years = frames["cost_by_year"].set_index(["perspective", "strategy", "year"])["cost"]
    assert years.index.is_unique
    assert years["state", "tki2", 5] == summary["perspectives"]["state"]["undiscounted_cost_by_year"]["tki2"][4]
    assert list(frames["draws"].columns) == list(load("tki2").evidence.parameters)
    assert len(frames["draws"]) == DRAWS
    share = frames["trace"].groupby(["strategy", "cycle"])["trace"].sum()
    assert share.values == pytest.approx(1.0)
    assert set(frames["parties"]["party"]) >= {"mso", "msb", "state", "citizen"}
    assert set(frames["ceac"]["measure"]) >= {"probability"}
    keys = ["perspective", "strategy", "wtp", "measure"]
    assert not frames["ceac"].duplicated(keys).any()


def test_threads_give_the_same_bytes(outputs: dict[int, Path]) -> None:
    names = {path.name for path in outputs[1].iterdir()}
    assert names == {path.name for path in outputs[2].iterdir()}
    for name in sorted(names):
        assert (outputs[1] / name).read_bytes() == (outputs[2] / name).read_bytes(), name
    with xr.open_dataset(outputs[1] / "results.nc") as first, xr.open_dataset(outputs[2] / "results.nc") as second:
        assert first.equals(second)


# -- a real process ----


def test_a_process_runs_from_anywhere(tmp_path: Path) -> None:
    """Folders named like the shipped ones in the working directory are not picked up."""
    for kind in ("models", "parameters", "scenarios"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "tki2.yaml").write_text("not: ours\n")
    root = Path(main.callback.__code__.co_filename).parents[2]  # type: ignore[union-attr]
    code = f"import sys; sys.path.insert(0, {str(root)!r}); from costeff.cli import main; main()"
    words = ["run", "tki2", "--draws", "2", "--individuals", "5", "--seed", "0", "--quiet"]
    ended = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "[municipal]" in ended.stdout
    assert "Traceback" not in ended.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["models", "parameters", "scenarios"]
    expected = call(*words)
    assert ended.stdout == expected.stdout
