"""Every failure as a problem document (RFC 9457). What we did not foresee says nothing about our inside."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from backend.api.bodies import UnsupportedMediaTypeError
from backend.api.deps import request_id_of
from backend.api.parameters import written_names
from backend.core.errors import AppError, UnauthenticatedError
from backend.core.logging import describe
from tenancy.ratelimit import TooManyRequestsError

REQUEST_ID_HEADER = "X-Request-Id"
MEDIA_TYPE = "application/problem+json"
_AnyRequest = Request[Any, Any, Any]
_Problem = Response[dict[str, Any]]
_log = structlog.get_logger()

_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}


def handlers() -> ExceptionHandlersMap:
    """The mapping of every exception to its document."""
    return {
        AppError: problem_of,
        ValidationException: _invalid_parameters,
        HTTPException: _http_exception,
        OSError: _unreachable,
        Exception: _unforeseen,
    }


def problem(
    request: _AnyRequest,
    status: int,
    code: str,
    detail: str,
    *,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> _Problem:
    """One problem document; ``instance`` is the request's id, which also stands in the logs."""
    request_id = request_id_of(request.scope)
    content = {
        **(extra or {}),
        "type": f"urn:countersign:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": request_id,
    }
    return Response(
        content,
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={**(headers or {}), REQUEST_ID_HEADER: request_id},
    )


def problem_of(request: _AnyRequest, error: AppError) -> _Problem:
    """The problem document of an error of ours."""
    headers: dict[str, str] = {}
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, UnsupportedMediaTypeError):
        headers["Accept"] = error.taken
    if isinstance(error, TooManyRequestsError):
        headers |= error.headers
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("api.request.failed", code=error.code)
    extra = dict(error.extra)
    if (field := extra.pop("field", None)) is not None:
        extra["errors"] = [{"field": field, "message": error.message}]
    return problem(request, error.status, error.code, error.message, extra=extra, headers=headers)


def _invalid_parameters(request: _AnyRequest, error: ValidationException) -> _Problem:
    found = error.extra if isinstance(error.extra, list) else []
    written = written_names(request.route_handler)
    errors = [
        {"field": written.get(item.get("key", ""), item.get("key", "")), "message": item["message"]}
        for item in found
    ]
    detail = "; ".join(f"{item['field']}: {item['message']}" for item in errors) or error.detail
    return problem(request, 422, "invalid_input", detail, extra={"errors": errors})


def _http_exception(request: _AnyRequest, error: HTTPException) -> _Problem:
    status = error.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unforeseen(request, error)
    code = _HTTP_CODES.get(status, HTTPStatus(status).name.lower())
    return problem(request, status, code, _sentence(error), headers=error.headers)


def _sentence(error: HTTPException) -> str:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return "there is nothing at this address"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return "this address does not take this method"
    return error.detail


def _unreachable(request: _AnyRequest, error: OSError) -> _Problem:
    _log.error("api.request.unreachable", error=describe(error))
    detail = "a part of ours does not answer right now; try again in a moment"
    return problem(request, 503, "unavailable", detail, headers={"Retry-After": "2"})


def _unforeseen(request: _AnyRequest, error: Exception) -> _Problem:
    _log.error("api.request.crashed", exc_info=error)
    detail = "something went wrong on our side; try again, and quote the reference if it stays"
    return problem(request, 500, "internal", detail)
