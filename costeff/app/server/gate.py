"""Who may speak with the app: a browser of this machine, with the token of the start address, from the app's own pages.

Other sites that the planner has open can send requests to 127.0.0.1 too, and a name of theirs can be made to point
there. Host, Origin, Sec-Fetch-Site and the token are looked at before anything of the app runs.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

COOKIE = "costeff_token"
HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
"""On every answer: the page loads nothing from outside, and no other page shows it in a frame."""

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Gate:
    """A WSGI application in front of another, for one port and one token."""

    def __init__(self, app: Wsgi, port: int, token: str | None = None) -> None:
        self.app, self.port = app, port
        self.token = token or secrets.token_urlsafe(32)
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    @property
    def address(self) -> str:
        """The start address, which lets a browser in."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request, or refuse it."""

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, *HEADERS], *more)

        why = self.refusal(environ)
        if why:
            body = f"{why}\n".encode()
            start("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
            return [body]
        if self._by_address(environ):  # the token goes into a cookie, and out of the address
            cookie = f"{COOKIE}={self.token}; Path=/; HttpOnly; SameSite=Strict"
            path = "/" + environ.get("PATH_INFO", "/").lstrip("/\\")  # never another host's
            start("303 See Other", [("Location", path), ("Set-Cookie", cookie), ("Content-Length", "0")])
            return [b""]
        return self.app(environ, start)

    def refusal(self, environ: dict[str, Any]) -> str:
        """Why a request is refused; '' when it is not."""
        if environ.get("HTTP_HOST", "") not in self.hosts:
            return "costeff app: only 127.0.0.1 and localhost with the app's own port are answered"
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and origin not in {f"http://{host}" for host in self.hosts}:
            return "costeff app: a request from another site"
        site = environ.get("HTTP_SEC_FETCH_SITE", "same-origin")
        navigates = environ.get("HTTP_SEC_FETCH_MODE") == "navigate" and environ.get("REQUEST_METHOD") == "GET"
        if site not in ("same-origin", "none") and not (navigates and self._by_address(environ)):
            return "costeff app: a request from another site"
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD", "POST"):
            return "costeff app: GET, HEAD and POST are answered"
        if not (self._by_address(environ) or self._by_cookie(environ)):
            return "costeff app: open the address that `costeff app` printed, with its token"
        return ""

    def _by_address(self, environ: dict[str, Any]) -> bool:
        tokens = parse_qs(environ.get("QUERY_STRING", "")).get("token", [])
        return environ.get("REQUEST_METHOD") == "GET" and any(self._is_token(token) for token in tokens)

    def _by_cookie(self, environ: dict[str, Any]) -> bool:
        try:
            morsel = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
        except CookieError:
            return False
        return morsel is not None and self._is_token(morsel.value)

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.token.encode())
