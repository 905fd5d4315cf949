"""Figures as still images, PNG, SVG or PDF: plotly draws them in a Chromium-family browser of this machine."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from costeff.errors import ResultError
from costeff.reporting.pdf import find_browser

_FIGURES = re.compile(r'<script type="application/json" id="figures">(.*?)</script>', re.S)
WIDTH, HEIGHT = 900, 450
"""Pixels; a figure that says how high it is keeps that."""
PNG_SCALE = 2
"""Points of the image for each pixel, so that print is sharp."""
_WAY_OUT = "python -m pip install 'costeff[image]'"
_BROWSER = "install Chromium, Chrome or Edge, or set CHROMIUM to its path"


def write_images(figures: Mapping[str, Mapping[str, Any]], folder: Path, kind: str) -> list[str]:
    """Write figures (plotly's JSON, by name) to NAME.png, .svg or .pdf in a folder; returns the names of the files.

    Nothing is fetched: plotly's own plotly.js draws, without MathJax. Raises ResultError without kaleido, without a
    browser, or when the browser cannot draw.
    """
    try:
        import kaleido
    except ImportError as error:
        rule = "still images are drawn by kaleido, which is not installed"
        raise ResultError("no still images", value=kind, rule=rule, way_out=_WAY_OUT) from error
    browser = find_browser()
    if browser is None:
        rule = "still images are drawn by a browser, and none was found"
        raise ResultError("no still images", value=kind, rule=rule, way_out=_BROWSER)
    jobs = [
        {
            "fig": {"data": one["data"], "layout": one["layout"]},
            "path": str(folder / f"{name}.{kind}"),
            "opts": {
                "format": kind,
                "width": WIDTH,
                "height": int(one["layout"].get("height") or HEIGHT),
                "scale": PNG_SCALE if kind == "png" else 1,
            },
        }
        for name, one in figures.items()
    ]

    async def draw() -> None:
        async with kaleido.Kaleido(path=browser, mathjax=False) as drawing:
            await drawing.write_fig_from_object(jobs, cancel_on_error=True)

    try:
        with ThreadPoolExecutor(1) as beside:  # a notebook has a loop of its own in this thread
            beside.submit(asyncio.run, draw()).result()
    except Exception as error:
        rule = f"{type(error).__name__}: {error}"
        raise ResultError("the browser could not draw", value=browser, rule=rule, way_out=_BROWSER) from error
    return [f"{name}.{kind}" for name in figures]


def write_page_images(page: Path, kind: str) -> list[str]:
    """Write the figures of a page beside it as images; returns the names of the files, as `write_images` does.

    A page of one figure gives an image of its own name, one of several PAGE-figure-1-..., in the order of the page.
    """
    match = _FIGURES.search(page.read_text(encoding="utf-8"))
    figures = json.loads(match[1])["figures"] if match else {}
    stem = page.stem
    named = {stem if len(figures) == 1 else f"{stem}-{name}": figure for name, figure in figures.items()}
    return write_images(named, page.parent, kind) if named else []
