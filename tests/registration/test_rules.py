"""Decisions about places."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from webinars.registration import rules
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.registration.rules import Application, Refusal
from webinars.schedule.models import Webinar

HOUR = timedelta(hours=1)


def webinar(**fields):
    defaults = {"state": "published", "starts_at": NOW + HOUR, "ends_at": NOW + 2 * HOUR, "capacity": None,
                "confirmed_count": 0, "offered_count": 0, "waitlisted_count": 0, "waiting_list": True,
                "phone_number": "1-800-555-0142", "recorded": True}  # fmt: skip
    return Webinar(**(defaults | fields))


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        (" ann@example.org ", "ann@example.org"),
        ("mailto:ann@example.org", "ann@example.org"),
        ("MAILTO:ann@example.org?subject=hi", "ann@example.org"),
        ("<ann@example.org>", "ann@example.org"),
        ("ann@example.org.", "ann@example.org"),
        ("ann@example.org,", "ann@example.org"),
        ("ann @example.org", "ann@example.org"),
        ("ann@example.org\u200b", "ann@example.org"),
    ],
)
def test_tidy_address_pasted_with_noise(typed, tidied):
    assert rules.tidy_address(typed) == tidied


def test_email_key_of_one_mailbox_written_in_two_ways():
    first, second = Application("Ann", "Ann@Example.org"), Application("ANN", "ann@example.ORG")
    assert (first.email_key, first.name_key) == (second.email_key, second.name_key)


def test_email_key_of_two_mailboxes_that_differ_in_a_tag():
    assert Application("Ann", "ann+a@example.org").email_key != Application("Ann", "ann+b@example.org").email_key


def test_email_key_of_a_caller_is_the_bare_number():
    assert Application("Ann", None, phone="(800) 555-0142").email_key == "tel:8005550142"


def test_tidy_unknown_zone_and_mode():
    tidied = rules.tidy(
        Application("  Ann \n Lee ", "ann@example.org", time_zone="Mars/Olympus", mode="hologram"), "Europe/Paris"
    )
    assert (tidied.name, tidied.time_zone, tidied.mode) == ("Ann Lee", "Europe/Paris", Mode.LIVE)


def test_tidy_telephone_where_there_is_no_number():
    assert rules.tidy(Application("Ann", "a@example.org", mode="phone"), "UTC", has_phone=False).mode == Mode.LIVE


@pytest.mark.parametrize(
    ("fields", "mode", "expected"),
    [
        ({}, "live", None),
        ({"state": "draft"}, "live", Refusal.NOT_PUBLIC),
        ({"state": "cancelled"}, "recording", Refusal.CANCELLED),
        ({"ends_at": NOW}, "live", Refusal.OVER),
        ({"ends_at": NOW}, "recording", None),
        ({"ends_at": NOW, "recorded": False}, "recording", Refusal.OVER),
        ({"recorded": False}, "recording", Refusal.NOT_RECORDED),
        ({"recorded": False}, "live", None),
        ({"starts_at": NOW - HOUR}, "live", None),
    ],
)
def test_why_closed(fields, mode, expected):
    assert rules.why_closed(webinar(**fields), NOW, mode) is expected


@pytest.mark.parametrize(
    ("fields", "modes"),
    [
        ({}, ["live", "phone", "recording"]),
        ({"phone_number": ""}, ["live", "recording"]),
        ({"recorded": False}, ["live", "phone"]),
    ],
)
def test_ways_of_taking_part_are_those_the_webinar_has(fields, modes):
    assert rules.modes_of(webinar(**fields)) == modes


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"recorded": False}, True),
        ({"ends_at": NOW}, True),
        ({"ends_at": NOW, "recorded": False}, False),
        ({"state": "cancelled"}, False),
        ({"capacity": 1, "confirmed_count": 1, "waiting_list": False}, True),
        ({"capacity": 1, "confirmed_count": 1, "waiting_list": False, "recorded": False}, False),
        ({"capacity": 1, "confirmed_count": 1, "recorded": False}, True),
    ],
)
def test_page_offers_a_form_only_where_it_gives_something(fields, expected):
    assert rules.gives_anything(webinar(**fields), NOW) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"capacity": None}, "confirmed"),
        ({"capacity": 2, "confirmed_count": 1}, "confirmed"),
        ({"capacity": 2, "confirmed_count": 2}, "waitlisted"),
        ({"capacity": 2, "confirmed_count": 1, "offered_count": 1}, "waitlisted"),
        ({"capacity": 2, "confirmed_count": 1, "waitlisted_count": 1}, "waitlisted"),
        ({"capacity": 2, "confirmed_count": 2, "waiting_list": False}, None),
        ({"capacity": 0}, "waitlisted"),
    ],
)
def test_newcomer_state(fields, expected):
    assert rules.newcomer_state(webinar(**fields)) == expected
    assert rules.newcomer_state(webinar(**fields), "recording") == "recording-only"


def test_may_undo_within_a_day_and_while_the_webinar_is_ahead():
    place = Registration(
        state=RegistrationState.CANCELLED, state_since=NOW, mode="live", webinar=webinar(ends_at=NOW + 100 * HOUR)
    )
    assert rules.may_undo(place, NOW + 23 * HOUR)
    assert not rules.may_undo(place, NOW + 25 * HOUR)
    place.webinar.ends_at = NOW + HOUR
    assert not rules.may_undo(place, NOW + HOUR)
