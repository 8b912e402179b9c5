"""What happened is told: by the event list with the request's key, and by signed deliveries."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

from tests.conformance.simulator.process import Api


class Receiver:
    """An endpoint that keeps what it gets; `refuse` answers 500 to that many first."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.refuse = 0
        self._arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver._arrived:
                    receiver.got.append((body, self.headers["Stripe-Signature"]))
                    refused = len(receiver.got) <= receiver.refuse
                    receiver._arrived.notify_all()
                self.send_response(500 if refused else 200)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Nothing on the console."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def wait_for(self, number: int) -> list[tuple[bytes, str]]:
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.got) >= number, 15)
            return list(self.got)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def _subscribe(api: Api, receiver: Receiver, *names: str) -> str:
    wanted = {f"enabled_events[{index}]": name for index, name in enumerate(names)}
    secret: str = api.post("webhook_endpoints", {"url": receiver.url, **wanted})["secret"]
    return secret


def _plan(api: Api, fault: str, **more: object) -> None:
    answer = api.simulator.control("POST", "faults", sent={"key": api.key, "fault": fault, **more})
    assert answer.status_code == 201


def _read(delivery: tuple[bytes, str], secret: str) -> stripe.Event:
    event: stripe.Event = stripe.Webhook.construct_event(*delivery, secret)
    return event


def test_an_event_names_the_request_that_caused_it(api: Api) -> None:
    invoice = api.invoice()
    api.post(f"invoices/{invoice['id']}/void", idempotency_key="effect-7")
    [event] = api.get("events", {"type": "invoice.voided"})["data"]
    assert event["request"]["idempotency_key"] == "effect-7"
    assert event["data"]["object"]["id"] == invoice["id"]
    [update, *_] = api.get("events", {"type": "invoice.updated"})["data"]
    assert update["data"]["previous_attributes"]["status"] == "open"


def test_an_event_shows_the_object_as_it_was(api: Api) -> None:
    customer = api.customer(name="Before")
    api.post(f"customers/{customer['id']}", {"name": "After"})
    [created] = api.get("events", {"types[]": "customer.created"})["data"]
    assert created["data"]["object"]["name"] == "Before"


def test_events_are_kept_for_30_days(api: Api) -> None:
    now = int(time.time())
    for days in (31, 29):
        api.post("customers", {"name": f"{days}"}, x_sim_now=str(now - days * 86_400))
    names = [one["data"]["object"]["name"] for one in api.pages("events")]
    assert names == ["29"]


def test_stripes_own_checker_accepts_a_delivery(api: Api, receiver: Receiver) -> None:
    secret = _subscribe(api, receiver, "invoice.paid")
    invoice = api.invoice()
    api.post(f"invoices/{invoice['id']}/pay", {"paid_out_of_band": "true"})
    [delivery] = receiver.wait_for(1)
    event = _read(delivery, secret)
    assert (event.type, event.data.object["id"]) == ("invoice.paid", invoice["id"])


def test_an_old_event_is_delivered_too(api: Api, receiver: Receiver) -> None:
    secret = _subscribe(api, receiver, "customer.created")
    long_ago = str(int(time.time()) - 90 * 86_400)
    api.post("customers", {"name": "Old"}, x_sim_now=long_ago)
    [delivery] = receiver.wait_for(1)
    assert _read(delivery, secret).created == int(long_ago)


def test_a_refused_delivery_comes_again(api: Api, receiver: Receiver) -> None:
    receiver.refuse = 2
    secret = _subscribe(api, receiver, "customer.created")
    api.customer()
    ids = {_read(one, secret).id for one in receiver.wait_for(3)}
    assert len(ids) == 1


def test_a_duplicate_has_the_same_id(api: Api, receiver: Receiver) -> None:
    secret = _subscribe(api, receiver, "*")
    _plan(api, "duplicate", path_regex="customer")
    api.customer()
    first, second = (_read(one, secret).id for one in receiver.wait_for(2))
    assert first == second


@pytest.mark.parametrize("fault", ["reorder", "late"])
def test_a_held_back_delivery_comes_after_its_successor(
    api: Api, receiver: Receiver, fault: str
) -> None:
    secret = _subscribe(api, receiver, "customer.created")
    _plan(api, fault, seconds=0.6)
    made = [api.customer()["id"] for _ in range(2)]
    got = [_read(one, secret).data.object["id"] for one in receiver.wait_for(2)]
    assert got == made[::-1]


def test_a_forged_delivery_is_refused_and_the_true_one_follows(
    api: Api, receiver: Receiver
) -> None:
    secret = _subscribe(api, receiver, "customer.created")
    _plan(api, "wrong-signature")
    api.customer()
    forged, true = receiver.wait_for(2)
    with pytest.raises(stripe.SignatureVerificationError):
        _read(forged, secret)
    assert _read(true, secret).type == "customer.created"


def test_a_deleted_endpoint_gets_nothing(api: Api, receiver: Receiver) -> None:
    _subscribe(api, receiver, "customer.created")
    [endpoint] = api.get("webhook_endpoints")["data"]
    assert "secret" not in endpoint
    api.call("DELETE", f"webhook_endpoints/{endpoint['id']}")
    secret = _subscribe(api, receiver, "customer.updated")
    customer = api.customer()
    api.post(f"customers/{customer['id']}", {"name": "B"})
    [delivery] = receiver.wait_for(1)
    assert _read(delivery, secret).type == "customer.updated"
