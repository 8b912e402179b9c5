"""Stripe's words: authorization, parameters, metadata, lists, versions."""

import base64
from typing import Any

import httpx
import pytest

from tests.conformance.simulator.process import Api


@pytest.mark.parametrize(
    ("path", "params", "code", "param"),
    [
        ("customers", {"foo": "1"}, "parameter_unknown", "foo"),
        ("customers", {"address[planet]": "x"}, "parameter_unknown", "address[planet]"),
        ("invoices", {}, "parameter_missing", "customer"),
        ("credit_notes", {"amount": "1"}, "parameter_missing", "invoice"),
        ("invoices", {"customer": "cus_nobody"}, "resource_missing", "customer"),
        ("charges", {"amount": "ten"}, "parameter_invalid_integer", "amount"),
    ],
)
def test_a_wrong_parameter_is_named(
    api: Api, path: str, params: dict[str, str], code: str, param: str
) -> None:
    error = api.refused(400, path, params)
    assert (error["type"], error["code"], error["param"]) == (
        "invalid_request_error",
        code,
        param,
    )


def test_an_unknown_word_lists_the_known_ones(api: Api) -> None:
    error = api.refused(400, "refunds", {"charge": "ch_1", "reason": "whim"})
    assert "must be one of duplicate, fraudulent, or requested_by_customer" in error["message"]


def test_both_ways_of_sending_the_key_work(api: Api) -> None:
    basic = base64.b64encode(f"{api.key}:".encode()).decode()
    url = f"{api.simulator.url}/v1/customers"
    assert httpx.get(url, headers={"Authorization": f"Basic {basic}"}).status_code == 200
    nobody = httpx.get(url)
    assert nobody.status_code == 401
    assert "You did not provide an API key" in nobody.json()["error"]["message"]


def test_an_unknown_route_is_stripes_404(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.key}"}
    answer = httpx.get(f"{api.simulator.url}/v1/nope", headers=headers)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith("Unrecognized request URL (GET: /v1/nope)")


def test_every_answer_names_its_request_and_version(api: Api) -> None:
    answer = api.call("GET", "customers", stripe_version="2026-08-26.dahlia")
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "2026-08-26.dahlia"
    wrong = api.call("GET", "customers", stripe_version="latest")
    assert wrong.status_code == 400


def test_json_bodies_are_refused(api: Api) -> None:
    url, headers = f"{api.simulator.url}/v1/customers", {"Authorization": f"Bearer {api.key}"}
    answer = httpx.post(url, json={"name": "x"}, headers=headers)
    assert answer.status_code == 400
    assert "application/x-www-form-urlencoded" in answer.json()["error"]["message"]


def test_metadata_merges_and_an_empty_value_removes(api: Api) -> None:
    customer = api.customer(**{"metadata[a]": "1", "metadata[b]": "2"})
    path = f"customers/{customer['id']}"
    assert api.post(path, {"metadata[b]": "", "metadata[c]": "3"})["metadata"] == {
        "a": "1",
        "c": "3",
    }
    assert api.post(path, {"metadata": ""})["metadata"] == {}


@pytest.mark.parametrize(
    "metadata",
    [{"k" * 41: "v"}, {"k": "v" * 501}, {f"k{n}": "v" for n in range(51)}],
    ids=["long key", "long value", "51 keys"],
)
def test_metadata_has_limits(api: Api, metadata: dict[str, str]) -> None:
    api.refused(400, "customers", {f"metadata[{key}]": value for key, value in metadata.items()})


def test_pages_go_both_ways_and_end(api: Api) -> None:
    made = [api.customer(name=f"Customer {n}")["id"] for n in range(5)][::-1]
    first = api.get("customers", {"limit": 2})
    assert ([one["id"] for one in first["data"]], first["has_more"]) == (made[:2], True)
    last = api.get("customers", {"limit": 3, "starting_after": made[1]})
    assert ([one["id"] for one in last["data"]], last["has_more"]) == (made[2:], False)
    back = api.get("customers", {"limit": 2, "ending_before": made[3]})
    assert ([one["id"] for one in back["data"]], back["has_more"]) == (made[1:3], True)


def test_lines_have_pages_too(api: Api) -> None:
    invoice = api.draft()
    for amount in (200, 300):
        api.post("invoiceitems", {"invoice": invoice["id"], "amount": amount})
    path = f"invoices/{invoice['id']}/lines"
    ids = [one["id"] for one in api.pages(path)]
    assert [one["id"] for one in api.get(path, {"starting_after": ids[0]})["data"]] == ids[1:]
    assert [one["id"] for one in api.get(path, {"ending_before": ids[2]})["data"]] == ids[:2]


@pytest.mark.parametrize("params", [{"limit": 101}, {"limit": 0}, {"starting_after": "cus_nobody"}])
def test_a_wrong_page_is_refused(api: Api, params: dict[str, Any]) -> None:
    answer = api.call("GET", "customers", params)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] in params


def test_invoices_are_found_by_what_they_are(api: Api) -> None:
    late = api.invoice()
    other = api.draft()
    paid = api.invoice()
    api.post(f"invoices/{paid['id']}/pay", {"paid_out_of_band": "true"})

    def found(**params: str | int) -> set[str]:
        return {one["id"] for one in api.pages("invoices", params)}

    assert found(status="open") == {late["id"]}
    assert found(customer=other["customer"]) == {other["id"]}
    assert found(collection_method="charge_automatically") == set()
    due = late["due_date"]
    assert len(found(**{"due_date[gte]": due - 60, "due_date[lt]": due + 60})) == 3
    assert found(**{"created[lt]": late["created"]}) == set()
    assert found(**{"created[gte]": late["created"]}) == {late["id"], other["id"], paid["id"]}


def test_the_request_clock_backdates(api: Api) -> None:
    customer = api.post("customers", {"name": "Old"}, x_sim_now="1700000000")
    assert customer["created"] == 1_700_000_000
    assert api.get("customers", {"created[lte]": 1_700_000_000})["data"] == [customer]


def test_what_cannot_be_expanded_is_refused(api: Api) -> None:
    api.customer()
    answer = api.call("GET", "customers", {"expand[]": "data.shoe_size"})
    assert answer.status_code == 400
    assert "cannot be expanded" in answer.json()["error"]["message"]
