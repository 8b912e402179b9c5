"""Every action against the simulator: what it does, that it is found again, that it is done once whatever is lost."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from backend.connectors.actions import Action
from backend.connectors.base import UpstreamUnreachableError
from backend.connectors.records import Address, Invoice, Record
from backend.connectors.stripe.adapter import StripeAdapter
from backend.connectors.stripe.catalog import ACTIONS
from backend.core.errors import UpstreamError, UpstreamRejectedError
from backend.core.money import Money
from tests.conformance.stripe.account import Account

BY_NAME = {action.name: action for action in ACTIONS}


@dataclass(frozen=True)
class Case:
    """One action with parameters; ``is_done`` looks at the outside world, past the adapter.

    ``prepare`` makes a target that fits and gives the parameters that only then are known.
    """

    action: Action
    parameters: dict[str, Any]
    is_done: Callable[[Account, str], bool]
    prepare: Callable[[Account], tuple[str, dict[str, Any]]] = field(
        default=lambda account: (account.overdue_invoice()["id"], {})
    )


def _was_sent(account: Account, invoice_id: str) -> bool:
    events = account.api.get("events", {"type": "invoice.sent", "limit": 100})["data"]
    return [event["data"]["object"]["id"] for event in events] == [invoice_id]


def _has_status(status: str) -> Callable[[Account, str], bool]:
    return lambda account, invoice_id: bool(account.invoice(invoice_id)["status"] == status)


def _was_credited(account: Account, invoice_id: str) -> bool:
    notes = account.credit_notes(invoice_id)
    return [{name: note[name] for name in CREDIT} for note in notes] == [CREDIT]


def _was_voided(account: Account, invoice_id: str) -> bool:
    return [note["status"] for note in account.credit_notes(invoice_id)] == ["void"]


def _credited(account: Account) -> tuple[str, dict[str, Any]]:
    made = account.overdue_invoice()
    note = account.api.post("credit_notes", {"invoice": made["id"], "amount": 2_500})
    return made["id"], {"credit_note": note["id"]}


ADDRESS = {"line1": "Havenstraat 1", "postal_code": "1234AB", "city": "Zwolle", "country": "NL"}
DETAILS = {"email": "a@ada.example", "phone": "+31 20 1234567", "billing_address": ADDRESS}


def _is_merged(account: Account, customer_id: str) -> bool:
    found = account.api.get(f"customers/{customer_id}")
    links = [name for name in found["metadata"] if name.startswith("duplicate_")]
    return found["email"] == DETAILS["email"] and bool(links)


def _is_restored(account: Account, customer_id: str) -> bool:
    found = account.api.get(f"customers/{customer_id}")
    links = [name for name in found["metadata"] if name.startswith("duplicate_")]
    return (found["email"], found["phone"], found["address"], links) == (None, None, None, [])


def _doubled(account: Account) -> tuple[str, dict[str, Any]]:
    kept, duplicate = (account.api.post("customers", {"name": "Ada Ltd"})["id"] for _ in range(2))
    return kept, {"duplicate": duplicate}


def _merged(account: Account) -> tuple[str, dict[str, Any]]:
    kept, found_out = _doubled(account)
    address = {f"address[{name}]": value for name, value in ADDRESS.items()}
    plain = {"email": DETAILS["email"], "phone": DETAILS["phone"], **address}
    link = {f"metadata[duplicate_{found_out['duplicate']}]": "linked"}
    account.api.post(f"customers/{kept}", {**plain, **link})
    return kept, found_out


def _declined(account: Account) -> tuple[str, dict[str, Any]]:
    customer = account.api.customer(payment_method="pm_card_visa")["id"]
    made = account.overdue_invoice(params={"customer": customer})
    short = {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}
    account.api.refused(402, f"invoices/{made['id']}/pay", short)
    return made["id"], {}


CREDIT = {"amount": 2_500, "reason": "product_unsatisfactory", "memo": "One pallet was damaged"}
CASES = [
    Case(BY_NAME["stripe.invoice.send_reminder"], {}, _was_sent),
    Case(BY_NAME["stripe.credit_note.create"], CREDIT, _was_credited),
    Case(BY_NAME["stripe.invoice.mark_uncollectible"], {}, _has_status("uncollectible")),
    Case(BY_NAME["stripe.invoice.void"], {"duplicate_of": "INV-1"}, _has_status("void")),
    Case(BY_NAME["stripe.credit_note.void"], {"amount": 2_500}, _was_voided, _credited),
    Case(BY_NAME["stripe.invoice.pay"], {}, _has_status("paid"), _declined),
    Case(BY_NAME["stripe.customer.merge_details"], DETAILS, _is_merged, _doubled),
    Case(BY_NAME["stripe.customer.restore_details"], DETAILS, _is_restored, _merged),
]
FIELDS = {
    "invoice": ("status", "currency", "total", "balance", "credited", "due_date", "memo"),
    "customer": ("name", "email", "phone", "billing_address", "tax_ids", "is_active"),
}
PAY = next(case for case in CASES if case.action.name == "stripe.invoice.pay")
every_action = pytest.mark.parametrize("case", CASES, ids=lambda case: case.action.name)


class Effect:
    """One effect on a fresh target: may be sent and read back as often as one likes."""

    def __init__(
        self, stripe: StripeAdapter, case: Case, target: Record, found_out: dict[str, Any]
    ) -> None:
        self.id = str(uuid4())
        self.target = target
        self._stripe = stripe
        self._action = case.action
        self.found_out = found_out
        parameters = msgspec.convert({**case.parameters, **found_out}, case.action.parameters)
        self.request = case.action.request(target, parameters, self.id)
        self.expected = case.action.changes(target, parameters)
        self._dispatched_at = datetime.now(UTC)

    async def send(self) -> str:
        return (await self._stripe.send(self.request, self.id)).object_id

    async def read_back(self, stripe: StripeAdapter | None = None) -> str | None:
        found = await self._action.read_back(
            stripe or self._stripe, self.target.source_id, self.id, self._dispatched_at
        )
        return found.object_id if found else None


async def _effect(stripe: StripeAdapter, account: Account, case: Case) -> Effect:
    source_id, found_out = case.prepare(account)
    target = await stripe.record(case.action.target_kind, source_id)
    return Effect(stripe, case, target, found_out)


def test_every_action_has_a_case() -> None:
    assert {case.action.name for case in CASES} == set(BY_NAME)


@every_action
async def test_an_action_does_what_it_says_and_is_found_again(
    stripe: StripeAdapter, account: Account, case: Case
) -> None:
    effect = await _effect(stripe, account, case)
    assert await effect.read_back() is None

    object_id = await effect.send()

    assert case.is_done(account, effect.target.source_id)
    assert await effect.read_back() == object_id
    assert account.carried_out(effect.id) == 1


@every_action
async def test_the_record_differs_afterwards_in_just_the_fields_that_the_action_names(
    stripe: StripeAdapter, account: Account, case: Case
) -> None:
    effect = await _effect(stripe, account, case)

    await effect.send()

    after = await stripe.record(case.action.target_kind, effect.target.source_id)
    named = {change.path: change.after for change in effect.expected if "." not in change.path}
    named.pop("reminder", None)
    for name in FIELDS[case.action.target_kind]:
        value: object = getattr(after, name)
        if isinstance(after, Invoice) and isinstance(named.get(name), Money):
            value = after.money(getattr(after, name))
        if isinstance(value, Address) and name in named:
            value = value.text()
        assert value == named.get(name, getattr(effect.target, name)), name


@every_action
async def test_a_lost_reply_is_read_back_and_sending_again_does_nothing_twice(
    stripe: StripeAdapter, account: Account, case: Case
) -> None:
    effect = await _effect(stripe, account, case)
    account.misfortune("lost", "POST")

    with pytest.raises(UpstreamUnreachableError):
        await effect.send()

    found = await effect.read_back()
    assert found is not None
    assert await effect.send() == found
    assert case.is_done(account, effect.target.source_id)
    assert account.carried_out(effect.id) == 1


@every_action
async def test_a_failure_after_the_work_is_read_back_although_the_failure_is_replayed(
    stripe: StripeAdapter, account: Account, case: Case
) -> None:
    effect = await _effect(stripe, account, case)
    account.misfortune("500-after", "POST")

    for _ in range(2):
        with pytest.raises(UpstreamError):
            await effect.send()

    assert await effect.read_back() is not None
    assert account.carried_out(effect.id) == 1


@every_action
async def test_a_request_that_never_arrived_is_not_found(
    stripe: StripeAdapter, account: Account, case: Case
) -> None:
    effect = await _effect(stripe, account, case)
    account.misfortune("lost-before", "POST")

    with pytest.raises(UpstreamUnreachableError):
        await effect.send()

    assert await effect.read_back() is None
    assert not case.is_done(account, effect.target.source_id)


@every_action
async def test_the_same_change_made_by_somebody_else_is_not_taken_for_ours(
    stripe: StripeAdapter, account: Account, case: Case
) -> None:
    ours = await _effect(stripe, account, case)
    theirs = Effect(stripe, case, ours.target, ours.found_out)

    await theirs.send()

    assert await ours.read_back() is None


@every_action
async def test_another_account_finds_nothing_and_can_change_nothing(
    stripe: StripeAdapter, stranger: StripeAdapter, account: Account, case: Case
) -> None:
    effect = await _effect(stripe, account, case)

    with pytest.raises(UpstreamRejectedError, match="No such"):
        await stranger.send(effect.request, effect.id)

    await effect.send()
    assert await effect.read_back(stranger) is None


async def test_an_effect_is_found_behind_the_first_page_of_events(
    stripe: StripeAdapter, account: Account
) -> None:
    effect = await _effect(stripe, account, CASES[0])
    await effect.send()
    other = account.overdue_invoice()["id"]
    for _ in range(120):
        account.api.post(f"invoices/{other}/send")

    assert await effect.read_back() == effect.target.source_id


async def test_a_refusal_is_final_and_in_stripes_words(
    stripe: StripeAdapter, account: Account
) -> None:
    effect = await _effect(stripe, account, CASES[1])
    account.api.post(f"invoices/{effect.target.source_id}/void")

    with pytest.raises(UpstreamRejectedError, match="This invoice is void") as refused:
        await effect.send()

    assert not refused.value.retryable
    assert account.carried_out(effect.id) == 0


async def test_a_card_that_is_declined_again_is_a_refusal_and_no_money_has_moved(
    stripe: StripeAdapter, account: Account
) -> None:
    customer = account.api.customer(payment_method="pm_card_chargeDeclinedExpiredCard")["id"]
    made = account.overdue_invoice(params={"customer": customer})
    effect = Effect(stripe, PAY, await stripe.invoice(made["id"]), {})
    account.misfortune("lost", "POST")

    with pytest.raises(UpstreamUnreachableError):
        await effect.send()
    assert await effect.read_back() is None
    with pytest.raises(UpstreamRejectedError, match="expired"):
        await effect.send()

    assert account.invoice(made["id"])["attempt_count"] == 1
    [payment] = await stripe.payments(customer)
    assert (payment.status, payment.failure_code) == ("failed", "expired_card")


async def test_a_key_that_was_used_for_another_request_is_not_a_final_refusal(
    stripe: StripeAdapter, account: Account
) -> None:
    first = await _effect(stripe, account, CASES[3])
    second = await _effect(stripe, account, CASES[3])
    await first.send()

    with pytest.raises(UpstreamError, match="idempotent"):
        await stripe.send(second.request, first.id)
