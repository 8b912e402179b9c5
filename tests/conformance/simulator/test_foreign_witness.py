"""Somebody else's Stripe and the simulator behave alike where money goes back exactly once."""

import secrets
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from tests.conformance import stripe_stateful_mock
from tests.conformance.simulator.process import SimulatorProcess


@pytest.fixture(scope="module")
def witness() -> Iterator[str]:
    with stripe_stateful_mock.start() as url:
        yield url


@pytest.fixture(params=["simulator", "stripe-stateful-mock"])
def stripe_like(
    request: pytest.FixtureRequest, simulator: SimulatorProcess, witness: str
) -> Iterator[httpx.Client]:
    """A client of either, with a key of its own."""
    is_ours = request.param == "simulator"
    secret = simulator.new_key() if is_ours else f"sk_test_{secrets.token_hex(12)}"
    url = simulator.url if is_ours else witness
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {secret}"}) as client:
        yield client


def _charge(client: httpx.Client) -> str:
    sent = {"amount": 5000, "currency": "eur", "source": "tok_visa"}
    answer = client.post("/v1/charges", data=sent)
    assert answer.status_code in {200, 201}, answer.text
    charge: str = answer.json()["id"]
    return charge


def _refunded(client: httpx.Client, charge: str) -> int:
    amount: int = client.get(f"/v1/charges/{charge}").json()["amount_refunded"]
    return amount


@pytest.fixture
def key() -> str:
    """The witness shares keys between its accounts."""
    return f"effect-{secrets.token_hex(8)}"


def test_a_refund_with_one_key_happens_once(stripe_like: httpx.Client, key: str) -> None:
    charge = _charge(stripe_like)
    headers = {"Idempotency-Key": key}
    sent = {"charge": charge, "amount": 1200}
    answers = [stripe_like.post("/v1/refunds", data=sent, headers=headers) for _ in range(3)]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [
        None,
        *["true"] * 2,
    ]
    assert _refunded(stripe_like, charge) == 1200


def test_other_parameters_under_the_key_are_refused(stripe_like: httpx.Client, key: str) -> None:
    charge = _charge(stripe_like)
    headers = {"Idempotency-Key": key}
    stripe_like.post("/v1/refunds", data={"charge": charge, "amount": 1200}, headers=headers)
    other = stripe_like.post("/v1/refunds", data={"charge": charge, "amount": 5}, headers=headers)
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    assert _refunded(stripe_like, charge) == 1200


def test_a_caller_that_dies_before_the_reply_may_repeat(
    stripe_like: httpx.Client, key: str
) -> None:
    charge = _charge(stripe_like)
    sent = {"charge": charge, "amount": 1200}
    with _sent(stripe_like, "/v1/refunds", sent, key):
        deadline = time.monotonic() + 10
        while _refunded(stripe_like, charge) == 0:
            assert time.monotonic() < deadline, "the request was not carried out"
    headers = {"Idempotency-Key": key}
    again = stripe_like.post("/v1/refunds", data=sent, headers=headers)
    assert again.headers["idempotent-replayed"] == "true"
    assert _refunded(stripe_like, charge) == 1200


@contextmanager
def _sent(
    client: httpx.Client, path: str, sent: dict[str, object], key: str
) -> Iterator[socket.socket]:
    """A POST that is on its way; at the end its connection is reset, the reply unread."""
    body = urlencode(sent)
    address = urlsplit(str(client.base_url))
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {address.netloc}",
        f"Authorization: {client.headers['Authorization']}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        f"Idempotency-Key: {key}",
    ]
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        yield connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
