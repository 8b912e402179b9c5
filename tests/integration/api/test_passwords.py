"""Another password, by the present one and by a link in a mail."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from backend.core.clock import now
from tenancy.models.access import PasswordReset
from tenancy.models.mail import OutgoingMail
from tenancy.session import system
from tests.fixtures.guest import LOGIN, TOKEN, Guest, cookie_of
from tests.fixtures.people import PASSWORD

ME, CHANGE, ASK = "/api/v1/me", "/api/v1/me/password", "/api/v1/auth/password-reset"
CONFIRM = f"{ASK}/confirm"
NEW = "a different horse, another battery"


async def link_token(client: httpx.AsyncClient, guest: Guest) -> str:
    """Ask for a link; the token in the newest mail."""
    assert (await client.post(ASK, json={"email": guest.email})).status_code == 202
    found = re.search(r"/reset\?token=(\S+)", (await guest.mails())[-1])
    assert found is not None
    return found[1]


async def test_password_is_changed_and_every_other_session_and_token_ends(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    here, away, program = await guest.cookie(), await guest.cookie(), await guest.bearer()
    pair = (await client.post(TOKEN, json=guest.login())).json()
    answer = await client.post(CHANGE, json={"password": PASSWORD, "new": NEW}, headers=here)
    assert answer.status_code == 204
    client.cookies.clear()
    for ended in (here, away, program):
        assert (await client.get(ME, headers=ended)).status_code == 401
    refresh = {"refreshToken": pair["refreshToken"]}
    assert (await client.post("/api/v1/auth/refresh", json=refresh)).status_code == 401
    assert (await client.get(ME, headers=cookie_of(answer))).status_code == 200
    assert (await client.post(TOKEN, json=guest.login())).status_code == 401
    assert (await client.post(TOKEN, json=guest.login(NEW))).status_code == 200
    assert len(await guest.audited("user.password_changed")) == 1


async def test_a_program_that_changes_the_password_keeps_its_tokens(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    headers = await guest.bearer()
    body = {"password": PASSWORD, "new": NEW}
    assert (await client.post(CHANGE, json=body, headers=headers)).status_code == 204
    assert (await client.get(ME, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"password": "not this one"}, "wrong_password", "password"),
        ({"new": "too short"}, "unfit_password", "new"),
        ({"new": "x" * 201}, "unfit_password", "new"),
        ({"new": PASSWORD}, "unfit_password", "new"),
    ],
)
async def test_a_change_that_is_refused_says_which_field_and_changes_nothing(
    client: httpx.AsyncClient, guest: Guest, body: dict[str, str], code: str, field: str
) -> None:
    sent = {"password": PASSWORD, "new": NEW, **body}
    answer = await client.post(CHANGE, json=sent, headers=await guest.bearer())
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["field"] == field
    assert (await client.post(TOKEN, json=guest.login())).status_code == 200


async def test_who_holds_a_session_cannot_guess_the_password_with_it(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    headers, body = await guest.bearer(), {"password": "wrong", "new": NEW}
    answers = [await client.post(CHANGE, json=body, headers=headers) for _ in range(6)]
    assert [one.status_code for one in answers] == [422] * 5 + [429]


async def test_a_link_sets_the_password_once_and_ends_what_was_open(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    open_before, token = await guest.cookie(), await link_token(client, guest)
    other = await link_token(client, guest)
    body = {"token": token, "new": NEW}
    assert (await client.post(CONFIRM, json=body)).status_code == 204
    assert (await client.get(ME, headers=open_before)).status_code == 401
    assert (await client.post(TOKEN, json=guest.login())).status_code == 401
    assert (await client.post(TOKEN, json=guest.login(NEW))).status_code == 200
    for spent in (token, other):
        again = await client.post(CONFIRM, json={"token": spent, "new": PASSWORD})
        assert (again.status_code, again.json()["code"]) == (422, "reset_link_invalid")
    assert len(await guest.audited("user.password_reset_asked")) == 2
    assert len(await guest.audited("user.password_reset")) == 1


async def test_an_unfit_password_does_not_spend_the_link(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    token = await link_token(client, guest)
    short = await client.post(CONFIRM, json={"token": token, "new": "short"})
    assert (short.status_code, short.json()["code"]) == (422, "unfit_password")
    good = await client.post(CONFIRM, json={"token": token, "new": NEW})
    assert good.status_code == 204


async def test_an_expired_or_invented_link_is_refused(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    token = await link_token(client, guest)
    async with system(guest.office.database) as session:
        of_guest = update(PasswordReset).where(PasswordReset.user_id == guest.user_id)
        await session.execute(of_guest.values(expires_at=now() - timedelta(seconds=1)))
    for bad in (token, "invented", ""):
        answer = await client.post(CONFIRM, json={"token": bad, "new": NEW})
        assert (answer.status_code, answer.json()["code"]) == (422, "reset_link_invalid")
    assert (await client.post(TOKEN, json=guest.login())).status_code == 200


async def test_known_and_unknown_addresses_get_the_same_answer_and_a_mailbox_is_not_flooded(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    known = [await client.post(ASK, json={"email": guest.email}) for _ in range(7)]
    unknown = await client.post(ASK, json={"email": f"no-{guest.email}"})
    for answer in known:
        assert (answer.status_code, answer.content) == (unknown.status_code, unknown.content)
    assert len(await guest.mails()) == 5


async def test_a_link_goes_to_the_address_on_file_however_the_request_spells_it(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    body = {"email": f" {guest.email.upper()} "}
    assert (await client.post(ASK, json=body)).status_code == 202
    [text] = await guest.mails()
    assert "http://127.0.0.1:8080/reset?token=" in text


async def test_a_mail_that_waits_is_sealed_in_the_database(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    token = await link_token(client, guest)
    async with system(guest.office.database) as session:
        mail = OutgoingMail.recipient == guest.email
        sealed = list(await session.scalars(select(OutgoingMail.sealed).where(mail)))
        hashes = select(PasswordReset.token_hash).where(PasswordReset.user_id == guest.user_id)
        kept = list(await session.scalars(hashes))
    assert len(sealed) == len(kept) == 1
    assert token.encode() not in sealed[0] + kept[0]


async def test_the_forms_of_the_page_do_the_same(client: httpx.AsyncClient, guest: Guest) -> None:
    asked = await client.post("/auth/reset-link", data={"email": guest.email})
    assert (asked.status_code, asked.headers["location"]) == (303, "/reset?sent=1")
    found = re.search(r"token=(\S+)", (await guest.mails())[-1])
    assert found is not None
    short = await client.post("/auth/reset", data={"token": found[1], "new": "short"})
    assert short.headers["location"] == f"/reset?token={found[1]}&error=unfit_password"
    done = await client.post("/auth/reset", data={"token": found[1], "new": NEW})
    assert (done.status_code, done.headers["location"]) == (303, "/login?done=reset")
    again = await client.post("/auth/reset", data={"token": found[1], "new": NEW})
    assert again.headers["location"] == "/reset?error=reset_link_invalid"
    entered = await client.post(LOGIN, data=guest.login(NEW))
    assert entered.headers["location"] == "/proposals"


async def test_opening_the_link_decides_nothing(client: httpx.AsyncClient, guest: Guest) -> None:
    token = await link_token(client, guest)
    for path in (CONFIRM, "/auth/reset", "/auth/reset-link"):
        answer = await client.get(path, params={"token": token, "new": NEW})
        assert answer.status_code == 405
    assert (await client.post(TOKEN, json=guest.login())).status_code == 200
