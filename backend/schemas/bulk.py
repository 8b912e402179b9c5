"""Wire types of deciding on many proposals at once: what it would do, then exactly that."""

from uuid import UUID

import msgspec

from backend.schemas.common import Money, Wire
from backend.schemas.matrix import ProposalFilter
from backend.schemas.proposals import ProposalRow


class Selection(Wire, frozen=True):
    """Which proposals: either these ``ids``, or all that ``filter`` matches; at most 500."""

    ids: list[UUID] = msgspec.field(default_factory=list)
    filter: ProposalFilter | None = None


class BulkPreviewRequest(Wire, frozen=True):
    """Body of ``POST /proposals/bulk/preview``. ``kind``: approve, reject, take_back, withdraw or delegate."""

    kind: str
    selection: Selection


class BulkItem(Wire, frozen=True):
    """One revision, named by its digest."""

    id: UUID
    digest: str


class Refused(Wire, frozen=True):
    """A reason for which proposals cannot take part, and how many."""

    reason: str
    count: int


class BulkPreview(Wire, frozen=True):
    """What the act would do: ``items`` can take part, the ``refused`` cannot and why.

    ``sums``, ``highest_risk`` and ``need_others`` (how many need more signatures afterwards) are of ``items``.
    ``hold_seconds`` is for how long the whole can be taken back.
    """

    kind: str
    items: list[BulkItem]
    refused: list[Refused]
    sums: list[Money]
    highest_risk: int | None
    need_others: int
    hold_seconds: float


class BulkRequest(Wire, frozen=True):
    """Body of ``POST /proposals/bulk``: the ``items`` of a preview. One ``reason`` for all; ``to`` is delegated to."""

    kind: str
    items: list[BulkItem]
    reason: str | None = None
    to: UUID | None = None


class BulkOutcome(Wire, frozen=True):
    """What became of one. ``outcome``: done, conflict (somebody was quicker, or it changed) or refused.

    ``code`` and ``detail`` say why not; ``proposal`` is how it stands now, absent where it is out of reach.
    """

    id: str
    sentence: str
    outcome: str
    code: str | None
    detail: str | None
    proposal: ProposalRow | None


class BulkAnswer(Wire, frozen=True):
    """What became of each, in the order of the request."""

    kind: str
    done: int
    conflicts: int
    refused: int
    items: list[BulkOutcome]
    hold_seconds: float
