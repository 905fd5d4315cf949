"""Seconds until a report shows its first figure, in Chromium from file://: python benchmarks/first_figure.py PAGE ...

From the start of the navigation to the second frame after the first figure stands in the page, by the page's own
clock, at 1280 pixels; each page is opened five times and the middle value is printed beside the range.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

TIMES = 5
WATCH = """new MutationObserver((changes, observer) => {
  if (!document.querySelector(".plot .main-svg")) return;
  observer.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => { window.first = performance.now(); }));
}).observe(document, {childList: true, subtree: true})"""


def first_figure(browser: Any, page_file: Path) -> float:
    """Seconds of one opening."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(WATCH)
    page.goto(page_file.resolve().as_uri())
    page.wait_for_function("() => window.first > 0", timeout=60_000)
    milliseconds = float(page.evaluate("window.first"))
    page.close()
    return milliseconds / 1000


def main(pages: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for page in pages:
            seconds = [first_figure(browser, Path(page)) for _ in range(TIMES)]
            print(f"{page}: {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
