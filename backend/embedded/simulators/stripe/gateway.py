"""One wire request as one transaction: operation, idempotency row, event and log entry together."""

import base64
import binascii
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.embedded.simulators.stripe import idempotency
from backend.embedded.simulators.stripe.call import Call
from backend.embedded.simulators.stripe.errors import StripeError, api_error, rate_limited
from backend.embedded.simulators.stripe.events import API_VERSION
from backend.embedded.simulators.stripe.params import decode, parse
from backend.embedded.simulators.stripe.render import present
from backend.embedded.simulators.stripe.routes import find
from backend.embedded.simulators.stripe.store import Account, Store

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.\w+)?")
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    """What arrived, without any web framework. Header names are lower case."""

    method: str
    path: str
    query: str
    body: bytes
    headers: Mapping[str, str]
    base_url: str
    now: int
    fault: str | None = None


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    body: str
    headers: Mapping[str, str]


def secret_key(headers: Mapping[str, str]) -> str | None:
    """The API key of Bearer or Basic authorization."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[0] or None
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None


def handle(store: Store, request: Request) -> Answer:
    """Answer one request; blocking, runs on the store's thread."""
    request_id = _request_id()
    headers = {"Request-Id": request_id}
    try:
        account = _authenticate(store, request)
        headers["Stripe-Version"] = _version(request)
        if request.fault == "429":
            raise rate_limited()
        call = Call(
            store=store,
            account=account,
            now=request.now,
            request_id=request_id,
            idempotency_key=_key(request),
            base_url=request.base_url,
        )
        status, body, replayed = _in_transaction(call, request)
    except StripeError as error:
        return Answer(error.status, _json(error.body()), headers)
    if call.idempotency_key:
        headers["Idempotency-Key"] = call.idempotency_key
        headers["Original-Request"] = replayed or request_id
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return Answer(status, body, headers)


def refusal(error: StripeError) -> Answer:
    """An answer that never reached the store."""
    return Answer(error.status, _json(error.body()), {"Request-Id": _request_id()})


def _request_id() -> str:
    return f"req_{secrets.token_hex(7)}"


def _authenticate(store: Store, request: Request) -> Account:
    key = secret_key(request.headers)
    if key is None:
        raise StripeError(
            "You did not provide an API key. You need to provide your API key in the Authorization "
            "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
        )
    account = store.account(key)
    if account is None:
        masked = key[:8] + "*" * max(len(key) - 12, 0) + key[-4:]
        raise StripeError(f"Invalid API Key provided: {masked}", status=401)
    return account


def _version(request: Request) -> str:
    version = request.headers.get("stripe-version", API_VERSION)
    if not _VERSION.fullmatch(version):
        raise StripeError(f"Invalid Stripe API version: {version}")
    return version


def _key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    if key and len(key) > idempotency.MAX_KEY:
        raise StripeError(
            "Idempotency-Key must be at most 255 characters", kind="idempotency_error"
        )
    return key or None


def _in_transaction(call: Call, request: Request) -> tuple[int, str, str | None]:
    """(status, body, request id of the first execution if this is its replay)."""
    raw = _raw_params(request)
    if request.method == "GET":
        return 200, _json(_execute(call, request, raw)), None
    fingerprint = hashlib.sha256(
        json.dumps([request.method, request.path, raw], sort_keys=True).encode()
    ).hexdigest()
    with call.store.transaction():
        stored = idempotency.recall(call, fingerprint)
        if stored is not None:
            return stored.status, stored.body, stored.request_id
        status, body = _change(call, request, raw)
        idempotency.remember(call, fingerprint, status, body)
    return status, body, None


def _change(call: Call, request: Request, raw: Mapping[str, Any]) -> tuple[int, str]:
    """Run a writing operation; what Stripe stores under the key is returned, the rest raised."""
    if request.fault == "500":
        return 500, _json(api_error().body())
    try:
        body = _json(_execute(call, request, raw))
    except StripeError as error:
        if not error.is_stored:
            raise
        idempotency.log(call, request.method, request.path, error.status)
        return error.status, _json(error.body())
    idempotency.log(call, request.method, request.path, 200)
    if request.fault == "500-after":
        return 500, _json(api_error().body())
    return 200, body


def _execute(call: Call, request: Request, raw: Mapping[str, Any]) -> dict[str, Any]:
    route, ids = find(request.method, request.path)
    params = parse(raw, route.params)
    if request.method == "GET" and request.fault == "500":
        raise api_error()
    result = route.operation(call, params, *ids)
    is_new_endpoint = route.template == "/v1/webhook_endpoints" and route.method == "POST"
    return present(call, result, params.get("expand", []), keep_secret=is_new_endpoint)


def _raw_params(request: Request) -> dict[str, Any]:
    if request.method != "POST":
        return decode(request.query)
    content = request.headers.get("content-type", _FORM).partition(";")[0].strip()
    if request.body and content != _FORM:
        raise StripeError(
            "Invalid request (check that your POST content type is "
            "application/x-www-form-urlencoded)."
        )
    encoded = request.body.decode(errors="replace")
    return decode("&".join(part for part in (request.query, encoded) if part))


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"))
