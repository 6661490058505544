"""The life of one calendar entry, through pages, letters over SMTP, and a calendar that obeys RFC 5546."""

import re
from datetime import UTC, datetime

import pytest

from tests.journeys.letters import Post
from tests.journeys.story import SLUG, TITLE, Story, path_of
from tests.support.calendar_client import CalendarClient, Held
from tests.support.pages import text_of

ROOM = "/staff/webinars/" + SLUG


class Mailboxes:
    """Everybody's calendar, fed by what arrives."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self._calendars: dict[str, CalendarClient] = {}
        self.newest: dict[str, Post] = {}

    def read(self) -> list[Post]:
        """Let the worker send, and every calendar take what came."""
        arrived = self.story.letters()
        for post in arrived:
            self.newest[post.to] = post
            parts = [part for part in post.message.walk() if part.get_content_type() == "text/calendar"]
            for part in parts:
                raw = part.get_payload(decode=True)
                assert isinstance(raw, bytes)
                assert self.of(post.to).take(raw), "a calendar would take it for an old one"
        return arrived

    def of(self, address: str) -> CalendarClient:
        return self._calendars.setdefault(address, CalendarClient(address))

    def entry(self, name: str) -> Held | None:
        """Give the one entry of a person, or None."""
        entries = list(self.of(f"{name.lower()}@example.org").entries.values())
        assert len(entries) <= 1
        return entries[0] if entries else None

    def manage(self, name: str) -> str:
        return self.newest[f"{name.lower()}@example.org"].link("manage")


@pytest.fixture
def boxes(story: Story) -> Mailboxes:
    return Mailboxes(story)


def utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def person_page(story: Story, name: str) -> str:
    """Give the address of the staff's page about a person."""
    listed = story.staff().page(f"{ROOM}/registrations")
    return str(next(link for link in listed.find_all("a") if text_of(link) == name)["href"])


def calendar_of(story: Story, name: str) -> str:
    """Give what the staff's list says of a person's calendar."""
    for row in story.staff().page(f"{ROOM}/registrations").select("tbody tr"):
        if text_of(row.find("a")) == name:
            return text_of(row.find("td", attrs={"data-label": "Calendar"}))
    raise AssertionError(name)


def staff_does(story: Story, name: str, action: str, button: str, **fields: str) -> None:
    staff, page = story.staff(), person_page(story, name)
    staff.submit(staff.page(page), action, button, **fields)


def test_entry_is_given_moved_renamed_taken_and_given_again(story: Story, boxes: Mailboxes) -> None:
    story.publishes()
    story.registers("Alice")
    assert calendar_of(story, "Alice") == "update under way"
    boxes.read()
    first = boxes.entry("Alice")
    assert first is not None and (first.start, first.title) == (utc("2026-12-03 18:00"), TITLE)
    assert calendar_of(story, "Alice") == "calendar current"

    story.moves("2026-12-04 15:30")
    assert calendar_of(story, "Alice") == "update under way"
    boxes.read()
    moved = boxes.entry("Alice")
    assert moved is not None and moved.start == utc("2026-12-04 20:30") and moved.sequence == first.sequence + 1

    staff = story.staff()
    staff.submit(staff.page(f"{ROOM}/edit"), "/edit", "Save", title="What to expect now", phone_pin="9999")
    boxes.read()
    renamed = boxes.entry("Alice")
    assert renamed is not None and renamed.title == "What to expect now"
    assert "PIN 9999" in renamed.event.text("DESCRIPTION") and renamed.sequence == moved.sequence + 1

    story.cancels(boxes.manage("Alice"))
    boxes.read()
    assert boxes.entry("Alice") is None and calendar_of(story, "Alice") == "withdrawn"

    browser = story.browser()
    browser.submit(story.opens(boxes.manage("Alice"), browser), "/undo", "")
    boxes.read()
    back = boxes.entry("Alice")
    assert back is not None and back.sequence > renamed.sequence and calendar_of(story, "Alice") == "calendar current"

    story.calls_off("Illness.")
    boxes.read()
    assert boxes.entry("Alice") is None and calendar_of(story, "Alice") == "withdrawn"


def test_staff_remove_and_bring_back(story: Story, boxes: Mailboxes) -> None:
    story.publishes()
    story.registers("Alice")
    boxes.read()
    staff = story.staff()
    page = person_page(story, "Alice")
    asked = staff.page(f"{page}/cancel").find("input", {"name": "csrf_token"})
    assert asked is not None
    staff.post(f"{page}/cancel", data={"csrf_token": str(asked["value"])})
    boxes.read()
    assert boxes.entry("Alice") is None
    staff_does(story, "Alice", "/restore", "Bring back")
    boxes.read()
    assert boxes.entry("Alice") is not None


def test_who_waits_has_no_entry_until_a_place_frees_up(story: Story, boxes: Mailboxes) -> None:
    story.publishes(capacity="1")
    for name in ("Alice", "Bob"):
        story.registers(name)
    boxes.read()
    assert boxes.entry("Bob") is None and calendar_of(story, "Bob") == "no entry"
    story.cancels(boxes.manage("Alice"))
    boxes.read()
    assert boxes.entry("Alice") is None and boxes.entry("Bob") is not None


def test_recording_takes_the_entry_and_a_seat_gives_it_again(story: Story, boxes: Mailboxes) -> None:
    story.publishes()
    story.registers("Rita", mode="recording")
    story.registers("Alice")
    boxes.read()
    assert boxes.entry("Rita") is None and calendar_of(story, "Rita") == "no entry"
    browser = story.browser()
    browser.submit(story.opens(boxes.manage("Alice"), browser), "/mode", mode="recording")
    boxes.read()
    assert boxes.entry("Alice") is None and calendar_of(story, "Alice") == "withdrawn"
    for name in ("Alice", "Rita"):
        staff_does(story, name, "/mode", "Save", mode="live")
    boxes.read()
    assert boxes.entry("Alice") is not None and boxes.entry("Rita") is not None
    staff_does(story, "Rita", "/mode", "Save", mode="recording")
    boxes.read()
    assert boxes.entry("Rita") is None


def test_telephone_instead_of_the_room_moves_to_the_front_of_the_entry(story: Story, boxes: Mailboxes) -> None:
    story.publishes()
    story.registers("Phil")
    boxes.read()
    browser = story.browser()
    browser.submit(story.opens(boxes.manage("Phil"), browser), "/mode", mode="phone")
    boxes.read()
    entry = boxes.entry("Phil")
    assert entry is not None and entry.event.text("LOCATION") == "1-800-555-0142, PIN 4471"


def test_discretion_asked_for_later_leaves_nothing_of_the_subject_in_the_calendar(
    story: Story, boxes: Mailboxes
) -> None:
    story.publishes()
    story.registers("Dora")
    boxes.read()
    before = boxes.entry("Dora")
    for discreet in (True, False):
        browser = story.browser()
        page = story.opens(boxes.manage("Dora"), browser)
        fields = {"discreet": "y"} if discreet else {"discreet": ""}
        browser.submit(page, "/details", **fields)
        [post] = boxes.read()
        entry = boxes.entry("Dora")
        assert entry is not None and before is not None and entry.sequence > before.sequence
        named = re.search(
            r"what to expect|side effects|immuno|nurses|List-Id|Harbor Cancer", post.all_that_can_be_read(), re.I
        )
        assert bool(named) is not discreet
        assert entry.title == ("Your appointment" if discreet else TITLE)
        before = entry


def test_moving_away_and_back_by_mistake_writes_to_nobody(story: Story, boxes: Mailboxes) -> None:
    story.publishes()
    story.registers("Alice")
    boxes.read()
    story.moves("2026-12-04 15:30")
    story.moves("2026-12-03 13:00")
    assert boxes.read() == []
    story.it_is("2026-11-22 15:10")
    assert boxes.read() == [] and calendar_of(story, "Alice") == "calendar current"
    story.moves("2026-12-03 14:00")
    [post] = boxes.read()
    entry = boxes.entry("Alice")
    assert post.subject.startswith("New time") and entry is not None
    assert (entry.start, entry.sequence) == (utc("2026-12-03 19:00"), 3)
    story.it_is("2026-11-26 19:01")
    assert [letter.subject.partition(":")[0] for letter in boxes.read()] == ["Thursday 3 December at 2"]


@pytest.mark.parametrize(
    ("zone", "clock"),
    [
        ("Asia/Kathmandu", "11:45 pm"),
        ("Australia/Lord_Howe", "5:00 am"),
        ("Africa/Casablanca", "7:00 pm"),
        ("Pacific/Apia", "7:00 am"),
        ("America/Nuuk", "4:00 pm"),
        ("America/St_Johns", "2:30 pm"),
        ("Pacific/Kiritimati", "8:00 am"),
    ],
)
def test_reader_of_any_zone_reads_their_own_clock_and_the_calendar_the_instant(
    story: Story, boxes: Mailboxes, zone: str, clock: str
) -> None:
    story.publishes()
    story.registers("Zoe", time_zone=zone)
    [post] = boxes.read()
    entry = boxes.entry("Zoe")
    assert entry is not None and entry.start == utc("2026-12-03 18:00")
    assert f"{clock[:-3]}" in post.text and "1:00" in post.text, "both clocks"


def test_wrong_address_put_right_by_staff_gets_everything_and_the_wrong_one_nothing_more(
    story: Story, boxes: Mailboxes
) -> None:
    story.publishes()
    story.registers("Alice", email="alcie@example.org")
    boxes.read()
    staff_does(story, "Alice", "/address", "Correct and send", email="alice@example.org")
    [post] = boxes.read()
    assert post.to == "alice@example.org" and boxes.entry("Alice") is not None
    old_link = boxes.newest["alcie@example.org"].link("manage")
    assert story.browser().get(path_of(old_link)).status_code == 404
    story.moves("2026-12-04 15:30")
    assert {letter.to for letter in boxes.read()} == {"alice@example.org"}
