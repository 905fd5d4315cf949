"""Edits of a YAML text at one key: the value is put where it stands, and everything else stays as the user wrote it.

Comments, order and layout are the user's. An edit is made on the text, then the whole text is read again: when anything
but the key is different, the edit is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from costeff.documents.composed import DocumentError, check_text
from costeff.documents.reader import RULE, parser
from costeff.documents.values import unwrapped
from costeff.errors import ScenarioError

KeyPath = tuple[str | int, ...]
_PLAIN = re.compile(r"[A-Za-zÆØÅæøå0-9(][\w .,/()%+–-]*", re.UNICODE)
_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
_YAML_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "~"}


def value_at(text: str, path: KeyPath) -> Any:
    """What stands at a key; None where nothing does.

    >>> value_at("inflow: {2026: 60}", ("inflow", 2026)), value_at("years: 4", ("inflow", 2026))
    (60, None)
    """
    return _below(_data(text), path)


def with_value(text: str, path: KeyPath, scalar: str) -> str:
    """The text with a scalar (as YAML writes it) at a key, which is added where its mapping has none.

    Raises ScenarioError when the key cannot be set without changing something else.

    >>> print(with_value("a: 1  # one\\nb:\\n  c: 2", ("b", "d"), "3"))
    a: 1  # one
    b:
      c: 2
      d: 3
    >>> with_value("inflow: {2026: 60}  # a year", ("inflow", 2027), "80")
    'inflow: {2026: 60, 2027: 80}  # a year'
    """
    changed_text = _set(text, path, scalar)
    _check_only(text, changed_text, path)
    return changed_text


def without_key(text: str, path: KeyPath) -> str:
    """The text without a key and its value; as it was where it has none.

    >>> without_key("a: 1\\nb: 2\\n", ("a",)), without_key("x: {a: 1, b: 2}", ("x", "b"))
    ('b: 2\\n', 'x: {a: 1}')
    """
    node, *_ = _walk(_compose(text), path[:-1])
    pair = None if node is None else _pair(node, path[-1])
    if node is None or pair is None:
        return text
    start, end = pair[0].start_mark.index, _end_of(text, *pair)
    if node.flow_style:
        before = re.search(r",\s*$", text[:start])
        after = re.match(r"\s*,\s*", text[end:])
        start, end = (before.start(), end) if before else (start, end + (after.end() if after else 0))
    else:
        start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", max(end - 1, start))
        end = len(text) if line_end < 0 else line_end + 1
    changed_text = text[:start] + text[end:]
    _check_only(text, changed_text, path)
    return changed_text


def line_of(text: str, path: KeyPath) -> int | None:
    r"""The line, from 1, on which a key stands; None where the text does not have it.

    >>> line_of("a: 1\nb: {c: 2}\n", ("b", "c")), line_of("a: 1", ("b",))
    (2, None)
    """
    _, depth, key = _walk(_nodes(text), path)
    return int(key.start_mark.line) + 1 if depth == len(path) and key is not None else None


def as_scalar(value: str) -> str:
    """A text or a number as a YAML scalar: plain where that reads as it is, else in quotes.

    >>> as_scalar("Randers Kommune"), as_scalar("Sundhed: Omsorg"), as_scalar("0,55"), as_scalar("12000")
    ('Randers Kommune', '"Sundhed: Omsorg"', '"0,55"', '12000')
    """
    plain = _PLAIN.fullmatch(value) and value == value.strip() and value.lower() not in _YAML_WORDS
    if _NUMBER.fullmatch(value):
        return value if "," not in value else f'"{value}"'
    if plain and not re.match(r"[0-9.,]+$", value) and "," not in value:
        return value
    safe_text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", " ")
    return f'"{safe_text}"'


def _set(text: str, path: KeyPath, scalar: str) -> str:
    root = _compose(text)
    node, depth, empty = _walk(root, path)
    if depth == len(path) and node is not None:
        if _is_empty(node):
            at = _after_colon(text, empty)
            return f"{text[:at]} {scalar}{text[at:]}"
        start, end = node.start_mark.index, node.end_mark.index
        if not _is_scalar(node):
            raise _refusal(path, "a single value takes the place of several")
        return text[:start] + scalar + text[end:]
    if node is not None and _is_scalar(node) and not node.tag.endswith(":null"):
        raise _refusal(path, "there is one value for all, where one of several is to be set")
    rest = path[depth:]
    if node is None or _is_scalar(node):  # the mapping itself is empty: `key:`
        at = _after_colon(text, empty)
        return text[:at] + " " + _flow(rest, scalar) + text[at:]
    return _added(text, node, rest, scalar)


def _added(text: str, node: Any, rest: KeyPath, scalar: str) -> str:
    """The text with a new last key in a mapping."""
    entry = f"{rest[0]}: {_flow(rest[1:], scalar)}" if len(rest) > 1 else f"{rest[0]}: {scalar}"
    if node.flow_style:
        end = node.end_mark.index - 1
        while text[end - 1].isspace():
            end -= 1
        return text[:end] + ("" if not node.value else ", ") + entry + text[end:]
    indent = " " * node.value[-1][0].start_mark.column
    line_end = text.find("\n", _end_of(text, *node.value[-1]))
    at = len(text) if line_end < 0 else line_end
    return f"{text[:at]}\n{indent}{entry}{text[at:]}"


def _end_of(text: str, key: Any, value: Any) -> int:
    """Where a key's value ends. What is empty, and a block, are said by YAML to end on the next key."""
    if _is_empty(value):
        return _after_colon(text, key)
    if _is_scalar(value) or value.flow_style or not value.value:
        return int(value.end_mark.index)
    last = value.value[-1]
    if isinstance(last, tuple):
        return _end_of(text, *last)
    return int(last.end_mark.index) if _is_scalar(last) or last.flow_style else _end_of(text, *last.value[-1])


def _is_empty(node: Any) -> bool:
    return _is_scalar(node) and node.tag.endswith(":null") and not node.value


def _flow(rest: KeyPath, scalar: str) -> str:
    text = scalar
    for key in reversed(rest):
        text = f"{{{key}: {text}}}"
    return text


def _after_colon(text: str, key: Any) -> int:
    return text.index(":", key.end_mark.index) + 1


def _compose(text: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="rt").compose(text)


def _walk(node: Any, path: KeyPath) -> tuple[Any, int, Any]:
    """The deepest node on a path that is there, how many keys lead to it, and its key."""
    own_key = None
    for depth, key in enumerate(path):
        pair = None if node is None or _is_scalar(node) else _pair(node, key)
        if pair is None:
            return node, depth, own_key
        own_key, node = pair
    return node, len(path), own_key


def _pair(node: Any, key: str | int) -> tuple[Any, Any] | None:
    if isinstance(key, int) and node.id == "sequence":
        return None
    pairs = node.value if node.id == "mapping" else ()
    return next(((k, v) for k, v in pairs if k.value == str(key)), None)


def _is_scalar(node: Any) -> bool:
    return bool(node.id == "scalar")


@lru_cache(maxsize=2)  # a list of errors asks for the lines of many keys
def _nodes(text: str) -> Any:
    """The nodes of a text, which nobody changes."""
    return _compose(text)


@lru_cache(maxsize=16)  # one answer reads the text before and after it many times, and reading takes long
def _data(text: str) -> Any:
    """What a text holds: shared by all who ask, so nobody changes it."""
    from ruamel.yaml.error import YAMLError

    try:
        check_text(text)
        return unwrapped(parser().load(text) or {})
    except DocumentError as fault:
        raise ScenarioError(fault.what, value=fault.value, rule=fault.rule, way_out=fault.way_out) from None
    except (YAMLError, ValueError, RecursionError):
        raise ScenarioError("the file is not valid YAML", rule=RULE, way_out="write plain YAML") from None


def _below(data: Any, path: KeyPath) -> Any:
    for key in path:
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def _check_only(before: str, after: str, path: KeyPath) -> None:
    """Refuse an edit that changed anything but its key."""
    old, new = _data(before), _data(after)
    if repr(_left(old, path)) != repr(_left(new, path)):
        raise _refusal(path, "an edit changes one value and nothing else")


def _left(data: Any, path: KeyPath) -> Any:
    """The data without a key, and without mappings that then are empty."""
    if not isinstance(data, dict) or not path:
        return data
    first, *rest = path
    inner = _left(data.get(first), tuple(rest)) if rest else None
    others = {key: value for key, value in data.items() if key != first}
    return others if not rest or inner in ({}, None) else {**others, first: inner}


def _refusal(path: KeyPath, rule: str) -> ScenarioError:
    return ScenarioError(
        f"`{'.'.join(map(str, path))}` cannot be set here",
        rule=rule,
        way_out="change it in the file itself; the app reads it again",
    )
