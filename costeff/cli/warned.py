"""Shows warnings about evidence, numbers and tables as sentences, without the line of Python that gave them."""

from __future__ import annotations

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


def _shown_by(usual: Callable[..., None]) -> Callable[..., None]:
    def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
        from costeff.economics.tables.related import UnrelatedWarning
        from costeff.evidence import IntervalWarning
        from costeff.numerals import NumberWarning

        if issubclass(category, IntervalWarning | NumberWarning | UnrelatedWarning):
            click.echo(f"costeff: warning: {message}", err=True)
        else:
            usual(message, category, *rest, **more)

    return show
