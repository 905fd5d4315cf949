"""Shows warnings about evidence, numbers and tables, and what the library logs, as sentences."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click


@contextmanager
def warnings_in_words() -> Iterator[None]:
    """Within it, a warning about evidence, numbers or a table goes to stderr as `costeff: warning: ...`; others are as
    usual."""
    with warnings.catch_warnings():
        warnings.showwarning = _shown_by(warnings.showwarning)
        yield


class _Shown(logging.Handler):
    """Prints what is logged to stderr, as a sentence."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line of the log."""
        click.echo(record.getMessage(), err=True)


@contextmanager
def log_in_words() -> Iterator[None]:
    """Within it, what the library logs (replaced files, a damaged cache) goes to stderr, information too."""
    log, handler = logging.getLogger("costeff"), _Shown(logging.INFO)
    level, passed_on = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(min(level, logging.INFO) if level else logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
        log.propagate = passed_on


def _shown_by(usual: Callable[..., None]) -> Callable[..., None]:
    def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
        from costeff.analysis.tables.related import UnrelatedWarning
        from costeff.documents.numerals import NumberWarning
        from costeff.documents.section import OldWordWarning
        from costeff.evidence import IntervalWarning

        if issubclass(category, IntervalWarning | NumberWarning | OldWordWarning | UnrelatedWarning):
            click.echo(f"costeff: warning: {message}", err=True)
        else:
            usual(message, category, *rest, **more)

    return show
