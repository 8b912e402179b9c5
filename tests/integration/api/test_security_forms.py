"""The forms of the page about one's own security, as a browser sends them."""

import httpx
import pyotp
import pytest

from tests.fixtures.guest import TOKEN, Guest, cookie_of
from tests.fixtures.people import PASSWORD

ME, TOTP = "/api/v1/me", "/api/v1/me/totp"
PAGE = "/settings/security"
NEW = "a different horse, another battery"
HTML = {"Accept": "text/html"}


class Browser:
    """Follows its cookie from reply to reply, and no redirect."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self._client, self.headers = client, headers

    async def send(self, path: str, **form: str) -> str:
        """Where the reply leads to."""
        self._client.cookies.clear()
        answer = await self._client.post(path, data=form, headers={**self.headers, **HTML})
        assert answer.status_code == 303, answer.text
        if "set-cookie" in answer.headers:
            self.headers = cookie_of(answer)
        return answer.headers["location"]

    async def get(self, path: str) -> httpx.Response:
        self._client.cookies.clear()
        return await self._client.get(path, headers=self.headers)


@pytest.fixture
async def browser(client: httpx.AsyncClient, guest: Guest) -> Browser:
    return Browser(client, await guest.cookie())


async def test_password_when_changed_by_form_then_only_this_browser_goes_on_with_another_cookie(
    client: httpx.AsyncClient, browser: Browser, guest: Guest
) -> None:
    before, away = browser.headers, await guest.cookie()
    for form, code in (
        ({"password": "not this one", "new": NEW}, "wrong_password"),
        ({"password": PASSWORD, "new": "short"}, "unfit_password"),
        ({}, "wrong_password"),
    ):
        assert await browser.send("/auth/password", **form) == f"{PAGE}?error={code}&at=password"
    assert browser.headers == before
    done = await browser.send("/auth/password", password=PASSWORD, new=NEW)
    assert done == f"{PAGE}?done=password"
    assert (await browser.get(ME)).status_code == 200
    for ended in (before, away):
        assert (await Browser(client, ended).get(ME)).status_code == 401
    assert (await client.post(TOKEN, json=guest.login(NEW))).status_code == 200


async def test_second_factor_when_confirmed_and_ended_by_form_then_codes_are_made_apart(
    client: httpx.AsyncClient, browser: Browser, guest: Guest
) -> None:
    proof = {"password": PASSWORD}

    async def asked(path: str) -> httpx.Response:
        return await client.post(path, json=proof, headers=browser.headers)

    early = await asked(f"{TOTP}/recovery-codes")
    assert (early.status_code, early.json()["code"]) == (409, "totp_not_enabled")
    phone = pyotp.TOTP((await asked(TOTP)).json()["secret"])
    wrong = await browser.send("/auth/second-factor", code="000000")
    assert wrong == f"{PAGE}?error=wrong_code&at=second-factor"
    before = browser.headers
    done = await browser.send("/auth/second-factor", code=phone.now())
    assert done == f"{PAGE}?done=second-factor"
    assert (await Browser(client, before).get(ME)).status_code == 401
    assert (await browser.get(TOTP)).json() == {"enabled": True, "recoveryCodesLeft": 0}

    first = (await asked(f"{TOTP}/recovery-codes")).json()["recoveryCodes"]
    second = (await asked(f"{TOTP}/recovery-codes")).json()["recoveryCodes"]
    assert (await browser.get(TOTP)).json() == {"enabled": True, "recoveryCodesLeft": 10}
    for code, status in ((first[0], 401), (second[0], 200)):
        assert (await client.post(TOKEN, json=guest.login(totp=code))).status_code == status
    assert len(await guest.audited("user.recovery_codes_made")) == 2

    refused = await browser.send("/auth/second-factor/end", password="wrong")
    assert refused == f"{PAGE}?error=wrong_password&at=second-factor%2Fend"
    ended = await browser.send("/auth/second-factor/end", **proof)
    assert ended == f"{PAGE}?done=second-factor%2Fend"
    assert (await browser.get(TOTP)).json() == {"enabled": False, "recoveryCodesLeft": 0}


@pytest.mark.parametrize("path", ["password", "second-factor", "second-factor/end"])
async def test_form_when_it_is_foreign_or_nobodys_then_nothing_is_done(
    client: httpx.AsyncClient, guest: Guest, path: str
) -> None:
    form = {"password": PASSWORD, "new": NEW, "code": "000000"}
    foreign = {**await guest.cookie(), **HTML, "Origin": "https://evil.example"}
    answer = await client.post(f"/auth/{path}", data=form, headers=foreign)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    nobody = await client.post(f"/auth/{path}", data=form, headers=HTML)
    assert nobody.headers["location"] == "/login?next=%2Fsettings%2Fsecurity"
    program = await client.post(f"/auth/{path}", data=form, headers={"Accept": "application/json"})
    assert (program.status_code, program.json()["code"]) == (401, "unauthenticated")
