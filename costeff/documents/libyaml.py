"""Splits the text of a YAML file into its parts by libyaml, which is twenty times as fast as ruamel.yaml's own reader.

Only for texts that both read alike: without tabs, tags, directives, and line breaks that only one of them knows.
Whoever calls reads anything else, and anything that is refused here, by ruamel.yaml again, whose messages are shown.
"""

from __future__ import annotations

import re
from typing import Any

_READ_APART = re.compile(
    r"""
    [\t\x85\u2028\u2029\ufeff]     # blanks and line breaks that only one of them knows
    | ^%                            # a directive
    | ["'\]}]:[^\s,\]}]             # a value that follows its quoted key without a blank
    | [|>][0-9+-]*\#                # a comment against the mark of a block of text
    """,
    re.M | re.X,
)
_AFTER_A_NAME = " \n,]}"


class UnlikeError(Exception):
    """A text that libyaml refuses, or may read otherwise than ruamel.yaml."""


class LibyamlParser:
    """Stands where ruamel.yaml has its parser: gives its composer the events of one text, one after another."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader
        self.events: list[Any] | None = None

    def check_event(self, *kinds: type) -> bool:
        """Whether there is another event, and of one of these kinds."""
        ahead = self.peek_event()
        return ahead is not None and (not kinds or isinstance(ahead, kinds))

    def peek_event(self) -> Any:
        """The next event, which stays; None at the end."""
        if self.events is None:
            self.events = _events(self.loader.reader.buffer.removesuffix("\0"))
        return self.events[-1] if self.events else None

    def get_event(self) -> Any:
        """The next event."""
        ahead = self.peek_event()
        if self.events:
            self.events.pop()
        return ahead

    def reset_parser(self) -> None:
        """Forget the text."""
        self.events = None

    def dispose(self) -> None:
        """Forget the text, as ruamel.yaml asks at the end."""
        self.reset_parser()


def _events(text: str) -> list[Any]:
    """The events of a text as ruamel.yaml's, the last first. Raises UnlikeError."""
    import yaml
    from ruamel.yaml import events as ours

    if _READ_APART.search(text) or not yaml.__with_libyaml__:
        raise UnlikeError
    parts: list[Any] = []
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            name, start, end = type(event).__name__, event.start_mark, event.end_mark
            anchor = getattr(event, "anchor", None)
            if getattr(event, "tag", None) is not None:
                raise UnlikeError
            if anchor is not None and text[start.index + 1 + len(anchor) :][:1] not in _AFTER_A_NAME:
                raise UnlikeError
            kind = getattr(ours, name)
            if name == "ScalarEvent":
                part = kind(anchor, None, event.implicit, event.value, start, end, event.style or None)
            elif name in ("SequenceStartEvent", "MappingStartEvent"):
                part = kind(anchor, None, event.implicit, start, end, bool(event.flow_style))
            elif name == "AliasEvent":
                part = kind(anchor, start, end)
            else:
                part = kind(start, end)
            parts.append(part)
    except yaml.YAMLError:
        raise UnlikeError from None
    return parts[::-1]
