"""What `countersign keys …` understands. Imports nothing heavy: every command builds this."""

import argparse
from typing import Any


def add_keys(commands: Any) -> argparse.ArgumentParser:  # noqa: ANN401 - argparse has no public type for it
    """The command and its words."""
    keys: argparse.ArgumentParser = commands.add_parser(
        "keys", help="the master keys: what hangs on them, another one, one less"
    )
    words = keys.add_subparsers(required=True, metavar="WORD", dest="do")
    words.add_parser("status", help="their ids and ages, and how many secrets hang on each")
    words.add_parser(
        "rotate", help="take a new master key and put every secret under it; nothing is restarted"
    )
    drop = words.add_parser("drop", help="forget a former master key on which nothing hangs")
    drop.add_argument("key_id", metavar="ID", help="as `keys status` names it, for instance m1")
    return keys
