from urllib.parse import parse_qsl

import pytest

from backend.connectors.stripe import form


@pytest.mark.parametrize(
    ("params", "pairs"),
    [
        ({"a": "x", "b": 7}, [("a", "x"), ("b", "7")]),
        ({"a": {"b": [{"c": 1}, {"c": 2}]}}, [("a[b][0][c]", "1"), ("a[b][1][c]", "2")]),
        ({"expand": ["customer"]}, [("expand[0]", "customer")]),
        ({"yes": True, "no": False}, [("yes", "true"), ("no", "false")]),
        ({"cursor": None, "limit": 100}, [("limit", "100")]),
        ({"memo": "50 % & more = “ok”\n"}, [("memo", "50 % & more = “ok”\n")]),
        ({}, []),
    ],
)
def test_parameters_arrive_as_stripe_reads_them(
    params: dict[str, form.Value], pairs: list[tuple[str, str]]
) -> None:
    assert parse_qsl(form.encode(params), keep_blank_values=True) == pairs


def test_the_same_parameters_give_the_same_bytes() -> None:
    params: dict[str, form.Value] = {"z": 1, "a": {"k": "v"}}
    assert form.encode(params) == form.encode(dict(params)) == "z=1&a%5Bk%5D=v"
