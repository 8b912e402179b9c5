"""What the failure of a model call means: the provider does not answer, or it answered and refused.

Sentences are ours alone: what a provider writes may repeat the prompt or parts of a key.
"""

from collections.abc import Sequence

from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelTimeoutError,
    UnexpectedModelBehavior,
)
from temporalio.exceptions import ActivityError

from backend.core.errors import AppError, UpstreamError, UpstreamRejectedError
from workflows.agents.providers import provider_of
from workflows.runtime.failures import code_of, sentence

_REFUSALS = (
    (ContentFilterError, "refuses the content"),
    (ModelAuthenticationError, "refuses the key"),
    (ModelNotFoundError, "has no model {model}"),
    (ModelContextWindowExceededError, "finds the conversation too long for {model}"),
    (ModelRequestRejectedError, "refuses the request"),
)
_TOLD = frozenset(
    {
        "address_refused",
        "budget_exhausted",
        "budget_held",
        "price_unknown",
        "model_key_missing",
        "model_refused",
        "model_unavailable",
        "reply_truncated",
    }
)
_TRIES_OF_A_LONG_REPLY = 2
_LONGEST_WAIT = 3600.0  # seconds: nobody's Retry-After may hold a run for longer at a time


class ModelUnavailableError(UpstreamError):
    """The provider does not answer: an outage that may pass, and a reason to ask another model."""

    code = "model_unavailable"

    def __init__(self, name: str, why: str, retry_after: float | None = None) -> None:
        sentence = f"The model provider {provider_of(name)} does not answer: {why}"
        super().__init__(sentence, **_extra(retry_after))
        self.retry_after = retry_after


class ModelBusyError(ModelUnavailableError):
    """The provider is asked too often: worth a wait before another model is asked."""


class NobodyAnswersError(UpstreamError):
    """None of a chain of models answers."""

    code = "model_unavailable"


class ModelRefusedError(UpstreamRejectedError):
    """The provider has answered and refuses the request or the key: asking again changes nothing."""

    code = "model_refused"


class ReplyTruncatedError(UpstreamError):
    """The reply was cut off at its greatest length and is no whole answer."""

    code = "reply_truncated"


class ReplyAlwaysTruncatedError(UpstreamRejectedError):
    """The reply was cut off again: a longer one must be allowed."""

    code = "reply_truncated"


def explain(
    name: str, error: ModelAPIError | UnexpectedModelBehavior
) -> ModelUnavailableError | ModelRefusedError:
    """The failure of a call to this model in our words."""
    for kind, words in _REFUSALS:
        if isinstance(error, kind):
            provider, _, model = name.partition(":")
            told = words.format(model=model)
            return ModelRefusedError(f"The model provider {provider} {told}")
    wait = error.retry_after if isinstance(error, ModelAPIError) else None
    if isinstance(error, ModelRateLimitError):
        return ModelBusyError(name, "it is asked too often (429)", wait)
    return ModelUnavailableError(name, _why(error), wait)


def _why(error: Exception) -> str:
    match error:
        case ModelQuotaExceededError():
            return "the account there has no credit left"
        case ModelTimeoutError():
            return "no answer in time"
        case ModelConnectionError(phase="connect" | "pool"):
            return "it cannot be reached"
        case ModelConnectionError():
            return "the connection broke off"
        case ModelHTTPError():
            return f"it failed with status {error.status_code}"
        case _:
            return "what it sent is no reply"


def truncated(name: str, tokens: int, *, attempt: int) -> AppError:
    """The failure of a reply that was cut off: it is worth one more try."""
    why = f"The reply of {name} was cut off after {tokens} tokens and is no whole answer"
    if attempt < _TRIES_OF_A_LONG_REPLY:
        return ReplyTruncatedError(why)
    return ReplyAlwaysTruncatedError(f"{why}; allow more by COUNTERSIGN_MODEL_MAX_OUTPUT_TOKENS")


def nobody_answers(failures: Sequence[AppError]) -> AppError:
    """The failure of a whole chain of models; it is worth another try as long as one of them may come back."""
    if len(failures) == 1:
        return failures[0]
    waits = [error.retry_after for error in failures if isinstance(error, ModelUnavailableError)]
    shortest = min((wait for wait in waits if wait is not None), default=None)
    message = "; ".join(error.message for error in failures)
    return NobodyAnswersError(message, **_extra(shortest))


def _extra(retry_after: float | None) -> dict[str, float]:
    return {} if retry_after is None else {"retry_after": min(retry_after, _LONGEST_WAIT)}


def in_words(error: BaseException) -> str:
    """Why an agent came to no answer: failures of calls say it themselves, others are told as the model's."""
    if isinstance(error, ActivityError) and code_of(error) in _TOLD:
        return sentence(error)
    return f"The model gave no answer: {sentence(error)}"
