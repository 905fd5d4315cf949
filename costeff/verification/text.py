"""The verdicts as a text of a terminal: failures, then how much passed by subject, then what does not apply."""

from __future__ import annotations

from costeff.catalogue import say
from costeff.verification.verdict import SUBJECTS
from costeff.verification.verify import Verification


def verification_text(verification: Verification, language: str = "en") -> str:
    """What `costeff verify` writes."""
    rows = verification.rows(language)
    failures = [row for row in rows if row["verdict"] == "fail"]
    passes = [row for row in rows if row["verdict"] == "pass"]
    others = [row for row in rows if row["verdict"] == "not applicable"]
    counts = {"failed": len(failures), "number": len(rows), "passed": len(passes), "left": len(others)}
    out = [say("verify_heading", language, model=verification.model, **counts)]
    if failures:
        out += ["", say("verify_failed", language)]
    for row in failures:
        out.append(f"  {row['check']}" + (f" (TECH-VER {row['tech_ver']})" if row["tech_ver"] else ""))
        out += ["    " + say(f"verify_{key}", language, text=row[key]) for key in ("expected", "came")]
    if passes:
        out += ["", say("verify_passed", language)]
    for subject in SUBJECTS:
        count = sum(row["subject"] == subject for row in passes)
        if count:
            out.append(f"  {say(f'verify_subject_{subject}', language):<20} {count:>3}")
    if others:
        out += ["", say("verify_not_applicable", language)]
    out += [f"  {row['check']}: {row['came']}" for row in others]
    return "\n".join([*out, "", say("verify_limits", language)])
