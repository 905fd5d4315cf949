"""Anchors: identities of mending (mended in all parts it is the better strategy), and differences that are exact 0."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import costeff as ce
from costeff.cli import main
from costeff.errors import ScenarioError
from costeff.model.delivery import changed
from costeff.sensitivity.figures.mending import mending as drawn
from costeff.sensitivity.mending import mending

TEXT = (Path(__file__).parents[1] / "data" / "models" / "delivery.yaml").read_text("utf-8")
NUMBERS = (Path(__file__).parents[1] / "data" / "models" / "delivery_parameters.yaml").read_text("utf-8")
BETTER = """  better:
    in: [sick]
    legs: [return_to_work]
    ratio: hr
    trial_dose: 1
    stages:
      first: {rate: l1, dose: 0.25, costs: {payer: cost_first}, label: {en: First, da: Første}}
      second: {rate: 4 * l2, drop_out: d2, dose: 0.5, label: {en: Second, da: Anden}}
      third: {rate: l3, probability: 1, dose: 1, costs: {payer: cost_third}, label: {en: Third, da: Tredje}}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programme, and one whose second stage is faster and whose third everybody takes."""
    folder = tmp_path_factory.mktemp("mending")
    label = "  programme: {label: {en: Programme, da: Indsats}}\n"
    text = TEXT.replace(label, label + "  better: {label: {en: Better, da: Bedre}}\n")
    (folder / "delivery.yaml").write_text(text.replace("parties:\n", BETTER + "parties:\n", 1), "utf-8")
    (folder / "delivery_parameters.yaml").write_text(NUMBERS.replace("hr: {value: 1,", "hr: {value: 1.5,"), "utf-8")
    return folder / "delivery.yaml"


@pytest.fixture(scope="module")
def two(file: Path) -> ce.Study:
    return ce.load(str(file))


def test_what_is_mended_and_what_it_gives(two: ce.Study) -> None:
    table = mending(two, "programme", "better", 1000, effect="weeks_work", draws=4, individuals=2000).set_index(
        ["stage", "part"]
    )
    assert list(table.index) == [("second", "pace"), ("third", "share"), ("all", "all")]
    whole = table.loc[("all", "all")]
    assert (table["reached"] > 0).all()
    assert whole["reached"] > table["reached"].iloc[:-1].max()
    # Mended in all parts it is the better strategy to the last digit: the same luck at every stage.
    result = two.psa(draws=4, individuals=2000, seed=1, progress=False)
    evaluation = result.perspective("payer", "weeks_work")
    net = 1000 * evaluation.gain - evaluation.cost
    programme, better = (evaluation.strategies.index(name) for name in ("programme", "better"))
    assert whole["gain"] == pytest.approx(float((net[:, better] - net[:, programme]).mean()), rel=1e-12)
    assert whole["cost"] == pytest.approx(whole["per_reached"] * whole["reached"])


def test_the_mended_model_changes_one_strategy_only(two: ce.Study) -> None:
    """Usual care and the better strategy live as before; a delivery that is put back gives the model again."""
    before = two.model.delivery[0]
    faster = two.model.delivery[1].stages[1]
    other = changed(two.model, replace(before, stages=(before.stages[0], faster, before.stages[2])))
    assert changed(other, before) == two.model
    lives = [one.histories(individuals=300, seed=2) for one in (two, replace(two, model=other))]
    for strategy, is_same in (("usual_care", True), ("better", True), ("programme", False)):
        one, two_ = (table[table["strategy"] == strategy].reset_index(drop=True) for table in lives)
        assert one.equals(two_) == is_same


def test_what_cannot_be_mended_is_refused(two: ce.Study) -> None:
    with pytest.raises(ScenarioError, match="no delivery"):
        mending(two, "usual_care", "better", 0)
    with pytest.raises(ScenarioError, match="no delivery"):
        mending(ce.load("sick_sicker"), "A", "B", 0)


def test_the_command_prints_and_draws_what_the_function_returns(two: ce.Study, file: Path, tmp_path: Path) -> None:
    asked = ["dsa", str(file), "--mend", "programme", "better", "--wtp", "1000", "--effect", "weeks_work"]
    run = ["--draws", "4", "--individuals", "500", "--json", str(tmp_path / "a.json"), "--figures", str(tmp_path / "f")]
    ran = CliRunner().invoke(main, [*asked, *run, "--language", "da"])
    assert ran.exit_code == 0, ran.output
    table = mending(two, "programme", "better", 1000, effect="weeks_work", draws=4, individuals=500)
    found = json.loads((tmp_path / "a.json").read_text("utf-8"))["mending_payer"]
    assert [row["gain"] for row in found["rows"]] == pytest.approx(table["gain"].tolist())
    about = found["conventions"]
    assert about["per_reached"] == pytest.approx(about["cost"] / about["reached"])
    assert f"{about['reached']:.3f} of people reach third" in ran.output
    for words in ("delay", "who takes it", "all stages"):
        assert words in ran.output
    page = (tmp_path / "f" / "mending_payer.html").read_text("utf-8")
    assert "Hvilket trin er værd at forbedre" in page
    labels = {s.name: s.label for s in two.model.strategies}
    figure = drawn(table, labels, {s.name: s.label for s in two.model.delivery[1].stages}, "en")
    assert list(figure.data[0].y) == ["Second: delay", "Third: who takes it", "All stages"]
    assert list(figure.data[0].x) == table["gain"].tolist()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--mend", "programme", "better"], "--wtp"),
        (["--mend", "programme", "better", "--wtp", "1", "--level", "0.9"], "--level does not go with --mend"),
        (["--draws", "8"], "--draws does not go with"),
    ],
)
def test_options_that_mending_would_leave_unused_are_refused(file: Path, more: list[str], message: str) -> None:
    ran = CliRunner().invoke(main, ["dsa", str(file), *more])
    assert ran.exit_code != 0
    assert message in ran.output + str(ran.exception)
