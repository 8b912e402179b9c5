"""The outside system as both rivals' programs use it: Stripe's own SDK, one read and one credit note."""

from stripe import StripeClient

AMOUNT = 4_500
_MARK = "run"


class Outside:
    """One Stripe account. ``base`` is where its API answers.

    ``look_first``: look for the credit note before making it, as one may write by hand.
    """

    def __init__(self, secret: str, base: str, *, look_first: bool) -> None:
        self._stripe = StripeClient(secret, base_addresses={"api": base})
        self._look_first = look_first

    def open_balance(self, invoice: str) -> int:
        """What the customer still owes."""
        return self._stripe.v1.invoices.retrieve(invoice).amount_remaining

    def credit(self, invoice: str, key: str) -> str:
        """Credit part of the invoice under an idempotency key; the credit note's id."""
        if self._look_first:
            for note in self._stripe.v1.credit_notes.list({"invoice": invoice}).data:
                if note.to_dict()["metadata"].get(_MARK) == key:
                    return note.id
        made = self._stripe.v1.credit_notes.create(
            {
                "invoice": invoice,
                "amount": AMOUNT,
                "reason": "product_unsatisfactory",
                "metadata": {_MARK: key},
            },
            {"idempotency_key": key},
        )
        return made.id
