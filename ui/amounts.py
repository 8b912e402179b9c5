"""Reads amounts as people type them, by their digits alone: no float ever holds money."""

import re

_AMOUNT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?")


class AmountError(ValueError):
    """What was typed is no amount; the message says how to write it."""


def minor_units(text: str, currency: str, exponent: int) -> int:
    """``1,234.5`` in EUR as 123450. Spaces are ignored; commas only group thousands.

    Raises :class:`AmountError`.
    """
    found = _AMOUNT.fullmatch("".join(text.split()))
    if found is None:
        example = f"1,234.{'5'.ljust(exponent, '0')}" if exponent else "1,234"
        raise AmountError(f"Write the amount in digits, as in {example}.")
    whole, decimals = found[1].replace(",", ""), found[2] or ""
    if len(decimals) > exponent:
        raise AmountError(f"{currency} has {_decimals(exponent)}.")
    return int(whole + decimals.ljust(exponent, "0"))


def _decimals(exponent: int) -> str:
    if exponent == 0:
        return "no decimals"
    return "one decimal" if exponent == 1 else f"{exponent} decimals"
