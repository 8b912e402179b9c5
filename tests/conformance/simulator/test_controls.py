"""The controls beside the wire API, and that everything says what it is."""

import subprocess
from pathlib import Path

import httpx
import pytest

from tests.conformance.simulator.process import PROGRAM, ROOT, Api, SimulatorProcess


def _plan(api: Api, **plan: object) -> None:
    answer = api.simulator.control("POST", "faults", sent={"key": api.key, **plan})
    assert answer.status_code == 201, answer.text


def test_a_planned_fault_meets_only_what_it_names(api: Api) -> None:
    invoice = api.invoice()
    _plan(api, fault="500-after", method="POST", path_regex=r"/invoices/in_\w+/void$", times=2)
    api.post(f"invoices/{invoice['id']}/send")
    api.refused(500, f"invoices/{invoice['id']}/void", idempotency_key="effect-1")
    assert api.get(f"invoices/{invoice['id']}")["status"] == "void"
    api.refused(500, f"invoices/{invoice['id']}/void", idempotency_key="effect-1")
    api.refused(400, f"invoices/{invoice['id']}/void")


def test_a_planned_fault_of_one_account_spares_the_others(api: Api) -> None:
    other = Api(api.simulator, api.simulator.new_key())
    _plan(api, fault="429", times=1)
    assert other.get("customers")["data"] == []
    other.close()
    assert api.call("GET", "customers").status_code == 429
    assert api.call("GET", "customers").status_code == 200


def test_plans_can_be_withdrawn(api: Api) -> None:
    _plan(api, fault="lost", times=100)
    assert api.simulator.control("DELETE", "faults", params={"key": api.key}).status_code == 204
    assert api.get("customers")["data"] == []


def test_an_unknown_fault_is_refused_by_name(simulator: SimulatorProcess) -> None:
    answer = simulator.control("POST", "faults", sent={"fault": "gremlin"})
    assert answer.status_code == 400
    assert "lost-before" in answer.json()["error"]


def test_counts_tell_objects_and_executions(api: Api) -> None:
    invoice = api.invoice()
    api.post(f"invoices/{invoice['id']}/void", idempotency_key="effect-1")
    api.post(f"invoices/{invoice['id']}/void", idempotency_key="effect-1")
    counts = api.simulator.counts(api.key)
    assert counts["objects"] == {"customer": 1, "invoice": 1, "invoiceitem": 1}
    assert counts["executed"] == {"effect-1": 1}
    paths = [one["path"] for one in counts["executions"]]
    assert paths.count(f"/v1/invoices/{invoice['id']}/void") == 1
    unknown = api.simulator.control("GET", "counts", params={"key": "sk_test_nobody"})
    assert unknown.status_code == 404


def test_every_page_says_that_it_is_a_simulator(api: Api) -> None:
    invoice = api.invoice(description="<script>alert(1)</script>")
    api.post(f"invoices/{invoice['id']}/send", idempotency_key="effect-9")
    pages = ["/", f"/dashboard/customers/{invoice['customer']}"]
    pages.append(invoice["hosted_invoice_url"].removeprefix(api.simulator.url))
    for path in pages:
        page = httpx.get(api.simulator.url + path)
        assert page.status_code == 200
        assert "Stripe simulator" in page.text
    assert "<script>" not in page.text
    for word in (invoice["number"], "120.00 EUR", "invoice.sent", "effect-9"):
        assert word in page.text
    missing = httpx.get(f"{api.simulator.url}/dashboard/invoices/in_none")
    assert (missing.status_code, "Stripe simulator" in missing.text) == (404, True)


def test_it_starts_quickly_also_over_old_data(own_simulator: SimulatorProcess) -> None:
    key = own_simulator.new_key()
    own_simulator.kill()
    assert own_simulator.start() < 5  # alone on the machine 0.2 s
    assert own_simulator.counts(key)["objects"] == {}


def test_it_stands_alone() -> None:
    """Nothing of the product is loaded, nor its frameworks."""
    ask = f"import sys, {PROGRAM[-1]}.__main__; print(*sys.modules)"
    loaded = subprocess.check_output([PROGRAM[0], "-c", ask], cwd=ROOT, text=True).split()
    ours = {"backend", "tenancy", "workflows", "rag", "ui"}
    own = {name for name in loaded if name.partition(".")[0] in ours}
    product = {name for name in own if not name.startswith("backend.embedded.simulators")}
    assert product == {"backend", "backend.embedded"}
    assert not {"sqlalchemy", "litestar", "httpx", "temporalio"} & set(loaded)


def test_a_taken_port_is_said_in_one_sentence(simulator: SimulatorProcess, tmp_path: Path) -> None:
    port = simulator.url.rpartition(":")[2]
    command = [*PROGRAM, "--port", port, "--db", str(tmp_path / "other.db")]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert f"127.0.0.1:{port} cannot be used: Address already in use" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("path", ["accounts", "health"])
def test_the_controls_answer_without_a_key(simulator: SimulatorProcess, path: str) -> None:
    assert simulator.control("GET", path).status_code == 200
