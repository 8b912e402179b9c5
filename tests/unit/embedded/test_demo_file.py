"""What `.countersign/demo.json` holds."""

import json
from pathlib import Path

import pytest

from backend.embedded import demo_file
from backend.embedded.errors import StartupError

KEY = bytes(32)


def demo() -> demo_file.DemoFile:
    return demo_file.compose(
        web_url="http://127.0.0.1:8080",
        stripe_url="http://127.0.0.1:8420",
        temporal_address="127.0.0.1:7233",
        database_url="postgresql://app_rw:x@127.0.0.1/countersign",
        master_key=KEY,
        pids={"web": 7},
    )


def test_write_when_read_by_others_then_has_the_agreed_keys_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    demo_file.write(path, demo())
    assert path.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(path.read_text())) == {
        *("webUrl", "apiUrl", "stripeUrl", "stripeKeys", "temporalAddress", "databaseUrl"),
        *("pids", "users"),
    }
    assert demo_file.read(path) == demo()


def test_compose_when_repeated_then_gives_the_same_passwords_and_keys() -> None:
    assert demo() == demo()
    assert len({user.password for user in demo().users}) == len(demo().users)
    assert len(set(demo().stripe_keys.values())) == len(demo().stripe_keys) == 2


def test_compose_when_listing_people_then_the_first_organization_has_every_part_to_play() -> None:
    roles = [user.role for user in demo().users if user.organization == "meridian"]
    assert sorted(roles) == ["admin", "analyst", "approver", "approver", "viewer"]
    other = [user.role for user in demo().users if user.organization != "meridian"]
    assert other == ["approver", "approver"]


def test_read_when_never_started_then_says_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="make up"):
        demo_file.read(tmp_path / "demo.json")
