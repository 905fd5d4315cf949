"""The state-transition diagram as inline SVG: states on a circle, an arrow for each pair with transitions.

A model of many states is drawn as a matrix instead; see diagram_matrix.
"""

from __future__ import annotations

import html
import math
import textwrap
from collections import Counter
from collections.abc import Mapping
from typing import Any

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.style import label_of
from costeff.study.report.diagram_matrix import transition_matrix

_WIDTH, _HEIGHT = 960, 660
_ACROSS, _DOWN = 250, 240
"""Radii of the ellipse on which the states stand."""
_CIRCLE = 23
_NARROW = f"{_WIDTH / 2 - _ACROSS - 40:.0f} {_HEIGHT / 2 - _DOWN - 40:.0f} {2 * _ACROSS + 80} {2 * _DOWN + 80}"
"""The part to show on a small screen: circles and arrows without names."""
MOST_DRAWN = 8
"""States up to which arrows between them can be followed with the eye."""
_COMMON = 0.6
"""Arrows into a state that is entered from at least this share of the others are drawn grey."""
Point = tuple[float, float]


def transition_diagram(diagram: Mapping[str, Any], states: Mapping[str, Label], language: str = "en") -> str:
    """Inline SVG of `diagram` (states: names; edges: (source, target, number of transitions)), everything escaped.

    Up to MOST_DRAWN states stand on a circle with arrows, more in a matrix. States are numbered from 1, clockwise from
    the top, and named beside their circles; a list of the same numbers can
    stand below where the picture is too small for names. Each arrow's tooltip names it. Nothing is drawn for an arrow
    from a state to itself but a mark on its circle.
    """
    names = [str(name) for name in diagram["states"]]
    pairs = [(str(source), str(target), int(count)) for source, target, count in diagram["edges"]]
    if len(names) > MOST_DRAWN:
        return transition_matrix(names, pairs, states, language)
    places = {name: _place(i, len(names)) for i, name in enumerate(names)}
    entry_counts = Counter(target for source, target, _ in pairs if source != target)
    common = {name for name, count in entry_counts.items() if len(names) > 4 and count >= _COMMON * (len(names) - 1)}
    pairs.sort(key=lambda pair: pair[1] not in common)  # grey arrows first, beneath the others
    arrows = [
        _arrow(places, source, target, count, target in common, states, language) for source, target, count in pairs
    ]
    circles = [_state(i, places[name], label_of(states, name, language)) for i, name in enumerate(names)]
    title = html.escape(say("diagram", language))
    return "\n".join(
        [
            f'<svg class="diagram" viewBox="0 0 {_WIDTH} {_HEIGHT}" data-narrow="{_NARROW}" role="img" '
            f'aria-label="{title}">',
            "<defs>",
            _head("arrow", "#1A1A1A"),
            _head("arrow-grey", "#8C8C8C"),
            "</defs>",
            *arrows,
            *circles,
            "</svg>",
        ]
    )


def diagram_caption(diagram: Mapping[str, Any], language: str) -> str:
    """What the picture of this many states shows."""
    many = len(diagram["states"]) > MOST_DRAWN
    return say("caption_matrix" if many else "caption_diagram", language)


def _head(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0,0 L10,5 L0,10 z" fill="{colour}"/></marker>'
    )


def _place(i: int, count: int) -> Point:
    turn = 2 * math.pi * i / max(count, 1)
    return _WIDTH / 2 + _ACROSS * math.sin(turn), _HEIGHT / 2 - _DOWN * math.cos(turn)


def _arrow(
    places: Mapping[str, Point],
    source: str,
    target: str,
    count: int,
    grey: bool,
    states: Mapping[str, Label],
    language: str,
) -> str:
    tip_text = f"{label_of(states, source, language)} → {label_of(states, target, language)}"
    if count > 1:
        tip_text += f" ({count} {say('transitions', language).lower()})"
    tip = f"<title>{html.escape(tip_text)}</title>"
    if source == target:
        x, y = places[source]
        return f'<circle class="arrow" cx="{x:.1f}" cy="{y:.1f}" r="{_CIRCLE + 5}" fill="none">{tip}</circle>'
    (x0, y0), (x1, y1) = places[source], places[target]
    length = math.hypot(x1 - x0, y1 - y0)
    # bent to the right of its direction, so that an arrow and its return do not lie on each other
    bend = 0.12 * length
    mx, my = (x0 + x1) / 2 - (y1 - y0) / length * bend, (y0 + y1) / 2 + (x1 - x0) / length * bend
    start, end = _towards((x0, y0), (mx, my), _CIRCLE), _towards((x1, y1), (mx, my), _CIRCLE + 3)
    kind, head = ("arrow grey", "arrow-grey") if grey else ("arrow", "arrow")
    path = f"M{start[0]:.1f},{start[1]:.1f} Q{mx:.1f},{my:.1f} {end[0]:.1f},{end[1]:.1f}"
    return f'<path class="{kind}" d="{path}" marker-end="url(#{head})">{tip}</path>'


def _towards(centre: Point, aim: Point, distance: float) -> Point:
    """The point at this distance from the centre in the direction of the aim."""
    dx, dy = aim[0] - centre[0], aim[1] - centre[1]
    length = math.hypot(dx, dy)
    return centre[0] + dx / length * distance, centre[1] + dy / length * distance


def _state(i: int, place: Point, label: str) -> str:
    x, y = place
    lines = textwrap.wrap(label, 19, break_on_hyphens=False) or [" "]
    side = (x > _WIDTH / 2 + 30) - (x < _WIDTH / 2 - 30)
    anchor = {1: "start", 0: "middle", -1: "end"}[side]
    text_x = x + side * (_CIRCLE + 8)
    if side:
        top = y - 9 * (len(lines) - 1) + 5
    elif y < _HEIGHT / 2:
        top = y - _CIRCLE - 10 - 18 * (len(lines) - 1)
    else:
        top = y + _CIRCLE + 20
    spans = "".join(
        f'<tspan x="{text_x:.1f}" y="{top + 18 * k:.1f}">{html.escape(line)}</tspan>' for k, line in enumerate(lines)
    )
    return (
        f'<circle class="state" cx="{x:.1f}" cy="{y:.1f}" r="{_CIRCLE}"/>'
        f'<text class="number" x="{x:.1f}" y="{y + 7:.1f}">{i + 1}</text>'
        f'<text class="name" text-anchor="{anchor}">{spans}</text>'
    )
