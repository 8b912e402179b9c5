"""Taking back, withdrawing and settling what is unknown, as a program asks for it and as the card offers it."""

from typing import Any

import httpx
import pytest

from backend.core.ids import ProposalId
from backend.proposals import effects
from backend.proposals.views import ProposalView
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer


async def decide(
    client: httpx.AsyncClient, office: Office, view: ProposalView, who: str, **body: str
) -> httpx.Response:
    path = f"/api/v1/proposals/{view.row.id}/decisions"
    sent = {"digest": view.row.digest, **body}
    return await client.post(path, json=sent, headers=await office.bearer(who))


async def settle(
    client: httpx.AsyncClient, office: Office, view: ProposalView, who: str, **body: str
) -> httpx.Response:
    path = f"/api/v1/proposals/{view.row.id}/effect"
    return await client.post(path, json=body, headers=await office.bearer(who))


async def card_of(
    client: httpx.AsyncClient, office: Office, view: ProposalView, who: str
) -> dict[str, Any]:
    path = f"/api/v1/proposals/{view.row.id}"
    card: dict[str, Any] = (await client.get(path, headers=await office.bearer(who))).json()
    return card


async def test_take_back_puts_the_proposal_up_for_decision_again(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.credit()
    await decide(client, office, view, "lead", kind="approve")
    held = await card_of(client, office, view, "lead")
    assert held["canTakeBack"] == {"allowed": True, "reason": None}
    answer = await decide(client, office, view, "lead", kind="take_back")
    assert answer.status_code == 200
    proposal = answer.json()["proposal"]
    assert (proposal["decision"], proposal["execution"]) == ("pending", "none")
    assert (proposal["yourTurn"], proposal["signatures"]) == (True, [])
    card = await card_of(client, office, view, "lead")
    assert [entry["what"] for entry in card["history"]] == ["Proposed", "Approved", "Taken back"]
    assert card["canTakeBack"]["allowed"] is False
    again = await decide(client, office, view, "lead", kind="approve")
    assert again.json()["proposal"]["execution"] == "queued"


async def test_take_back_after_the_claim_is_refused_and_says_so(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.claimed()
    answer = await decide(client, office, view, "lead", kind="take_back")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_claimed")
    assert "claimed for execution" in answer.json()["detail"]
    card = await card_of(client, office, view, "lead")
    assert card["canTakeBack"] == {"allowed": False, "reason": answer.json()["detail"]}


async def test_take_back_of_another_content_is_refused(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.credit()
    await decide(client, office, view, "lead", kind="approve")
    answer = await decide(client, office, view, "lead", kind="take_back", digest="00" * 32)
    assert (answer.status_code, answer.json()["code"]) == (409, "digest_mismatch")


async def test_the_requester_withdraws_with_a_reason_and_nobody_else_of_the_team(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.credit(by="analyst")
    offered = {
        who: (await card_of(client, office, view, who))["canWithdraw"]["allowed"]
        for who in ("analyst", "admin", "lead", "viewer")
    }
    assert offered == {"analyst": True, "admin": True, "lead": False, "viewer": False}
    refused = await decide(client, office, view, "lead", kind="withdraw", reason="No")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    silent = await decide(client, office, view, "analyst", kind="withdraw")
    assert (silent.status_code, silent.json()["code"]) == (422, "invalid_input")
    answer = await decide(client, office, view, "analyst", kind="withdraw", reason="Paid by cheque")
    assert answer.json()["proposal"]["decision"] == "withdrawn"
    last = (await card_of(client, office, view, "lead"))["history"][-1]
    assert (last["what"], last["detail"]) == ("Withdrawn", "Paid by cheque")
    assert last["actor"]["name"] == "analyst One"


@pytest.mark.parametrize(
    ("kind", "execution", "what"),
    [
        ("mark_done", "executed", "Marked as done"),
        ("mark_not_done", "failed", "Marked as not done"),
    ],
)
async def test_a_person_says_what_happened_and_the_card_keeps_it(
    client: httpx.AsyncClient,
    office: Office,
    proposer: Proposer,
    *,
    kind: str,
    execution: str,
    what: str,
) -> None:
    view = await proposer.unknown()
    assert (await card_of(client, office, view, "lead"))["canResolve"]["allowed"] is True
    own = (await card_of(client, office, view, "analyst"))["canResolve"]
    assert own["allowed"] is False
    assert "somebody else" in own["reason"]
    answer = await settle(
        client, office, view, "lead", kind=kind, reason="Stripe's support said so"
    )
    assert answer.status_code == 200
    assert answer.json()["proposal"]["execution"] == execution
    card = await card_of(client, office, view, "lead")
    said = card["resolution"]
    assert (said["kind"], said["by"]["name"]) == (kind, "lead One")
    assert said["reason"] == "Stripe's support said so"
    last = card["history"][-1]
    assert (last["what"], last["detail"]) == (what, "Stripe's support said so")


async def test_reading_back_finds_what_was_done_or_says_that_it_found_nothing(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    lost, nothing = await proposer.unknown(sent=True), await proposer.unknown()
    found = await settle(client, office, lost, "lead", kind="check_again")
    assert found.json()["proposal"]["execution"] == "executed"
    again = await settle(client, office, nothing, "lead", kind="check_again")
    assert again.status_code == 200
    assert again.json()["proposal"]["execution"] == "unknown"
    assert "no trace" in again.json()["message"]
    last = (await card_of(client, office, nothing, "lead"))["history"][-1]
    assert (last["what"], last["detail"]) == ("Read back", again.json()["message"])


@pytest.mark.parametrize(
    ("who", "body", "status", "code"),
    [
        ("analyst", {"kind": "mark_done", "reason": "I know"}, 403, "own_request"),
        ("viewer", {"kind": "check_again"}, 403, "permission_denied"),
        ("outsider", {"kind": "check_again"}, 404, "proposal_not_found"),
        ("lead", {"kind": "mark_done"}, 422, "invalid_input"),
        ("lead", {"kind": "send_again"}, 422, "invalid_input"),
        ("lead", {"kind": "check_again", "digest": "00"}, 422, "invalid_body"),
    ],
)
async def test_what_makes_no_sense_of_an_unknown_effect_changes_nothing(
    client: httpx.AsyncClient,
    office: Office,
    proposer: Proposer,
    *,
    who: str,
    body: dict[str, str],
    status: int,
    code: str,
) -> None:
    view = await proposer.unknown()
    answer = await settle(client, office, view, who, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    stands = await effects.stands(office.database, office.context, ProposalId(view.row.id))
    assert stands.execution == "unknown"


async def test_an_outcome_that_is_known_cannot_be_said(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.credit()
    answer = await settle(client, office, view, "lead", kind="mark_done", reason="I know")
    assert (answer.status_code, answer.json()["code"]) == (409, "outcome_known")
