"""How alike two customers are: points for what they share, and what speaks against one being the other. Pure."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

from backend.connectors.records import Customer

ENOUGH = 50
WORTH_A_LOOK = 35
_FORMS = re.compile(
    r"ab|ag|bv|co|company|corp|corporation|gmbh|inc|kg|limited|llc|ltd|nv|sarl|sas|spa|srl"
)
_NEAR, _FAR = 0.88, 0.75
_CROWD = 5  # more customers than this behind one phone, address or domain: that tells nothing


@dataclass(frozen=True, slots=True)
class Likeness:
    """``score`` from 0 to 100 with its ``reasons``; anything ``against`` outweighs it."""

    score: int
    reasons: tuple[str, ...]
    against: tuple[str, ...]

    @property
    def is_duplicate(self) -> bool:
        """Whether the two are likely one customer. A like name alone never is enough."""
        return self.score >= ENOUGH and not self.against


def likeness(one: Customer, other: Customer) -> Likeness:
    """Compare mailbox, tax number, phone, address, name and domain."""
    names = _ratio(one.name, other.name)
    mailbox = _shared(_mailbox, one, other)
    tax = sorted(_tax_numbers(one) & _tax_numbers(other))
    found: list[tuple[int, str]] = []
    if mailbox:
        found.append((50, f"the same mailbox {mailbox}"))
    if tax:
        found.append((50, f"the same tax number {tax[0]}"))
    if _shared(_phone, one, other):
        found.append((30, f"the same phone {one.phone}"))
    if _shared(_place, one, other) and one.billing_address:
        found.append((25, f"the same address {one.billing_address.text()}"))
    if found or _shared(_domain, one, other):
        if names >= _NEAR:
            found.append((25, f"nearly the same name, {one.name} and {other.name}"))
        if not mailbox and (domain := _shared(_domain, one, other)):
            found.append((10, f"the same mail domain {domain}"))
    score = min(sum(points for points, _ in found), 100)
    against = _against(one, other, names, is_sure=bool(tax), is_reached_alike=bool(mailbox))
    return Likeness(score, tuple(reason for _, reason in found), against)


def link_to(duplicate: str) -> str:
    """The custom field by which a customer is linked with the duplicate of this source id."""
    return f"duplicate_{duplicate}"


def are_linked(one: Customer, other: Customer) -> bool:
    """Whether either names the other as its duplicate."""
    both = ((one, other), (other, one))
    return any(link_to(this.source_id) in that.custom_fields for this, that in both)


def pairs(customers: Sequence[Customer]) -> list[tuple[Customer, Customer, Likeness]]:
    """Pairs that are worth a look, the likest first. Compares only those that share something distinctive."""
    found = []
    for first, second in sorted(_blocks(customers)):
        like = likeness(customers[first], customers[second])
        if like.score >= WORTH_A_LOOK:
            found.append((customers[first], customers[second], like))
    return sorted(found, key=lambda pair: -pair[2].score)


def _against(
    one: Customer, other: Customer, names: float, *, is_sure: bool, is_reached_alike: bool
) -> tuple[str, ...]:
    if is_sure:
        return ()
    found = []
    if _tax_numbers(one) and _tax_numbers(other):
        numbers = f"{min(_tax_numbers(one))} and {min(_tax_numbers(other))}"
        found.append(f"each has a tax number of its own, {numbers}")
    if names < _FAR:
        found.append(f"the names differ, {one.name} and {other.name}")
    here, there = _city(one), _city(other)
    if here and there and here != there and not is_reached_alike:
        found.append(f"they are in different cities, {here.title()} and {there.title()}")
    return tuple(found)


def _blocks(customers: Sequence[Customer]) -> set[tuple[int, int]]:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, customer in enumerate(customers):
        for kind, key in _keys(customer):
            groups[kind, key].append(index)
    return {
        pair for group in groups.values() if len(group) <= _CROWD for pair in combinations(group, 2)
    }


def _keys(customer: Customer) -> Iterable[tuple[str, str]]:
    single = {"mailbox": _mailbox, "phone": _phone, "place": _place, "domain": _domain}
    yield from ((kind, key) for kind, read in single.items() if (key := read(customer)))
    yield from (("tax", number) for number in _tax_numbers(customer))


def _shared(read: Callable[[Customer], str], one: Customer, other: Customer) -> str:
    key = read(one)
    return key if key and key == read(other) else ""


def _mailbox(customer: Customer) -> str:
    local, at, domain = (customer.email or "").strip().casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" if at else ""


def _domain(customer: Customer) -> str:
    return _mailbox(customer).rpartition("@")[2]


def _phone(customer: Customer) -> str:
    digits = re.sub(r"\D", "", customer.phone or "").removeprefix("00")
    return digits if len(digits) >= 7 else ""  # noqa: PLR2004 - shorter ones are extensions


def _place(customer: Customer) -> str:
    address = customer.billing_address
    if address is None or not address.line1:
        return ""
    return _plain(" ".join(filter(None, (address.line1, address.postal_code, address.city))))


def _city(customer: Customer) -> str:
    address = customer.billing_address
    return (address.city or "").strip().casefold() if address else ""


def _tax_numbers(customer: Customer) -> set[str]:
    return {re.sub(r"[^A-Z0-9]", "", number.upper()) for number in customer.tax_ids}


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, _name(one), _name(other)).ratio()


def _name(text: str) -> str:
    words = _plain(text.replace(".", "")).split()
    return " ".join(word for word in words if not _FORMS.fullmatch(word)) or " ".join(words)


def _plain(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare.casefold()).split())
