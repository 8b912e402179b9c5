import pytest

from tenancy.devices import Client, device_of

_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.mark.parametrize(
    ("said", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit Chrome/140.0 Safari/537", "Chrome on Linux"),
        (f"{_WINDOWS} Edg/140.0", "Edge on Windows"),
        (f"{_WINDOWS} OPR/120.0", "Opera on Windows"),
        (f"{_MAC}/605.1.15 Version/18.0 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/2 Firefox/145.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) CriOS/140.0 Safari/604", "Chrome on iPhone"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28.1", "A Python program"),
        ("Something (Windows)", "Windows"),
        ("", "An unknown device"),
        (None, "An unknown device"),
    ],
)
def test_device_is_named_in_plain_words(said: str | None, device: str) -> None:
    assert device_of(said) == device


def test_what_a_client_says_is_kept_no_longer_than_it_is_useful() -> None:
    kept = Client("x" * 10_000, "192.0.2.1").columns()
    assert (len(kept["user_agent"] or ""), kept["address"]) == (300, "192.0.2.1")
