from decimal import Decimal

import pytest

from backend.api.csv_rows import line


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cell_when_a_spreadsheet_would_run_it_then_it_is_a_text(start: str) -> None:
    assert f"'{start}cmd" in line([f"{start}cmd"])


def test_cell_when_it_is_a_negative_number_then_it_stays_one() -> None:
    assert line([Decimal("-5.50"), -3]) == "-5.50,-3\r\n"


def test_cell_when_it_has_quotes_and_breaks_then_it_is_quoted() -> None:
    assert line(['a "b"', "c\nd", "e,f"]) == '"a ""b""","c\nd","e,f"\r\n'
