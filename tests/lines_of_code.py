"""Lines of Python that do something: without docstrings, blank lines and comments.

python tests/lines_of_code.py [FOLDER ...]      the count by folder of costeff/, and of the YAML of words apart
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "costeff"
SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def lines_of_code(text: str) -> int:
    """Lines on which code stands; a text over several lines counts each of them, a docstring or a field's text none."""
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in SILENT
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def by_folder(package: Path) -> Counter[str]:
    """Lines of code by folder of a package."""
    counts: Counter[str] = Counter()
    for file in sorted(package.rglob("*.py")):
        inside = file.relative_to(package)
        if "_bundled" not in inside.parts:
            counts[inside.parts[0] if len(inside.parts) > 1 else "."] += lines_of_code(file.read_text("utf-8"))
    return counts


def words(package: Path) -> int:
    """Lines of the YAML of words, blank ones and comments apart."""
    texts = (file.read_text("utf-8") for file in package.rglob("words/*.yaml"))
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for text in texts for line in text.splitlines())


def main(folders: list[str]) -> None:
    for package in [Path(name) for name in folders] or [PACKAGE]:
        counts = by_folder(package)
        for folder, count in sorted(counts.items()):
            print(f"{count:7,d}  {folder}")
        print(f"{counts.total():7,d}  {package}")
        print(f"{words(package):7,d}  words in YAML, counted apart")


if __name__ == "__main__":
    main(sys.argv[1:])
