"""The SQLite file: accounts, objects, events, idempotency rows and the log of executed requests.

One connection belongs to one thread; every request is one transaction, so a killed process leaves
either all of a change (with its event and its idempotency row) or nothing of it.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY, secret_key TEXT UNIQUE NOT NULL, stripe_id TEXT NOT NULL,
    name TEXT NOT NULL, country TEXT NOT NULL, currency TEXT NOT NULL, created INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL, customer TEXT, parent TEXT,
    status TEXT, collection TEXT, due INTEGER, email TEXT, deleted INTEGER NOT NULL, body TEXT NOT NULL,
    UNIQUE (account, id));
CREATE INDEX IF NOT EXISTS object_newest ON object (account, kind, created, seq);
CREATE INDEX IF NOT EXISTS object_customer ON object (account, customer, kind);
CREATE INDEX IF NOT EXISTS object_parent ON object (account, parent, kind);
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL REFERENCES account (id),
    id TEXT NOT NULL, type TEXT NOT NULL, created INTEGER NOT NULL, subject TEXT NOT NULL,
    head TEXT NOT NULL, snapshot BLOB NOT NULL, UNIQUE (account, id));
CREATE INDEX IF NOT EXISTS event_newest ON event (account, created, seq);
CREATE INDEX IF NOT EXISTS event_subject ON event (account, subject, seq);
CREATE TABLE IF NOT EXISTS idempotency (
    account INTEGER NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, request_id TEXT NOT NULL, created INTEGER NOT NULL,
    PRIMARY KEY (account, key));
CREATE TABLE IF NOT EXISTS execution (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, key TEXT, method TEXT NOT NULL,
    path TEXT NOT NULL, status INTEGER NOT NULL, created INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, endpoint TEXT NOT NULL,
    event TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0);
"""

_INSERT = """
INSERT INTO object (account, kind, id, created, customer, parent, status, collection, due, email,
    deleted, body)
VALUES (:account, :kind, :id, :created, :customer, :parent, :status, :collection, :due, :email,
    :deleted, :body)
"""
_UPDATE = """
UPDATE object SET customer = :customer, parent = :parent, status = :status,
    collection = :collection, due = :due, email = :email, deleted = :deleted, body = :body
WHERE account = :account AND id = :id
"""
_POSITION = {
    "object": "SELECT created, seq FROM object WHERE account = ? AND id = ?",
    "event": "SELECT created, seq FROM event WHERE account = ? AND id = ?",
}
_PARENTS = {
    "credit_note": "invoice",
    "invoice_payment": "invoice",
    "invoiceitem": "invoice",
    "refund": "charge",
}

Object = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """One Stripe account: everything below a secret key."""

    row: int
    secret_key: str
    stripe_id: str
    name: str
    country: str
    currency: str


class Store:
    """Accounts and objects; events, idempotency and deliveries keep their own SQL beside them."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, timeout=15, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def accounts(self) -> list[Account]:
        """Every account, oldest first."""
        return [_account(row) for row in self.db.execute("SELECT * FROM account ORDER BY id")]

    def account(self, secret_key: str) -> Account | None:
        """The account of a secret key."""
        found = self.db.execute("SELECT * FROM account WHERE secret_key = ?", (secret_key,))
        row = found.fetchone()
        return _account(row) if row else None

    def add_account(
        self, secret_key: str, stripe_id: str, name: str, currency: str, now: int
    ) -> Account:
        """Open an account; an existing key keeps its account unchanged."""
        country = "US" if currency == "usd" else "NL"
        self.db.execute(
            "INSERT INTO account (secret_key, stripe_id, name, country, currency, created)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (secret_key) DO NOTHING",
            (secret_key, stripe_id, name, country, currency, now),
        )
        account = self.account(secret_key)
        if account is None:
            raise LookupError(secret_key)
        return account

    def insert(self, account: Account, kind: str, body: Object) -> None:
        """Keep a new object."""
        self.db.execute(_INSERT, _columns(account, kind, body))

    def update(self, account: Account, kind: str, body: Object) -> None:
        """Replace an object that exists."""
        self.db.execute(_UPDATE, _columns(account, kind, body))

    def get(self, account: Account, kind: str, object_id: str) -> Object | None:
        """One object, deleted ones included."""
        row = self.db.execute(
            "SELECT body FROM object WHERE account = ? AND id = ? AND kind = ?",
            (account.row, object_id, kind),
        ).fetchone()
        return json.loads(row["body"]) if row else None

    def select(
        self, account: Account, kind: str, where: str = "", values: tuple[Any, ...] = ()
    ) -> list[Object]:
        """Objects that are not deleted; `where` (fixed text, never input) adds conditions and order."""
        rows = self.db.execute(
            "SELECT body FROM object WHERE account = ? AND kind = ? AND deleted = 0 " + where,  # noqa: S608
            (account.row, kind, *values),
        )
        return [json.loads(row["body"]) for row in rows]

    def position(
        self, account: Account, object_id: str, table: str = "object"
    ) -> tuple[int, int] | None:
        """(created, seq) of an object or event: the order of every list."""
        row = self.db.execute(_POSITION[table], (account.row, object_id)).fetchone()
        return (row["created"], row["seq"]) if row else None

    def count_objects(self, account: Account) -> dict[str, int]:
        """Objects per kind, deleted ones left out."""
        rows = self.db.execute(
            "SELECT kind, count(*) AS n FROM object WHERE account = ? AND deleted = 0 GROUP BY kind",
            (account.row,),
        )
        return {row["kind"]: row["n"] for row in rows}

    def anywhere(self, kind: str, object_id: str) -> tuple[Account, Object] | None:
        """An object of any account, for the human-readable pages only."""
        row = self.db.execute(
            "SELECT account, body FROM object WHERE id = ? AND kind = ?", (object_id, kind)
        ).fetchone()
        if row is None:
            return None
        account = next(one for one in self.accounts() if one.row == row["account"])
        return account, json.loads(row["body"])


def pack(snapshot: Object) -> bytes:
    """A stored event carries its object as it was; compressed, a seed's events stay small."""
    return zlib.compress(json.dumps(snapshot, separators=(",", ":")).encode(), 1)


def unpack(stored: bytes) -> Object:
    """The object that `pack` kept."""
    body: Object = json.loads(zlib.decompress(stored))
    return body


def _account(row: Mapping[str, Any]) -> Account:
    return Account(
        row["id"],
        row["secret_key"],
        row["stripe_id"],
        row["name"],
        row["country"],
        row["currency"],
    )


def _columns(account: Account, kind: str, body: Object) -> dict[str, Any]:
    """What lists filter on, taken out of the object."""
    return {
        "account": account.row,
        "kind": kind,
        "id": body["id"],
        "created": body.get("created", body.get("date")),
        "customer": body.get("customer"),
        "parent": body.get(_PARENTS.get(kind, "")),
        "status": body.get("status"),
        "collection": body.get("collection_method"),
        "due": body.get("due_date"),
        "email": body.get("email"),
        "deleted": int(body.get("deleted", False)),
        "body": json.dumps(body, separators=(",", ":")),
    }
