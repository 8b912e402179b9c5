"""The OpenAPI document tells everything that a client must know, and nothing that is not so."""

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
from litestar import Litestar

from backend.api import guards
from tests.routes import as_documented, handlers

Operation = tuple[str, dict[str, Any]]


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/schema/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    assert (await client.get("/schema")).json() == found
    return found


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def response(document: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in found:
        return found
    referred: dict[str, Any] = document["components"]["responses"][found["$ref"].split("/")[-1]]
    return referred


def media(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for found in operation["responses"].values():
        yield from response(document, found).get("content", {}).values()
    yield from operation.get("requestBody", {}).get("content", {}).values()


def test_document_has_an_operation_for_every_route_of_ours(
    app: Litestar, document: dict[str, Any]
) -> None:
    ours = {
        as_documented(name)
        for name, handler in handlers(app)
        if handler.resolve_include_in_schema()
    }
    assert {name for name, _ in operations(document)} == ours
    assert document["openapi"].startswith("3.1")


def test_operation_has_a_summary_an_id_of_its_own_and_a_tag(document: dict[str, Any]) -> None:
    found = dict(operations(document))
    for name, operation in found.items():
        assert len(operation["summary"].split()) > 1, name
        assert operation["description"].startswith(operation["summary"][:10]), name
        assert operation["tags"], name
    assert len({operation["operationId"] for operation in found.values()}) == len(found)


def test_operation_has_an_example_of_every_body_and_it_fits_its_schema(
    document: dict[str, Any],
) -> None:
    shown = 0
    for name, operation in operations(document):
        for one in media(document, operation):
            schema = {**one["schema"], "components": document["components"]}
            jsonschema.Draft202012Validator(schema).validate(one["example"])
            shown += 1
        successes = [status for status in operation["responses"] if status < "300"]
        assert successes, name
        for status in successes:
            answer = operation["responses"][status]
            assert answer.get("content") or answer["description"].startswith("Done"), name
    assert shown > 300


def test_operation_names_every_way_in_which_it_can_be_refused(
    app: Litestar, document: dict[str, Any]
) -> None:
    of_route = {as_documented(name): handler for name, handler in handlers(app)}
    for name, operation in operations(document):
        handler, told = of_route[name], operation["responses"]
        expected = {"5XX"}
        if not handler.opt.get(guards.PUBLIC):
            expected |= {"401", "403"}
        if "{" in name:
            expected.add("404")
        if not name.startswith("GET /health/"):
            expected |= {"422", "429"}
        if "application/json" in operation.get("requestBody", {}).get("content", {}):
            expected |= {"400", "413", "415"}
        assert expected <= set(told), name
        for status in expected:
            [(kind, content)] = response(document, told[status])["content"].items()
            assert kind == "application/problem+json"
            assert content["schema"]["$ref"].endswith("/Problem")
        assert operation["security"] == (
            [] if handler.opt.get(guards.PUBLIC) else [{"bearer": []}, {"session": []}]
        )


def test_parameters_are_told_where_they_are_taken(document: dict[str, Any]) -> None:
    def named(name: str) -> set[str]:
        return {one["name"] for one in dict(operations(document))[name]["parameters"]}

    assert {"fields", "If-None-Match", "cursor", "sort", "limit"} <= named("GET /api/v1/runs")
    assert "Idempotency-Key" in named("POST /api/v1/proposals/{proposal_id}/decisions")
    assert "Idempotency-Key" not in named("POST /api/v1/auth/token")
    assert "fields" not in named("GET /api/v1/proposals/export")


async def test_unknown_page_of_the_schema_is_a_problem_document(client: httpx.AsyncClient) -> None:
    for path in ("/schema/nothing", "/schema/docs/nothing.js", "/schema/openapi.yaml"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer.headers["content-type"] == "application/problem+json"
