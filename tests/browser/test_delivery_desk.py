"""The desks of mail in a real browser: they fit, they move by themselves, and nobody is read the same twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.factories import make_registration, make_webinar
from tests.support.browser import Site, sideways, violations
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail import outbox
from webinars.mail.models import Heartbeat, Message

pytestmark = pytest.mark.browser

WORDS = {
    "Aurora": ("aurora@gmial.com", "550 5.1.2 <address>: Host or domain name not found"),
    "Benedict with rather a long name": (
        "a.very.long.local.part.of.an.address@department.example.org",
        "552 5.2.2 full",
    ),
    "Celia": ("celia@example.org", "554 5.7.1 Message considered spam"),
    "Dora": (None, ""),
}


@pytest.fixture(scope="module")
def missed(site: Site) -> Iterator[None]:
    """Let four people miss tonight's letter, each for another cause."""
    with site.app.app_context():
        now = utc_now()
        webinar = make_webinar(now=now, starts_in=timedelta(hours=5), title="Tonight")
        for name, (email, words) in WORDS.items():
            place = make_registration(webinar, name, now=now, email=email, phone="1-800-555-0142")
            if email:
                with transaction():
                    outbox.owe(
                        notice="confirmation", subject=place.subject, occasion="1", about=f"w{webinar.id}", now=now
                    )
                    failed = sa.update(Message).where(Message.subject == place.subject)
                    db.session.execute(failed.values(state="failed", last_error=words))
        with transaction() as session:
            session.merge(Heartbeat(worker="host-1-abc", beat_at=now + timedelta(minutes=30)))
        db.session.remove()
    yield


@pytest.fixture
def desk(missed: None, open_staff_page: Open) -> Page:
    return open_staff_page("/staff/delivery")


def test_the_delivery_desk_is_accessible_and_fits_a_phone(desk: Page) -> None:
    expect(desk.get_by_role("heading", name="4 people will miss")).to_be_visible()
    for scheme in ("light", "dark"):
        desk.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert violations(desk) == [], scheme
    for width in (320, 360, 1280):
        desk.set_viewport_size({"width": width, "height": 740})
        assert sideways(desk) <= 0, width


def test_the_mail_desk_moves_by_itself_keeps_the_focus_and_says_only_what_changed(
    missed: None, open_staff_page: Open, site: Site
) -> None:
    page = open_staff_page("/staff/mail/")
    assert violations(page) == []
    waiting = page.locator("#queue .tile").first
    before = waiting.inner_text()
    page.locator("#mailings-table").focus()
    with site.app.app_context():
        with transaction():
            outbox.owe(notice="confirmation", subject="r1", occasion="moves", now=utc_now() + timedelta(hours=1))
            outbox.hold()
        db.session.remove()
    expect(waiting).not_to_have_text(before, timeout=12_000)
    expect(page.get_by_role("status").filter(has_text="Mail is on hold.")).to_have_count(1)
    assert page.evaluate("document.activeElement.id") == "mailings-table"
    assert page.locator("#queue").count() == 1
    with site.app.app_context():
        with transaction():
            outbox.release()
        db.session.remove()


def test_who_mistypes_is_asked_and_a_press_puts_it_right(open_page: Open, site: Site) -> None:
    page = open_page("/webinars/immunotherapy-and-side-effects", viewport={"width": 320, "height": 740})
    page.get_by_label("Your name").fill("Greta Slip")
    page.get_by_label("Email address").fill("greta.with.a.very.long.name.indeed@hotmial.com")
    page.get_by_role("button", name="Register").click()
    expect(
        page.get_by_role("heading", name="Did you mean greta.with.a.very.long.name.indeed@hotmail.com?")
    ).to_be_visible()
    assert violations(page) == [] and sideways(page) <= 0
    page.get_by_role("button", name="Yes, send it there").click()
    expect(page.get_by_role("status")).to_contain_text(
        "Your letter goes to greta.with.a.very.long.name.indeed@hotmail.com now"
    )
    expect(page.get_by_text("Did you mean")).to_have_count(0)
    page.get_by_text("Not right? Correct it").click()
    page.get_by_label("Email address").fill("greta@")
    page.get_by_role("button", name="Correct and send").click()
    expect(page.get_by_role("alert")).to_contain_text("incomplete")
    assert violations(page) == [] and sideways(page) <= 0
