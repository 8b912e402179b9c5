"""Mail that waits, is taken to a mail server, and comes again when that refuses."""

import secrets
from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backend.core.clock import now
from backend.core.db import Database
from backend.core.mail import Mail, SmtpMailer
from backend.core.settings import Settings, load
from tenancy.mail import deliver_due, kept_mail, post
from tenancy.models.mail import OutgoingMail
from tenancy.session import system
from tests.mailserver import MailServer, mail_server


def mailer(environ: Mapping[str, str], server: MailServer) -> SmtpMailer:
    settings = load(
        {
            **environ,
            "COUNTERSIGN_SMTP_URL": f"smtp://127.0.0.1:{server.port}",
            "COUNTERSIGN_MAIL_FROM": "Countersign <countersign@example.com>",
        }
    ).mail
    assert settings is not None
    return SmtpMailer(settings)


@pytest.fixture
async def waiting(database: Database, settings: Settings) -> Mail:
    """One mail that waits; those of other tests are gone."""
    mail = Mail(
        f"{secrets.token_hex(6)}@people.example", "Grüße", "A link: https://x/ä\n\n.\nEnd\n"
    )
    async with system(database) as session:
        await session.execute(update(OutgoingMail).values(sent_at=now()))
        await post(session, settings.keys, mail)
    return mail


async def test_a_mail_is_sent_once_and_its_text_is_forgotten(
    database: Database, settings: Settings, environ: Mapping[str, str], waiting: Mail
) -> None:
    async with mail_server() as server:
        for _ in range(2):
            assert await deliver_due(database, settings.keys, mailer(environ, server)) == []
    [sent] = server.mails
    assert (sent["To"], sent["Subject"]) == (waiting.recipient, "Grüße")
    assert sent["From"] == "Countersign <countersign@example.com>"
    assert "https://x/ä" in sent.get_content()
    async with system(database) as session:
        query = select(OutgoingMail).where(OutgoingMail.recipient == waiting.recipient)
        kept = (await session.scalars(query)).one()
    assert (kept.sealed, kept.attempts) == (b"", 1)
    assert await kept_mail(database, settings.keys) == []


async def test_a_mail_that_is_refused_waits_and_comes_again(
    database: Database, settings: Settings, environ: Mapping[str, str], waiting: Mail
) -> None:
    async with mail_server() as server:
        server.refusing = True
        [why] = await deliver_due(database, settings.keys, mailer(environ, server))
        assert waiting.recipient not in why
        assert await deliver_due(database, settings.keys, mailer(environ, server)) == []
        server.refusing = False
        async with system(database) as session:
            query = update(OutgoingMail).where(OutgoingMail.recipient == waiting.recipient)
            await session.execute(query.values(due_at=now() - timedelta(seconds=1)))
        assert await deliver_due(database, settings.keys, mailer(environ, server)) == []
    assert [one["To"] for one in server.mails] == [waiting.recipient]


async def test_without_a_server_the_mail_waits_to_be_read(
    database: Database, settings: Settings, waiting: Mail
) -> None:
    [kept] = await kept_mail(database, settings.keys)
    assert kept.mail == waiting
