"""Errors by intent. Concrete errors sit beside their service; each edge maps the bases to its own form."""

from typing import ClassVar


class AppError(Exception):
    """What went wrong, for people (``message``) and programs (``code``, a stable slug).

    ``extra`` is added to the problem document of the API as it is: JSON values only.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, **extra: object) -> None:
        super().__init__(message)
        self.message = message
        self.extra = extra


class NotFoundError(AppError):
    """The object does not exist, or the asking person may not know that it does."""

    code = "not_found"
    status = 404


class ConflictError(AppError):
    """The object is not in the state that the request supposes."""

    code = "conflict"
    status = 409


class PermissionDeniedError(AppError):
    """The person is known but may not do this; the message names the missing permission."""

    code = "permission_denied"
    status = 403


class UnauthenticatedError(AppError):
    """Nobody, or nobody we know, is asking."""

    code = "unauthenticated"
    status = 401


class InvalidInputError(AppError):
    """The request is understood and refused; the message says what is wrong and where."""

    code = "invalid_input"
    status = 422


class RateLimitedError(AppError):
    """Too many requests; ``extra["retry_after"]`` says in how many seconds to come back."""

    code = "rate_limited"
    status = 429
    retryable = True


class UnavailableError(AppError):
    """A part of ours does not answer right now."""

    code = "unavailable"
    status = 503
    retryable = True


class UpstreamError(AppError):
    """An outside system failed in a way that may pass."""

    code = "upstream_failed"
    status = 502
    retryable = True


class UpstreamRejectedError(AppError):
    """An outside system refused for good."""

    code = "upstream_rejected"
    status = 502
