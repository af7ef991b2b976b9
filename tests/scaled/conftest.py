"""One scaled shape for all tests of this folder; each leaves it whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bus.conftest import RedisServer
from tests.postgres import PostgresServer
from tests.scaled.shape import Shape


@pytest.fixture(scope="package")
def shape(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shape]:
    tmp = tmp_path_factory.mktemp("scaled")
    redis = RedisServer(tmp_path_factory.mktemp("redis"))
    postgres = PostgresServer()
    redis.start()
    postgres.start()
    shape = Shape(tmp, redis, postgres)
    try:
        shape.start()
        yield shape
    finally:
        shape.stop()
        redis.kill()
        postgres.remove()
