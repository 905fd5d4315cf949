"""CONTRIBUTING.md names the tasks that there are, and a budget for each part of .ci/run."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """Cells of the first table below a heading."""
    lines = GUIDE.partition(heading)[2].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|")) + 2
    table = lines[start : start + lines[start:].index("")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_every_session_is_listed() -> None:
    tree = ast.parse((ROOT / "noxfile.py").read_text("utf-8"))
    sessions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list]
    assert len(sessions) >= 9
    assert sorted(row[0].strip("`") for row in rows("## Tasks")) == sorted(sessions)


def test_every_part_of_ci_has_a_budget_and_all_fit() -> None:
    parts = re.findall(r'\bpart "([^"]+)" \w', (ROOT / ".ci/run").read_text("utf-8"))
    budget = {name: int(seconds) for name, seconds, *_ in rows("### Budget of .ci/run by part")}
    assert list(budget) == list(dict.fromkeys(budget))
    assert sorted(budget) == sorted(parts)
    beside = {"kernels", "lint", "types", "dead code", "site"}  # other parts run meanwhile
    assert sum(seconds for part, seconds in budget.items() if part not in beside) <= 1_500


def test_hooks_download_nothing() -> None:
    hooks = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert {repository["repo"] for repository in hooks["repos"]} == {"local"}
    assert all(hook["language"] == "system" for repository in hooks["repos"] for hook in repository["hooks"])
