"""Deciding on many proposals: who can take part and what it adds up to, then each of them through the one arbiter.

Nothing here decides by itself: each item is a decision like any other, with its own digest, transaction and audit.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.registry import Connectors
from backend.core.db import Database
from backend.core.errors import AppError, InvalidInputError, UnavailableError
from backend.core.ids import PlaybookId, ProposalId
from backend.core.logging import describe
from backend.core.money import Money
from backend.playbooks.service import get_playbook
from backend.proposals import listing, quorum, repository
from backend.proposals.decisions import Decided, DecisionInput, DecisionKind, decide, hindrance
from backend.proposals.filters import Filter
from backend.proposals.states import DecisionState
from backend.proposals.views import ProposalView
from tenancy.context import Principal
from tenancy.permissions import Right, authorize

MOST = 500
HOLD_SECONDS = 10.0
_AT_ONCE = 6
_OUT_OF_REACH = "there is no such proposal in this organization"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Preview:
    """What the act would do: ``views`` can take part, ``refused`` counts the others by reason."""

    views: list[ProposalView]
    refused: list[tuple[str, int]]
    sums: list[Money]
    need_others: int
    hold_seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: ``decided``, or the ``error`` that says why not."""

    proposal_id: UUID
    decided: Decided | None
    error: AppError | None


async def select(
    session: AsyncSession, principal: Principal, chosen: Sequence[UUID] | Filter
) -> list[UUID]:
    """The ids of a selection, each once. Raises :class:`InvalidInputError` when there are more than 500."""
    if isinstance(chosen, Filter):
        found = await listing.ids_of(session, principal, chosen, limit=MOST + 1)
    else:
        found = list(dict.fromkeys(chosen))
    if len(found) > MOST:
        message = f"this selects more than {MOST} proposals; narrow it and do it in parts"
        raise InvalidInputError(message, field="selection")
    return found


async def preview(
    session: AsyncSession, principal: Principal, ids: Sequence[UUID], kind: DecisionKind
) -> Preview:
    """Who of these can take part, by the rules of a single decision. Needs ``proposals:read``."""
    reach = authorize(principal, Right.PROPOSALS_READ)
    found = await repository.within_reach(session, reach, ids)
    views, refused = list[ProposalView](), Counter[str]()
    for one in ids:
        view = found.get(one)
        why = _OUT_OF_REACH if view is None else _reason(principal, view, kind)
        if view is not None and why is None:
            views.append(view)
        elif why is not None:
            refused[why] += 1
    approved = kind is DecisionKind.APPROVE
    alone = [view for view in views if approved and not _needs_others(principal, view)]
    return Preview(
        views=views,
        refused=refused.most_common(),
        sums=_sums(views),
        need_others=len(views) - len(alone) if approved else 0,
        hold_seconds=await _hold(session, alone),
    )


async def carry_out(
    database: Database,
    connectors: Connectors,
    principal: Principal,
    items: Sequence[tuple[UUID, DecisionInput]],
) -> list[Outcome]:
    """Decide each, a few at a time, so that their live reads overlap; the outcomes in the order of the items."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(proposal_id: UUID, given: DecisionInput) -> Outcome:
        async with places:
            try:
                decided = await decide(
                    database, connectors, principal, ProposalId(proposal_id), given
                )
            except AppError as error:
                return Outcome(proposal_id, None, error)
            except Exception as error:  # noqa: BLE001 - the others have been decided: this one says so
                _log.exception("bulk.item.crashed", error=describe(error))
                crashed = UnavailableError("something went wrong on our side; try this one again")
                return Outcome(proposal_id, None, crashed)
            return Outcome(proposal_id, decided, None)

    return list(await asyncio.gather(*(one(*item) for item in items)))


def hold_of(outcomes: Sequence[Outcome]) -> float:
    """For how many seconds all that was approved can be taken back, from when each was."""
    holds = [
        (one.decided.view.row.dispatch_after - one.decided.at).total_seconds()
        for one in outcomes
        if one.decided and one.decided.view.row.dispatch_after
    ]
    return max(0.0, min(holds, default=0.0))


def _reason(principal: Principal, view: ProposalView, kind: DecisionKind) -> str | None:
    """Why not, in words that many can share: not who decided on each and when."""
    error = hindrance(principal, view, kind)
    if error is None:
        return None
    if error.code == "already_decided" and view.row.decision != DecisionState.PENDING:
        return f"it is {view.row.decision} already"
    return error.message


def _needs_others(principal: Principal, view: ProposalView) -> bool:
    signers = [*(signature.teams for signature in view.signatures), principal.team_ids]
    counted = quorum.counted(signers, different_teams=view.terms.different_teams)
    return counted < view.row.required_signatures


def _sums(views: Sequence[ProposalView]) -> list[Money]:
    added = Counter[str]()
    for view in views:
        if view.amount is not None:
            added[view.amount.currency] += view.amount.minor
    return [Money(currency, minor) for currency, minor in sorted(added.items())]


async def _hold(session: AsyncSession, views: Sequence[ProposalView]) -> float:
    """For how long all of it can be taken back: the shortest of their holds."""
    versions = {(view.row.playbook_id, view.row.playbook_version) for view in views}
    holds = [
        (await get_playbook(session, PlaybookId(key), version)).definition.policy.hold_seconds
        for key, version in sorted(versions)
    ]
    return max(HOLD_SECONDS, min(holds)) if holds else 0.0
