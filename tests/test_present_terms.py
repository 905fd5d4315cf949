"""Anchored in the table of terms itself: both languages everywhere, the same places to fill, and every key in use."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import costeff.reporting
from costeff.analysis.frontier import STATUSES, quadrant
from costeff.errors import ScenarioError
from costeff.evidence.parameter import KINDS
from costeff.reporting.numbers import SPACE
from costeff.reporting.terms import TERMS, UNITS, term, unit_name
from costeff.voi.implementation import IMPLEMENTATION, INFORMATION

FOLDER = Path(costeff.reporting.__file__).parent


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", TERMS)
def test_both_languages(key: str) -> None:
    english, danish = TERMS[key]
    assert english.strip() == english != ""
    assert danish.strip() == danish != ""
    assert places(english) == places(danish)


def test_every_unit_has_four_forms() -> None:
    for forms in UNITS.values():
        assert len(forms) == 4
        assert all(forms)


def test_every_key_is_used_and_every_used_key_exists() -> None:
    """Keys in the source are quoted; those put together there are listed here with their parts.

    The pages of a case and the workbook have tables of words of their own; so does `book.term`.
    """
    files = [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.j2")]
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for path in files
        if not path.name.startswith(("terms", "case", "workbook"))
    )
    quoted = set(re.findall(r"[\"']([a-z0-9_]+)[\"']", source))
    built = {f"status_{status}" for status in STATUSES if status != "efficient"}
    built |= {f"kind_{kind}" for kind in KINDS}
    built |= {f"information_{name}" for name in INFORMATION}
    built |= {f"implementation_{name}" for name in IMPLEMENTATION}
    built |= {f"side_{quadrant(c, g).split(':')[0]}" for c in (-1, 0, 1) for g in (-1, 0, 1)}
    built |= {"at_low", "at_high", "says_unsure_cost", "says_unsure_effect", "more", "fewer"}
    built |= {"says_effect_more", "says_effect_less", "says_effect_same"}
    assert built <= set(TERMS)
    assert set(TERMS) - quoted - built == set()
    called = set(re.findall(r"(?<![.\w])(?:term|t)\(\s*[\"']([a-z0-9_]+)[\"']", source))
    assert called <= set(TERMS)
    assert len(called) > 50


def test_filling() -> None:
    assert term("weeks", "da", number=4) == "4 uger"
    assert term("interval_95", "da") == f"95{SPACE}%-interval"
    assert (
        term("says_pay_more", "da", strategy="X", list="Staten 5 kr.") == "Betaler mere med X: Staten 5 kr."
    )
    assert (unit_name("weeks", "en"), unit_name("QALY", "da"), unit_name("odd", "da")) == (
        "weeks",
        "QALY",
        "odd",
    )


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no such term"):
        term("no_such_key")
    with pytest.raises(ScenarioError, match="unknown language"):
        term("cost", "sv")
