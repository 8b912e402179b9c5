"""The playbooks that are shipped: the one list."""

from collections.abc import Callable
from dataclasses import dataclass

from backend.playbooks import duplicate_customers, failed_payments, overdue_invoices
from backend.playbooks.service import Definition


@dataclass(frozen=True, slots=True)
class Shipped:
    """A playbook as it is installed; ``definition`` is given the model that drives it."""

    slug: str
    name: str
    definition: Callable[[str], Definition]


SHIPPED = tuple(
    Shipped(one.SLUG, one.NAME, one.definition)
    for one in (overdue_invoices, duplicate_customers, failed_payments)
)
