"""How a test says which fault it keeps mended: the kind, what was given, and what is right.

Tests in this folder use the command line and names that an older version has too, so that `against.py` can run
them on that version and write down what it did instead.
"""

from __future__ import annotations

import pytest


def fault(kind: str, given: str, right: str) -> pytest.MarkDecorator:
    """Mark of a test: the kind of fault, the input in a few words, and the right value or refusal."""
    return pytest.mark.fault(kind=kind, given=given, right=right)
