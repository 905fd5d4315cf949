"""Takes a picture of every screen of the app, in a language, wide and on a phone.

    python tests/app/pictures_of_screens.py FOLDER [LANGUAGE]

opens a small case with a queue and a belief, in a window of 1280 and one of 390 pixels. Look at the pictures.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from app_example import CASE
from chromium import ARGUMENTS, CHROMIUM, sync_api
from random_cases import COSTS, QUEUE

from costeff.app.screens.fields import SCREENS
from costeff.app.screens.further import FURTHER
from costeff.app.server.serve import Server

WIDTHS = (1280, 390)
EFFECT = "effect: {measure: share, weeks: 26, today: 0.55, programme: 0.6, programme_low: 0.55, programme_high: 0.65}\n"
ORDERS = {"compare": "compare", "economics": "ask", "export": "write"}
"""What is asked for on a screen before its picture is taken, by the kind of order."""


def main(place: Path, language: str = "da") -> None:
    """All pictures."""
    place.mkdir(parents=True, exist_ok=True)
    text = CASE.replace("variable: 12000  # kr.", COSTS).replace(
        "draws: 8, individuals: 10", "draws: 100, individuals: 40"
    )
    with tempfile.TemporaryDirectory() as folder, sync_api.sync_playwright() as play:
        (Path(folder) / "small.yaml").write_text(text + QUEUE + EFFECT, encoding="utf-8")
        other = text.replace("case: small", "case: other").replace("Lille case", "En anden case")
        (Path(folder) / "other.yaml").write_text(other + QUEUE + EFFECT, encoding="utf-8")
        (Path(folder) / "wrong.yaml").write_text(text.replace("years: 2", "years: 99"), encoding="utf-8")
        server = Server(Path(folder))
        threading.Thread(target=server.run, daemon=True).start()
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for width in WIDTHS:
            page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
            page.set_default_timeout(120_000)
            page.goto(server.address)
            for path in ("", "/wrong.yaml/costs", *(f"/small.yaml/{screen}" for screen in (*SCREENS, *FURTHER))):
                page.goto(f"http://127.0.0.1:{server.gate.port}/{language}{path}")
                page.wait_for_selector("h1")
                screen = path.rpartition("/")[2]
                if "small" in path:
                    page.wait_for_selector("#result:not(.stale)")
                if screen == "economics":
                    page.locator("#case-wtp").fill("10 000")
                    page.locator("#case-wtp").press("Enter")
                    page.locator("#case-acceptable .js-plotly-plot").last.wait_for()
                if screen in ORDERS:
                    page.locator(f"button[id*='\"{ORDERS[screen]}']").first.click()
                    page.locator("a", has_text="soem.xlsx").or_(page.locator("#beside table")).last.wait_for()
                page.wait_for_timeout(1500)
                page.screenshot(
                    path=place
                    / f"{language}-{width}-{screen if 'small' in path else screen + '-wrong' if path else 'start'}.png",
                    full_page=True,
                )
                if width < 500:  # what stands on the screen, with the bar that stays in view
                    page.screenshot(path=place / f"{language}-{width}-{screen or 'start'}-view.png")
                wide = page.evaluate("document.documentElement.scrollWidth")
                print(f"{width} {path or '/'}: {wide} px wide")
        browser.close()
        server.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3])
