"""Who gets in where: links, cookies and what they open, over real HTTP and real sockets."""

from __future__ import annotations

import io
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.guests import accept, ask, invitation, sign_in
from tests.serving import Server, serve
from tracker.cli import main
from tracker.commands.demo import FOLDER
from tracker.commands.invite import print_link
from tracker.wire.audience import COLUMNS, CREW_COLUMNS
from tracker.wire.frames import FeedState

TOUR = "california-mille"
QUARANTINE = f"/api/v1/tours/{TOUR}/quarantine"
UNKNOWN_BOXES = f"/api/v1/tours/{TOUR}/devices/unknown"
CHECK_LIST = f"/api/v1/tours/{TOUR}/devices"
CARD = f"/api/v1/tours/{TOUR}/devices/card?device=12"
CREW_FEED = f"/live/{TOUR}/crew"
WITHIN_S = 5.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(FOLDER, tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture(scope="module")
def cookies(server: Server) -> dict[str, str | None]:
    """A Cookie header per kind of visitor."""
    guests = {role: sign_in(server, role) for role in ("crew", "marshal", "organiser")}
    of_the_wrong_tour = guests["organiser"].replace(TOUR, "another-tour")
    return {"nobody": None, "guesser": f"milepost-{TOUR}=x", "of another tour": of_the_wrong_tour, **guests}


def watch(server: Server, path: str, cookie: str | None, origin: str | None = "") -> ClientConnection:
    """Open a live feed as our own page does, or as another one's."""
    headers = {"Cookie": cookie} if cookie else None
    from_page = Origin(server.url if origin == "" else origin) if origin is not None else None
    return connect(f"ws://127.0.0.1:{server.port}{path}", additional_headers=headers, origin=from_page)


def status_of(server: Server, path: str, cookie: str | None, origin: str | None = "") -> int:
    if not path.startswith("/live/"):
        return ask(server, "GET", path, Cookie=cookie)[0]
    try:
        with watch(server, path, cookie, origin):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.mark.parametrize(
    ("path", "welcome"),
    [
        (f"/live/{TOUR}", {"nobody", "guesser", "of another tour", "crew", "marshal", "organiser"}),
        (CREW_FEED, {"crew", "marshal", "organiser"}),
        (QUARANTINE, {"organiser"}),
        (UNKNOWN_BOXES, {"organiser"}),
        (CHECK_LIST, {"organiser"}),
        (CARD, {"organiser"}),
        (f"/api/v1/tours/{TOUR}/devices/cards?device=12", {"organiser"}),
        (f"/organise/{TOUR}", {"organiser"}),
    ],
)
def test_who_may_go_where(server: Server, cookies: dict[str, str | None], path: str, welcome: set[str]) -> None:
    good = 101 if path.startswith("/live/") else 200
    answers = {who: status_of(server, path, cookie) for who, cookie in cookies.items()}
    assert answers == {who: good if who in welcome else 403 for who in cookies}


def test_a_card_says_where_the_organiser_has_just_reached_the_server(
    server: Server, cookies: dict[str, str | None]
) -> None:
    behind = {"Host": "tour.example", "X_Forwarded_Proto": "https"}
    card = json.loads(ask(server, "GET", CARD, Cookie=cookies["organiser"], **behind)[2])
    assert card["url"]["link"].startswith("https://tour.example/in/osmand/")
    assert card["drive"]["code"].startswith("data:image/svg+xml")
    assert card["others"]["overland"].startswith("https://tour.example/in/overland/")
    plain = json.loads(ask(server, "GET", CARD, Cookie=cookies["organiser"])[2])
    assert plain["url"]["link"].startswith(f"{server.url}/in/osmand/")


@pytest.mark.parametrize("act", ["revoke?device=12", "box?device=12&number=357739070463982"])
def test_only_organisers_change_devices_and_only_from_our_own_page(
    server: Server, cookies: dict[str, str | None], act: str
) -> None:
    path = f"/api/v1/tours/{TOUR}/devices/{act}"
    own = {who: ask(server, "POST", path, Cookie=cookie, Origin=server.url)[0] for who, cookie in cookies.items()}
    assert own == {who: 200 if who == "organiser" else 403 for who in cookies}
    for origin in ("https://evil.example", None):
        assert ask(server, "POST", path, Cookie=cookies["organiser"], Origin=origin)[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/live/nobody/crew",
        f"/live/{TOUR}/crew/",
        f"/live/{TOUR}/organiser",
        f"/live/{TOUR}%2Fcrew",
        "/api/v1/tours/nobody/quarantine",
        "/api/v1/tours/nobody/devices/unknown",
        "/api/v1/tours/nobody/devices",
        "/api/v1/tours/nobody/devices/cards",
        "/organise/nobody",
        f"/api/v1/tours/{TOUR}%2Fcrew/vehicles",
        f"/api/v1/tours/{TOUR}%2Fcrew/live.geojson",
    ],
)
def test_what_is_not_there_is_404_for_everybody(server: Server, cookies: dict[str, str | None], path: str) -> None:
    assert {status_of(server, path, cookies[who]) for who in ("nobody", "organiser")} == {404}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", None])
def test_a_crew_feed_opens_to_our_own_pages_only(
    server: Server, cookies: dict[str, str | None], origin: str | None
) -> None:
    assert status_of(server, CREW_FEED, cookies["crew"], origin) == 403


def test_a_crew_sees_its_columns_and_who_sits_where(server: Server, cookies: dict[str, str | None]) -> None:
    with watch(server, CREW_FEED, cookies["crew"]) as page:
        state = FeedState()
        state.fold(page.recv(timeout=WITHIN_S, decode=False))
    assert state.names == [*COLUMNS, *CREW_COLUMNS]
    assert any(state.about["roster"]["crew"])


# Links


def test_looking_at_a_link_neither_signs_in_nor_uses_it_up(server: Server) -> None:
    path = invitation(server, "crew")
    looks = [ask(server, "GET", path) for _ in range(10)]
    strange = ask(server, "GET", "/join/nobody")
    assert {(status, body) for status, _, body in [*looks, strange]} == {(200, strange[2])}
    assert "set-cookie" not in looks[0][1]
    assert looks[0][1]["cache-control"] == "no-store"
    assert accept(server, path)[0] == 303


def test_accepting_sets_a_cookie_that_no_script_and_no_other_site_can_use(server: Server) -> None:
    status, headers, _ = accept(server, invitation(server, "crew"))
    assert (status, headers["location"]) == (303, f"/crew/{TOUR}")
    value, *attributes = headers["set-cookie"].split("; ")
    assert len(value.partition("=")[2]) == 32, "192 bits"
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    assert "Secure" not in attributes, "over plain HTTP it would not come back"
    (max_age,) = (int(each.partition("=")[2]) for each in attributes if each.startswith("Max-Age="))
    assert 29 * 86_400 < max_age <= 30 * 86_400


def test_behind_https_the_cookie_is_secure(tmp_path: Path) -> None:
    with serve(FOLDER, tmp_path, "--public-url", "https://tour.example") as server:
        path = invitation(server, "crew")
        _, headers, _ = ask(server, "POST", path, Host="tour.example", Origin="https://tour.example")
    assert "Secure" in headers["set-cookie"].split("; ")


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ("https://evil.example", "cross-site"),
        ("https://evil.example", None),
        ("null", None),
        (None, None),
        ("own", "cross-site"),
        ("own", "same-site"),
    ],
)
def test_no_other_site_can_press_the_button(server: Server, origin: str | None, site: str | None) -> None:
    """Or it could sign a visitor in as somebody else."""
    path = invitation(server, "crew")
    origin = server.url if origin == "own" else origin
    status, headers, _ = ask(server, "POST", path, Origin=origin, Sec_Fetch_Site=site)
    assert status == 403
    assert "set-cookie" not in headers


def test_wrong_used_up_revoked_and_over_are_refused_with_the_same_bytes(server: Server) -> None:
    used_up, revoked, over = (invitation(server, "crew") for _ in range(3))
    assert [accept(server, used_up)[0] for _ in range(6)] == [303] * 5 + [403]
    number = listed(server)[-2]
    server.tracker("invite", str(FOLDER), "--data", str(server.data), "--revoke", number)
    with closing(sqlite3.connect(server.data / "journal.sqlite")) as store, store:
        store.execute("UPDATE invitation SET ends_at_ms = 1 WHERE id = (SELECT max(id) FROM invitation)")
    answers = [accept(server, path) for path in ("/join/wrong", "/join/%ff", used_up, revoked, over)]
    assert {(status, body) for status, _, body in answers} == {(403, answers[0][2])}
    assert not any("set-cookie" in headers for _, headers, _ in answers)


def listed(server: Server) -> list[str]:
    """The numbers of all invitations, as `tracker invite --list` shows them."""
    lines = server.tracker("invite", str(FOLDER), "--data", str(server.data), "--list").splitlines()
    assert lines[0].split() == ["ID", "ROLE", "NAME", "DEVICES", "ENDS", "STATE"]
    return [line.split()[0] for line in lines[1:]]


def test_who_reads_the_link_on_a_screen_gets_a_code_to_scan_too() -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    on_screen, in_a_file = Screen(), io.StringIO()
    for to in (on_screen, in_a_file):
        print_link("https://tour.example/join/abc", to)
    assert in_a_file.getvalue() == "https://tour.example/join/abc\n"
    link, _, code = on_screen.getvalue().partition("\n")
    assert link == "https://tour.example/join/abc"
    assert set(code) >= set("▀▄█ ")


# Going out again


def closing_code(page: ClientConnection) -> int | None:
    """Read to the end, within the time that is promised."""
    deadline = time.monotonic() + WITHIN_S
    try:
        while True:
            page.recv(timeout=deadline - time.monotonic())
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def test_what_is_revoked_is_signed_out_within_five_seconds_open_sockets_included(server: Server) -> None:
    cookie, staying = sign_in(server, "organiser", "Leaves"), sign_in(server, "crew", "Stays")
    number = listed(server)[-2]
    with watch(server, CREW_FEED, cookie) as page, watch(server, CREW_FEED, staying) as other:
        page.recv()
        server.tracker("invite", str(FOLDER), "--data", str(server.data), "--revoke", number)
        assert closing_code(page) == 4401
        other.recv(timeout=10)
    assert status_of(server, QUARANTINE, cookie) == 403
    assert status_of(server, CREW_FEED, cookie) == 403


def test_what_is_over_is_signed_out_too(server: Server) -> None:
    cookie = sign_in(server, "crew", "Over")
    with watch(server, CREW_FEED, cookie) as page:
        page.recv()
        with closing(sqlite3.connect(server.data / "journal.sqlite")) as store, store:
            store.execute("UPDATE invitation SET ends_at_ms = 1 WHERE name = 'Over'")
        assert closing_code(page) == 4401


# What organisers look up


def test_organisers_see_what_devices_sent_in_vain_and_every_look_is_logged(server: Server) -> None:
    token = server.devices()[0]["token"]
    body = b"id=1&lat=91&lon=-122.4806&timestamp=1808753401"
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert ask(server, "POST", f"/in/osmand/{token}?{body.decode()}", **form)[0] == 200
    cookie = sign_in(server, "organiser", "Looks Closely")
    status, headers, answer = ask(server, "GET", QUARANTINE, Cookie=cookie)
    assert (status, headers["cache-control"]) == (200, "no-store")
    (refusal,) = json.loads(answer)
    assert (refusal["device"], refusal["reason"]) == (server.devices()[0]["device"], "latitude out of range")
    assert json.loads(ask(server, "GET", UNKNOWN_BOXES, Cookie=cookie)[2]) == []
    log = server.tracker("invite", str(FOLDER), "--data", str(server.data), "--log").splitlines()
    lines = [line.split("  ") for line in log if "  Looks Closely (organiser, invitation " in line]
    assert [what for _, _, what in lines] == ["signed in", "looked at quarantine", "looked at unknown boxes"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "an invitation needs a role and a name"),
        (("--role", "crew", "--name", "  "), "an invitation needs a role and a name"),
        (("--role", "crew", "--name", "x" * 61), "--name is at most 60 printable characters"),
        (("--role", "crew", "--name", "Ann", "--days", "0"), "--days lies between 1 and 366, not 0"),
        (("--revoke", "4711"), "there is no invitation 4711 in force"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], complaint: str
) -> None:
    assert main(["invite", str(FOLDER), "--data", str(tmp_path), *arguments]) == 2
    assert complaint in capsys.readouterr().err
