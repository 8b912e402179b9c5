"""Access tokens that we never issued: other algorithms, other keys, keys that the token itself brings."""

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.fixtures.guest import Guest

ME = "/api/v1/me"


def base64url(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def encoded(part: Mapping[str, Any]) -> str:
    return base64url(json.dumps(part).encode())


@pytest.fixture
async def good(guest: Guest) -> tuple[str, OctKey, dict[str, Any]]:
    """A real token, the key that signs it, its claims."""
    token = (await guest.bearer())["Authorization"].removeprefix("Bearer ")
    key = OctKey.import_key(guest.office.settings.keys.derive("access tokens"))
    return token, key, jwt.decode(token, key).claims


async def refused(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.get(ME, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), token
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", "HS256 "])
async def test_a_token_without_a_real_signature_is_refused(
    client: httpx.AsyncClient, good: tuple[str, OctKey, dict[str, Any]], algorithm: str
) -> None:
    token, _, claims = good
    signature = token.rpartition(".")[2]
    for header in ({"alg": algorithm}, {"alg": algorithm, "typ": "JWT"}):
        unsigned = f"{encoded(header)}.{encoded(claims)}."
        for forged in (unsigned, unsigned + signature, unsigned[:-1]):
            await refused(client, forged)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_another_algorithm_with_the_right_key_is_refused(
    client: httpx.AsyncClient, good: tuple[str, OctKey, dict[str, Any]], algorithm: str
) -> None:
    _, key, claims = good
    long_key = OctKey.import_key(key.raw_value * 2)
    for signing in (key, long_key):
        forged = jwt.encode({"alg": algorithm}, claims, signing, algorithms=[algorithm])
        await refused(client, forged)


async def test_a_key_that_the_token_brings_along_is_not_used(
    client: httpx.AsyncClient, good: tuple[str, OctKey, dict[str, Any]]
) -> None:
    _, _, claims = good
    rsa, own = RSAKey.generate_key(2048), OctKey.generate_key(256)
    headers: list[dict[str, Any]] = [
        {"alg": "RS256", "jwk": rsa.as_dict(private=False)},
        {"alg": "RS256", "jku": "https://evil.example/keys.json", "kid": "m1"},
        {"alg": "RS256", "kid": "m1"},
    ]
    for header in headers:
        await refused(client, jwt.encode(header, claims, rsa, algorithms=["RS256"]))
    names: list[dict[str, Any]] = [{"kid": "m1"}, {"kid": "../dev/null"}, {"jwk": own.as_dict()}]
    for brought in names:
        await refused(client, jwt.encode({"alg": "HS256", **brought}, claims, own))
    unsigned = f"{encoded({'alg': 'HS256', 'kid': 'm1'})}.{encoded(claims)}"
    for secret in (rsa.as_pem(private=False), b"", b"\0" * 32):
        signature = hmac.digest(secret, unsigned.encode(), "sha256")
        await refused(client, f"{unsigned}.{base64url(signature)}")


async def test_changing_a_signed_token_breaks_it(
    client: httpx.AsyncClient, good: tuple[str, OctKey, dict[str, Any]], guest: Guest
) -> None:
    token, key, claims = good
    header, _, signature = token.split(".")
    for change in (
        {"sub": str(guest.office.people["admin"])},
        {"exp": claims["exp"] + 3600},
        {"org": str(guest.user_id)},
    ):
        await refused(client, f"{header}.{encoded({**claims, **change})}.{signature}")
    critical = encoded({"alg": "HS256", "crit": ["exp"], "exp": 1})
    await refused(client, f"{critical}.{token.split('.')[1]}.{signature}")
    refresh = OctKey.import_key(guest.office.settings.keys.derive("cursors"))
    await refused(client, jwt.encode({"alg": "HS256"}, claims, refresh))
    whole = jwt.encode({"alg": "HS256"}, claims, key)
    answer = await client.get(ME, headers={"Authorization": f"Bearer {whole}"})
    assert answer.status_code == 200
