"""The controls below `/_sim`: accounts, planned faults, the counter of the outside truth."""

import re
import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.embedded.simulators.stripe import idempotency
from backend.embedded.simulators.stripe.faults import REQUEST_FAULTS, WEBHOOK_FAULTS, Fault
from backend.embedded.simulators.stripe.store import Account, Store

if TYPE_CHECKING:
    from backend.embedded.simulators.stripe.app import Simulator

KEY = re.compile(r"sk_\w{8,}")


def routes(simulator: "Simulator") -> list[Route]:
    """The control routes over one simulator."""

    async def open_account(request: Request) -> Response:
        sent = await request.json()
        key = sent.get("key") or f"sk_test_{secrets.token_hex(12)}"
        if not KEY.fullmatch(key):
            return _refused("key must look like sk_test_… with at least 8 characters after sk_")
        name, currency = sent.get("name", "Test account"), sent.get("currency", "eur")
        account = await simulator.in_store(new_account, key, name, currency)
        return JSONResponse(_described(account), 201)

    async def list_accounts(_request: Request) -> Response:
        accounts = await simulator.in_store(Store.accounts)
        return JSONResponse({"accounts": [_described(one) for one in accounts]})

    async def plan_fault(request: Request) -> Response:
        try:
            plan = fault(await request.json())
        except (ValueError, re.error) as wrong:
            return _refused(str(wrong))
        simulator.faults.plan(plan)
        return JSONResponse({"fault": plan.fault, "times": plan.times}, 201)

    async def clear_faults(request: Request) -> Response:
        simulator.faults.clear(request.query_params.get("key"))
        return Response(status_code=204)

    async def counts(request: Request) -> Response:
        found = await simulator.in_store(_counts, request.query_params.get("key", ""))
        return JSONResponse(found) if found else _refused("no account has this key", 404)

    return [
        Route("/_sim/accounts", open_account, methods=["POST"]),
        Route("/_sim/accounts", list_accounts),
        Route("/_sim/faults", plan_fault, methods=["POST"]),
        Route("/_sim/faults", clear_faults, methods=["DELETE"]),
        Route("/_sim/counts", counts),
    ]


def fault(sent: Mapping[str, Any]) -> Fault:
    """A plan from `{fault, key?, method?, path_regex?, times?, seconds?}`; ValueError if unknown."""
    kind = str(sent.get("fault"))
    if kind not in (*REQUEST_FAULTS, *WEBHOOK_FAULTS):
        raise ValueError(f"fault must be one of {', '.join((*REQUEST_FAULTS, *WEBHOOK_FAULTS))}")
    return Fault(
        fault=kind,
        key=sent.get("key"),
        method=sent.get("method"),
        path=re.compile(sent.get("path_regex", "")),
        times=int(sent.get("times", 1)),
        seconds=float(sent.get("seconds", 1)),
    )


def new_account(store: Store, key: str, name: str, currency: str) -> Account:
    """Open an account for a key (or give the one it has)."""
    stripe_id = f"acct_{secrets.token_hex(8)}"
    return store.add_account(key, stripe_id, name, currency, int(time.time()))


def _counts(store: Store, key: str) -> dict[str, Any] | None:
    account = store.account(key)
    return idempotency.counts(store, account) if account else None


def _described(account: Account) -> dict[str, str]:
    return {
        "id": account.stripe_id,
        "key": account.secret_key,
        "name": account.name,
        "currency": account.currency,
    }


def _refused(message: str, status: int = 400) -> Response:
    return JSONResponse({"error": message, "simulator": "stripe"}, status)
