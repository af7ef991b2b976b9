"""The pages of crews and marshals: for those who are signed in, and a courteous word for everybody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.guests import accept, ask, invitation, sign_in
from tests.serving import Server, serve
from tracker.commands.demo import FOLDER

TOUR = "california-mille"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(FOLDER, tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.mark.parametrize("page", ["crew", "marshal"])
def test_a_page_is_for_those_who_are_signed_in(server: Server, page: str) -> None:
    path = f"/{page}/{TOUR}"
    status, headers, body = ask(server, "GET", path)
    assert status == 403
    assert b"invitation" in body
    assert b"invito" in body
    assert b"<script" not in body
    for cookie in (f"milepost-{TOUR}=guessed", f"milepost-other={sign_in(server, page).partition('=')[2]}"):
        assert ask(server, "GET", path, Cookie=cookie)[2] == body, "the same bytes for every wrong cookie"
    for role in ("crew", "marshal", "organiser"):
        status, headers, page_body = ask(server, "GET", path, Cookie=sign_in(server, role))
        assert status == 200
        assert f'name="milepost-tour" content="{TOUR}"'.encode() in page_body
        assert headers["cache-control"] == "no-store"
        assert "script-src 'self'" in headers["content-security-policy"]


def test_no_page_for_a_tour_that_is_not_served(server: Server) -> None:
    assert ask(server, "GET", "/crew/other", Cookie=sign_in(server, "crew"))[0] == 404


@pytest.mark.parametrize(("role", "page"), [("crew", "crew"), ("marshal", "marshal"), ("organiser", "organise")])
def test_an_invitation_leads_to_the_page_of_its_role(server: Server, role: str, page: str) -> None:
    assert accept(server, invitation(server, role))[1]["location"] == f"/{page}/{TOUR}"
