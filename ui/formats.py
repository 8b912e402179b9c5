"""How values read: money, dates, digests, changed words. Knows nothing of pages."""

import difflib
import re
from dataclasses import dataclass
from datetime import date

from backend.schemas.common import Money
from backend.schemas.proposals import Change

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
NONE = "\N{EN DASH}"
_ISO = re.compile(r"\d{4}-\d\d-\d\d(T|$)")
_WORDS = re.compile(r"\w+|\s+|[^\w\s]+")


@dataclass(frozen=True)
class Piece:
    """A stretch of text and how it is marked: plain, amount, record, party, ins, del."""

    text: str = ""
    mark: str = "plain"


def digits(money: Money) -> str:
    """``1,234.50``: grouped, the currency's own decimals, a real minus sign."""
    whole, part = divmod(abs(money.minor), 10**money.exponent)
    decimals = f".{part:0{money.exponent}d}" if money.exponent else ""
    return f"{MINUS if money.minor < 0 else ''}{whole:,}{decimals}"


def amount(money: Money) -> str:
    """``EUR 1,234.50``, the code first and never a symbol."""
    return f"{money.currency}{NO_BREAK}{digits(money)}"


def amount_in(text: str, currency: str) -> str:
    """The first amount in this currency that stands in ``text``, or nothing."""
    found = re.search(rf"\b{re.escape(currency)}\s[\d,]+(?:\.\d+)?", text)
    return found[0] if found else ""


def sentence(text: str) -> str:
    """``text`` with a capital at the start and a full stop at the end."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def short_digest(digest: str) -> str:
    """The first twelve digits in fours."""
    return " ".join(digest[i : i + 4] for i in (0, 4, 8))


def short_id(identifier: str) -> str:
    """The end of an id, which is the part that differs between neighbours (UUIDv7)."""
    return f"P-{identifier.replace('-', '')[-6:]}"


def value(side: Money | str | None, kind: str) -> str:
    """One side of a change. Nothing is a dash, dates are written out."""
    if side is None or side == "":
        return NONE
    if isinstance(side, Money):
        return amount(side)
    if kind == "date":
        return written_date(side)
    return side.replace("_", " ") if kind == "enum" else side


def written_date(iso: str) -> str:
    """``24 Nov 2026`` for an ISO 8601 date or time; anything else as it is."""
    if not _ISO.match(iso):
        return iso
    try:
        day = date.fromisoformat(iso[:10])
    except ValueError:
        return iso
    return f"{day.day} {day:%b %Y}"


def difference(change: Change) -> str:
    """What is added or taken away, where that is a number; else nothing."""
    before, after = change.before, change.after
    if isinstance(before, Money) and isinstance(after, Money) and before.currency == after.currency:
        return _signed(
            digits(
                Money(
                    minor=abs(after.minor - before.minor),
                    currency=after.currency,
                    exponent=after.exponent,
                )
            ),
            after.minor - before.minor,
        )
    if change.kind == "number" and isinstance(before, str) and isinstance(after, str):
        try:
            delta = int(after) - int(before)
        except ValueError:
            return ""
        return _signed(f"{abs(delta):,}", delta)
    return ""


def _signed(text: str, delta: int) -> str:
    return text if delta == 0 else f"{'+' if delta > 0 else MINUS}{text}"


def changed_words(before: str, after: str) -> list[Piece]:
    """``after`` with the words that are new, and the words that are gone, marked."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces: list[Piece] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("".join(new[k:m])))
            continue
        if i < j:
            pieces.append(Piece("".join(old[i:j]), "del"))
        if k < m:
            pieces.append(Piece("".join(new[k:m]), "ins"))
    return pieces


def marked(text: str, marks: dict[str, str]) -> list[Piece]:
    """``text`` cut so that each of the given words stands alone with its mark; words not found are left out."""
    pieces, rest = [], text
    found = sorted((rest.find(word), word) for word in marks if word and word in rest)
    start = 0
    for at, word in found:
        if at < start:
            continue
        if at > start:
            pieces.append(Piece(text[start:at]))
        pieces.append(Piece(word, marks[word]))
        start = at + len(word)
    if start < len(text):
        pieces.append(Piece(text[start:]))
    return pieces
