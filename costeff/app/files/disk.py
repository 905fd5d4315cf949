"""What the disk refuses, in words: a folder without the right to write, a full disk, a drive that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from costeff.errors import ScenarioError


@contextmanager
def disk_in_words() -> Iterator[None]:
    """Raise ScenarioError for an OSError of the block: a page that is told nothing waits for ever.

    >>> try:
    ...     with disk_in_words():
    ...         raise OSError(28, "No space left on device")
    ... except ScenarioError as error:
    ...     error.what, error.value
    ('the app cannot write in its folder', 'No space left on device')
    """
    try:
        yield
    except OSError as error:
        raise ScenarioError(
            "the app cannot write in its folder",
            value=error.strerror or type(error).__name__,
            rule="an answer is written into the file at once and whole, or not at all",
            way_out="make room on the disk, or get the right to write in the folder, and answer again",
        ) from error
