"""Words of figures and pages: what an error is called, and texts of a model in the language of the page."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from fault import fault

from costeff import Evaluation
from costeff.cli import main
from costeff.voi.figures.voi import evpi


def of_draws(language: str) -> str:
    """The caption of a figure of EVPI, of 100 draws made elsewhere."""
    x = np.random.default_rng(1).normal(0.0, 1.0, 100)
    cost = np.column_stack([np.zeros(100), 1 + 40 * x])
    one = Evaluation("payer", "qaly", ("usual", "new"), "usual", cost, np.ones((100, 2)))
    figure = evpi(one.evpi([50.0, 100.0]), language)
    return str(dict(figure.layout.meta or {}).get("caption", ""))


@fault(
    kind="sampling error of a table called simulation error",
    given="figure of EVPI of draws made elsewhere",
    right="the caption says that its band is for the sampling error of the draws, in both languages",
)
@pytest.mark.parametrize(
    ("language", "name"), [("en", "sampling error of the draws"), ("da", "trækningernes stikprøvefejl")]
)
def test_the_error_of_a_table_is_called_sampling_error(language: str, name: str) -> None:
    assert name in of_draws(language)


@fault(
    kind="sampling error of a table called simulation error",
    given="costeff threshold of a table, with figures, in Danish",
    right="the caption and the legend of the page do not name simulation",
)
def test_the_threshold_of_a_table_does_not_name_simulation(tmp_path: Path) -> None:
    x, y = np.random.default_rng(1).normal(0.0, 1.0, (2, 200))
    rows = [f"0,1,{10 + 3 * a + b:.9f},1,{a:.9f},{b:.9f}" for a, b in zip(x, y, strict=True)]
    table = tmp_path / "draws.csv"
    table.write_text("\n".join(["cost_usual,effect_usual,cost_new,effect_new,a,b", *rows]), encoding="utf-8")
    asked = ["threshold", str(table), "--parameter", "a", "--language", "da", "--figures", str(tmp_path / "pages")]
    answer = CliRunner().invoke(main, [*asked, "--target", "10"])
    assert answer.exit_code == 0, answer.output
    (page,) = (tmp_path / "pages").glob("*.html")
    words = re.sub(r"<script[^>]*src.*?</script>", "", page.read_text(encoding="utf-8"))
    assert "stikprøvefejl" in words
    assert "imulationsfejl" not in words


@fault(
    kind="English on a Danish page",
    given="costeff describe sick_sicker --language da",
    right="what the prices are, in Danish",
)
def test_the_price_basis_is_said_in_danish() -> None:
    said = " ".join(CliRunner().invoke(main, ["describe", "sick_sicker", "--language", "da"]).output.split())
    (money,) = re.findall(r"Penge: [^\n:]*?-priser, ([^.]*prisår)", said) or [said]
    assert "as published" not in money
    assert money == "som udgivet, uden angivet prisår"
