import pytest

from backend.core.errors import InvalidInputError
from backend.core.money import Money


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money("EUR", 123450), "EUR\u00a01,234.50"),
        (Money("JPY", 184220150), "JPY\u00a0184,220,150"),
        (Money("KWD", 1234567), "KWD\u00a01,234.567"),
        (Money("USD", -5), "USD\u00a0\u22120.05"),
        (Money("USD", 0), "USD\u00a00.00"),
    ],
)
def test_text_when_any_currency_then_code_grouped_digits_and_its_own_decimals(
    money: Money, text: str
) -> None:
    assert money.text() == text


def test_sum_when_currencies_differ_then_refused() -> None:
    with pytest.raises(InvalidInputError, match="cannot combine EUR with USD"):
        Money("EUR", 1) + Money("USD", 1)


@pytest.mark.parametrize("code", ["eur", "EURO", "E1", ""])
def test_money_when_the_code_is_no_currency_then_refused(code: str) -> None:
    with pytest.raises(InvalidInputError):
        Money(code, 1)
