"""The page of members and teams: an admin changes who may do what, everybody else reads it."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.e2e.person import Person

LogIn = Callable[[str], Person]


def line(person: Person, name: str) -> Locator:
    return person.page.locator(f"[data-member^='{name}@']")


def open_members(person: Person) -> None:
    person.page.goto(f"{person.url}/members")
    line(person, "ana").wait_for()


def role_of(person: Person, name: str) -> str:
    found = person.get("/members")["items"]
    return next(str(one["role"]) for one in found if one["email"].startswith(f"{name}@"))


def test_role_when_an_admin_changes_it_then_the_api_says_so_and_their_next_click_knows(
    person: LogIn,
) -> None:
    admin, vera = person("adam"), person("vera")
    assert vera.page.request.get(f"{vera.url}/api/v1/members").status == 403
    open_members(admin)
    select = line(admin, "vera").locator("select")
    expect(select.locator("option[value='super_admin']")).to_be_disabled()
    said = admin.page.get_by_text("Role changed")
    select.select_option("team_lead")
    expect(said).to_be_visible()
    assert role_of(admin, "vera") == "team_lead"
    assert vera.page.request.get(f"{vera.url}/api/v1/members").status == 200
    expect(said).to_be_hidden()
    select.select_option("viewer")
    expect(said).to_be_visible()
    assert vera.page.request.get(f"{vera.url}/api/v1/members").status == 403


def test_members_when_somebody_may_only_read_them_then_every_switch_says_why_it_is_off(
    person: LogIn,
) -> None:
    paul = person("paul")
    open_members(paul)
    expect(line(paul, "ana").locator("select")).to_be_disabled()
    expect(line(paul, "ana").locator("select")).to_have_attribute(
        "title", "This needs the permission users:update."
    )
    expect(paul.page.locator("#new-team")).to_be_disabled()


def test_teams_when_made_moved_filled_and_emptied_then_the_page_follows(person: LogIn) -> None:
    admin = person("adam")
    open_members(admin)
    page = admin.page
    page.locator("#new-team").fill("Night shift")
    page.keyboard.press("Enter")
    team = page.locator("[data-team='Night shift']")
    team.locator("select.place").select_option(label="Below Receivables")
    expect(team).to_have_attribute("style", "padding-inline-start: 20px;")

    teams = line(admin, "vera").locator(".cs-places")
    teams.locator("summary").click()
    teams.get_by_role("checkbox", name="Night shift").click()
    expect(team).to_contain_text("1 member")
    team.get_by_role("button").click()
    expect(page.get_by_text("This team has members")).to_be_visible()
    teams.get_by_role("checkbox", name="Night shift").click()
    expect(team).to_contain_text("0 members")
    team.get_by_role("button").click()
    expect(team).to_have_count(0)


def test_member_when_the_question_is_answered_with_no_then_they_stay(person: LogIn) -> None:
    admin = person("adam")
    open_members(admin)
    line(admin, "vera").get_by_role("button").click()
    question = admin.page.get_by_role("dialog")
    expect(question).to_contain_text("Remove Vera")
    question.get_by_role("button", name="Keep").click()
    expect(question).to_be_hidden()
    expect(line(admin, "vera")).to_be_visible()
