"""The triggers of a playbook over REST: what there is, who may switch it, and in whose name it runs."""

import httpx
import pytest
from sqlalchemy import select

from tenancy.audit import AuditAction
from tenancy.changes import WakeKind
from tenancy.models.change import AuditEvent, Outbox
from tenancy.session import system, tenant
from tests.fixtures.people import Office


def address(office: Office, kind: str = "") -> str:
    return f"/api/v1/playbooks/{office.playbook.id}/triggers{kind and '/'}{kind}"


async def switched(
    client: httpx.AsyncClient, office: Office, kind: str, *, enabled: bool, by: str = "lead"
) -> httpx.Response:
    headers = await office.bearer(by)
    return await client.put(address(office, kind), headers=headers, json={"enabled": enabled})


async def audited(office: Office) -> list[tuple[str, str]]:
    query = select(AuditEvent).where(AuditEvent.action.like("trigger.%")).order_by(AuditEvent.id)
    async with tenant(office.database, office.context) as session:
        found = (await session.scalars(query)).all()
    return [(one.action, one.details["kind"]) for one in found]


async def test_list_says_in_words_what_starts_the_playbook(
    client: httpx.AsyncClient, office: Office
) -> None:
    answer = await client.get(address(office), headers=await office.bearer("viewer"))
    assert [(i["kind"], i["description"], i["enabled"]) for i in answer.json()["items"]] == [
        ("manual", "when a person starts it", True),
        ("schedule", "on working days at 07:00 (UTC)", False),
        (
            "record_changed",
            "when invoice records change: invoice.overdue, invoice.updated",
            False,
        ),
    ]
    assert not any(item["canSwitch"] for item in answer.json()["items"])


async def test_switching_on_names_who_did_and_asks_the_engine_for_the_schedule(
    client: httpx.AsyncClient, office: Office
) -> None:
    answer = await switched(client, office, "schedule", enabled=True)
    assert answer.status_code == 200
    assert answer.json()["enabled"]
    assert answer.json()["enabledBy"]["id"] == str(office.people["lead"])
    async with system(office.database) as session:
        asked = await session.scalars(select(Outbox.kind).where(Outbox.org_id == office.org_id))
    assert list(asked) == [WakeKind.APPLY_SCHEDULE]
    listed = await client.get(address(office), headers=await office.bearer("lead"))
    [_, schedule, _] = listed.json()["items"]
    assert (schedule["enabled"], schedule["nextRunAt"]) == (True, None)  # no engine here
    assert await audited(office) == [(AuditAction.TRIGGER_ENABLED, "schedule")]


async def test_switching_again_changes_nothing_and_off_is_audited(
    client: httpx.AsyncClient, office: Office
) -> None:
    for _ in range(2):
        await switched(client, office, "record_changed", enabled=True)
    again = await switched(client, office, "record_changed", enabled=True, by="admin")
    assert again.json()["enabledBy"]["id"] == str(office.people["lead"])
    off = await switched(client, office, "record_changed", enabled=False, by="admin")
    assert (off.json()["enabled"], off.json()["offReason"]) == (False, None)
    assert await audited(office) == [
        (AuditAction.TRIGGER_ENABLED, "record_changed"),
        (AuditAction.TRIGGER_DISABLED, "record_changed"),
    ]


async def test_same_key_is_answered_again_without_switching(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = {**await office.bearer("lead"), "Idempotency-Key": "on-1"}
    first = await client.put(address(office, "schedule"), headers=headers, json={"enabled": True})
    await switched(client, office, "schedule", enabled=False)
    again = await client.put(address(office, "schedule"), headers=headers, json={"enabled": True})
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    listed = await client.get(address(office), headers=await office.bearer("lead"))
    assert not listed.json()["items"][1]["enabled"]


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("manual", 422, "invalid_input"), ("at_full_moon", 404, "trigger_not_found")],
)
async def test_what_is_no_switch_is_refused(
    client: httpx.AsyncClient, office: Office, kind: str, status: int, code: str
) -> None:
    answer = await switched(client, office, kind, enabled=True)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
