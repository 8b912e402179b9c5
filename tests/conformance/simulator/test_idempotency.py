"""One key, one effect: replays, conflicts, lost replies, killed processes, injected failures."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.conformance.simulator.process import Api, SimulatorProcess

KEY = "effect-1"


def test_a_replay_is_the_first_answer_word_for_word(api: Api) -> None:
    first = api.call("POST", "customers", {"name": "A"}, idempotency_key=KEY)
    again = api.call("POST", "customers", {"name": "A"}, idempotency_key=KEY)
    assert again.text == first.text
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"]
    assert api.simulator.counts(api.key)["executed"] == {KEY: 1}


def test_other_parameters_under_a_key_are_refused(api: Api) -> None:
    api.post("customers", {"name": "A"}, idempotency_key=KEY)
    for path, params in (("customers", {"name": "B"}), ("charges", {"name": "A"})):
        error = api.refused(400, path, params, idempotency_key=KEY)
        assert error["type"] == "idempotency_error"
    assert api.simulator.counts(api.key)["objects"] == {"customer": 1}


def test_a_key_belongs_to_its_account(api: Api) -> None:
    other = Api(api.simulator, api.simulator.new_key())
    mine = api.post("customers", {"name": "A"}, idempotency_key=KEY)
    theirs = other.post("customers", {"name": "A"}, idempotency_key=KEY)
    other.close()
    assert mine["id"] != theirs["id"]


def test_validation_is_not_remembered(api: Api) -> None:
    api.refused(400, "customers", {"nome": "A"}, idempotency_key=KEY)
    assert api.post("customers", {"name": "A"}, idempotency_key=KEY)["name"] == "A"


def test_a_decline_is_remembered(api: Api) -> None:
    declined = {"amount": 5, "currency": "eur", "source": "tok_chargeCustomerFail"}
    first = api.refused(402, "charges", declined, idempotency_key=KEY)
    assert api.refused(402, "charges", declined, idempotency_key=KEY) == first
    assert api.simulator.counts(api.key)["objects"] == {"charge": 1}


@pytest.mark.parametrize(("fault", "made"), [("500", 0), ("500-after", 1)])
def test_a_server_error_is_remembered(api: Api, fault: str, made: int) -> None:
    sent = {"name": "A"}
    api.refused(500, "customers", sent, idempotency_key=KEY, x_sim_fault=fault)
    api.refused(500, "customers", sent, idempotency_key=KEY)
    assert len(api.get("customers")["data"]) == made


def test_a_rate_limit_is_not_remembered(api: Api) -> None:
    error = api.refused(429, "customers", {}, idempotency_key=KEY, x_sim_fault="429")
    assert error["code"] == "rate_limit"
    api.post("customers", {}, idempotency_key=KEY)
    assert api.simulator.counts(api.key)["executed"] == {KEY: 1}


def test_after_a_day_a_key_executes_again(api: Api) -> None:
    now = int(time.time())
    for moment in (now - 86_500, now - 86_500 + 3600, now):
        api.post("customers", {"name": "A"}, idempotency_key=KEY, x_sim_now=str(moment))
    assert api.simulator.counts(api.key)["executed"] == {KEY: 2}


@pytest.mark.parametrize("fault", ["lost", "lost-before"])
def test_a_lost_reply_and_a_retry_make_one_object(api: Api, fault: str) -> None:
    invoice = api.invoice(5000)
    note = {"invoice": invoice["id"], "amount": 700, "metadata[effect_id]": KEY}
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        api.call("POST", "credit_notes", note, idempotency_key=KEY, x_sim_fault=fault)
    found = [one["metadata"] for one in api.pages("credit_notes", {"invoice": invoice["id"]})]
    assert found == ([{"effect_id": KEY}] if fault == "lost" else [])
    api.post("credit_notes", note, idempotency_key=KEY)
    assert len(api.get("credit_notes")["data"]) == 1
    assert api.get(f"invoices/{invoice['id']}")["amount_remaining"] == 4300


def test_a_second_request_while_the_first_runs_is_told_to_wait(api: Api) -> None:
    plan = {"key": api.key, "fault": "delay", "seconds": 1.5, "path_regex": "/v1/customers"}
    api.simulator.control("POST", "faults", sent=plan)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(api.post, "customers", {"name": "A"}, idempotency_key=KEY)
        second = Api(api.simulator, api.key)
        statuses = {200}
        while not slow.done():
            answer = second.call("POST", "customers", {"name": "A"}, idempotency_key=KEY)
            statuses.add(answer.status_code)
            if answer.status_code == 409:
                assert answer.json()["error"]["code"] == "idempotency_key_in_use"
        second.close()
        assert slow.result()["name"] == "A"
    assert statuses == {200, 409}
    assert api.simulator.counts(api.key)["executed"] == {KEY: 1}


def test_many_at_once_under_one_key_make_one_object(api: Api) -> None:
    def attempt(_: int) -> int:
        headers = {"Authorization": f"Bearer {api.key}", "Idempotency-Key": KEY}
        url = f"{api.simulator.url}/v1/customers"
        return httpx.post(url, data={"name": "A"}, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(attempt, range(24)))
    assert statuses <= {200, 409}
    assert api.simulator.counts(api.key)["objects"] == {"customer": 1}


def test_killed_under_writes_it_keeps_all_that_it_answered(own_simulator: SimulatorProcess) -> None:
    key = own_simulator.new_key()
    answered: list[str] = []
    enough = threading.Event()

    def write() -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {key}"}) as client:
            for number in range(100_000):
                headers = {"Idempotency-Key": f"n-{number}"}
                data = {"name": f"n-{number}"}
                url = f"{own_simulator.url}/v1/customers"
                try:
                    answer = client.post(url, data=data, headers=headers)
                except httpx.TransportError:
                    return
                answered.append(answer.json()["id"])
                if number == 40:
                    enough.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert enough.wait(20)
    own_simulator.kill()
    writer.join()
    own_simulator.start()
    api = Api(own_simulator, key)
    last = f"n-{len(answered)}"
    api.post("customers", {"name": last}, idempotency_key=last)
    kept = list(api.pages("customers"))
    assert {one["id"] for one in kept} >= set(answered)
    assert len(kept) == len({one["name"] for one in kept}) == len(answered) + 1
    assert set(own_simulator.counts(key)["executed"].values()) == {1}
    api.close()
