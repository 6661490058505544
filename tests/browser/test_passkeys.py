"""Passkeys in a true browser, with a device that is made for the test (CDP, WebAuthn)."""

import re
from collections.abc import Iterator

import pytest
from flask_security.recoverable import generate_reset_password_token
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.support.browser import Site, Watch
from webinars.accounts import queries, service
from webinars.accounts.service import find_user
from webinars.core.clock import utc_now
from webinars.core.database import transaction

pytestmark = pytest.mark.browser

PASSWORD = "a long and harmless sentence"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Person:
    """Somebody with a browser and a device that keeps passkeys."""

    def __init__(self, chromium: Browser, site: Site, email: str) -> None:
        # Browsers keep no passkeys for an address of numbers.
        self.url = site.url.replace("127.0.0.1", "localhost")
        self.email = email
        self.context = chromium.new_context(base_url=self.url)
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.watch = Watch(self.page, self.url)
        self.device: CDPSession = self.context.new_cdp_session(self.page)
        self.device.send("WebAuthn.enable")
        made = self.device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self.number = made["authenticatorId"]

    def verified(self, is_them: bool) -> None:
        """Let the device find that its owner holds it, or not."""
        self.device.send("WebAuthn.setUserVerified", {"authenticatorId": self.number, "isUserVerified": is_them})

    def sign_in(self) -> None:
        """Sign in with the password."""
        self.page.goto("/staff/sign-in")
        self.page.get_by_label("Email").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url("**/staff/")

    def add_passkey(self, name: str) -> None:
        """Add a passkey under one's account."""
        self.page.goto("/staff/account")
        self.page.get_by_role("link", name="Add a passkey").click()
        self.page.get_by_label("Name of the passkey").fill(name)
        self.page.get_by_role("button", name="Add a passkey").click()
        self.page.wait_for_url("**/staff/account")

    def sign_out(self) -> None:
        """Sign out."""
        self.page.get_by_role("button", name="Sign out", exact=True).click()
        self.page.wait_for_url("**/staff/sign-in")


@pytest.fixture
def person(chromium: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Person]:
    """Give an editor with a password; at the end no page may have complained."""
    email = f"{request.node.name[:40]}@example.org".lower()
    with site.app.app_context(), transaction():
        service.add_user(email, "editor", PASSWORD, utc_now())
    made = Person(chromium, site, email)
    yield made
    made.context.close()
    assert made.watch.troubles == []


def test_passkey_is_added_and_opens_the_desk_without_password_and_code(person: Person) -> None:
    person.sign_in()
    person.add_passkey("My laptop")
    expect(person.page.get_by_text("My laptop").first).to_be_visible()
    person.sign_out()
    person.page.get_by_role("button", name="Use a passkey instead").click()
    person.page.wait_for_url("**/staff/")
    person.page.goto("/staff/account")
    expect(person.page.get_by_text("last used").first).to_be_visible()


def test_passkey_leads_to_the_page_that_was_asked_for(person: Person) -> None:
    person.sign_in()
    person.add_passkey("")
    person.sign_out()
    person.page.goto("/staff/people")
    expect(person.page).to_have_url(re.compile("/staff/sign-in"))
    person.page.get_by_role("button", name="Use a passkey instead").click()
    expect(person.page).to_have_url(f"{person.url}/staff/people")
    expect(person.page.get_by_role("heading", level=1)).to_have_text("People and access")


def test_passkey_in_the_hand_of_somebody_else_opens_nothing(person: Person) -> None:
    person.sign_in()
    person.add_passkey("Telephone")
    person.sign_out()
    person.verified(False)
    person.page.get_by_role("button", name="Use a passkey instead").click()
    expect(person.page.get_by_text("That did not work")).to_be_visible()
    assert person.page.goto("/staff/account") and "/staff/sign-in" in person.page.url


def test_device_that_has_a_passkey_says_so(person: Person) -> None:
    person.sign_in()
    person.add_passkey("Telephone")
    person.page.goto("/staff/account/passkeys/new")
    person.page.get_by_role("button", name="Add a passkey").click()
    expect(person.page.get_by_text("has a passkey for you already")).to_be_visible()


def test_removed_passkey_opens_nothing(person: Person) -> None:
    person.sign_in()
    person.add_passkey("Telephone")
    person.page.get_by_role("button", name="Remove").click()
    expect(person.page.get_by_text("opens nothing here any more")).to_be_visible()
    person.sign_out()
    person.page.get_by_role("button", name="Use a passkey instead").click()
    expect(person.page.get_by_text("This passkey opened nothing")).to_be_visible()


def test_answer_of_a_passkey_counts_once(person: Person) -> None:
    person.sign_in()
    person.add_passkey("Telephone")
    person.sign_out()
    sent: list[str] = []
    person.page.on("request", lambda asked: sent.append(asked.post_data or "") if "passkey" in asked.url else None)
    person.page.get_by_role("button", name="Use a passkey instead").click()
    person.page.wait_for_url("**/staff/")
    person.sign_out()
    form = dict(pair.split("=", 1) for pair in next(words for words in sent if "answer=" in words).split("&"))
    person.page.evaluate(
        """(answer) => {
          const form = document.querySelector("form[data-passkey]");
          form.elements.answer.value = decodeURIComponent(answer.replaceAll("+", " "));
          form.submit();
        }""",
        form["answer"],
    )
    expect(person.page.get_by_text("This passkey opened nothing")).to_be_visible()


def test_newcomer_chooses_a_passkey_instead_of_a_password(person: Person, site: Site) -> None:
    email = f"new-{person.email}"
    with site.app.app_context():
        with transaction():
            service.add_user(email, "editor", None, utc_now())
        token = _token(email)
    person.page.goto(f"/staff/reset-password/{token}")
    person.page.get_by_role("button", name="Use a passkey instead").click()
    person.page.wait_for_url("**/staff/")
    person.page.goto(f"/staff/reset-password/{token}")
    expect(person.page.get_by_text("used or is too old")).to_be_visible()
    with site.app.app_context():
        user = find_user(email)
        assert user and user.password is None and len(queries.passkeys_of(user.id)) == 1


def _token(email: str) -> str:
    user = find_user(email)
    assert user is not None
    return str(generate_reset_password_token(user))
