import httpx
import pytest

from backend.connectors.base import (
    UpstreamAuthenticationError,
    UpstreamBusyError,
    UpstreamNotFoundError,
    UpstreamRateLimitedError,
)
from backend.connectors.stripe.errors import raise_for_status
from backend.core.errors import AppError, UpstreamError, UpstreamRejectedError


def _raised(status: int, error: dict[str, str] | None = None, **headers: str) -> AppError:
    body = {"error": error} if error else None
    with pytest.raises(AppError) as caught:
        raise_for_status(httpx.Response(status, json=body, headers=headers))
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "expected", "is_retryable"),
    [
        (400, "invalid_request_error", UpstreamRejectedError, False),
        (400, "idempotency_error", UpstreamError, True),
        (401, "invalid_request_error", UpstreamAuthenticationError, False),
        (402, "card_error", UpstreamRejectedError, False),
        (403, "invalid_request_error", UpstreamAuthenticationError, False),
        (404, "invalid_request_error", UpstreamNotFoundError, False),
        (409, "idempotency_error", UpstreamBusyError, True),
        (429, "invalid_request_error", UpstreamRateLimitedError, True),
        (500, "api_error", UpstreamError, True),
        (503, "api_error", UpstreamError, True),
        (301, "", UpstreamError, True),
    ],
)
def test_each_status_says_whether_it_may_pass(
    status: int, kind: str, expected: type[AppError], *, is_retryable: bool
) -> None:
    raised = _raised(status, {"type": kind, "message": "No."})

    assert type(raised) is expected
    assert raised.retryable is is_retryable


def test_a_refusal_is_in_stripes_words_and_names_the_parameter() -> None:
    refusal = {
        "type": "invalid_request_error",
        "message": "This value must be greater than or equal to 1.",
        "param": "amount",
        "code": "parameter_invalid_integer",
    }
    raised = _raised(400, refusal)

    assert raised.message == "Stripe: This value must be greater than or equal to 1. (amount)"
    assert raised.extra == {"vendor_code": "parameter_invalid_integer", "param": "amount"}


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)]
)
def test_a_rate_limit_says_when_to_come_back_if_stripe_does(
    header: str, seconds: int | None
) -> None:
    raised = _raised(429, {"message": "Too fast"}, **{"Retry-After": header})
    assert raised.extra["retry_after"] == seconds


def test_an_answer_that_is_not_stripes_is_reported_by_its_status() -> None:
    with pytest.raises(UpstreamError, match="HTTP status 502"):
        raise_for_status(httpx.Response(502, text="<html>Bad gateway</html>"))


def test_a_success_passes() -> None:
    raise_for_status(httpx.Response(200, json={"id": "in_1"}))
