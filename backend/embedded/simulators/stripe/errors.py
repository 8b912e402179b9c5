"""Stripe's error vocabulary: the one exception every operation raises and the words it carries."""

from typing import Any

INVALID = "invalid_request_error"
PAYMENT_FAILED = 402
SERVER_ERROR = 500


class StripeError(Exception):
    """An answer of Stripe that is not a success; `status` and `body()` are what the client sees."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = INVALID,
        code: str | None = None,
        param: str | None = None,
        **extra: str | None,
    ) -> None:
        super().__init__(message)
        self.status = status
        fields = {"code": code, "message": message, "param": param, "type": kind, **extra}
        self.fields = {name: value for name, value in fields.items() if value is not None}

    @property
    def is_stored(self) -> bool:
        """Whether an idempotency key remembers it: Stripe keeps 402 and 5xx, never validation."""
        return self.status == PAYMENT_FAILED or self.status >= SERVER_ERROR

    def body(self) -> dict[str, Any]:
        """The JSON document of the answer."""
        return {"error": self.fields}


def missing_object(noun: str, object_id: str, param: str, *, status: int = 404) -> StripeError:
    """404 for an id in the path, 400 for an id in a parameter."""
    return StripeError(
        f"No such {noun}: '{object_id}'", status=status, code="resource_missing", param=param
    )


def missing_param(name: str) -> StripeError:
    """A required parameter was not sent."""
    return StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)


def unknown_param(name: str) -> StripeError:
    """A parameter that this route does not take."""
    return StripeError(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def wrong_state(message: str, code: str | None = None) -> StripeError:
    """The object's state does not allow the operation."""
    return StripeError(message, code=code)


def rate_limited() -> StripeError:
    """Too many requests; Stripe's SDKs call it a rate limit error by its status."""
    return StripeError(
        "Request rate limit exceeded. Learn more about rate limits here "
        "https://stripe.com/docs/rate-limits.",
        status=429,
        code="rate_limit",
    )


def api_error() -> StripeError:
    """Stripe's own failure."""
    return StripeError(
        "An unknown error occurred. (Injected by the Stripe simulator.)",
        status=SERVER_ERROR,
        kind="api_error",
    )
