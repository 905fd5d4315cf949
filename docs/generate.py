"""Writes what the documentation takes from the library: the parameter table, counts and results in README.md.

    python docs/generate.py             write docs/parameters_tki2.md and the marked parts of other pages
    python docs/generate.py --check     exit 1 and say what is out of date; writes nothing
    python docs/generate.py --images    draw docs/images/*.png from a report, with Chromium (not checked)

A marked part begins with <!-- generated: NAME --> and ends with <!-- end -->; NAME is a function below.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from costeff import Evidence, Result, Study
    from costeff.evidence import Parameter, Table

KINDS = {
    "published": "a figure read in the source named",
    "derived": "computed from published figures; the note says how",
    "calibrated": "posterior of the calibration to published targets",
    "assumption": "no published source; the note says why this value and this width",
}
PAGES = ("README.md", "docs/architecture.md", "docs/laesmig.md", "docs/model_tki2.md")
MARKED = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.S)
CHROMIUM = "/usr/bin/chromium"


@cache
def study() -> Study:
    import costeff as ce

    return ce.load("tki2")


def evidence() -> Evidence:
    return study().evidence


@cache
def result() -> Result:
    """The base case as `costeff run tki2` runs it."""
    return study().psa(progress=False)


def parameters_page() -> str:
    """docs/parameters_tki2.md, whole."""
    e = evidence()
    numbers = {key: i for i, key in enumerate(e.sources, 1)}
    year = study().model.conventions.price_year
    return "\n".join(
        [
            "# Parameters of TKI2",
            "",
            "Written by `python docs/generate.py` from `parameters/tki2.yaml`; do not edit. The value is the mean of",
            "the distribution, or its median where it says so; in brackets the 95 % interval. Money is in",
            f"{year} kroner: figures of other years have been moved by the price index, and the note says by how much.",
            "Numbers in the last column are the sources below.",
            "",
            kinds(),
            "",
            "| parameter | value (95 %) | unit | distribution | kind | note | source |",
            "|---|---|---|---|---|---|---|",
            *(_parameter_row(p, numbers) for p in e.parameters.values()),
            "",
            "## Tables",
            "",
            "| table | unit | kind | note | source |",
            "|---|---|---|---|---|",
            *(_table_row(t, numbers) for t in e.tables.values()),
            "",
            *_joint(e),
            "## Sources",
            "",
            *(f"{numbers[key]}. {s.title}. <{s.address}>" for key, s in e.sources.items()),
            "",
        ]
    )


def _parameter_row(p: Parameter, numbers: dict[str, int]) -> str:
    low, high = p.interval()
    value = _number(p.value) + (" (median)" if p.centre == "median" else "")
    spread = "" if p.fixed else f" ({_number(low)} to {_number(high)})"
    family = f"{p.group}, joint" if p.group else p.spread.family
    note = _cell("; ".join(part for part in (p.note, p.price_note) if part))
    return f"| `{p.name}` | {value}{spread} | {p.unit} | {family} | {p.kind} | {note} | {_keys(p.source, numbers)} |"


def _table_row(t: Table, numbers: dict[str, int]) -> str:
    what = f"`{t.name}` ({', '.join(t.columns)} by {t.argument})"
    return f"| {what} | {t.unit} | {t.kind} | {_cell(t.note)} | {_keys(t.source, numbers)} |"


def _joint(e: Evidence) -> list[str]:
    lines = []
    if e.groups:
        lines += ["## Drawn together", "", "| group | distribution | parameters |", "|---|---|---|"]
        for name, group in e.groups.items():
            members = [f"`{p.name}`" for p in e.parameters.values() if p.group == name]
            lines.append(f"| {name} | {group.family} | {', '.join(members)} |")
        lines.append("")
    if e.correlations:
        lines += ["## Correlations", "", "| parameters | correlation |", "|---|---|"]
        for pair in e.correlations:
            lines.append(f"| {' and '.join(f'`{n}`' for n in pair.parameters)} | {pair.correlation:g} |")
        lines.append("")
    return lines


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _keys(keys: tuple[str, ...], numbers: dict[str, int]) -> str:
    return ", ".join(str(numbers[key]) for key in keys)


def _number(value: float) -> str:
    """Four significant digits; thousands with commas; never an exponent."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    text = f"{value:.4g}"
    return f"{value:.10f}".rstrip("0") if "e" in text else text


# -- marked parts of pages: functions by name -------------------------------------------------------------------------


def kinds() -> str:
    """How many parameters are of each kind."""
    every = list(evidence().parameters.values())
    rows = []
    for kind, meaning in KINDS.items():
        here = [p for p in every if p.kind == kind]
        if here:
            rows.append(f"| {kind} | {len(here)} | {sum(not p.fixed for p in here)} | {meaning} |")
    total = f"| all | {len(every)} | {sum(not p.fixed for p in every)} | |"
    return "\n".join(["| kind | parameters | of these drawn | what it means |", "|---|---|---|---|", *rows, total])


def slags() -> str:
    """The same in Danish."""
    words = {"published": "offentliggjort", "derived": "afledt", "calibrated": "kalibreret", "assumption": "antagelse"}
    every = list(evidence().parameters.values())
    rows = [f"| {words[k]} | {sum(p.kind == k for p in every)} |" for k in KINDS if any(p.kind == k for p in every)]
    return "\n".join(["| slags | parametre |", "|---|---|", *rows, f"| i alt | {len(every)} |"])


def who_pays() -> str:
    """Increment in net cost by party, with the errors."""
    table = result().parties()
    rows = []
    for row in table.to_dict("records"):
        ends = f"{_money(row['lo_corrected'])} to {_money(row['hi_corrected'])}"
        rows.append(f"| {row['label'].en} | {_money(row['increment'])} | {_money(row['mcse'])} | {ends} |")
    head = "| party | more paid (+) or gained (-) per citizen, DKK | simulation error | 95 % interval |"
    return "\n".join([_run_line(), "", head, "|---|---|---|---|", *rows])


def effects() -> str:
    """Main effects by strategy."""
    table = result().effects_table().set_index("effect")
    names = [n for n in ("qaly", "weeks_sick_year_1", "returned_to_work", "weeks_work") if n in table.index]
    lines = ["| effect | usual care | TKI2 | difference (95 %) | simulation error |", "|---|---|---|---|---|"]
    for name in names:
        row: Any = table.loc[name]
        digits = 4 if row["unit"] in ("QALY", "share") else 2
        ends = f"{row['lo_corrected']:.{digits}f} to {row['hi_corrected']:.{digits}f}"
        lines.append(
            f"| {row['label'].en} ({row['unit']}) | {row['usual_care']:.{digits}f} | {row['tki2']:.{digits}f} "
            f"| {_signed(row['increment'], digits)} ({ends}) | {row['mcse']:.{digits}f} |"
        )
    return "\n".join(lines)


def _run_line() -> str:
    r = result()
    c = r.model.conventions
    return (
        f"`costeff run tki2`: {r.draws:,} draws x {r.individuals:,} individuals, seed {r.seed}, "
        f"{c.horizon / c.cycles_per_year:g} years, {c.price_year} kroner, discounted."
    )


def _signed(value: float, digits: int) -> str:
    """A number with so many decimals; what rounds to 0 has no sign."""
    return f"{round(value, digits) + 0.0:.{digits}f}"


def _money(value: float) -> str:
    text = f"{value:,.0f}"
    return "0" if text == "-0" else text


PARTS: dict[str, Callable[[], str]] = {"kinds": kinds, "slags": slags, "who_pays": who_pays, "effects": effects}


def pages() -> dict[Path, str]:
    """Every generated page and every page with marked parts, as they should be."""
    found = {ROOT / "docs/parameters_tki2.md": parameters_page()}
    for name in PAGES:
        path = ROOT / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if MARKED.search(text):
            found[path] = MARKED.sub(lambda m: f"{m[1]}{PARTS[m[2]]()}\n{m[3]}", text)
    return found


def images() -> None:
    """Figures of the report as pictures."""
    from playwright.sync_api import sync_playwright

    folder = ROOT / "docs/images"
    folder.mkdir(exist_ok=True)
    wanted = {("en", "#payers"): "who_pays", ("da", "#payers"): "hvem_betaler", ("en", "#uncertainty"): "plane"}
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1100, "height": 900}, device_scale_factor=2)
        for (language, section), name in wanted.items():
            report = Path(scratch) / f"{language}.html"
            if not report.exists():
                result().report(report, language)
            page.goto(report.as_uri())
            figure = page.locator(f"{section} .js-plotly-plot").first
            figure.locator(".main-svg").first.wait_for()
            figure.screenshot(path=str(folder / f"{name}.png"))
        browser.close()


def main(asked: list[str]) -> int:
    if asked == ["--images"]:
        images()
        return 0
    if asked not in ([], ["--check"]):
        print(__doc__)
        return 2
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if asked:
            print(f"{path.relative_to(ROOT)} is out of date: run python docs/generate.py")
        else:
            path.write_text(pages()[path], encoding="utf-8")
            print(f"written: {path.relative_to(ROOT)}")
    return 1 if asked and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
