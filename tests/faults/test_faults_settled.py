"""Results that luck could explain, said as if they were settled; errors and digits that claim more than is known."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from fault import fault

import costeff
from costeff import Evaluation, read_psa
from costeff.cea.decision_matrix import decision_matrix
from costeff.cli import main

TINY = ["--draws", "20", "--individuals", "20", "--seed", "5", "--quiet"]


def noisy(draws: int = 60, replicates: int | None = None) -> Evaluation:
    """Usual care and a programme that costs 100 more and gives nothing, with luck of 0.1 in its effect."""
    luck = np.random.default_rng(4).normal(0.0, 0.1, draws)
    luck += 0.004 - luck.mean()
    cost = np.column_stack([np.full(draws, 1000.0), 1100.0 + np.arange(draws) % 2])
    effect = np.column_stack([np.ones(draws), 1.0 + luck])
    return Evaluation("payer", "qaly", ("usual", "new"), "usual", cost, effect, replicates=replicates)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Text and folder of a run of TKI2 that is far too small."""
    out = tmp_path_factory.mktemp("settled") / "out"
    ended = CliRunner().invoke(main, ["run", "tki2", *TINY, "--out", str(out)])
    assert ended.exit_code == 0, ended.output
    return ended.output, out


def increments(out: Path) -> list[dict[str, str]]:
    with (out / "icer_table.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["incremental_cost"]]


def far(row: dict[str, str], errors: float = 1.9) -> bool:
    """Whether both increments of a row lie several errors from 0."""
    return all(
        abs(float(row[f"incremental_{key}"])) > errors * float(row[f"incremental_{key}_mcse"])
        for key in ("cost", "effect")
    )


@fault(kind="a ratio of noise is printed", given="effect +0.004 with error 0.013, cost +100", right="no ICER")
def test_no_ratio_of_noise_in_python() -> None:
    row = noisy().icer_table().set_index("strategy").loc["new"]
    assert np.isnan(row["icer"]), row["icer"]


@fault(kind="a ratio of noise is printed", given="three strategies, two of them alike but for luck", right="no ICER")
def test_no_ratio_of_noise_among_three() -> None:
    two = noisy()
    cost = np.column_stack([two.cost, np.full(two.draws, 1e6)])
    effect = np.column_stack([two.effect, np.full(two.draws, 3.0)])
    three = Evaluation("payer", "qaly", ("usual", "new", "big"), "usual", cost, effect)
    row = three.icer_table().set_index("strategy").loc["new"]
    assert np.isnan(row["icer"]), row["icer"]


@fault(kind="a ratio of noise is printed", given="four designs of Latin hypercube draws", right="no ICER")
def test_no_ratio_from_four_designs() -> None:
    rng = np.random.default_rng(1)
    cost, effect = rng.normal([1000.0, 1100.0], 1.0, (40, 2)), rng.normal([1.0, 1.5], 0.01, (40, 2))
    four = Evaluation("payer", "qaly", ("usual", "new"), "usual", cost, effect, replicates=4)
    icer = four.icer_table().set_index("strategy").loc["new", "icer"]
    assert np.isnan(icer), icer


@fault(
    kind="a ratio of noise is printed",
    given="`costeff run tki2`, 20 draws x 20 individuals: icer_table.csv",
    right="empty where an increment is within its error",
)
def test_no_ratio_of_noise_in_csv(run: tuple[str, Path]) -> None:
    noise = {row["perspective"]: row["icer"] for row in increments(run[1]) if row["icer"] and not far(row)}
    assert not noise, noise


@fault(
    kind="a ratio of noise is printed",
    given="`costeff run tki2`, 20 draws x 20 individuals: summary.json",
    right="null where an increment is within its error",
)
def test_no_ratio_of_noise_in_json(run: tuple[str, Path]) -> None:
    views = json.loads((run[1] / "summary.json").read_text(encoding="utf-8"))["perspectives"]
    noise = {
        name: row["icer"]
        for name, view in views.items()
        for row in view["icer_table"]
        if row["icer"] is not None and not far({key: str(value) for key, value in row.items()})
    }
    assert not noise, noise


@fault(kind="a ratio of noise is printed", given="`study.run` of one draw: its error from two halves", right="no ICER")
def test_no_ratio_from_one_draw_of_lives() -> None:
    lives = costeff.load("sick_sicker").run(200, 3, engine="microsim", progress=False)
    table = lives.perspective("health_care").icer_table()
    given = table.loc[~table["icer"].isna(), ["strategy", "icer", "incremental_effect_mcse"]]
    assert not len(given), given.to_dict("records")


@fault(kind="settledness is not in the data", given="icer_table.csv of `costeff run`", right="a column `settled`")
def test_the_file_says_what_is_settled(run: tuple[str, Path]) -> None:
    assert "settled" in increments(run[1])[0], list(increments(run[1])[0])


@fault(kind="settledness is not in the data", given="parties.csv of `costeff run`", right="a column `settled`")
def test_the_parties_say_what_is_settled(run: tuple[str, Path]) -> None:
    header = (run[1] / "parties.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert "settled" in header, header


@fault(
    kind="'dominated' without a qualification",
    given="report of 20 draws x 20 individuals",
    right="every 'dominated' says on average, and how sure",
)
def test_dominated_is_qualified(run: tuple[str, Path]) -> None:
    page = (run[1] / "report.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    cells = re.findall(r"<td[^>]*>(domina[^<]*)</td>", page)
    assert cells
    bare = [cell for cell in cells if "on average" not in cell]
    assert not bare, bare[0]


@fault(
    kind="intervals 'too wide by' a share of the variance",
    given="the last lines of `costeff run`",
    right="the share of the width: 7 % of the variance is 3.7 % of the width",
)
def test_variance_is_not_width(run: tuple[str, Path]) -> None:
    assert "too wide by that much" not in run[0], "too wide by that much"


@fault(kind="more digits than the error supports", given="+3,110 with error 970", right="3,000 (1,000)")
def test_money_stops_at_its_error() -> None:
    from costeff.reporting.numbers import write_money

    assert write_money(3110.0, error=970.0) == "3,000"


@fault(
    kind="more digits than the error supports",
    given="0.00018 QALY with error 0.00052, -0.03137 to 0.03091",
    right="0.0002, -0.031 to 0.031",
)
def test_effects_stop_at_their_error() -> None:
    from costeff.reporting.numbers import write_interval, write_number

    assert write_number(0.00018, error=0.00052) == "0.0002"
    assert write_interval(-0.03137, 0.03091, error=0.00052) == "−0.031 to 0.031"


@fault(kind="few designs judged as many draws", given="8 designs, lead of 2.1 errors", right="not settled: t is 2.36")
def test_eight_designs_have_seven_degrees_of_freedom() -> None:
    lead = np.array([-1.0, 1.0] * 4)
    lead = lead / lead.std(ddof=1) * np.sqrt(8) + 2.1  # error of the mean 1
    cost = np.column_stack([np.zeros(8), -lead])
    one = Evaluation("payer", "qaly", ("usual", "new"), "usual", cost, np.zeros((8, 2)), replicates=8)
    assert decision_matrix([one], 0)["settled"].item() == 0


@fault(kind="few designs judged as many draws", given="2 draws, both the same choice", right="not settled")
def test_two_draws_settle_nothing() -> None:
    cost, effect = [[0.0, 10.0], [0.0, 11.0]], [[1.0, 1.0]] * 2
    one = Evaluation("payer", "qaly", ("usual", "new"), "usual", cost, effect)
    assert decision_matrix([one], 0)["settled"].item() == 0


@fault(kind="an error from two batches is printed", given="`costeff threshold`, 2 batches", right="no error is given")
def test_two_batches_give_no_error() -> None:
    study = costeff.load("tki2")
    found = study.threshold("programme_cost", "municipal", individuals=20, batches=2, points=3, seed=1)
    assert all(np.isnan(root.mcse) for root in found.roots), [root.mcse for root in found.roots]
    assert found.curve["mcse"].isna().all(), found.curve["mcse"].tolist()


@fault(
    kind="`voi` concludes beyond its error",
    given="tki2, 60 draws x 40 individuals, a trial of 180",
    right="not settled",
)
def test_the_worth_of_a_study_is_not_settled(tmp_path: Path) -> None:
    """A trial that costs about what it is worth to the other municipalities."""
    shipped = (Path(__file__).parents[2] / "designs" / "tki2_trial.yaml").read_text(encoding="utf-8")
    design = tmp_path / "trial.yaml"
    design.write_text(shipped.replace("fixed: 2000000", "fixed: 1400000"), encoding="utf-8")
    asked = [
        "voi",
        "tki2",
        "--wtp",
        "300000",
        "--perspective",
        "other_municipalities",
        "--draws",
        "120",
        "--individuals",
        "40",
        "--seed",
        "1",
        "--design",
        str(design),
        "--n",
        "180",
        "--evsi-method",
        "gaussian",
        "--quiet",
    ]
    ended = CliRunner().invoke(main, asked)
    assert ended.exit_code == 0, ended.output
    said = next(line for line in ended.output.splitlines() if "planned:" in line)
    assert "not settled" in said, said


@fault(kind="resampling called simulation", given="a bootstrap table in Python", right="sampling error of the draws")
def test_a_table_says_what_its_errors_are(tmp_path: Path) -> None:
    rows = ["cost_usual,cost_new,effect_usual,effect_new"]
    rows += [f"{100 + i},{110 + i % 7},1,{1 + 0.1 * (i % 3)}" for i in range(30)]
    (tmp_path / "boot.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    table = read_psa(tmp_path / "boot.csv").icer_table()
    assert table.attrs.get("errors") == "sampling error of the draws", sorted(map(str, table.attrs))
