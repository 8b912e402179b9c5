"""The OpenAPI document: what Litestar finds, completed by what the routes themselves declare."""

import copy
import re
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import msgspec
from litestar import Litestar, Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.routes import HTTPRoute

from backend.api import guards, idempotency, sparse
from backend.api.examples import example_of
from backend.api.idempotency import Kept
from backend.api.refusals import RESPONSES, refusals
from backend.schemas.common import Wire
from backend.schemas.problems import Problem

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_REF = "#/components/schemas/{name}"
_SESSION = {"type": "apiKey", "in": "cookie", "name": "countersign_session"}
_BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
_ANSWERS = {
    "text/event-stream": 'id: 42\nevent: proposal.changed\ndata: {"seq": 42}\n\n',
    "application/x-ndjson": '{"seq": 1}\n{"seq": 2}\n',
    "text/csv": "status,title\r\nPending,Credit €120.00\r\n",
    "text/css": ":root { --brand: #2450c4; }\n",
    "text/html": "<!doctype html>",
}
_SEE_OTHER = 303
_DONE = {"description": "Done, with nothing to say"}
_Document = dict[str, Any]


class Contract(JsonRenderPlugin):
    """Serves the document, which is made once."""

    def __init__(self) -> None:
        super().__init__(path=["/", "/openapi.json"])
        self._text: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: _Document) -> bytes:
        """The document as JSON."""
        if self._text is None:
            self._text = msgspec.json.encode(document(request.app, openapi_schema))
        return self._text


def document(app: Litestar, found: _Document) -> _Document:
    """The whole document."""
    made = copy.deepcopy(found)
    operations = [
        (made["paths"][route.path_format][method.lower()], route, method, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
        if method.lower() in made["paths"].get(route.path_format, {})
    ]
    types = {one for _, _, _, handler in operations for one in _wire_types(handler)}
    ordered = sorted(types, key=str)
    schemas, components = msgspec.json.schema_components(
        [*ordered, Problem],
        schema_hook=lambda _: {"description": "any JSON value"},
        ref_template=_REF,
    )
    named = dict(zip(ordered, schemas, strict=False))
    for operation, route, method, handler in operations:
        _complete(operation, route, method, handler, named)
    enumerations = {
        name: schema for name, schema in made["components"]["schemas"].items() if "enum" in schema
    }
    made["components"] = {
        "schemas": {**enumerations, **components},
        "responses": RESPONSES,
        "securitySchemes": {"bearer": _BEARER, "session": _SESSION},
    }
    return made


def answer_of(handler: HTTPRouteHandler) -> Any:  # noqa: ANN401 - a type
    """What the route answers when it succeeds: the type inside of a response."""
    annotation = handler.parsed_fn_signature.return_type.annotation
    if isinstance(origin := get_origin(annotation), type) and issubclass(origin, Response):
        return get_args(annotation)[0]
    return annotation


def is_kept(handler: HTTPRouteHandler) -> bool:
    """Whether the route keeps its reply under an ``Idempotency-Key``."""
    origin = get_origin(handler.parsed_fn_signature.return_type.annotation)
    return isinstance(origin, type) and issubclass(origin, Kept)


def _wire_types(handler: HTTPRouteHandler) -> Iterator[Any]:
    field = handler.parsed_data_field
    form = handler.opt.get(guards.FORM)
    for one in (answer_of(handler), form, field.annotation if field else None):
        if _is_wire(one):
            yield one


def _is_wire(annotation: Any) -> bool:  # noqa: ANN401 - a type
    plain = get_origin(annotation) or annotation
    return isinstance(plain, type) and issubclass(plain, Wire)


def _complete(
    operation: _Document,
    route: HTTPRoute,
    method: str,
    handler: HTTPRouteHandler,
    named: dict[Any, _Document],
) -> None:
    public = bool(handler.opt.get(guards.PUBLIC))
    operation["summary"] = _sentence(operation.get("description", handler.handler_name))
    operation["tags"] = [_tag(route.path_format)]
    operation["security"] = [] if public else [{"bearer": []}, {"session": []}]
    given = [_tidy(one) for one in operation.get("parameters", [])]
    if names := sparse.selectable(handler):
        given += [
            _fields(names),
            _header("If-None-Match", "the ETag of what one has: 304 if it is the same"),
        ]
    if is_kept(handler):
        words = "makes a repeated request the same request: its reply is kept and sent again"
        given.append(_header(idempotency.HEADER, words, maxLength=255, minLength=1))
    operation["parameters"] = given
    if (field := handler.parsed_data_field) is not None:
        operation["requestBody"]["content"] = {_JSON: _media(field.annotation, named)}
    if (form := handler.opt.get(guards.FORM)) is not None:
        operation["requestBody"] = {"content": {_FORM: _media(form, named)}, "required": True}
    status = str(handler.status_code)
    operation["responses"] = {
        status: _success(operation["responses"][status], handler, named),
        **({"304": {"description": "The client has it"}} if sparse.selectable(handler) else {}),
        **({"204": _DONE} if status == "303" else {}),
        **refusals(operation, method, handler),
    }


def _success(found: _Document, handler: HTTPRouteHandler, named: dict[Any, _Document]) -> _Document:
    answer = answer_of(handler)
    if answer is None or answer is type(None):
        return {"description": found["description"]} if handler.status_code == _SEE_OTHER else _DONE
    made = {"description": found["description"]}
    if _is_wire(answer):
        made["content"] = {_JSON: _media(answer, named)}
    else:
        made["content"] = {
            kind: {
                "schema": found["content"].get(kind, {}).get("schema", {}),
                "example": _ANSWERS.get(kind, {"status": "ok"}),
            }
            for kind in handler.opt.get(guards.KINDS) or found["content"]
        }
    if sparse.selectable(handler):
        text = {"type": "string"}
        made["headers"] = {"ETag": {"description": "names these very bytes", "schema": text}}
    return made


def _media(annotation: Any, named: dict[Any, _Document]) -> _Document:  # noqa: ANN401 - a type
    return {"schema": named[annotation], "example": example_of(annotation)}


def _tidy(parameter: _Document) -> _Document:
    """A parameter that is absent is left out; nobody writes ``null`` into an address."""
    schema = dict(parameter["schema"])
    if "oneOf" in schema:
        kinds = [one for one in schema.pop("oneOf") if one != {"type": "null"}]
        schema = {**kinds[0], **schema} if len(kinds) == 1 else {**schema, "oneOf": kinds}
    description = schema.pop("description", None)
    kept = {name: parameter[name] for name in ("name", "in", "required")}
    return {**kept, **({"description": description} if description else {}), "schema": schema}


def _fields(names: tuple[str, ...]) -> _Document:
    return {
        "name": sparse.PARAMETER,
        "in": "query",
        "required": False,
        "description": "only these fields, separated by commas (of a list: of its items)",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string", "enum": list(names)}},
    }


def _header(name: str, description: str, **bounds: int) -> _Document:
    schema = {"type": "string", **bounds}
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": schema,
    }


def _sentence(description: str) -> str:
    first = re.split(r"(?<=[a-z\d`)])[.:;]\s|\n\n", description.strip(), maxsplit=1)[0]
    return " ".join(first.replace("``", "").split()).rstrip(".")


def _tag(path: str) -> str:
    return path.removeprefix("/api/v1").split("/")[1]
