"""The playbook *Duplicate customers*: every planted pair is proposed once, every trap left alone, a merge is done."""

from collections import Counter

import pytest

from backend.connectors import repository as records
from backend.core.ids import RecordId
from backend.playbooks import duplicate_customers
from backend.proposals.decisions import DecisionKind
from backend.runs.service import RunInputs
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.desk import Desk, OpenDesk

pytestmark = pytest.mark.usefixtures("worker")

_DEFINITION = duplicate_customers.definition("rules:default")


async def test_run_over_a_believable_account_proposes_the_doubles_and_leaves_the_traps(
    opened: OpenDesk, seeded_key: str
) -> None:
    desk = await opened(seeded_key, _DEFINITION)
    run_id = await desk.start()
    run = await desk.finished(run_id, seconds=120)
    assert run.row.state == "completed", run.row.error
    proposed = {view.row.run_id for view in await desk.proposed(run_id)}
    seen = Counter[tuple[str, bool]]()
    for child in await desk.children(run_id):
        assert child.row.subject_kind == "customer"
        assert child.row.subject_id is not None
        async with tenant(desk.database, desk.context) as session:
            kept = await records.customer(session, RecordId(child.row.subject_id))
        seen[kept.customer.custom_fields["case"], child.row.id in proposed] += 1
        assert child.row.error is None
    assert seen[("duplicate_customer", True)] == 4
    assert seen[("duplicate_customer_trap", False)] >= 2
    assert set(seen) == {("duplicate_customer", True), ("duplicate_customer_trap", False)}
    number = run.counts.candidates
    assert (run.row.outcome or "").startswith(f"{number} pairs of customers looked at: 4 proposals")


async def test_merge_when_approved_then_the_surviving_customer_has_what_it_lacked(
    opened: OpenDesk, account: Account
) -> None:
    older, newer = account.doubled_customer()
    desk = await opened(definition=_DEFINITION)
    view = await desk.one_proposal()
    row = view.row
    assert (row.action, row.target_kind) == ("stripe.customer.merge_details", "customer")
    assert row.sentence == (
        f"Merge a duplicate's details into customer {older} for Quist Timber B.V."
    )
    changed = {change["label"]: (change["before"], change["after"]) for change in row.changes}
    assert changed == {
        "Phone": (None, "+31 20 1234567"),
        "Billing address": (None, "Havenstraat 12, Zwolle, NL"),
        f"Link to {newer}": (None, "linked"),
    }
    assert [item["record_id"] for item in row.evidence] == [older, newer]
    assert all(item["url"] for item in row.evidence)

    await desk.decide(view, DecisionKind.APPROVE)
    done = await desk.executed(view)

    assert done.effect is not None
    assert done.effect.vendor_object_id == older
    after = account.api.get(f"customers/{older}")
    assert (after["email"], after["phone"]) == ("pay@quist.example", "+31 20 1234567")
    assert after["metadata"][f"duplicate_{newer}"] == "linked"
    assert account.api.get(f"customers/{newer}")["phone"] == "+31 20 1234567"
    assert account.carried_out(str(done.effect.id)) == 1
    run_id = await desk.start()
    await desk.finished(run_id)
    assert await desk.children(run_id) == []


async def test_merge_when_the_customer_changed_outside_then_stale_and_nothing_runs(
    opened: OpenDesk, account: Account
) -> None:
    older, _ = account.doubled_customer()
    desk = await opened(definition=_DEFINITION)
    view = await desk.one_proposal()
    account.api.post(f"customers/{older}", {"phone": "+31 20 7654321"})

    with pytest.raises(Exception, match="changed after this was proposed"):
        await desk.decide(view, DecisionKind.APPROVE)

    stale = await desk.proposal(view)
    assert stale.row.decision == "stale"
    assert [change["label"] for change in stale.row.stale_changes] == ["Phone"]
    assert account.api.get(f"customers/{older}")["address"] is None


async def test_run_when_limited_looks_at_the_likest_pair_first(
    opened: OpenDesk, account: Account
) -> None:
    _, newer = account.doubled_customer()
    same = {"name": "Ibarra Print", "phone": "+46 8 7654321"}
    for number in range(2):
        account.api.post("customers", {**same, "email": f"box{number}@ibarra{number}.example"})
    desk = await opened(definition=_DEFINITION)
    run_id = await desk.start(RunInputs(max_pairs=1))
    await desk.finished(run_id)
    [child] = await desk.children(run_id)
    assert await _source_id(desk, child.row.subject_id) == newer


async def _source_id(desk: Desk, record_id: object) -> str:
    async with tenant(desk.database, desk.context) as session:
        kept = await records.customer(session, RecordId(record_id))  # type: ignore[arg-type]
    return kept.customer.source_id
