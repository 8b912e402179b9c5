"""One account of the simulator as a test sees it from outside: sets the scene, plans misfortune, knows the truth."""

import time
from typing import Any

from tests.conformance.simulator.process import Api

DAY = 86_400
Json = dict[str, Any]


class Account:
    """Everything here goes past the adapter."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def overdue_invoice(
        self, amount: int = 12_000, *, days: int = 40, params: Json | None = None
    ) -> Json:
        """An open invoice that was due so many days ago."""
        then = str(int(time.time()) - (days + 30) * DAY)
        terms = {"collection_method": "send_invoice", "days_until_due": 30}
        sent = {**terms, **(params or {})}
        if "customer" not in sent:
            sent["customer"] = self.api.customer()["id"]
        draft = self.api.post("invoices", sent, x_sim_now=then)
        line = {"invoice": draft["id"], "amount": amount, "description": "Deck coating"}
        self.api.post("invoiceitems", line, x_sim_now=then)
        return self.api.post(f"invoices/{draft['id']}/finalize", x_sim_now=then)

    def contested_invoice(self, amount: int = 12_000, *, contested: int = 5_000) -> Json:
        """An overdue invoice of whose amount the customer contests a part."""
        complaint = {
            "description": "It arrived damaged.",
            "metadata[disputed_amount]": str(contested),
        }
        return self.overdue_invoice(amount, params=complaint)

    def declined_invoice(self, card: str) -> Json:
        """An open invoice whose card was short of funds four days ago; ``card`` is the customer's now."""
        customer = self.api.customer(payment_method=card)["id"]
        made = self.overdue_invoice(params={"customer": customer})
        then = str(int(time.time()) - 4 * DAY)
        short = {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}
        self.api.refused(402, f"invoices/{made['id']}/pay", short, x_sim_now=then)
        return made

    def doubled_customer(self) -> tuple[str, str]:
        """A customer without phone and address, and a newer one with both behind the same mailbox."""
        then = str(int(time.time()) - 365 * DAY)
        bare = {"name": "Quist Timber B.V.", "email": "pay@quist.example"}
        older = self.api.post("customers", bare, x_sim_now=then)
        address = {"line1": "Havenstraat 12", "city": "Zwolle", "country": "NL"}
        known = {"email": "Pay@Quist.example", "phone": "+31 20 1234567"}
        flat = {f"address[{name}]": value for name, value in address.items()}
        newer = self.api.post("customers", {"name": "Quist Timber", **known, **flat})
        return older["id"], newer["id"]

    def invoice(self, source_id: str) -> Json:
        """The invoice as it is."""
        return self.api.get(f"invoices/{source_id}")

    def credit_notes(self, source_id: str) -> list[Json]:
        """The invoice's credit notes."""
        found: list[Json] = self.api.get("credit_notes", {"invoice": source_id})["data"]
        return found

    def misfortune(self, fault: str, method: str, path: str = "") -> None:
        """What the next matching call of this account meets."""
        plan: Json = {"fault": fault, "key": self.api.key, "method": method, "path_regex": path}
        answer = self.api.simulator.control("POST", "faults", sent=plan)
        assert answer.status_code == 201, answer.text

    def carried_out(self, key: str) -> int:
        """How often a request with this idempotency key was really executed."""
        executed: dict[str, int] = self.api.simulator.counts(self.api.key)["executed"]
        return executed.get(key, 0)
