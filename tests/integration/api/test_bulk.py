"""Deciding on many at once: what it would do, and what becomes of each."""

from typing import Any

import httpx

from backend.core.ids import ProposalId, new_uuid
from backend.embedded.postgres import EmbeddedPostgres
from backend.proposals.decisions import DecisionInput, DecisionKind, decide
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer, copy_of

BULK = "/api/v1/proposals/bulk"


async def previewed(
    client: httpx.AsyncClient, headers: dict[str, str], kind: str, **selection: object
) -> dict[str, Any]:
    body = {"kind": kind, "selection": selection}
    answer = await client.post(f"{BULK}/preview", headers=headers, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_bulk_when_approved_by_filter_then_each_is_held_and_can_be_taken_back(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    made = [await proposer.credit(amount) for amount in (1_000, 2_000, 3_000)]
    headers = await office.bearer("lead")
    preview = await previewed(client, headers, "approve", filter={"decision": ["pending"]})
    assert {item["id"] for item in preview["items"]} == {str(one.row.id) for one in made}
    assert [money["minor"] for money in preview["sums"]] == [6_000]
    assert (preview["refused"], preview["needOthers"]) == ([], 0)
    assert preview["holdSeconds"] >= 10
    body = {"kind": "approve", "items": preview["items"]}
    answer = (await client.post(BULK, headers=headers, json=body)).json()
    assert (answer["done"], answer["conflicts"], answer["refused"]) == (3, 0, 0)
    assert 9.5 < answer["holdSeconds"] <= 10.5
    assert {item["proposal"]["execution"] for item in answer["items"]} == {"queued"}
    body = {"kind": "take_back", "items": preview["items"]}
    answer = (await client.post(BULK, headers=headers, json=body)).json()
    assert answer["done"] == 3
    assert {item["proposal"]["decision"] for item in answer["items"]} == {"pending"}


async def test_bulk_when_somebody_was_quicker_then_only_that_one_is_a_conflict(
    client: httpx.AsyncClient, office: Office, proposer: Proposer, stranger: Office
) -> None:
    first, second = await proposer.credit(1_000), await proposer.credit(2_000)
    admin = await office.principal("admin")
    given = DecisionInput(DecisionKind.REJECT, first.row.digest, "Paid by cheque")
    await decide(office.database, proposer.connectors, admin, ProposalId(first.row.id), given)
    nobodys: dict[str, str] = {"id": str(stranger.org_id), "digest": "0" * 64}
    items = [{"id": str(one.row.id), "digest": one.row.digest} for one in (first, second)]
    headers = {**await office.bearer("lead"), "Idempotency-Key": "bulk-1"}
    asked = [*items, nobodys]
    body = {"kind": "approve", "items": asked}
    answer = await client.post(BULK, headers=headers, json=body)
    outcomes = answer.json()["items"]
    assert [item["outcome"] for item in outcomes] == ["conflict", "done", "refused"]
    assert [item["code"] for item in outcomes] == ["already_decided", None, "proposal_not_found"]
    assert [item["id"] for item in outcomes] == [item["id"] for item in asked]
    again = await client.post(BULK, headers=headers, json=body)
    assert (again.json(), again.headers["idempotent-replayed"]) == (answer.json(), "true")


async def test_preview_when_some_cannot_take_part_then_it_groups_why(
    client: httpx.AsyncClient, office: Office, proposer: Proposer, stranger: Office
) -> None:
    made = [await proposer.propose(), await proposer.propose()]
    ids = [str(one.row.id) for one in made]
    preview = await previewed(
        client, await office.bearer("analyst"), "approve", ids=[*ids, str(stranger.org_id)]
    )
    assert preview["items"] == []
    assert sorted(refused["count"] for refused in preview["refused"]) == [1, 2]


async def test_bulk_when_more_than_500_are_selected_then_422_says_so_and_nothing_is_done(
    client: httpx.AsyncClient, office: Office, proposer: Proposer, postgres: EmbeddedPostgres
) -> None:
    view, headers = await proposer.credit(), await office.bearer("lead")
    await copy_of(postgres, view, 499)
    assert len((await previewed(client, headers, "approve", filter={}))["items"]) == 500
    await copy_of(postgres, view, 1)
    preview = {"kind": "approve", "selection": {"filter": {}}}
    refused = await client.post(f"{BULK}/preview", headers=headers, json=preview)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    items = [{"id": str(new_uuid()), "digest": view.row.digest} for _ in range(501)]
    refused = await client.post(BULK, headers=headers, json={"kind": "approve", "items": items})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "items")
    assert (await proposer.view(ProposalId(view.row.id))).row.decision == "pending"


async def test_bulk_when_the_request_is_wrong_then_422_names_the_field(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view, headers = await proposer.propose(), await office.bearer("lead")
    item = {"id": str(view.row.id), "digest": view.row.digest}
    for body, field in (
        ({"kind": "sign", "items": [item]}, "kind"),
        ({"kind": "approve", "items": []}, "items"),
        ({"kind": "approve", "items": [item, item]}, "items"),
        ({"kind": "reject", "items": [item]}, "reason"),
        ({"kind": "delegate", "items": [item]}, "to"),
    ):
        answer = await client.post(BULK, headers=headers, json=body)
        assert answer.status_code == 422, body
        assert answer.json()["errors"][0]["field"] == field
    for selection, field in (
        ({}, "selection"),
        ({"ids": [item["id"]], "filter": {}}, "selection"),
        ({"filter": {"box": "none"}}, "selection.filter.box"),
    ):
        preview = {"kind": "approve", "selection": selection}
        answer = await client.post(f"{BULK}/preview", headers=headers, json=preview)
        assert answer.status_code == 422, selection
        assert answer.json()["errors"][0]["field"] == field
