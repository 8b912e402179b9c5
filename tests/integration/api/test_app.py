import json
import subprocess
import sys
from collections.abc import Mapping

import httpx
import msgspec
import pytest

from backend.api import guards
from backend.app import create_app
from backend.core.settings import Settings, SettingsError, load
from backend.embedded.postgres import EmbeddedPostgres
from backend.schemas.matrix import ProposalFilter
from tenancy.permissions import Right
from tenancy.ratelimit import RateClass
from tests.fixtures.client import ROOT
from tests.routes import handlers


def test_every_route_declares_who_may_call_it_and_how_often(settings: Settings) -> None:
    routes = handlers(create_app(settings))
    assert len(routes) > 15
    for name, handler in routes:
        declared = [
            handler.opt.get(guards.PUBLIC) is True,
            handler.opt.get(guards.SIGNED_IN) is True,
            isinstance(handler.opt.get(guards.RIGHT), Right),
        ]
        assert declared.count(True) == 1, f"{name} does not say who may call it"
        assert isinstance(handler.opt.get(guards.RATE), RateClass), f"{name} has no rate class"


def test_api_process_never_imports_the_agent_library() -> None:
    code = "import backend.app, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )
    loaded = {name.split(".")[0] for name in json.loads(done.stdout)}
    assert "litestar" in loaded
    assert not loaded & {"pydantic_ai", "openai", "anthropic", "reflex"}


async def test_start_is_refused_to_a_role_that_can_get_around_row_level_security(
    environ: Mapping[str, str], postgres: EmbeddedPostgres
) -> None:
    strong = load({**environ, "COUNTERSIGN_DATABASE_URL": postgres.dsn("app_owner")})
    with pytest.RaisesGroup(pytest.RaisesExc(SettingsError, match="app_owner")):
        async with create_app(strong).lifespan():
            pass


async def test_schema_describes_every_route_of_the_contract(client: httpx.AsyncClient) -> None:
    answer = await client.get("/schema")
    assert answer.status_code == 200
    paths = answer.json()["paths"]
    assert {
        "/auth/login",
        "/api/v1/auth/token",
        "/api/v1/me",
        "/api/v1/playbooks/{playbook_id}/runs",
        "/api/v1/proposals/{proposal_id}/decisions",
        "/api/v1/events",
    } <= set(paths)
    filters = {parameter["name"] for parameter in paths["/api/v1/proposals"]["get"]["parameters"]}
    narrowing = {one.encode_name for one in msgspec.structs.fields(ProposalFilter)}
    of_the_list = {"sort", "limit", "cursor", "offset", "fields", "If-None-Match"}
    assert filters == narrowing | of_the_list


async def test_ready_names_the_part_that_does_not_answer(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).status_code == 200
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "workflows": "failed"}


async def test_branding_is_public_and_names_the_brand_colour(client: httpx.AsyncClient) -> None:
    answer = await client.get("/branding.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "--brand:" in answer.text
