"""Whom a change of a proposal is told, in the list and on the open stream."""

from typing import Any

import httpx
import pytest

from backend.core.ids import ProposalId, QuestionId
from backend.playbooks.policy import ApprovalRule, Approver, Policy
from backend.proposals import repository
from backend.proposals.asking import QuestionState, answer, ask
from backend.proposals.recording import announce
from backend.proposals.views import ProposalView
from tenancy.audit import AuditAction
from tenancy.permissions import Role
from tenancy.session import tenant
from tests.fixtures.client import ServerProcess
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer
from tests.fixtures.stream import listening

URL = "/api/v1/notifications"


async def told(client: httpx.AsyncClient, office: Office, who: str) -> dict[str, Any]:
    answer = await client.get(URL, headers=await office.bearer(who))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def kinds(client: httpx.AsyncClient, office: Office, who: str) -> list[str]:
    return [one["kind"] for one in (await told(client, office, who))["items"]]


async def act(
    client: httpx.AsyncClient, office: Office, view: ProposalView, who: str, **body: str
) -> None:
    url = f"/api/v1/proposals/{view.row.id}/decisions"
    given = {"digest": view.row.digest, **body}
    answer = await client.post(url, json=given, headers=await office.bearer(who))
    assert answer.status_code == 200, answer.text


async def test_a_proposal_asks_those_whose_signature_counts_and_nobody_else(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.propose(by="lead")
    [one] = (await told(client, office, "admin"))["items"]
    assert (one["kind"], one["proposalId"]) == ("asked", str(view.row.id))
    assert one["text"] == f"Your signature is asked for: {view.row.sentence}"
    assert (one["seal"], one["read"]) == ("pending", False)
    for nobody in ("lead", "analyst", "viewer", "outsider"):
        assert await kinds(client, office, nobody) == []


async def test_a_policy_that_names_people_asks_them(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    named = Approver(person=office.people["outsider"])
    policy = Policy(rules=(ApprovalRule(approvers=(named,)),))
    await (await proposer.under(policy)).propose()
    assert await kinds(client, office, "outsider") == ["asked"]
    assert await kinds(client, office, "lead") == []


async def test_who_asked_hears_of_decision_and_effect_and_who_did_it_does_not(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.executed()
    shown = (await told(client, office, "analyst"))["items"]
    assert [(one["kind"], one["seal"]) for one in shown] == [
        ("executed", "executed"),
        ("decided", "queued"),
    ]
    assert shown[1]["text"] == f"lead One approved: {view.row.sentence}"
    assert await kinds(client, office, "lead") == ["executed", "asked"]
    assert await kinds(client, office, "admin") == ["asked"]


async def test_an_unknown_outcome_a_comment_and_a_delegation_are_told(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.propose()
    await act(client, office, view, "lead", kind="delegate", to=str(office.people["outsider"]))
    assert await kinds(client, office, "outsider") == ["delegated"]
    comment = f"/api/v1/proposals/{view.row.id}/comments"
    headers = await office.bearer("lead")
    assert (await client.post(comment, json={"text": "Hm"}, headers=headers)).status_code == 201
    assert await kinds(client, office, "analyst") == ["commented"]
    await proposer.unknown()
    assert (await kinds(client, office, "analyst"))[0] == "unknown"


async def test_who_asked_back_hears_the_answer_and_the_requester_of_a_record_that_changed(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view, lead = await proposer.credit(), await office.principal("lead")
    proposal_id = ProposalId(view.row.id)
    async with tenant(office.database, lead.tenant) as session:
        question = await ask(session, lead, proposal_id, "Why so much?")
    async with tenant(office.database, office.context) as session:
        await answer(session, QuestionId(question.id), QuestionState.ANSWERED, "Scratched boards")
    assert (await kinds(client, office, "lead"))[0] == "answered"
    form = {"invoice": view.row.target_source_id, "amount": "100", "reason": "order_change"}
    proposer.account.api.post("credit_notes", form)
    url = f"/api/v1/proposals/{view.row.id}/decisions"
    body = {"kind": "approve", "digest": view.row.digest}
    refused = await client.post(url, json=body, headers=await office.bearer("lead"))
    assert (refused.status_code, refused.json()["code"]) == (409, "stale")
    assert await kinds(client, office, "analyst") == ["stale"]


async def test_reading_marks_ones_own_and_those_of_others_are_404(
    client: httpx.AsyncClient, office: Office, stranger: Office, proposer: Proposer
) -> None:
    await proposer.propose()
    await proposer.propose()
    shown = await told(client, office, "admin")
    assert shown["unread"] == 2
    one = shown["items"][0]["id"]
    for who, of in (("lead", office), ("admin", stranger)):
        answer = await client.post(f"{URL}/read", json={"ids": [one]}, headers=await of.bearer(who))
        assert answer.status_code == 404
    headers = await office.bearer("admin")
    after = (await client.post(f"{URL}/read", json={"ids": [one]}, headers=headers)).json()
    assert (after["unread"], after["items"][0]["read"]) == (1, True)
    after = (await client.post(f"{URL}/read", json={}, headers=headers)).json()
    assert after["unread"] == 0
    assert (await told(client, office, "lead"))["unread"] == 2
    assert (await told(client, stranger, "admin"))["items"] == []


async def test_a_change_that_is_rolled_back_tells_nobody(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.claimed()
    before = await kinds(client, office, "analyst")
    with pytest.raises(KeyError):
        await _ended_and_torn(proposer, view)
    assert await kinds(client, office, "analyst") == before


async def _ended_and_torn(proposer: Proposer, view: ProposalView) -> None:
    async with tenant(proposer.office.database, proposer.office.context) as session:
        row = await repository.lock(session, ProposalId(view.row.id))
        await announce(session, row, AuditAction.EFFECT_FAILED)
        raise KeyError


async def test_the_open_stream_gets_only_what_its_person_was_told(
    server: ServerProcess, office: Office, proposer: Proposer
) -> None:
    async with (
        listening(server.url, await office.bearer("lead")) as lead,
        listening(server.url, await office.cookie("viewer")) as viewer,
    ):
        view = await proposer.propose()
        heard = await lead.take(3)
        assert {one.kind for one in heard[:2]} == {"run.created", "proposal.created"}
        assert heard[2].kind == "notification.created"
        assert heard[2].data["notification"]["proposalId"] == str(view.row.id)
        assert heard[2].data["notification"]["kind"] == "asked"
        seen = await viewer.take(3)
        assert [one.kind for one in seen[:2]] == ["run.created", "proposal.created"]
        assert seen[2].kind == "run.changed"
        between = (seen[1].seq or 0) + 1
        assert (heard[2].seq, seen[2].seq) == (between, between + 1)


async def test_a_role_that_is_named_twice_is_told_once(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    both = (Approver(role=Role.TEAM_LEAD), Approver(team=office.team))
    policy = Policy(rules=(ApprovalRule(approvers=both),))
    await (await proposer.under(policy)).propose()
    assert await kinds(client, office, "lead") == ["asked"]
    assert await kinds(client, office, "analyst") == []
