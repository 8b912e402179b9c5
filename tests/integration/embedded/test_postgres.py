"""Embedded PostgreSQL with real servers: roles, restarts, kills, and two starters."""

import asyncio
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from backend.embedded import postgres_files
from backend.embedded.postgres import ROLES, EmbeddedPostgres
from backend.embedded.waiting import until


@pytest.fixture
def postgres(own_postgres: EmbeddedPostgres) -> EmbeddedPostgres:
    return own_postgres


async def value(server: EmbeddedPostgres, role: str, query: str) -> object:
    connection = await asyncpg.connect(server.dsn(role))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_start_when_fresh_then_the_roles_can_log_in_and_cannot_bypass_row_security(
    postgres: EmbeddedPostgres,
) -> None:
    weak = (
        "SELECT NOT (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb) FROM pg_roles "
        "WHERE rolname = current_user"
    )
    for role in ROLES:
        assert await value(postgres, role, weak)
    assert await value(postgres, "app_rw", "SELECT '[1,2]'::vector <-> '[1,4]'::vector") == 2.0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await value(postgres, "app_rw", "CREATE TABLE mine (id int)")


async def test_start_when_a_password_is_wrong_then_nobody_gets_in(
    postgres: EmbeddedPostgres,
) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.dsn("app_rw").replace("app_rw:", "postgres:"))


async def test_start_when_fresh_then_the_secrets_are_private(postgres: EmbeddedPostgres) -> None:
    assert stat.filemode(mode_of(postgres.home / "secrets.json")) == "-rw-------"


async def test_start_when_it_runs_already_then_the_second_starter_adopts_it(
    postgres: EmbeddedPostgres,
) -> None:
    second = EmbeddedPostgres(postgres.home)
    await second.start()
    assert second.pid == postgres.pid
    assert second.dsn("app_rw") == postgres.dsn("app_rw")


async def test_start_when_killed_then_committed_rows_are_still_there(
    postgres: EmbeddedPostgres,
) -> None:
    await value(postgres, "app_owner", "CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS n")
    assert postgres.pid
    os.kill(postgres.pid, signal.SIGKILL)
    assert await postgres.wait() == -signal.SIGKILL
    await postgres.start()
    assert await value(postgres, "app_owner", "SELECT n FROM kept") == 7


async def test_start_when_the_pid_file_names_another_process_then_it_starts(
    postgres: EmbeddedPostgres,
) -> None:
    await postgres.stop()
    pid_file = postgres.home / "data" / "postmaster.pid"
    lines = [str(os.getpid()), str(postgres.home), "0", "1", "", "", "", "ready"]
    pid_file.write_text("\n".join(lines))
    await postgres.start()
    assert await value(postgres, "app_rw", "SELECT 1") == 1


async def test_start_when_an_earlier_first_start_was_cut_short_then_it_begins_anew(
    postgres: EmbeddedPostgres,
) -> None:
    await postgres.stop()
    (postgres.home / "secrets.json").unlink()
    shutil.rmtree(postgres.home / "data" / "base")
    await postgres.start()
    assert await value(postgres, "app_rw", "SELECT 1") == 1


async def test_start_when_the_cluster_is_of_an_earlier_release_then_it_gets_the_newer_roles(
    postgres: EmbeddedPostgres,
) -> None:
    file = postgres.home / "secrets.json"
    passwords = json.loads(file.read_text())
    for database, statement in (
        ("template1", "DROP OWNED BY app_sealer"),
        ("countersign", "DROP OWNED BY app_sealer; DROP ROLE app_sealer"),
    ):
        connection = await asyncpg.connect(postgres.dsn("postgres", database=database))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
    del passwords["app_sealer"]
    postgres_files.write_private(file, json.dumps(passwords))
    await postgres.start()
    assert await value(postgres, "app_sealer", "SELECT current_user") == "app_sealer"
    assert await value(postgres, "app_rw", "SELECT 1") == 1
    assert stat.filemode(mode_of(file)) == "-rw-------"


def mode_of(path: Path) -> int:
    return path.stat().st_mode


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder that only its owner may enter."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


async def test_home_when_root_starts_below_a_closed_folder_then_it_lies_elsewhere(
    closed: Path,
) -> None:
    root = os.geteuid() == 0  # anybody else is PostgreSQL's account already
    server = EmbeddedPostgres(closed / "postgres")
    assert server.moved is root
    assert server.home.is_relative_to("/var/lib/countersign" if root else closed)
    await server.start()
    try:
        assert await value(server, "app_rw", "SELECT 1") == 1
        assert server.pid
        assert psutil.Process(server.pid).uids().effective != 0
        assert stat.filemode(mode_of(closed)) == "drwx------"
    finally:
        await server.stop()
        shutil.rmtree(server.home)


def test_copy_programs_when_copied_then_they_find_their_libraries(tmp_path: Path) -> None:
    installed = postgres_files.programs(tmp_path, None).parents[1]
    folder = postgres_files.copy_programs(installed, tmp_path / "copy")
    for program in ("initdb", "postgres"):
        command: list[str | Path] = [folder / program, "--version"]
        assert " 18." in subprocess.run(command, capture_output=True, text=True, check=True).stdout


async def test_server_when_its_starter_is_killed_then_it_ends_by_itself(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys, pathlib, threading\n"
        "from backend.embedded.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(pathlib.Path(sys.argv[1]))\n"
        "asyncio.run(server.start())\n"
        "print(server.pid, server.home, flush=True)\n"
        "threading.Event().wait()\n"
    )
    starter = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, str(tmp_path / "postgres")), stdout=asyncio.subprocess.PIPE
    )
    assert starter.stdout
    pid, home = (await starter.stdout.readline()).decode().split()
    starter.kill()
    await starter.wait()
    assert await until(lambda: not psutil.pid_exists(int(pid)), seconds=10)
    shutil.rmtree(home)
