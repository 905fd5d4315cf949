"""Takes a picture of every figure and page of every command, wide and on a phone, and measures what texts touch.

    python tests/pictures.py FOLDER [NAME ...]

runs the commands in COMMANDS (all, or those named), opens what they wrote in a browser, writes one picture for each
page, language and width into FOLDER, and prints what `problems` says of each. Small runs: look at the pictures, not at
the numbers. The tests use `measured` and `problems` on a few of them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chromium import ARGUMENTS, CHROMIUM, sync_api

WIDTHS = (1280, 390)
LANGUAGES = ("en", "da")
DATA = Path(__file__).parent / "data"
SMALL = ["--draws", "60", "--individuals", "40", "--seed", "1", "--quiet"]
TABLE = str(DATA / "economics" / "sick_sicker_psa.csv")
COMMANDS: dict[str, list[str]] = {
    "run_tki2": ["run", "tki2", *SMALL, "--out"],
    "run_four_strategies": ["run", "sick_sicker", *SMALL, "--out"],
    "run_published": ["run", str(DATA / "published" / "hip.yaml"), *SMALL, "--out"],
    "dsa": ["dsa", "tki2", "--individuals", "40", "--batches", "2", "--joint-draws", "5", "--figures"],
    "dsa_four": ["dsa", "sick_sicker", "--strategy", "A", "--figures"],
    "dsa_table": ["dsa", TABLE, "--wtp", "100000", "--figures"],
    "two_way": ["dsa", "sick_sicker", "--two-way", "u_S1", "c_trtA", "--grid", "5", "--wtp", "100000", "--figures"],
    "side_by_side": [
        "dsa",
        "tki2",
        "--scenario",
        "no_effect",
        "--scenario",
        "harm",
        "--individuals",
        "40",
        "--batches",
        "2",
        "--figures",
    ],
    "threshold": [
        "threshold",
        "tki2",
        "--parameter",
        "hr_self_support",
        "--individuals",
        "60",
        "--batches",
        "2",
        "--points",
        "7",
        "--figures",
    ],
    "threshold_table": ["threshold", TABLE, "--parameter", "c_trtA", "--wtp", "100000", "--figures"],
    "voi": [
        "voi",
        "sick_sicker",
        "--wtp",
        "50000",
        "--wtp",
        "100000",
        "--wtp",
        "150000",
        *SMALL,
        "--matrix",
        "all",
        "--group",
        "u_S1,u_S2",
        "--figures",
    ],
    "voi_one": ["voi", TABLE, "--wtp", "100000", "--implementation", "uptake=0.1,then=0.6", "--figures"],
    "voi_trial": [
        "voi",
        "tki2",
        "--wtp",
        "300000",
        *SMALL,
        "--trial",
        "tki2_trial",
        "--n",
        "90",
        "--n",
        "180",
        "--n",
        "360",
        "--subgroups",
        "diagnosis",
        "--decision-maker",
        "municipal",
        "--decision-maker",
        "state",
        "--figures",
    ],
    "gsa_sobol": ["gsa", "sick_sicker", "--strategy", "AB", "--size", "64", "--quiet", "--figures"],
    "gsa_morris": ["gsa", "tki2", "--method", "morris", "--size", "4", "--individuals", "40", "--quiet", "--figures"],
    "gsa_pawn": ["gsa", TABLE, "--method", "pawn", "--wtp", "100000", "--strategy", "B", "--figures"],
    "gsa_regression": ["gsa", TABLE, "--wtp", "100000", "--strategy", "B", "--figures"],
    "invest": ["invest", "tki2-aarhus-investment", "--draws", "20", "--individuals", "20", "--quiet", "--out"],
}
"""Name to the arguments of `costeff`; the folder follows."""

MEASURE = """() => Array.from(document.querySelectorAll('.js-plotly-plot')).filter(q => q.offsetParent).map(p => {
  const full = p._fullLayout, frame = p.getBoundingClientRect();
  const box = e => { const b = e.getBoundingClientRect();
    return {left: b.left, right: b.right, top: b.top, bottom: b.bottom, width: b.width, height: b.height}; };
  const meet = (a, b, dx, dy) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > dx
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > dy;
  const whole = Array.from(p.querySelectorAll('.main-svg text')).filter(t => !t.closest('.hoverlayer')
    && box(t).width > 0.5 && getComputedStyle(t).visibility !== 'hidden');
  const lines = whole.flatMap(t => { const rows = Array.from(t.querySelectorAll('tspan.line'));
    return (rows.length ? rows : [t]).map(row => ({of: t, text: row.textContent, box: box(row)})); })
    .filter(line => line.box.width > 0.5 && line.text.trim());
  const touching = lines.flatMap((one, i) => lines.slice(i + 1).filter(other => other.of !== one.of
    && meet(one.box, other.box, 1, 3.5)).map(other => one.text + ' | ' + other.text));
  const outside = lines.filter(({box: a}) => a.left < frame.left - 2 || a.right > frame.right + 2
    || a.top < frame.top - 2 || a.bottom > frame.bottom + 2).map(line => line.text);
  const marks = Array.from(p.querySelectorAll('.scatterlayer .points path')).map(box).filter(b => b.width >= 8);
  const notes = lines.filter(line => line.of.closest('.annotation-text-g'));
  const hidden = notes.filter(line => marks.some(mark => meet(line.box, mark, 3, 3))).map(line => line.text);
  const cell = lines.filter(line => (full.annotations[line.of.closest('.annotation')?.dataset.index] || {}).name
    === 'cell' && line.box.width > full.xaxis._m).map(line => line.text);
  const area = p.querySelector('.bglayer .bg, .plotbg rect, .nsewdrag'), legend = p.querySelector('.legend .bg');
  const covers = area && legend && meet(box(area), box(legend), 4, 4);
  const cut = legend ? lines.filter(line => line.of.classList.contains('legendtext')
    && (line.box.right > box(legend).right + 1 || line.box.bottom > box(legend).bottom + 1)).map(l => l.text) : [];
  const axes = Object.keys(full).filter(k => /^[xy]axis/.test(k) && full[k].visible !== false).map(k => ({
    name: k, title: (full[k].title.text || '').trim(),
    names: full[k].type === 'category' || (full[k].ticktext || []).length > 0, shared: !!full[k].matches }));
  const drawn = p._fullData.filter(t => t.visible === true && t.type !== 'contour');
  const looks = new Set(drawn.filter(t => t.showlegend !== false || t.type === 'bar').map(t => t.name));
  return {id: p.id, width: frame.width, height: frame.height, plot: [full._size.w, full._size.h], touching, outside,
    hidden, cut, cell, covers, axes, series: looks.size, entries: p.querySelectorAll('.legend .traces').length,
    title: (p.closest('figure').querySelector('figcaption strong') || document.querySelector('h1'))?.textContent || '',
    caption: (p.closest('figure') || document).querySelector('figcaption')?.textContent || ''};
})"""
"""Of every figure on show: texts that touch, leave the frame, lie on a mark or are cut off, titles, and the legend."""

BROKEN_WORDS = """() => { const broken = [], plain = document.createElement('style');
  plain.textContent = '* { hyphens: manual !important }'; document.head.append(plain);
  document.querySelectorAll('h1, h2, h3, dt, dd, th, caption').forEach(e => {
  const walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), range = document.createRange();
  const whole = /(?<![\\p{L}\\p{N}_\\u00ad-])\\p{L}{4,20}(?![\\p{L}\\p{N}_\\u00ad-])/gu;
  while (walk.nextNode()) for (const word of walk.currentNode.data.matchAll(whole)) {
    range.setStart(walk.currentNode, word.index); range.setEnd(walk.currentNode, word.index + word[0].length);
    const tops = new Set(Array.from(range.getClientRects()).filter(b => b.width > 0).map(b => Math.round(b.top)));
    if (tops.size > 1) broken.push(word[0]); } });
  plain.remove(); return broken; }"""
"""Words of headings, of at most 20 letters, that a line end breaks in a browser that knows no hyphenation."""


def measured(page: Any) -> list[dict[str, Any]]:
    """What a browser measures of every figure on show."""
    return list(page.evaluate(MEASURE))


def problems(figure: dict[str, Any]) -> list[str]:
    """What is wrong with one measured figure, in words; empty when it says what it shows and nothing touches."""
    said = []
    kinds = {
        "touching": "touch",
        "outside": "leaves the frame",
        "hidden": "lies on a mark",
        "cut": "is cut off",
        "cell": "is wider than its cell",
    }
    for key, what in kinds.items():
        said += [f"{text!r} {what}" for text in figure[key]]
    if figure["covers"]:
        said.append("the legend covers the plot")
    if figure["plot"][0] < 120 or figure["plot"][1] < 80:  # a chart of one row is low
        said.append(f"the plot is {figure['plot']} pixels")
    if not figure["title"] or not figure["caption"]:
        said.append("no title or caption")
    said += [
        f"{axis['name']} has no title"
        for axis in figure["axes"]
        if not axis["title"] and not axis["names"] and not axis["shared"]
    ]
    if figure["series"] > 1 and not figure["entries"]:
        said.append("several series and no legend")
    return said


def settled(page: Any) -> None:
    """Wait until every figure on show is drawn and has been fitted to its place."""
    page.wait_for_function(
        "() => Array.from(document.querySelectorAll('.plot, #figure')).every("
        "p => p.offsetParent === null || p.querySelector('.main-svg'))"
    )
    page.wait_for_timeout(600)


def states(page: Any) -> Iterator[str]:
    """Show one choice of panels after the other, everything folded open but long lists; says which."""
    page.evaluate(
        "document.querySelectorAll('details').forEach(d => { if (d.querySelectorAll('tr').length < 60"
        " && !d.querySelector('pre')) d.open = true; else d.open = false; })"
    )
    settled(page)
    yield "0"
    selects = page.query_selector_all("select[data-panels]")
    most = max((len(s.query_selector_all("option")) for s in selects), default=1)
    for at in range(1, most):
        for select in selects:
            if at < len(select.query_selector_all("option")):
                select.select_option(str(at))
        settled(page)
        yield str(at)


def photograph(browser: Any, file: Path, width: int, folder: Path, name: str, most: int = 2) -> list[str]:
    """Pictures of the whole page, of at most `most` choices of panels; returns what is wrong in any of them."""
    context = browser.new_context(offline=True, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.set_default_timeout(180_000)  # tests say nothing of time: a loaded machine opens a large page slowly
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(f"page error: {error}"))
    page.on("console", lambda message: said.append(f"console: {message.text}"))
    page.goto(file.as_uri())
    settled(page)
    for number, state in enumerate(states(page)):
        if number < most:
            page.screenshot(path=str(folder / f"{name}_{state}.png"), full_page=True, timeout=120_000)
        for figure in measured(page):
            said += [f"{figure['id']}: {text}" for text in problems(figure)]
    said += [f"heading: {word!r} is broken" for word in page.evaluate(BROKEN_WORDS)]
    if page.evaluate("document.documentElement.scrollWidth - window.innerWidth") > 0:
        said.append("the page is wider than the window")
    context.close()
    return list(dict.fromkeys(said))


def main(folder: Path, names: list[str]) -> int:
    """Make, photograph and measure; the number of things that are wrong."""
    wrong = 0
    folder.mkdir(parents=True, exist_ok=True)
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name in names or list(COMMANDS):
            for language in LANGUAGES:
                place = folder / f"{name}_{language}"
                if not place.exists():
                    command = [sys.executable, "-m", "costeff.cli", *COMMANDS[name], str(place), "--language", language]
                    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                for file in sorted(place.glob("*.html")):
                    for width in WIDTHS:
                        shot = f"{name}_{language}_{file.stem}_{width}"
                        for text in photograph(browser, file, width, folder, shot):
                            wrong += 1
                            print(f"{shot}: {text}", flush=True)
        browser.close()
    return wrong


if __name__ == "__main__":
    print(f"{main(Path(sys.argv[1]), sys.argv[2:])} things are wrong")
