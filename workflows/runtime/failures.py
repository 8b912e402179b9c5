"""How a failure of the domain looks to Temporal: its code as the type, final unless the error may pass."""

from datetime import timedelta

from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError

from backend.core.errors import AppError


def application_error(error: AppError) -> ApplicationError:
    """The same failure for Temporal; ``retry_after`` of a rate limit becomes the next delay."""
    seconds = error.extra.get("retry_after")
    return ApplicationError(
        error.message,
        type=error.code,
        non_retryable=not error.retryable,
        next_retry_delay=timedelta(seconds=seconds) if isinstance(seconds, int | float) else None,
    )


def sentence(error: BaseException) -> str:
    """What went wrong, for a person: the message of what an activity or a child has raised."""
    while isinstance(error, ActivityError | ChildWorkflowError) and error.cause is not None:
        error = error.cause
    return (error.message if isinstance(error, ApplicationError) else str(error)) or type(
        error
    ).__name__


def code_of(error: ActivityError) -> str | None:
    """The code of the domain error that ended an activity."""
    return error.cause.type if isinstance(error.cause, ApplicationError) else None
