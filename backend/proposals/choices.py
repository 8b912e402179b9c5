"""What the proposals within a person's reach can be narrowed to: only values that occur there."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.playbooks.models import PlaybookRow
from backend.proposals.filters import Filter
from backend.proposals.listing import matching
from backend.proposals.models import ProposalTable
from tenancy.context import Principal
from tenancy.members import names_of


@dataclass(frozen=True, slots=True)
class Choices:
    """Ids with their names, by name; ``actions`` and ``currencies`` by themselves."""

    playbooks: list[tuple[UUID, str]]
    teams: list[tuple[UUID, str]]
    requesters: list[tuple[UUID, str]]
    actions: list[str]
    currencies: list[str]


async def choices(session: AsyncSession, principal: Principal) -> Choices:
    """All of it in one pass over the proposals. Needs ``proposals:read``."""
    table = ProposalTable
    columns = (table.playbook_id, table.team_id, table.requested_by, table.action, table.currency)
    where = await matching(session, principal, Filter())
    found = (await session.execute(select(*columns).where(where).group_by(*columns))).all()
    playbook_ids = {row.playbook_id for row in found}
    playbooks = await session.execute(
        select(PlaybookRow.id, PlaybookRow.name).where(PlaybookRow.id.in_(playbook_ids))
    )
    teams = {row.team_id for row in found if row.team_id}
    people = {row.requested_by for row in found}
    names = await names_of(session, teams | people)
    return Choices(
        playbooks=_by_name(dict(playbooks.all())),
        teams=_by_name({team: names[team] for team in teams if team in names}),
        requesters=_by_name({one: names[one] for one in people if one in names}),
        actions=sorted({row.action for row in found}),
        currencies=sorted({row.currency for row in found if row.currency}),
    )


def _by_name(found: dict[UUID, str]) -> list[tuple[UUID, str]]:
    return sorted(found.items(), key=lambda one: (one[1].casefold(), one[0]))
