"""Anchored in who may speak with the app: this machine's browser, with the token, from the app's own pages."""

from __future__ import annotations

from typing import Any

import pytest

from costeff.app.server.gate import COOKIE, Gate

PORT, TOKEN = 8123, "token-of-the-test"
COOKIES = {"HTTP_COOKIE": f"{COOKIE}={TOKEN}"}


def answer(**environ: str) -> tuple[str, dict[str, str]]:
    """Status and headers of the answer to a request; the app behind the gate says 200."""
    seen: list[Any] = []

    def app(_: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"inside"]

    request = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": f"127.0.0.1:{PORT}", "QUERY_STRING": ""}
    list(Gate(app, PORT, TOKEN)(request | environ, lambda status, headers, *_: seen.append((status, dict(headers)))))
    return seen[0]


def test_the_start_address_lets_in_and_puts_the_token_away() -> None:
    status, headers = answer(QUERY_STRING=f"token={TOKEN}")
    assert status.startswith("303")
    assert TOKEN not in headers["Location"]
    assert {"HttpOnly", "SameSite=Strict"} <= set(headers["Set-Cookie"].split("; "))
    assert answer(**COOKIES)[0] == "200 OK"


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"QUERY_STRING": "token=guess"},
        {"HTTP_COOKIE": f"{COOKIE}=guess"},
        {"HTTP_COOKIE": "\x00;;="},
        COOKIES | {"HTTP_HOST": "planner.example"},
        COOKIES | {"HTTP_HOST": "127.0.0.1:1"},
        COOKIES | {"HTTP_HOST": "127.0.0.1"},
        COOKIES | {"HTTP_HOST": ""},
        COOKIES | {"HTTP_ORIGIN": "http://planner.example"},
        COOKIES | {"HTTP_ORIGIN": "null"},
        COOKIES | {"HTTP_ORIGIN": "http://127.0.0.1:1"},
        COOKIES | {"HTTP_SEC_FETCH_SITE": "cross-site"},
        COOKIES | {"HTTP_SEC_FETCH_SITE": "same-site", "REQUEST_METHOD": "POST"},
        COOKIES | {"REQUEST_METHOD": "DELETE"},
        {"QUERY_STRING": f"token={TOKEN}", "REQUEST_METHOD": "POST"},
    ],
)
def test_everybody_else_is_refused(environ: dict[str, str]) -> None:
    assert answer(**environ)[0] == "403 Forbidden"


def test_own_pages_and_localhost_are_answered() -> None:
    assert answer(**COOKIES, HTTP_HOST=f"localhost:{PORT}", HTTP_ORIGIN=f"http://localhost:{PORT}")[0] == "200 OK"
    assert answer(**COOKIES, HTTP_SEC_FETCH_SITE="same-origin", REQUEST_METHOD="POST")[0] == "200 OK"


@pytest.mark.parametrize("path", ["//planner.example", "/\\planner.example", "///planner.example/x"])
def test_the_token_is_never_carried_to_another_host(path: str) -> None:
    _, headers = answer(QUERY_STRING=f"token={TOKEN}", PATH_INFO=path)
    assert not headers["Location"].startswith(("//", "/\\"))


def test_every_answer_forbids_what_is_outside() -> None:
    for environ in ({}, COOKIES):
        policy = answer(**environ)[1]["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
