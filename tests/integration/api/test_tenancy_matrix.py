"""Every protected route met by nobody, by another or a suspended organization, without the right, and with it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from litestar import Litestar

from backend.api import guards
from backend.connectors.webhook_models import InboundEvent
from backend.core.clock import now
from backend.core.ids import new_uuid
from backend.core.settings import Settings
from backend.proposals import saved_views
from tenancy import apikeys, invitations
from tenancy.auditing.reading import Wanted, newest
from tenancy.members import add_member, add_user
from tenancy.new_passwords import Outlet
from tenancy.organizations import resume, suspend
from tenancy.permissions import Right, Role
from tenancy.roles import create_role
from tenancy.session import tenant
from tenancy.signed_in import sessions_of
from tenancy.system_roles import SYSTEM_ROLES
from tenancy.teams import create_team
from tests.fixtures.people import PASSWORD, ROLES, Office
from tests.fixtures.proposals import Proposer
from tests.integration.api.routes import CASES, Case
from tests.waiting import eventually

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
        return await client.request(case.method, f"{path}?{case.query}", headers=headers, json=body)


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


async def saved_view(office: Office) -> UUID:
    lead = await office.principal("lead")
    wanted = saved_views.Wanted(name="Mine", filter={}, sort="-risk", columns=[], team_id=None)
    async with tenant(office.database, lead.tenant) as session:
        return (await saved_views.save(session, lead, wanted)).row.id


async def newest_act(office: Office) -> UUID:
    async with tenant(office.database, office.context) as session:
        [told] = await newest(session, Wanted(), before=None, limit=1)
    return told.event.id


async def browser_of(office: Office, who: str) -> UUID:
    await office.cookie(who)
    found = await sessions_of(office.database, await office.principal(who))
    return next(one.id for one in found if one.org_id == office.org_id)


async def api_key(office: Office, who: str) -> UUID:
    principal = await office.principal(who)
    wanted = apikeys.Wanted("Nightly report", ("proposals:read:team",))
    async with tenant(office.database, principal.tenant) as session:
        return (await apikeys.create_api_key(session, principal, wanted)).key.id


async def own_role(office: Office) -> UUID:
    admin = await office.principal("admin")
    async with tenant(office.database, admin.tenant) as session:
        return await create_role(session, admin, "Reader", ["runs:read:org"])


async def invitation(office: Office) -> UUID:
    outlet = Outlet(office.settings.keys, "http://127.0.0.1:8080")
    wanted = invitations.Wanted(f"{new_uuid()}@people.example", Role.VIEWER)
    async with tenant(office.database, office.context) as session:
        return (await invitations.invite(session, outlet, None, wanted)).id


async def newcomers(office: Office) -> dict[str, str]:
    email = f"{new_uuid()}@people.example"
    user_id = await add_user(office.database, email=email, name="Ada", password=PASSWORD)
    async with tenant(office.database, office.context) as session:
        await add_member(session, user_id, Role.VIEWER, None)
        team = await create_team(session, "Collections")
    return {"member": str(user_id), "team": str(team)}


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
        "view": str(await saved_view(office)),
        "role": str(await own_role(office)),
        "session": str(await browser_of(office, "lead")),
        "api_key": str(await api_key(office, "lead")),
        **await newcomers(office),
        "audit_entry": str(await newest_act(office)),
        "invitation": str(await invitation(office)),
        "revoked": str(await invitation(office)),
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


async def test_with_a_token_that_is_over_every_route_answers_401(
    client: httpx.AsyncClient, objects: Objects, office: Office, settings: Settings
) -> None:
    key = OctKey.import_key(settings.keys.derive("access tokens"))
    claims = jwt.decode((await office.tokens("admin")).access, key).claims
    late = jwt.encode({"alg": "HS256"}, claims | {"exp": int(now().timestamp()) - 60}, key)
    revoked, other = await office.bearer("admin"), await office.bearer("admin")
    await client.post("/api/v1/me/sessions/revoke-others", headers=other)
    for headers in ({"Authorization": f"Bearer {late}"}, revoked):
        for case in CASES:

            async def ask(
                case: Case = case, headers: dict[str, str] = headers
            ) -> httpx.Response | None:
                answer = await objects.call(client, case, headers)
                return None if answer.status_code == 429 else answer

            answer = await eventually(ask, f"an answer to {case}")
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), case


async def test_an_object_of_another_organization_is_404(
    client: httpx.AsyncClient, objects: Objects, stranger: Office
) -> None:
    headers = await stranger.bearer("admin")
    for case in CASES:
        if case.of is not None:
            answer = await objects.call(client, case, headers)
            assert answer.status_code == 404, case
            assert objects.ids[case.of] not in answer.text


async def test_in_a_suspended_organization_nothing_answers_but_where_one_is(
    client: httpx.AsyncClient, office: Office
) -> None:
    """Before anything is looked up: the ids are nobody's."""
    nobody: Mapping[str, str] = defaultdict(lambda: str(new_uuid()))
    objects = Objects(nobody, nobody)
    lead = await office.principal("lead")
    wanted = apikeys.Wanted("Nightly report", ("proposals:read:team",))
    async with tenant(office.database, lead.tenant) as session:
        key = (await apikeys.create_api_key(session, lead, wanted)).token
    ways = [await office.bearer("admin"), await office.cookie("admin")]
    ways.append({"Authorization": f"Bearer {key}"})
    await suspend(office.database, office.slug, "unpaid")
    for case in CASES:
        for headers in ways:
            answer = await objects.call(client, case, headers)
            if (case.method, case.path) == ("GET", "/api/v1/me"):
                assert answer.json()["organization"]["status"] == "suspended"
            else:
                refused = (answer.status_code, answer.json()["code"])
                assert refused == (403, "organization_suspended"), case
    await resume(office.database, office.slug)
    for headers in ways:
        answer = await client.get("/api/v1/proposals", headers=headers)
        assert answer.status_code == 200


async def test_without_the_right_the_answer_is_403_and_names_it(
    client: httpx.AsyncClient, objects: Objects, office: Office
) -> None:
    for case in CASES:
        without = [
            who for who, role in ROLES.items() if case.right not in SYSTEM_ROLES[role].grants
        ]
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
        Right.ANALYTICS_READ,
    }
    assert all(everybody <= set(SYSTEM_ROLES[role].grants) for role in Role)
    assert {case.right for case in CASES} - everybody == {
        None,
        Right.RUNS_CREATE,
        Right.RUNS_UPDATE,
        Right.CONNECTORS_UPDATE,
        Right.PLAYBOOKS_UPDATE,
        Right.PROPOSALS_APPROVE,
        Right.AUDIT_LOGS_READ,
        Right.AUDIT_LOGS_EXPORT,
        Right.BILLING_READ,
        Right.BILLING_UPDATE,
        Right.API_KEYS_READ,
        Right.API_KEYS_CREATE,
        Right.API_KEYS_DELETE,
        Right.SETTINGS_READ,
        Right.SETTINGS_UPDATE,
        Right.SETTINGS_ADMIN,
        Right.USERS_CREATE,
        Right.USERS_READ,
        Right.USERS_UPDATE,
        Right.USERS_DELETE,
    }


async def test_with_the_right_every_route_does_its_work(
    client: httpx.AsyncClient, objects: Objects, office: Office
) -> None:
    for case in CASES:
        if case.path not in STREAMS:
            answer = await objects.call(client, case, await office.bearer(case.by))
            assert answer.status_code == case.status, (case, answer.text)
