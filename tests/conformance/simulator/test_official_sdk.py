"""The official `stripe` package, unmodified, takes the simulator for Stripe."""

import pytest
import stripe

from tests.conformance.simulator.process import Api


def test_an_invoice_goes_from_draft_to_paid(sdk: stripe.StripeClient) -> None:
    customer = sdk.v1.customers.create({"name": "Halvorsen Marine", "email": "a@b.example"})
    invoice = sdk.v1.invoices.create(
        {"customer": customer.id, "collection_method": "send_invoice", "days_until_due": 14}
    )
    for amount in (1000, 250):
        sdk.v1.invoice_items.create(
            {"customer": customer.id, "invoice": invoice.id, "amount": amount, "currency": "eur"}
        )
    opened = sdk.v1.invoices.finalize_invoice(invoice.id)
    assert (opened.status, opened.amount_due, len(opened.lines.data)) == ("open", 1250, 2)
    assert opened.due_date == opened.created + 14 * 86_400
    assert sdk.v1.invoices.send_invoice(invoice.id).status == "open"
    paid = sdk.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 1250, 0)
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        sdk.v1.invoices.pay(invoice.id)


def test_pending_items_are_taken_by_the_next_invoice(sdk: stripe.StripeClient) -> None:
    customer = sdk.v1.customers.create({"name": "Meerdink"})
    sdk.v1.invoice_items.create({"customer": customer.id, "amount": 700, "currency": "eur"})
    invoice = sdk.v1.invoices.create(
        {"customer": customer.id, "pending_invoice_items_behavior": "include"}
    )
    assert invoice.amount_due == 700
    assert not sdk.v1.invoice_items.list({"customer": customer.id, "pending": True}).data


def test_a_void_invoice_stays_void(sdk: stripe.StripeClient, api: Api) -> None:
    invoice = api.invoice()
    assert sdk.v1.invoices.void_invoice(invoice["id"]).status == "void"
    with pytest.raises(stripe.InvalidRequestError, match="isn't open"):
        sdk.v1.invoices.mark_uncollectible(invoice["id"])


def test_a_credit_note_lowers_what_is_left(sdk: stripe.StripeClient, api: Api) -> None:
    invoice = api.invoice(5000)
    note = sdk.v1.credit_notes.create(
        {"invoice": invoice["id"], "amount": 2000, "reason": "product_unsatisfactory"}
    )
    assert (note.status, note.pre_payment_amount) == ("issued", 2000)
    after = sdk.v1.invoices.retrieve(invoice["id"])
    assert (after.status, after.amount_remaining) == ("open", 3000)
    assert sdk.v1.credit_notes.void_credit_note(note.id).status == "void"
    assert sdk.v1.invoices.retrieve(invoice["id"]).amount_remaining == 5000


def test_a_refund_is_never_more_than_the_charge(sdk: stripe.StripeClient) -> None:
    charge = sdk.v1.charges.create({"amount": 900, "currency": "eur", "source": "tok_visa"})
    refund = sdk.v1.refunds.create({"charge": charge.id, "amount": 600})
    assert (refund.status, refund.amount) == ("succeeded", 600)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        sdk.v1.refunds.create({"charge": charge.id, "amount": 301})
    sdk.v1.refunds.create({"charge": charge.id})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sdk.v1.refunds.create({"charge": charge.id})
    assert caught.value.code == "charge_already_refunded"


def test_a_declined_card_is_a_card_error_and_leaves_a_trace(
    sdk: stripe.StripeClient, api: Api
) -> None:
    invoice = api.invoice(4000)
    with pytest.raises(stripe.CardError) as caught:
        sdk.v1.invoices.pay(invoice["id"], {"payment_method": "pm_card_chargeCustomerFail"})
    assert (caught.value.code, caught.value.http_status) == ("card_declined", 402)
    after = sdk.v1.invoices.retrieve(invoice["id"])
    assert (after.status, after.attempt_count, after.amount_remaining) == ("open", 1, 4000)
    [charge] = sdk.v1.charges.list({"customer": invoice["customer"]}).data
    assert (charge.status, charge.failure_code) == ("failed", "card_declined")


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ],
)
def test_a_test_card_is_declined_with_its_code_until_another_card_pays(
    sdk: stripe.StripeClient, api: Api, card: str, code: str, decline_code: str | None
) -> None:
    invoice = api.invoice(4000, customer=api.customer(payment_method=card)["id"])
    with pytest.raises(stripe.CardError) as caught:
        sdk.v1.invoices.pay(invoice["id"])
    assert (caught.value.code, caught.value.http_status) == (code, 402)
    [charge] = sdk.v1.charges.list({"customer": invoice["customer"]}).data
    assert charge.outcome is not None
    assert charge.outcome.reason == (decline_code or code)
    paid = sdk.v1.invoices.pay(invoice["id"], {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.attempt_count) == ("paid", 2)


def test_a_card_payment_can_be_found_and_refunded(sdk: stripe.StripeClient, api: Api) -> None:
    customer = api.customer(payment_method="pm_card_visa")
    invoice = api.invoice(4000, customer=customer["id"])
    assert sdk.v1.invoices.pay(invoice["id"]).status == "paid"
    [payment] = sdk.v1.invoice_payments.list({"invoice": invoice["id"]}).data
    note = sdk.v1.credit_notes.create(
        {"invoice": invoice["id"], "amount": 1500, "refund_amount": 1500}
    )
    assert note.type == "post_payment"
    [refund] = sdk.v1.refunds.list({"charge": str(payment.payment.charge)}).data
    assert refund.amount == 1500


def test_auto_paging_sees_everything_once_newest_first(sdk: stripe.StripeClient) -> None:
    made = [sdk.v1.customers.create({"name": f"Customer {n}"}).id for n in range(25)]
    seen = [one.id for one in sdk.v1.customers.list({"limit": 10}).auto_paging_iter()]
    assert seen == made[::-1]


def test_the_same_key_gives_the_same_object(sdk: stripe.StripeClient) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "order-1"}
    first = sdk.v1.customers.create({"name": "Once"}, options)
    again = sdk.v1.customers.create({"name": "Once"}, options)
    assert first.id == again.id
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        sdk.v1.customers.create({"name": "Twice"}, options)
    assert len(sdk.v1.customers.list().data) == 1


def test_a_wrong_key_is_an_authentication_error(api: Api) -> None:
    stranger = stripe.StripeClient(
        "sk_test_nobody_knows", base_addresses={"api": api.simulator.url}, max_network_retries=0
    )
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key provided: sk_test_"):
        stranger.v1.customers.list()


def test_another_account_sees_nothing(sdk: stripe.StripeClient, api: Api) -> None:
    other = Api(api.simulator, api.simulator.new_key())
    mine = other.customer()
    other.close()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sdk.v1.customers.retrieve(mine["id"])
    assert (caught.value.code, caught.value.http_status) == ("resource_missing", 404)
    assert sdk.v1.customers.list().data == []


def test_an_expanded_customer_is_an_object(sdk: stripe.StripeClient, api: Api) -> None:
    invoice = api.invoice()
    shown = sdk.v1.invoices.retrieve(invoice["id"], {"expand": ["customer"]})
    assert isinstance(shown.customer, stripe.Customer)
    [listed] = sdk.v1.invoices.list({"expand": ["data.customer"]}).data
    assert isinstance(listed.customer, stripe.Customer)


def test_tax_ids_are_part_of_a_customer_when_asked_for(sdk: stripe.StripeClient) -> None:
    customer = sdk.v1.customers.create({"name": "Meerdink"})
    made = sdk.v1.customers.tax_ids.create(
        customer.id, {"type": "eu_vat", "value": "NL123456789B01"}
    )
    shown = sdk.v1.customers.retrieve(customer.id, {"expand": ["tax_ids"]})
    assert shown.tax_ids is not None
    assert [one.id for one in shown.tax_ids.data] == [made.id]
    [listed] = sdk.v1.customers.list({"expand": ["data.tax_ids"]}).data
    assert listed.tax_ids is not None
    assert [one.value for one in listed.tax_ids.data] == ["NL123456789B01"]
    assert [one.id for one in sdk.v1.customers.tax_ids.list(customer.id)] == [made.id]


def test_an_empty_text_unsets_a_customers_details(sdk: stripe.StripeClient) -> None:
    made = sdk.v1.customers.create(
        {"name": "Meerdink", "email": "a@b.example", "address": {"city": "Zwolle"}}
    )
    after = sdk.v1.customers.update(made.id, {"email": "", "address": ""})
    assert (after.email, after.address, after.name) == (None, None, "Meerdink")


def test_a_deleted_customer_is_still_answered(sdk: stripe.StripeClient) -> None:
    customer = sdk.v1.customers.create({"name": "Gone"})
    assert sdk.v1.customers.delete(customer.id).deleted
    assert sdk.v1.customers.retrieve(customer.id).deleted
    assert sdk.v1.customers.list().data == []
