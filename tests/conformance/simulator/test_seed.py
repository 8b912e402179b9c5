"""The seed: quick, repeatable, careful, and every case can be told from its trap by ordinary data."""

import json
import re
import resource
import sqlite3
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.simulator.process import PROGRAM, ROOT, Api, SimulatorProcess

KEY = "sk_test_seeded_account"
DAY = 86_400
SMALL = ("--customers", "20", "--invoices", "60")
NOW = int(time.time())

Invoice = dict[str, Any]


def _seed(db: Path, key: str = KEY, *more: str) -> subprocess.CompletedProcess[str]:
    arguments = ["--db", str(db), "--key", key, "--account-name", "Northwind", "--seed", "7"]
    command = [*PROGRAM, "seed", *arguments, "--now", str(NOW), *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _bodies(db: Path, kind: str) -> list[str]:
    with sqlite3.connect(db) as opened:
        rows = opened.execute("SELECT body FROM object WHERE kind = ? ORDER BY seq", (kind,))
        bodies = [row[0] for row in rows]
    opened.close()
    return bodies


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    db = tmp_path_factory.mktemp("seed") / "stripe.db"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = _seed(db)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (done.returncode, done.stderr) == (0, "")
    # Processor time: the machine may be busy with other tests.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 6
    counts = json.loads(done.stdout)
    assert (counts["customer"], counts["invoice"]) == (242, 1518)
    return db


@pytest.fixture(scope="module")
def invoices(seeded: Path) -> list[Invoice]:
    return [json.loads(body) for body in _bodies(seeded, "invoice")]


@pytest.fixture(scope="module")
def overdue(invoices: list[Invoice]) -> list[Invoice]:
    return [one for one in invoices if one["status"] == "open" and one["due_date"] < NOW]


def _case(invoices: list[Invoice], *cases: str) -> list[Invoice]:
    return [one for one in invoices if one["metadata"].get("case") in cases]


def test_the_same_seed_gives_the_same_account(seeded: Path, tmp_path: Path) -> None:
    assert _seed(tmp_path / "again.db").returncode == 0
    for kind in ("customer", "invoice", "credit_note", "charge"):
        assert _bodies(tmp_path / "again.db", kind) == _bodies(seeded, kind)


def test_another_key_gets_other_ids_and_another_seed_other_names(
    tmp_path: Path,
) -> None:
    _seed(tmp_path / "mine.db", KEY, *SMALL)
    _seed(tmp_path / "key.db", "sk_test_another_account", *SMALL)
    _seed(tmp_path / "seed.db", KEY, *SMALL, "--seed", "8")
    mine, by_key, by_seed = (
        [json.loads(body) for body in _bodies(tmp_path / f"{name}.db", "customer")]
        for name in ("mine", "key", "seed")
    )
    assert [one["name"] for one in mine] == [one["name"] for one in by_key]
    assert not {one["id"] for one in mine} & {one["id"] for one in by_key}
    assert len({one["name"] for one in mine} & {one["name"] for one in by_seed}) < 10


def test_a_used_account_is_left_alone(seeded: Path) -> None:
    before = _bodies(seeded, "invoice")
    refused = _seed(seeded)
    assert refused.returncode == 3
    assert refused.stderr == "The account of Northwind is not empty; nothing was written.\n"
    assert _bodies(seeded, "invoice") == before


def test_the_numbers_are_those_of_a_living_business(
    invoices: list[Invoice], overdue: list[Invoice]
) -> None:
    states = Counter(one["status"] for one in invoices)
    assert states["paid"] > 1200
    assert 180 < states["open"] < 260
    assert 110 <= len(overdue) <= 140
    assert len(_case(overdue, "duplicate", "duplicate_original", "duplicate_trap")) == 20
    assert len(_case(overdue, "disputed", "disputed_trap")) == 15
    assert len(_case(overdue, "uncollectible", "uncollectible_trap")) == 8
    assert {one["currency"] for one in invoices} == {"eur"}
    assert min(one["created"] for one in invoices) < NOW - 530 * DAY
    moments = [at for one in invoices for at in one["status_transitions"].values() if at]
    assert max(moments) <= NOW


def test_a_duplicate_repeats_the_period_and_a_retainer_does_not(invoices: list[Invoice]) -> None:
    def same_delivery(one: Invoice) -> tuple[Any, ...]:
        lines = one["lines"]["data"]
        what = tuple((line["description"], *line["period"].values()) for line in lines)
        return (one["customer"], one["currency"], one["total"], what)

    seen: dict[Any, Invoice] = {}
    found = []
    for one in sorted(invoices, key=lambda each: each["created"]):
        if one["status"] not in {"open", "paid"}:
            continue
        original = seen.setdefault(same_delivery(one), one)
        if original is not one and one["created"] - original["created"] < 2 * 3600:
            found.append(one)
            assert original["metadata"]["case"] == "duplicate_original"
    assert _ids(found) == _ids(_case(invoices, "duplicate"))
    retainers = Counter(
        (one["customer"], one["total"]) for one in _case(invoices, "duplicate_trap")
    )
    assert set(retainers.values()) == {2}


def test_a_dispute_names_an_amount_that_is_not_credited_yet(overdue: list[Invoice]) -> None:
    found = [
        one
        for one in overdue
        if int(one["metadata"].get("disputed_amount", 0)) > one["pre_payment_credit_notes_amount"]
    ]
    assert _ids(found) == _ids(_case(overdue, "disputed"))
    for one in found:
        assert 0 < int(one["metadata"]["disputed_amount"]) <= one["amount_remaining"]
        amount = int(one["metadata"]["disputed_amount"])
        assert f"{amount // 100}.{amount % 100:02d} EUR" in one["description"]
    thanked = [
        one for one in overdue if "damaged" in (one["description"] or "") and one not in found
    ]
    assert thanked


def test_bad_debt_is_old_bounced_reminded_and_without_a_live_promise(
    overdue: list[Invoice],
) -> None:
    today = datetime.fromtimestamp(NOW, UTC).date()
    old = [
        one
        for one in overdue
        if one["due_date"] < NOW - 180 * DAY
        and int(one["metadata"].get("reminders_sent", 0)) >= 4
        and one["metadata"].get("email_bounced") == "true"
    ]
    promised = [
        one
        for one in old
        if date.fromisoformat(one["metadata"].get("promised_date", "2000-01-01")) > today
    ]
    assert _ids(promised) == _ids(_case(overdue, "uncollectible_trap"))
    assert _ids(old) - _ids(promised) == _ids(_case(overdue, "uncollectible"))


def test_a_failed_payment_left_its_attempts(invoices: list[Invoice], seeded: Path) -> None:
    attempted = [one for one in invoices if one["attempt_count"] and not one["amount_paid"]]
    declined = ("failed", "declined_soft", "declined_hard", "declined_trap")
    assert _ids(attempted) == _ids(_case(invoices, *declined))
    charges = [json.loads(body) for body in _bodies(seeded, "charge")]
    failed = {one["description"] for one in charges if one["status"] == "failed"}
    assert {f"Payment for Invoice {one['number']}" for one in attempted} <= failed
    trap = _case(invoices, "failed_trap")
    assert {(one["status"], one["attempt_count"]) for one in trap} == {("paid", 1)}


def test_habits_show_in_the_history(invoices: list[Invoice], overdue: list[Invoice]) -> None:
    delays = defaultdict(list)
    for one in invoices:
        if paid := one["status_transitions"]["paid_at"]:
            delays[one["customer"]].append((paid - one["due_date"]) / DAY)

    def habit(one: Invoice) -> float:
        history = sorted(delays[one["customer"]])
        assert len(history) >= 3
        return float(history[len(history) // 2])

    assert all(habit(one) < 3 for one in _case(overdue, "prompt_trap"))
    assert all(10 < habit(one) < 35 for one in _case(overdue, "slow_payer"))
    assert all(habit(one) > 35 for one in _case(overdue, "bad_payer"))
    assert all(one["due_date"] > NOW - 3 * DAY for one in _case(overdue, "prompt_trap"))


def test_a_recent_reminder_is_dated(overdue: list[Invoice]) -> None:
    week_ago = datetime.fromtimestamp(NOW - 7 * DAY, UTC).date()
    recent = [
        one
        for one in overdue
        if date.fromisoformat(one["metadata"].get("last_reminder_on", "2000-01-01")) > week_ago
    ]
    assert _ids(recent) == _ids(_case(overdue, "reminded_trap"))


def test_doubles_share_a_tax_number_and_sisters_do_not(seeded: Path) -> None:
    customers = [json.loads(body) for body in _bodies(seeded, "customer")]
    by_number = defaultdict(list)
    for one in customers:
        by_number[one["metadata"].get("tax_number")].append(one)
    del by_number[None]
    doubles = [one for group in by_number.values() if len(group) > 1 for one in group]
    assert len(doubles) == 8
    assert _ids(doubles) <= _ids(_case(customers, "duplicate_customer"))


def test_doubles_without_a_shared_tax_number_share_a_mailbox_or_a_phone(seeded: Path) -> None:
    customers = [json.loads(body) for body in _bodies(seeded, "customer")]
    older = [
        one for one in _case(customers, "duplicate_customer") if "tax_number" not in one["metadata"]
    ]
    shared = []
    for one in older:
        for other in customers:
            mailboxes = [(each["email"] or str(each["id"])).casefold() for each in (one, other)]
            phones = [
                re.sub(r"\D", "", each["phone"] or each["id"]).lstrip("0") for each in (one, other)
            ]
            if other is not one and (len(set(mailboxes)) == 1 or len(set(phones)) == 1):
                shared.append((one["id"], other["metadata"]["case"]))
    assert shared == [(one["id"], "duplicate_customer") for one in older]
    assert len(older) == 4


def test_a_declined_card_says_whether_it_will_ever_pay(
    invoices: list[Invoice], seeded: Path
) -> None:
    charges = [json.loads(body) for body in _bodies(seeded, "charge")]
    reasons = {one["description"]: one["outcome"]["reason"] for one in charges}
    found = defaultdict(set)
    for one in invoices:
        if (case := one["metadata"].get("case", "")).startswith("declined_"):
            found[case].add(reasons[f"Payment for Invoice {one['number']}"])
            assert one["due_date"] > NOW
    assert found["declined_soft"] == {"insufficient_funds", "processing_error"}
    assert found["declined_hard"] == {"expired_card", "stolen_card"}


@pytest.fixture
def small(own_simulator: SimulatorProcess) -> Iterator[Api]:
    """A small seed written while the simulator runs."""
    assert _seed(own_simulator.db, KEY, *SMALL, "--currency", "usd").returncode == 0
    api = Api(own_simulator, KEY)
    yield api
    api.close()


def test_a_seed_is_served_at_once_and_has_stripes_shapes(small: Api) -> None:
    """`Api` checks every object of every page against Stripe's document."""
    found = {kind: list(small.pages(kind)) for kind in ("customers", "invoices", "events")}
    for kind in ("invoiceitems", "credit_notes", "charges", "invoice_payments"):
        found[kind] = list(small.pages(kind))
    assert (len(found["customers"]), len(found["invoices"])) == (41, 69)
    assert {one["currency"] for one in found["invoices"]} == {"usd"}
    assert all(found.values())
    cases = {one["metadata"].get("case") for one in found["invoices"]}
    assert {"duplicate", "duplicate_trap", "disputed", "disputed_trap", "failed"} <= cases


def _ids(objects: list[Invoice]) -> set[str]:
    return {one["id"] for one in objects}
