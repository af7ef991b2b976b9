"""live.geojson over real HTTP: what it says, when it says "not modified", and how often it is encoded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from tests.hub.conftest import TOUR, Stage
from tracker.geojson import LiveGeoJson


@dataclass
class Exit:
    stage: Stage
    geojson: LiveGeoJson
    client: ClientSession

    @property
    def path(self) -> str:
        return f"/api/v1/tours/{TOUR}/live.geojson"


@pytest.fixture
async def exit_(stage: Stage) -> AsyncIterator[Exit]:
    geojson = LiveGeoJson(stage.hub)
    app = web.Application()
    app.add_routes([web.get("/api/v1/tours/{tour}/live.geojson", geojson.get)])
    async with TestServer(app) as server, ClientSession(server.make_url("/")) as client:
        yield Exit(stage, geojson, client)


async def test_every_vehicle_is_a_feature_with_a_point_once_it_was_heard(exit_: Exit) -> None:
    await exit_.stage.move()
    async with exit_.client.get(exit_.path) as answer:
        assert answer.status == 200
        assert answer.content_type == "application/geo+json"
        document = await answer.json(content_type=None)
    first, *others = document["features"]
    assert first["id"] == "1"
    assert first["geometry"] == {"type": "Point", "coordinates": [-122.4, 37.8]}
    assert (first["properties"]["make"], first["properties"]["along_m"], first["properties"]["leg"]) == (
        "Bugatti",
        50,
        1,
    )
    assert [feature["geometry"] for feature in others] == [None, None]
    assert "crew" not in first["properties"]


async def test_it_is_encoded_once_per_beat_and_not_sent_again_while_nothing_moves(exit_: Exit) -> None:
    etags = []
    for _ in range(2):
        await exit_.stage.move()
        for _ in range(3):
            async with exit_.client.get(exit_.path) as answer:
                etags.append(answer.headers["ETag"])
                assert answer.headers["Cache-Control"] == "public, max-age=2"
    assert len(set(etags)) == 2
    assert exit_.geojson.encodings == 2
    async with exit_.client.get(exit_.path, headers={"If-None-Match": etags[-1]}) as answer:
        assert answer.status == 304
        assert await answer.read() == b""
    async with exit_.client.get(exit_.path, headers={"If-None-Match": etags[0]}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("if_none_match", ["", ",", '"', "W/", "\xff", '"a", W/"b"'])
async def test_an_odd_question_gets_the_whole_document(exit_: Exit, if_none_match: str) -> None:
    async with exit_.client.get(exit_.path, headers={"If-None-Match": if_none_match}) as answer:
        assert answer.status == 200


async def test_without_gzip_it_is_plain(exit_: Exit) -> None:
    async with exit_.client.get(exit_.path, headers={"Accept-Encoding": "identity"}) as answer:
        assert "Content-Encoding" not in answer.headers
        assert (await answer.json(content_type=None))["type"] == "FeatureCollection"


async def test_an_unknown_tour_is_not_found(exit_: Exit) -> None:
    async with exit_.client.get("/api/v1/tours/nowhere/live.geojson") as answer:
        assert answer.status == 404
