"""A person asks the agent about its proposal: it answers from its tools or revises, while people go on deciding."""

import pytest

from backend.core.ids import ProposalId, RunId
from backend.core.settings import Settings
from backend.proposals.asking import Question, QuestionState, ask, questions_on
from backend.proposals.decisions import DecisionKind
from backend.proposals.views import ProposalView
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.desk import Desk
from tests.replaying import replay
from tests.waiting import eventually
from workflows.client import connect
from workflows.contracts import Process, workflow_id

pytestmark = pytest.mark.usefixtures("worker")


async def put(desk: Desk, view: ProposalView, text: str) -> Question:
    """Ask as the lead, and the answer."""
    proposal_id = ProposalId(view.row.id)
    async with tenant(desk.database, desk.lead.tenant) as session:
        asked = await ask(session, desk.lead, proposal_id, text)
    await desk.workflows.wake(desk.org_id, RunId(view.row.run_id))

    async def look() -> Question | None:
        async with tenant(desk.database, desk.context) as session:
            found = next(q for q in await questions_on(session, proposal_id) if q.id == asked.id)
        return None if found.state is QuestionState.OPEN else found

    return await eventually(look, f"an answer to {text!r}")


async def test_question_is_answered_from_the_tools_with_evidence_and_the_proposal_stays(
    desk: Desk, account: Account
) -> None:
    invoice = account.overdue_invoice()
    view = await desk.one_proposal()
    answered = await put(desk, view, "How many days overdue is it, and what is its number?")
    assert answered.state is QuestionState.ANSWERED
    assert answered.answer is not None
    assert "days overdue is" in answered.answer
    assert str(invoice["number"]) in answered.answer
    assert answered.evidence
    assert answered.evidence[0]["record_id"] == invoice["id"]
    after = await desk.proposal(view)
    assert (after.row.revision, after.row.digest) == (1, view.row.digest)
    names = [step.kind for step in await desk.steps(RunId(view.row.run_id))]
    assert "answer" in names


async def test_question_that_asks_for_less_gets_the_proposal_revised_and_that_is_carried_out(
    desk: Desk, account: Account
) -> None:
    account.contested_invoice()
    view = await desk.one_proposal()
    assert view.row.action == "stripe.credit_note.create"
    answered = await put(desk, view, "Should we not credit only 20.00 of it?")
    assert answered.state is QuestionState.REVISED
    revised = await desk.proposal(view)
    assert (revised.row.revision, revised.row.amount_minor) == (2, 2_000)
    assert revised.row.edited_by is None
    await desk.decide(revised, DecisionKind.APPROVE)
    done = await desk.executed(revised)
    [note] = account.credit_notes(done.row.target_source_id)
    assert note["amount"] == 2_000


async def test_approval_while_the_agent_answers_is_carried_out_all_the_same(
    desk: Desk, account: Account
) -> None:
    account.overdue_invoice()
    view = await desk.one_proposal()
    async with tenant(desk.database, desk.lead.tenant) as session:
        await ask(session, desk.lead, ProposalId(view.row.id), "Has it been paid?")
    await desk.workflows.wake(desk.org_id, RunId(view.row.run_id))
    await desk.decide(view, DecisionKind.APPROVE)
    done = await desk.executed(view)
    assert done.effect is not None
    assert account.carried_out(str(done.effect.id)) == 1


async def test_run_with_a_question_replays(
    desk: Desk, account: Account, settings: Settings
) -> None:
    account.overdue_invoice()
    view = await desk.one_proposal()
    await put(desk, view, "How late does this customer usually pay?")
    await desk.decide(view, DecisionKind.REJECT, reason="Call them first")
    await desk.finished(RunId(view.row.run_id))
    client = await connect(settings)
    name = workflow_id(Process.AGENT_RUN, desk.org_id, RunId(view.row.run_id))
    await replay(await client.get_workflow_handle(name).fetch_history())
