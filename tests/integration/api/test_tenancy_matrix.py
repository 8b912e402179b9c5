"""Every protected route met by nobody, by another organization, without the right, and with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from backend.api import guards
from backend.connectors.webhook_models import InboundEvent
from backend.core.clock import now
from backend.core.ids import new_uuid
from tenancy.permissions import ROLE_GRANTS, Right, Role
from tenancy.session import tenant
from tests.fixtures.people import ROLES, Office
from tests.fixtures.proposals import Proposer
from tests.waiting import eventually

CREDIT = {"reason": "product_unsatisfactory", "memo": "Scratched boards"}


@dataclass(frozen=True)
class Case:
    """``of`` names the object in the path, ``status`` is what ``by``, who has the right, gets."""

    method: str
    path: str
    right: Right | None
    status: int = 200
    of: str | None = None
    body: Mapping[str, object] | None = None
    by: str = "lead"


CASES = [
    Case("GET", "/api/v1/me", None),
    Case("GET", "/api/v1/playbooks", Right.PLAYBOOKS_READ),
    Case("POST", "/api/v1/playbooks/{playbook_id:uuid}/runs", Right.RUNS_CREATE, 202, "playbook"),
    Case(
        "GET",
        "/api/v1/playbooks/{playbook_id:uuid}/triggers",
        Right.PLAYBOOKS_READ,
        of="playbook",
    ),
    Case(
        "PUT",
        "/api/v1/playbooks/{playbook_id:uuid}/triggers/{kind:str}",
        Right.PLAYBOOKS_UPDATE,
        of="playbook",
        body={"enabled": True},
    ),
    Case("GET", "/api/v1/runs", Right.RUNS_READ),
    Case("GET", "/api/v1/runs/{run_id:uuid}", Right.RUNS_READ, of="run"),
    Case("GET", "/api/v1/runs/{run_id:uuid}/trace", Right.RUNS_READ, of="run"),
    Case(
        "POST",
        "/api/v1/runs/{run_id:uuid}/cancel",
        Right.RUNS_UPDATE,
        of="spare_run",
        body={"reason": "The wrong playbook"},
    ),
    Case(
        "POST",
        "/api/v1/runs/{run_id:uuid}/terminate",
        Right.RUNS_UPDATE,
        of="other_run",
        body={"reason": "It does not react"},
    ),
    Case("GET", "/api/v1/proposals", Right.PROPOSALS_READ),
    Case("GET", "/api/v1/proposals/{proposal_id:uuid}", Right.PROPOSALS_READ, of="proposal"),
    Case(
        "GET",
        "/api/v1/proposals/{proposal_id:uuid}/receivers",
        Right.PROPOSALS_APPROVE,
        of="proposal",
    ),
    Case(
        "POST",
        "/api/v1/proposals/{proposal_id:uuid}/questions",
        Right.PROPOSALS_APPROVE,
        201,
        "proposal",
        {"text": "Has the customer been called?"},
    ),
    Case(
        "POST",
        "/api/v1/proposals/{proposal_id:uuid}/comments",
        Right.PROPOSALS_APPROVE,
        201,
        "proposal",
        {"text": "I have called the customer"},
    ),
    Case(
        "POST",
        "/api/v1/proposals/{proposal_id:uuid}/revisions",
        Right.PROPOSALS_APPROVE,
        of="credit",
        body={"digest": "", "reason": "Half of it", "parameters": {**CREDIT, "amount": 2_500}},
    ),
    Case(
        "POST",
        "/api/v1/proposals/{proposal_id:uuid}/undo",
        Right.PROPOSALS_APPROVE,
        202,
        "executed",
        {"reason": "The wrong invoice"},
    ),
    Case(
        "POST",
        "/api/v1/proposals/{proposal_id:uuid}/decisions",
        Right.PROPOSALS_APPROVE,
        of="proposal",
        body={"kind": "reject", "digest": "", "reason": "Paid by cheque"},
    ),
    Case(
        "POST",
        "/api/v1/proposals/{proposal_id:uuid}/effect",
        Right.PROPOSALS_APPROVE,
        of="unknown",
        body={"kind": "mark_not_done", "reason": "Nothing is there"},
    ),
    Case(
        "PUT",
        "/api/v1/connections/{connection_id:uuid}/webhook-secrets",
        Right.CONNECTORS_UPDATE,
        of="connection",
        body={"secrets": ["whsec_matrix_0123456789"]},
        by="admin",
    ),
    Case(
        "GET",
        "/api/v1/connections/{connection_id:uuid}/events",
        Right.CONNECTORS_READ,
        of="connection",
        by="admin",
    ),
    Case(
        "POST",
        "/api/v1/connections/{connection_id:uuid}/events/{event_id:uuid}/replay",
        Right.CONNECTORS_UPDATE,
        202,
        "connection",
        by="admin",
    ),
    Case("GET", "/api/v1/budget", Right.BILLING_READ, by="admin"),
    Case(
        "PUT",
        "/api/v1/budget",
        Right.BILLING_UPDATE,
        body={"tokens": 1_000_000, "microUsd": None},
        by="admin",
    ),
    Case("GET", "/api/v1/model-keys", Right.SETTINGS_READ),
    Case(
        "PUT",
        "/api/v1/model-keys/{provider:str}",
        Right.SETTINGS_ADMIN,
        body={"key": "sk-matrix-0123456789"},
        by="admin",
    ),
    Case("DELETE", "/api/v1/model-keys/{provider:str}", Right.SETTINGS_ADMIN, by="admin"),
    Case("GET", "/api/v1/events", None),
]
STREAMS = {"/api/v1/events"}


@dataclass(frozen=True)
class Objects:
    """One of each kind, all in the same organization."""

    ids: Mapping[str, str]
    digests: Mapping[str, str]

    async def call(
        self, client: httpx.AsyncClient, case: Case, headers: Mapping[str, str]
    ) -> httpx.Response:
        path = case.path.replace("{provider:str}", "openai").replace("{kind:str}", "schedule")
        path = path.replace("{event_id:uuid}", self.ids["event"])
        if case.of is not None:
            path = path[: path.index("{")] + self.ids[case.of] + path[path.index("}") + 1 :]
        body = case.body
        if body is not None and "digest" in body:
            body = {**body, "digest": self.digests[case.of or ""]}
        return await client.request(case.method, path, headers=headers, json=body)


async def inbound_event(proposer: Proposer) -> UUID:
    org_id, event_id = proposer.office.org_id, new_uuid()
    async with tenant(proposer.office.database, proposer.office.context) as session:
        event = InboundEvent(
            org_id=org_id,
            id=event_id,
            connection_id=proposer.connection_id,
            source_event_id="evt_1",
            kind="invoice.paid",
            occurred_at=now(),
            body=b"sealed",
            state="failed",
        )
        session.add(event)
    return event_id


@pytest.fixture
async def objects(proposer: Proposer, office: Office) -> Objects:
    view = await proposer.propose()
    unknown, credit = await proposer.unknown(), await proposer.credit()
    ids = {
        "credit": str(credit.row.id),
        "executed": str((await proposer.executed()).row.id),
        "playbook": str(office.playbook.id),
        "proposal": str(view.row.id),
        "unknown": str(unknown.row.id),
        "run": str(view.row.run_id),
        "connection": str(proposer.connection_id),
        "event": str(await inbound_event(proposer)),
        "spare_run": str(await proposer.run()),
        "other_run": str(await proposer.run()),
    }
    digests = {"proposal": view.row.digest, "credit": credit.row.digest}
    return Objects(ids, digests)


def test_matrix_lists_every_protected_route(app: Litestar) -> None:
    protected = {
        (method, route.path, handler.opt.get(guards.RIGHT))
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in handler.http_methods - {"OPTIONS"}
        if not handler.opt.get(guards.PUBLIC)
    }
    assert protected == {(case.method, case.path, case.right) for case in CASES}


async def test_without_a_person_every_route_answers_401(
    client: httpx.AsyncClient, objects: Objects
) -> None:
    for case in CASES:

        async def ask(case: Case = case) -> httpx.Response | None:
            answer = await objects.call(client, case, {})
            return None if answer.status_code == 429 else answer  # strangers may not ask so often

        answer = await eventually(ask, f"an answer to {case}")
        assert answer.status_code == 401, case
        assert answer.json()["code"] == "unauthenticated"
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_object_of_another_organization_is_404(
    client: httpx.AsyncClient, objects: Objects, stranger: Office
) -> None:
    headers = await stranger.bearer("admin")
    for case in CASES:
        if case.of is not None:
            answer = await objects.call(client, case, headers)
            assert answer.status_code == 404, case
            assert objects.ids[case.of] not in answer.text


async def test_without_the_right_the_answer_is_403_and_names_it(
    client: httpx.AsyncClient, objects: Objects, office: Office
) -> None:
    for case in CASES:
        without = [who for who, role in ROLES.items() if case.right not in ROLE_GRANTS[role]]
        if case.right is not None and without:
            answer = await objects.call(client, case, await office.bearer(without[0]))
            assert answer.status_code == 403, case
            assert answer.json()["permission"] == case.right


def test_rights_that_no_test_can_be_without_are_those_of_every_role() -> None:
    everybody = {
        Right.CONNECTORS_READ,
        Right.PLAYBOOKS_READ,
        Right.RUNS_READ,
        Right.PROPOSALS_READ,
    }
    assert all(everybody <= set(ROLE_GRANTS[role]) for role in Role)
    assert {case.right for case in CASES} - everybody == {
        None,
        Right.RUNS_CREATE,
        Right.RUNS_UPDATE,
        Right.CONNECTORS_UPDATE,
        Right.PLAYBOOKS_UPDATE,
        Right.PROPOSALS_APPROVE,
        Right.BILLING_READ,
        Right.BILLING_UPDATE,
        Right.SETTINGS_READ,
        Right.SETTINGS_ADMIN,
    }


async def test_with_the_right_every_route_does_its_work(
    client: httpx.AsyncClient, objects: Objects, office: Office
) -> None:
    for case in CASES:
        if case.path not in STREAMS:
            answer = await objects.call(client, case, await office.bearer(case.by))
            assert answer.status_code == case.status, (case, answer.text)
