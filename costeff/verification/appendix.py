"""The verdicts of a verification as an appendix of a document, and as answers to AdViSHE's questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.reporting.note import NoteBlock, NoteTable

if TYPE_CHECKING:
    from costeff.verification.verify import Verification

VERDICTS = {"pass": "appendix_pass", "fail": "appendix_fail", "not applicable": "appendix_left"}
SUBJECTS_OF = {
    "extremes": ("money", "health", "discounting", "strategies"),
    "traces": ("lives",),
    "units": ("decisions", "uncertainty"),
}
"""AdViSHE's question to the subjects of the checks that say something of it."""


def appendix(verification: Verification, language: str) -> NoteBlock:
    """Every check, what was expected, what came and the verdict; failures first."""
    rows = sorted(verification.rows(language), key=lambda row: row["verdict"] != "fail")
    heads = [say(f"appendix_{key}", language) for key in ("check", "expected", "came", "verdict")]
    texts = [
        [_name(row["check"], row["tech_ver"]), row["expected"], row["came"], say(VERDICTS[row["verdict"]], language)]
        for row in rows
    ]
    limits = [say("verify_limits", language)]
    return NoteBlock(say("appendix_title", language), limits, NoteTable(heads, texts, len(heads)), page=True)


def _name(check: str, item: str) -> str:
    words = check.replace("_", " ")
    return f"{words} (TECH-VER {item})" if item else words


def answers_to_advishe(verification: Verification, language: str) -> dict[str, str]:
    """How many checks on the subject of each question passed; the library's own tests are named as what they are."""
    rows = verification.rows()
    out: dict[str, str] = {}
    for question, subjects in SUBJECTS_OF.items():
        own = [row["verdict"] for row in rows if row["subject"] in subjects]
        if own:
            out[question] = say("advishe_checks", language, **_counts(own))
    if "units" in out:
        out["units"] += " " + say("advishe_library", language)
    return out


def _counts(verdicts: Sequence[str]) -> dict[str, int]:
    beside, failures = verdicts.count("not applicable"), verdicts.count("fail")
    return {"passed": verdicts.count("pass"), "number": len(verdicts), "failed": failures, "left": beside}
