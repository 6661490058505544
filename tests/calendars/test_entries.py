"""Calendar entries, read back by two independent parsers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import icalendar
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from webinars.calendars.entries import Entry, EntryStatus, cancel, publish, request
from webinars.core.text import many_lines, one_line

START = datetime(2026, 12, 3, 18, 0, tzinfo=UTC)
ENTRY = Entry(
    uid="045f01bb-a69d-44c8-8bc7-b9fc68c3f00b",
    sequence=2,
    starts_at=START,
    ends_at=START + timedelta(minutes=75),
    time_zone="America/New_York",
    title="Trials, costs; and you",
    description="Join: https://w.example/r/t/join\nBy phone",
    location="https://w.example/r/t/join",
    url="https://w.example/webinars/trials",
    join_url="https://w.example/r/t/join",
    organizer="webinars@harbor.example",
    attendee="ana+news@example.org",
    attendee_name=None,
    status=EntryStatus.CONFIRMED,
    stamp=datetime(2026, 11, 22, 15, tzinfo=UTC),
    last_modified=datetime(2026, 11, 20, 9, tzinfo=UTC),
)
#: all that people type, and what breaks line-based formats
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def read(ics: bytes) -> tuple[icalendar.Calendar, icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(ics)
    assert isinstance(calendar, icalendar.Calendar)
    [event] = calendar.events
    return calendar, event


def check_lines(ics: bytes) -> None:
    assert ics.endswith(b"END:VCALENDAR\r\n")
    for line in ics.split(b"\r\n")[:-1]:
        assert 0 < len(line) <= 75, line
        assert b"\n" not in line and b"\r" not in line
        line.decode()


def test_request_invites_exactly_the_recipient_without_asking_for_a_reply():
    calendar, event = read(request(ENTRY))
    assert calendar["METHOD"] == "REQUEST" and calendar["VERSION"] == "2.0"
    assert event["UID"] == ENTRY.uid and event["SEQUENCE"] == 2 and event["STATUS"] == "CONFIRMED"
    assert event["ATTENDEE"] == "mailto:ana+news@example.org"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED" and event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert "CN" not in event["ATTENDEE"].params
    assert event["ORGANIZER"] == "mailto:webinars@harbor.example" and not event["ORGANIZER"].params
    assert event["X-MICROSOFT-DISALLOW-COUNTER"] == "TRUE"


def test_request_writes_times_in_utc_and_carries_the_way_in_where_clients_look():
    ics = request(ENTRY)
    assert b"\r\nDTSTART:20261203T180000Z\r\nDTEND:20261203T191500Z\r\n" in ics
    assert b"VTIMEZONE" not in ics
    _, event = read(ics)
    assert event["URL"] == ENTRY.url and event["LOCATION"] == ENTRY.join_url
    assert b"CONFERENCE;VALUE=URI;FEATURE=VIDEO,AUDIO;LABEL=" in ics.replace(b"\r\n ", b"")
    assert event["CONFERENCE"] == ENTRY.join_url


def test_request_takes_instants_in_any_zone():
    elsewhere = replace(ENTRY, starts_at=START.astimezone(timezone(timedelta(hours=-5))))
    assert request(elsewhere) == request(ENTRY)


def test_entry_names_no_program_that_would_tell_what_it_is_about():
    told = {"title": "Your appointment", "url": "https://w.example/r/t", "organizer": "appointments@harbor.example"}
    discreet = replace(ENTRY, private=True, **told)
    for ics in (request(discreet), cancel(discreet), publish([discreet])):
        assert b"PRODID:" in ics and b"webinar" not in ics.replace(b"\r\n ", b"").lower()


def test_request_names_the_attendee_when_the_letter_may():
    _, event = read(request(replace(ENTRY, attendee_name='Ana "Nita" Ruiz, RN; x')))
    assert event["ATTENDEE"].params["CN"] == 'Ana "Nita" Ruiz, RN; x'


def test_cancel_takes_the_event_away_and_says_no_more_than_needed():
    calendar, event = read(cancel(ENTRY))
    assert calendar["METHOD"] == "CANCEL" and event["STATUS"] == "CANCELLED"
    assert event["UID"] == ENTRY.uid and event["ATTENDEE"] == "mailto:ana+news@example.org"
    assert "/join" not in cancel(ENTRY).decode()


def test_request_without_attendee_is_refused():
    with pytest.raises(ValueError, match="attendee"):
        request(replace(ENTRY, attendee=None))
    with pytest.raises(ValueError, match="attendee"):
        cancel(replace(ENTRY, attendee=None))


def test_publish_names_nobody():
    calendar, event = read(publish([ENTRY]))
    assert calendar["METHOD"] == "PUBLISH" and "ATTENDEE" not in event
    assert "X-WR-CALNAME" not in calendar


def test_publish_with_a_name_is_a_feed_that_calendars_refresh():
    ics = publish([ENTRY, replace(ENTRY, uid="another")], "Side Effects – Harbor; Support")
    calendar = icalendar.Calendar.from_ical(ics)
    assert len(calendar.events) == 2
    assert calendar["X-WR-CALNAME"] == calendar["NAME"] == "Side Effects – Harbor\\; Support"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT4H\r\n" in ics and b"X-PUBLISHED-TTL:PT4H\r\n" in ics


def test_publish_gives_the_same_bytes_for_the_same_entries():
    assert publish([ENTRY], "Feed") == publish([replace(ENTRY)], "Feed")


def test_private_entry_asks_shared_calendars_to_hide_it():
    assert read(request(replace(ENTRY, private=True)))[1]["CLASS"] == "PRIVATE"
    assert read(request(ENTRY))[1]["CLASS"] == "PUBLIC"


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": datetime(2026, 12, 3, 18)},
        {"ends_at": START},
        {"attendee": "a@b.org\r\nATTENDEE:mailto:c@d.org"},
        {"organizer": "a@b.org\n"},
        {"url": "https://x\x85y"},
    ],
)
def test_entry_that_no_calendar_could_read_is_refused(wrong):
    with pytest.raises(ValueError):
        replace(ENTRY, **wrong)


@given(title=texts, description=texts, location=texts, name=texts)
def test_every_text_comes_back_from_two_parsers_and_no_line_is_too_long(title, description, location, name):
    entry = replace(ENTRY, title=title, description=description, location=location, attendee_name=name)
    ics = request(entry)
    check_lines(ics)
    _, event = read(ics)
    assert str(event["SUMMARY"]) == one_line(title)
    assert str(event.get("DESCRIPTION", "")) == many_lines(description)
    assert str(event.get("LOCATION", "")) == one_line(location)
    other = vobject.readOne(ics.decode()).vevent
    assert other.uid.value == ENTRY.uid and other.summary.value == one_line(title)
    assert other.dtstart.value == START and other.sequence.value == "2"


@given(titles=st.lists(texts, max_size=5), name=texts)
def test_every_feed_comes_back_whole(titles, name):
    entries = [replace(ENTRY, uid=f"uid-{number}", title=title) for number, title in enumerate(titles)]
    ics = publish(entries, name)
    check_lines(ics)
    read_back = icalendar.Calendar.from_ical(ics)
    assert [str(event["SUMMARY"]) for event in read_back.events] == [one_line(title) for title in titles]
    if titles:
        others = vobject.readOne(ics.decode()).vevent_list
        assert [event.uid.value for event in others] == [entry.uid for entry in entries]


def test_entry_of_who_waits_for_a_place_is_tentative_and_has_no_way_in():
    _, event = read(publish([replace(ENTRY, status=EntryStatus.TENTATIVE)]))
    assert (event["STATUS"], event["TRANSP"]) == ("TENTATIVE", "OPAQUE")
    assert event["X-MICROSOFT-CDO-BUSYSTATUS"] == "TENTATIVE" and "CONFERENCE" not in event


def test_texts_are_escaped_as_they_stand():
    """By the octets: a library that reads what it wrote forgives itself."""
    title, escaped = "C:\\New \\n; Nausea, all", b"C:\\\\New \\\\n\\; Nausea\\, all\r\n"
    event = request(replace(ENTRY, title=title, description=title, location=title))
    for name in (b"SUMMARY:", b"DESCRIPTION:", b"LOCATION:"):
        assert name + escaped in event
    feed = publish([ENTRY], title, title)
    for name in (b"NAME:", b"X-WR-CALNAME:", b"DESCRIPTION:", b"X-WR-CALDESC:"):
        assert b"\r\n" + name + escaped in feed


def test_feed_says_what_it_is_in_both_ways_that_calendars_read():
    calendar, _ = read(publish([ENTRY], "Side Effects; all", "What to expect, and when"))
    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == "Side Effects\\; all"
    assert calendar["DESCRIPTION"] == "What to expect, and when"
    assert calendar["X-WR-CALDESC"] == "What to expect\\, and when"
    assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=4) and calendar["X-PUBLISHED-TTL"] == "PT4H"
