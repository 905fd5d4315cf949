"""Values as ruamel.yaml gives them: with lines, tags and scalar classes of its own."""

from __future__ import annotations

from typing import Any

from costeff.documents.numerals import EnglishByDefault, QuotedNumber, TwoReadings


def plain(value: Any) -> Any:
    """A scalar of ruamel.yaml as Python's own; mappings and lists as they are (they carry the lines).

    A number that reads two ways stays what it is, so that whoever reads an amount can refuse it or
    warn of it.
    """
    from ruamel.yaml.scalarbool import ScalarBoolean

    if isinstance(value, TwoReadings | EnglishByDefault):
        return value
    if isinstance(value, ScalarBoolean):
        return bool(value)
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def unwrapped(value: Any) -> Any:
    """A value of ruamel.yaml as plain dicts, lists and scalars.

    >>> unwrapped({"a": [1, 2.5, "x"]})
    {'a': [1, 2.5, 'x']}
    """
    if isinstance(value, dict):
        return {plain(k): unwrapped(v) for k, v in value.items()}
    if isinstance(value, list):
        return [unwrapped(v) for v in value]
    return plain(value)


def as_text(value: Any) -> Any:
    """A number in quotes as the text it is in its quotes, where a text belongs; any other value as it is."""
    return value.text if isinstance(value, QuotedNumber) else value


def tag_of(data: Any) -> str:
    """The tag a value was written with, or ''."""
    tag = getattr(data, "tag", None)
    return str(getattr(tag, "value", None) or "")


def line_at(value: Any, key: Any) -> int | None:
    """Line of a key of a mapping, or of an item of a list; None when it is not known (a merged key)."""
    try:
        find = value.lc.key if hasattr(value, "keys") else value.lc.item
        return int(find(key)[0]) + 1
    except (AttributeError, KeyError, TypeError):
        return None


def shown(value: object, depth: int = 0) -> str | None:
    """A value short enough for a message; an alias that holds itself ends after three levels."""
    if value is None:
        return None
    if isinstance(value, dict | list) and depth > 2:
        text = "..."
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{k}: {shown(v, depth + 1)}" for k, v in list(value.items())[:4]) + "}"
    elif isinstance(value, list):
        text = "[" + ", ".join(str(shown(v, depth + 1)) for v in value[:6]) + "]"
    else:
        text = f"{tag_of(value)} {value}".strip() if tag_of(value) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."
