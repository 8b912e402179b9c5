"""What can be refused at which route, for the OpenAPI document: each status once, with an example."""

from http import HTTPStatus
from typing import Any

from litestar.handlers import HTTPRouteHandler

from backend.api import guards
from backend.api.problems import MEDIA_TYPE
from tenancy.ratelimit import RateClass

_DETAILS = {
    400: ("malformed_body", "the body is not valid JSON: Input data was truncated"),
    401: ("unauthenticated", "log in, or send an access token as 'Authorization: Bearer …'"),
    403: ("permission_denied", "this needs the permission proposals:approve"),
    404: ("proposal_not_found", "there is no such proposal in this organization"),
    409: ("already_decided", "Ada King has approved it at 09:00; look at it again"),
    413: ("body_too_large", "Request Entity Too Large"),
    415: ("unsupported_media_type", "the body is 'text/plain'; send JSON"),
    422: ("invalid_input", "limit: Expected `int` <= 200"),
    429: ("rate_limited", "too many requests for this organization; come back in 1 s"),
    503: ("unavailable", "a part of ours does not answer right now; try again in a moment"),
}
_SERVER = 503
_Document = dict[str, Any]


def _response(status: int, code: str, detail: str) -> _Document:
    example: _Document = {
        "type": f"urn:countersign:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": "5b1f2c9e7d0a4c6f8e3b",
    }
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        field, _, message = detail.partition(": ")
        example["errors"] = [{"field": field, "message": message}]
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }


def _name(status: int) -> str:
    return f"Problem{status}"


RESPONSES = {_name(status): _response(status, *told) for status, told in _DETAILS.items()}
"""The components that operations refer to."""


def refusals(operation: _Document, method: str, handler: HTTPRouteHandler) -> _Document:
    """The responses of an operation that is refused."""
    found = {
        str(status): {"$ref": f"#/components/responses/{_name(status)}"}
        for status in sorted(_statuses(operation, method, handler))
    }
    return {**found, "5XX": {"$ref": f"#/components/responses/{_name(_SERVER)}"}}


def _statuses(operation: _Document, method: str, handler: HTTPRouteHandler) -> set[int]:
    rate, public = handler.opt[guards.RATE], bool(handler.opt.get(guards.PUBLIC))
    parameters, writes = operation["parameters"], method != "GET"
    found = set() if rate is RateClass.UNLIMITED else {422, 429}
    if not public:
        found |= {401, 403}
    if rate is RateClass.LOGIN:
        found.add(401)
    if guards.FORM in handler.opt:
        found |= {400, 403, 404, 413, 415}  # 403: the form is on a page of another site
    if writes and not public:
        found |= {404, 409}  # what a body names may be missing too
    found |= set(handler.opt.get(guards.REFUSES, ()))
    if any(one["in"] == "path" for one in parameters):
        found.add(404)
    if any(one["name"] == "cursor" for one in parameters):
        found.add(400)
    if handler.parsed_data_field is not None or rate is RateClass.WEBHOOK:
        found |= {400, 413, 415}
    return found
