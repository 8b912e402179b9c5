import pytest

from backend.core.addresses import (
    AddressRefusedError,
    AddressUnknownError,
    require_https,
    require_plain,
    require_public,
)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.8",
        "172.16.5.4",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104 - an address to refuse, not to bind
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fd00::1]",
        "[fe80::1]",
        "224.0.0.1",
        "100.64.0.1",
    ],
)
async def test_host_in_a_private_network_is_refused(host: str) -> None:
    with pytest.raises(AddressRefusedError, match="private network"):
        await require_public(f"https://{host}/v1", field="baseUrl")


async def test_host_with_a_public_address_is_fine_and_one_that_nobody_knows_is_not() -> None:
    await require_public("https://93.184.216.34/v1", field="baseUrl")
    with pytest.raises(AddressUnknownError, match=r"models\.invalid"):
        await require_public("https://models.invalid", field="baseUrl")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://models.example.com",
        "https://",
        "models.example.com",
        "https://user:pw@models.example.com",
        "https://models.example.com/v1?key=1",
        "https://models.example.com/#a",
        "https://models.example.com:99999",
        "https://[::1",
    ],
)
def test_address_that_is_no_plain_one_is_refused(url: str) -> None:
    for check in (require_plain, require_https):
        with pytest.raises(AddressRefusedError, match="baseUrl"):
            check(url, field="baseUrl")


def test_plain_http_is_for_laptops_only() -> None:
    require_plain("http://127.0.0.1:8080/v1", field="baseUrl")
    require_https("https://models.example.com:8443/v1", field="baseUrl")
    with pytest.raises(AddressRefusedError, match="https"):
        require_https("http://models.example.com", field="baseUrl")
