from datetime import UTC, datetime, timedelta

import pytest

from backend.connectors.base import (
    UpstreamAuthenticationError,
    UpstreamNotFoundError,
    UpstreamRateLimitedError,
    UpstreamUnreachableError,
)
from backend.connectors.records import Address
from backend.connectors.stripe.adapter import StripeAdapter, opener
from backend.core.errors import UpstreamError
from backend.core.settings import StripeSettings
from tests.conformance.stripe.account import Account


async def test_an_invoice_is_read_with_its_amounts_dates_lines_and_free_fields(
    stripe: StripeAdapter, account: Account
) -> None:
    made = account.overdue_invoice(
        23_500,
        days=12,
        params={"description": "Half arrived damaged", "metadata[reminders_sent]": "2"},
    )
    account.api.post("credit_notes", {"invoice": made["id"], "amount": 3_500})

    invoice = await stripe.invoice(made["id"])

    assert (invoice.total, invoice.balance, invoice.credited) == (23_500, 20_000, 3_500)
    assert (invoice.currency, invoice.status) == ("EUR", "open")
    assert (invoice.number, invoice.customer_name) == (made["number"], "Halvorsen Marine")
    assert invoice.due_date == (datetime.now(UTC) - timedelta(days=12)).date()
    assert invoice.memo == "Half arrived damaged"
    assert invoice.custom_fields == {"reminders_sent": "2"}
    assert [line.description for line in invoice.lines] == ["Deck coating"]


async def test_a_customer_is_read_with_address_tax_numbers_and_whether_a_card_is_there(
    stripe: StripeAdapter, account: Account
) -> None:
    address = {
        "address[line1]": "Havenstraat 1",
        "address[city]": "Zwolle",
        "address[country]": "NL",
    }
    made = account.api.customer(payment_method="pm_card_visa", **address)
    account.api.post(f"customers/{made['id']}/tax_ids", {"type": "eu_vat", "value": "NL1B01"})
    plain = account.api.post("customers", {"name": "Quist", "metadata[tax_number]": "SE2"})

    customer = await stripe.customer(made["id"])

    assert customer.billing_address == Address(line1="Havenstraat 1", city="Zwolle", country="NL")
    assert (customer.tax_ids, customer.has_card) == (("NL1B01",), True)
    listed = {one.source_id: one async for page in stripe.customers() for one in page}
    assert listed[made["id"]] == customer
    found = listed[plain["id"]]
    assert (found.billing_address, found.tax_ids, found.has_card) == (None, ("SE2",), False)


async def test_a_list_is_read_to_its_end_without_gap_or_repetition(
    stripe: StripeAdapter, account: Account
) -> None:
    made = {account.api.customer(name=f"Customer {number}")["id"] for number in range(205)}

    pages = [[customer.source_id for customer in page] async for page in stripe.customers()]

    assert [len(page) for page in pages] == [100, 100, 5]
    assert {source_id for page in pages for source_id in page} == made


async def test_an_empty_account_has_no_pages(stripe: StripeAdapter) -> None:
    assert [page async for page in stripe.invoices()] == []


async def test_an_invoice_with_many_lines_is_read_with_all_of_them(
    stripe: StripeAdapter, account: Account
) -> None:
    draft = account.api.draft()
    for number in range(30):
        line = {"invoice": draft["id"], "amount": 100, "description": f"Line {number}"}
        account.api.post("invoiceitems", line)

    invoice = await stripe.invoice(draft["id"])

    assert len(invoice.lines) == 31
    assert sum(line.amount for line in invoice.lines) == invoice.total


async def test_payment_attempts_are_read_newest_first_with_the_reason_of_failure(
    stripe: StripeAdapter, account: Account
) -> None:
    made = account.overdue_invoice(9_000)
    pay = f"invoices/{made['id']}/pay"
    account.api.refused(402, pay, {"payment_method": "pm_card_chargeCustomerFail"})
    account.api.post(pay, {"payment_method": "pm_card_visa"}, x_sim_now=_in_an_hour())

    payments = await stripe.payments(made["customer"])

    assert [payment.status for payment in payments] == ["succeeded", "failed"]
    assert [payment.failure for payment in payments] == [None, "Your card was declined."]
    assert {(payment.amount, payment.currency) for payment in payments} == {(9_000, "EUR")}


async def test_refunds_of_a_charge_are_listed(stripe: StripeAdapter, account: Account) -> None:
    customer = account.api.customer()["id"]
    charge = account.api.post(
        "charges",
        {"amount": 800, "currency": "eur", "customer": customer, "source": "tok_visa"},
    )
    account.api.post("refunds", {"charge": charge["id"], "amount": 300})

    refunds = await stripe.refunds(charge["id"])

    assert [(refund.amount, refund.charge) for refund in refunds] == [(300, charge["id"])]


async def test_another_accounts_objects_do_not_exist(
    stranger: StripeAdapter, account: Account
) -> None:
    made = account.overdue_invoice()

    assert [page async for page in stranger.invoices()] == []
    with pytest.raises(UpstreamNotFoundError, match=made["id"]):
        await stranger.invoice(made["id"])
    with pytest.raises(UpstreamNotFoundError, match=made["customer"]):
        await stranger.customer(made["customer"])


async def test_a_deleted_customer_is_not_found(stripe: StripeAdapter, account: Account) -> None:
    customer = account.api.customer()["id"]
    assert account.api.call("DELETE", f"customers/{customer}").status_code == 200

    with pytest.raises(UpstreamNotFoundError, match="deleted"):
        await stripe.customer(customer)


async def test_a_wrong_key_is_an_authentication_error_that_does_not_show_the_key(
    account: Account,
) -> None:
    settings = StripeSettings(account.api.simulator.url, "https://dashboard.example")
    secret = "sk_test_never_seen_before"

    async with opener(settings)(secret.encode()) as adapter:
        with pytest.raises(UpstreamAuthenticationError) as refused:
            await adapter.invoice("in_1")

    assert secret not in str(refused.value)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("429", UpstreamRateLimitedError),
        ("500", UpstreamError),
        ("lost", UpstreamUnreachableError),
        ("lost-before", UpstreamUnreachableError),
    ],
)
async def test_a_passing_failure_is_retryable_and_the_next_call_succeeds(
    stripe: StripeAdapter, account: Account, fault: str, error: type[UpstreamError]
) -> None:
    made = account.overdue_invoice()
    account.misfortune(fault, "GET", "/v1/invoices/")

    with pytest.raises(error) as failed:
        await stripe.invoice(made["id"])

    assert failed.value.retryable
    assert (await stripe.invoice(made["id"])).source_id == made["id"]


async def test_nobody_listening_is_unreachable() -> None:
    settings = StripeSettings("http://127.0.0.1:9", "https://dashboard.example")

    async with opener(settings)(b"sk_test_1") as adapter:
        with pytest.raises(UpstreamUnreachableError, match=r"127\.0\.0\.1"):
            await adapter.invoice("in_1")


def _in_an_hour() -> str:
    return str(int((datetime.now(UTC) + timedelta(hours=1)).timestamp()))
