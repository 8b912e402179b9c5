"""The audit over REST: who reads it, how it is narrowed and paged, and its three files."""

import csv
import io
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InmemoryTree
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core import db
from backend.core.settings import Settings
from backend.runs.models import RunRow
from tenancy.audit import AuditAction
from tenancy.auditing.sealing import checkpoint, seal
from tenancy.auditing.verifying import verify
from tenancy.changes import Change, record
from tenancy.session import tenant
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer
from tests.merkle_proofs import is_consistent

AUDIT = "/api/v1/audit"
EXPORT = f"{AUDIT}/export"


@pytest.fixture
async def sealer(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = db.sealer(settings.database)
    yield engine
    await engine.dispose()


async def act(office: Office, who: str, action: AuditAction, **details: object) -> None:
    principal = await office.principal(who)
    async with tenant(office.database, principal.tenant) as session:
        record(session, Change(principal.user_id, audit=action, details=details))


async def listed(
    client: httpx.AsyncClient, headers: Mapping[str, str], **query: str | list[str]
) -> list[Mapping[str, Any]]:
    answer = await client.get(AUDIT, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_audit_when_read_then_newest_first_with_who_did_what(
    client: httpx.AsyncClient, office: Office, sealer: AsyncEngine
) -> None:
    await act(office, "analyst", AuditAction.USER_RENAMED, was="Ada", now="Äda")
    headers = await office.bearer("lead")
    while await seal(sealer, office.settings.database.audit):
        pass
    await act(office, "admin", AuditAction.BUDGET_CHANGED, tokens=5)
    newest, issued, renamed, *_ = await listed(client, headers)
    assert (newest["action"], newest["seq"]) == ("budget.changed", None)
    assert issued["action"] == "token.issued"
    assert issued["seq"] == renamed["seq"] + 1
    assert renamed["actor"]["name"] == "analyst One"
    assert renamed["details"] == {"was": "Ada", "now": "Äda"}
    assert renamed["subjectId"] == str(office.people["analyst"])
    assert renamed["channel"] == "rest"
    [created] = await listed(client, headers, action="organization.created")
    assert created["actor"] is None


async def test_act_when_listed_then_it_says_to_what_it_was_done_as_far_as_the_reader_may_read_that(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    made = {who: (await proposer.propose(by=who)).row for who in ("analyst", "outsider")}
    await act(office, "admin", AuditAction.USER_RENAMED)
    for who, readable in (("admin", ("analyst", "outsider")), ("lead", ("analyst",))):
        headers = await office.bearer(who)
        acts = await listed(client, headers, action=["proposal.created", "run.requested"])
        about = {one["subjectId"]: one["about"] for one in acts}
        for by, row in made.items():
            known = by in readable
            assert about[str(row.id)] == (row.sentence if known else None), (who, by)
            run = about.get(str(row.run_id)) or about[str(await parent_of(office, row.run_id))]
            assert run == (office.playbook.name if known else None), (who, by)
    [renamed] = await listed(client, headers, action="user.renamed")
    assert renamed["about"] == "admin One"


async def parent_of(office: Office, run_id: UUID) -> UUID | None:
    async with tenant(office.database, office.context) as session:
        return await session.scalar(select(RunRow.parent_run_id).where(RunRow.id == run_id))


async def test_audit_when_narrowed_then_only_what_was_asked_for(
    client: httpx.AsyncClient, office: Office
) -> None:
    for who in ("analyst", "admin"):
        await act(office, who, AuditAction.BUDGET_CHANGED, note=f"50%_of {who}")
    headers = await office.bearer("lead")
    analyst, admin = str(office.people["analyst"]), str(office.people["admin"])
    changed = ["budget.changed", "view.saved"]
    [first, second] = await listed(client, headers, action=changed)
    for query, expected in (
        ({"actor": analyst}, [second]),
        ({"subject": admin}, [first]),
        ({"from": first["at"]}, [first]),
        ({"to": first["at"]}, [second]),
        ({"q": "50%_OF"}, [first, second]),
        ({"q": "50%_of ANALYST"}, [second]),
        ({"q": "50__of"}, []),
    ):
        assert await listed(client, headers, action=changed, **query) == expected, query


async def test_audit_when_paged_then_nothing_twice_and_nothing_left_out(
    client: httpx.AsyncClient, office: Office
) -> None:
    for number in range(7):
        await act(office, "admin", AuditAction.BUDGET_CHANGED, number=number)
    headers, seen, cursor = await office.bearer("lead"), [], None
    while True:
        query = {"limit": "3", "action": "budget.changed"} | ({"cursor": cursor} if cursor else {})
        answer = (await client.get(AUDIT, headers=headers, params=query)).json()
        seen += [one["details"]["number"] for one in answer["items"]]
        cursor = answer["nextCursor"]
        if cursor is None:
            break
    assert seen == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("action=budget.burnt", "action"),
        ("from=yesterday", "from"),
        ("to=2026", "to"),
        ("q=a%00", "q"),
    ],
)
async def test_audit_when_a_filter_makes_no_sense_then_it_is_named(
    client: httpx.AsyncClient, office: Office, query: str, field: str
) -> None:
    headers = await office.bearer("admin")
    for path in (f"{AUDIT}?{query}", f"{EXPORT}?format=csv&{query}"):
        answer = await client.get(path, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field


async def test_audit_of_another_organization_is_not_there(
    client: httpx.AsyncClient, office: Office, stranger: Office
) -> None:
    await act(office, "admin", AuditAction.BUDGET_CHANGED, secret="of the office")
    headers = await stranger.bearer("admin")
    assert await listed(client, headers, action="budget.changed") == []
    for kind in ("json", "csv", "ndjson"):
        answer = await client.get(f"{EXPORT}?format={kind}", headers=headers)
        assert "of the office" not in answer.text


async def test_export_when_json_or_csv_then_all_that_is_wanted_of_any_length(
    client: httpx.AsyncClient, office: Office
) -> None:
    async with tenant(office.database, office.context) as session:
        for number in range(1_100):
            note = "=cmd|'/c calc'" if number == 3 else f'"quoted", line\n{number}'
            details = {"number": number, "note": note}
            change = Change(office.org_id, audit=AuditAction.BUDGET_CHANGED, details=details)
            record(session, change)
    await act(office, "admin", AuditAction.VIEW_SAVED)
    headers = await office.bearer("admin")
    query = "action=budget.changed"
    answer = await client.get(f"{EXPORT}?format=json&{query}", headers=headers)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"].endswith('.json"')
    numbers = [one["details"]["number"] for one in answer.json()]
    assert sorted(numbers) == list(range(1_100))
    answer = await client.get(f"{EXPORT}?format=csv&{query}", headers=headers)
    assert answer.content.startswith(b"\xef\xbb\xbf")
    titles, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    at = titles.index("Details")
    assert [json.loads(row[at])["number"] for row in rows] == numbers
    nothing = await client.get(f"{EXPORT}?format=json&action=effect.failed", headers=headers)
    assert nothing.json() == []


async def test_export_when_ndjson_then_the_verifier_proves_it_and_filters_are_refused(
    client: httpx.AsyncClient, office: Office, sealer: AsyncEngine
) -> None:
    keys = office.settings.database.audit
    for number in range(3):
        await act(office, "admin", AuditAction.BUDGET_CHANGED, number=number, share=0.1)
    headers = await office.bearer("admin")
    while await seal(sealer, keys):
        pass
    await checkpoint(sealer, keys)
    answer = await client.get(f"{EXPORT}?format=ndjson", headers=headers)
    assert answer.headers["content-type"] == "application/x-ndjson"
    report = verify(answer.content.splitlines(keepends=True), keys)
    assert (report.problems, report.checkpoints) == ((), 1)
    assert report.events > 3
    answer = await client.get(f"{EXPORT}?format=ndjson&q=budget", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "format"


async def test_proofs_when_checkpoints_were_made_then_pymerkle_agrees_and_the_signature_fits(
    client: httpx.AsyncClient, office: Office, sealer: AsyncEngine
) -> None:
    keys, headers = office.settings.database.audit, await office.bearer("lead")
    for _ in range(2):
        for number in range(6):
            await act(office, "admin", AuditAction.BUDGET_CHANGED, number=number)
        while await seal(sealer, keys):
            pass
        await checkpoint(sealer, keys)
    answer = await client.get(f"{AUDIT}/checkpoints", headers=headers)
    newer, older = answer.json()["items"]
    assert newer["size"] == older["size"] + 6
    tree, rows = InmemoryTree(algorithm="sha256"), await listed(client, headers, limit="200")
    for row in reversed(rows):
        proof = (await client.get(f"{AUDIT}/{row['id']}/inclusion", headers=headers)).json()
        assert proof["seq"] == tree.append_entry(bytes.fromhex(proof["leaf"]))
    assert tree.get_root(older["size"]).hex() == older["root"]
    assert tree.get_root().hex() == newer["root"]
    own = tree.prove_inclusion(newer["size"])
    assert [proof["leaf"], *proof["path"]][1:] == [node.hex() for node in own.path[1:]]
    query = {"first": older["size"], "second": newer["size"]}
    answer = await client.get(f"{AUDIT}/consistency", headers=headers, params=query)
    path = [bytes.fromhex(node) for node in answer.json()["path"]]
    old, new = (bytes.fromhex(one["root"]) for one in (older, newer))
    assert is_consistent(older["size"], newer["size"], old, new, path)
    told = ("checkpoint", str(office.org_id), str(newer["size"]), newer["root"], newer["at"])
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(newer["publicKey"]))
    public.verify(bytes.fromhex(newer["signature"]), "\n".join(told).encode())


async def test_proofs_when_there_is_nothing_to_prove_then_says_why(
    client: httpx.AsyncClient, office: Office
) -> None:
    await act(office, "admin", AuditAction.BUDGET_CHANGED)
    headers = await office.bearer("lead")
    [entry] = await listed(client, headers, action="budget.changed")
    for path, status, code in (
        (f"{entry['id']}/inclusion", 409, "not_signed_yet"),
        (f"{entry['subjectId']}/inclusion", 404, "audit_entry_not_found"),
        ("consistency?first=1&second=2", 404, "checkpoint_not_found"),
        ("consistency?first=2&second=2", 422, "invalid_input"),
    ):
        answer = await client.get(f"{AUDIT}/{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_export_when_made_then_the_audit_knows_who_took_what(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("admin")
    await client.get(f"{EXPORT}?format=csv&action=budget.changed", headers=headers)
    [kept] = await listed(client, headers, action="audit_log.exported")
    assert kept["actor"]["id"] == str(office.people["admin"])
    assert kept["details"]["format"] == "csv"
    assert "action=budget.changed" in kept["details"]["query"]


@pytest.mark.parametrize("query", ["", "format=xml"])
async def test_export_when_the_format_is_missing_or_unknown_then_refused(
    client: httpx.AsyncClient, office: Office, query: str
) -> None:
    answer = await client.get(f"{EXPORT}?{query}", headers=await office.bearer("admin"))
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
