"""Bodies that carry more than was asked for, too much of it, or in a shape that breaks something."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar
from msgspec import inspect

from tests.fixtures.guest import Guest
from tests.fixtures.people import Office
from tests.routes import handlers

MOST = 1_000_000


def bodies(app: Litestar) -> dict[str, Any]:
    """What each route takes as JSON."""
    return {
        name: handler.parsed_data_field.annotation
        for name, handler in handlers(app)
        if handler.parsed_data_field is not None
        and "data" in handler.parsed_fn_signature.parameters
    }


def structs(shape: inspect.Type) -> Iterator[inspect.StructType]:
    match shape:
        case inspect.StructType():
            yield shape
            for field in shape.fields:
                yield from structs(field.type)
        case inspect.ListType():
            yield from structs(shape.item_type)
        case inspect.UnionType():
            for one in shape.types:
                yield from structs(one)


def offered(annotation: Any) -> set[str]:  # noqa: ANN401 - a wire type
    """The fields of the body itself."""
    shape = inspect.type_info(annotation)
    return (
        {one.encode_name for one in shape.fields}
        if isinstance(shape, inspect.StructType)
        else set()
    )


def test_every_object_in_every_body_refuses_what_nobody_offered(app: Litestar) -> None:
    found = bodies(app)
    assert len(found) > 20
    for name, annotation in found.items():
        for one in structs(inspect.type_info(annotation)):
            assert one.forbid_unknown_fields, (name, one.cls)


@pytest.mark.parametrize("smuggled", ["orgId", "role", "permissions"])
async def test_a_field_that_nobody_offered_is_refused_by_every_route(
    client: httpx.AsyncClient, app: Litestar, office: Office, smuggled: str
) -> None:
    headers = await office.bearer("admin")
    for name, annotation in bodies(app).items():
        method, _, path = name.partition(" ")
        if smuggled in offered(annotation):
            continue  # it is what this one is for
        answer = await client.request(
            method, filled(path), json={smuggled: "org_admin"}, headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body"), name
        assert answer.json()["errors"][0]["field"] == smuggled, name


async def test_a_body_that_is_too_large_or_too_deep_is_refused_by_every_route(
    client: httpx.AsyncClient, app: Litestar, office: Office
) -> None:
    headers = {**await office.bearer("admin"), "Content-Type": "application/json"}
    hostile = (
        (b'"' + b"x" * MOST + b'"', 413, "body_too_large"),
        (b'{"name":' + b"[" * 5_000 + b"]" * 5_000 + b"}", 400, "malformed_body"),
        (b'{"name":' * 5_000 + b"1" + b"}" * 5_000, 400, "malformed_body"),
    )
    for name in bodies(app):
        method, _, path = name.partition(" ")
        for content, status, code in hostile:
            answer = await client.request(method, filled(path), content=content, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (status, code), name


async def test_a_number_or_text_where_an_object_belongs_is_refused_by_every_route(
    client: httpx.AsyncClient, app: Litestar, guest: Guest
) -> None:
    headers = await guest.office.bearer("admin")
    for name in bodies(app):
        method, _, path = name.partition(" ")
        for content in (b"1", b'"text"', b"[]", b"null"):
            answer = await client.request(method, filled(path), content=content, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body"), name


def filled(path: str) -> str:
    """The path with a value for each of its parameters: the body is read before anything is looked up."""
    nothing = "0199a000-0000-7000-8000-000000000000"
    parts = (
        nothing if ":uuid}" in part else "openai" if "{" in part else part
        for part in path.split("/")
    )
    return "/".join(parts)
