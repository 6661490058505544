"""The story of an address that was mistyped, as the person, staff and a stranger live through it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from tests.journeys.story import SLUG, Story
from tests.registration.deeds import registration_of
from tests.support.pages import find_form, parse, text_of

WRONG, RIGHT = "alice@gmial.com", "alice@gmail.com"


def refuse_the_slip(story: Story) -> None:
    """Let the mail server know no domain with the slip in it."""
    refusal = "550 5.1.2 Bad destination: the domain of this address does not exist"
    story.sink.answer["RCPT"] = lambda address: refusal if "gmial" in address else None


def test_staff_see_the_cause_correct_it_and_the_invitation_arrives(story: Story) -> None:
    story.publishes()
    refuse_the_slip(story)
    story.registers("Alice", email=WRONG)
    story.registers("Bob")
    assert [letter.to for letter in story.letters()] == ["bob@example.org"]

    staff = story.staff()
    assert "1 person will miss the link for Thursday 3 December" in text_of(staff.page("/staff/"))
    desk = staff.page("/staff/delivery")
    words = text_of(desk)
    assert "Alice" in words and "Bob" not in words
    assert "The address looks mistyped: nobody takes mail at gmial.com." in words
    done = staff.submit(desk, "/address", "Correct and send")
    assert "Corrected." in text_of(parse(done))

    invitation = story.letter()
    assert invitation.to == RIGHT
    assert invitation.entry is not None and invitation.entry.method == "REQUEST"
    assert invitation.entry.attendees == [f"mailto:{RIGHT}"]
    assert "Everybody can be reached" in text_of(staff.page("/staff/delivery"))
    assert "Your place is confirmed" in text_of(parse(story.opens(invitation.link("manage"))))

    story.it_is("2026-12-03 17:01")
    assert sorted(letter.to for letter in story.letters()) == [RIGHT, "bob@example.org"], "the reminder finds her too"


def test_she_sees_it_herself_and_staff_never_hear_of_it(story: Story) -> None:
    story.publishes()
    refuse_the_slip(story)
    alice = story.browser()
    assert f"Did you mean {RIGHT}?" in story.registers("Alice", alice, email=WRONG)
    page = alice.page(f"/registrations/{registration_of('Alice').public_id}")
    alice.submit(page, "/address", "Yes, send it there")
    invitation = story.letter()
    assert invitation.to == RIGHT and invitation.entry is not None
    assert "Everybody can be reached" in text_of(story.staff().page("/staff/delivery"))


def test_a_stranger_cannot_lead_somebodys_letters_away(story: Story) -> None:
    """Mallory knows name, address and even the public id, and has a browser that has signed up with them."""
    story.publishes()
    story.registers("Alice")
    first = story.letter()
    mallory = story.browser()
    shown = mallory.submit(
        mallory.page(f"/webinars/{SLUG}"), "/register", name="Alice", email="alice@example.org", time_zone="UTC"
    )
    redirected = mallory.submit(shown, "/address", "Correct and send", email="mallory@example.org")
    token = find_form(parse(redirected), "/cancel").find("input", attrs={"name": "csrf_token"})
    assert token is not None
    alices = first.link("manage").rpartition("/")[2].partition(".")[0]
    target = f"/registrations/{alices}/address"
    answer = mallory.post(target, data={"csrf_token": token["value"], "email": "mallory@example.org"})
    assert answer.status_code in {403, 404}

    arrived = story.letters()
    assert [letter.to for letter in arrived] == ["mallory@example.org"], "a place of Mallory's own, with its own letter"
    assert arrived[0].entry is not None and first.entry is not None
    assert arrived[0].entry.uid != first.entry.uid
    assert "Your place is confirmed" in text_of(parse(story.opens(first.link("manage"))))
    story.it_is("2026-12-02 18:31")
    assert sorted(letter.to for letter in story.letters()) == ["alice@example.org", "mallory@example.org"]


@pytest.fixture
def limited(app: Flask) -> Iterator[None]:
    """Let visitors cause only so many letters to one address."""
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, ratelimit_enabled=True)
    yield
    app.extensions["settings"] = before


@pytest.mark.usefixtures("limited")
def test_a_letter_that_is_held_back_comes_once_when_staff_send_it_now(story: Story) -> None:
    """A family of four registers with one address: the fourth letter has to wait for an hour."""
    story.publishes()
    story.it_is("2026-12-03 15:40")
    for name in ("Ana", "Beto", "Carla", "Dario"):
        story.registers(name, email="family@example.org")
    assert len(story.letters()) == 3

    story.it_is("2026-12-03 16:10")
    staff = story.staff()
    desk = staff.page("/staff/delivery")
    assert "Dario" in text_of(desk) and "It leaves in 30 minutes." in text_of(desk)
    assert "The letter is on its way to Dario." in text_of(parse(staff.submit(desk, "/resend", "Send it now")))
    invitation = story.letter()
    assert invitation.to == "family@example.org"
    assert invitation.entry is not None and invitation.entry.method == "REQUEST"
    assert "Everybody can be reached" in text_of(staff.page("/staff/delivery"))

    for moment in ("2026-12-03 16:45", "2026-12-03 17:45", "2026-12-03 18:30"):
        story.it_is(moment)
        assert not [letter for letter in story.letters() if letter.entry], "no second invitation"
