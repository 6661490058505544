"""The stories of a webinar with too few places, and of one that does not take place."""

from tests.journeys.story import SLUG, TITLE, Story
from tests.support.pages import parse, text_of


def test_a_freed_place_goes_to_the_next_in_line_at_once(story: Story) -> None:
    story.publishes(capacity="1")
    assert "confirmed" in story.registers("Alice")
    assert "waiting, place 1" in story.registers("Bob")
    assert "waiting, place 2" in story.registers("Charlie")
    letters = {letter.to: letter for letter in story.letters()}
    assert len(letters) == 3
    waiting = letters["bob@example.org"]
    assert waiting.subject == f"You are on the waiting list: {TITLE}, Thursday 3 December"
    assert "number 1 in line" in waiting.text and waiting.entry is None
    assert "/join" not in "".join(waiting.links), "who waits has no way in yet"

    story.cancels(letters["alice@example.org"].link("manage"))
    after = {letter.to: letter for letter in story.letters()}
    assert set(after) == {"alice@example.org", "bob@example.org"}
    promoted, withdrawn = after["bob@example.org"], after["alice@example.org"].entry
    assert promoted.subject == f"You now have a place: {TITLE}, Thursday 3 December"
    assert promoted.entry is not None and promoted.entry.method == "REQUEST"
    assert withdrawn is not None and withdrawn.method == "CANCEL" and withdrawn.uid != promoted.entry.uid
    page = text_of(story.browser().page(promoted.link("manage").partition(":8000")[2]))
    assert "Your place is confirmed" in page
    charlie = letters["charlie@example.org"].link("manage").partition(":8000")[2]
    assert "waiting, place 1" in text_of(story.browser().page(charlie))


def test_more_places_promote_as_many_as_there_are(story: Story) -> None:
    story.publishes(capacity="1")
    for name in ("Alice", "Bob", "Charlie", "Dora"):
        story.registers(name)
    story.letters()
    staff = story.staff()
    staff.submit(staff.page(f"/staff/webinars/{SLUG}/edit"), "/edit", "Save", capacity="3")
    promoted = story.letters()
    assert sorted(letter.to for letter in promoted) == ["bob@example.org", "charlie@example.org"]
    assert all(letter.subject.startswith("You now have a place") for letter in promoted)


def test_a_freed_place_is_held_until_somebody_says_yes(story: Story) -> None:
    story.it_is("2026-11-23 15:00")
    story.publishes(capacity="1", offer_hours="24")
    for name in ("Alice", "Bob", "Charlie"):
        story.registers(name)
    alice = next(letter for letter in story.letters() if letter.to == "alice@example.org")
    story.cancels(alice.link("manage"))
    asked = next(letter for letter in story.letters() if letter.to == "bob@example.org")
    assert asked.subject == f"A place is held for you: {TITLE}, Thursday 3 December" and asked.entry is None
    until = "Tuesday 24 November at 10:15 am Eastern time"
    assert f"held for you until {until}." in asked.text and until in asked.html

    story.it_is("2026-11-24 15:00")
    bob = story.browser()
    page = story.opens(asked.link("manage"), bob)
    assert f"It is held for you until {until}." in text_of(parse(page))
    assert story.letters() == [], "looking at the page answers nothing"

    story.it_is("2026-11-24 15:15")
    lapsed, next_one = sorted(story.letters(), key=lambda letter: letter.subject, reverse=True)
    assert (lapsed.to, lapsed.subject) == ("bob@example.org", f"Your held place went on: {TITLE}, Thursday 3 December")
    assert next_one.to == "charlie@example.org" and "Wednesday 25 November at 10:" in next_one.text
    late = bob.submit(page, "/accept", "Yes, I take the place")
    assert "not held for you any more" in text_of(parse(late))

    charlie = story.browser()
    taken = charlie.submit(story.opens(next_one.link("manage"), charlie), "/accept", "Yes, I take the place")
    assert "Your place is confirmed" in text_of(parse(taken))
    confirmation = story.letter()
    assert confirmation.subject == f"Your place is saved: {TITLE}, Thursday 3 December"
    assert confirmation.entry is not None and confirmation.entry.method == "REQUEST"


def test_calling_off_tells_everybody_why_and_empties_their_calendars(story: Story) -> None:
    story.publishes(capacity="2")
    for name in ("Alice", "Bob", "Charlie"):
        story.registers(name)
    invited = {letter.to: letter.entry for letter in story.letters()}
    consequences = story.calls_off("Our speaker is needed in her clinic.")
    assert "3 people will get a cancellation letter" in consequences
    told = {letter.to: letter for letter in story.letters()}
    assert set(told) == set(invited) == {f"{name}@example.org" for name in ("alice", "bob", "charlie")}
    for address, letter in told.items():
        assert letter.subject == f"Cancelled: {TITLE}, Thursday 3 December"
        assert "Our speaker is needed in her clinic." in letter.text and "Our speaker" in letter.html
        before, entry = invited[address], letter.entry
        if before is None:
            assert entry is None, "who waited has no entry to lose"
            continue
        assert entry is not None and (entry.method, entry.status) == ("CANCEL", "CANCELLED")
        assert (entry.uid, entry.attendees, entry.organizer) == (before.uid, before.attendees, before.organizer)
        assert entry.sequence > before.sequence

    for moment in ("2026-11-26 18:01", "2026-12-02 18:01", "2026-12-03 17:01"):
        story.it_is(moment)
        assert story.letters() == [], "no reminder of what does not take place"
    page = text_of(story.page(f"/webinars/{SLUG}"))
    assert "This webinar was cancelled" in page and "needed in her clinic" in page
    assert "Save my place" not in page


def test_whoever_cancelled_before_is_not_told_of_moves_and_cancellations(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    story.registers("Bob")
    alice = next(letter for letter in story.letters() if letter.to == "alice@example.org")
    story.cancels(alice.link("manage"))
    story.letters()
    story.moves("2026-12-04 15:30")
    assert [letter.to for letter in story.letters()] == ["bob@example.org"]
    story.calls_off("Illness.")
    assert [letter.to for letter in story.letters()] == ["bob@example.org"]
