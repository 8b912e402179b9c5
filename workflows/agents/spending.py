"""The model that an activity really calls: every call within its budget, paid once, by the next model in an outage."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import RunContext
from temporalio import activity, workflow

from backend.core.addresses import AddressUnknownError, require_public
from backend.core.errors import AppError
from backend.core.ids import OrgId, RunId
from backend.core.settings import ModelAccess
from backend.playbooks.model_keys import open_keys
from backend.runs import budget
from backend.runs.budget import Call, Purse
from workflows.agents import replies
from workflows.agents.calling import Asked, paid_reply
from workflows.agents.outages import (
    ModelBusyError,
    ModelRefusedError,
    ModelUnavailableError,
    nobody_answers,
)
from workflows.agents.providers import (
    KeyRing,
    ModelKeyMissingError,
    keyless_model,
    provider_model,
    provider_of,
)
from workflows.agents.under_way import joined
from workflows.runtime.resources import current, transaction

_PATIENCE = 3  # attempts of the activity for which a busy provider is waited for before another one is asked
_SHORT_WAIT = 30.0  # seconds


class Spender(Protocol):
    """For whom a model is asked; an agent's dependencies are one."""

    @property
    def org_id(self) -> OrgId:
        """Whose keys and budget."""

    @property
    def run_id(self) -> RunId:
        """In which run."""


async def paid_model(spender: Spender, name: str) -> Model:
    """The model by name, with the fallbacks of the run's playbook.

    In a workflow it has no key and is never called; in an activity it spends the run's budget.
    """
    if workflow.in_workflow():
        return keyless_model(name)
    info = activity.info()
    key = f"{info.workflow_run_id}/{info.activity_id}"
    async with transaction(spender.org_id) as session:
        purse = await budget.purse_of(session, spender.run_id)
        kept = await budget.answered(session, spender.run_id, key)
        own = await open_keys(session, current().settings.keys)
    if kept is not None:
        model = await asyncio.to_thread(keyless_model, name)
        return _Answered(model, replies.unseal(current().settings.keys, kept))
    names = (name, *purse.definition.fallbacks)
    await _check_addresses(own[provider_of(one)] for one in names if provider_of(one) in own)
    keys = KeyRing(own, current().settings.model.access)
    return _Spending(await _provider_model(name, keys), _Chain(purse, key, names, keys))


async def _check_addresses(own: Iterable[ModelAccess]) -> None:
    """Names can be led elsewhere after they were checked: what an organization has named is checked again."""
    if current().settings.environment == "embedded":
        return
    for access in own:
        if access.base_url is not None:
            with contextlib.suppress(AddressUnknownError):  # the call will say that nobody answers
                await require_public(access.base_url, field="baseUrl")


class _Whole(WrapperModel):
    """A model whose replies are whole: a stream could be cut off between being paid and being kept."""

    @contextlib.asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Refused."""
        del messages, model_settings, model_request_parameters, run_context
        raise UserError("models are asked for whole replies, so that each of them is paid once")
        yield


class _Answered(_Whole):
    """The reply came before: whoever got it went away before telling the engine."""

    def __init__(self, wrapped: Model, reply: ModelResponse) -> None:
        super().__init__(wrapped)
        self._reply = reply

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The kept reply."""
        del messages, model_settings, model_request_parameters
        return self._reply


@dataclass(frozen=True, slots=True)
class _Chain:
    """What one activity may ask, in this order."""

    purse: Purse
    key: str
    names: tuple[str, ...]
    keys: KeyRing


class _Spending(_Whole):
    """The chain's first model to whoever looks at it."""

    def __init__(self, first: Model, chain: _Chain) -> None:
        super().__init__(first)
        self._chain = chain

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The reply of the first model that answers. Only an outage leads to the next one."""
        limits = current().settings.model
        settings = ModelSettings(max_retries=0, max_tokens=limits.max_output_tokens)
        asked = Asked(messages, {**(model_settings or {}), **settings}, model_request_parameters)
        return await joined(self._chain.key, lambda: self._first_answer(asked))

    async def _first_answer(self, asked: Asked) -> ModelResponse:
        failures: list[AppError] = []
        for place, name in enumerate(self._chain.names):
            try:
                return await self._ask(place, name, asked)
            except ModelUnavailableError as error:
                if place == 0 and _worth_waiting(error):
                    raise
                failures.append(error)
            except (ModelRefusedError, ModelKeyMissingError) as error:
                if place == 0:
                    raise
                failures.append(error)
        raise nobody_answers(failures)

    async def _ask(self, place: int, name: str, asked: Asked) -> ModelResponse:
        chain = self._chain
        model = self.wrapped if place == 0 else await _provider_model(name, chain.keys)
        call = Call(chain.purse.run.id, chain.key, place, name)
        return await paid_reply(model, chain.purse, call, asked)


async def _provider_model(name: str, keys: KeyRing) -> Model:
    """A model with its key. If its provider is new here, importing it takes seconds, and the loop must beat on."""
    return await asyncio.to_thread(provider_model, name, keys.access(name))


def _worth_waiting(error: ModelUnavailableError) -> bool:
    """A provider that is asked too often is waited for (the engine retries) a while before another is asked."""
    short = (error.retry_after or 0) <= _SHORT_WAIT
    return isinstance(error, ModelBusyError) and short and activity.info().attempt < _PATIENCE
