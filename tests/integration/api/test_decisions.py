import asyncio

import httpx
import pytest
from sqlalchemy import func, select

from backend.proposals.models import DecisionTable
from backend.proposals.views import ProposalView
from tenancy.models.change import Outbox
from tenancy.session import system, tenant
from tests.conformance.stripe.account import Account
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer


async def decide(
    client: httpx.AsyncClient,
    office: Office,
    view: ProposalView,
    who: str = "lead",
    *,
    key: str | None = None,
    **body: str,
) -> httpx.Response:
    path = f"/api/v1/proposals/{view.row.id}/decisions"
    sent = {"kind": "approve", "digest": view.row.digest, **body}
    headers = await office.bearer(who) | ({"Idempotency-Key": key} if key else {})
    return await client.post(path, json=sent, headers=headers)


async def decisions(office: Office) -> int:
    async with tenant(office.database, office.context) as session:
        return await session.scalar(select(func.count()).select_from(DecisionTable)) or 0


async def test_approval_queues_the_effect_and_wakes_the_run(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.credit()
    answer = await decide(client, office, view)
    assert answer.status_code == 200
    decision = answer.json()
    assert (decision["kind"], decision["by"]["name"]) == ("approve", "lead One")
    assert decision["liveCheck"] == "unchanged"
    proposal = decision["proposal"]
    assert (proposal["decision"], proposal["execution"]) == ("approved", "queued")
    assert (proposal["yourTurn"], len(proposal["signatures"])) == (False, 1)
    async with system(office.database) as session:
        wakes = await session.scalars(select(Outbox.subject_id).where(Outbox.kind == "wake_run"))
        assert view.row.run_id in set(wakes)


async def test_rejection_keeps_its_reason_on_the_card(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.propose()
    answer = await decide(client, office, view, kind="reject", reason="Paid by cheque")
    assert answer.json()["reason"] == "Paid by cheque"
    headers = await office.bearer("analyst")
    card = (await client.get(f"/api/v1/proposals/{view.row.id}", headers=headers)).json()
    assert (card["decision"], card["execution"]) == ("rejected", "none")
    rejected = card["history"][-1]
    assert (rejected["what"], rejected["detail"]) == ("Rejected", "Paid by cheque")
    assert rejected["actor"]["name"] == "lead One"


@pytest.mark.parametrize(
    ("who", "code"), [("analyst", "own_request"), ("outsider", None), ("viewer", None)]
)
async def test_who_may_not_decide_is_refused(
    client: httpx.AsyncClient, office: Office, proposer: Proposer, who: str, code: str | None
) -> None:
    view = await proposer.propose(by="analyst")
    answer = await decide(client, office, view, who)
    assert answer.status_code == (404 if who == "outsider" else 403)
    if code is not None:
        assert answer.json()["code"] == code
    assert await decisions(office) == 0


async def test_an_invoice_changed_outside_makes_the_approval_stale(
    client: httpx.AsyncClient, office: Office, proposer: Proposer, account: Account
) -> None:
    view = await proposer.credit()
    account.api.post(f"invoices/{view.row.target_source_id}/void")
    answer = await decide(client, office, view)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    changed = {change["path"]: change for change in answer.json()["changes"]}
    assert (changed["status"]["before"], changed["status"]["after"]) == ("open", "void")
    headers = await office.bearer("lead")
    card = (await client.get(f"/api/v1/proposals/{view.row.id}", headers=headers)).json()
    assert (card["decision"], card["execution"]) == ("stale", "none")
    assert "status" in {change["path"] for change in card["staleChanges"]}
    assert account.credit_notes(view.row.target_source_id) == []


async def test_the_second_decision_is_told_who_was_first(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.propose()
    await decide(client, office, view, "lead")
    answer = await decide(client, office, view, "admin", kind="reject", reason="No")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_decided")
    assert "lead One" in answer.json()["detail"]


async def test_of_two_decisions_at_once_one_wins(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.propose()
    answers = await asyncio.gather(
        decide(client, office, view, "lead"),
        decide(client, office, view, "admin", kind="reject", reason="No"),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await decisions(office) == 1


async def test_large_amounts_need_two_different_people(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.propose(amount=600_000)
    first = await decide(client, office, view, "lead")
    assert (first.status_code, first.json()["proposal"]["decision"]) == (200, "pending")
    again = await decide(client, office, view, "lead")
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    second = await decide(client, office, view, "admin")
    assert second.json()["proposal"]["decision"] == "approved"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"digest": "00" * 32}, 409, "digest_mismatch"),
        ({"kind": "reject"}, 422, "invalid_input"),
        ({"kind": "reject", "reason": "  "}, 422, "invalid_input"),
        ({"kind": "maybe"}, 422, "invalid_input"),
        ({"because": "so"}, 422, "invalid_body"),
    ],
)
async def test_a_decision_that_makes_no_sense_changes_nothing(
    client: httpx.AsyncClient,
    office: Office,
    proposer: Proposer,
    *,
    body: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = await decide(client, office, await proposer.propose(), **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await decisions(office) == 0


async def test_a_decision_repeated_with_its_key_is_replayed(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view, key = await proposer.propose(), "decide-once"
    answers = await asyncio.gather(*(decide(client, office, view, key=key) for _ in range(3)))
    answers.append(await decide(client, office, view, key=key))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 3
    assert await decisions(office) == 1
    other = await decide(client, office, view, key=key, kind="reject", reason="No")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")


async def test_card_says_who_else_may_sign(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.credit(by="analyst")

    async def others(who: str) -> list[str]:
        path = f"/api/v1/proposals/{view.row.id}"
        card = await client.get(path, headers=await office.bearer(who))
        policy = card.json()["policy"]
        assert policy["othersTotal"] == len(policy["others"])
        return [one["name"] for one in policy["others"]]

    assert await others("analyst") == await others("viewer") == ["admin One", "lead One"]
    assert await others("lead") == ["admin One"]
    decided = await decide(client, office, view)
    assert decided.status_code == 200, decided.text
    assert await others("analyst") == []
