"""One call of one model: set aside, asked, kept and settled. Whatever is answered is paid for and written down."""

import asyncio
from dataclasses import dataclass

import asyncpg
import structlog
from opentelemetry.trace import SpanKind
from pydantic_ai.exceptions import ModelAPIError, UnexpectedModelBehavior
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity

from backend.core import outside, telemetry
from backend.core.ids import OrgId
from backend.core.logging import describe
from backend.runs import budget
from backend.runs.budget import Call, Purse, Usage
from workflows.agents import prices, replies
from workflows.agents.outages import (
    ModelRefusedError,
    ModelUnavailableError,
    explain,
    truncated,
)
from workflows.agents.trace import ANSWERED_BY
from workflows.runtime.resources import current, transaction

# Seconds between attempts to write down what was paid for, while the database is away: about a minute in all.
_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0)
_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a model, whichever of the chain it is."""

    messages: list[ModelMessage]
    settings: ModelSettings
    parameters: ModelRequestParameters


async def paid_reply(model: Model, purse: Purse, call: Call, asked: Asked) -> ModelResponse:
    """The model's reply within the run's budget; the kept one if the same call was answered before.

    Raises the refusals of the budget, :class:`ModelUnavailableError`, :class:`ModelRefusedError`, or that the reply
    was cut off.
    """
    settings, org_id = current().settings, purse.run.org_id
    most = prices.most(
        call.model,
        asked.messages,
        asked.parameters,
        output_tokens=settings.model.max_output_tokens,
    )
    async with transaction(org_id) as session:
        kept = await budget.reserve(session, purse, call, most)
    if kept is not None:
        return replies.unseal(settings.keys, kept)
    try:
        reply = await _ask(model, call.model, asked)
    except (ModelUnavailableError, ModelRefusedError) as error:
        await _settle(org_id, call, Usage(), error=error.message)
        raise
    used = prices.used(call.model, reply)
    if reply.finish_reason == "length":
        cut = truncated(call.model, used.output_tokens, attempt=activity.info().attempt)
        await _settle(org_id, call, used, error=cut.message)
        raise cut
    reply.metadata = {**(reply.metadata or {}), ANSWERED_BY: call.model}
    await _settle(org_id, call, used, reply=replies.seal(settings.keys, org_id, call, reply))
    return reply


async def _ask(model: Model, name: str, asked: Asked) -> ModelResponse:
    """One request to one provider. Errors are told in our words alone (``from None``)."""
    seconds = current().settings.model.timeout_seconds
    provider, _, called = name.partition(":")
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": called,
    }
    with telemetry.span(f"chat {called}", SpanKind.CLIENT, attributes) as span:
        try:
            async with outside.waiting(), asyncio.timeout(seconds), model:
                messages = model.prepare_messages(asked.messages, asked.parameters)
                reply = await model.request(messages, asked.settings, asked.parameters)
        except TimeoutError:
            raise ModelUnavailableError(name, f"no answer within {seconds} s") from None
        except (ModelAPIError, UnexpectedModelBehavior) as error:
            raise explain(name, error) from None
        span.set_attribute("gen_ai.usage.input_tokens", reply.usage.input_tokens)
        span.set_attribute("gen_ai.usage.output_tokens", reply.usage.output_tokens)
        return reply


async def _settle(
    org_id: OrgId, call: Call, used: Usage, *, reply: bytes | None = None, error: str | None = None
) -> None:
    """Write it down. A database that is away for a moment must not make anybody pay again."""
    for pause in _PAUSES:
        try:
            return await _write(org_id, call, used, reply, error)
        except _AWAY as trouble:
            _log.warning("model_call.unsettled", error=describe(trouble), again_in=pause)
            await asyncio.sleep(pause)
    return await _write(org_id, call, used, reply, error)


async def _write(
    org_id: OrgId, call: Call, used: Usage, reply: bytes | None, error: str | None
) -> None:
    async with transaction(org_id) as session:
        await budget.settle(session, call, used, reply=reply, error=error)
