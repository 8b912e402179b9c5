"""Money as integer minor units with an ISO 4217 currency; never a float, never a formatted text."""

import functools
import re
from dataclasses import dataclass

from babel.numbers import get_currency_precision

from backend.core.errors import InvalidInputError

_CODE = re.compile("[A-Z]{3}")
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@functools.cache
def _exponent(currency: str) -> int:
    return get_currency_precision(currency)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """``minor`` units of ``currency`` (upper-case ISO 4217 code)."""

    currency: str
    minor: int

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.currency):
            raise InvalidInputError(f"{self.currency!r} is not an ISO 4217 currency code")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.currency, self.minor + self._same(other).minor)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.currency, self.minor - self._same(other).minor)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise InvalidInputError(f"cannot combine {self.currency} with {other.currency}")
        return other

    @property
    def exponent(self) -> int:
        """How many decimals the currency has (CLDR): 2 for EUR, 0 for JPY, 3 for KWD."""
        return _exponent(self.currency)

    def text(self) -> str:
        """``EUR 1,234.50``: code, no-break space, grouped digits, the currency's own decimals."""
        sign, digits = ("\N{MINUS SIGN}" if self.minor < 0 else ""), abs(self.minor)
        exponent = self.exponent
        whole, part = divmod(digits, 10**exponent)
        decimals = f".{part:0{exponent}d}" if exponent else ""
        return f"{self.currency}{NO_BREAK_SPACE}{sign}{whole:,}{decimals}"
