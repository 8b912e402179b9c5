"""Filters of proposals on the wire: as query parameters, and as what query string, selection and view all become."""

from typing import Annotated, Any
from uuid import UUID

from litestar.di import Provide
from litestar.params import QueryParameter

from backend.api.narrowing import choice, moment, one_of, period, span
from backend.core.errors import InvalidInputError
from backend.proposals.filters import Box, Filter
from backend.proposals.states import DecisionState, ExecutionState
from backend.schemas.matrix import ProposalFilter

_LONGEST_TEXT = 200
_MOST_RISK = 100

_Texts = list[str] | None
_Amount = int | None
_Decision = Annotated[_Texts, QueryParameter(name="decision")]
_Execution = Annotated[_Texts, QueryParameter(name="execution")]
_Playbook = Annotated[_Texts, QueryParameter(name="playbook")]
_Action = Annotated[_Texts, QueryParameter(name="action")]
_Team = Annotated[_Texts, QueryParameter(name="team")]
_Requester = Annotated[_Texts, QueryParameter(name="requester")]
_Currency = Annotated[_Texts, QueryParameter(name="currency")]
_MinRisk = Annotated[int | None, QueryParameter(name="minRisk", ge=0, le=_MOST_RISK)]
_MaxRisk = Annotated[int | None, QueryParameter(name="maxRisk", ge=0, le=_MOST_RISK)]
_MinAmount = Annotated[_Amount, QueryParameter(name="minAmount")]
_MaxAmount = Annotated[_Amount, QueryParameter(name="maxAmount")]
_MinConfidence = Annotated[float | None, QueryParameter(name="minConfidence", ge=0, le=1)]
_MaxConfidence = Annotated[float | None, QueryParameter(name="maxConfidence", ge=0, le=1)]
_CreatedFrom = Annotated[str | None, QueryParameter(name="createdFrom")]
_CreatedTo = Annotated[str | None, QueryParameter(name="createdTo")]
_DueFrom = Annotated[str | None, QueryParameter(name="dueFrom")]
_DueTo = Annotated[str | None, QueryParameter(name="dueTo")]
_DecidedFrom = Annotated[str | None, QueryParameter(name="decidedFrom")]
_DecidedTo = Annotated[str | None, QueryParameter(name="decidedTo")]
_Run = Annotated[UUID | None, QueryParameter(name="run")]
_Box = Annotated[str | None, QueryParameter(name="box")]
_Text = Annotated[str | None, QueryParameter(name="q", max_length=_LONGEST_TEXT)]


def filter_of_query(
    *,
    decision: _Decision = None,
    execution: _Execution = None,
    playbook: _Playbook = None,
    action: _Action = None,
    team: _Team = None,
    requester: _Requester = None,
    currency: _Currency = None,
    min_risk: _MinRisk = None,
    max_risk: _MaxRisk = None,
    min_amount: _MinAmount = None,
    max_amount: _MaxAmount = None,
    min_confidence: _MinConfidence = None,
    max_confidence: _MaxConfidence = None,
    created_from: _CreatedFrom = None,
    created_to: _CreatedTo = None,
    due_from: _DueFrom = None,
    due_to: _DueTo = None,
    decided_from: _DecidedFrom = None,
    decided_to: _DecidedTo = None,
    run: _Run = None,
    box: _Box = None,
    q: _Text = None,
) -> ProposalFilter:
    """The query parameters of a list of proposals as one value. Raises :class:`InvalidInputError`."""
    return ProposalFilter(
        decision=decision or [],
        execution=execution or [],
        playbook=playbook or [],
        action=action or [],
        team=team or [],
        requester=requester or [],
        currency=currency or [],
        min_risk=min_risk,
        max_risk=max_risk,
        min_amount=min_amount,
        max_amount=max_amount,
        min_confidence=min_confidence,
        max_confidence=max_confidence,
        created_from=moment("createdFrom", created_from),
        created_to=moment("createdTo", created_to),
        due_from=moment("dueFrom", due_from),
        due_to=moment("dueTo", due_to),
        decided_from=moment("decidedFrom", decided_from),
        decided_to=moment("decidedTo", decided_to),
        run=run,
        box=box,
        q=q,
    )


FILTERED = {"wanted": Provide(filter_of_query, sync_to_thread=False)}
"""Dependencies of a route that lists proposals: its parameter ``wanted``."""


def domain(wire: ProposalFilter, actions: Any, *, within: str = "") -> Filter:  # noqa: ANN401
    """The filter as the domain knows it. ``actions`` are those that exist, ``within`` is the field that holds it.

    Raises :class:`InvalidInputError` naming the field.
    """
    try:
        return _domain(wire, actions)
    except InvalidInputError as error:
        if within and isinstance(error.extra.get("field"), str):
            error.extra["field"] = f"{within}.{error.extra['field']}"
        raise


def _domain(wire: ProposalFilter, actions: Any) -> Filter:  # noqa: ANN401
    if wire.q is not None and len(wire.q) > _LONGEST_TEXT:
        raise InvalidInputError(f"q is longer than {_LONGEST_TEXT} characters", field="q")
    return Filter(
        decision=choice("decision", wire.decision, DecisionState),
        execution=choice("execution", wire.execution, ExecutionState),
        playbook=choice("playbook", wire.playbook, UUID),
        action=choice("action", wire.action, one_of(actions)),
        team=choice("team", wire.team, UUID),
        requester=choice("requester", wire.requester, UUID),
        currency=choice("currency", wire.currency, _currency),
        risk=span("Risk", wire.min_risk, wire.max_risk),
        amount=span("Amount", wire.min_amount, wire.max_amount),
        confidence=span("Confidence", wire.min_confidence, wire.max_confidence),
        created=period("created", wire.created_from, wire.created_to),
        due=period("due", wire.due_from, wire.due_to),
        decided=period("decided", wire.decided_from, wire.decided_to),
        run_id=wire.run,
        box=_box(wire.box),
        text=wire.q,
    )


def _currency(value: str) -> str:
    if not (len(value) == 3 and value.isascii() and value.isupper()):  # noqa: PLR2004 - ISO 4217
        raise ValueError(value)
    return value


def _box(value: str | None) -> Box | None:
    if value is None:
        return None
    if value not in tuple(Box):
        raise InvalidInputError(f"box is {value!r}; use one of {', '.join(Box)}", field="box")
    return Box(value)
