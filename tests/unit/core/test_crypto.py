import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.core.crypto import AuditKeys, FileKeys, Keys, UnknownKeyError
from backend.core.masters import Master, MasterFile, MasterKeyError, parse

FIRST, SECOND = Master("m1", bytes(range(32))), Master("m2", bytes(range(32, 64)))
KEYS, ROTATED = Keys(FIRST), Keys(SECOND, FIRST)


def test_secret_when_sealed_then_opens_for_the_same_purpose_only() -> None:
    sealed = KEYS.seal("connection/a/b", b"sk_live")
    assert KEYS.open("connection/a/b", sealed) == b"sk_live"
    with pytest.raises(InvalidTag):
        KEYS.open("connection/a/c", sealed)


def test_secret_when_any_byte_changes_or_is_cut_off_then_refused() -> None:
    sealed = KEYS.seal("p", b"secret")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises((InvalidTag, UnknownKeyError)):
            KEYS.open("p", bytes(changed))
        with pytest.raises(InvalidTag):
            KEYS.open("p", sealed[:place])


def test_secret_when_sealed_by_the_first_versions_then_it_opens_and_is_rewrapped() -> None:
    nonce = os.urandom(12)
    old = b"m1." + nonce + AESGCM(KEYS.derive("p")).encrypt(nonce, b"secret", b"p")
    assert (KEYS.open("p", old), ROTATED.open("p", old)) == (b"secret", b"secret")
    new = ROTATED.rewrap("p", old)
    assert new.startswith(b"m2~")
    assert Keys(SECOND).open("p", new) == b"secret"


def test_secret_when_rewrapped_then_the_body_stays_and_the_old_master_opens_it_no_more() -> None:
    sealed = KEYS.seal("p", b"secret")
    new = ROTATED.rewrap("p", sealed)
    assert new[len(b"m2~") + 60 :] == sealed[len(b"m1~") + 60 :]
    assert Keys(SECOND).open("p", new) == b"secret"
    with pytest.raises(UnknownKeyError, match="'m2'"):
        KEYS.open("p", new)
    with pytest.raises(InvalidTag):
        Keys(Master("m2", FIRST.secret)).open("p", new)
    with pytest.raises(InvalidTag):
        ROTATED.rewrap("q", sealed)


def test_secrets_when_sealed_twice_then_they_share_nothing() -> None:
    one, other = KEYS.seal("p", b"secret"), KEYS.seal("p", b"secret")
    assert one[3:] != other[3:]
    assert one[63:] != other[63:]


def test_keys_when_printed_then_the_master_keys_stay_out() -> None:
    for master in ROTATED.masters():
        for printed in (repr(ROTATED), repr(master), repr(AuditKeys(ROTATED))):
            assert master.secret.hex() not in printed
            assert str(master.secret) not in printed
    assert repr(ROTATED) == "Keys(m2, m1)"


def lines(*masters: Master) -> str:
    return "".join(one.line() for one in masters)


def test_masters_when_written_and_read_then_the_same_and_bare_digits_are_the_first() -> None:
    since = datetime(2026, 11, 29, 14, tzinfo=UTC)
    kept = (Master("m2", SECOND.secret, since), FIRST)
    assert parse(lines(*kept)) == kept
    assert parse(f"{FIRST.secret.hex()}\n") == (FIRST,)
    assert parse(lines(*kept).replace("\n", " ")) == kept  # in a setting they stand in one line


@pytest.mark.parametrize(
    "text",
    [
        *("", "zz" * 32, "00" * 31, "m0:" + "00" * 32, "m1:", f"{'00' * 32} m1:{'11' * 32}"),
        *(f"m1:{'00' * 32}:yesterday", f"x:{'00' * 32}", "m1:" + "00" * 33),
    ],
)
def test_masters_when_malformed_then_refused_without_quoting_them(text: str) -> None:
    with pytest.raises(MasterKeyError) as refused:
        parse(text)
    assert "00" * 8 not in str(refused.value)


def test_key_file_when_it_changes_then_it_holds_at_once_and_a_broken_one_changes_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "master.key"
    path.write_text(FIRST.secret.hex())
    keys = FileKeys(MasterFile(path))
    sealed = keys.seal("p", b"secret")
    new = tmp_path / "new"
    new.write_text(lines(SECOND, FIRST))
    new.replace(path)
    assert (keys.key_id, keys.open("p", sealed)) == ("m2", b"secret")
    path.write_text("half a k")
    assert keys.open("p", keys.seal("p", b"other")) == b"other"
    path.unlink()
    assert keys.key_id == "m2"
    path.write_text(lines(Master("m3", b"\1" * 32), SECOND))
    with pytest.raises(UnknownKeyError, match=r"'m1' here; there are: m3, m2"):
        keys.open("p", sealed)


def test_audit_keys_when_the_organization_or_the_generation_is_another_then_another_key() -> None:
    first, second = AuditKeys(KEYS), AuditKeys(KEYS, 2)
    assert (first.current, second.current) == ("m1.1", "m1.2")
    made = {first.key("a", "m1.1"), first.key("b", "m1.1"), first.key("a", "m1.2")}
    assert len(made) == 3
    assert second.key("a", "m1.1") == first.key("a", "m1.1")


def test_audit_keys_when_a_newer_one_was_used_then_the_older_does_not_come_back() -> None:
    assert AuditKeys(KEYS, 1).not_before("m1.3") == "m1.3"
    assert AuditKeys(KEYS, 3).not_before("m1.2") == "m1.3"
    assert AuditKeys(ROTATED, 1).not_before("m1.3") == "m2.1"
    assert AuditKeys(Keys(FIRST, SECOND), 3).not_before("m2.1") == "m2.1"


def test_audit_keys_when_the_master_was_rotated_then_what_it_made_stays_provable() -> None:
    assert AuditKeys(ROTATED).current == "m2.1"
    assert AuditKeys(ROTATED).key("a", "m1.1") == AuditKeys(KEYS).key("a", "m1.1")


@pytest.mark.parametrize("key_id", ["m2.1", "m1", "m1.", "m1.x", "m1.-1", ""])
def test_audit_keys_when_the_id_is_of_another_master_key_then_refused(key_id: str) -> None:
    with pytest.raises(UnknownKeyError):
        AuditKeys(KEYS).key("a", key_id)
