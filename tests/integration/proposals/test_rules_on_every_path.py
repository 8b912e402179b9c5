"""Every rule of an approval policy on every path by which somebody decides: the answers are the same.

The paths: the service as the pages call it, REST by token, REST by a browser's session, the command line, a signature
that was given to somebody else, and time.
"""

import asyncio
import secrets
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import httpx
import pytest
from sqlalchemy import update

from backend.core.clock import now
from backend.core.errors import AppError
from backend.core.ids import ProposalId, TeamId, UserId
from backend.core.settings import process_environment
from backend.playbooks.policy import Answer, ApprovalRule, Approver, EditorSigns, Policy
from backend.proposals.decisions import DecisionInput, DecisionKind, decide
from backend.proposals.editing import EditInput, edit
from backend.proposals.models import ProposalTable
from backend.proposals.proposing import DraftRefusedError
from backend.proposals.timekeeping import keep_time
from backend.proposals.views import ProposalView
from tenancy.context import Channel
from tenancy.members import add_member, add_user
from tenancy.permissions import Role
from tenancy.session import tenant
from tests.fixtures.client import ROOT, ServerProcess
from tests.fixtures.people import PASSWORD, Office
from tests.fixtures.proposals import Proposer

SIGNED = None
Rules = Callable[[Office], Policy]
Sign = Callable[[Proposer, ProposalView, str], Awaitable[str | None]]


@dataclass(frozen=True)
class Case:
    """A policy, who tries to sign in this order with which answer, and how the proposal stands after it."""

    name: str
    policy: Rules
    tries: tuple[tuple[str, str | None], ...]
    ends: str = "approved"
    by: str = "analyst"
    edited_to: int | None = None


def one(**rule: object) -> Policy:
    return Policy(rules=(ApprovalRule(**rule),), hold_seconds=60)  # type: ignore[arg-type]


def above(limit: int) -> Policy:
    two = ApprovalRule(above_minor=limit, signatures=2)
    return Policy(rules=(two, ApprovalRule()), hold_seconds=60)


def people(office: Office, *names: str) -> tuple[Approver, ...]:
    return tuple(Approver(person=office.people[name]) for name in names)


LEADS = (Approver(role=Role.TEAM_LEAD), Approver(role=Role.ORG_ADMIN))

CASES = [
    Case(
        "the requester is barred, one other signs",
        lambda _: one(),
        (("analyst", "own_request"), ("viewer", "permission_denied"), ("lead", SIGNED)),
    ),
    Case(
        "the requester signs where the policy lets them",
        lambda _: replace(one(), requester_signs=True),
        (("lead", SIGNED),),
        by="lead",
    ),
    Case(
        "a role is named",
        lambda _: one(approvers=(Approver(role=Role.ORG_ADMIN),)),
        (("lead", "not_named"), ("outsider", "proposal_not_found"), ("admin", SIGNED)),
    ),
    Case(
        "a team is named",
        lambda office: one(approvers=(Approver(team=office.elsewhere),)),
        (("lead", "not_named"), ("admin", "not_named"), ("petra", SIGNED)),
    ),
    Case(
        "a person is named, whatever their role",
        lambda office: one(approvers=people(office, "outsider")),
        (("lead", "not_named"), ("admin", "not_named"), ("outsider", SIGNED)),
    ),
    Case(
        "two of three named people",
        lambda office: one(signatures=2, approvers=people(office, "lead", "admin", "petra")),
        (
            ("outsider", "proposal_not_found"),
            ("petra", SIGNED),
            ("petra", "already_decided"),
            ("admin", SIGNED),
            ("lead", "already_decided"),
        ),
    ),
    Case(
        "two from different teams",
        lambda _: one(signatures=2, different_teams=True, approvers=LEADS),
        (("lead", SIGNED), ("admin", "already_decided"), ("petra", SIGNED)),
    ),
    Case("above an amount", lambda _: above(4_000), (("lead", SIGNED), ("admin", SIGNED))),
    Case("not above it", lambda _: above(5_000), (("lead", SIGNED), ("admin", "already_decided"))),
    Case(
        "from a risk",
        lambda _: Policy(
            rules=(ApprovalRule(from_risk=1, signatures=2), ApprovalRule()), hold_seconds=60
        ),
        (("lead", SIGNED),),
        ends="pending",
    ),
    Case(
        "the author of an edit that lowers the amount",
        lambda _: one(),
        (("lead", SIGNED),),
        edited_to=4_000,
    ),
    Case(
        "the author of an edit that raises it",
        lambda _: one(),
        (("lead", "own_edit"), ("admin", SIGNED)),
        edited_to=6_000,
    ),
    Case(
        "no author signs an edit where the policy says so",
        lambda _: replace(one(), editor_signs=EditorSigns.NEVER),
        (("lead", "own_edit"), ("admin", SIGNED)),
        edited_to=4_000,
    ),
]


async def by_service(proposer: Proposer, view: ProposalView, who: str) -> str | None:
    principal = replace(await proposer.office.principal(who), channel=Channel.WEB)
    given = DecisionInput(DecisionKind.APPROVE, view.row.digest)
    try:
        await decide(
            proposer.office.database,
            proposer.connectors,
            principal,
            ProposalId(view.row.id),
            given,
        )
    except AppError as error:
        return error.code
    return SIGNED


async def by_token(proposer: Proposer, view: ProposalView, who: str) -> str | None:
    return await _post(proposer, view, await proposer.office.bearer(who))


async def by_browser(proposer: Proposer, view: ProposalView, who: str) -> str | None:
    return await _post(proposer, view, await proposer.office.cookie(who))


async def by_command(proposer: Proposer, view: ProposalView, who: str) -> str | None:
    """The command line says what the API says, in words; they are compared with the service's."""
    token = (await proposer.office.tokens(who)).access
    words = ["proposal", "approve", str(view.row.id), "--digest", view.row.digest[:16]]
    where = ["--url", _url(proposer), "--token", token]
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "backend.cli", *words, *where],
        cwd=ROOT,
        env=process_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode == 0:
        return SIGNED
    refused = await by_service(proposer, view, who)
    assert refused is not None, done.stderr
    return refused


async def by_gift(proposer: Proposer, view: ProposalView, who: str) -> str | None:
    """``who`` gives the signature to a member of their team whom nothing else entitles, and that one signs."""
    office = proposer.office
    principal = await office.principal(who)
    [team] = principal.team_ids
    receiver = await _newcomer(office, Role.MEMBER, team)
    given = DecisionInput(DecisionKind.DELEGATE, view.row.digest, to=receiver)
    try:
        await decide(
            office.database, proposer.connectors, principal, ProposalId(view.row.id), given
        )
    except AppError as error:
        return error.code
    named = replace(office, people={**office.people, "receiver": receiver})
    return await by_service(replace(proposer, office=named), view, "receiver")


PATHS: dict[str, Sign] = {
    "service": by_service,
    "token": by_token,
    "browser": by_browser,
    "command": by_command,
}


@pytest.fixture
async def ready(proposer: Proposer, server: ServerProcess) -> Proposer:
    """With Petra, who leads another team, and with an API that listens."""
    office = proposer.office
    petra = await _newcomer(office, Role.TEAM_LEAD, office.elsewhere)
    people = {**office.people, "petra": petra}
    settings = replace(office.settings, web=replace(office.settings.web, public_url=server.url))
    return replace(proposer, office=replace(office, people=people, settings=settings))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_rule_when_met_by_a_path_then_the_answer_is_the_same(
    ready: Proposer, case: Case, path: str
) -> None:
    view = await asked(ready, case)
    answers = [(who, await PATHS[path](ready, view, who)) for who, _ in case.tries]
    assert answers == list(case.tries)
    assert (await ready.view(ProposalId(view.row.id))).row.decision == case.ends


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_rule_when_the_signature_was_given_away_then_only_those_asked_can_give_one(
    ready: Proposer, case: Case
) -> None:
    view = await asked(ready, case)
    for who, expected in case.tries:
        answer = await by_gift(ready, view, who)
        assert (answer is SIGNED) is (expected is SIGNED), (who, answer)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_rule_when_only_time_passes_then_nothing_is_approved(
    ready: Proposer, case: Case
) -> None:
    view, office = await asked(ready, case), ready.office
    async with tenant(office.database, office.context) as session:
        await session.execute(
            update(ProposalTable).where(ProposalTable.id == view.row.id).values(due_at=now())
        )
    await keep_time(office.database, office.context, ProposalId(view.row.id))
    after = await ready.view(ProposalId(view.row.id))
    assert (after.row.decision, after.row.execution) == ("expired", "none")


async def test_policy_that_asks_nobody_approves_at_once_and_a_person_can_take_it_back(
    ready: Proposer,
) -> None:
    proposer = await ready.under(one(answer=Answer.AUTO))
    view = await proposer.credit()
    assert (view.row.decision, view.row.execution) == ("approved", "queued")
    assert (view.signatures, view.row.required_signatures) == ((), 0)
    given = DecisionInput(DecisionKind.TAKE_BACK, view.row.digest)
    lead = await proposer.office.principal("lead")
    taken = await decide(
        proposer.office.database, proposer.connectors, lead, ProposalId(view.row.id), given
    )
    assert (taken.view.row.decision, taken.view.row.required_signatures) == ("pending", 1)


async def test_policy_that_refuses_lets_nothing_be_proposed_and_says_why(ready: Proposer) -> None:
    refuse = ApprovalRule(answer=Answer.REFUSE, from_risk=1)
    proposer = await ready.under(Policy(rules=(refuse, ApprovalRule())))
    with pytest.raises(DraftRefusedError, match="Refused from a risk of 1 by the approval policy"):
        await proposer.credit()


async def asked(proposer: Proposer, case: Case) -> ProposalView:
    """The case's proposal as it waits for people."""
    under = await proposer.under(case.policy(proposer.office))
    view = await under.credit(5_000, by=case.by)
    if case.edited_to is None:
        return view
    parameters = {**view.row.parameters, "amount": case.edited_to}
    lead = await proposer.office.principal("lead")
    edited = await edit(
        proposer.office.database,
        proposer.connectors,
        lead,
        ProposalId(view.row.id),
        EditInput(view.row.digest, parameters, "Another amount"),
    )
    assert edited.view is not None
    return edited.view


async def _post(proposer: Proposer, view: ProposalView, headers: dict[str, str]) -> str | None:
    body = {"kind": "approve", "digest": view.row.digest}
    async with httpx.AsyncClient(base_url=_url(proposer)) as client:
        path = f"/api/v1/proposals/{view.row.id}/decisions"
        answer = await client.post(path, json=body, headers=headers)
    return SIGNED if answer.is_success else str(answer.json()["code"])


def _url(proposer: Proposer) -> str:
    return proposer.office.settings.web.public_url


async def _newcomer(office: Office, role: Role, team: TeamId) -> UserId:
    """Somebody new in a team."""
    email = f"new-{secrets.token_hex(6)}@people.example"
    user_id = await add_user(office.database, email=email, name="Petra", password=PASSWORD)
    async with tenant(office.database, office.context) as session:
        await add_member(session, user_id, role, team)
    return user_id
