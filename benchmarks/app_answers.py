"""How long the planner's app takes: its start, an answer, sums and figures on the screen, a first look, and its memory.

    python benchmarks/app_answers.py [--changes 50] [--draws 1000] [--individuals 200]
        [--only queue] [--out benchmarks/app_answers.md]

starts `costeff app` as a planner does, on a case with a queue and on the same without, and changes prices, rates and
numbers of citizens in a real browser. A change counts from the key that ends it; the seconds of the server are those
of its slowest answer to that change. Bars: start 3 s, answer 0.2 s, sums 0.4 s, figures 0.9 s, first look 3 s, 1 GB.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from chromium import ARGUMENTS, CHROMIUM, sync_api

from costeff import bundled

BARS = {"start": 3.0, "answer": 0.2, "sums": 0.4, "figures": 0.9, "first look": 3.0, "memory": 1.0}
PATIENCE = 600_000
WATCH = """
() => {
  const result = () => document.querySelector('#result:not(.stale)');
  const isNew = () => result() && Number(result().dataset.version) > window.version;
  window.seen = {sums: 0, figures: 0};
  new MutationObserver(changes => {
    if (!isNew()) { return; }
    if (!window.seen.sums) { window.seen.sums = performance.now(); }
    const drawn = change => change.target.nodeType === 1 && change.target.closest('.js-plotly-plot');
    if (changes.some(drawn)) { window.seen.figures = performance.now(); }
  }).observe(document.body, {childList: true, characterData: true, subtree: true, attributes: true});
  document.addEventListener('keydown', event => {
    if (event.key === 'Enter') {
      window.version = Number(result().dataset.version);
      window.seen = {sums: 0, figures: 0};
      window.pressed = performance.now();
    }
  }, true);
}
"""
"""Notes when the result of the next version stands in the pane, and when its figure was last drawn on."""
QUIET = 120
"""Milliseconds without drawing after which a figure is taken to be done."""


def case_text(has_queue: bool, draws: int, individuals: int) -> str:
    """The shipped case of Aarhus with prices as numbers; without a queue nobody waits and a citizen has a price."""
    text = (bundled.data_dir("scenarios") / "tki2-aarhus-investment.yaml").read_text(encoding="utf-8")
    text = re.sub(r"run: \{.*\}", f"run: {{draws: {draws}, individuals: {individuals}, seed: 1}}", text)
    text += "\nset: {municipal_tax: 0.25}\nout_migration: 0.01\n"
    if has_queue:
        return text.replace("per_consultant: caseworker_year * casework_overhead", "per_consultant: 900000")
    text = re.sub(r"capacity:\n(?:  .*\n)+", "", text).replace("programme_consultants", "programme_variable")
    text = re.sub(r"  per_consultant: .*\n  variable: 0\n  replaces: .*\n", "  variable: 12000\n", text)
    return re.sub(r"  (?:replaced_casework|capacity): .*\n", "", text)


def kinds(has_queue: bool) -> dict[str, tuple[str, str, list[str]]]:
    """By kind of change: the screen, the key, and what is typed in turn."""
    price = "programme.per_consultant" if has_queue else "programme.variable"
    prices = [f"{900000 + 5000 * n}" if has_queue else f"{12000 + 250 * n}" for n in range(1, 100)]
    return {
        "price": ("costs", price, prices),
        "rate": ("rules", "set.municipal_tax", [f"{24 + n / 20:g} %" for n in range(1, 100)]),
        "inflow": ("citizens", "inflow.2026", [f"{100 + n % 20}" for n in range(1, 100)]),
    }


class Session:
    """A server on a folder, and a page in a browser."""

    def __init__(self, folder: Path, browser: Any) -> None:
        began = time.perf_counter()
        command = [sys.executable, "-c", "from costeff.cli import main; main()", "app", str(folder)]
        self.process = subprocess.Popen([*command, "--no-browser"], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().split()[-1]
        self.page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.goto(self.address)
        self.page.wait_for_selector("h1")
        self.start = time.perf_counter() - began
        self.answers: list[float] = []
        self.page.on("requestfinished", self._note)

    def _note(self, request: Any) -> None:
        if "_dash-update-component" in request.url:
            timing = request.timing
            self.answers.append((timing["responseStart"] - timing["requestStart"]) / 1000)

    def open(self, screen: str) -> None:
        """A screen with a result that is the file's."""
        self.page.goto(f"{self.address.partition('?')[0]}da/case.yaml/{screen}")
        self.page.wait_for_selector("#result:not(.stale)")
        self.page.wait_for_timeout(1500)
        self.page.evaluate(WATCH)

    def change(self, key: str, text: str) -> dict[str, float]:
        """Seconds of the slowest answer, until sums and until figures are on the screen."""
        self.answers.clear()
        field = self.page.locator(f'[id=\'{{"key":"{key}","type":"field"}}\']')
        field.fill(text)
        field.press("Enter")
        self.page.wait_for_function(f"window.seen.figures > 0 && performance.now() > window.seen.figures + {QUIET}")
        assert self.page.locator(".waits").count() == 0, f"{key}: {text} takes a simulation"
        watched, pressed = self.page.evaluate("window.seen"), self.page.evaluate("window.pressed")
        sums, figures = ((watched[name] - pressed) / 1000 for name in ("sums", "figures"))
        return {"answer": max(self.answers), "sums": sums, "figures": figures}

    def first_look(self) -> float:
        """Seconds from the button until the first look at another effect is on the screen."""
        self.open("effect")
        field = self.page.locator('[id=\'{"key":"fidelity","type":"field"}\']')
        field.fill("0,9")
        field.press("Enter")
        button = self.page.get_by_role("button", name="Regn igen")
        button.wait_for()
        began = time.perf_counter()
        button.click()
        self.page.wait_for_function(
            "document.querySelector('.waits') && document.querySelector('.waits').innerText.includes('første blik')"
        )
        return time.perf_counter() - began

    def memory(self) -> float:
        """The most memory that the server has had, in GB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        match = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert match is not None
        return int(match[1]) / 1e6

    def close(self) -> None:
        """End both."""
        self.page.context.close()
        self.process.kill()
        self.process.wait()


def measured(
    browser: Any, has_queue: bool, changes: int, draws: int, individuals: int
) -> list[tuple[str, float, float]]:
    """Rows of (what, median, bar)."""
    label = "with a queue" if has_queue else "without a queue"
    rows: list[tuple[str, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "case.yaml").write_text(case_text(has_queue, draws, individuals), encoding="utf-8")
        session = Session(Path(folder), browser)
        try:
            rows.append((f"{label}: start", session.start, BARS["start"]))
            for kind, (screen, key, texts) in kinds(has_queue).items():
                session.open(screen)
                times = [session.change(key, text) for text in texts[: changes + 1]][1:]
                for name in ("answer", "sums", "figures"):
                    middle = statistics.median(one[name] for one in times)
                    rows.append((f"{label}: {kind}, {name}", middle, BARS[name]))
                    print(*rows[-1], flush=True)
            rows.append((f"{label}: first look at another effect", session.first_look(), BARS["first look"]))
            session.page.wait_for_selector("#result:not(.stale)")
            rows.append((f"{label}: memory (GB)", session.memory(), BARS["memory"]))
        finally:
            session.close()
    return rows


def main() -> None:
    """Measure, print, and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=50)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--individuals", type=int, default=200)
    parser.add_argument("--only", choices=("queue", "none"), help="One of the two cases.")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        rows = [
            row
            for has_queue in (True, False)
            if arguments.only in (None, "queue" if has_queue else "none")
            for row in measured(browser, has_queue, arguments.changes, arguments.draws, arguments.individuals)
        ]
        browser.close()
    lines = [f"| {what} | {value:.3f} | {bar:g} | {'met' if value <= bar else 'missed'} |" for what, value, bar in rows]
    load = os.getloadavg()[0]
    said = (
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {os.cpu_count()} processors, load {load:.1f} at the end; medians of "
        f"{arguments.changes} changes, {arguments.draws} draws x {arguments.individuals} individuals, seconds."
    )
    print("\n".join([said, *lines]))
    if arguments.out:
        head = ["# Answers of the planner's app", "", said, "", "| what | value | bar | |", "|---|---|---|---|"]
        arguments.out.write_text("\n".join([*head, *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
