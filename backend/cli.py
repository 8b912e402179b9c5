"""The command line: expected failures are one sentence and exit code 1."""
# ruff: noqa: PLC0415 - a command that imported what the others need would start slowly

import argparse
import asyncio
import os
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

from backend.core import settings
from backend.core.errors import AppError
from backend.core.settings import Settings, SettingsError
from backend.embedded.audit_options import add_audit
from backend.embedded.errors import StartupError
from backend.embedded.keys_options import add_keys
from backend.embedded.organization_options import add_organization
from backend.embedded.proposal_options import add_proposal
from backend.embedded.run_options import add_run

T = TypeVar("T")


def main() -> None:
    """Entry point of `countersign`."""
    options = _parser().parse_args()
    try:
        code = options.run(options)
    except (StartupError, SettingsError, AppError) as error:
        sys.exit(f"countersign: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # whoever read our output has had enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="countersign", description="Countersign on this machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="start everything here and fill a demo; Ctrl-C ends it")
    up.add_argument("--detach", action="store_true", help="return when healthy; `down` ends it")
    up.add_argument("--background", action="store_true", help=argparse.SUPPRESS)
    up.set_defaults(run=_up)
    for name, run, text in (
        ("down", _down, "end what `up --detach` has started"),
        ("doctor", _doctor, "say what runs and whether it answers"),
        ("mail", _mail, "show the mail that waits, on a running stack without a mail server"),
        ("demo", _demo, "the main job end to end in the terminal, on a running stack"),
        ("worker", _worker, "run the worker of workflows and agents"),
        ("migrate", _migrate, "bring the database to the newest version"),
        ("fetch", _fetch, "get what a start needs: the Temporal server and bun"),
        ("site", _site, "build the pages, or write another address into the built ones"),
        ("roles", _roles, "create roles and database on a PostgreSQL that runs elsewhere"),
        ("seed", _seed, "fill the demo organizations of a running stack"),
    ):
        commands.add_parser(name, help=text).set_defaults(run=run)
    tier = commands.add_parser("tier", help="put an organization on another tier")
    tier.add_argument("organization", help="its slug")
    tier.add_argument("tier", help="free, professional or enterprise")
    tier.set_defaults(run=_tier)
    add_organization(commands).set_defaults(run=_organization)
    add_run(commands).set_defaults(run=_control)
    add_proposal(commands).set_defaults(run=_decide)
    add_audit(commands).set_defaults(run=_verify)
    add_keys(commands).set_defaults(run=_keys)
    for name, target, text in (
        ("web", "backend.web:app", "serve API and pages on one port"),
        ("api", "backend.app:app", "serve the API alone"),
        ("ui", "backend.web:pages", "serve the pages alone"),
    ):
        server = commands.add_parser(name, help=text)
        server.add_argument("--host", default="127.0.0.1")
        server.add_argument("--port", type=int, default=8080)
        server.set_defaults(run=_serve, target=target)
    return parser


def _up(options: argparse.Namespace) -> int:
    from backend.embedded import detach, launch, up

    wanted = launch.load(settings.process_environment())
    if options.detach:
        return _run(detach.detach(wanted, _show))
    _run(up.up(wanted, echo=not options.background))
    return 0


def _down(_options: argparse.Namespace) -> int:
    from backend.embedded import instance, launch

    _run(instance.stop(launch.load(settings.process_environment()).state, print))
    return 0


def _doctor(_options: argparse.Namespace) -> int:
    from backend.embedded import doctor, launch

    return 0 if _run(doctor.doctor(launch.load(settings.process_environment()), print)) else 1


def _mail(_options: argparse.Namespace) -> int:
    from backend.embedded import mailbox

    _run(mailbox.show(_installation(), print))
    return 0


def _demo(_options: argparse.Namespace) -> int:
    from backend.embedded import demo_file, launch, walkthrough

    file = demo_file.read(launch.load(settings.process_environment()).demo)
    return 0 if _run(walkthrough.walk(file, print)) else 1


def _control(options: argparse.Namespace) -> int:
    from backend.embedded import launch, run_commands

    demo = launch.load(settings.process_environment()).demo
    _run(run_commands.perform(options, demo, print))
    return 0


def _decide(options: argparse.Namespace) -> int:
    from backend.embedded import launch, proposal_commands

    demo = launch.load(settings.process_environment()).demo
    _run(proposal_commands.perform(options, demo, print))
    return 0


def _verify(options: argparse.Namespace) -> int:
    from backend.embedded import audit_commands

    environ = settings.process_environment()
    return 0 if audit_commands.verify(options, environ, print) else 1


def _keys(options: argparse.Namespace) -> int:
    from backend.embedded import keys_commands, launch

    wanted = launch.load(settings.process_environment())
    return 0 if _run(keys_commands.perform(options, wanted, print)) else 1


def _seed(_options: argparse.Namespace) -> int:
    from backend.core import db
    from backend.embedded import demo_file, demo_webhooks, launch, seed

    wanted = settings.load()
    file = demo_file.read(launch.load(settings.process_environment()).demo)

    async def fill() -> None:
        database = db.connect(wanted.database)
        try:
            await seed.seed_tenants(database, wanted, file)
            await demo_webhooks.seed_webhooks(database, wanted, file)
        finally:
            await database.close()
        await seed.seed_runs(file, print)

    _run(fill())
    return 0


def _tier(options: argparse.Namespace) -> int:
    from backend.core import db
    from tenancy import organizations
    from tenancy.tiers import Tier

    wanted = _installation()
    if options.tier not in list(Tier):
        raise StartupError(f"there is no tier {options.tier!r}; use {', '.join(Tier)}")

    async def put() -> None:
        database = db.connect(wanted.database)
        try:
            await organizations.set_tier(database, options.organization, Tier(options.tier))
        finally:
            await database.close()

    _run(put())
    _say(f"{options.organization} is on the tier {options.tier}")
    return 0


def _organization(options: argparse.Namespace) -> int:
    from backend.embedded import organization_commands

    _run(organization_commands.perform(options, _installation(), _say))
    return 0


def _installation() -> Settings:
    """The settings of what an operator's command works on."""
    from backend.embedded import launch, own_settings

    return own_settings.of_installation(launch.load(settings.process_environment()))


def _fetch(_options: argparse.Namespace) -> int:
    from backend.embedded import bun, launch, temporal_binary

    wanted = launch.load(settings.process_environment())
    binary = temporal_binary.resolve(wanted.temporal_binary, wanted.cache, wanted.environ, _say)
    _say(f"Temporal server: {_run(binary)}")
    registry = wanted.npm_registry or bun.PUBLIC_REGISTRY
    _say(f"bun: {bun.ensure_bun(wanted.cache, _say, registry)}")
    return 0


def _site(_options: argparse.Namespace) -> int:
    from backend.embedded import launch, site

    site.ensure(launch.load(settings.process_environment()), print)
    return 0


def _worker(_options: argparse.Namespace) -> NoReturn:
    from workflows import worker

    worker.main()


def _migrate(_options: argparse.Namespace) -> int:
    from backend.core import migrate

    migrate.upgrade(_needed("COUNTERSIGN_OWNER_DATABASE_URL"))
    return 0


def _roles(_options: argparse.Namespace) -> int:
    from backend.embedded import roles

    urls = {
        "app_owner": _needed("COUNTERSIGN_OWNER_DATABASE_URL"),
        "app_rw": _needed("COUNTERSIGN_DATABASE_URL"),
        "app_system": _needed("COUNTERSIGN_SYSTEM_DATABASE_URL"),
        "app_sealer": _needed("COUNTERSIGN_SEALER_DATABASE_URL"),
    }
    _run(roles.create_roles(_needed("COUNTERSIGN_ADMIN_DATABASE_URL"), urls))
    return 0


def _serve(options: argparse.Namespace) -> NoReturn:
    from backend.embedded import services

    command = services.server_command(options.target, options.host, options.port)
    os.execv(command[0], command)  # noqa: S606 - the server takes this process's place


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def _needed(name: str) -> str:
    if value := settings.process_environment().get(name):
        return value
    raise SettingsError(f"{name} is not set; see .env.example")


def _say(text: str) -> None:
    _show(f"countersign: {text}\n")


def _show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
