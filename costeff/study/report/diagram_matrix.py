"""The transitions of a model with many states as a matrix, inline SVG: rows are left, columns are entered.

Arrows between more than a handful of states cross until no eye can follow them; a cell of a matrix always can be.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.style import label_of

_WIDTH = 960
_NAMES = 330
"""Room for the names of rows to the left."""
_LETTER = 9.2
"""Width of a letter. Names of columns slant by 50 degrees: a letter rises 0.77 of it and goes 0.65 of it right."""
_NUMBER = 34
"""Room for the number of a row or column between its name and the cells."""
_LARGEST = 40
_MOST_LETTERS = 35


def transition_matrix(
    names: Sequence[str], edges: Sequence[tuple[str, str, int]], states: Mapping[str, Label], language: str
) -> str:
    """Inline SVG of the `edges` (source, target, number of transitions) between the states `names`, everything escaped.

    Rows and columns have the same numbers. A filled cell is a transition from its row's state to its column's; its
    tooltip names both, and a number in it counts the transitions where they are several. On a small screen the numbers
    stand alone, with the names in a list below.
    """
    labels = [label_of(states, name, language) for name in names]
    lengths = [_LETTER * min(len(label), _MOST_LETTERS) for label in labels]
    above = 12 + 0.77 * max(lengths, default=0.0)
    beyond = max((0.65 * length - _LARGEST / 2 * i for i, length in enumerate(reversed(lengths))), default=0.0)
    room = _WIDTH - _NAMES - _NUMBER - beyond
    size = min(_LARGEST, room / max(len(names), 1))
    x_start, top = _NAMES + _NUMBER, above + _NUMBER
    across = x_start + size * len(names)
    height = top + size * len(names) + 4
    at = {name: i for i, name in enumerate(names)}
    parts = [_grid(x_start, top, size, len(names))]
    for i, label in enumerate(labels):
        middle = size * (i + 0.5)
        parts += [
            f'<text class="name" text-anchor="end" x="{_NAMES - 4}" y="{top + middle + 5:.1f}">{_short(label)}</text>',
            f'<text class="number" x="{x_start - _NUMBER / 2}" y="{top + middle + 6:.1f}">{i + 1}</text>',
            f'<text class="number" x="{x_start + middle:.1f}" y="{top - 10:.1f}">{i + 1}</text>',
            f'<text class="name" text-anchor="start" transform="translate({x_start + middle + 4:.1f} {above - 4:.1f}) '
            f'rotate(-50)">{_short(label)}</text>',
        ]
    for source, target, count in edges:
        x, y = x_start + size * at[target], top + size * at[source]
        parts.append(_cell(x, y, size, count, (labels[at[source]], labels[at[target]]), language))
    narrow = f"{_NAMES - 2} {above - 2:.0f} {across - _NAMES + 6:.0f} {height - above + 4:.0f}"
    title = html.escape(say("diagram", language))
    return "\n".join(
        [
            f'<svg class="diagram matrix" viewBox="0 0 {_WIDTH} {height:.0f}" data-narrow="{narrow}" role="img" '
            f'aria-label="{title}">',
            *parts,
            "</svg>",
        ]
    )


def _short(label: str) -> str:
    """A label that fits beside the cells; the whole of it stands in tooltips and in the list of transitions."""
    text = label if len(label) <= _MOST_LETTERS else label[: _MOST_LETTERS - 1].rstrip() + "…"
    return html.escape(text)


def _grid(x_start: float, top: float, size: float, count: int) -> str:
    """Thin lines between all cells, and the diagonal shaded."""
    end = size * count
    lines = [
        f'<path class="rule" d="M{x_start + size * k:.1f},{top:.1f} v{end:.1f} '
        f'M{x_start},{top + size * k:.1f} h{end:.1f}"/>'
        for k in range(count + 1)
    ]
    diagonal = [
        f'<rect class="same" x="{x_start + size * k:.1f}" y="{top + size * k:.1f}" width="{size:.1f}" '
        f'height="{size:.1f}"/>'
        for k in range(count)
    ]
    return "\n".join([*diagonal, *lines])


def _cell(x: float, y: float, size: float, count: int, ends: tuple[str, str], language: str) -> str:
    tip = " → ".join(ends)
    if count > 1:
        tip += f" ({count} {say('transitions', language).lower()})"
    inside = ""
    if count > 1:
        inside = f'<text class="count" x="{x + size / 2:.1f}" y="{y + size / 2 + 5:.1f}">{count}</text>'
    return (
        f'<g><title>{html.escape(tip)}</title><rect class="cell" x="{x + 3:.1f}" y="{y + 3:.1f}" '
        f'width="{size - 6:.1f}" height="{size - 6:.1f}" rx="3"/>{inside}</g>'
    )
