"""Lives sampled by event: one individual at a time, with addressed random numbers."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Names that stood here in version 0.1.0, with a warning that names their new place."""
    from costeff.old_names import at_new_place

    return at_new_place(__name__, name)
