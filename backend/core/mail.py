"""Sends one mail. By SMTP where settings name a server; what is to be sent is kept by ``tenancy.mail``."""

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol

import aiosmtplib

from backend.core.errors import UpstreamError
from backend.core.settings import MailSettings

TIMEOUT_SECONDS = 20


class MailFailedError(UpstreamError):
    """The mail server did not take the mail."""

    code = "mail_failed"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in plain text to one person."""

    recipient: str
    subject: str
    text: str = field(repr=False)


class Mailer(Protocol):
    """Whatever takes mails to people."""

    async def send(self, mail: Mail) -> None:
        """Hand it over. Raises :class:`MailFailedError`."""


class SmtpMailer:
    """A mail server (RFC 5321); outside this machine only encrypted."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    async def send(self, mail: Mail) -> None:
        """Hand the mail to the server."""
        settings, message = self._settings, EmailMessage()
        message["From"], message["To"] = settings.sender, mail.recipient
        message["Subject"] = mail.subject
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        try:
            await aiosmtplib.send(
                message,
                hostname=settings.host,
                port=settings.port,
                username=settings.user,
                password=settings.password,
                use_tls=settings.tls == "implicit",
                start_tls=settings.tls == "starttls",
                timeout=TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailFailedError(f"the mail server refused: {type(error).__name__}") from error
