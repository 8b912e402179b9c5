"""A role of the organization's own: an admin makes it on the page and gives it; who has it sees exactly that."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.person import Person

LogIn = Callable[[str], Person]


def open_roles(person: Person) -> Page:
    person.page.goto(f"{person.url}/roles")
    person.page.locator(".cs-rights tbody tr").first.wait_for()
    return person.page


def choose(page: Page, right: str, scope: str) -> None:
    page.get_by_label(right, exact=True).select_option(label=scope)


def status(person: Person, path: str) -> int:
    return person.page.request.get(f"{person.url}/api/v1{path}").status


def give(admin: Person, role: str) -> None:
    admin.page.goto(f"{admin.url}/members")
    select = admin.page.locator("[data-member^='vera@'] select")
    select.wait_for()
    select.select_option(label=role)
    expect(admin.page.get_by_text("Role changed")).to_be_visible()


def test_role_when_an_admin_makes_and_gives_it_then_its_rights_are_there_and_gone_at_once(
    person: LogIn,
) -> None:
    admin, vera = person("adam"), person("vera")
    assert (status(vera, "/proposals"), status(vera, "/audit")) == (200, 403)

    page = open_roles(admin)
    lead = page.locator(".cs-rights tr", has_text="Approve").locator("td").nth(2)
    expect(lead).to_have_text("Team")
    page.locator("#new-role").click()
    expect(page.locator("#role-name")).to_be_focused()
    page.locator("#save-role").click()
    expect(page.locator("#role-error")).to_contain_text("at least one permission")
    page.locator("#role-name").fill("Auditor")
    choose(page, "Audit logs: Read", "Organization")
    choose(page, "Users: Read", "Organization")
    page.locator("#save-role").click()
    line = page.locator("[data-role='Auditor']")
    expect(line).to_contain_text("2 rights · held by nobody")

    give(admin, "Auditor")
    assert (status(vera, "/proposals"), status(vera, "/audit")) == (403, 200)
    assert set(vera.get("/me")["permissions"]) == {"audit_logs:read:org", "users:read:org"}
    vera_page = open_roles(vera)  # reads, and is told why it cannot write
    expect(vera_page.locator("#new-role")).to_be_disabled()
    expect(vera_page.locator("#new-role")).to_have_attribute(
        "title", "This needs the permission settings:admin."
    )

    page = open_roles(admin)
    line = page.locator("[data-role='Auditor']")
    expect(line).to_contain_text("held by 1 member")
    expect(line.get_by_role("button", name="Delete")).to_be_disabled()
    line.get_by_role("button", name="Edit").click()
    expect(page.get_by_text("Held by Vera")).to_be_visible()
    choose(page, "Audit logs: Read", "No")
    page.locator("#save-role").click()
    expect(line).to_contain_text("1 right ·")
    assert (status(vera, "/audit"), status(vera, "/members")) == (403, 200)

    give(admin, "Viewer")
    assert (status(vera, "/members"), status(vera, "/proposals")) == (403, 200)
    page = open_roles(admin)
    line = page.locator("[data-role='Auditor']")
    line.get_by_role("button", name="Delete").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Delete Auditor?")
    question.get_by_role("button", name="Delete").click()
    expect(line).to_have_count(0)


def test_team_when_it_is_given_a_role_then_the_page_keeps_it(person: LogIn) -> None:
    admin = person("adam")
    page = admin.page
    page.goto(f"{admin.url}/members")
    role = page.get_by_label("Role of the members of Receivables within the team")
    role.wait_for()
    role.select_option(label="Viewer")
    expect(page.get_by_text("Role changed")).to_be_visible()
    receivables = next(one for one in admin.get("/teams")["items"] if one["name"] == "Receivables")
    assert receivables["role"] == "viewer"
    expect(page.get_by_text("Role changed")).to_be_hidden()
    role.select_option(label="No role")
    expect(page.get_by_text("Role changed")).to_be_visible()
