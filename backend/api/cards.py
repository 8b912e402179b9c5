"""Gathers what a logic card shows, in one transaction."""

from backend.api.presenting.cards import CardParts, card
from backend.api.presenting.proposals import ProposalPresenter
from backend.connectors import repository as records
from backend.core.db import Database
from backend.core.ids import ConnectionId, PlaybookId, ProposalId
from backend.playbooks.service import get_playbook
from backend.proposals import repository
from backend.proposals.asking import questions_on
from backend.proposals.signers import signers_of
from backend.proposals.terms import people_in
from backend.proposals.undoing import cannot_undo, open_undo
from backend.runs.repository import by_ids
from backend.schemas.proposals import ProposalCard
from tenancy.context import Principal
from tenancy.history import history_of
from tenancy.members import names_of
from tenancy.permissions import Right, authorize
from tenancy.session import tenant


async def read_card(
    database: Database, presenter: ProposalPresenter, principal: Principal, proposal_id: ProposalId
) -> ProposalCard:
    """The card as this person sees it. Needs ``proposals:read``; out of reach is not found."""
    reach = authorize(principal, Right.PROPOSALS_READ)
    async with tenant(database, principal.tenant) as session:
        view = await repository.get(session, reach, proposal_id)
        row = view.row
        runs = await by_ids(session, [row.run_id])
        connection = await records.connection(session, ConnectionId(row.connection_id))
        playbook = await get_playbook(session, PlaybookId(row.playbook_id), row.playbook_version)
        history = await history_of(session, row.id)
        policy = playbook.definition.policy
        names = await names_of(session, people_in(policy))
        parts = CardParts(
            view=view,
            run=runs[row.run_id],
            connection=connection.name,
            policy=policy,
            names=names,
            others=[
                one for one in await signers_of(session, view) if one.user_id != principal.user_id
            ],
            history=history,
            questions=await questions_on(session, proposal_id),
            revisions=await repository.revisions_of(session, proposal_id),
            cannot_undo=await cannot_undo(session, presenter.connectors, principal, view),
            undone_by=await open_undo(session, proposal_id),
        )
    return card(presenter, parts, principal)
