"""Options by their names in version 0.1.0: for one release they work, with a warning that names the new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def option_once(old: str, new: str, name: str, **settings: Any) -> Callable[[F], F]:
    """The option `new`, given to the command as `name`, that was called `old`; other settings are click's."""
    key = f"costeff.option.{name}"

    def keep(context: click.Context, _: click.Parameter, value: Any) -> None:
        if value is not None:
            click.echo(f"costeff: warning: {old} is now called {new}; {old} works for one more release", err=True)
            context.meta[key] = value

    def either(context: click.Context, _: click.Parameter, value: Any) -> Any:
        return context.meta.get(key) if value is None else value

    def add(command: F) -> F:
        old_option = click.option(old, f"{name}_once", hidden=True, expose_value=False, is_eager=True, callback=keep)
        return old_option(click.option(new, name, callback=either, **settings)(command))

    return add
