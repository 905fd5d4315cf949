"""A Chromium-family browser without a window, told by a pipe what to do (Chrome DevTools Protocol). It ends with us.

So it can be started while other work goes on, and print as soon as a page is there. POSIX only: a process elsewhere is
not given the two pipes (as files 3 and 4) on which it listens and answers.
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

HAS_PIPES = os.name == "posix"
SECONDS = 120
"""The longest that a page may take."""
FIRST_SECONDS = 20
"""The longest until a browser answers for the first time."""
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
)
_ABOVE = 10  # our own ends of the pipes are not files 3 and 4 themselves


class SilentError(Exception):
    """A browser does not answer, or says that it cannot do what it was told."""


def flags(profile: Path) -> list[str]:
    """What every browser of ours is started with; it has a profile of its own."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*FLAGS, f"--user-data-dir={profile}", *(["--no-sandbox"] if as_root else [])]  # it refuses to start as root


class Browser:
    """A running browser, its `process` and the `folder` of its profile. One thread at a time may ask for something."""

    def __init__(self, program: str) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="costeff-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        self._errors = self.folder / "errors.txt"
        listens, self._to_browser = (_above(end) for end in os.pipe())
        self._from_browser, answers = (_above(end) for end in os.pipe())
        try:
            command = [program, *flags(self.folder / "profile"), "--remote-debugging-pipe", "about:blank"]
            self.process = os.posix_spawn(
                program,
                command,
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 2, str(self._errors), os.O_WRONLY | os.O_CREAT, 0o600),
                    (os.POSIX_SPAWN_DUP2, listens, 3),
                    (os.POSIX_SPAWN_DUP2, answers, 4),
                ],
                setpgroup=0,
                setsigdef=[signal.SIGPIPE],  # which Python ignores, and a process inherits that
            )
        except OSError:
            for end in (self._to_browser, self._from_browser):
                os.close(end)
            self._temporary.cleanup()
            raise
        finally:
            os.close(listens)
            os.close(answers)
        self._number, self._unread, self._running = 0, b"", True
        self._events: set[str] = set()  # events of the page
        self._session: str | None = None  # of the page, while there is one

    def printed(self, address: str) -> bytes:
        """The page at an address, printed to PDF as its style sheet says. Raises SilentError."""
        self._session = None
        page = self._answer(self._send("Target.createTarget", url="about:blank"), FIRST_SECONDS)["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        self._events.clear()
        self._ask("Page.enable")
        self._ask("Page.navigate", url=address)
        self._await("Page.loadEventFired")
        # What the page's own scripts have put off until it is loaded is done first.
        self._ask("Runtime.evaluate", expression="new Promise(done => setTimeout(done, 0))", awaitPromise=True)
        pdf = base64.b64decode(self._ask("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])
        self._session = None
        self._ask("Target.closeTarget", targetId=page)
        if not pdf.startswith(b"%PDF"):
            raise SilentError("it printed no PDF")
        return pdf

    def close(self) -> None:
        """End the browser and delete its profile."""
        if not self._running:
            return
        self._running = False
        for end in (self._to_browser, self._from_browser):
            os.close(end)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process, signal.SIGKILL)  # nothing of it is kept
        with suppress(ChildProcessError):
            os.waitpid(self.process, 0)
        self._temporary.cleanup()

    def _ask(self, method: str, **options: str | bool) -> dict[str, Any]:
        """What the browser answers."""
        return self._answer(self._send(method, **options), SECONDS)

    def _send(self, method: str, **options: str | bool) -> int:
        """Tell the browser, or its page once there is one, to do something; returns the number of the answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": options}
        if self._session is not None:
            message["sessionId"] = self._session
        rest = json.dumps(message).encode() + b"\0"
        try:
            while rest:
                rest = rest[os.write(self._to_browser, rest) :]
        except OSError as error:
            raise SilentError(self._last_words()) from error
        return self._number

    def _answer(self, number: int, within: float) -> dict[str, Any]:
        end = time.monotonic() + within
        while True:
            answer = self._next(end)
            if answer.get("id") == number:
                if "error" in answer:
                    raise SilentError(str(answer["error"].get("message")))
                return dict(answer["result"])

    def _await(self, event: str) -> None:
        """Wait until the page says so."""
        end = time.monotonic() + SECONDS
        while event not in self._events:
            self._next(end)

    def _next(self, end: float) -> dict[str, Any]:
        """The next message of the browser: an answer, or an event, which is remembered."""
        with selectors.DefaultSelector() as ready:
            ready.register(self._from_browser, selectors.EVENT_READ)
            pieces = [self._unread]
            while b"\0" not in pieces[-1]:
                if not ready.select(max(0.0, end - time.monotonic())):
                    raise SilentError("no answer in time")
                piece = os.read(self._from_browser, 2**20)
                if not piece:
                    raise SilentError(self._last_words())
                pieces.append(piece)
        text, _, self._unread = b"".join(pieces).partition(b"\0")
        message = dict(json.loads(text))
        if "method" in message:
            self._events.add(message["method"])
        return message

    def _last_words(self) -> str:
        lines = self._errors.read_text(errors="replace").strip().splitlines() if self._errors.is_file() else []
        return lines[-1] if lines else "it ended"


def _above(end: int) -> int:
    """The same end of a pipe under a number above those that the browser's ends get."""
    import fcntl

    try:
        return fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _ABOVE)
    finally:
        os.close(end)
