import pytest
from cryptography.exceptions import InvalidTag

from backend.core.crypto import Keys

KEYS = Keys("m1", bytes(range(32)))


def test_secret_when_sealed_then_opens_for_the_same_purpose_only() -> None:
    sealed = KEYS.seal("connection/a/b", b"sk_live")
    assert KEYS.open("connection/a/b", sealed) == b"sk_live"
    with pytest.raises(InvalidTag):
        KEYS.open("connection/a/c", sealed)


def test_secret_when_one_bit_changes_then_refused() -> None:
    sealed = bytearray(KEYS.seal("p", b"secret"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        KEYS.open("p", bytes(sealed))


def test_keys_when_printed_then_the_master_key_stays_out() -> None:
    assert KEYS.master.hex() not in repr(KEYS)
    assert str(KEYS.master) not in repr(KEYS)
