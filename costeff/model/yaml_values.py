"""Values as ruamel.yaml gives them: with lines, tags and scalar classes of its own. Rank 4."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """A scalar of ruamel.yaml as Python's own; mappings and lists as they are (they carry the lines)."""
    from ruamel.yaml.scalarbool import ScalarBoolean

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


def parser() -> Any:
    """ruamel.yaml's round-trip reader, with dates left as texts so that a wrong one gets a line too."""
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
    from ruamel.yaml.nodes import ScalarNode

    class Constructor(RoundTripConstructor):
        """Constructors added here do not touch ruamel.yaml's own."""

        def construct_mapping(  # type: ignore[override]
            self, node: Any, maptyp: Any, deep: bool = False
        ) -> Any:
            """Refuse a mapping or list as a key, which Python cannot hold."""
            for key, _ in node.value:
                if not isinstance(key, ScalarNode):
                    raise ConstructorError(None, None, "a key is not a text", key.start_mark)
            return super().construct_mapping(node, maptyp, deep=deep)

    Constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))
    reader = YAML(typ="rt")
    reader.Constructor = Constructor
    return reader


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
