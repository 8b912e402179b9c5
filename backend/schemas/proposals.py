"""Wire types of proposals, their card and decisions on them."""

from datetime import datetime
from uuid import UUID

from backend.schemas.common import Cost, Money, Permission, Person, Wire


class Statement(Wire, frozen=True):
    """The sentence of a proposal and its parts; ``text`` is the whole sentence, built from the sealed arguments.

    ``verb`` starts it ("Credit"), ``done`` is its past tense ("Credited"), ``button`` names the act ("Approve credit").
    """

    text: str
    verb: str
    done: str
    button: str
    amount: Money | None
    record: str
    party: str


class Target(Wire, frozen=True):
    """The outside record. ``source_id`` is the vendor's id, ``url`` opens it at the vendor."""

    kind: str
    record_id: str
    source_id: str
    label: str
    system: str
    url: str | None


class RiskReason(Wire, frozen=True):
    """One addend of the risk score."""

    label: str
    points: int


class Risk(Wire, frozen=True):
    """0 to 100. ``band``: low (0-29), moderate (30-59), high (60-84), critical (85+); the reasons add up to it."""

    score: int
    band: str
    reasons: list[RiskReason]


class Signature(Wire, frozen=True):
    """One approval that has been given."""

    by: Person
    at: datetime


class ProposalRow(Wire, frozen=True):
    """One proposal in the matrix; ``your_turn`` says whether the asking person may decide it now.

    ``cost`` is what its run has used so far.
    """

    id: str
    decision: str
    execution: str
    action: str
    action_label: str
    statement: Statement
    summary: str
    playbook_id: str
    playbook: str
    playbook_version: int
    run_id: str
    target: Target
    amount: Money | None
    risk: Risk
    confidence: float
    requested_by: Person
    team: str | None
    required_signatures: int
    signatures: list[Signature]
    your_turn: bool
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    cost: Cost | None = None


class Change(Wire, frozen=True):
    """One field that the effect changes. ``kind``: money, date, text, enum, number, list.

    ``before`` and ``after`` are None, a string, or for money a :class:`Money`; dates are ISO 8601.
    """

    path: str
    label: str
    kind: str
    before: Money | str | None
    after: Money | str | None


class Evidence(Wire, frozen=True):
    """What the reasoning rests on. ``facts`` are label/value pairs read from the record at ``version``."""

    kind: str
    title: str
    record_id: str | None
    version: str | None
    url: str | None
    claim: str
    facts: list[tuple[str, str]]


class Verdict(Wire, frozen=True):
    """What one rung of the verification ladder said of a draft."""

    level: str
    passed: bool
    messages: list[str]


class Attempt(Wire, frozen=True):
    """One draft of the agent with the verdicts on it."""

    number: int
    draft: str
    verdicts: list[Verdict]


class PolicyRule(Wire, frozen=True):
    """One line of the approval policy; ``applies`` is false for a rule of other amounts or risks."""

    text: str
    applies: bool


class Delegation(Wire, frozen=True):
    """A signature that somebody has given to somebody else."""

    by: Person
    to: Person
    at: datetime


class Policy(Wire, frozen=True):
    """Why the proposal asks, and whom. ``signed`` counts towards ``required_signatures``.

    ``others`` are the first twenty of ``others_total`` people who may sign it now besides the asking person.
    ``hold_seconds`` is how long an approval can be taken back before it is sent.
    """

    required_signatures: int
    signed: int
    different_teams: bool
    others: list[Person]
    others_total: int
    reason: str
    rules: list[PolicyRule]
    delegations: list[Delegation]
    escalated_at: datetime | None
    on_silence: str
    hold_seconds: float


class Revision(Wire, frozen=True):
    """What the proposal said in one revision. Without ``by`` the agent wrote it."""

    revision: int
    digest: str
    sentence: str
    by: Person | None
    reason: str | None
    at: datetime


class Question(Wire, frozen=True):
    """What a person asked the agent. ``state``: open, answered, revised, failed, or dropped once it is decided."""

    id: str
    revision: int
    by: Person
    text: str
    at: datetime
    state: str
    answer: str | None
    evidence: list[Evidence]
    answered_at: datetime | None


class Field(Wire, frozen=True):
    """One parameter that can be edited. ``kind``: money (minor units), integer, enum or text."""

    name: str
    label: str
    kind: str
    value: int | str | None
    choices: list[str]
    currency: str | None = None
    exponent: int = 0


class HistoryEntry(Wire, frozen=True):
    """One thing that happened to the proposal. ``actor`` is absent for the agent and the system."""

    at: datetime
    what: str
    actor: Person | None
    detail: str | None


class Effect(Wire, frozen=True):
    """The outside change itself. ``state``: intended, dispatched, confirmed, failed, unknown."""

    id: str
    state: str
    idempotency_key: str
    dispatched_at: datetime | None
    confirmed_at: datetime | None
    vendor_object_id: str | None
    vendor_object_url: str | None
    error: str | None


class Resolution(Wire, frozen=True):
    """What a person said of an effect whose outcome nobody knew. ``kind``: mark_done or mark_not_done."""

    kind: str
    by: Person
    at: datetime
    reason: str | None


class ProposalCard(ProposalRow, frozen=True):
    """Everything the logic card shows. ``digest`` (hex SHA-256) names this revision in a decision."""

    sentence: str
    digest: str
    revision: int
    source_version: str
    connection: str
    parameters: dict[str, object]
    changes: list[Change]
    how: list[tuple[str, str]]
    reasoning: str
    plan: list[str]
    attempts: list[Attempt]
    model: str
    cost: Cost
    evidence: list[Evidence]
    policy: Policy
    can_approve: Permission
    can_reject: Permission
    can_edit: Permission
    can_ask: Permission
    can_delegate: Permission
    can_take_back: Permission
    can_withdraw: Permission
    can_resolve: Permission
    can_undo: Permission
    undoes_id: str | None
    undone_by_id: str | None
    stale_changes: list[Change]
    effect: Effect | None
    resolution: Resolution | None
    history: list[HistoryEntry]
    fields: list[Field]
    revisions: list[Revision]
    questions: list[Question]


class DecisionRequest(Wire, frozen=True):
    """Body of ``POST /proposals/{id}/decisions``. ``kind``: approve, reject, take_back, withdraw or delegate.

    A reject and a withdraw need a reason. Who signed may take the approval back until the effect is claimed.
    ``to`` (a person's id) is who is given the signature by a delegate.
    """

    kind: str
    digest: str
    reason: str | None = None
    to: UUID | None = None


class RevisionRequest(Wire, frozen=True):
    """Body of ``POST /proposals/{id}/revisions``: all parameters as they shall be, and why.

    ``digest`` names the revision that is edited. With ``dry_run`` it is verified and shown, and nothing is written.
    """

    digest: str
    parameters: dict[str, object]
    reason: str = ""
    dry_run: bool = False


class RevisionAnswer(Wire, frozen=True):
    """The edited revision: what verification said, what would change and what the policy asks for it.

    ``proposal`` is absent when it did not pass or was a dry run; then nothing was written.
    """

    verdicts: list[Verdict]
    passed: bool
    sentence: str | None
    changes: list[Change]
    risk: int | None
    policy_reason: str | None
    proposal: ProposalRow | None


class QuestionRequest(Wire, frozen=True):
    """Body of ``POST /proposals/{id}/questions``."""

    text: str


class CommentRequest(Wire, frozen=True):
    """Body of ``POST /proposals/{id}/comments``."""

    text: str


class UndoRequest(Wire, frozen=True):
    """Body of ``POST /proposals/{id}/undo``: why what was executed is to be undone."""

    reason: str


class People(Wire, frozen=True):
    """To whom a signature can be given."""

    items: list[Person]


class Decision(Wire, frozen=True):
    """A decision that has been recorded, and how the proposal stands after it.

    ``live_check``: ``unchanged`` or ``unreachable`` (the outside system did not answer in 3 s).
    """

    id: str
    proposal_id: str
    kind: str
    digest: str
    reason: str | None
    by: Person
    at: datetime
    live_check: str
    proposal: ProposalRow


class EffectRequest(Wire, frozen=True):
    """Body of ``POST /proposals/{id}/effect``, for an effect that is ``unknown``.

    ``kind``: check_again (reads it back), mark_done or mark_not_done; a mark needs a reason.
    """

    kind: str
    reason: str | None = None


class EffectAnswer(Wire, frozen=True):
    """What came of it in a sentence, and how the proposal stands after it."""

    kind: str
    message: str
    at: datetime
    proposal: ProposalRow
