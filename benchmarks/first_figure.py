"""Seconds until a report shows its first figure, from file://: python benchmarks/first_figure.py [--firefox] PAGE ...

From the start of the navigation to the second frame after the first figure stands in the page, by the page's own
clock, at 1280 pixels; each page is opened five times and the middle value is printed beside the range. In Chromium, or
in Firefox through tests/firefox.py.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

TIMES = 5
WATCH = """new MutationObserver((changes, observer) => {
  if (!document.querySelector(".plot .main-svg")) return;
  observer.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => { window.first = performance.now(); }));
}).observe(document, {childList: true, subtree: true})"""


def first_figure(browser: Any, page_file: Path) -> float:
    """Seconds of one opening in Chromium."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(WATCH)
    page.goto(page_file.resolve().as_uri())
    page.wait_for_function("() => window.first > 0", timeout=60_000)
    milliseconds = float(page.evaluate("window.first"))
    page.close()
    return milliseconds / 1000


def in_firefox(pages: list[str]) -> None:
    """Each page in Firefox, which takes no script beforehand: a copy of the page begins with it."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from firefox import Firefox

    with Firefox() as browser, tempfile.TemporaryDirectory() as folder:
        for page in pages:
            copy = Path(folder) / "report.html"
            text = Path(page).read_text(encoding="utf-8")
            copy.write_text(text.replace("<head>", f"<head><script>{WATCH}</script>", 1), encoding="utf-8")
            seconds = []
            for _ in range(TIMES):
                browser.open(copy)
                browser.wait_until("window.first > 0")
                seconds.append(float(browser.evaluate("return window.first")) / 1000)
            say(page, seconds)


def in_chromium(pages: list[str]) -> None:
    """Each page in Chromium."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for page in pages:
            say(page, [first_figure(browser, Path(page)) for _ in range(TIMES)])
        browser.close()


def say(page: str, seconds: list[float]) -> None:
    """Print the middle of what was measured, and its ends."""
    print(f"{page}: {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})")


if __name__ == "__main__":
    names = [word for word in sys.argv[1:] if not word.startswith("--")]
    (in_firefox if "--firefox" in sys.argv else in_chromium)(names)
