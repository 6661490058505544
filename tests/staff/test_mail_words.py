"""How staff pages call letters, people and what came back: two of a kind can be told apart."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from tests.factories import NOW, make_registration, make_webinar
from tests.mail.inbound.samples import sample
from tests.mail.inbound.support import arrives, came_back, invite
from tests.support.pages import text_of
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.links import address_key
from webinars.mail import outbox
from webinars.mail.models import Address, Message
from webinars.notices import announcement_service
from webinars.notices.kinds import Reason
from webinars.staff.mail_names import mail_names

COMMENT = "outlook-declines-with-a-comment"


@pytest.fixture
def webinar(app):
    return make_webinar(now=utc_now(), starts_in=timedelta(days=3))


def announce(webinar, subject):
    """Write an announcement; give its id."""
    fields = {"subject_en": subject, "body_en": "Hello."}
    with transaction():
        return announcement_service.write_announcement(webinar, fields, utc_now()).id


def mailed(webinar, place, notice, occasion, **changes):
    """Let somebody's letter be part of a mailing."""
    subjects = sa.select(sa.literal(place.subject).label("subject"))
    with transaction() as session:
        outbox.owe_all(subjects, notice=notice, about=f"w{webinar.id}", occasion=occasion, now=utc_now())
        session.execute(
            sa.update(Message).filter_by(notice=notice, occasion=occasion).values(**changes or {"attempts": 1})
        )


def rows(page, heading):
    table = page.find(attrs={"aria-labelledby": heading})
    return [text_of(row) for row in table.find("tbody").find_all("tr")]


# --- mailings and letters ---------------------------------------------------------------------------------------------


def test_mailings_say_which_reminder_and_which_announcement_they_are(editor, webinar):
    alice = make_registration(webinar, "Alice", now=utc_now())
    number = announce(webinar, "Parking is full")
    mailed(webinar, alice, "reminder", "0-1440")
    mailed(webinar, alice, "reminder", "0-60", state="failed", last_error="550 no")
    mailed(webinar, alice, "announcement", str(number))
    page = editor.page("/staff/mail/")
    mailings = " ".join(rows(page, "mailings"))
    for words in ("Reminder, 1 day before", "Reminder, 1 hour before", "Announcement “Parking is full”"):
        assert words in mailings
    assert page.find("a", href=f"/staff/announcements/{number}") is not None
    assert "Reminder, 1 hour before" in rows(page, "failures")[0]


def test_an_announcement_that_is_gone_and_odd_letters_keep_the_name_of_their_kind(editor, webinar):
    alice = make_registration(webinar, "Alice", now=utc_now())
    mailed(webinar, alice, "announcement", "4711")
    mailed(webinar, alice, "reminder", "odd")
    assert sorted(row.partition(" Imm")[0] for row in rows(editor.page("/staff/mail/"), "mailings")) == [
        "Announcement",
        "Reminder",
    ]


def test_two_announcements_to_a_person_can_be_told_apart(editor, webinar):
    alice = make_registration(webinar, "Alice", now=utc_now())
    for subject in ("Parking is full", "A new room"):
        mailed(webinar, alice, "announcement", str(announce(webinar, subject)))
    mailed(webinar, alice, "reminder", "0-60")
    letters = " ".join(rows(editor.page(f"/staff/registrations/{alice.public_id}"), "letters-heading"))
    assert "“Parking is full”" in letters and "“A new room”" in letters and "Reminder, 1 hour before" in letters


# --- a mailbox that takes nothing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["superseded", "failed"])
def test_a_letter_kept_back_from_a_dead_mailbox_says_why(editor, webinar, state):
    alice = make_registration(webinar, "Alice", now=utc_now())
    mailed(webinar, alice, "reminder", "0-60", state=state, last_error=Reason.BOUNCED)
    (row,) = rows(editor.page(f"/staff/registrations/{alice.public_id}"), "letters-heading")
    assert "not sent: this address takes no mail" in row
    assert "no longer needed" not in row and Reason.BOUNCED not in row


@pytest.mark.parametrize(("email", "meant"), [("alice@gmial.com", "alice@gmail.com"), ("alice@example.org", "")])
def test_a_dead_mailbox_is_said_first_on_the_persons_page(editor, webinar, email, meant):
    alice = make_registration(webinar, "Alice", now=utc_now(), email=email)
    path = f"/staff/registrations/{alice.public_id}"
    assert "takes no mail" not in text_of(editor.page(path))
    db.session.add(Address(key=address_key(email), bounced_at=NOW, bounce_words="550 5.1.1 no such user"))
    db.session.commit()
    page = editor.page(path)
    warning = page.find(class_="notice", attrs={"class": "warning"})
    assert "This address takes no mail" in text_of(warning)
    assert text_of(page).count("Did you mean") == (1 if meant else 0)
    if meant:
        editor.submit(page, "/address", "Yes, send it there")
        assert "takes no mail" not in text_of(editor.page(path))
    else:
        assert page.find(id=warning.find("a")["href"].removeprefix("#")) is not None


# --- what came back ---------------------------------------------------------------------------------------------------


def test_what_waits_in_the_tray_is_said_where_staff_look(editor, webinar):
    assert "to read" not in text_of(editor.page("/staff/"))
    for number in range(2):
        arrives(sample("a-persons-answer", ("Re: You", f"Letter {number}: You")), utc_now())
    page = editor.page("/staff/")
    assert "2 messages came back for you to read. Read them" in text_of(page)
    assert page.find("a", href="/staff/mail/tray") is not None
    for path in ("/staff/mail/", "/staff/delivery", "/staff/announcements", "/staff/mail/tray"):
        tabs = editor.page(path).find("nav", attrs={"aria-label": "Mail"})
        assert "What came back (2)" in text_of(tabs), path


def test_a_comment_on_an_answer_counts_as_passed_on_and_stays_to_be_found(editor):
    invite(make_webinar())
    arrives(sample(COMMENT), utc_now())
    assert tiles(editor) == ("1", "1")
    number = came_back()[0].id
    editor.submit(editor.page(f"/staff/mail/tray/{number}"), "/done", "Done")
    page = editor.page("/staff/mail/tray")
    assert "Nothing waits for you." in text_of(page) and page.find("a", href=f"/staff/mail/tray/{number}")
    assert tiles(editor) == ("1", "1")


def tiles(client):
    found = {
        text_of(tile.find(class_="tile-label")): text_of(tile.find(class_="tile-value"))
        for tile in client.page("/staff/mail/tray").find_all(class_="tile")
    }
    return found["answers from calendars"], found["passed on to you"]


def test_a_comment_says_what_was_done_with_the_answer(editor):
    invite(make_webinar(now=utc_now()))
    arrives(sample(COMMENT), utc_now())
    page = editor.page(f"/staff/mail/tray/{came_back()[0].id}")
    assert "We noted: is not coming, gets the recording." in text_of(page)


def test_a_message_names_who_wrote_it_and_when_on_the_organisers_clock(editor):
    invite(make_webinar())
    arrives(sample("a-persons-answer"), NOW)
    page = editor.page(f"/staff/mail/tray/{came_back()[0].id}")
    words = text_of(page)
    assert "Alice, alice@example.org" in words
    assert "Sunday 22 November 2026, 10:00 am Eastern time" in words.replace("\N{NO-BREAK SPACE}", " ")


def test_an_address_that_a_family_shares_names_nobody(editor):
    webinar = make_webinar()
    invite(webinar)
    make_registration(webinar, "Bob", email="alice@example.org")
    arrives(sample("a-persons-answer"), NOW)
    record = editor.page(f"/staff/mail/tray/{came_back()[0].id}").find(class_="record")
    assert text_of(record).startswith("From alice@example.org")


def test_a_message_is_answered_by_the_staffs_own_mail_program_after_its_text(editor):
    arrives(sample("a-persons-answer", ("May I", "MAY I")), NOW)
    page = editor.page(f"/staff/mail/tray/{came_back()[0].id}")
    main = page.find("main")
    (link,) = answers(page)
    assert unquote(link["href"]).startswith("mailto:alice@example.org?subject=Re: You")
    words = text_of(main)
    assert words.index("MAY I") < words.index("Answer") < words.index("Done")


def test_nobody_is_asked_to_answer_a_program(editor):
    arrives(sample("postfix-no-mailbox"), NOW)
    (report,) = came_back()
    assert report.handled_at is None, "it is about no letter of ours"
    assert answers(editor.page(f"/staff/mail/tray/{report.id}")) == []


def answers(page):
    return page.find("main").find_all("a", href=lambda one: one and one.startswith("mailto:"))


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "٣", "²"])
def test_number_that_nothing_has_is_no_fault(app, number):
    with app.test_request_context():
        assert mail_names([f"{letter}{number}" for letter in "wsr"]) == {}
        for kind in ("reminder:0-", "announcement:"):
            (named,) = mail_names([f"notice:{kind}{number}"]).values()
            assert number not in named[0]
