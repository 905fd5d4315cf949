"""The catalogue of words: every text that people read, by key and language, gathered from the files of words.

Rank 1: imports `costeff.errors` only. The words of a part of costeff stand beside its code, in `words/en.yaml`,
`words/da.yaml` and so on, each entry a key and a text with named fields such as `{amount}`. A key stands once in all
files of a language. More languages, or other words for a shipped one, are read from the folder that the environment
variable COSTEFF_WORDS names. Files are read when the first text of their language is asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from json import JSONDecodeError, loads
from pathlib import Path

from costeff.errors import Place, ScenarioError

FOLDER = Path(__file__).parent
_unit: ContextVar[str] = ContextVar("unit of the results", default="")
VARIABLE = "COSTEFF_WORDS"
"""Environment variable: a folder with files of words of the user, named by their language, such as de.yaml."""
FIRST = "en"
"""The language of economists' output, and the one that a language of the user is held to."""
_NO_BREAK = "\u00a0%"
_KEY = r'([^\s#":][^":]*|"(?:[^"\\]|\\.)*")'
_QUOTED_LINE = re.compile(_KEY + r': ("(?:[^"\\]|\\.)*")\s*(?:#.*)?')
_FOLDED_LINE = re.compile(_KEY + ": >-")
_TWO_STOPS = re.compile(r"(?<=\w)\.\.(?![.\w/])")


def languages() -> tuple[str, ...]:
    """The languages that have files of words, English first.

    >>> languages()[:2]
    ('en', 'da')
    """
    names = _files(os.environ.get(VARIABLE, ""))
    return tuple(sorted(names, key=lambda name: (name != FIRST, name)))


def check_language(language: str) -> str:
    """Return the language when there are words in it; else raise ScenarioError."""
    if language not in _files(os.environ.get(VARIABLE, "")):
        raise ScenarioError(
            "unknown language",
            value=language,
            rule=f"one of {', '.join(languages())}",
            way_out=f"name a folder with {language}.yaml in {VARIABLE}",
        )
    return language


def say(key: str, language: str = FIRST, /, **fields: object) -> str:
    """The text of a key in a language, its fields filled in.

    Parameters
    ----------
    key : name of the text, as in the files of words
    language : code of the language
    **fields : the values of the text's named fields

    Raises
    ------
    ScenarioError
        For an unknown language or key.

    Examples
    --------
    >>> say("who_pays", "da")
    'Hvem betaler – hvem får gevinsten'
    >>> say("weeks", "en", number=4)
    '4 weeks'
    """
    words = words_of(language)
    try:
        text = words[key]
    except KeyError:
        raise ScenarioError(f"the catalogue of words has no text '{key}' in '{language}'", value=key) from None
    # a sentence that ends in an abbreviation has one full stop
    sentence = _TWO_STOPS.sub(".", text.format_map(fields)) if fields else text
    return in_unit(sentence.replace(" %", _NO_BREAK), language)


term = say
"""Its name in version 0.1.0."""


@contextmanager
def told_per(unit: str) -> Iterator[None]:
    """Let every text say "per system and year" (`system_year`) or so where it says "per citizen".

    Parameters
    ----------
    unit : "" (a citizen), or the last part of a key `unit_...` in the files of words

    Examples
    --------
    >>> with told_per("system_year"):
    ...     say("per_citizen"), say("per_citizen", "da")
    ('per system and year', 'pr. system og år')
    >>> say("per_citizen")
    'per citizen'
    """
    before = _unit.set(unit)
    try:
        yield
    finally:
        _unit.reset(before)


def in_unit(text: str, language: str = FIRST) -> str:
    """A text in which "per citizen" and its like have made way for the unit of the results, see `told_per`.

    The luck that repeats average out is that of whole systems then, and not of individuals.

    >>> in_unit("EUR per individual")
    'EUR per individual'
    """
    unit = _unit.get()
    if not unit:
        return text
    words = words_of(language)
    own = words[f"unit_{unit}"]
    lived = dict(zip(words["unit_individuals"].split("|"), words["unit_systems"].split("|"), strict=True))
    text = re.sub(rf"\b(?:{'|'.join(map(re.escape, lived))})(?!\w)", lambda found: lived[found[0]], text)
    return re.sub(rf"\b(?:{words['unit_phrases']})(?!\w)", own, text)


def counted(key: str, count: float, language: str = FIRST, /, **fields: object) -> str:
    """The text of a key for a number of things: that of `key.one` for exactly one, where it stands, else that of `key`.

    >>> counted("amount_consultants", 1), counted("amount_consultants", 2, "en", number="2")
    ('1 consultant', '2 consultants')
    """
    return say(one if count == 1 and is_word(one := f"{key}.one", language) else key, language, **fields)


def is_word(key: str, language: str = FIRST) -> bool:
    """Whether the catalogue has a text of this key."""
    return key in words_of(language)


def words_of(language: str) -> Mapping[str, str]:
    """Every text of a language by its key.

    Raises ScenarioError for an unknown language, for a key that stands twice, and when a file of the user has a key
    that no part of costeff uses, or leaves one out.
    """
    return _words(language, os.environ.get(VARIABLE, ""))


@cache
def _files(own: str) -> Mapping[str, tuple[Path, ...]]:
    """Files of words by language; those of the folder `own` last."""
    files: dict[str, list[Path]] = {}
    for path in (*sorted(FOLDER.glob("**/words/*.yaml")), *_own_files(own)):
        if not path.name.startswith("errors."):
            files.setdefault(path.stem, []).append(path)
    return {language: tuple(paths) for language, paths in files.items()}


def error_files(language: str, own: str) -> list[Path]:
    """Files with the texts of errors in a language: beside the code, and in the folder `own` of the user."""
    name = f"errors.{language}.yaml"
    return [*sorted(FOLDER.glob(f"**/words/{name}")), *(path for path in _own_files(own) if path.name == name)]


def _own_files(own: str) -> list[Path]:
    if not own:
        return []
    folder = Path(own)
    if not folder.is_dir():
        raise ScenarioError(
            "the folder of words is not there",
            value=own,
            rule=f"{VARIABLE} names a folder with files such as de.yaml",
            way_out=f"correct {VARIABLE}, or unset it",
        )
    return sorted(folder.glob("*.yaml"))


@cache
def _words(language: str, own: str) -> Mapping[str, str]:
    shipped_words: dict[str, str] = {}
    user_words: dict[str, str] = {}
    users = set(_own_files(own))
    for path in _files(own)[check_language(language)]:
        whose = user_words if path in users else shipped_words
        for key, text in read_words(path).items():
            if key in whose:
                raise ScenarioError(f"the key '{key}' of the catalogue of words stands twice", where=str(path))
            whose[key] = text
    if user_words:
        _check_keys(language, user_words, shipped_words, users)
    return shipped_words | user_words


def _check_keys(
    language: str, user_words: Mapping[str, str], shipped_words: Mapping[str, str], users: set[Path]
) -> None:
    """Hold the user's words to the keys of the shipped language: none that is unknown, and all of a new language."""
    reference = next(name for name in languages() if name in _files(""))
    keys = shipped_words or words_of(reference)
    missing = [] if shipped_words else sorted(set(keys) - set(user_words))
    unknown = sorted(set(user_words) - set(keys))
    if missing or unknown:
        lacks = f"lack {len(missing)} keys" if missing else f"have {len(unknown)} keys that nothing uses"
        raise ScenarioError(
            f"the words of the language '{language}' {lacks}",
            where=", ".join(str(path) for path in sorted(users) if path.stem == language),
            value=", ".join((missing or unknown)[:12]),
            rule=f"a language has the keys of '{reference}'",
            way_out="add them" if missing else "remove or correct them",
        )


def read_words(path: Path) -> Mapping[str, str]:
    """The keys and texts of one file of words.

    A line is `key: "text"` (a key with other signs than letters stands in quotes too), or `key: >-` with the text on
    indented lines below. That form is read line by line, which
    takes a tenth of a YAML reader's time; a file in any other form of YAML is given to the reader.
    """
    words: dict[str, str] = {}
    lines = path.read_text(encoding="utf-8").splitlines()
    position = 0
    while position < len(lines):
        line, position = lines[position], position + 1
        if not line.strip() or line.startswith("#"):
            continue
        if quoted_match := _QUOTED_LINE.fullmatch(line):
            key = quoted_match[1]
            try:
                text = loads(quoted_match[2])
            except JSONDecodeError:
                return _read_any(path)
        elif folded_match := _FOLDED_LINE.fullmatch(line):
            key, start = folded_match[1], position
            while position < len(lines) and lines[position].startswith("  "):
                position += 1
            parts = [part[2:] for part in lines[start:position]]
            if not parts or any(part != part.strip() or not part for part in parts):
                return _read_any(path)
            text = " ".join(parts)
        else:
            return _read_any(path)
        key = loads(key) if key.startswith('"') else key
        if key in words:
            raise ScenarioError(
                f"the key '{key}' stands twice", where=Place(str(path), position), way_out="keep one of them"
            )
        words[key] = text
    return words


def _read_any(path: Path) -> Mapping[str, str]:
    """The same of a file in any form of YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise ScenarioError("a file of words is not YAML", where=str(path), rule=str(error)) from error
    if not isinstance(data, dict) or not all(isinstance(x, str) for pair in data.items() for x in pair):
        raise ScenarioError(
            "a file of words is not a list of keys and texts",
            where=str(path),
            rule='each line is `key: "text"`',
            way_out="put each text in quotes",
        )
    return data
