"""Judges a change before it becomes a revision of a proposal: the ladder, its risk, and what the policy says to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.registry import Connectors
from backend.core.ids import ProposalId
from backend.playbooks.policy import Answer, Policy
from backend.proposals import risk
from backend.proposals.content import Content, content_of
from backend.proposals.digest import seal
from backend.proposals.matter import Matter, verdicts_on
from backend.proposals.models import ProposalTable
from backend.proposals.risk import RiskReason
from backend.proposals.terms import in_words
from backend.proposals.weighing import weigh
from backend.verification.ladder import Verdict, passed

_POLICY = "L2"


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts on a change; ``content`` and the reasons of its risk only when it passed all of them."""

    verdicts: list[Verdict]
    content: Content | None = None
    reasons: Sequence[RiskReason] = ()


async def judge(
    session: AsyncSession,
    connectors: Connectors,
    matter: Matter,
    action_name: str,
    parameters: Mapping[str, Any],
    *,
    confidence: float,
    corrections: int,
    evidence_ids: Sequence[str] = (),
    apart_from: ProposalId | None = None,
    beside: Collection[str] = (),
) -> Judged:
    """The judgement on a change of the matter's target, which was just read live. See :func:`verdicts_on`."""
    verdicts = await verdicts_on(
        session,
        connectors,
        matter,
        action_name,
        parameters,
        evidence_ids,
        apart_from=apart_from,
        beside=beside,
    )
    if not passed(verdicts):
        return Judged(verdicts)
    action = connectors.action(action_name)
    content = content_of(action, matter.subject.record, parameters)
    reasons = await weigh(
        session, action, matter, content, confidence=confidence, corrections=corrections
    )
    refused = _refused(matter.playbook.definition.policy, content, risk.score(reasons))
    if refused is not None:
        return Judged([*verdicts, refused])
    return Judged(verdicts, content, reasons)


def put_content(row: ProposalTable, content: Content, reasons: Sequence[RiskReason]) -> None:
    """Write a judged content into the row as its present revision, and seal it."""
    row.source_version = content.source_version
    row.guard = content.guard
    row.target_label = content.label
    row.party = content.party
    row.parameters = content.parameters
    row.changes = content.changes
    row.amount_minor = content.amount.minor if content.amount else None
    row.currency = content.currency
    row.sentence = content.sentence
    row.how = content.how
    row.risk_score = risk.score(reasons)
    row.risk_reasons = [asdict(reason) for reason in reasons]
    row.digest = seal(
        org_id=row.org_id,
        proposal_id=row.id,
        revision=row.revision,
        connection_id=row.connection_id,
        action=row.action,
        target_record_id=row.target_record_id,
        source_version=content.source_version,
        parameters=content.parameters,
        changes=content.changes,
    )


def _refused(policy: Policy, content: Content, score: int) -> Verdict | None:
    rule = policy.rule_for(content.amount.minor if content.amount else None, score)
    if rule.answer is not Answer.REFUSE:
        return None
    words = f"{in_words(rule, content.currency, {})} by the approval policy; the risk is {score}"
    return Verdict(_POLICY, passed=False, messages=(words,))
