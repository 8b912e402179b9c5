"""What `countersign audit …` understands. Imports nothing heavy: every command builds this."""

import argparse
from pathlib import Path
from typing import Any


def add_audit(commands: Any) -> argparse.ArgumentParser:  # noqa: ANN401 - argparse has no public type for it
    """The command and its words."""
    audit: argparse.ArgumentParser = commands.add_parser(
        "audit", help="verify an exported audit log, without a database"
    )
    words = audit.add_subparsers(required=True, metavar="WORD", dest="do")
    verify = words.add_parser("verify", help="name the first event that is not what was recorded")
    verify.add_argument("file", type=Path, metavar="FILE", help="an export as ndjson")
    verify.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="the master key; else COUNTERSIGN_MASTER_KEY, COUNTERSIGN_MASTER_KEY_FILE or this installation's",
    )
    verify.add_argument(
        "--anchor",
        metavar="SIZE:ROOT",
        help="a checkpoint that was kept elsewhere (the worker logs each): the log must go on from it",
    )
    return audit
