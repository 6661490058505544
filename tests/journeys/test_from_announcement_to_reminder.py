"""The main story: a webinar is announced, somebody registers, it moves, they are reminded, and they cancel."""

from datetime import UTC, datetime

from tests.journeys.story import SLUG, TITLE, Story, path_of
from tests.support.pages import text_of

#: where people look for webinars
PLACES = ("/", "/topics/immunotherapy", "/series/side-effects")
FIRST_START = datetime(2026, 12, 3, 18, 0, tzinfo=UTC)
NEW_START = datetime(2026, 12, 4, 20, 30, tzinfo=UTC)


def test_nothing_is_public_before_it_is_published(story: Story) -> None:
    staff = story.schedules()
    preview = staff.page(f"/staff/webinars/{SLUG}/preview")
    assert TITLE in text_of(preview) and "preview" in text_of(preview)
    assert story.browser().get(f"/webinars/{SLUG}").status_code == 404
    assert all(TITLE not in text_of(story.page(path)) for path in PLACES)
    staff.submit(staff.page(f"/staff/webinars/{SLUG}/publish"), "", "Publish now")
    for path in PLACES:
        links = {str(link["href"]) for link in story.page(path).find_all("a") if TITLE in text_of(link)}
        assert links == {f"/webinars/{SLUG}"}, path
    page = text_of(story.page(f"/webinars/{SLUG}"))
    assert "Thursday 3 December 2026" in page and "1:00 – 2:00 pm Eastern time" in page
    assert "Paid for by a fund" in page and "meet.example.org" not in str(story.page(f"/webinars/{SLUG}"))


def test_confirmation_brings_the_invitation_within_one_look_of_the_worker(story: Story) -> None:
    story.publishes()
    page = story.registers("Alice", time_zone="America/Los_Angeles")
    assert "confirmed" in page and "10:00 – 11:00 am Pacific time" in page and "1:00 – 2:00 pm Eastern time" in page
    letter = story.letter()
    assert (letter.to, letter.subject) == ("alice@example.org", f"Your place is saved: {TITLE}, Thursday 3 December")
    for words in (letter.text, letter.html):
        assert "10:00\u00a0– 11:00 am Pacific time" in words and "1-800-555-0142" in words and "4471" in words
        assert letter.link("join") in words and letter.link("manage") in words
    entry = letter.entry
    assert entry is not None
    assert (entry.method, entry.sequence, entry.start) == ("REQUEST", 0, FIRST_START)
    assert entry.attendees == ["mailto:alice@example.org"] and entry.organizer != entry.attendees[0]
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert story.letters() == [], "one deed, one letter"


def test_a_move_reaches_the_calendar_and_reminders_follow_the_new_time(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    invitation = story.letter().entry
    assert "1 person will get a letter with the new time" in story.moves("2026-12-04 15:30")
    moved = story.letter()
    assert moved.subject == f"New time: {TITLE}, Friday 4 December"
    entry = moved.entry
    assert invitation is not None and entry is not None
    assert (entry.method, entry.uid, entry.sequence) == ("REQUEST", invitation.uid, invitation.sequence + 1)
    assert (entry.start, entry.organizer) == (NEW_START, invitation.organizer)

    story.it_is("2026-11-26 18:01")
    assert story.letters() == [], "a week before the time that no longer holds"
    reminders = {"2026-11-27 20:31": "Friday 4 December at 3:30 pm", "2026-12-03 20:31": "Tomorrow at 3:30 pm",
                 "2026-12-04 19:31": "Today at 3:30 pm"}  # fmt: skip
    for moment, words in reminders.items():
        story.it_is(moment)
        reminder = story.letter()
        assert reminder.subject == f"{words} Eastern time: {TITLE}"
        assert reminder.link("join") in reminder.text and reminder.entry is None
        assert story.letters() == [], "a reminder comes once"


def test_a_move_makes_a_reminder_due_again_that_was_sent_for_the_old_time(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    story.letter()
    story.it_is("2026-12-02 18:01")
    assert story.letter().subject.startswith("Tomorrow at 1:00 pm")
    story.moves("2026-12-09 13:00")
    assert story.letter().subject.startswith("New time")
    story.it_is("2026-12-08 18:01")
    assert story.letter().subject.startswith("Tomorrow at 1:00 pm")


def test_whoever_registers_after_a_reminder_fell_due_is_not_sent_it(story: Story) -> None:
    story.publishes()
    story.it_is("2026-12-02 19:00")
    story.registers("Alice")
    assert story.letter().subject.startswith("Your place is saved")
    story.it_is("2026-12-03 17:01")
    assert story.letter().subject.startswith("Today at 1:00 pm")


def test_cancelling_through_the_letter_takes_the_entry_away_and_ends_the_letters(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    confirmation = story.letter()
    story.moves("2026-12-04 15:30")
    moved = story.letter().entry
    page = story.cancels(confirmation.link("manage"))
    assert "Your place is cancelled" in page and "Undo" in page
    goodbye = story.letter()
    entry = goodbye.entry
    assert moved is not None and entry is not None
    assert (entry.method, entry.status, entry.uid) == ("CANCEL", "CANCELLED", moved.uid)
    assert entry.sequence > moved.sequence and entry.attendees == moved.attendees
    for moment in ("2026-11-27 20:31", "2026-12-04 19:31"):
        story.it_is(moment)
        assert story.letters() == []


def test_taking_a_cancellation_back_invites_again_with_a_higher_number(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    confirmation = story.letter()
    story.cancels(confirmation.link("manage"))
    gone = story.letter().entry
    browser = story.browser()
    story_page = story.opens(confirmation.link("manage"), browser)
    browser.submit(story_page, "/undo", "Undo")
    back = story.letter().entry
    assert gone is not None and back is not None
    assert (back.method, back.uid) == ("REQUEST", gone.uid) and back.sequence > gone.sequence


def test_the_door_opens_for_a_pressed_button_only(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    link = story.letter().link("join")
    assert "not open yet" in text_of(story.page(path_of(link)))
    story.it_is("2026-12-03 17:45")
    story.letters()
    before, browser = story.books()["attendances"], story.browser()
    door = story.opens(link, browser)
    assert story.books()["attendances"] == before == []
    inside = browser.submit(door, "/join", "Join now")
    assert inside.headers["Refresh"].endswith("https://meet.example.org/room")
    assert len(story.books()["attendances"]) == 1
