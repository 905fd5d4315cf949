"""What the count of lines leaves out, on a text whose lines are counted by hand."""

from __future__ import annotations

from pathlib import Path

from lines_of_code import by_folder, lines_of_code, words

TEXT = '''"""A docstring

over three lines."""

import math  # 1


class A:  # 2
    """Not counted."""

    x = 1  # 3
    """What x is, for a reader."""


def f(a):  # 4
    """Not counted."""
    # nor this
    return """two
lines"""  # 5 and 6
'''


def test_docstrings_comments_and_blank_lines_do_not_count() -> None:
    assert lines_of_code(TEXT) == 6
    assert lines_of_code("") == lines_of_code('"""Only this."""\n') == 0


def test_folders_and_words_are_counted_apart(tmp_path: Path) -> None:
    (tmp_path / "cea" / "words").mkdir(parents=True)
    (tmp_path / "__init__.py").write_text("a = 1\n")
    (tmp_path / "cea" / "icer.py").write_text(TEXT)
    (tmp_path / "cea" / "words" / "en.yaml").write_text("# words\n\nicer: ICER\nnmb: net benefit\n")
    assert by_folder(tmp_path) == {".": 1, "cea": 6}
    assert words(tmp_path) == 2
