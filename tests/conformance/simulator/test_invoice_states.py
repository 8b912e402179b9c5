"""What an invoice may become, and what money does on the way."""

import pytest

from tests.conformance.simulator.process import Api

_STEPS = ("finalize", "send", "pay", "void", "mark_uncollectible")
_REACHED = {
    "draft": {"finalize": "open", "send": "open", "pay": "paid"},
    "open": {"send": "open", "pay": "paid", "void": "void", "mark_uncollectible": "uncollectible"},
    "uncollectible": {"send": "uncollectible", "pay": "paid", "void": "void"},
    "paid": {"send": "paid"},
    "void": {},
}
_WAY = {
    "draft": (),
    "open": ("finalize",),
    "uncollectible": ("finalize", "mark_uncollectible"),
    "paid": ("finalize", "pay"),
    "void": ("finalize", "void"),
}


@pytest.mark.parametrize("state", _WAY)
@pytest.mark.parametrize("step", _STEPS)
def test_only_stripes_transitions_are_allowed(api: Api, state: str, step: str) -> None:
    invoice = api.draft()
    for earlier in _WAY[state]:
        _take(api, invoice["id"], earlier)
    if step in _REACHED[state]:
        assert _take(api, invoice["id"], step)["status"] == _REACHED[state][step]
    else:
        api.refused(400, f"invoices/{invoice['id']}/{step}")
        assert api.get(f"invoices/{invoice['id']}")["status"] == state


def test_each_step_leaves_its_time_and_its_event(api: Api) -> None:
    invoice = api.invoice()
    voided = api.post(f"invoices/{invoice['id']}/void")
    moments = voided["status_transitions"]
    assert None not in (moments["finalized_at"], moments["voided_at"])
    assert moments["paid_at"] is None
    kinds = [one["type"] for one in api.get("events")["data"]]
    assert kinds.index("invoice.voided") < kinds.index("invoice.finalized")


def test_an_invoice_of_nothing_is_paid_when_it_opens(api: Api) -> None:
    assert api.invoice(0)["status"] == "paid"


def test_finalized_invoices_keep_their_terms_but_take_metadata(api: Api) -> None:
    invoice = api.invoice()
    error = api.refused(400, f"invoices/{invoice['id']}", {"days_until_due": 90})
    assert error["code"] == "invoice_not_editable"
    after = api.post(f"invoices/{invoice['id']}", {"metadata[reminders_sent]": "1"})
    assert after["metadata"] == {"reminders_sent": "1"}


def test_numbers_count_up_per_customer(api: Api) -> None:
    customer = api.customer()["id"]
    first, second = (api.invoice(customer=customer)["number"] for _ in range(2))
    assert (first[-5:], second[-5:]) == ("-0001", "-0002")
    assert first[:-4] == second[:-4]


def test_sending_needs_a_mailbox(api: Api) -> None:
    invoice = api.invoice(customer=api.post("customers", {"name": "No mail"})["id"])
    assert "Missing email" in api.refused(400, f"invoices/{invoice['id']}/send")["message"]


def test_a_credit_note_over_everything_settles_the_invoice(api: Api) -> None:
    invoice = api.invoice(5000)
    api.post("credit_notes", {"invoice": invoice["id"], "amount": 5000})
    after = api.get(f"invoices/{invoice['id']}")
    assert (after["status"], after["amount_remaining"], after["amount_paid"]) == ("paid", 0, 0)


def test_a_credit_note_never_exceeds_the_invoice(api: Api) -> None:
    invoice = api.invoice(5000)
    api.post("credit_notes", {"invoice": invoice["id"], "amount": 4000})
    api.refused(400, "credit_notes", {"invoice": invoice["id"], "amount": 1001})
    assert api.get(f"invoices/{invoice['id']}")["amount_remaining"] == 1000


def test_a_credit_note_after_payment_says_where_the_money_goes(api: Api) -> None:
    invoice = api.invoice(5000)
    api.post(f"invoices/{invoice['id']}/pay", {"paid_out_of_band": "true"})
    api.refused(400, "credit_notes", {"invoice": invoice["id"], "amount": 700})
    sent = {"invoice": invoice["id"], "amount": 700, "credit_amount": 700}
    assert api.post("credit_notes", sent)["type"] == "post_payment"
    assert api.get(f"customers/{invoice['customer']}")["balance"] == -700
    assert api.get(f"invoices/{invoice['id']}")["status"] == "paid"


def test_drafts_have_no_credit_notes(api: Api) -> None:
    api.refused(400, "credit_notes", {"invoice": api.draft()["id"], "amount": 1})


def _take(api: Api, invoice_id: str, step: str) -> dict[str, object]:
    params = {"paid_out_of_band": "true"} if step == "pay" else {}
    done: dict[str, object] = api.post(f"invoices/{invoice_id}/{step}", params)
    return done
