"""Checks a YAML document as composed, before anything is made of it: keys missing or twice, merges, decimal commas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from costeff.characters import RULE, WAY_OUT, banned, visible
from costeff.documents.numerals import advice, readings, shown_readings, two_ways, write

DEEPEST = 200
_BRACKET = re.compile(r"[\[\]{}]")
_MERGE = "tag:yaml.org,2002:merge"
_NULL = "tag:yaml.org,2002:null"
_COMMA_RULE = "YAML ends a value inside { } at the comma"
_NUMBER_GOES_ON = re.compile(r"-+|[0-9]+(?:[.,][0-9]+)*(?:\s*[^()\[\]]*)?")
_NUMBER_STOPS = re.compile(r"(?<![\w.])[0-9][0-9.]*$")
_LAST_COMMA = re.compile(r"([0-9]+),([0-9]+)")
_DIGITS = re.compile(r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")


class DocumentError(Exception):
    """What is wrong with a document, at a line (from 1)."""

    def __init__(self, what: str, line: int, value: object, rule: str, way_out: str) -> None:
        super().__init__(what)
        self.what, self.line, self.value, self.rule, self.way_out = what, line, value, rule, way_out


def line_of(part: Any) -> int:
    """The line where a part begins, from 1."""
    return int(part.start_mark.line) + 1


def check_document(root: Any, form: str | None) -> None:
    """Raise DocumentError for the first thing in a document that YAML allows but reads otherwise than meant.

    `form` is the format of the file's numbers, None when it declares none.
    """
    from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

    ahead: list[tuple[Any, bool]] = [(root, False)]
    above, checked_ids = set[int](), set[int]()
    while ahead:
        part, leaving = ahead.pop()
        if leaving:
            above.discard(id(part))
            continue
        if isinstance(part, ScalarNode) and banned(part.value):
            _refuse_character(part.value, line_of(part))
        if id(part) in checked_ids or not isinstance(part, MappingNode | SequenceNode):
            continue
        checked_ids.add(id(part))
        above.add(id(part))
        ahead.append((part, True))
        if isinstance(part, SequenceNode):
            _check_list(part, form)
            ahead += [(item, False) for item in reversed(part.value)]
        else:
            _check_commas(part, form)
            _check_keys(part)
            _check_merges(part, above)
            ahead += [(either, False) for pair in reversed(part.value) for either in reversed(pair)]


def check_text(text: str) -> None:
    """Raise DocumentError for a character that no text may hold, and for more open brackets than any file needs."""
    if banned(text):
        for number, line in enumerate(text.split("\n"), start=1):
            if banned(line):
                _refuse_character(line, number)
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match[0] in "[{" else -1
        if depth > DEEPEST:
            start_line = text.count("\n", 0, match.start()) + 1
            rule, way_out = (f"at most {DEEPEST} levels of brackets", "close the brackets, or write fewer levels")
            raise DocumentError("the file is nested too deeply", start_line, f"{depth} open brackets", rule, way_out)


def _refuse_character(text: str, line: int) -> NoReturn:
    what = f"a character that no text may hold, {banned(text)}"
    raise DocumentError(what, line, visible(text.strip())[:80], RULE, WAY_OUT)


def _check_keys(part: Any) -> None:
    """A key is a text or a number, is there, and stands once."""
    from ruamel.yaml.nodes import ScalarNode

    lines: dict[str, int] = {}
    for key, _ in part.value:
        line = line_of(key)
        if not isinstance(key, ScalarNode):
            raise DocumentError(
                "a key is not a text", line, "a list or a mapping", "keys are names or years", "name it"
            )
        if key.tag == _NULL:
            raise DocumentError(
                "a key is missing", line, key.value or None, "every value has a key", "name it before the :"
            )
        if key.value in lines:
            raise DocumentError(
                f"a duplicate key: '{key.value}' stands twice, first on line {lines[key.value]}",
                line,
                key.value,
                "every key once in its mapping",
                "keep one of the two",
            )
        lines[key.value] = line


def _check_merges(part: Any, above: set[int]) -> None:
    """What `<<` merges is not the mapping itself, nor one around it; merged mappings do not give a key twice."""
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    for key, value in part.value:
        if key.tag != _MERGE:
            continue
        mappings = [value] if isinstance(value, MappingNode) else []
        if isinstance(value, SequenceNode):
            mappings = [item for item in value.value if isinstance(item, MappingNode)]
        homes: dict[str, int] = {}
        for one in mappings:
            if id(one) in above:
                raise DocumentError(
                    "a mapping is merged into itself",
                    line_of(key),
                    "<<",
                    "a merge takes keys from another mapping",
                    "name another mapping after <<",
                )
            for inner, _ in one.value:
                name = str(inner.value)
                if name in homes and inner.tag != _MERGE:
                    raise DocumentError(
                        f"two merged mappings give the key '{name}' (lines {homes[name]} and {line_of(inner)})",
                        line_of(key),
                        name,
                        "every key once",
                        "take it out of one of them",
                    )
                homes[name] = line_of(inner)


def _check_commas(part: Any, form: str | None) -> None:
    """{value: 0,3} is {value: 0, 3: nothing} to YAML: a key that is a bare number is a decimal comma."""
    if not part.flow_style:
        return
    pairs = list(part.value)
    for i in range(1, len(pairs)):
        (key, value), (_, before) = pairs[i], pairs[i - 1]
        if key.style or getattr(value, "value", "") != "" or value.tag != _NULL:
            continue
        if _is_digits(key) and _is_numeral(before):
            parts = [before.value, *_bare_keys(pairs[i:])]
            raise _comma(",".join(parts), line_of(before), form, _COMMA_RULE)
        if _NUMBER_GOES_ON.fullmatch(str(key.value)) and _NUMBER_STOPS.search(_plain_text(before)):
            raise _longer_comma(f"{before.value},{key.value}", line_of(before))


def _plain_text(part: Any) -> str:
    """The text of a scalar without quotes whose brackets are closed, else ''."""
    text = getattr(part, "value", "")
    brackets_match = isinstance(text, str) and text.count("(") == text.count(")") and text.count("[") == text.count("]")
    return text if brackets_match and not part.style else ""


def _longer_comma(text: str, line: int) -> DocumentError:
    """The fault of a decimal comma beside more than a number: `2,5 years`, `3,5 %`, `4700,-`, `wage * 1,5`."""
    number = _LAST_COMMA.search(text)
    correction = (
        "" if number is None else f"write {text[: number.start()]}{number[1]}.{number[2]}{text[number.end() :]}"
    )
    return DocumentError(
        f"a number with a comma: {text}",
        line,
        text,
        _COMMA_RULE,
        advice(text) or correction or "write decimals with a point",
    )


def _bare_keys(pairs: list[Any]) -> Iterator[str]:
    """Keys that are digits without a value, up to the first other one."""
    for key, value in pairs:
        if not _is_digits(key) or value.tag != _NULL:
            return
        yield key.value


def _check_list(part: Any, form: str | None) -> None:
    """[0,5, 0,75] is four numbers to YAML: commas with and without a blank in one list mean different things."""
    if not part.flow_style or len(part.value) < 2:
        return
    pairs = list(zip(part.value, part.value[1:], strict=False))
    close = [second.start_mark.index - first.end_mark.index == 1 for first, second in pairs]
    for (first, second), adjacent in zip(pairs, close, strict=True):
        if adjacent and (form == "da" or not all(close)) and _is_numeral(first) and _is_digits(second):
            text = f"{first.value},{second.value}"
            raise _comma(
                text,
                line_of(first),
                form,
                "YAML ends an item inside [ ] at every comma",
                " (or put a blank after every comma of the list, if these are two numbers)",
            )


def _comma(text: str, line: int, form: str | None, rule: str, more: str = "") -> DocumentError:
    """The fault of a decimal comma inside { } or [ ], with what was probably meant."""
    by_format = readings(text)
    if form is not None and form in by_format:
        way_out = f'write "{text}" in quotes'
    elif two_ways(text):
        way_out = f"{shown_readings(text)}: write {' or '.join(write(value) for value in by_format.values())}"
    elif by_format:
        other, value = next(iter(by_format.items()))
        way_out = f'write {write(value)}, or "{text}" in quotes with `numbers: {other}` at the top of the file'
    else:
        way_out = "write decimals with a point, or the number in quotes"
    return DocumentError(f"a decimal comma, or one between thousands: {text}", line, text, rule, way_out + more)


def _is_digits(part: Any) -> bool:
    value = getattr(part, "value", None)
    return isinstance(value, str) and not part.style and _DIGITS.fullmatch(value) is not None


def _is_numeral(part: Any) -> bool:
    value = getattr(part, "value", None)
    return isinstance(value, str) and not part.style and bool(readings(value))
