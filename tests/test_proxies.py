"""Who is believed about whom a request comes from."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tracker.errors import SettingsError
from tracker.proxies import behind, client_of, parse_networks

TRUSTED = parse_networks("10.0.0.0/8, ::1")


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a stranger's claim
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.2", "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # the client invented the first one
        ("10.0.0.2", "198.51.100.1, 10.0.0.3", "198.51.100.1"),  # two proxies of ours
        ("10.0.0.2", "<script>", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded_for: str, client: str) -> None:
    assert client_of(peer, forwarded_for, TRUSTED) == client


def test_nonsense_is_refused_with_a_sentence() -> None:
    with pytest.raises(SettingsError, match=r"--trusted-proxy: 'proxy\.local' is no address or network"):
        parse_networks("10.0.0.1, proxy.local")


async def test_a_request_s_remote_is_the_client() -> None:
    async def remote(request: web.Request) -> web.Response:
        return web.Response(text=request.remote)

    for trusted, seen in (("127.0.0.0/8", "198.51.100.1"), ("192.0.2.1", "127.0.0.1")):
        app = web.Application(middlewares=[behind(parse_networks(trusted))])
        app.router.add_get("/", remote)
        async with TestClient(TestServer(app)) as client:
            for lines in (["192.0.2.66, 198.51.100.1"], ["192.0.2.66", "198.51.100.1"]):
                answer = await client.get("/", headers=[("X-Forwarded-For", line) for line in lines])
                assert await answer.text() == seen
