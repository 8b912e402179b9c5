"""Another organization's ids in every field of every body that takes one: refused, and nothing is written."""

import secrets
from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import product
from typing import Any

import httpx
import pytest
from litestar import Litestar
from msgspec import inspect
from sqlalchemy import text

from tenancy.members import add_member, add_user
from tenancy.permissions import Role
from tenancy.session import tenant
from tests.fixtures.people import PASSWORD, Office
from tests.fixtures.proposals import Proposer, open_proposer
from tests.integration.api.routes import CASES, Case
from tests.routes import handlers

VIEWS, PROPOSALS = "/api/v1/views", "/api/v1/proposals"
Place = tuple[str | int, ...]
NARROWS = {("filter", "run"), ("selection", "filter", "run")}
"""They narrow a list and name nothing: a foreign run has no proposals here."""


def places(shape: inspect.Type) -> Iterator[Place]:
    """Where a body of this shape takes an id."""
    match shape:
        case inspect.UUIDType():
            yield ()
        case inspect.StructType():
            for field in shape.fields:
                yield from ((field.encode_name, *deeper) for deeper in places(field.type))
        case inspect.ListType():
            yield from ((0, *deeper) for deeper in places(shape.item_type))
        case inspect.UnionType():
            for one in shape.types:
                yield from places(one)


def with_id(body: Mapping[str, Any], place: Place, value: str) -> dict[str, Any]:
    """The body with the id at this place; what lies on the way to it is made."""
    changed: Any = deepcopy(dict(body))
    here = changed
    for step, following in zip(place, (*place[1:], None), strict=True):
        if isinstance(step, int):
            if not here:
                here.append({"digest": "0" * 64} if isinstance(following, str) else None)
            here[0] = value if following is None else here[0]
        elif following is None:
            here[step] = value
        elif not here.get(step):
            here[step] = [] if isinstance(following, int) else {}
        here = here[step]
    return dict(changed)


def fields(app: Litestar) -> list[tuple[Case, Place]]:
    """Every such field of the tenancy matrix's routes."""
    taken = {
        name: handler.parsed_data_field.annotation
        for name, handler in handlers(app)
        if handler.parsed_data_field is not None
    }
    return [
        (case, place)
        for case in CASES
        if case.body is not None
        for place in places(inspect.type_info(taken[f"{case.method} {case.path}"]))
    ]


@pytest.fixture
async def foreign(stranger: Office, proposer: Proposer) -> Mapping[str, str]:
    """One of each kind of another organization's objects."""
    theirs = await open_proposer(stranger, proposer.connectors, proposer.account)
    view, email = await theirs.propose(), f"{secrets.token_hex(6)}@people.example"
    person = await add_user(stranger.database, email=email, name="Theirs", password=PASSWORD)
    async with tenant(stranger.database, stranger.context) as session:
        await add_member(session, person, Role.ORG_ADMIN, stranger.team)
    return {
        "person": str(person),
        "team": str(stranger.team),
        "playbook": str(stranger.playbook.id),
        "connection": str(theirs.connection_id),
        "proposal": str(view.row.id),
        "run": str(view.row.run_id),
        "organization": str(stranger.org_id),
    }


async def rows(office: Office) -> Mapping[str, int]:
    """How many rows the organization has in each table that a request could write."""
    tables = ("saved_view", "decision", "team", "team_member", "run", "proposal", "event")
    async with tenant(office.database, office.context) as session:
        counts = [f"(SELECT count(*) FROM {table}) AS {table}" for table in tables]  # noqa: S608
        found = await session.execute(text(f"SELECT {', '.join(counts)}"))
        return dict(found.mappings().one())


async def test_body_when_an_id_in_it_is_another_organizations_then_refused_and_nothing_is_written(
    client: httpx.AsyncClient,
    app: Litestar,
    office: Office,
    proposer: Proposer,
    foreign: Mapping[str, str],
) -> None:
    row = (await proposer.propose()).row
    views = f"{VIEWS}/{(await kept_view(client, office))['id']}"
    of_path = {
        "proposal_id": row.id,
        "user_id": office.people["viewer"],
        "team_id": office.team,
    }
    item = {"id": str(row.id), "digest": row.digest}
    decided = [{"kind": kind, "digest": row.digest} for kind in ("delegate", "approve")]
    reaching: Mapping[tuple[str, Place], list[dict[str, Any]]] = {  # that get as far as the id
        (f"{PROPOSALS}/bulk/preview", ("selection", "ids", 0)): [{"kind": "approve"}],
        (f"{PROPOSALS}/bulk", ("to",)): [{"kind": "delegate", "items": [item]}],
        (f"{PROPOSALS}/{{proposal_id:uuid}}/decisions", ("to",)): decided,
    }
    before, tried = await rows(office), 0
    for case, place in fields(app):
        if place in NARROWS:
            continue
        headers = await office.bearer(case.by)
        path = case.path.replace(f"{VIEWS}/{{view_id:uuid}}", views).replace(":uuid", "")
        bodies = reaching.get((case.path, place), [case.body or {}])
        for whole, (kind, value) in product(bodies, foreign.items()):
            body = with_id(whole, place, value)
            answer = await client.request(
                case.method, path.format(**of_path), json=body, headers=headers
            )
            tried += 1
            told = (case, place, kind, answer.text)
            if answer.status_code == 200:  # of many, each is answered for itself
                assert untouched(answer.json(), value), told
            else:
                assert answer.status_code in (404, 422), told
            assert value not in answer.text.replace(f'"id":"{value}"', ""), told
    assert tried > 50
    assert await rows(office) == before


def untouched(answer: Mapping[str, Any], value: str) -> bool:
    """Whether a reply about many knows nothing of the one that is not ours, and has done nothing with it."""
    items = answer["items"]
    return answer.get("done", 0) == 0 and all(
        one.get("code") == "proposal_not_found" for one in items if one["id"] == value
    )


async def kept_view(client: httpx.AsyncClient, office: Office) -> dict[str, Any]:
    body = next(case.body for case in CASES if case.path == VIEWS and case.method == "POST")
    made = await client.post(VIEWS, json=body, headers=await office.bearer("lead"))
    return dict(made.json())
