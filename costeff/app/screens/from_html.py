"""Tables and lists that costeff writes as HTML, as parts that Dash draws: known tags and texts, and nothing else."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from dash import html

from costeff.app.screens.attributes import aria

_TAGS = {
    name: getattr(html, name.capitalize())
    for name in ("div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "ul", "li", "p", "strong", "br")
}


class _Parts(HTMLParser):
    """Reads markup into parts; a tag that is not known keeps its text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str], list[Any]]] = [("div", {}, [])]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append((tag, {key: value or "" for key, value in attrs}, []))
        if tag == "br":
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if len(self.open) < 2 or self.open[-1][0] != tag:
            return
        name, attributes, children = self.open.pop()
        if name not in _TAGS:
            self.open[-1][2].extend(children)
            return
        settings = {"className": attributes["class"]} if "class" in attributes else {}
        settings |= {key: attributes[key] for key in ("scope", "role") if key in attributes}
        if "tabindex" in attributes:
            settings["tabIndex"] = attributes["tabindex"]
        for_readers = aria(label=attributes["aria-label"]) if "aria-label" in attributes else {}
        self.open[-1][2].append(_TAGS[name](children, **settings, **for_readers))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.open[-1][2].append(data)


def parts(markup: str) -> list[Any]:
    """The parts of a piece of HTML.

    >>> str(parts("<p>1 &lt; 2</p>"))
    "[P(['1 < 2'])]"
    """
    reader = _Parts()
    reader.feed(markup)
    reader.close()
    return reader.open[0][2]
