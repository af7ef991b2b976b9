"""Signing in to a real server the way people do: by the link that `tracker invite` prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

from tests.serving import Server

Answer = tuple[int, dict[str, str], bytes]


def invitation(server: Server, role: str, name: str = "Ann") -> str:
    """The path of a new invitation's link."""
    data = ("--data", str(server.data), "--public-url", server.url)
    link = server.tracker("invite", str(server.folder), "--role", role, "--name", name, *data)
    return link.strip().removeprefix(server.url)


def ask(server: Server, method: str, path: str, **headers: str | None) -> Answer:
    """Status, headers in lower case and body, without following redirects; `None` leaves a header out."""
    return send(server, method, path, None, headers)


def send(server: Server, method: str, path: str, body: bytes | None, headers: Mapping[str, str | None]) -> Answer:
    """The same with a body."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        given = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def accept(server: Server, path: str) -> Answer:
    """Press the button on the invitation's page."""
    return ask(server, "POST", path, Origin=server.url, Sec_Fetch_Site="same-origin")


def sign_in(server: Server, role: str, name: str = "Ann") -> str:
    """Accept an invitation made for this; returns the Cookie header that the browser sends from now on."""
    status, headers, _ = accept(server, invitation(server, role, name))
    assert status == 303
    return headers["set-cookie"].partition(";")[0]


def made(decision: str, **fields: object) -> dict[str, object]:
    """A decision as a page makes it."""
    return {"id": str(uuid4()), "decision": decision} | fields


def decide(
    server: Server, cookie: str | None, body: object, tour: str = "california-mille", **headers: str | None
) -> tuple[int, Any]:
    """Decide as our own page does; the status and what the answer says."""
    given: dict[str, str | None] = {"Content_Type": "application/json", "Origin": server.url, "Cookie": cookie}
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, _, text = send(server, "POST", f"/api/v1/tours/{tour}/decisions", sent, given | headers)
    return status, json.loads(text) if text else None
