"""Invitations by mail (RFC 6047), and what calendars must show: zones, discretion, addresses; rule by rule."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from dateutil import tz

from tests.calendars.world import NASTY
from tests.support.calendar_client import CalendarClient
from webinars.core.database import db
from webinars.registration import corrections, service
from webinars.registration.models import Registration

HOUR = timedelta(hours=1)
#: zones with half and quarter hours, with unusual clock changes, and on the other side of the date line
ODD_ZONES = (
    "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "America/Nuuk", "Europe/Dublin",
    "Pacific/Chatham", "America/St_Johns", "Asia/Tehran", "Pacific/Kiritimati",
)  # fmt: skip


# --- 3. invitations to many -----------------------------------------------------------------------------------------


def test_rules_25_and_26_registered_people_get_an_invitation_each_with_one_attendee(world):
    for name in ("Alice", "Bob"):
        world.register(name)
    letters = world.letters()
    assert len(letters) == 2
    for post in letters:
        assert post.calendar.one("METHOD").value == "REQUEST"
        assert post.event.one("ATTENDEE").value == f"mailto:{post.letter.to_address}"


def test_rule_27_nobody_is_asked_for_an_answer_that_thousands_would_send(confirmation):
    attendee = confirmation.event.one("ATTENDEE").parameters
    assert (attendee["RSVP"], attendee["PARTSTAT"], attendee["ROLE"]) == (["FALSE"], ["ACCEPTED"], ["REQ-PARTICIPANT"])
    assert confirmation.event.one("X-MICROSOFT-DISALLOW-COUNTER").value == "TRUE"


def test_rule_28_organiser_is_not_the_one_who_is_invited_not_even_for_staff(world):
    world.register("Speaker", email="speaker@harbor.example")
    event = world.letter().event
    assert event.one("ORGANIZER").value != event.one("ATTENDEE").value


def test_rule_29_organiser_is_of_the_domain_that_the_letter_is_from(confirmation):
    sender = confirmation.message["From"].addresses[0]
    assert confirmation.event.one("ORGANIZER").value.endswith(f"@{sender.domain}")


@pytest.mark.parametrize(
    "address",
    ["ann+news@example.org", "Ann.Lee@Example.ORG", "o'neil@example.org", "ann@bücher.example", "a%b@example.org"],
)
def test_rule_30_attendee_is_the_address_that_the_letter_goes_to(world, address):
    world.register("Ann", email=address)
    post = world.letter()
    to = post.message["To"].addresses[0].addr_spec
    attendee = post.event.one("ATTENDEE").value.removeprefix("mailto:")
    assert attendee.replace("%25", "%").lower() == to.lower()


def test_rule_31_calendars_of_microsoft_show_the_time_as_taken(both):
    assert [post.event.one("X-MICROSOFT-CDO-BUSYSTATUS").value for post in both] == ["BUSY", "FREE"]


# --- 4. by mail -----------------------------------------------------------------------------------------------------


def test_rules_32_to_35_calendar_part_stands_last_and_once_more_as_a_file(both):
    for post in both:
        message = post.message
        assert message.get_content_type() == "multipart/mixed"
        alternative, file = message.iter_parts()
        assert [part.get_content_type() for part in alternative.iter_parts()] == [
            "text/plain",
            "text/html",
            "text/calendar",
        ]
        part = list(alternative.iter_parts())[-1]
        assert part.get_content_disposition() is None
        assert part.get_param("method") == post.calendar.one("METHOD").value and part.get_param("charset") == "utf-8"
        assert file.get_content_type() == "application/ics" and file.get_param("method") is None
        assert file.get_filename() == "invite.ics" and file.get_content_disposition() == "attachment"
        assert part["Content-Transfer-Encoding"] == file["Content-Transfer-Encoding"] == "base64"
        assert part.get_payload(decode=True) == file.get_payload(decode=True) == post.ics


def test_rule_36_texts_alone_say_what_when_where_and_how_to_cancel(confirmation):
    manage = re.compile(r"http://127\.0\.0\.1:8000/r/[^/\s\"]+(?=[\s\"<])")
    for kind in ("plain", "html"):
        part = confirmation.message.get_body(preferencelist=(kind,))
        assert part is not None
        text = part.get_content().replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"')
        assert NASTY in text and "Wednesday 2 December 2026" in text and "Eastern time" in text
        assert "/join" in text and manage.search(text)


def test_rule_36_discreet_texts_say_the_same_with_a_neutral_title(world):
    world.register(discreet=True)
    text = world.letter().message.get_body(preferencelist=("plain",)).get_content()
    assert "Immuno" not in text and "Wednesday 2 December 2026" in text and "/join" in text


def test_rules_37_to_40_clients_that_obey_add_move_and_remove_one_entry(world):
    place, calendar = world.register(), CalendarClient("alice@example.org")
    calendar.take(world.letter().ics)
    [entry] = calendar.entries.values()
    assert entry.title == "Immunotherapy & Side Effects"
    world.move(1)
    calendar.take(world.letter().ics)
    [moved] = calendar.entries.values()
    assert moved.start - entry.start == HOUR
    world.to(place, service.cancel)
    calendar.take(world.letter().ics)
    assert calendar.entries == {}


# --- clocks and zones -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ODD_ZONES)
@pytest.mark.parametrize("local", ["2027-03-27T12:00", "2027-03-29T12:00", "2027-10-30T09:15", "2027-11-08T09:15"])
def test_webinar_of_any_zone_stands_at_its_instant_on_both_sides_of_a_clock_change(world, zone, local):
    world.register(time_zone="Asia/Kathmandu")
    world.letter()
    world.edit(local_start=local, time_zone=zone)
    event = world.letter().event
    expected = datetime.fromisoformat(local).replace(tzinfo=tz.gettz(zone)).astimezone(UTC)
    assert event.one("DTSTART").instant == expected
    assert event.one("DTEND").instant - expected == HOUR, "an hour is an hour, whatever the clocks do"


def test_webinar_across_a_clock_change_lasts_as_long_as_it_says(world):
    world.edit(local_start="2027-03-14T01:30", time_zone="America/New_York", duration_minutes=90)
    world.register()
    event = world.letter().event
    assert (event.one("DTSTART").instant, event.one("DTEND").instant) == (
        datetime(2027, 3, 14, 6, 30, tzinfo=UTC), datetime(2027, 3, 14, 8, tzinfo=UTC),
    )  # fmt: skip


# --- language -------------------------------------------------------------------------------------------------------


def test_entry_is_in_the_language_chosen_since_from_the_next_change_on(world):
    place, calendar = world.register(), CalendarClient("alice@example.org")
    world.edit(translations={"es": {"title": "Qué esperar"}})
    first = world.letter()
    calendar.take(first.ics)
    for language, title in (("es", "Qué esperar"), ("en", "Immunotherapy & Side Effects")):
        details = corrections.Details("Alice", "America/New_York", False, language)
        world.to(place, lambda one, now: corrections.edit_details(one, details, now))  # noqa: B023
        assert world.letters() == [], "nothing is sent because of it"
        world.move(1 if language == "es" else 2)
        post = world.letter()
        assert post.letter.language == language and calendar.take(post.ics), "the same entry, newer"
        [entry] = calendar.entries.values()
        assert entry.title == title and post.event.one("UID").value == first.event.one("UID").value
    world.edit(translations={"es": {"title": "Otro título"}})
    assert world.letters() == [], "who reads English again is told of no Spanish title"
    world.edit(title="Another title")
    assert world.letter().event.one("SUMMARY").value == "Another title"


# --- discretion -----------------------------------------------------------------------------------------------------


def detail(place_id: int, discreet: bool) -> corrections.Details:
    place = db.session.get_one(Registration, place_id)
    return corrections.Details(place.name, place.time_zone, discreet)


def test_discretion_switched_on_later_overwrites_all_that_named_the_subject_and_off_again_brings_it_back(world):
    place, calendar = world.register(), CalendarClient("alice@example.org")
    first = world.letter()
    calendar.take(first.ics)
    for turn, discreet in enumerate((True, False), start=1):
        world.to(place, lambda one, now: corrections.edit_details(one, detail(one.id, discreet), now))  # noqa: B023
        post = world.letter()
        assert post.sequence == first.sequence + turn and calendar.take(post.ics)
        [entry] = calendar.entries.values()
        event = entry.event
        if discreet:
            assert entry.title == "Your appointment" and event.one("CLASS").value == "PRIVATE"
            for name in ("SUMMARY", "DESCRIPTION", "LOCATION", "URL"):
                assert not re.search(r"immuno|side|effect|expect|webinars/|harbor", event.one(name).value, re.I), name
            assert event.one("CONFERENCE").parameters["LABEL"] == ["Your appointment"]
            readable = post.content.decode() + post.ics.decode()
            assert not re.search(r"immuno|List-Id|Side Effects", readable, re.I)
            assert [part.get_filename() for part in post.message.walk() if part.get_filename()] == ["invite.ics"]
        else:
            assert entry.title == "Immunotherapy & Side Effects" and event.one("CLASS").value == "PUBLIC"


def test_withdrawal_of_a_discreet_entry_is_as_discreet(world):
    place = world.register(discreet=True)
    world.letter()
    world.to(place, service.cancel)
    post = world.letter()
    assert post.event.text("SUMMARY") == "Your appointment"
    assert not re.search(rb"immuno|webinars/|harbor cancer", post.ics.replace(b"\r\n ", b""), re.I)


# --- addresses ------------------------------------------------------------------------------------------------------


def test_corrected_address_gets_an_invitation_above_all_that_went_to_the_wrong_one(world):
    place = world.register(email="alcie@example.org")
    wrong = world.letter()
    world.to(place, lambda one, now: corrections.correct_address(one, "alice@example.org", now))
    right = world.letter()
    assert right.letter.to_address == "alice@example.org" and right.event.one("ATTENDEE").value.endswith(
        "alice@example.org"
    )
    assert right.event.one("UID").value == wrong.event.one("UID").value and right.sequence > wrong.sequence
    world.move(1)
    assert [post.letter.to_address for post in world.letters()] == ["alice@example.org"], "nothing goes to strangers"
    both = CalendarClient("alcie@example.org")
    both.take(wrong.ics)
    both.address = "alice@example.org"
    assert both.take(right.ics) and len(both.entries) == 1, "two mailboxes of one calendar show one entry"


def test_two_people_of_one_mailbox_have_an_entry_each_that_moves_and_goes_by_itself(world):
    home = CalendarClient("home@example.org")
    alice, _bob = world.register("Alice", email="home@example.org"), world.register("Bob", email="home@example.org")
    for post in world.letters():
        home.take(post.ics)
    assert len(home.entries) == 2
    world.to(alice, service.cancel)
    home.take(world.letter().ics)
    [left] = home.entries.values()
    assert left.event.one("UID").value == db.session.get_one(Registration, 2).uid
