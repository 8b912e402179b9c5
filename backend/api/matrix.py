"""The matrix around its rows: what its columns hold, what a filtered list adds up to, and how full the inbox is."""

from litestar import get

from backend.api.deps import ApiRequest
from backend.api.filtering import domain
from backend.api.guards import needs
from backend.api.presenting.columns import option_list
from backend.api.presenting.common import amount
from backend.proposals import boxes, choices, listing, repository
from backend.proposals.filters import Box
from backend.schemas.matrix import BoxCounts, OptionList, ProposalFilter
from backend.schemas.matrix import Summary as SummaryWire
from tenancy.permissions import Right, authorize
from tenancy.session import tenant


def usual_order(wanted: ProposalFilter) -> str:
    """The order of a list that asks for none."""
    return "-decidedAt" if wanted.box == Box.DECIDED else "-createdAt"


async def options(request: ApiRequest) -> OptionList:
    """What the columns can be narrowed to."""
    services, principal = request.services, request.principal
    async with tenant(services.database, principal.tenant) as session:
        found = await choices.choices(session, principal)
    labels = {name: action.label for name, action in services.connectors.actions.items()}
    return option_list(found, labels)


async def summary(request: ApiRequest, wanted: ProposalFilter) -> SummaryWire:
    """What the filtered list adds up to."""
    services, principal = request.services, request.principal
    narrowed = domain(wanted, services.connectors.actions)
    async with tenant(services.database, principal.tenant) as session:
        sums = await listing.summary(session, principal, narrowed)
    return SummaryWire(
        count=sums.total.count,
        count_is_estimate=sums.total.is_estimate,
        sums=None if sums.money is None else [amount(one) for one in sums.money],
        highest_risk=sums.highest_risk,
    )


@get("/inbox/counts", opt=needs(Right.PROPOSALS_READ))
async def inbox_counts(request: ApiRequest) -> BoxCounts:
    """How many proposals lie in each box of the inbox."""
    principal = request.principal
    within = repository.within(authorize(principal, Right.PROPOSALS_READ))
    async with tenant(request.services.database, principal.tenant) as session:
        counts = await boxes.count(session, principal, within)
    return BoxCounts(
        mine=counts.mine,
        overdue=counts.overdue,
        team=counts.team,
        waiting=counts.waiting,
        decided=counts.decided,
    )
