"""The command line of the simulator: serve (the default) or seed an empty account."""

import argparse
import asyncio
import os
import signal
import socket
import sqlite3
import sys
from pathlib import Path

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from backend.embedded.simulators.stripe.app import create_app
from backend.embedded.simulators.stripe.seed import command as seed


def main(arguments: list[str]) -> int:
    """Run one command; the exit code."""
    if arguments[:1] == ["seed"]:
        return seed.main(arguments[1:])
    parser = argparse.ArgumentParser(prog="stripe-simulator", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--db", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args(arguments)
    try:
        options.db.parent.mkdir(parents=True, exist_ok=True)
        _claim(options.host, options.port)
        asyncio.run(_serve(options.host, options.port, options.db))
    except (OSError, sqlite3.Error) as error:
        sys.stderr.write(f"stripe-simulator: {error}\n")
        return 1
    return 0


def _claim(host: str, port: int) -> None:
    """Raise OSError where the port is taken: Granian would share it with its present owner."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(f"{host}:{port} cannot be used: {error.strerror}") from error


async def _serve(host: str, port: int, db: Path) -> None:
    server = Server(
        create_app(db, f"http://{host}:{port}"),
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_level=LogLevels.critical,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    await server.serve()


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    # Granian's threads may still ask for the interpreter while it ends, and then abort the process;
    # everything is closed by now, so nothing is lost by leaving at once.
    os._exit(code)
