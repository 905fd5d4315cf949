"""The tasks of the project, one name each: `python -m nox --list`, `python -m nox -s lint types`.

Every session runs in the environment that nox itself runs in (CONTRIBUTING.md says how to make it), so nothing is
installed twice. `.ci/run` calls lint, types, dead, docs and examples.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "dead"]
ROOT = Path(__file__).parent
PYTHON = sys.executable


def python(session: nox.Session, *words: str, **environment: str) -> None:
    """Run this interpreter with some words behind it."""
    session.run(PYTHON, *words, env=environment, external=True)


@nox.session
def lint(session: nox.Session) -> None:
    """Rules and layout of the code, without changing it."""
    python(session, "-m", "ruff", "check", ".")
    python(session, "-m", "ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types of the library."""
    python(session, "-m", "mypy", "costeff")


@nox.session
def typing(session: nox.Session) -> None:
    """What users may and may not write, by mypy and pyright: typing_tests/."""
    python(session, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_typing.py")


@nox.session
def dead(session: nox.Session) -> None:
    """Code that nothing calls, and dependencies that nothing imports or nobody declares."""
    python(session, "-m", "vulture")
    python(session, "-m", "deptry", ".")


@nox.session
def tests(session: nox.Session) -> None:
    """The suite; more words go to pytest: `nox -s tests -- tests/shell/test_cli.py -x`."""
    python(session, "-m", "pytest", *(session.posargs or ["-n", "auto", "--dist", "loadfile"]))


@nox.session
def docs(session: nox.Session) -> None:
    """The site, with warnings as errors, into build/site."""
    python(session, "-m", "sphinx", "-q", "-W", "--keep-going", "-E", "-b", "html", "-c", "docs", ".", "build/site")


@nox.session
def examples(session: nox.Session) -> None:
    """The code on every page of documentation."""
    python(session, "tests/run_docs.py", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Branches of the ledger, the economics and the investment case that their tests enter; at least 95 %."""
    python(session, "tests/coverage_floor.py", *session.posargs, NUMBA_JIT_COVERAGE="1")


@nox.session
def mutate(session: nox.Session) -> None:
    """Faults put into the ledger and a case's measures: at least 90 % are seen. Writes tests/mutation/result.md."""
    python(session, "tests/mutation/mutate.py", *session.posargs)


@nox.session
def nightly(session: nox.Session) -> None:
    """What is too slow for every change; writes the date, the commit and what came out to tests/nightly.md."""
    begun = datetime.now(UTC)
    words = ["-m", "pytest", "-n", "auto", "--dist", "loadfile", "-q", "-m", "nightly or repeated or hypothesis"]
    environment = os.environ | {"COSTEFF_NIGHTLY": "1"}
    ended = subprocess.run(
        [PYTHON, *words, *session.posargs], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    *_, last = ended.stdout.strip().splitlines() or ["nothing was written"]
    head = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    lines = [
        "# Slow tests",
        "",
        f"Written by `nox -s nightly` on {begun:%Y-%m-%d %H:%M} UTC, at commit {head.stdout.strip() or 'unknown'}.",
        "",
        f"`{last.strip('= ')}`",
        "",
    ]
    (ROOT / "tests/nightly.md").write_text("\n".join(lines), encoding="utf-8")
    if ended.returncode:
        session.error(ended.stdout[-20_000:] + ended.stderr[-2_000:])
