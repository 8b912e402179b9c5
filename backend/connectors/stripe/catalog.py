"""The actions on Stripe, in the order in which an agent is told of them."""

from backend.connectors.actions import Action
from backend.connectors.stripe.actions.create_credit_note import CreateCreditNote
from backend.connectors.stripe.actions.mark_uncollectible import MarkUncollectible
from backend.connectors.stripe.actions.merge_details import MergeDetails
from backend.connectors.stripe.actions.pay_invoice import PayInvoice
from backend.connectors.stripe.actions.restore_details import RestoreDetails
from backend.connectors.stripe.actions.send_reminder import SendReminder
from backend.connectors.stripe.actions.void_credit_note import VoidCreditNote
from backend.connectors.stripe.actions.void_invoice import VoidInvoice

ACTIONS: tuple[Action, ...] = (
    SendReminder(),
    CreateCreditNote(),
    MarkUncollectible(),
    VoidInvoice(),
    VoidCreditNote(),
    PayInvoice(),
    MergeDetails(),
    RestoreDetails(),
)
