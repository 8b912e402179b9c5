"""An amount that was typed is read exactly, or refused in a sentence that says how to write it."""

import pytest

from ui.amounts import AmountError, minor_units


@pytest.mark.parametrize(
    ("text", "currency", "exponent", "minor"),
    [
        ("120", "EUR", 2, 12_000),
        ("120.5", "EUR", 2, 12_050),
        ("1,234.50", "EUR", 2, 123_450),
        (" 1 234.50 ", "EUR", 2, 123_450),
        ("1\N{NO-BREAK SPACE}234", "EUR", 2, 123_400),
        ("0.29", "USD", 2, 29),
        ("1234567890123.45", "USD", 2, 123_456_789_012_345),
        ("184,220,150", "JPY", 0, 184_220_150),
        ("1.5", "KWD", 3, 1_500),
        ("0.001", "KWD", 3, 1),
    ],
)
def test_amount_when_typed_then_read_by_its_digits(
    text: str, currency: str, exponent: int, minor: int
) -> None:
    assert minor_units(text, currency, exponent) == minor


@pytest.mark.parametrize(
    ("text", "currency", "exponent", "said"),
    [
        ("", "EUR", 2, "Write the amount in digits, as in 1,234.50."),
        ("ten", "JPY", 0, "Write the amount in digits, as in 1,234."),
        ("120,5", "KWD", 3, "Write the amount in digits, as in 1,234.500."),
        ("1.234,50", "EUR", 2, "Write the amount in digits, as in 1,234.50."),
        ("12,34", "EUR", 2, "Write the amount in digits, as in 1,234.50."),
        ("-5", "EUR", 2, "Write the amount in digits, as in 1,234.50."),
        ("1e3", "EUR", 2, "Write the amount in digits, as in 1,234.50."),
        ("1.999", "EUR", 2, "EUR has 2 decimals."),
        ("100.5", "JPY", 0, "JPY has no decimals."),
        ("1.0001", "KWD", 3, "KWD has 3 decimals."),
    ],
)
def test_amount_when_it_is_none_then_says_how_to_write_it(
    text: str, currency: str, exponent: int, said: str
) -> None:
    with pytest.raises(AmountError) as refused:
        minor_units(text, currency, exponent)

    assert str(refused.value) == said
