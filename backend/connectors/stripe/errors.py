"""Turns Stripe's refusals into the product's errors (https://docs.stripe.com/api/errors)."""

from http import HTTPStatus

import httpx
import msgspec

from backend.connectors.base import (
    UpstreamAuthenticationError,
    UpstreamBusyError,
    UpstreamNotFoundError,
    UpstreamRateLimitedError,
)
from backend.core.errors import AppError, UpstreamError, UpstreamRejectedError


class _Refusal(msgspec.Struct):
    message: str = ""
    type: str = ""
    code: str | None = None
    param: str | None = None


class _Document(msgspec.Struct):
    error: _Refusal


def raise_for_status(response: httpx.Response) -> None:
    """Do nothing for a success; else raise the error of ``connectors.base`` or ``core.errors`` that fits."""
    if not response.is_success:
        raise _error(response)


def _error(response: httpx.Response) -> AppError:
    status = response.status_code
    refusal = _refusal(response)
    words = f"Stripe: {refusal.message or f'HTTP status {status}'}"
    if refusal.param and refusal.param not in words:
        words = f"{words} ({refusal.param})"
    extra = {"vendor_code": refusal.code, "param": refusal.param}
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return UpstreamAuthenticationError(words, **extra)
    if status == HTTPStatus.NOT_FOUND:
        return UpstreamNotFoundError(words, **extra)
    if status == HTTPStatus.CONFLICT:
        return UpstreamBusyError(words, **extra)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return UpstreamRateLimitedError(words, retry_after=_retry_after(response), **extra)
    # A key that was used with other parameters has been carried out once: that is not a refusal of this effect.
    if not response.is_client_error or refusal.type == "idempotency_error":
        return UpstreamError(words, **extra)
    return UpstreamRejectedError(words, **extra)


def _refusal(response: httpx.Response) -> _Refusal:
    try:
        return msgspec.json.decode(response.content, type=_Document).error
    except msgspec.DecodeError:
        return _Refusal()


def _retry_after(response: httpx.Response) -> int | None:
    seconds = response.headers.get("Retry-After", "")
    return int(seconds) if seconds.isdecimal() else None
