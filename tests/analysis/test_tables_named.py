"""Tables that nearly have a known form: the way out of each refusal, taken to the letter, reads them rightly."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from costeff import read_psa
from costeff.cli import main
from costeff.errors import ResultError

RNG = np.random.default_rng(4)
DRAWS = 60
COST, EFFECT = RNG.normal(900, 60, (DRAWS, 2)).round(2), RNG.normal(3, 0.2, (DRAWS, 2)).round(4)
LONG = pd.DataFrame(
    {
        "iter": np.repeat(np.arange(1, DRAWS + 1), 2),
        "strategy": ["Usual", "New"] * DRAWS,
        "total_costs": COST.ravel(),
        "total_qalys": EFFECT.ravel(),
    }
)
WIDE = pd.DataFrame({"cost1": COST[:, 0], "cost2": COST[:, 1], "qaly1": EFFECT[:, 0], "qaly2": EFFECT[:, 1]})


def test_a_long_table_of_totals_is_no_wide_one_of_a_single_strategy() -> None:
    evaluation = read_psa(LONG)
    assert evaluation.strategies == ("Usual", "New")
    np.testing.assert_array_equal(evaluation.cost, COST)
    np.testing.assert_array_equal(evaluation.effect, EFFECT)
    with pytest.raises(ResultError, match="cost_total"):  # not the same for both, so it is no parameter
        read_psa(
            LONG.rename(columns={"total_costs": "cost"})
            .assign(qaly=LONG["total_qalys"], cost_total=LONG["iter"] + (LONG["strategy"] == "New"))
            .drop(columns="total_qalys")
        )


@pytest.mark.parametrize(
    "table",
    [
        WIDE,
        LONG.rename(columns={"total_costs": "cost", "total_qalys": "qaly", "strategy": "_j"}),
        LONG.rename(columns={"total_costs": "costs_disc", "total_qalys": "qalys_disc"}).assign(
            costs_undisc=LONG["total_costs"], qalys_undisc=LONG["total_qalys"]
        ),
    ],
    ids=["numbered", "long without a column of strategies", "long, discounted and not"],
)
def test_the_way_out_is_right_as_it_stands(table: pd.DataFrame, tmp_path: Path) -> None:
    file, words = tmp_path / "psa.csv", ["cea", str(tmp_path / "psa.csv"), "--wtp", "500"]
    table.to_csv(file, index=False)
    for _ in range(4):
        ended = CliRunner().invoke(main, words)
        if ended.exit_code == 0:
            break
        way_out = ended.output.split("Way out:")[1]
        told = re.findall(r"--(?:cost|effect|map) '[^']*'", way_out.split("; where")[0])
        if not told:  # what is no parameter is named where it is refused
            told = [f"--ignore '{name}'" for name in re.findall(r"parameter '([^']*)'", ended.output)[:1]]
        words += shlex.split(" ".join(told))
    assert ended.exit_code == 0, ended.output
    net = 500 * EFFECT - COST
    assert f"{100 * (net[:, 1] > net[:, 0]).mean():.0f} %" in ended.output


def test_differences_of_results_are_no_parameters() -> None:
    bcea = pd.DataFrame(
        {
            "e.1": EFFECT[:, 0],
            "e.2": EFFECT[:, 1],
            "c.1": COST[:, 0],
            "c.2": COST[:, 1],
            "delta_e": EFFECT[:, 1] - EFFECT[:, 0],
            "delta_c": COST[:, 0] - COST[:, 1],
            "delta_cost": COST[:, 1] * 2,
        }
    )
    evaluation = read_psa(bcea)
    assert list(evaluation.parameters) == ["delta_cost"]
    assert "column 'delta_e' is the difference of two results and is left out" in str(evaluation.attrs["read_as"])
