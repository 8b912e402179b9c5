"""The matrix beside its rows: filters, orders, columns, sums and the boxes of the inbox."""

from dataclasses import replace
from itertools import product
from typing import Any

import httpx
import pytest

from backend.core.ids import ProposalId, UserId
from backend.embedded.postgres import EmbeddedPostgres
from backend.playbooks.policy import ApprovalRule, Approver, Policy
from backend.proposals import listing
from backend.proposals.decisions import DecisionInput, DecisionKind, decide
from backend.proposals.filters import Box, Filter
from backend.proposals.policy import refusal
from backend.proposals.sorting import SORTS
from backend.proposals.views import ProposalView
from tenancy.permissions import Role
from tenancy.session import tenant
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer, copy_of

LIST = "/api/v1/proposals"


async def test_filters_when_they_want_or_exclude_then_they_narrow(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    credit, reminder = await proposer.credit(5_000), await proposer.propose()
    both = {str(credit.row.id), str(reminder.row.id)}
    one, other = {str(credit.row.id)}, {str(reminder.row.id)}
    headers = await office.bearer("lead")
    cases = {
        "decision=pending&decision=approved": both,
        "decision=-pending": set(),
        "action=stripe.credit_note.create": one,
        "action=-stripe.credit_note.create": other,
        f"team={office.team}": both,
        f"team=-{office.team}": set(),
        f"requester={office.people['analyst']}": both,
        f"playbook=-{office.playbook.id}": set(),
        f"currency={credit.row.currency}&minAmount=5000&maxAmount=5000": one,
        f"currency=-{credit.row.currency}": both - one if reminder.row.currency is None else set(),
        "minConfidence=0.5&maxConfidence=0.95": both,
        "createdFrom=2020-01-01T00:00:00Z&createdTo=2021-01-01T00:00:00%2B01:00": set(),
        "dueFrom=2020-01-01T00:00:00Z": both,
        "decidedFrom=2020-01-01T00:00:00Z": set(),
        f"run={credit.row.run_id}": one,
        "box=mine": both,
        "box=waiting": set(),
    }
    for query, expected in cases.items():
        answer = await client.get(f"{LIST}?{query}", headers=headers)
        assert answer.status_code == 200, (query, answer.text)
        assert {row["id"] for row in answer.json()["items"]} == expected, query
        summed = await client.get(f"{LIST}/summary?{query}", headers=headers)
        assert summed.json()["count"] == len(expected), query


@pytest.mark.parametrize("path", [LIST, f"{LIST}/summary"])
async def test_filter_when_a_value_is_unknown_then_422_names_it(
    client: httpx.AsyncClient, office: Office, path: str
) -> None:
    headers = await office.bearer("lead")
    for query, field in (
        ("decision=-maybe", "decision"),
        ("execution=done", "execution"),
        ("action=stripe.nothing", "action"),
        ("team=ours", "team"),
        ("currency=euro", "currency"),
        ("minAmount=5", "minAmount"),
        ("minAmount=9&maxAmount=5&currency=EUR", "maxAmount"),
        ("createdFrom=2020-01-01T00:00:00", "createdFrom"),
        ("dueTo=tomorrow", "dueTo"),
        ("box=outbox", "box"),
        ("maxRisk=101", "maxRisk"),
        ("run=nine", "run"),
        ("Decision=pending", "Decision"),
    ):
        answer = await client.get(f"{path}?{query}", headers=headers)
        assert answer.status_code == 422, query
        assert [error["field"] for error in answer.json()["errors"]] == [field], query


async def test_every_order_when_read_by_cursor_then_each_row_once_and_both_ways_mirror(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    for amount in (3_000, 1_000):
        await proposer.credit(amount)
    await proposer.propose(by="outsider")
    await proposer.propose()
    headers = await office.bearer("admin")
    for sort in SORTS:
        rows = await all_pages(client, headers, sort)
        assert len({row["id"] for row in rows}) == len(rows) == 4, sort
        amounts = [row["amount"] for row in rows]
        if sort.endswith("amount"):
            assert None not in amounts[: len(amounts) - amounts.count(None)], sort


async def all_pages(client: httpx.AsyncClient, headers: dict[str, str], sort: str) -> list[Any]:
    rows, cursor = [], ""
    while cursor is not None:
        params = {"sort": sort, "limit": "2"} | ({"cursor": cursor} if cursor else {})
        answer = await client.get(LIST, headers=headers, params=params)
        assert answer.status_code == 200, (sort, answer.text)
        rows += answer.json()["items"]
        cursor = answer.json()["nextCursor"]
    return rows


async def test_total_when_beyond_ten_thousand_then_it_is_estimated_for_this_organization(
    client: httpx.AsyncClient,
    office: Office,
    stranger: Office,
    proposer: Proposer,
    postgres: EmbeddedPostgres,
) -> None:
    view = await proposer.credit()
    await copy_of(postgres, view, 12_000)
    headers = await office.bearer("admin")
    for query, expected in (("", 12_001), ("minRisk=50", 6_000)):
        page = (await client.get(f"{LIST}?{query}", headers=headers)).json()
        summed = (await client.get(f"{LIST}/summary?{query}", headers=headers)).json()
        assert page["totalIsEstimate"] is (expected > 10_000)
        assert expected * 0.7 < page["total"] < expected * 1.4, query
        assert summed["countIsEstimate"] is (expected > 10_000)
        assert (summed["sums"] is None) is (expected > 10_000)
    for path in (f"{LIST}?offset=12000", f"{LIST}?offset=11990&limit=100"):
        last = (await client.get(path, headers=headers)).json()  # the end of the list is its length
        assert (last["total"], last["totalIsEstimate"]) == (12_001, False)
    page = (await client.get(LIST, headers=await stranger.bearer("admin"))).json()
    assert (page["total"], page["totalIsEstimate"]) == (0, False)


async def test_columns_when_read_then_in_order_with_options_of_what_the_person_may_read(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    await proposer.credit()
    await proposer.propose(by="outsider")
    expected = {"lead": ["analyst One"], "admin": ["analyst One", "outsider One"]}
    for who, requesters in expected.items():
        headers = await office.bearer(who)
        answer = await client.get(f"{LIST}/columns/options", headers=headers)
        options = {one["column"]: one["options"] for one in answer.json()["items"]}
        assert [option["label"] for option in options["requester"]] == requesters
    answer = await client.get(f"{LIST}/columns", headers=await office.bearer("viewer"))
    columns = {column["id"]: column for column in answer.json()["items"]}
    assert {name for name in options if columns[name]["filter"] is None} == set()
    order = "status change party record amount risk signed due playbook requester team cost"
    assert list(columns) == [*order.split(), "confidence", "created", "id", "workflow"]
    for column in columns.values():
        if column["sort"] is not None:
            assert column["sort"] in SORTS


async def test_boxes_when_counted_then_they_are_what_they_list(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.credit()
    await proposer.propose()
    lead = await office.principal("lead")
    given = DecisionInput(DecisionKind.REJECT, view.row.digest, "Not owed")
    await decide(office.database, proposer.connectors, lead, ProposalId(view.row.id), given)
    expected = {"lead": (1, 0, 0, 1), "analyst": (0, 0, 1, 1), "outsider": (0, 0, 0, 0)}
    for who, boxes in expected.items():
        headers = await office.bearer(who)
        counts = (await client.get("/api/v1/inbox/counts", headers=headers)).json()
        assert tuple(counts[box] for box in ("mine", "team", "waiting", "decided")) == boxes, who
        for box in Box:
            page = (await client.get(f"{LIST}?box={box}", headers=headers)).json()
            assert page["total"] == counts[box], (who, box)


@pytest.mark.long
async def test_mine_when_policies_and_acts_vary_then_it_is_what_the_arbiter_lets_sign(
    office: Office, proposer: Proposer
) -> None:
    await vary(office, proposer)
    everything = listing.Query(limit=200)
    compared = 0
    for who in office.people:
        principal = await office.principal(who)
        async with tenant(office.database, principal.tenant) as session:
            seen = (await listing.find(session, principal, everything)).views
            mine = replace(everything, wanted=Filter(box=Box.MINE))
            listed = (await listing.find(session, principal, mine)).views
        signable = {view.row.id for view in seen if refusal(principal, view) is None}
        assert {view.row.id for view in listed} == signable, who
        compared += len(seen)
    assert compared > 60


async def vary(office: Office, proposer: Proposer) -> None:
    """Proposals under every mixture of approvers, teams and bars, each in several stages."""
    analyst, outsider = office.people["analyst"], office.people["outsider"]
    named: list[tuple[Approver, ...]] = [
        (),
        (Approver(role=Role.TEAM_LEAD),),
        (Approver(team=office.elsewhere), Approver(person=analyst)),
    ]
    for approvers, teams, own in product(named, (False, True), (False, True)):
        rule = ApprovalRule(signatures=2, approvers=approvers, different_teams=teams)
        under = await proposer.under(Policy(rules=(rule,), requester_signs=own))
        for stage in ("plain", "signed", "given", "given on"):
            view = await under.propose()
            await act(office, proposer, view, stage, [analyst, outsider])


async def act(
    office: Office, proposer: Proposer, view: ProposalView, stage: str, people: list[UserId]
) -> None:
    """Whoever may does it; where nobody may, the proposal stays as it is."""
    steps = {
        "plain": [],
        "signed": [DecisionKind.APPROVE],
        "given": [DecisionKind.DELEGATE],
        "given on": [DecisionKind.DELEGATE, DecisionKind.DELEGATE],
    }[stage]
    for kind, to in zip(steps, reversed(people), strict=False):
        for who in office.people:
            principal = await office.principal(who)
            proposal_id = ProposalId(view.row.id)
            now = await proposer.view(proposal_id)
            if refusal(principal, now) is None and principal.user_id != to:
                given = DecisionInput(
                    kind, now.row.digest, None, to if kind == "delegate" else None
                )
                if kind is DecisionKind.DELEGATE and now.delegated_by(to) is not None:
                    continue
                if kind is DecisionKind.DELEGATE and to == now.row.requested_by:
                    continue
                await decide(office.database, proposer.connectors, principal, proposal_id, given)
                break
