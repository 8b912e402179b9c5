"""How the kill test talks to a rival's program: one command a line on stdin, one answer a line on stdout."""

import argparse
import sys
from typing import Protocol


class Program(Protocol):
    """An application that proposes a credit, waits for a person, and carries it out."""

    def start(self, run: str, invoice: str) -> None:
        """Begin a run in the background."""

    def approve(self, run: str) -> None:
        """Give the person's answer to a waiting run."""

    def resume(self, run: str) -> None:
        """What the application must do by itself after a crash; nothing, where the library does it."""

    def state(self, run: str) -> str:
        """``working``, ``waiting``, ``done`` or ``failed``."""


def arguments() -> argparse.Namespace:
    """``database``, ``secret``, ``base`` and ``look_first``, as the kill test gives them."""
    parser = argparse.ArgumentParser()
    for name in ("database", "secret", "base"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--look-first", action="store_true")
    return parser.parse_args()


def serve(program: Program) -> None:
    """Answer commands until stdin ends."""
    _answer("ready")
    for line in sys.stdin:
        match line.split():
            case ["start", run, invoice]:
                program.start(run, invoice)
                _answer("ok")
            case ["approve", run]:
                program.approve(run)
                _answer("ok")
            case ["resume", run]:
                program.resume(run)
                _answer("ok")
            case ["state", run]:
                _answer(program.state(run))
            case _:
                _answer("unknown command")


def _answer(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()
