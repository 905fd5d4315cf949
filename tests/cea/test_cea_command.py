"""Anchored in numpy: `costeff cea` on tables of draws, with and without parameters, and what it leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from costeff import Evaluation
from costeff.cea.figures.benefit import benefit
from costeff.cli import main

FILES = {
    "report.html",
    "summary.json",
    "icer_table.csv",
    "pairwise.csv",
    "draws.csv",
    "ceac.csv",
    "ceaf.csv",
    "evpi.csv",
    "costeff-files.json",
}


def table(folder: Path, draws: int = 20, names: tuple[str, ...] = ("Usual care", "Drug A", "Drug B")) -> pd.DataFrame:
    """A wide table without parameters, written to psa.csv; some draws of each strategy are best."""
    rng, step = np.random.default_rng(1), np.arange(len(names))
    cost = rng.normal(10_000 + 5_000 * step, 3_000, (draws, len(names)))
    effect = rng.normal(5 + 0.3 * step, 0.3, (draws, len(names)))
    columns = {f"cost_{n}": cost[:, i] for i, n in enumerate(names)}
    columns |= {f"effect_{n}": effect[:, i] for i, n in enumerate(names)}
    frame = pd.DataFrame(columns)
    frame.to_csv(folder / "psa.csv", index=False)
    return frame


def cea(folder: Path, *options: str) -> Result:
    ended = CliRunner().invoke(main, ["cea", str(folder / "psa.csv"), *options])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), repr(ended.exception)
    return ended


def test_numbers_are_numpys_without_parameters_and_below_50_draws(tmp_path: Path) -> None:
    frame = table(tmp_path)
    ended = cea(tmp_path, "--wtp", "20000", "--wtp", "30000", "--out", str(tmp_path / "out"))
    assert ended.exit_code == 0, ended.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    told = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    cost, effect = (frame[[c for c in frame if c.startswith(kind)]].to_numpy() for kind in ("cost_", "effect_"))
    for row in told["pairwise"]:
        at = told["strategies"].index(row["strategy"])
        assert row["incremental_cost"] == pytest.approx((cost[:, at] - cost[:, 0]).mean())
        ends = np.quantile(effect[:, at] - effect[:, 0], [0.025, 0.975])
        assert [row["incremental_effect_lower"], row["incremental_effect_upper"]] == pytest.approx(ends.tolist())
    for w, wtp in enumerate((20_000, 30_000)):
        net = wtp * effect - cost
        best = net.argmax(axis=1)
        shares = [row["probability"] for row in told["ceac"] if row["wtp"] == wtp]
        assert shares == [(best == at).mean() for at in range(3)]
        assert told["ceaf"][w]["strategy"] == told["strategies"][net.mean(axis=0).argmax()]
        assert told["evpi"][w]["evpi"] == pytest.approx(net.max(axis=1).mean() - net.mean(axis=0).max())
    draws = pd.read_csv(tmp_path / "out" / "draws.csv")
    assert np.array_equal(draws["cost"].to_numpy().reshape(-1, 3), cost)


def test_every_table_is_printed(tmp_path: Path) -> None:
    table(tmp_path)
    said = cea(tmp_path, "--wtp", "20000", "--currency", "EUR").output
    for part in (
        "Fully incremental",
        "Each strategy against Usual care, with 95 % intervals",
        "P(Drug B)",
        "EVPI",
        "EUR per QALY",
        "best on average",
    ):
        assert part in said
    other = cea(tmp_path, "--comparator", "Drug A").output
    assert "Each strategy against Drug A" in other
    assert "Give --wtp" in other


@pytest.mark.parametrize("draws", [1, 2])
def test_few_draws_will_do(tmp_path: Path, draws: int) -> None:
    table(tmp_path, draws)
    ended = cea(tmp_path, "--wtp", "20000", "--out", str(tmp_path / "out"))
    assert ended.exit_code == 0, ended.output
    assert "nan" not in ended.output.lower()


def test_one_strategy_is_described(tmp_path: Path) -> None:
    table(tmp_path, names=("Usual care",))
    ended = cea(tmp_path, "--wtp", "20000", "--out", str(tmp_path / "out"))
    assert ended.exit_code == 0, ended.output
    assert "Each strategy against" not in ended.output


def test_danish_report(tmp_path: Path) -> None:
    table(tmp_path)
    assert cea(tmp_path, "--wtp", "20000", "--language", "da", "--out", str(tmp_path / "out")).exit_code == 0
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert '<html lang="da">' in page
    assert "Hver strategi i forhold til Usual care" in page


def test_a_report_has_the_title_that_it_was_given(tmp_path: Path) -> None:
    table(tmp_path)
    assert cea(tmp_path, "--title", "Back <pain>", "--out", str(tmp_path / "out")).exit_code == 0
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "Back &lt;pain&gt;</title>" in page
    assert cea(tmp_path, "--out", str(tmp_path / "out")).exit_code == 0
    assert "<title>psa" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_a_folder_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    table(tmp_path)
    out = tmp_path / "out"
    assert cea(tmp_path, "--out", str(out)).exit_code == 0
    assert "Replaced" in cea(tmp_path, "--wtp", "5", "--out", str(out)).output
    (tmp_path / "psa.csv").write_text("cost_A,effect_A\nx,1\n", encoding="utf-8")
    before = {path: path.read_bytes() for path in out.iterdir()}
    ended = cea(tmp_path, "--out", str(out))
    assert (ended.exit_code, "psa.csv, line 2" in ended.output) == (2, True)
    assert {path: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--wtp", "-5"), "Invalid value for '--wtp'"),
        (("--wtp", "20.000"), "20.000"),
        (("--comparator", "Drug"), "comparator"),
    ],
)
def test_wrong_options_end_in_words(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    table(tmp_path)
    ended = cea(tmp_path, *options)
    assert (ended.exit_code, said in ended.output) == (2, True), ended.output


def test_a_table_of_another_program_with_options(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "sim": [1, 2],
            "k_old": [9.0, 8.0],
            "k_new": [7.0, 9.0],
            "w_old": [5.0, 6.0],
            "w_new": [4.0, 3.0],
            "note": ["a", "b"],
        }
    )
    frame.to_csv(tmp_path / "psa.csv", index=False)
    reading = ("--cost", "k_*", "--effect", "w_*", "--effect-sign", "-1", "--ignore", "note", "--comparator", "old")
    ended = cea(tmp_path, *reading, "--effect-unit", "weeks", "--wtp", "2", "--out", str(tmp_path / "out"))
    assert ended.exit_code == 0, ended.output
    told = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert "draws: 2" in told["read_as"]
    assert told["pairwise"][0]["incremental_effect"] == -2.0
    assert told["pairwise"][0]["nmb_at_2"] == 4.5


def test_costs_only_have_no_willingness_to_pay(tmp_path: Path) -> None:
    pd.DataFrame({"old": [9.0, 8.0, 9.0], "new": [7.0, 9.0, 6.0]}).to_csv(tmp_path / "psa.csv", index=False)
    options = ("--cost", "*", "--strategies", "old,new", "--effect", "none")
    ended = cea(tmp_path, *options, "--wtp", "0")
    assert ended.exit_code == 0, ended.output
    refused = cea(tmp_path, *options, "--wtp", "100")
    assert (refused.exit_code, "no effect to pay for" in refused.output) == (2, True)


def test_a_scenario_is_sent_to_run() -> None:
    ended = CliRunner().invoke(main, ["cea", "tki2"])
    assert (ended.exit_code, "costeff run tki2" in ended.output) == (2, True)


def test_money_on_the_axes_is_written_in_full():
    two = Evaluation("payer", "qaly", ("usual", "new"), "usual", [[9e4, 2e5]] * 2, [[1.0, 2.0]] * 2)
    small = Evaluation("payer", "qaly", ("usual", "new"), "usual", [[0.1, 0.3]] * 2, [[1.0, 1.5]] * 2)
    drawn = benefit(two, np.linspace(0, 2e5, 5), {})
    assert (drawn.layout.xaxis.tickformat, drawn.layout.yaxis.tickformat) == (",.0f", ",.0f")
    drawn = benefit(small, np.linspace(0, 2, 5), {})
    assert (drawn.layout.xaxis.tickformat, drawn.layout.yaxis.tickformat) == (",.3~r", ",.3~r")


@pytest.mark.parametrize(("language", "words"), [("en", "Near a tie"), ("da", "Næsten uafgjort")])
def test_optimism_at_ties_is_said_everywhere(tmp_path: Path, language: str, words: str) -> None:
    """Where no strategy is told from another, EVPI is too low: the terminal, the report and summary.json say so."""
    benefit = np.where(np.arange(200) % 2, 1.0, -1.0)
    columns = {"cost_a": 0.0, "cost_b": benefit, "effect_a": 0.0, "effect_b": 0.0}
    pd.DataFrame(columns, index=range(200)).to_csv(tmp_path / "psa.csv", index=False)
    ended = cea(tmp_path, "--wtp", "0", "--out", str(tmp_path / "out"), "--language", language)
    assert "Near a tie" in ended.output
    assert words in (tmp_path / "out" / "report.html").read_text("utf-8")
    told = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert told["evpi"][0]["optimism"] == pytest.approx(0.4 / 200**0.5, rel=0.01)  # 0.4 errors of the difference


def test_no_optimism_is_said_where_none_is(tmp_path: Path) -> None:
    table(tmp_path, draws=200, names=("Usual care", "Drug A"))
    ended = cea(tmp_path, "--wtp", "0", "--out", str(tmp_path / "out"))
    assert "Near a tie" not in ended.output
    assert "Near a tie" not in (tmp_path / "out" / "report.html").read_text("utf-8")
