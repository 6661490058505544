"""The story of a series that holds places until their address is proven."""

from tests.journeys.story import SLUG, TITLE, Story
from tests.support.pages import parse, text_of


def begins(story: Story, **fields: str) -> None:
    story.publishes(**fields)
    staff = story.staff()
    asked = staff.submit(staff.page("/staff/series/side-effects/edit"), "/edit", require_proof="y")
    staff.submit(asked, "/edit", button="Save, and change them", confirm="1")


def test_who_presses_the_button_keeps_the_place_and_who_never_does_gives_it_on(story: Story) -> None:
    begins(story, capacity="2")
    assert "Your place is held" in story.registers("Ruth")
    assert "Your place is held" in story.registers("Oscar")
    assert "waiting, place 1" in story.registers("Maya")

    asked = {one.to: one for one in story.letters()}
    assert {one.subject for one in asked.values()} == {f"Please confirm: {TITLE}, Thursday 3 December"}
    assert all(one.entry is None and "/join" not in one.text for one in asked.values())

    for name in ("ruth", "maya"):
        reader = story.browser()
        own = story.opens(asked[f"{name}@example.org"].link("manage"), reader)
        done = reader.submit(own, "/keep", "Yes, I want this place")
        assert "It is certain now" in text_of(parse(done))
    theirs = {one.to: one for one in story.letters()}
    assert theirs["ruth@example.org"].entry is not None and "/join" in theirs["ruth@example.org"].text
    assert "You are on the waiting list" in theirs["maya@example.org"].subject

    # The webinar is moved before Oscar has looked into his mailbox.
    story.moves("2026-12-04 13:00")
    assert {one.to for one in story.letters()} == {"ruth@example.org", "maya@example.org"}
    staff = text_of(story.staff().page(f"/staff/webinars/{SLUG}/registrations"))
    assert "1 not confirmed by button yet" in staff
    assert "not yet confirmed by button, held until 23 November 2026, 10:15 am" in staff

    story.it_is("2026-11-23 15:20")
    promoted = story.letter()
    assert promoted.to == "maya@example.org" and promoted.entry is not None
    assert "Oscar" not in text_of(story.staff().page(f"/staff/webinars/{SLUG}/registrations"))
    assert "oscar" not in str(story.books()["registrations"])
    assert "waiting, place 1" in story.registers("Oscar"), "he is welcome to come again"
    assert story.letter().subject.startswith("Please confirm")


def test_who_proved_the_address_before_has_all_with_the_first_letter(story: Story) -> None:
    story.publishes()
    story.registers("Ruth")
    story.cancels(story.letter().link("manage"))
    story.letter()
    staff = story.staff()
    asked = staff.submit(staff.page("/staff/series/side-effects/edit"), "/edit", require_proof="y")
    staff.submit(asked, "/edit", button="Save, and change them", confirm="1")
    words = story.registers("Ruth", discreet="y")
    assert "Your place is held" in words, "a stranger would read the same"
    letter = story.letter()
    assert letter.entry is not None and "/join" in letter.text
    assert story.letters() == []
