"""Who takes part in the demo: two organizations, their people, and the secrets that belong to them."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

DemoRole = Literal["analyst", "approver", "admin", "viewer"]


@dataclass(frozen=True, slots=True)
class DemoOrganization:
    """``seed`` makes the receivables of its Stripe account; the same number makes the same ones."""

    slug: str
    name: str
    currency: str
    seed: int


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """``role`` is a word of the demo; `seed.py` says which system role it stands for."""

    email: str
    name: str
    role: DemoRole
    organization: str


ORGANIZATIONS = (
    DemoOrganization("meridian", "Meridian Supply (demo)", "usd", 11),
    DemoOrganization("harbor", "Harbor & Pine (demo)", "eur", 23),
)

PEOPLE = (
    DemoPerson("ana@meridian.example", "Ana Analyst", "analyst", "meridian"),
    DemoPerson("paul@meridian.example", "Paul Approver", "approver", "meridian"),
    DemoPerson("petra@meridian.example", "Petra Approver", "approver", "meridian"),
    DemoPerson("adam@meridian.example", "Adam Admin", "admin", "meridian"),
    DemoPerson("vera@meridian.example", "Vera Viewer", "viewer", "meridian"),
    DemoPerson("hana@harbor.example", "Hana Approver", "approver", "harbor"),
    DemoPerson("hugo@harbor.example", "Hugo Approver", "approver", "harbor"),
)


def password(master_key: bytes, email: str) -> str:
    """The person's password: different on every installation, the same after every start."""
    return f"demo-{_derived(master_key, f'password:{email}')[:10]}"


def stripe_key(master_key: bytes, slug: str) -> str:
    """The secret key of the organization's account at the Stripe simulator."""
    return f"sk_test_{slug}{_derived(master_key, f'stripe:{slug}')[:24]}"


def _derived(master_key: bytes, what: str) -> str:
    return hmac.digest(master_key, f"demo:{what}".encode(), hashlib.sha256).hex()
