"""`countersign mail` as somebody types it who runs the product without a mail server."""

import secrets
import subprocess
import sys
from pathlib import Path

from backend.core.db import Database
from backend.core.mail import Mail
from backend.core.settings import Settings, process_environment
from backend.embedded.postgres import EmbeddedPostgres
from tenancy.mail import post
from tenancy.session import system
from tests.fixtures.client import ROOT


def typed(state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", "mail"],
        cwd=ROOT,
        env={**process_environment(), "COUNTERSIGN_STATE_DIR": str(state)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_mail_that_waits_is_shown_to_who_runs_the_stack(
    database: Database, settings: Settings, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    mail = Mail(f"{secrets.token_hex(6)}@people.example", "Set a new password", "The link\n")
    async with system(database) as session:
        await post(session, settings.keys, mail)
    (tmp_path / "postgres").symlink_to(postgres.home)
    (tmp_path / "master.key").write_text(settings.keys.current.secret.hex())
    done = typed(tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"to {mail.recipient}: Set a new password\n\nThe link" in done.stdout


def test_mail_when_nothing_was_ever_started_then_says_so(tmp_path: Path) -> None:
    done = typed(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "make up" in done.stderr
