"""From the letter that went out, over what came back, to what people and staff then see."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.journeys.conftest import story as story
from tests.journeys.letters import Post
from tests.journeys.story import SLUG, TITLE, Story
from tests.mail.inbound.samples import ALICE, REFERENCE, UID, sample
from tests.mail.inbound.support import came_back, mailbox_of
from tests.support.pages import parse, text_of
from webinars.core.database import db
from webinars.core.links import keyed_hash
from webinars.mail.inbound import commands
from webinars.mail.models import Unsubscription
from webinars.registration.models import Registration


def arrivals(story: Story) -> dict[str, Post]:
    """Let the worker look, and give what arrived by whom it is for."""
    return {letter.to: letter for letter in story.letters()}


def answer_of(letter: Post, name: str, *changes: tuple[str, str]) -> bytes:
    """Answer an invitation with a calendar program."""
    assert letter.entry is not None
    sequence = ("SEQUENCE:0", f"SEQUENCE:{letter.entry.sequence}")
    return sample(name, (UID, letter.entry.uid), sequence, *changes)


def returned(story: Story, name: str, *changes: tuple[str, str]) -> bytes:
    """Let a server give Alice's newest letter back, to the address that stood on its envelope."""
    letter = next(one for one in reversed(story.sink.received) if one.rcpt_to == [ALICE])
    reference = letter.mail_from.partition("+b-")[2].partition("@")[0]
    assert reference and f"<{reference}@" in letter.message_id
    return sample(name, (REFERENCE, reference), *changes)


def desk(story: Story, path: str = "tray") -> Any:
    return story.staff().page(f"/staff/mail/{path}")


@pytest.mark.parametrize("name", ["thunderbird-declines", "apple-declines"])
def test_decline_frees_the_seat_and_the_next_in_line_gets_it(story: Story, name: str) -> None:
    story.publishes(capacity="1")
    story.registers("Alice")
    story.registers("Bob")
    invitation = arrivals(story)[ALICE]
    raw = answer_of(invitation, name)
    assert commands.take_in(raw) == "calendar-reply"
    told = arrivals(story)
    assert set(told) == {ALICE, "bob@example.org"}
    assert told["bob@example.org"].subject == f"You now have a place: {TITLE}, Thursday 3 December"
    withdrawn = told[ALICE].entry
    assert withdrawn is not None and invitation.entry is not None
    assert (withdrawn.method, withdrawn.uid) == ("CANCEL", invitation.entry.uid)
    assert withdrawn.sequence > invitation.entry.sequence
    assert "recording" in told[ALICE].text

    assert commands.take_in(raw) is None, "the same message again"
    assert story.letters() == []
    page = text_of(parse(story.opens(told[ALICE].link("manage"))))
    assert "recording" in page


def test_decline_can_be_taken_back_by_the_letter_that_tells_of_it(story: Story) -> None:
    story.publishes(capacity="5")
    story.registers("Alice")
    commands.take_in(answer_of(story.letter(), "thunderbird-declines"))
    letter = story.letter()
    browser = story.browser()
    page = story.opens(letter.link("manage"), browser)
    browser.submit(page, "/mode", mode="live")
    again = story.letter().entry
    assert again is not None and again.method == "REQUEST"


def test_forged_decline_goes_to_the_tray_and_takes_nothing(story: Story) -> None:
    story.publishes(capacity="1")
    story.registers("Alice")
    story.registers("Bob")
    invitation = arrivals(story)[ALICE]
    forged = answer_of(invitation, "thunderbird-declines", (ALICE, "mallory@example.org"))
    assert commands.take_in(forged) == "letter"
    assert story.letters() == []
    page = text_of(desk(story))
    assert "1 message waits for you" in page
    assert "mallory@example.org" in page
    assert "not in the name of a person we invited" in page


def test_comment_on_a_decline_reaches_staff(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    invitation = story.letter()
    with_words = answer_of(invitation, "thunderbird-declines", ("CLASS:PUBLIC", "COMMENT:Please call me\\, I am ill."))
    assert commands.take_in(with_words) == "calendar-reply"
    page = desk(story)
    link = page.find("a", string=lambda text: text and "Event Invitation Reply" in text)
    assert "Please call me, I am ill." in text_of(story.staff().page(link["href"]))


def test_late_bounce_marks_the_address_and_tells_staff_in_the_servers_words(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    story.registers("Bob")
    story.letters()
    assert commands.take_in(returned(story, "gmail-no-mailbox")) == "bounce"
    mailbox = mailbox_of(ALICE)
    assert mailbox is not None and mailbox.bounced_at is not None
    assert "does not exist" in mailbox.bounce_words
    assert mailbox_of("bob@example.org") is None
    assert story.letters() == [], "nothing is answered"


def test_refusal_at_the_door_marks_the_address_like_a_bounce(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    story.sink.answer["RCPT"] = lambda address: "550 5.1.1 <alice@example.org>: User unknown"
    assert story.letters() == []
    mailbox = mailbox_of(ALICE)
    assert mailbox is not None and mailbox.bounced_at is not None
    assert mailbox.bounce_words.startswith("550 5.1.1") and ALICE not in mailbox.bounce_words


@pytest.mark.parametrize("words", ["554 5.7.1 blocked", "550 5.7.1 spam", "552 5.3.4 too large"])
def test_refusal_about_us_or_the_letter_marks_no_address(story: Story, words: str) -> None:
    story.publishes()
    story.registers("Alice")
    story.sink.answer["RCPT"] = lambda address: words
    story.letters()
    assert mailbox_of(ALICE) is None


def test_full_mailbox_at_the_door_is_counted(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    story.sink.answer["RCPT"] = lambda address: "552 5.2.2 mailbox full"
    story.letters()
    mailbox = mailbox_of(ALICE)
    assert mailbox is not None and (mailbox.bounced_at, mailbox.soft_bounces) == (None, 1)


def test_person_is_answered_by_staff_who_find_their_place(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    story.letters()
    assert commands.take_in(returned(story, "a-persons-answer")) == "letter"
    browser = story.staff()
    tray = browser.page("/staff/mail/tray")
    assert tray.find("a", string="Alice") is not None
    message = browser.get(tray.find("a", string="Re: You have a place")["href"])
    page = text_of(parse(message))
    assert "She is deaf – will there be captions?" in page and ALICE in page
    browser.submit(message, "/done", "Done")
    assert "Nothing waits for you" in text_of(browser.page("/staff/mail/tray"))
    assert came_back()[0].handled_at is not None
    assert story.letters() == [], "nothing is answered by itself"


def test_unsubscribing_by_mail_ends_the_follow_ups_and_not_the_place(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    story.letters()
    story.it_is("2026-12-03 20:00")
    staff = story.staff()
    story.adds_the_recording(staff)
    staff.submit(staff.page(f"/staff/videos/{SLUG}/publish"), "", "Publish")
    recording = story.letter()
    assert "u-" in str(recording.message["List-Unsubscribe"])
    to = str(recording.message["List-Unsubscribe"]).partition("mailto:")[2].partition(">")[0].partition("?")[0]
    mail = sample("unsubscribe", (f"webinars+u-{REFERENCE}@harbor.example", to))
    assert commands.take_in(mail) == "unsubscribe"
    left = db.session.scalars(sa.select(Unsubscription)).one()
    assert left.address_key == keyed_hash("address", ALICE) and left.mail_class == "follow-up"
    assert db.session.scalars(sa.select(Registration)).one().state == "confirmed"
