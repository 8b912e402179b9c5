"""`countersign mail`: the mail that the product would have sent, on a laptop without a mail server."""

from collections.abc import Callable

from backend.core import db
from backend.core.settings import Settings
from tenancy.mail import kept_mail


async def show(settings: Settings, say: Callable[[str], None]) -> None:
    """Print what waits, the newest at the end."""
    database = db.connect(settings.database, pool_size=1)
    try:
        mails = await kept_mail(database, settings.keys)
    finally:
        await database.close()
    for kept in mails:
        mail = kept.mail
        say(f"{kept.created_at:%Y-%m-%d %H:%M} UTC, to {mail.recipient}: {mail.subject}\n")
        say(mail.text)
    if not mails:
        say("no mail waits")
