"""Makes the nodes of the text of a YAML file by libyaml, which is thirty times as fast as ruamel.yaml's own reader.

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


class LibyamlComposer:
    """Stands where ruamel.yaml has its composer: gives its constructor the nodes of one text, made in one pass."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def get_single_node(self) -> Any:
        """The root of a text of one document; None of an empty one. Raises UnlikeError."""
        return _Nodes(self.loader.resolver).root(self.loader.reader.buffer.removesuffix("\0"))


class _Nodes:
    """Makes ruamel.yaml's nodes of libyaml's events."""

    def __init__(self, resolver: Any) -> None:
        self.resolver = resolver
        self.anchors: dict[str, Any] = {}
        self.scalar_tags: dict[tuple[str, tuple[bool, bool]], Any] = {}  # a text that stands often has one tag

    def root(self, text: str) -> Any:
        import yaml

        if _READ_APART.search(text) or not yaml.__with_libyaml__:
            raise UnlikeError
        roots: list[Any] = []
        around: list[tuple[Any, list[Any]]] = []  # (a collection that is not at its end, what is in it)
        inside = roots
        try:
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                if isinstance(event, yaml.ScalarEvent):
                    inside.append(self._scalar(event, text))
                elif isinstance(event, yaml.CollectionStartEvent):
                    around.append((self._collection(event, text), inside))
                    inside.append(around[-1][0])
                    inside = []
                elif isinstance(event, yaml.CollectionEndEvent):
                    node, above = around.pop()
                    mapping = isinstance(event, yaml.MappingEndEvent)
                    node.value.extend(zip(inside[::2], inside[1::2], strict=True) if mapping else inside)
                    node.end_mark, inside = event.end_mark, above
                elif isinstance(event, yaml.AliasEvent):
                    if event.anchor not in self.anchors or not _ends(event, text):
                        raise UnlikeError
                    inside.append(self.anchors[event.anchor])
        except yaml.YAMLError:
            raise UnlikeError from None
        if len(roots) > 1:
            raise UnlikeError
        return roots[0] if roots else None

    def _scalar(self, event: Any, text: str) -> Any:
        from ruamel.yaml.nodes import ScalarNode

        key = event.value, event.implicit
        tag = self.scalar_tags.get(key)
        if tag is None:
            tag = self.scalar_tags[key] = self.resolver.resolve(ScalarNode, event.value, event.implicit)
        marks = event.start_mark, event.end_mark
        return self._known(ScalarNode(tag, event.value, *marks, event.style or None, anchor=event.anchor), event, text)

    def _collection(self, event: Any, text: str) -> Any:
        import yaml
        from ruamel.yaml.nodes import MappingNode, SequenceNode

        kind: Any = MappingNode if isinstance(event, yaml.MappingStartEvent) else SequenceNode
        tag, flow = self.resolver.resolve(kind, None, event.implicit), bool(event.flow_style)
        return self._known(kind(tag, [], event.start_mark, None, flow, anchor=event.anchor), event, text)

    def _known(self, node: Any, event: Any, text: str) -> Any:
        """A node, which aliases may name from here on."""
        if event.tag is not None:
            raise UnlikeError
        if event.anchor is not None:
            if event.anchor in self.anchors or not _ends(event, text):
                raise UnlikeError
            self.anchors[event.anchor] = node
        return node


def _ends(event: Any, text: str) -> bool:
    """Whether the name of an anchor ends where both readers see its end."""
    return text[event.start_mark.index + 1 + len(event.anchor) :][:1] in _AFTER_A_NAME
