"""Anchored in the numbers put in: figures of decisions hold exactly what the tables of decisions hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from present_example import example_content

from costeff import Evaluation, read_psa
from costeff.cea.decision_matrix import decision_matrix
from costeff.cea.figures import decisions as figure_decisions
from costeff.cea.mixed import mixed_strategy
from costeff.cea.risk_aversion import risk_aversion
from costeff.labels import Label

CONTENT = example_content(wtp_at=250_000.0)
VIEWS = {view.name: view.evaluation for view in CONTENT.perspectives}
ONE = VIEWS["municipal"]
LABELS = {**CONTENT.strategies, **{view.name: view.label for view in CONTENT.perspectives}}
TABLE = Path(__file__).parents[1] / "data" / "economics" / "sick_sicker_psa.csv"
WTP = np.linspace(0, 500_000, 11)


def test_expected_loss_is_drawn_without_noise_where_that_is_known() -> None:
    losses = ONE.expected_loss(WTP)
    figure = figure_decisions.expected_loss(losses, LABELS, "da")
    assert [line.name for line in figure.data] == ["Vanlig indsats, korrigeret", "TKI2, korrigeret"]
    np.testing.assert_array_equal(figure.data[1].y, losses["expected_loss_noise_corrected"].sel(strategy="tki2"))
    assert "kr. pr. borger" in figure.layout.yaxis.title.text.replace("<br>", " ")
    assert "Kommunen, uden skat" in figure.layout.yaxis.title.text.replace("<br>", " ")
    plain = read_psa(TABLE, currency="USD").expected_loss([0, 1e5])
    figure = figure_decisions.expected_loss(plain, {})
    np.testing.assert_array_equal(figure.data[0].y, plain["expected_loss"].isel(strategy=0))


def test_decision_matrix_says_who_is_ahead_and_marks_what_is_not_settled() -> None:
    matrix = decision_matrix(VIEWS, [0, 100_000, 250_000])
    figure = figure_decisions.decision_matrix(matrix, LABELS)
    texts = [note.text for note in figure.layout.annotations]
    assert len(texts) == len(figure.layout.shapes) == 9
    for text, name, settled in zip(
        texts, matrix["preferred"].values.ravel(), matrix["settled"].values.ravel(), strict=True
    ):
        assert text.startswith(f"<b>{LABELS[str(name)]['en']}</b>")
        assert ("not settled" in text) == (not settled)
    faint = [shape.opacity < 0.2 for shape in figure.layout.shapes]
    assert faint == [not settled for settled in matrix["settled"].values.ravel()]
    assert list(figure.layout.yaxis.ticktext)[1] == "Public sector"
    assert list(figure.layout.xaxis.ticktext) == ["0", "100,000", "250,000"]
    evil = {"tki2": Label("<script>x</script>", "x")}
    assert not any(
        "<script>" in note.text for note in figure_decisions.decision_matrix(matrix, evil).layout.annotations
    )


def test_mixed_and_risk_aversion_hold_their_tables() -> None:
    mixed = mixed_strategy(ONE, WTP, shares={"usual_care": 0.75, "tki2": 0.25})
    figure = figure_decisions.mixed_strategy(mixed, LABELS, "en")
    for line, name in zip(figure.data, ("loss", "evpi", "expected_loss"), strict=True):
        np.testing.assert_array_equal(line.y, mixed[name])
    assert figure.layout.annotations[0].text.replace("\u00a0", " ") == "In use: Usual care 75 %, TKI2 25 %"
    found = risk_aversion(ONE, [0, 250_000], [0, 1e-5, 1e-4])
    figure = figure_decisions.risk_aversion(found, LABELS, wtp=250_000)
    np.testing.assert_array_equal(figure.data[0].y, [0, 0, 0])
    np.testing.assert_array_equal(
        figure.data[1].y, found["incremental_certainty_equivalent"].sel(wtp=250_000, strategy="tki2")
    )
    assert figure.layout.xaxis.title.text == "Risk aversion, per DKK"


def test_single_strategy_draws_too() -> None:
    alone = Evaluation("m", "qaly", ("A",), "A", [[1.0], [2.0]], [[0.0], [0.0]])
    figure = figure_decisions.decision_matrix(decision_matrix([alone], 0), {})
    assert "–" in figure.layout.annotations[0].text
