"""Prints a page of ours to PDF with a Chromium-family browser, where one is found; whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from costeff.errors import ResultError
from costeff.files import FIXED, stated_time, write_whole
from costeff.reporting.browser import HAS_PIPES, SECONDS, Browser, SilentError, flags
from costeff.reporting.page import plotly_script

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
PACKED = '<script type="text/plain" id="plotly-packed">'
PRINT = "#print"  # our pages then draw their figures once, for paper (report.js)
_WAY_OUT = "open the HTML file in any browser and print it, or set CHROMIUM to the path of Chromium, Chrome or Edge"


def find_browser() -> str | None:
    """Path of a browser that can print: the one that the variable CHROMIUM names, else the first found.

    A CHROMIUM that is set counts even when it is wrong or empty, so that no other browser starts in its place.
    """
    chromium = os.environ.get("CHROMIUM")
    if chromium is not None:
        return shutil.which(chromium) if chromium else None
    paths = (shutil.which(name) for name in BROWSERS)
    return next((path for path in paths if path), next((p for p in PLACES if Path(p).is_file()), None))


@contextmanager
def waiting_browser(is_needed: bool = True) -> Iterator[Browser | None]:
    """A browser that starts now and prints later; none where none is needed or found, or none can be told by a pipe."""
    program, browser = find_browser() if is_needed and HAS_PIPES else None, None
    if program is not None:
        with suppress(OSError):
            browser = Browser(program)
    try:
        yield browser
    finally:
        if browser is not None:
            browser.close()


def print_pdf(page: str | os.PathLike[str], path: str | os.PathLike[str], browser: Browser | None = None) -> Path:
    """Print the HTML file `page` to the PDF file `path` and return its path, by `browser` or one of its own.

    Raises ResultError when no browser is found, it fails, takes more than SECONDS, or prints something that is no PDF;
    an older file at `path` is then as it was. The browser gets a profile of its own, which is deleted again.
    """
    program, path = find_browser(), Path(path)
    if program is None:
        raise ResultError("no browser to print a PDF with", rule="Chromium, Chrome or Edge", way_out=_WAY_OUT)
    with tempfile.TemporaryDirectory(prefix="costeff-", ignore_cleanup_errors=True) as folder:
        paper = Path(folder) / "page.html"
        paper.write_text(for_paper(Path(page).read_text(encoding="utf-8")), encoding="utf-8")
        address = paper.as_uri() + PRINT
        try:
            with nullcontext(browser) if browser is not None else waiting_browser() as printer:
                if printer is None:
                    raise SilentError("it cannot be told by a pipe")
                pdf = printer.printed(address)
        except SilentError:  # such as a browser in a wrapper that does not hand the pipe on
            pdf = _printed_alone(program, address, Path(folder))
        return write_whole(undated(pdf), path)


def _printed_alone(program: str, address: str, folder: Path) -> bytes:
    """The page printed by a browser that is started for it and ends with it."""
    draft = folder / "page.pdf"
    command = [program, *flags(folder / "profile"), "--no-pdf-header-footer", f"--print-to-pdf={draft}", address]
    try:
        process = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        messages = process.stderr.strip().splitlines()[-1:] or [f"exit status {process.returncode}"]
    except (OSError, subprocess.TimeoutExpired) as error:
        messages = [str(error)]
    if not draft.is_file() or not draft.read_bytes().startswith(b"%PDF"):
        raise ResultError("the browser printed no PDF", value=program, rule=messages[0], way_out=_WAY_OUT)
    return draft.read_bytes()


def for_paper(html: str) -> str:
    """The page with plotly.js as it is where it held it packed: a browser prints before it has unpacked anything.

    >>> for_paper("<p>no figures</p>")
    '<p>no figures</p>'
    """
    start = html.find(PACKED)
    if start < 0:
        return html
    return html[:start] + "<script>" + plotly_script() + html[html.index("</script>", start) :]


def undated(pdf: bytes) -> bytes:
    """The PDF with a fixed date (that of SOURCE_DATE_EPOCH) in place of the time of printing, at the same length.

    >>> undated(b"/CreationDate (D:20261128171632+00'00')")
    b"/CreationDate (D:20000101000000+00'00')"
    """
    date = (stated_time() or FIXED).strftime("%Y%m%d%H%M%S").encode()
    return re.sub(rb"(/(?:CreationDate|ModDate) \(D:)[0-9]{14}", rb"\g<1>" + date, pdf)
