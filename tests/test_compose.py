"""docker-compose.yml, as far as it can be held to its word without an engine that runs containers.

It follows the compose specification; its commands and variables are ours; and its shape is that of tests/scaled,
which runs for real.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.scaled.shape import Shape
from tracker.cli import parse
from tracker.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text()
ROLES = ("ingest", "engine", "hub")
GIVEN = {"POSTGRES_PASSWORD": "0123abcd", "MILEPOST_TOUR": "./my-tour", "MILEPOST_SITE": "tour.example.org"}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")

Service = dict[str, Any]


def interpolated(text: str, given: Mapping[str, str]) -> str:
    """The file as compose reads it. [compose-spec: 12-interpolation.md]"""

    def value(match: re.Match[str]) -> str:
        name, operator, operand = match.groups()
        if given.get(name):
            return given[name]
        if operator == "?":
            raise KeyError(f"{name} {operand}")
        return operand or ""

    return VARIABLE.sub(value, text)


def read(given: Mapping[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe").load(interpolated(COMPOSE.read_text(), given))
    return document


DOCUMENT = read(GIVEN)
SERVICES: dict[str, Service] = DOCUMENT["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "milepost"}


def follows_the_specification(path: Path) -> bool:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_file_follows_the_compose_specification(tmp_path: Path) -> None:
    assert follows_the_specification(COMPOSE)
    for right, wrong in (("restart:", "restarts:"), ("condition: service_healthy", "condition: healthy")):
        spoiled = tmp_path / "docker-compose.yml"
        spoiled.write_text(COMPOSE.read_text().replace(right, wrong, 1))
        assert not follows_the_specification(spoiled)


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "MILEPOST_TOUR"])
def test_nothing_starts_without_a_password_and_a_tour(name: str) -> None:
    with pytest.raises(KeyError, match=f"{name} is not set - "):
        read(GIVEN | {name: ""})


def test_there_are_two_of_each_role_and_one_of_everything_else() -> None:
    roles = {f"{role}{number}": role for role in ROLES for number in (1, 2)}
    assert {name: service["command"][0] for name, service in OURS.items()} == roles | {"import": "import"}
    assert SERVICES.keys() - OURS.keys() == {"redis", "postgres", "proxy"}


@pytest.mark.parametrize("name", OURS)
def test_commands_are_ours_and_variables_are_settings(name: str) -> None:
    service = OURS[name]
    assert parse(service["command"]).command == service["command"][0]
    variables = service["environment"] | dict(re.findall(r"\b(TRACKER_\w+)=(\S+)", DOCKERFILE))
    known = {PREFIX + field.name.upper() for field in fields(Settings)}
    assert {variable for variable in variables if variable.startswith(PREFIX)} <= known
    settings = Settings.read(variables)
    assert settings.database == "postgresql://milepost:0123abcd@postgres:5432/milepost"
    assert (settings.host, settings.port) == ("0.0.0.0", 8080)
    assert settings.public_url == "https://tour.example.org"


def test_the_environment_is_that_of_the_shape_which_the_tests_run(tmp_path: Path) -> None:
    somewhere: Any = SimpleNamespace(url="")
    ran = {name for name in Shape(tmp_path, somewhere, somewhere).environment if name.startswith(PREFIX)}
    for service in OURS.values():
        assert service["environment"].keys() == ran


def test_the_proxy_knows_every_ingest_and_every_hub() -> None:
    environment = SERVICES["proxy"]["environment"]
    for role in ("ingest", "hub"):
        assert environment[f"MILEPOST_{role.upper()}S"].split() == [f"{role}1:8080", f"{role}2:8080"]
    assert environment.keys() <= set(re.findall(r"\{\$(MILEPOST_\w+)", CADDYFILE))
    assert "./deploy/Caddyfile:/etc/caddy/Caddyfile:ro" in SERVICES["proxy"]["volumes"]


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_what_must_outlive_a_container_is_in_a_volume() -> None:
    mounted = {
        name: {volume.split(":")[0] for volume in service.get("volumes", ()) if volume[0] not in "./"}
        for name, service in SERVICES.items()
    }
    assert set().union(*mounted.values()) == DOCUMENT["volumes"].keys()
    assert mounted["postgres"] == {"postgres-data"}
    assert mounted["ingest1"] == mounted["ingest2"] == {"keys"}, "both derive the same tokens"
    assert mounted["engine1"].isdisjoint(mounted["engine2"]), "each remembers by itself"
    for engine in ("engine1", "engine2"):
        assert [volume.split(":")[1] for volume in SERVICES[engine]["volumes"]] == [
            SERVICES[engine]["environment"]["TRACKER_DATA"]
        ]


def test_every_service_that_stays_says_whether_it_is_well() -> None:
    for name, service in SERVICES.items():
        assert ("healthcheck" in service) == (name != "import"), name
        for other, wanted in service.get("depends_on", {}).items():
            assert wanted["condition"] in ("service_completed_successfully", "service_healthy")
            assert other in SERVICES


def test_the_image_is_built_from_files_that_are_there_and_runs_without_privileges() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source in kept, f"{source} is left out by .dockerignore"
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^(?:USER|ENTRYPOINT) (.+)$", last_stage, re.MULTILINE) == ["milepost", '["tracker"]']
    for service in OURS.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"]
