"""Puts an error into the language of its reader.

Rank 2: imports `costeff.catalogue` and `costeff.errors`. The code raises errors in English, with the names and numbers
of the case put in. `words/errors.da.yaml` and its kin hold a pattern for each English text, with {1}, {2} ... for what
was put in, and the same in their language. A text is found again by its pattern when an error is shown: a message costs
nothing where it is raised, and a text without a pattern is shown in English.
"""

from __future__ import annotations

import os
import re
from functools import cache

from costeff.catalogue import FIRST, VARIABLE, error_files, languages, read_words, say, words_of
from costeff.errors import CosteffError, Place, ScenarioError, sentence

Patterns = tuple[tuple[re.Pattern[str], str], ...]
_HOLE = re.compile(r"\{\d\}")
_PIECES = re.compile(r"(\{\d\})")


def error_text(error: CosteffError, language: str) -> str:
    """An error as text in a language.

    >>> text = error_text(ScenarioError("`uptake` is not a share", value=3, rule="a share from 0 to 1"), "da")
    >>> print(text.replace(chr(160), " "))
    `uptake` er ikke en andel (værdi: 3).
      Regel: en andel fra 0 til 1.
    """
    if not _patterns(language, os.environ.get(VARIABLE, "")):
        return str(error)
    problems = getattr(error, "problems", None)
    if problems is not None:
        count_shown = str(error).count("\n  Rule: ") or len(problems)
        texts = [error_text(problem, language) for problem in problems[:count_shown]]
        more = [say("error_more", language, count=len(problems) - count_shown)] if len(problems) > count_shown else []
        return "\n".join([f"{translated(error.what, language)}:", *texts, *more])
    head = translated(error.what, language)
    if error.where is not None:
        head = f"{_place(error.where, language)}: {head}"
    if error.draw is not None:
        head += say("error_draw", language, draw=error.draw)
    if error.value is not None:
        head += f" ({say('error_value', language, value=error.value)})"
    lines = [sentence(head)]
    for key, text in (("error_rule", error.rule), ("error_way_out", error.way_out)):
        if text:
            lines.append(f"  {say(key, language, text=sentence(translated(text, language)))}")
    return "\n".join(lines)


def untranslated(error: CosteffError, language: str) -> list[str]:
    """The English texts of an error that no pattern of the language fits."""
    problems = getattr(error, "problems", None)
    inner = [text for problem in problems or () for text in untranslated(problem, language)]
    own = [error.what] if problems else [error.what, error.rule, error.way_out]
    return [text for text in own if text and " " in text and _found(text, language) is None] + inner


def translated(text: str, language: str) -> str:
    """An English text of an error in a language; as it is where no pattern fits.

    >>> translated("`fixed` is negative", "da"), translated("colourless green ideas", "da")
    ('`fixed` er negativ', 'colourless green ideas')
    """
    translation = _found(text, language)
    return text if translation is None else translation


def _found(text: str, language: str) -> str | None:
    for pattern, template in _patterns(language, os.environ.get(VARIABLE, "")):
        if match := pattern.fullmatch(text):
            parts = [translated(part, language) if " " in part else part for part in match.groups()]
            return "".join(
                parts[int(piece[1]) - 1] if _HOLE.fullmatch(piece) else piece for piece in _PIECES.split(template)
            )
    return None


def _place(where: Place | str, language: str) -> str:
    if isinstance(where, str) or where.line is None:
        return str(where)
    return say("error_line", language, file=where.file, line=where.line)


@cache
def _patterns(language: str, own: str) -> Patterns:
    """Patterns and what they become, those with the longest text of their own first."""
    translations: dict[str, str] = {}
    for path in error_files(language, own):
        words = read_words(path)
        if twice := sorted(set(translations) & set(words)):
            raise ScenarioError("a text of an error stands in two files", where=str(path), value=twice[0])
        translations |= words
    if translations and FIRST in languages():  # a question is the rule of the error about its answer, a note a figure's
        keys = (key for key in words_of(FIRST) if key.startswith(("question_", "note_belief_")))
        translations |= {say(key): say(key, language) for key in keys}
    order = sorted(translations, key=lambda text: -len(_HOLE.sub("", text)))
    return tuple((_pattern(text), translations[text]) for text in order)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(part) for part in _HOLE.split(text)), re.DOTALL)
