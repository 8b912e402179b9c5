"""The mail that waits to be sent: written with the change that causes it, sealed until it is gone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.crypto import Keys
from backend.core.db import Database
from backend.core.ids import OrgId, new_uuid
from backend.core.mail import Mail, Mailer, MailFailedError
from tenancy.context import Principal
from tenancy.models.mail import MAIL_PURPOSE, OutgoingMail
from tenancy.permissions import Right
from tenancy.session import system

MOST_ATTEMPTS = 8
_BATCH = 20
_FIRST_PAUSE = timedelta(minutes=1)
_NEWEST = 100
_UNSENT = OutgoingMail.sent_at.is_(None)


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail that nobody has sent, for who runs the product without a mail server."""

    mail: Mail = field(repr=False)
    created_at: datetime


async def post(
    session: AsyncSession, keys: Keys, mail: Mail, *, org_id: OrgId | None = None
) -> None:
    """Have a mail sent when this transaction commits; in an organization's transaction ``org_id`` names it."""
    mail_id = new_uuid()
    values = {
        "id": mail_id,
        "org_id": org_id,
        "recipient": mail.recipient,
        "subject": mail.subject,
        "sealed": keys.seal(_purpose(mail_id), mail.text.encode()),
    }
    await session.execute(insert(OutgoingMail), [values])


async def deliver_due(database: Database, keys: Keys, mailer: Mailer) -> Sequence[str]:
    """Send what is due; the classes of what went wrong. A mail may come twice, when we die after its sending.

    What is sent keeps no text. What is refused comes again after twice the pause, eight times.
    """
    failed = []
    for row in await _taken(database):
        text = keys.open(_purpose(row.id), row.sealed).decode()
        try:
            await mailer.send(Mail(row.recipient, row.subject, text))
        except MailFailedError as error:
            failed.append(error.message)
            continue
        async with system(database) as session:
            sent = update(OutgoingMail).where(OutgoingMail.id == row.id)
            await session.execute(sent.values(sent_at=now(), sealed=b""))
    return failed


async def kept_mail(
    database: Database, keys: Keys, *, of: ColumnElement[bool] = _UNSENT
) -> list[KeptMail]:
    """The newest mails that nobody has sent, the last one at the end; ``of`` narrows them."""
    query = select(OutgoingMail).where(_UNSENT, of).order_by(OutgoingMail.id.desc()).limit(_NEWEST)
    async with system(database) as session:
        rows = (await session.scalars(query)).all()
    return [
        KeptMail(
            Mail(row.recipient, row.subject, keys.open(_purpose(row.id), row.sealed).decode()),
            row.created_at,
        )
        for row in reversed(rows)
    ]


async def outbox_of(database: Database, keys: Keys, reader: Principal) -> list[KeptMail]:
    """What somebody may read of the kept mail: their own, and what their organization sent if they may invite for it.

    Whoever reads an invitation could accept it in the other's stead; a link to a password is its owner's alone.
    """
    of = OutgoingMail.recipient == reader.email
    if Right.USERS_CREATE in reader.grants:
        of = or_(of, OutgoingMail.org_id == reader.org_id)
    return await kept_mail(database, keys, of=of)


async def _taken(database: Database) -> Sequence[OutgoingMail]:
    """Those that are due, put off as if they had failed, so that no other process takes them."""
    table = OutgoingMail
    due = (
        select(table)
        .where(table.sent_at.is_(None), table.due_at <= now(), table.attempts < MOST_ATTEMPTS)
        .order_by(table.due_at)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    async with system(database) as session:
        rows = (await session.scalars(due)).all()
        for row in rows:
            row.due_at = now() + _FIRST_PAUSE * 2**row.attempts
            row.attempts += 1
    return rows


def _purpose(mail_id: UUID) -> str:
    return MAIL_PURPOSE.format(id=mail_id)
