"""Attributes for readers who hear the page, as Dash takes them."""

from __future__ import annotations

from typing import Any


def aria(**words: str) -> dict[str, Any]:
    """Attributes of this family by their last part.

    >>> aria(label="Result")
    {'aria-label': 'Result'}
    """
    return {f"aria-{name}": word for name, word in words.items()}
