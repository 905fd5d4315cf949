"""Anchored in Chromium itself: what it prints when told by a pipe is what it prints when started for one page."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from costeff.reporting import pdf
from costeff.reporting.browser import HAS_PIPES, Browser, SilentError

pytestmark = [
    pytest.mark.skipif(pdf.find_browser() is None, reason="no browser: set CHROMIUM to its path"),
    pytest.mark.skipif(not HAS_PIPES, reason="POSIX only"),
]
PAGE = (
    "<!doctype html><title>{0}</title><style>@page {{ size: A5 }}</style><p>{0}"
    "<script>document.body.append(6 * 7)</script>"
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE.format("first"), encoding="utf-8")
    return path


def test_a_browser_told_by_a_pipe_prints_the_same(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, one page after another, and nothing of it is left."""
    other = tmp_path / "other.html"
    other.write_text(PAGE.format("second"), encoding="utf-8")
    with pdf.waiting_browser() as browser:
        assert browser is not None
        profile = Path(browser.folder)
        pages_by_pipe = [
            pdf.print_pdf(p, tmp_path / f"{p.stem}.pdf", browser).read_bytes() for p in (page, other, page)
        ]
    assert not profile.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(browser.process, 0)
    monkeypatch.setattr(pdf, "HAS_PIPES", False)
    pages_alone = [pdf.print_pdf(p, tmp_path / "alone.pdf").read_bytes() for p in (page, other)]
    assert pages_by_pipe == [*pages_alone, pages_alone[0]]
    assert pages_alone[0] != pages_alone[1]


def test_a_browser_in_a_wrapper_that_keeps_the_pipe_prints_by_itself(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = pdf.print_pdf(page, tmp_path / "expected.pdf").read_bytes()
    wrapper = tmp_path / "wrapper"
    wrapper.write_text(f'#!/bin/sh\nexec {pdf.find_browser()} "$@" 3<&- 4<&-\n', encoding="utf-8")
    wrapper.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(wrapper))
    with pdf.waiting_browser() as browser:
        assert browser is not None
        with pytest.raises(SilentError):
            browser.printed(page.as_uri())
        assert pdf.print_pdf(page, tmp_path / "page.pdf", browser).read_bytes() == expected


def test_a_browser_ends_with_the_process_that_started_it(page: Path) -> None:
    """Killed at once, a process leaves no browser behind."""
    code = (
        "from costeff.reporting.browser import Browser; from costeff.reporting.pdf import find_browser; import time;"
        f"b = Browser(find_browser()); b.printed({page.as_uri()!r});"
        "print(b.process, b.folder, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        number, folder = parent.stdout.readline().split()
        parent.send_signal(signal.SIGKILL)
    end = time.monotonic() + 20
    while _runs(int(number)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _runs(int(number))
    subprocess.run(["rm", "-rf", folder], check=True)


def test_what_is_no_browser_says_so(page: Path) -> None:
    browser = Browser("/bin/false")
    with pytest.raises(SilentError, match="it ended"):
        browser.printed(page.as_uri())
    browser.close()
    browser.close()
    with pytest.raises(OSError, match="no_such_program"):
        Browser("/no_such_program")


def _runs(number: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked about does not."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
