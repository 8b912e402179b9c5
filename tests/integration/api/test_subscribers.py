from backend.api.feed import Seen
from backend.api.presenting.proposals import ProposalPresenter
from backend.api.subscribers import QUEUE_LENGTH, Subscriber
from backend.connectors.registry import Connectors
from backend.core.clock import now
from tenancy.changes import EventKind
from tenancy.principals import Authenticated, Lease
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer


async def test_a_client_that_does_not_read_is_reset_instead_of_filling_memory(
    office: Office, proposer: Proposer, connectors: Connectors
) -> None:
    view, principal = await proposer.propose(), await office.principal("lead")
    lease = Lease(principal.user_id, principal.org_id, now())
    subscriber = Subscriber(Authenticated(principal, lease), ProposalPresenter(connectors, {}))
    for seq in range(1, QUEUE_LENGTH + 4):
        changed = EventKind.PROPOSAL_CHANGED
        subscriber.offer(Seen(seq, changed, view.row.id, proposal=view, run=None))
    reset, second, third = [await subscriber.next() for _ in range(3)]
    assert reset is not None
    assert reset[0] == QUEUE_LENGTH + 1
    assert b"event: reset" in reset[1]
    assert [item[0] for item in (second, third) if item] == [QUEUE_LENGTH + 2, QUEUE_LENGTH + 3]
    subscriber.finish()
    assert await subscriber.next() is None
    assert await subscriber.next() is None
