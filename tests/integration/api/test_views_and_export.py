"""Saved views of the matrix, and its rows as a file."""

import csv
import io
from typing import Any

import httpx
from sqlalchemy import select

from tenancy.models.change import AuditEvent
from tenancy.session import tenant
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer

VIEWS = "/api/v1/views"
EXPORT = "/api/v1/proposals/export"


def body(**changes: object) -> dict[str, object]:
    columns = [{"id": "status", "pinned": True}, {"id": "amount", "width": 200}]
    usual = {"name": "Large", "filter": {"minRisk": 50}, "sort": "-amount", "columns": columns}
    return {**usual, **changes}


async def test_view_when_private_then_nobody_else_finds_it(
    client: httpx.AsyncClient, office: Office
) -> None:
    own, lead = await office.bearer("analyst"), await office.bearer("lead")
    made = (await client.post(VIEWS, headers=own, json=body())).json()
    assert (made["canChange"], made["filter"]["minRisk"]) == (True, 50)
    assert made["columns"][1] == {"id": "amount", "width": 200, "pinned": False}
    assert (await client.get(VIEWS, headers=lead)).json()["items"] == []
    for method in ("PUT", "DELETE"):
        answer = await client.request(method, f"{VIEWS}/{made['id']}", headers=lead, json=body())
        assert (answer.status_code, answer.json()["code"]) == (404, "view_not_found")
    again = await client.post(VIEWS, headers=own, json=body())
    assert (again.status_code, again.json()["code"]) == (409, "view_name_taken")
    assert (await client.delete(f"{VIEWS}/{made['id']}", headers=own)).status_code == 204
    assert (await client.get(VIEWS, headers=own)).json()["items"] == []


async def test_view_when_there_are_fifty_then_another_is_refused(
    client: httpx.AsyncClient, office: Office
) -> None:
    own = await office.bearer("analyst")
    for number in range(50):
        made = await client.post(VIEWS, headers=own, json=body(name=f"View {number}"))
        assert made.status_code == 201, made.text
    refused = await client.post(VIEWS, headers=own, json=body(name="One more"))
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "you have 50 views; delete one first",
    )
    theirs = await client.post(VIEWS, headers=await office.bearer("lead"), json=body())
    assert theirs.status_code == 201


async def test_view_when_shared_then_the_team_sees_it_and_its_lead_changes_it(
    client: httpx.AsyncClient, office: Office
) -> None:
    lead = await office.bearer("lead")
    shared = body(team=str(office.team))
    made = (await client.post(VIEWS, headers=lead, json=shared)).json()
    assert made["team"] == "Receivables"
    changes = {"analyst": (1, 403), "admin": (1, 200), "outsider": (0, 404)}
    for who, (seen, status) in changes.items():
        headers = await office.bearer(who)
        found = (await client.get(VIEWS, headers=headers)).json()["items"]
        assert len(found) == seen, who
        assert all(view["canChange"] == (status == 200) for view in found)
        answer = await client.put(f"{VIEWS}/{made['id']}", headers=headers, json=shared)
        assert answer.status_code == status, who


async def test_view_when_it_holds_what_is_unknown_then_422_names_it(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("analyst")
    for wrong, field in (
        (body(name=" "), "name"),
        (body(name="x" * 61), "name"),
        (body(sort="digest"), "sort"),
        (body(filter={"decision": ["maybe"]}), "filter.decision"),
        (body(columns=[{"id": "colour"}]), "columns"),
        (body(columns=[]), "columns"),
        (body(team=str(office.elsewhere)), "team"),
    ):
        answer = await client.post(VIEWS, headers=headers, json=wrong)
        assert answer.status_code == 422, wrong
        assert answer.json()["errors"][0]["field"] == field


async def test_export_when_read_then_it_is_the_list_and_the_audit_knows(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    credit = await proposer.credit(5_050)
    await proposer.propose()
    query = "sort=createdAt&columns=id&columns=amount&columns=confidence&action=stripe.credit_note.create"
    answer = await client.get(f"{EXPORT}?{query}", headers=await office.bearer("lead"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="proposals-20')
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = read(answer)
    assert rows[0] == ["Id", "Amount", "Currency", "Confidence"]
    assert rows[1:] == [[str(credit.row.id), "50.50", str(credit.row.currency), "0.9"]]
    async with tenant(office.database, office.context) as session:
        kept = (
            await session.scalars(
                select(AuditEvent).where(AuditEvent.action == "proposal.exported")
            )
        ).one()
    assert (kept.actor_id, kept.details["rows"]) == (office.people["lead"], 1)
    assert "action=stripe.credit_note.create" in kept.details["query"]


async def test_export_when_of_everything_then_every_column_and_only_within_reach(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    await proposer.propose()
    hidden = await proposer.propose(by="outsider")
    answer = await client.get(EXPORT, headers=await office.bearer("lead"))
    assert len(read(answer)) == 2
    assert len(read(answer)[0]) == 17
    assert str(hidden.row.id) not in answer.text
    wrong = await client.get(f"{EXPORT}?columns=colour", headers=await office.bearer("lead"))
    assert wrong.status_code == 422


def read(answer: httpx.Response) -> list[list[Any]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
