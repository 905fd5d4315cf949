"""Firefox without a window, driven by its own protocol (Marionette), so that no driver has to be installed."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

FIREFOX = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
PREFERENCES = {
    "marionette.port": 0,  # any that is free; the profile says which
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.proxy.type": 1,  # to a port that nobody listens at: whatever is asked for outside fails
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.allow_hijacking_localhost": True,
}
PATIENCE = 180
"""Seconds for one answer: a loaded machine opens a large page slowly."""


class Firefox:
    """A browser with one page. Use it in a `with` block."""

    def __init__(self) -> None:
        assert FIREFOX is not None
        self.profile = Path(tempfile.mkdtemp(prefix="firefox"))
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (self.profile / "user.js").write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [FIREFOX, "--headless", "--marionette", "--no-remote", "--profile", str(self.profile)]
        environment = {**os.environ, "HOME": str(self.profile), "MOZ_REMOTE_SETTINGS_DEVTOOLS": "1"}
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        self.number = 0
        self.link = socket.create_connection(("127.0.0.1", self._port()), timeout=PATIENCE)
        self.bytes = b""
        self._message()  # the browser says who it is
        timeouts = {"script": PATIENCE * 1000, "pageLoad": PATIENCE * 1000}
        self.ask("WebDriver:NewSession", capabilities={"alwaysMatch": {"timeouts": timeouts}})

    def __enter__(self) -> Firefox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.link.close()
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _port(self) -> int:
        """The port that the browser chose, once it says so."""
        file = self.profile / "MarionetteActivePort"
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            if file.exists() and (text := file.read_text(encoding="utf-8").strip()):
                return int(text)
            time.sleep(0.05)
        raise RuntimeError("Firefox did not start")

    def _message(self) -> Any:
        while b":" not in self.bytes:
            self._receive()
        length, _, rest = self.bytes.partition(b":")
        self.bytes = rest
        while len(self.bytes) < int(length):
            self._receive()
        text, self.bytes = self.bytes[: int(length)], self.bytes[int(length) :]
        return json.loads(text)

    def _receive(self) -> None:
        more = self.link.recv(1 << 16)
        if not more:
            raise RuntimeError("Firefox ended")
        self.bytes += more

    def ask(self, command: str, **parameters: Any) -> Any:
        """The answer to one command of the protocol."""
        self.number += 1
        text = json.dumps([0, self.number, command, parameters]).encode()
        self.link.sendall(str(len(text)).encode() + b":" + text)
        _, number, error, answer = self._message()
        assert number == self.number
        if error:
            raise RuntimeError(f"{command}: {error['error']}: {error['message']}")
        return answer

    def open(self, page: Path, width: int = 1280, height: int = 900) -> None:
        """Open a file in a window whose page is so many pixels wide."""
        self.ask("WebDriver:SetWindowRect", width=width, height=height)
        frame = width - self.evaluate("return window.innerWidth")
        if frame:
            self.ask("WebDriver:SetWindowRect", width=width + frame, height=height)
        self.ask("WebDriver:Navigate", url=page.resolve().as_uri())

    def evaluate(self, script: str) -> Any:
        """What a script returns in the page."""
        return self.ask("WebDriver:ExecuteScript", script=script, args=[])["value"]

    def wait_until(self, condition: str) -> None:
        """Wait until an expression is true in the page."""
        end = time.monotonic() + PATIENCE
        while not self.evaluate(f"return Boolean({condition})"):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            time.sleep(0.02)

    def picture(self, file: Path, whole: bool = False) -> Path:
        """The window, or the whole page, as PNG."""
        answer = self.ask("WebDriver:TakeScreenshot", full=whole)
        file.write_bytes(base64.b64decode(answer["value"]))
        return file
