"""Anchored in a real browser and in the file: what a planner does on the screens is what the case file then says."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from app_example import CASE
from axe_playwright_python.sync_playwright import Axe
from chromium import CHROMIUM

from costeff.app.files.edit import value_at
from costeff.app.screens.fields import SCREENS
from costeff.app.screens.further import FURTHER
from costeff.app.server.serve import Server
from costeff.investment.read import read_case

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: set CHROMIUM to its path")
PATIENCE = 120_000  # tests say nothing of time: a loaded machine is slow
REQUESTS: list[str] = []
NIGHTS = (("da", 1280), ("en", 390), ("en", 1280))
"""Languages and widths of the nightly run."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cases")
    (path / "small.yaml").write_text(CASE, encoding="utf-8")
    (path / "broken.yaml").write_text("case: broken\n  years: [\n", encoding="utf-8")
    (path / "wrong.yaml").write_text(CASE.replace("years: 2", "years: 99"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with running(Server(folder)) as one:
        yield one


@contextmanager
def running(one: Server) -> Iterator[Server]:
    threading.Thread(target=one.run, daemon=True).start()
    yield one
    one.close()


def opened(browser: Any, server: Server, path: str = "", width: int = 1280) -> Any:
    """A page in a context of its own, which notes every request."""
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: REQUESTS.append(request.url))
    page.goto(server.address)
    page.wait_for_selector("h1")
    if path:
        page.goto(f"http://127.0.0.1:{server.gate.port}/{path}")
        page.wait_for_selector("h1")
    return page


def control(page: Any, key: str) -> Any:
    return page.locator(f'[id=\'{{"key":"{key}","type":"field"}}\']')


def message(page: Any, key: str) -> Any:
    return page.locator(f'[id=\'{{"key":"{key}","type":"message"}}\']')


def answer(page: Any, key: str, text: str, expect: str = "Gemt.") -> str:
    """Type an answer, leave the control, and return what is said under it."""
    control(page, key).fill(text)
    control(page, key).press("Enter")
    said = message(page, key).filter(has_text=expect)
    said.wait_for()
    return str(said.inner_text())


def settled(page: Any) -> None:
    page.wait_for_selector("#result:not(.stale)")


def tab_to(page: Any, target: Any) -> None:
    """Go on by the Tab key until an element has the focus."""
    for _ in range(80):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("no way to it by the Tab key")


def test_a_change_is_in_the_file_in_the_result_and_after_a_reload(browser: Any, server: Server, folder: Path) -> None:
    page = opened(browser, server)
    for link in ("Lille case", "Udgifter"):  # by keyboard alone
        target = page.get_by_role("link", name=link).first
        target.wait_for()
        tab_to(page, target)
        page.keyboard.press("Enter")
    page.get_by_role("heading", name="Udgifter", exact=True).wait_for()
    settled(page)
    tab_to(page, control(page, "programme.variable"))
    before = page.locator(".headline").inner_text()
    said = answer(page, "programme.variable", "1.234,5")
    assert "1.234,5 kr." in said
    page.get_by_text("12 000 → 1.234,5").wait_for()  # in the list of changes, without another page
    page.get_by_text("Ændret siden forrige resultat").wait_for()
    assert page.locator(".headline").inner_text() != before
    assert value_at((folder / "small.yaml").read_text(), ("programme", "variable")) == 1234.5
    page.reload()
    page.wait_for_selector("h1")
    assert control(page, "programme.variable").input_value() == "1234,5"
    refused = answer(page, "programme.variable", "12.000", "12.000 kan læses")
    assert "12000" in refused
    assert value_at((folder / "small.yaml").read_text(), ("programme", "variable")) == 1234.5
    tab_to(page, page.get_by_role("button", name="Fortryd den sidste ændring"))
    page.keyboard.press("Enter")
    page.get_by_text("1.234,5 → 12 000").wait_for()
    page.context.close()
    assert value_at((folder / "small.yaml").read_text(), ("programme", "variable")) == 12000


def test_two_tabs_never_overwrite_each_other(browser: Any, server: Server, folder: Path) -> None:
    page, other = (opened(browser, server, "da/small.yaml/costs") for _ in range(2))
    answer(page, "programme.fixed", "1000")
    assert "programme.fixed" in answer(other, "programme.variable", "13 000", "En anden har ændret")
    assert value_at((folder / "small.yaml").read_text(), ("programme", "variable")) == 12000
    other.context.close()
    page.context.close()


def test_a_server_that_is_killed_loses_nothing(browser: Any, tmp_path: Path) -> None:
    """The process ends by a signal while answers come in; another server has every answer that was said to be saved."""
    (tmp_path / "small.yaml").write_text(CASE, encoding="utf-8")
    command = [sys.executable, "-c", "from costeff.cli import main; main()", "app", str(tmp_path), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        page = browser.new_context().new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        page.get_by_role("link", name="Lille case").click()
        page.get_by_role("link", name="Udgifter").click()
        page.get_by_role("heading", name="Udgifter", exact=True).wait_for()
        answer(page, "programme.variable", "14 000")
        control(page, "programme.fixed").fill("2 000")
        page.keyboard.press("Enter")
        process.send_signal(signal.SIGKILL)  # while the second answer is on its way, and the simulation runs
        process.wait()
        page.get_by_text("Appen svarer ikke").wait_for()
        page.context.close()
    text = (tmp_path / "small.yaml").read_text(encoding="utf-8")
    assert value_at(text, ("programme", "variable")) == 14000
    assert value_at(text, ("programme", "fixed")) in (None, 2000)
    with running(Server(tmp_path)) as second:
        again = opened(browser, second, "da/small.yaml/costs")
        assert control(again, "programme.variable").input_value() == "14 000"
        again.get_by_text("12 000 → 14 000").wait_for()
        again.context.close()


MOST_CLICKS, MOST_TYPED = 15, 12


def test_a_first_time_user_comes_from_a_new_case_to_the_budget_note(
    browser: Any, server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a phone, and counted: every click, and every value that is typed."""
    for place, name, size in (
        *(("costeff.investment.prepare", name, size) for name, size in (("DRAWS", 12), ("INDIVIDUALS", 60))),
        *(("costeff.app.results.desk", f"PREVIEW_{name}", size) for name, size in (("DRAWS", 8), ("INDIVIDUALS", 40))),
    ):
        monkeypatch.setattr(f"{place}.{name}", size)
    for place in ("costeff.investment.report.write", "costeff.investment.note.write"):
        monkeypatch.setattr(f"{place}.find_browser", lambda: None)  # pages for print take a browser of their own
    page = opened(browser, server, width=390)
    clicks, values = 0, 0

    def click(target: Any) -> None:
        nonlocal clicks
        clicks += 1
        target.click()

    def write(key: str, text: str) -> None:
        nonlocal values
        values += 1
        answer(page, key, text)

    for field, text in (("#new-name", "Rygvejen"), ("#new-municipality", "Randers")):
        page.locator(field).fill(text)
        values += 1
    click(page.get_by_role("button", name="Opret casen med andelen"))
    page.get_by_role("heading", name="Indsats og kommune").wait_for()
    assert "Hvad hedder indsatsen?" in page.locator(".problem").inner_text()
    write("programme.label", "Rygvejen")
    write("programme.departments.employment.label", "Job og Borger")
    write("about.target_group", "Sygemeldte: ryg")
    click(page.get_by_role("navigation").get_by_role("link", name="Borgere og pladser"))
    write("inflow", "60")
    click(page.get_by_role("navigation").get_by_role("link", name="Udgifter"))
    write("programme.variable", "12 000")
    first = int(value_at((folder / "Rygvejen.yaml").read_text(), ("first_year",)))
    write(f"programme.start_up.{first}", "0")
    click(page.get_by_role("navigation").get_by_role("link", name="Effekt", exact=True))
    for key, text in (("today", "55 %"), ("programme", "60 %"), ("programme_low", "55 %"), ("programme_high", "65 %")):
        write(f"effect.{key}", text)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator("#beside").inner_text().startswith("Effekten")
    click(page.get_by_role("navigation").get_by_role("link", name="Filer", exact=True))
    click(page.get_by_role("button", name="Skriv filerne"))
    with page.expect_download() as download:
        click(page.get_by_role("link", name="note.docx"))
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"
    page.context.close()
    assert clicks <= MOST_CLICKS
    assert values <= MOST_TYPED
    case = read_case(folder / "Rygvejen.yaml")
    assert (case.municipality, case.planned[0], case.belief and case.belief.programme.value) == ("Randers", 15.0, 0.6)
    assert case.set["municipal_tax"]["kind"] == "published"


def test_bad_files_are_said_in_words(browser: Any, server: Server) -> None:
    page = opened(browser, server, "da/wrong.yaml/rules")
    page.get_by_text("`years` er for stor").wait_for()
    assert page.locator(".headline").count() == 0, "no result of a file that cannot be read"
    page.goto(f"http://127.0.0.1:{server.gate.port}/en/%2e%2e%2fsmall.yaml/costs")
    page.get_by_text("no name of a case file").wait_for()
    assert "Small case" not in page.locator("body").inner_text()
    page.goto(f"http://127.0.0.1:{server.gate.port}/nb/missing.yaml/costs")
    page.locator(".problem").wait_for()
    assert "missing.yaml" in page.locator(".problem").first.inner_text()
    page.context.close()


@pytest.mark.parametrize(
    ("language", "width"), [("da", 390), *(pytest.param(*one, marks=pytest.mark.nightly) for one in NIGHTS)]
)
def test_no_screen_shuts_anybody_out(browser: Any, server: Server, language: str, width: int) -> None:
    """Rules of WCAG 2.1 AA as axe-core sees them, and nothing wider than the screen."""
    page = opened(browser, server, width=width)
    paths = ["", "/wrong.yaml/costs", *(f"/small.yaml/{screen}" for screen in (*SCREENS, *FURTHER))]
    for path in paths:
        page.goto(f"http://127.0.0.1:{server.gate.port}/{language}{path}")
        page.wait_for_selector("h1")
        if "small" in path:
            settled(page)
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa"]}})
        assert [(path, one["id"]) for one in found.response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") == width
        if "small" in path:  # the result stays in view: beside the controls, or as a bar that leads to it
            assert page.locator("#bar").is_visible() == (width < 1024)
    if width < 1024:
        page.locator("#bar").click()
        page.wait_for_function("document.querySelector('#result').getBoundingClientRect().top < innerHeight / 2")
    page.context.close()


def test_every_request_stayed_on_this_machine() -> None:
    assert REQUESTS
    assert [url for url in REQUESTS if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))] == []
