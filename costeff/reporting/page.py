"""What every HTML page of ours shares: shipped files and data inside a script."""

from __future__ import annotations

import base64
import gzip
import json
from importlib import resources
from typing import Any

from costeff.catalogue import say


def shipped(name: str) -> str:
    """A file of the templates folder as text."""
    return (resources.files("costeff.reporting") / "templates" / name).read_text(encoding="utf-8")


def packed_plotly() -> str:
    """plotly.js for points, lines, bars, heat maps and contours, packed by gzip, as text that `unpack.js` reads."""
    return base64.b64encode(_plotly()).decode("ascii")


def plotly_script() -> str:
    """The same as it is, for a file that pages share."""
    return gzip.decompress(_plotly()).decode("utf-8")


def _plotly() -> bytes:
    return (resources.files("costeff.reporting") / "plotly" / "plotly-cartesian.min.js.gz").read_bytes()


def page_script() -> str:
    """What draws the figures of a page with the element `figures`, and says which tables scroll."""
    return "".join(shipped(name) for name in ("fold.js", "fit.js", "unpack.js", "report.js", "scroll.js"))


def script_json(value: Any) -> str:
    """JSON that may stand inside a script element: nothing in it can end the element."""
    from plotly.utils import PlotlyJSONEncoder

    text = json.dumps(value, cls=PlotlyJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return (
        text.replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    )


def script_words(language: str) -> dict[str, str]:
    """The words that report.js prints."""
    return {
        "language": language,
        "decimal": say("mark_decimal", language),
        "thousands": say("mark_group", language),
        "image": say("button_image", language),
        "reset": say("button_reset", language),
        "failed": say("figure_failed", language),
    }
