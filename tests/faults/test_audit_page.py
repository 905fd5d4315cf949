"""The page on the audit names every row of it, and no row claims a file or a change that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "audit_tki2.md"
IDS = [f"{letter}{i}" for letter, last in (("A", 17), ("D", 10), ("E", 11), ("F", 22)) for i in range(1, last + 1)]
STATES = ("mended", "partly", "not mended")


def rows() -> dict[str, tuple[str, str, str]]:
    """Row id to defect, state and what was done."""
    lines = re.findall(r"^\| ([ADEF]\d+) \| (.+?) \| (.+?) \| (.+) \|$", PAGE.read_text("utf-8"), re.M)
    assert len(lines) == len({line[0] for line in lines}), "a row stands twice"
    return {line[0]: (line[1], line[2], line[3]) for line in lines}


def test_every_row_of_the_audit_has_its_line():
    assert list(rows()) == IDS


@pytest.mark.parametrize("row", IDS)
def test_a_row_says_what_was_done_or_why_not(row):
    _, state, account = rows()[row]
    assert state in STATES
    files = [name for name in re.findall(r"`([^`]+)`", account) if "/" in name]
    missing = [name for name in files if not (ROOT / name).exists()]
    assert missing == [], "files that do not exist"
    if state == "not mended":
        assert len(account) > 25 or account == "next", "why not"
    else:
        assert files, "where it was mended"


def test_figures_of_the_page_are_those_of_the_parameter_file():
    """`name` value: what the page quotes of a parameter is what the file holds."""
    from costeff.evidence import read_evidence

    parameters = read_evidence(ROOT / "parameters" / "tki2.yaml").parameters
    quoted = re.findall(r"`(\w+)` (-?\d+\.?\d*)", PAGE.read_text("utf-8"))
    wrong = [(name, value) for name, value in quoted if parameters[name].value != float(value)]
    assert wrong == []


def test_the_25_most_influential_assumptions_have_a_source_or_a_search():
    from costeff.evidence import read_evidence

    evidence = read_evidence(ROOT / "parameters" / "tki2.yaml")
    lines = re.findall(
        r"^\| C(\d+) \| (.+?) \| ([\d,]+) \| ([\d,]+) \| (.+?) \| (.+) \|$", PAGE.read_text("utf-8"), re.M
    )
    assert [int(line[0]) for line in lines] == list(range(1, 26))
    for _, figure, base, even, worth, account in lines:
        names = re.findall(r"`(\w+)`", figure)
        assert [n for n in names if n not in evidence.parameters and n not in evidence.groups] == []
        assert "searched" in account or any(c.isdigit() or c.isupper() for c in account), figure
        assert float(worth.split(" ")[0].replace(",", "")) <= 11_700 + 200
        assert max(float(x.replace(",", "")) for x in (base, even)) > 0
    swings = [max(float(x.replace(",", "")) for x in line[2:4]) for line in lines]
    assert swings == sorted(swings, reverse=True)
