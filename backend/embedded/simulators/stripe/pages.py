"""Human-readable pages, every one headed "Stripe simulator": accounts, an invoice, a customer."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from backend.embedded.simulators.stripe import events
from backend.embedded.simulators.stripe.call import Call
from backend.embedded.simulators.stripe.store import Account, Object, Store

if TYPE_CHECKING:
    from backend.embedded.simulators.stripe.app import Simulator

_STYLE = """
body { font: 14px/1.5 system-ui, sans-serif; color: #1c1e21; margin: 0; background: #fafafa }
header { background: #3b3f46; color: #fff; padding: 10px 24px }
main { max-width: 860px; margin: 24px auto; padding: 0 24px }
table { border-collapse: collapse; width: 100%; background: #fff; margin-bottom: 24px }
td, th { text-align: left; padding: 6px 10px; border: 1px solid #e2e4e8; vertical-align: top }
"""


def routes(simulator: "Simulator") -> list[Route]:
    """The page routes over one simulator."""

    async def index(_request: Request) -> Response:
        return HTMLResponse(await simulator.in_store(_index))

    async def invoice(request: Request) -> Response:
        return _shown(await simulator.in_store(_invoice, request.path_params["id"]))

    async def customer(request: Request) -> Response:
        return _shown(await simulator.in_store(_customer, request.path_params["id"]))

    return [
        Route("/", index),
        Route("/dashboard/invoices/{id}", invoice),
        Route("/dashboard/customers/{id}", customer),
    ]


def _shown(page: str | None) -> Response:
    if page is None:
        return HTMLResponse(_page("Not found", "<p>This simulator keeps no such object.</p>"), 404)
    return HTMLResponse(page)


def _index(store: Store) -> str:
    rows = [
        (escape(one.name), one.currency.upper(), _amounts(store.count_objects(one)))
        for one in store.accounts()
    ]
    intro = (
        "<p>This program imitates Stripe's receivables API for demonstrations and tests. "
        "Nothing here is real: no money moves and no mail is sent.</p>"
    )
    return _page("Accounts", intro + _table(("Account", "Currency", "Objects"), rows))


def _amounts(counts: dict[str, int]) -> str:
    return escape(
        ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())) or "none"
    )


def _invoice(store: Store, invoice_id: str) -> str | None:
    found = store.anywhere("invoice", invoice_id)
    if found is None:
        return None
    account, body = found
    link = f"<a href='/dashboard/customers/{escape(body['customer'])}'>"
    moments = body["status_transitions"]
    facts = [
        ("Status", escape(body["status"])),
        ("Customer", f"{link}{escape(body['customer_name'] or body['customer'])}</a>"),
        ("Memo", escape(body["description"] or "")),
        ("Created", _day(body["created"])),
        ("Due", _day(body["due_date"])),
        *(
            (name.removesuffix("_at").replace("_", " ").capitalize(), _day(moments[name]))
            for name in moments
        ),
        *((escape(key), escape(value)) for key, value in body["metadata"].items()),
    ]
    lines = [
        (escape(line["description"] or ""), _period(line["period"]), _money(line, "amount"))
        for line in body["lines"]["data"]
    ]
    for label, name in (
        ("Total", "total"),
        ("Paid", "amount_paid"),
        ("Remaining", "amount_remaining"),
    ):
        lines.append((f"<b>{label}</b>", "", f"<b>{_money(body, name)}</b>"))
    notes = store.select(account, "credit_note", "AND parent = ?", (invoice_id,))
    credits_ = [
        (n["number"], escape(n["memo"] or ""), n["status"], _money(n, "amount")) for n in notes
    ]
    content = _table(("Invoice", escape(body["number"] or "draft")), facts)
    content += _table(("Line", "Period", "Amount"), lines)
    if credits_:
        content += _table(("Credit note", "Memo", "Status", "Amount"), credits_)
    return _page(
        f"Invoice {body['number'] or invoice_id}", content + _history(store, account, invoice_id)
    )


def _customer(store: Store, customer_id: str) -> str | None:
    found = store.anywhere("customer", customer_id)
    if found is None or found[1].get("deleted"):
        return None
    account, body = found
    facts = [
        ("Email", escape(body["email"] or "")),
        ("Balance", _money({**body, "currency": body["currency"] or account.currency}, "balance")),
        *((escape(key), escape(value)) for key, value in body["metadata"].items()),
    ]
    order = "AND customer = ? ORDER BY created DESC, seq DESC LIMIT 100"
    invoices = [
        (
            f"<a href='/dashboard/invoices/{one['id']}'>{escape(one['number'] or 'draft')}</a>",
            escape(one["status"]),
            _day(one["created"]),
            _day(one["due_date"]),
            _money(one, "total"),
        )
        for one in store.select(account, "invoice", order, (customer_id,))
    ]
    content = _table(("Customer", escape(body["name"] or customer_id)), facts)
    content += _table(("Invoice", "Status", "Created", "Due", "Total"), invoices)
    return _page(body["name"] or customer_id, content + _history(store, account, customer_id))


def _history(store: Store, account: Account, object_id: str) -> str:
    call = Call(store=store, account=account, now=int(time.time()))
    rows = [
        (
            _moment(one["created"]),
            escape(one["type"]),
            escape(one["request"]["idempotency_key"] or ""),
        )
        for one in events.of_subject(call, object_id)
    ]
    return _table(("When", "Event", "Idempotency key"), rows) if rows else ""


def _page(title: str, content: str) -> str:
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{escape(title)} · Stripe "
        f"simulator</title><style>{_STYLE}</style><header><b>Stripe simulator</b> · not the real "
        f"Stripe</header><main><h1>{escape(title)}</h1>{content}</main></html>"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells are HTML already."""
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def _money(body: Object, name: str) -> str:
    amount = body[name]
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100:,}.{abs(amount) % 100:02d} {body['currency'].upper()}"


def _day(moment: int | None) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d") if moment else "-"


def _moment(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _period(period: dict[str, int]) -> str:
    return f"{_day(period['start'])} to {_day(period['end'])}"
