"""The option --language: a language that has words, shipped or of the user."""

from __future__ import annotations

from typing import Any

import click


class LanguageName(click.types.StringParamType):
    """The code of a language; the files of words are looked for when a value is there to check."""

    name = "language"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return "[en|da|nb]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from costeff.catalogue import VARIABLE, languages

        if value not in languages():
            codes = ", ".join(languages())
            self.fail(f"'{value}' is not one of {codes}; {VARIABLE} names a folder with more.", param, ctx)
        return str(value)


def asked_language() -> str:
    """The language of the command that runs; English for one that has no such option."""
    from costeff.catalogue import languages

    context = click.get_current_context(silent=True)
    language = context.params.get("language") if context is not None else None
    return language if language in languages() else languages()[0]
