"""A scenario that asks for what the model does not have is told in which line of its file."""

from __future__ import annotations

from pathlib import Path

import pytest
from fault import fault

import costeff
from costeff.errors import CosteffError

LINES = "an error of a scenario that names its file and no line"
HEAD = "scenario: own\ntitle: {en: Own, da: Egen}\nmodel: sick_sicker\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(text, said, marks=fault(kind=LINES, given=given, right="the line"))
        for given, text, said in (
            ("an unknown effect", "effect: qalyz\n", "line 4: unknown effect"),
            ("an unknown effect of wtp", "wtp:\n  range: [0, 100]\n  effect: qalyz\n", "line 6: unknown effect"),
            ("a horizon of no whole cycles", "options:\n  horizon: 0.3 years\n", "line 5: the horizon is not a span"),
        )
    ],
)
def test_the_line_is_named(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(HEAD + text)
    with pytest.raises(CosteffError, match=said):
        costeff.load(file)
