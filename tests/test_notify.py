"""Telling people of alerts: a real server, real receivers, one of which never answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.guests import ask, sign_in
from tests.serving import Server, fetch, printed_by, serve
from tracker.cli import main

SECRET = b"a secret of the two ends"
CANARY = "canary-in-an-address"
CLOCK = ("--clock-start", "2027-04-26T10:40:00-07:00", "--clock-rate", "1")
SLUG = "california-mille"
T = TypeVar("T")


@dataclass
class Receiver:
    """A web server that keeps what it is told; it refuses the first so many requests."""

    port: int = 0
    refuse: int = 0
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def sent_to(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(body) for where, _, body in self.posts if where.startswith(path)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if kept.refuse > 0 and self.path.startswith("/hook"):
                kept.refuse -= 1
                self.send_response(HTTPStatus.SERVICE_UNAVAILABLE)
            else:
                kept.posts.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Somebody who takes a connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        yield mute.getsockname()[1]


@pytest.fixture
def notify_file(receiver: Receiver, silent_port: int, tmp_path: Path) -> Path:
    path = tmp_path / "notify.toml"
    path.write_text(
        f'[[target]]\nname = "Mute"\nurl = "json://{CANARY}:x@127.0.0.1:{silent_port}/"\nrole = "organiser"\n'
        f'[[target]]\nname = "Crew"\nurl = "json://127.0.0.1:{receiver.port}/crew"\nlanguage = "it"\nkinds = ["sos"]\n'
        f'[[target]]\nname = "Batteries"\nurl = "json://127.0.0.1:{receiver.port}/batteries"\n'
        f'kinds = ["low_battery"]\n[[webhook]]\nname = "Control"\nurl = "http://127.0.0.1:{receiver.port}/hook"\n'
        f'kinds = ["sos"]\nsecret = "{base64.b64encode(SECRET).decode()}"\n',
        encoding="utf-8",
    )
    return path


def soon(look: Callable[[], T]) -> T:
    """What is seen at last."""
    deadline = time.monotonic() + 30
    while not (seen := look()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return seen


def call_sos(server: Server, vehicle: str) -> None:
    token = next(row["token"] for row in server.devices() if row["vehicle"] == vehicle)
    _, clock = server.get("/api/v1/clock")
    ping = {"fix_time_ms": json.loads(clock)["now_ms"], "lat": 38.0, "lon": -122.7, "accuracy_m": 8, "sos": True}
    body = json.dumps([ping]).encode()
    status, _ = fetch(f"{server.url}/in/pings/{token}", body, **{"Content-Type": "application/json"})
    assert status == HTTPStatus.OK


def try_as_organiser(server: Server) -> None:
    """The list of targets and the test button, with who may press it and how often."""
    home = f"/api/v1/tours/{SLUG}/notify"
    cookie, crew = sign_in(server, "organiser"), sign_in(server, "crew", "Bo")
    assert ask(server, "GET", home, Cookie=crew)[0] == HTTPStatus.FORBIDDEN
    _, _, body = ask(server, "GET", home, Cookie=cookie)
    assert [target["name"] for target in json.loads(body)] == ["Mute", "Crew", "Batteries", "Control"]
    assert CANARY.encode() not in body

    def attempt(name: str, origin: str = server.url) -> tuple[int, dict[str, object]]:
        sent = json.dumps({"target": name}).encode()
        status, answer = fetch(f"{server.url}{home}/test", sent, Cookie=cookie, Origin=origin)
        return status, json.loads(answer)

    assert attempt("Batteries", "https://elsewhere.example")[0] == HTTPStatus.FORBIDDEN
    assert attempt("Batteries") == (HTTPStatus.OK, {"target": "Batteries", "taken": True})
    assert attempt("Batteries")[0] == HTTPStatus.TOO_MANY_REQUESTS
    assert attempt("Nobody")[0] == HTTPStatus.BAD_REQUEST


def test_an_sos_reaches_everybody_once_though_one_hangs_one_refuses_and_the_server_restarts(
    demo_folder: Path, tmp_path: Path, receiver: Receiver, notify_file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    receiver.refuse = 1
    options = (*CLOCK, "--notify-file", str(notify_file), "--public-url", "https://mille.example.org")
    with serve(demo_folder, tmp_path / "data", *options) as server:
        call_sos(server, "12")
        (crew,) = soon(lambda: receiver.sent_to("/crew"))
        assert crew["message"].startswith("SOS dall'auto 12")
        assert f"https://mille.example.org/crew/{SLUG}" in crew["message"]
        (hook,) = soon(lambda: receiver.sent_to("/hook"))  # five seconds later, after the refusal
        soon(lambda: b'milepost_notifications_total{target="Control"} 1.0' in server.get("/metrics")[1])
        time.sleep(1.5)  # a look of the desk: what has arrived is journalled
    assert (hook["type"], hook["tour"], hook["alert"]["vehicle"]) == ("alert.raised", SLUG, "12")
    ((_, headers, body),) = [post for post in receiver.posts if post[0] == "/hook"]
    assert headers["webhook-id"] == "sos-12-1/raised"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"

    later = ("--clock-start", "2027-04-26T10:42:00-07:00", "--clock-rate", "1", *options[4:])
    with serve(demo_folder, tmp_path / "data", *later) as server:
        try_as_organiser(server)
        call_sos(server, "31")
        soon(lambda: len(receiver.sent_to("/hook")) >= 2 and len(receiver.sent_to("/crew")) >= 2)
    assert [post["alert"]["vehicle"] for post in receiver.sent_to("/hook")] == ["12", "31"]
    assert [post["message"][:18] for post in receiver.sent_to("/crew")] == ["SOS dall'auto 12, ", "SOS dall'auto 31, "]
    assert ["Nothing has happened" in post["message"] for post in receiver.sent_to("/batteries")] == [True]  # the test
    assert CANARY not in "".join(capfd.readouterr())


def test_the_command_tries_a_target_and_says_what_came_of_it(
    demo_folder: Path, receiver: Receiver, notify_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = printed_by("notify", str(demo_folder), "--notify-file", str(notify_file))
    assert "Batteries: low_battery\n" in said
    said = printed_by("notify", str(demo_folder), "--notify-file", str(notify_file), "--test", "Crew")
    assert said == "Crew: has it\n"
    assert "Nothing has happened" in receiver.sent_to("/crew")[0]["message"]
    assert main(["notify", str(demo_folder), "--notify-file", str(notify_file), "--test", "Crews"]) == 2
    assert 'Did you mean "Crew"?' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "is not there"),
        ('[[target]]\nname = "A"\nurl = "nonsense://"\n', 'the address of "A" is none that is known'),
        ('[[target]]\nname = "A"\n', "notify.toml:1: there is no address"),
    ],
)
def test_a_server_does_not_start_with_a_file_that_tells_nobody(
    text: str | None, says: str, demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "notify.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    options = ("--data", str(tmp_path / "d"), "--notify-file", str(path), "--port", "0")
    code = main(["serve", str(demo_folder), *options])
    assert code == 2
    assert says in capsys.readouterr().err
