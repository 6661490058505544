"""The rules for calendar objects and their methods (RFC 5545, 5546, 7986), one by one, on real letters.

Read by a strict reader of our own test support, and by two libraries where these have an opinion.
"""

import re
import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

import icalendar
import pytest
import vobject

from tests.calendars.world import NASTY
from tests.factories import NOW
from tests.support.calendar_client import CalendarClient, read
from webinars.core.database import db, transaction
from webinars.core.zones import AmbiguousTime
from webinars.mail.limits import note_proven
from webinars.notices.facts import address_key
from webinars.registration import service
from webinars.registration.calendar import file_of
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar
from webinars.schedule.service import cancel_webinar

HOUR = timedelta(hours=1)


# --- 1. every calendar object ---------------------------------------------------------------------------------------


def test_rule_1_lines_end_crlf_fold_at_75_octets_and_never_inside_a_character(both):
    for post in both:
        assert read(post.ics)
    long = [line for line in both[0].ics.split(b"\r\n") if line.startswith(b" ")]
    assert long, "the title needs folding, or this proves nothing"


def test_rule_2_version_program_and_scale_stand_there_once(both):
    for post in both:
        calendar = post.calendar
        assert calendar.one("VERSION").value == "2.0" and calendar.one("PRODID").value
        assert [one.value for one in calendar.all("CALSCALE")] in ([], ["GREGORIAN"])


def test_rule_3_texts_are_escaped_once_and_hold_no_html(confirmation):
    event = confirmation.event
    assert event.text("SUMMARY") == NASTY
    assert "What a trial asks;\nand gives, maybe" in event.text("DESCRIPTION")
    written = event.one("SUMMARY").value
    assert "\\;" in written and "\\," in written and "\\\\" in written
    assert '\\"' not in written and "\\:" not in written and "&amp;" not in written
    other = vobject.readOne(confirmation.ics.decode()).vevent
    assert other.summary.value == NASTY == str(icalendar.Calendar.from_ical(confirmation.ics).events[0]["SUMMARY"])


def test_rule_4_parameters_are_quoted_and_quotes_in_them_encoded(world):
    name = 'Ann "Nita" Lee; RN: x, ^2'
    with transaction():
        note_proven(address_key("ann@example.org"), NOW)
    world.register(name, email="ann@example.org")
    post = world.letter()
    assert post.event.one("ATTENDEE").parameters["CN"] == [name]
    assert b"^'Nita^'" in post.ics.replace(b"\r\n ", b"") and b"^^2" in post.ics.replace(b"\r\n ", b"")


def test_rule_5_uid_is_random_stays_for_life_and_is_nobody_elses(world):
    world.register("Alice")
    world.register("Bob", email="alice@example.org")
    first, second = world.letters()
    world.move(1)
    moved = world.letters()
    uids = [post.event.one("UID").value for post in (first, second)]
    assert {post.event.one("UID").value for post in moved} == set(uids) and uids[0] != uids[1]
    public = db.session.get_one(Webinar, world.webinar_id).uid
    assert public not in uids and all(uuid.UUID(uid).version == 4 for uid in uids)


def test_rule_6_stamp_is_the_moment_of_the_message_and_each_is_newer(world):
    place = world.register()
    stamps = []
    for deed in (
        lambda: None,
        lambda: world.move(1),
        lambda: world.edit(title="Another"),
        lambda: world.to(place, service.cancel),
    ):
        deed()
        stamps.append(world.letter().event.one("DTSTAMP").instant)
        assert stamps[-1] == world.now
    assert stamps == sorted(set(stamps))


def test_rule_7_last_change_is_utc(confirmation):
    assert confirmation.event.one("LAST-MODIFIED").instant <= confirmation.event.one("DTSTAMP").instant


CHANGES = {
    "start": lambda world: world.move(2),
    "zone": lambda world: world.edit(time_zone="America/Chicago"),
    "length": lambda world: world.edit(duration_minutes=90),
    "title": lambda world: world.edit(title="Another title"),
    "room": lambda world: world.edit(join_url="https://meet.example.org/other"),
    "telephone": lambda world: world.edit(phone_number="1-800-555-0199"),
    "pin": lambda world: world.edit(phone_pin="9999"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_rule_8_sequence_grows_by_one_with_every_change_of_time_length_title_or_joining(world, change):
    world.register()
    assert world.letter().sequence == 0
    CHANGES[change](world)
    post = world.letter()
    assert (post.sequence, post.calendar.one("METHOD").value) == (1, "REQUEST")


@pytest.mark.parametrize(
    "fields", [{"summary": "Other words"}, {"description": "Other words"}, {"access_text": "Captions"}]
)
def test_rule_8_wording_alone_sends_no_letter_and_counts_nothing(world, fields):
    place = world.register()
    world.letter()
    world.edit(**fields)
    assert world.letters() == []
    world.to(place, service.resend, by="staff")
    assert world.letters() == [], "not within five minutes"
    world.now += HOUR
    world.to(place, service.resend, by="staff")
    assert world.letter().sequence == 0


def test_rule_8_sequence_never_goes_back_not_even_by_undoing(world):
    place, seen = world.register(), []
    deeds = [
        lambda: world.to(place, service.cancel),
        lambda: world.to(place, service.undo_cancel),
        lambda: world.move(1),
        lambda: world.move(-1),
        lambda: world.to(place, service.change_mode, mode="recording"),
        lambda: world.to(place, service.change_mode, mode="live"),
        lambda: world.do(lambda: cancel_webinar(db.session.get_one(Webinar, world.webinar_id), "", world.now)),
    ]
    seen.append(world.letter().sequence)
    for deed in deeds:
        deed()
        seen += [post.sequence for post in world.letters() if post.letter.calendar]
    assert len(seen) >= 7 and seen == sorted(set(seen))


def test_rule_9_times_are_instants_with_an_end_after_the_start(both):
    for post in both:
        event = post.event
        assert event.one("DTSTART").instant < event.one("DTEND").instant
        assert not event.all("DURATION")


def test_rules_10_and_11_a_single_event_in_utc_names_no_zone(both):
    for post in both:
        assert [part.name for part in post.calendar.parts] == ["VEVENT"], "no VTIMEZONE"
        assert all("TZID" not in one.parameters for one in post.event.properties)
        assert not post.event.all("RRULE")


def test_rule_12_time_that_does_not_exist_is_refused_and_a_doubled_one_asked_for(world):
    with pytest.raises(AmbiguousTime):
        world.edit(local_start="2027-03-14T02:30", time_zone="America/New_York")
    with pytest.raises(AmbiguousTime):
        world.edit(local_start="2027-11-07T01:30", time_zone="America/New_York")
    world.register()
    world.letter()
    world.edit(local_start="2027-11-07T01:30", time_zone="America/New_York", fold=1)
    assert world.letter().event.one("DTSTART").instant == datetime(2027, 11, 7, 6, 30, tzinfo=UTC)


def test_rule_13_no_zone_is_named_in_other_ways(both):
    for post in both:
        assert b"X-WR-TIMEZONE" not in post.ics and b"X-LIC-LOCATION" not in post.ics


def test_rule_14_status_and_busy_time_are_those_of_an_appointment(both):
    invited, withdrawn = (post.event for post in both)
    assert (invited.one("STATUS").value, withdrawn.one("STATUS").value) == ("CONFIRMED", "CANCELLED")
    assert (invited.one("TRANSP").value, withdrawn.one("TRANSP").value) == ("OPAQUE", "TRANSPARENT")
    assert invited.one("CLASS").value == withdrawn.one("CLASS").value == "PUBLIC"


def test_rule_15_way_in_stands_where_each_calendar_looks_and_the_page_under_url(confirmation):
    event = confirmation.event
    conference = event.one("CONFERENCE")
    assert conference.parameters["VALUE"] == ["URI"] and conference.parameters["FEATURE"] == ["VIDEO", "AUDIO"]
    assert conference.parameters["LABEL"] == [NASTY]
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/r/[^/]+/join", conference.value)
    assert conference.value == event.text("LOCATION") and conference.value in event.text("DESCRIPTION")
    assert event.one("URL").value.startswith("http://127.0.0.1:8000/webinars/")


def test_rule_15_personal_way_in_is_in_nothing_that_everybody_may_fetch(world, client):
    world.register()
    webinar = db.session.get_one(Webinar, world.webinar_id)
    for address in (f"/webinars/{webinar.slug}/calendar.ics", "/calendar.ics", "/series/side-effects/calendar.ics"):
        entries = client.get(address).text.replace("\r\n ", "")
        assert "BEGIN:VEVENT" in entries and "/r/" not in entries


def test_rules_16_and_17_no_colours_pictures_or_html(both):
    for post in both:
        names = {one.name for one in (*post.calendar.properties, *post.event.properties)}
        assert not names & {"COLOR", "IMAGE", "X-ALT-DESC", "STYLED-DESCRIPTION", "ATTACH"}


def test_rule_18_no_alarms(both):
    for post in both:
        assert not post.event.parts


# --- 2. methods -----------------------------------------------------------------------------------------------------


def test_methods_hold_what_they_must_and_no_more(world, both):
    invited, withdrawn = both
    for post, method in ((invited, "REQUEST"), (withdrawn, "CANCEL")):
        assert post.calendar.one("METHOD").value == post.letter.calendar.method == method
        for name in ("UID", "DTSTAMP", "ORGANIZER", "ATTENDEE", "SEQUENCE", "DTSTART", "STATUS"):
            post.event.one(name)
        assert len(post.event.all("SUMMARY")) <= 1
    assert not withdrawn.event.all("DESCRIPTION") and not withdrawn.event.all("LOCATION")
    assert not withdrawn.event.all("CONFERENCE"), "what is over has no way in"


def test_file_from_the_page_is_published_and_names_nobody(world, confirmation):
    calendar = read(file_of(db.session.get_one(Registration, 1), world.now))
    assert calendar.one("METHOD").value == "PUBLISH"
    [event] = calendar.parts
    assert not event.all("ATTENDEE") and event.one("ORGANIZER")
    assert event.one("UID").value == confirmation.event.one("UID").value, "no second entry"


def test_rules_19_and_20_one_appointment_in_one_object(both):
    for post in both:
        assert post.ics.count(b"BEGIN:VEVENT") == post.ics.count(b"BEGIN:VCALENDAR") == 1


def test_rule_21_withdrawal_goes_to_the_one_who_leaves_and_names_nobody_else(world):
    alice, _bob = world.register("Alice"), world.register("Bob")
    world.letters()
    world.to(alice, partial(service.cancel, by="staff"))
    post = world.letter()
    assert (post.letter.to_address, post.calendar.one("METHOD").value) == ("alice@example.org", "CANCEL")
    assert post.event.one("ATTENDEE").value == "mailto:alice@example.org" and b"bob" not in post.ics


def test_rule_22_move_is_an_update_of_the_same_event(world):
    world.register()
    before = world.letter()
    world.move(3)
    after = world.letter()
    for name in ("UID", "ORGANIZER"):
        assert before.event.one(name).value == after.event.one(name).value
    assert after.calendar.one("METHOD").value == "REQUEST" and after.sequence == before.sequence + 1
    assert after.event.one("DTSTART").instant - before.event.one("DTSTART").instant == 3 * HOUR


def test_rule_23_every_message_is_newer_to_a_calendar_than_the_one_before(world):
    place, calendar = world.register(), CalendarClient("alice@example.org")
    for deed in (
        lambda: None,
        lambda: world.move(1),
        lambda: world.to(place, service.cancel),
        lambda: world.to(place, service.undo_cancel),
    ):
        deed()
        assert calendar.take(world.letter().ics), "a calendar would ignore it as processed already"
    [held] = calendar.entries.values()
    assert not calendar.take(held.ics), "as it does with the same one again"


def test_rule_24_organiser_is_the_same_string_for_everybody_in_every_message(world):
    alice = world.register("Alice")
    world.register("Bob", discreet=True, language="es")
    found = world.letters()
    world.move(1)
    world.to(alice, service.cancel)
    found += world.letters()
    organizers = {
        (one.value, str(one.parameters))
        for post in found
        if post.letter.calendar
        for one in post.event.all("ORGANIZER")
    }
    assert organizers == {("mailto:webinars@harbor.example", "{}")}
