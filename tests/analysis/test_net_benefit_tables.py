"""Draws that hold net benefits only, or costs only: what is read of them is theirs, and all else is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from costeff import Evaluation, read_psa
from costeff.cli import main
from costeff.errors import ScenarioError
from costeff.sensitivity.conditional import conditional_one_way, conditional_threshold

WTP, DRAWS = 20_000, 120
RNG = np.random.default_rng(3)
HR = RNG.normal(0.8, 0.1, DRAWS)
COST = np.column_stack([np.full(DRAWS, 5000.0), 5000 * HR + RNG.normal(900, 100, DRAWS)])
EFFECT = np.column_stack([np.full(DRAWS, 2.0), 2.5 - 0.5 * HR])
NAMES = ("Usual", "New")


@pytest.fixture(scope="module")
def net() -> Evaluation:
    columns = {f"nmb_{name}": WTP * EFFECT[:, s] - COST[:, s] for s, name in enumerate(NAMES)}
    return read_psa(pd.DataFrame(columns | {"hr": HR}))


@pytest.fixture(scope="module")
def costs() -> Evaluation:
    return read_psa(pd.DataFrame({f"cost_{name}": COST[:, s] for s, name in enumerate(NAMES)}))


def test_at_zero_net_benefits_are_what_they_were(net: Evaluation) -> None:
    benefit = WTP * EFFECT - COST
    best = benefit.mean(axis=0).max()
    assert net.evpi(0)["evpi"].item() == pytest.approx(benefit.max(axis=1).mean() - best)
    assert net.ceac(0)["probability"].values[0, 1] == pytest.approx((benefit[:, 1] > benefit[:, 0]).mean())
    table = conditional_one_way(net, wtp=0)
    assert (table.attrs["base_quadrant"], table.attrs["base"]) == (
        "",
        pytest.approx((benefit[:, 1] - benefit[:, 0]).mean()),
    )
    assert "ICER" not in net._repr_html_()


AT_ANOTHER: dict[str, Callable[[Evaluation], Any]] = {
    "nmb": lambda one: one.nmb(WTP),
    "ceac": lambda one: one.ceac(range(0, 30_001, 10_000)),
    "ceaf": lambda one: one.ceaf(WTP),
    "evpi": lambda one: one.evpi([0, WTP]),
    "loss": lambda one: one.expected_loss(WTP),
    "nhb": lambda one: one.nhb(WTP),
    "incremental": lambda one: one.incremental_nmb(WTP),
    "convergence": lambda one: one.convergence(WTP),
    "risk": lambda one: one.risk_aversion(WTP),
    "mixed": lambda one: one.mixed_strategy(WTP, shares={"Usual": 0.5, "New": 0.5}),
    "pairs": lambda one: one.pairwise(WTP),
}


@pytest.mark.parametrize("name", AT_ANOTHER)
def test_another_willingness_to_pay_is_refused(name: str, net: Evaluation, costs: Evaluation) -> None:
    for one, results in ((net, "net benefits only"), (costs, "costs only")):
        with pytest.raises(ScenarioError, match=rf"hold {results}.*") as told:
            AT_ANOTHER[name](one)
        assert "wtp=0" in str(told.value.way_out)


def test_sensitivity_at_another_is_refused(net: Evaluation) -> None:
    for asked in (lambda: conditional_one_way(net, wtp=WTP), lambda: net.evppi("hr", WTP)):
        with pytest.raises(ScenarioError, match="no effect to pay for"):
            asked()
    for asked in (lambda: conditional_one_way(net), lambda: conditional_threshold(net, "hr", on="effect")):
        with pytest.raises(ScenarioError, match="costs and effects apart") as told:
            asked()
        assert "wtp=0" in str(told.value.way_out)


APART: dict[str, Callable[[Evaluation, Path], Any]] = {
    "icer_table": lambda one, _: one.icer_table(),
    "pairwise": lambda one, _: one.pairwise(),
    "table": lambda one, _: one.table(),
    "density": lambda one, _: one.density(),
    "plot": lambda one, _: one.plot(0),
    "report": lambda one, folder: one.report(folder / "report.html", wtp=0),
    "gsa": lambda one, _: one.gsa("regression", result="incremental_cost"),
    "convergence": lambda one, _: one.convergence(result="incremental_effect"),
}


@pytest.mark.parametrize("name", APART)
def test_costs_and_effects_apart_are_refused(name: str, net: Evaluation, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"net benefits only.* needs costs and effects apart"):
        APART[name](net, tmp_path)


def test_costs_only_have_a_table(costs: Evaluation) -> None:
    assert costs.icer_table()["cost"].max() == pytest.approx(COST.mean(axis=0).max())


def test_draws_are_written_as_what_they_are(net: Evaluation, costs: Evaluation, tmp_path: Path) -> None:
    for number, (one, effect) in enumerate(((net, None), (costs, "none"))):
        one.to_csv(tmp_path / f"{number}.csv")
        read = read_psa(tmp_path / f"{number}.csv", effect=effect)
        assert read.attrs["results"] == one.attrs["results"]
        np.testing.assert_array_equal(read.cost, one.cost)


def test_ways_out_of_the_shell_work(net: Evaluation, tmp_path: Path) -> None:
    net.to_csv(tmp_path / "nb.csv")
    file = str(tmp_path / "nb.csv")

    def shell(*words: str) -> tuple[int, str]:
        ended = CliRunner().invoke(main, [*words])
        return ended.exit_code, ended.output

    code, said = shell("cea", file, "--out", str(tmp_path / "out"))
    assert (code, "leave out --out" in said) == (2, True)
    assert shell("voi", file, "--wtp", "0")[0] == 0
    for words in (["dsa", file], ["threshold", file, "--parameter", "hr"]):
        code, said = shell(*words)
        assert (code, "give --wtp 0" in said) == (2, True)
        code, said = shell(*words, "--wtp", "0")
        assert code == 0, said
        assert "Incremental net benefit as it was made" in said
    code, said = shell("gsa", file)
    assert (code, "give --wtp 0, and leave out --result" in said) == (2, True)
    assert shell("gsa", file, "--wtp", "0")[0] == 0


def test_the_shell_values_net_benefits_without_parameters(tmp_path: Path) -> None:
    """`costeff cea` prints the CEAC and EVPI of the net benefits as they were made, and no ICER."""
    benefit = np.column_stack([np.zeros(200), np.where(np.arange(200) < 120, 30.0, -40.0)])
    pd.DataFrame(benefit, columns=["nmb_Usual", "nmb_New"]).to_csv(tmp_path / "nb.csv", index=False)
    ended = CliRunner().invoke(main, ["cea", str(tmp_path / "nb.csv")])
    assert ended.exit_code == 0, ended.output
    row = next(line for line in ended.output.splitlines() if line.lstrip().startswith("New"))
    assert row.split()[-4:] == ["40", "%", "60", "%"]
    assert "16" in row  # 18 with perfect information, 2 without
    assert "Near a tie" in ended.output
    assert "Fully incremental" not in ended.output
