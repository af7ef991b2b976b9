"""The opening handshake of a websocket: a request's head in, the HTTP answer out. No I/O.

websockets' Sans-I/O `ServerProtocol` reads and judges the request; it lives only as long as this takes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

from websockets.exceptions import NegotiationError
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

SUBPROTOCOL = Subprotocol("milepost.v1")
RETRY_AFTER_S = 5

silent = logging.getLogger("tracker.websocket")  # the library explains every broken client at length; we count them
silent.addHandler(logging.NullHandler())
silent.setLevel(logging.CRITICAL + 1)


def shake_hands(head: bytes, admit: Callable[[Request], HTTPStatus]) -> tuple[bytes, Request | None]:
    """Answer a request's head, up to and including its empty line.

    `admit` says 101 or why not. Returns the answer's bytes, and the request if the connection is now a websocket.
    """
    protocol = ServerProtocol(subprotocols=[SUBPROTOCOL], select_subprotocol=_select_subprotocol, logger=silent)
    protocol.receive_data(head)
    requests = protocol.events_received()
    if not requests or not isinstance(requests[0], Request):
        written = b"".join(protocol.data_to_send())  # the library has answered what is too long, but not what is odd
        return written or protocol.reject(HTTPStatus.BAD_REQUEST, "not a valid request\n").serialize(), None
    request = requests[0]
    status = admit(request)
    if status is HTTPStatus.SWITCHING_PROTOCOLS:
        response = protocol.accept(request)
    else:
        response = protocol.reject(status, f"{status.phrase}\n")
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    accepted = response.status_code == HTTPStatus.SWITCHING_PROTOCOLS
    return response.serialize(), request if accepted else None


def _select_subprotocol(_protocol: ServerProtocol, offered: object) -> Subprotocol | None:
    """Ours if offered; nothing if the client did not ask; a client that wants only others is refused."""
    subprotocols = list(offered) if isinstance(offered, (list, tuple)) else []
    if SUBPROTOCOL in subprotocols:
        return SUBPROTOCOL
    if subprotocols:
        raise NegotiationError(f"only {SUBPROTOCOL} is spoken here")
    return None
