"""Everything that a draft of a run is measured against, and what the ladder says of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import repository as records
from backend.connectors.base import Payment
from backend.connectors.records import Invoice, Record
from backend.connectors.registry import Connectors
from backend.connectors.repository import KeptCustomer, KeptRecord
from backend.core.ids import ProposalId, RunId
from backend.playbooks.service import Playbook, get_playbook
from backend.proposals import repository
from backend.proposals.evidence import Links, Subject, known_ids
from backend.proposals.memory import remember, with_our_reminders
from backend.runs.service import Run, load_run
from backend.verification import ladder
from backend.verification.ladder import Allowed, Known, Verdict


@dataclass(frozen=True, slots=True)
class Matter:
    """A run with its playbook and the record that it would change: as last synced, and as it is now."""

    run: Run
    playbook: Playbook
    kept: KeptRecord
    subject: Subject


async def load_matter(
    session: AsyncSession,
    run_id: RunId,
    live: Record,
    links: Links,
    payments: Sequence[Payment] = (),
) -> Matter:
    """The matter of a run whose target was just read ``live``, with what we remember of it counted in.

    ``payments`` are the customer's, where evidence cites them.
    """
    run = await load_run(session, run_id)
    kept = await target_of(session, run)
    playbook = await get_playbook(session, run.playbook_id, run.playbook_version)
    if isinstance(live, Invoice):
        live = with_our_reminders(live, await remember(session, kept.id))
    subject = await _subject(session, run, kept, live, links)
    return Matter(run, playbook, kept, replace(subject, payments=payments))


async def target_of(session: AsyncSession, run: Run) -> KeptRecord:
    """The record that the run would change, as the last sync saw it."""
    target_id = run.target_id or run.subject_id
    if target_id is None:
        raise LookupError(f"run {run.id} is about no record")
    return await records.record(session, run.subject_kind, target_id)


async def verdicts_on(  # noqa: PLR0917 - a change is named by three things
    session: AsyncSession,
    connectors: Connectors,
    matter: Matter,
    action_name: str,
    parameters: Mapping[str, Any],
    evidence_ids: Sequence[str],
    *,
    apart_from: ProposalId | None = None,
    beside: Collection[str] = (),
) -> list[Verdict]:
    """The ladder's verdicts on a change.

    ``apart_from`` is an open proposal on the record that does not stand in the way; ``beside`` are actions that are
    allowed beside those of the playbook, such as the inverse of one that was executed.
    """
    another = await repository.open_on_record(session, matter.kept.id, apart_from=apart_from)
    definition, subject = matter.playbook.definition, matter.subject
    return ladder.climb(
        connectors.actions.get(action_name),
        parameters,
        evidence_ids,
        Known(subject.record, {one.source_id: one for one in subject.siblings}, known_ids(subject)),
        Allowed(
            (*definition.actions, *beside),
            definition.limits,
            another.sentence if another else None,
        ),
    )


async def _subject(
    session: AsyncSession, run: Run, kept: KeptRecord, live: Record, links: Links
) -> Subject:
    customer = await records.customer(session, kept.customer_id)
    siblings: list[Record] = [
        other.invoice
        for other in await records.invoices_of(session, kept.customer_id)
        if other.id != kept.id
    ]
    if isinstance(kept, KeptCustomer) and run.subject_id is not None and run.subject_id != kept.id:
        other = await records.customer(session, run.subject_id)
        invoices = await records.invoices_of(session, other.id)
        siblings += [other.customer, *(one.invoice for one in invoices)]
    return Subject(live, customer.customer, siblings, links)
