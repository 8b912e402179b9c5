"""What a request to a model may need at most and what a reply has cost, in tokens and millionths of a US dollar."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from genai_prices import Usage as Priced
from genai_prices import calc_price
from genai_prices.types import AbstractUsage
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.models import ModelRequestParameters
from pydantic_core import to_json

from backend.runs.budget import Usage
from backend.runs.budget_ledger import Amount

_MICRO = Decimal(1_000_000)
_OWN_WORDS = 1_000  # tokens that a provider adds by itself, to explain tools to its model


def most(
    name: str,
    messages: Sequence[ModelMessage],
    parameters: ModelRequestParameters,
    *,
    output_tokens: int,
) -> Amount:
    """An upper bound for one request: no tokenizer makes more tokens than there are bytes."""
    sent = len(ModelMessagesTypeAdapter.dump_json(list(messages)))
    sent += len(to_json(parameters, fallback=str))
    input_tokens = sent + _OWN_WORDS
    money = _price(name, Priced(input_tokens=input_tokens, output_tokens=output_tokens))
    return Amount(input_tokens + output_tokens, money)


def used(name: str, response: ModelResponse) -> Usage:
    """What the reply of this model has cost."""
    usage = response.usage
    return Usage(usage.input_tokens, usage.output_tokens, _price(name, usage))


def _price(name: str, usage: AbstractUsage) -> int | None:
    """Rounded up; None where nobody knows what the model costs."""
    provider, _, model = name.partition(":")
    try:
        found = calc_price(usage, model_ref=model, provider_id=provider)
    except LookupError:
        return None
    return int((found.total_price * _MICRO).to_integral_value(ROUND_CEILING))
