from collections.abc import Callable
from typing import Any

import httpx

from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer

LIST = "/api/v1/proposals"


async def test_list_shows_what_the_matrix_needs(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    made = await proposer.credit(5_000)
    answer = await client.get(LIST, headers=await office.bearer("lead"))
    page = answer.json()
    assert (page["total"], page["totalIsEstimate"], page["nextCursor"]) == (1, False, None)
    [row] = page["items"]
    assert row["id"] == str(made.row.id)
    assert row["statement"]["text"] == made.row.sentence
    assert row["amount"]["minor"] == 5_000
    assert row["amount"]["exponent"] == 2
    assert row["requestedBy"]["name"] == "analyst One"
    assert row["risk"]["score"] == sum(reason["points"] for reason in row["risk"]["reasons"])
    assert row["target"]["url"] == f"https://dashboard.example/invoices/{made.row.target_source_id}"
    assert (row["decision"], row["execution"]) == ("pending", "none")
    assert row["yourTurn"] is True


async def test_people_see_their_own_their_teams_or_everything(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    ours = str((await proposer.propose(by="analyst")).row.id)
    theirs = str((await proposer.propose(by="outsider")).row.id)
    seen = {}
    for who in office.people:
        answer = await client.get(LIST, headers=await office.bearer(who))
        seen[who] = {row["id"] for row in answer.json()["items"]}
    assert seen == {
        "admin": {ours, theirs},
        "viewer": {ours, theirs},
        "lead": {ours},
        "analyst": {ours},
        "outsider": {theirs},
    }
    hidden = await client.get(f"{LIST}/{theirs}", headers=await office.bearer("lead"))
    assert hidden.status_code == 404


async def test_your_turn_is_true_only_for_those_who_may_decide_now(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    await proposer.propose(by="analyst")
    turns = {}
    for who in ("admin", "lead", "analyst", "viewer"):
        answer = await client.get(LIST, headers=await office.bearer(who))
        turns[who] = answer.json()["items"][0]["yourTurn"]
    assert turns == {"admin": True, "lead": True, "analyst": False, "viewer": False}


KEYS: dict[str, Callable[[Any], Any]] = {
    "createdAt": lambda row: row["createdAt"],
    "updatedAt": lambda row: row["updatedAt"],
    "dueAt": lambda row: row["dueAt"],
    "amount": lambda row: row["amount"]["minor"] if row["amount"] else -1,
    "risk": lambda row: row["risk"]["score"],
}


async def test_pages_by_cursor_show_every_row_once_in_order(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    for amount in (3_000, 1_000, 1_000, 5_000):
        await proposer.credit(amount)
    await proposer.propose()
    headers = await office.bearer("lead")
    for sort in (*KEYS, *(f"-{name}" for name in KEYS)):
        rows = await all_pages(client, headers, sort)
        assert len({row["id"] for row in rows}) == len(rows) == 5
        values = [KEYS[sort.removeprefix("-")](row) for row in rows]
        assert values == sorted(values, reverse=sort.startswith("-")), sort


async def all_pages(client: httpx.AsyncClient, headers: dict[str, str], sort: str) -> list[Any]:
    rows, cursor = [], ""
    while cursor is not None:
        params = {"sort": sort, "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(LIST, headers=headers, params=params)).json()
        assert page["total"] == 5
        rows += page["items"]
        cursor = page["nextCursor"]
    return rows


async def test_a_cursor_of_another_organization_or_order_is_refused(
    client: httpx.AsyncClient, office: Office, stranger: Office, proposer: Proposer
) -> None:
    await proposer.propose()
    await proposer.propose()
    page = await client.get(LIST, headers=await office.bearer("lead"), params={"limit": "1"})
    cursor = page.json()["nextCursor"]
    assert cursor
    for headers, params in (
        (await stranger.bearer("lead"), {"cursor": cursor}),
        (await office.bearer("lead"), {"cursor": cursor, "sort": "risk"}),
        (await office.bearer("lead"), {"cursor": f"{cursor[:-2]}xx"}),
        (await office.bearer("lead"), {"cursor": "Ω"}),
    ):
        answer = await client.get(LIST, headers=headers, params=params)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


async def test_filters_narrow_the_list(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    credit, reminder = await proposer.credit(5_000), await proposer.propose()
    headers = await office.bearer("lead")
    cases = {
        "q=credit": {credit.row.id},
        f"q={reminder.row.target_label}": {reminder.row.id},
        "q=%25": set(),
        "decision=pending&execution=none": {credit.row.id, reminder.row.id},
        "decision=approved": set(),
        f"playbook={office.playbook.id}": {credit.row.id, reminder.row.id},
        f"playbook={office.org_id}": set(),
        f"minRisk={max(credit.row.risk_score, reminder.row.risk_score) + 1}": set(),
        "offset=1&sort=createdAt": {reminder.row.id},
    }
    for query, expected in cases.items():
        answer = await client.get(f"{LIST}?{query}", headers=headers)
        found = {row["id"] for row in answer.json()["items"]}
        assert found == {str(proposal_id) for proposal_id in expected}, query


async def test_a_wrong_query_is_422_and_names_the_parameter(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("lead")
    for query, field in (
        ("minrisk=3", "minrisk"),
        ("minRisk=101", "minRisk"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("offset=-1", "offset"),
        ("sort=digest", "sort"),
        ("decision=maybe", "decision"),
        ("playbook=nine", "playbook"),
        ("cursor=a&offset=1", "cursor"),
    ):
        answer = await client.get(f"{LIST}?{query}", headers=headers)
        assert answer.status_code == 422, query
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_card_shows_everything_a_person_needs_to_decide(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    made = await proposer.credit(5_000)
    card = (await client.get(f"{LIST}/{made.row.id}", headers=await office.bearer("lead"))).json()
    assert card["sentence"] == made.row.sentence
    assert card["digest"] == made.row.digest
    assert card["parameters"]["amount"] == 5_000
    balance = next(change for change in card["changes"] if change["path"] == "balance")
    assert (balance["before"]["minor"], balance["after"]["minor"]) == (12_000, 7_000)
    assert ["Undo", "By voiding the credit note, while the invoice is open"] in card["how"]
    [evidence] = card["evidence"]
    assert evidence["claim"] == "It is 40 days overdue"
    assert evidence["url"].startswith("https://dashboard.example/invoices/")
    assert ["Status", "open"] in evidence["facts"]
    assert card["connection"] == "Stripe"
    assert card["policy"]["requiredSignatures"] == 1
    assert sum(rule["applies"] for rule in card["policy"]["rules"]) >= 1
    assert card["canApprove"] == {"allowed": True, "reason": None}
    assert [entry["what"] for entry in card["history"]] == ["Proposed"]
    assert card["effect"] is None


async def test_card_says_why_its_reader_may_not_decide(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    made = await proposer.propose(by="analyst")
    reasons = {}
    for who in ("analyst", "viewer"):
        card = await client.get(f"{LIST}/{made.row.id}", headers=await office.bearer(who))
        assert card.json()["canApprove"]["allowed"] is False
        reasons[who] = card.json()["canApprove"]["reason"]
    assert "you started this run" in reasons["analyst"]
    assert "proposals:approve" in reasons["viewer"]
