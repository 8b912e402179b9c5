"""What `countersign organization …` understands. Imports nothing heavy: every command builds this."""

import argparse
from typing import Any


def add_organization(commands: Any) -> argparse.ArgumentParser:  # noqa: ANN401 - argparse has no public type for it
    """The command and its words."""
    found: argparse.ArgumentParser = commands.add_parser(
        "organization", help="create, suspend, resume or label an organization"
    )
    words = found.add_subparsers(required=True, metavar="WORD", dest="do")
    create = _word(words, "create", "create it and invite its first admin by mail")
    create.add_argument("--name", required=True, help="what its people call it")
    create.add_argument("--admin", required=True, metavar="EMAIL", help="who is invited")
    create.add_argument("--tier", default="free", help="free, professional or enterprise")
    create.add_argument("--residency", metavar="LABEL", help="where its data lie, in your words")
    suspend = _word(words, "suspend", "let nobody work in it, no agent either; nothing is lost")
    suspend.add_argument("--reason", required=True, help="kept in its audit")
    _word(words, "resume", "let it go on where it was")
    residency = _word(words, "residency", "say where its data lie")
    residency.add_argument("label", metavar="LABEL", help="in your words")
    return found


def _word(words: Any, name: str, text: str) -> argparse.ArgumentParser:  # noqa: ANN401 - as above
    word: argparse.ArgumentParser = words.add_parser(name, help=text)
    word.add_argument("slug", metavar="SLUG", help="its slug")
    return word
