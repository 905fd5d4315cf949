"""What figures share: colours that colour-blind readers can tell apart, dashes, markers, layout and safe text."""

from __future__ import annotations

import html
import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.numbers import write_percent

if TYPE_CHECKING:
    import plotly.graph_objects as go


OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
"""Okabe and Ito's eight colours, in the order in which strategies that are not the comparator take them."""
COMPARATOR_COLOUR = "#4D4D4D"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MARKERS = ("circle", "diamond", "square", "triangle-up", "x", "star")
PATTERNS = ("", "/", ".", "x")
"""Fill patterns: the second round through the colours gets the second, and so on."""
LOW_COLOUR, HIGH_COLOUR = "#56B4E9", "#E69F00"
MOST_MARKERS = 9
"""Markers on one curve."""
INK, GRID, AXIS = "#1A1A1A", "#E3E3E3", "#767676"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def safe(text: str) -> str:
    """Text for plotly, which reads a few HTML tags and entities: everything special is escaped.

    >>> safe("<b>A</b> & B")
    '&lt;b&gt;A&lt;/b&gt; &amp; B'
    """
    return html.escape(text, quote=False).replace("\n", " ")


def folded(text: str, width: int) -> str:
    """The same, in lines of at most `width` characters; a word that is longer is broken with a hyphen.

    >>> folded("Other municipalities (equalisation)", 22), folded("Standardbehandling", 14)
    ('Other municipalities<br>(equalisation)', 'Standardbehan-<br>dling')
    """
    phrase = text.replace(" · ", "\u00a0· ").replace("+ = ", "+\u00a0=\u00a0")  # no line begins with the sign alone
    words = " ".join(_in_parts(word, width) for word in phrase.split(" "))
    return "<br>".join(safe(line) for line in textwrap.wrap(words, width, break_on_hyphens=False)) or " "


def _in_parts(word: str, width: int) -> str:
    """A word that is longer than a line in parts that fit, with hyphens; a name with _ or digits has none."""
    plain = all(character.isalpha() or character in "()-,.:" for character in word)
    return "- ".join(textwrap.wrap(word, width - 1)) if plain and len(word) > width else word


def label_of(labels: Mapping[str, Label], name: str, language: str) -> str:
    """The label of a name in the language; the name itself when it has none."""
    return labels[name][language] if name in labels else name


def all_strategies(
    attrs: Mapping[Any, Any], labels: Mapping[str, Label], strategies_shown: Iterable[object] = ()
) -> list[str]:
    """Every strategy of an evaluation in its order, when a figure shows some of them or another order.

    What `attrs` of a result say comes first, then the labels when they name all that is shown, then what is shown.

    >>> all_strategies({"strategies": '["usual", "coach", "combo"]'}, {}, ["combo"])
    ['usual', 'coach', 'combo']
    """
    names = list(dict.fromkeys(map(str, strategies_shown)))
    if "strategies" in attrs:
        strategies = list(json.loads(str(attrs["strategies"])))
    else:
        strategies = list(labels) if set(names) <= set(labels) else []
    return [*strategies, *(name for name in names if name not in strategies)]


def strategy_looks(strategies: Sequence[str], comparator: str) -> dict[str, dict[str, str]]:
    """Colour, dash, marker and pattern of each strategy; the comparator is grey and solid whatever its position.

    `strategies` are all of an evaluation in its order (`all_strategies`): the look of one that a figure leaves out
    is kept for it, so that each has the same look in every figure.

    >>> strategy_looks(["usual", "new"], "usual")["new"]
    {'colour': '#0072B2', 'dash': 'dash', 'marker': 'diamond', 'pattern': '/'}
    """
    others = [name for name in dict.fromkeys(strategies) if name != comparator]
    return {comparator: _look(COMPARATOR_COLOUR, 0)} | {
        name: _look(OKABE_ITO[i % len(OKABE_ITO)], i + 1) for i, name in enumerate(others)
    }


def _look(colour: str, number: int) -> dict[str, str]:
    return {
        "colour": colour,
        "dash": DASHES[number % len(DASHES)],
        "marker": MARKERS[number % len(MARKERS)],
        "pattern": PATTERNS[number % len(PATTERNS)],
    }


def curve(look: Mapping[str, str], x: Any, y: Any, name: str, *, width: float = 2.5, **more: Any) -> dict[str, Any]:
    """A strategy's curve: a line in its colour and dash, with some of its markers, so that it is known in grey too."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": x,
        "y": y,
        "name": safe(name),
        "line": {"color": look["colour"], "dash": look["dash"], "width": width},
        "marker": {"color": look["colour"], "symbol": look["marker"], "size": 7, "maxdisplayed": MOST_MARKERS},
        **more,
    }


def layout(language: str, height: int, **more: Any) -> dict[str, Any]:
    """Layout of every figure: white, dark text, legend below the axes, numbers as the language writes them."""
    base: dict[str, Any] = {
        "template": "none",
        "height": height,
        "autosize": True,
        "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
        "font": {"family": FONT, "size": 13, "color": INK},
        "separators": say("mark_decimal", language) + say("mark_group", language),
        "margin": {"l": 60, "r": 40, "t": 16, "b": 56},
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 13},
            "itemsizing": "constant",
            "itemwidth": 46,
        },
        "hoverlabel": {"font": {"family": FONT, "size": 13}},
    }
    return base | more


def share_axis(title: str, language: str, **more: Any) -> dict[str, Any]:
    """An axis of shares from 0 to 1 in percent, written as the text writes them."""
    ticks = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    tick_texts = [write_percent(share, language) for share in ticks]
    return axis(title, range=[-0.01, 1.01], tickmode="array", tickvals=ticks, ticktext=tick_texts, **more)


_WHOLE, _FINE, _FINE_LIMIT = ",.0f", ",.3~r", 20.0


def legible(figure: go.Figure) -> go.Figure:
    """The figure with three digits where whole numbers would not part the values: amounts may be in thousands.

    An axis written in whole numbers whose values all lie within 20 of 0 gets them, and so do the tooltips along it.
    """
    for letter in "xy":
        for name in [key for key in figure.layout if key.startswith(f"{letter}axis")]:
            if figure.layout[name].tickformat != _WHOLE:
                continue
            short = name.replace("axis", "")
            own = [trace for trace in figure.data if (trace[f"{letter}axis"] or letter) == short]
            sizes = [_largest(trace[letter]) for trace in own]
            if not 0 < max(sizes, default=0.0) <= _FINE_LIMIT:
                continue
            figure.layout[name].tickformat = _FINE
            for trace in own:
                hover = trace.hovertemplate or ""
                trace.hovertemplate = hover.replace(f"%{{{letter}:{_WHOLE}}}", f"%{{{letter}:{_FINE}}}") or None
    return figure


def _largest(values: Any) -> float:
    """The largest size among the numbers along an axis; 0 of names, and of nothing."""
    try:
        numbers = np.abs(np.asarray([] if values is None else values, dtype=np.float64))
    except (TypeError, ValueError):
        return 0.0
    return float(np.max(numbers[np.isfinite(numbers)], initial=0.0))


def note_of(notes: Mapping[str, Label], text: str, language: str) -> str:
    """A note in the language; in English where it has no other text."""
    return notes[text][language] if text in notes else text


def described(figure: go.Figure, title: str, caption: str) -> go.Figure:
    """The figure with what it shows in words, in `layout.meta` and escaped: a page prints both around it."""
    legible(figure)
    return figure.update_layout(meta={"title": safe(title), "caption": safe(caption)})


def axis(title: str, *, fold: int = 46, **more: Any) -> dict[str, Any]:
    """An axis with its title (escaped, folded at `fold` characters), light grid lines and a visible zero line."""
    base: dict[str, Any] = {
        "title": {"text": folded(title, fold), "standoff": 8, "font": {"size": 13}},
        "automargin": True,
        "gridcolor": GRID,
        "zerolinecolor": AXIS,
        "zeroline": True,
        "zerolinewidth": 1,
        "tickangle": 0,
        "linecolor": AXIS,
        "ticks": "outside",
        "tickcolor": AXIS,
        "ticklen": 4,
        "showgrid": True,
    }
    return base | more
