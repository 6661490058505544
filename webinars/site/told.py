"""Everything held about an address, said for the person it is about: on a page, and as a file for programs.

Both come from one reading (webinars.site.privacy.held). What a table holds beside this is left out by name, so that a
column that comes later is shown until somebody says that it means nothing to people.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinars.core.formats import clock, long_date, rfc3339, zone_label, zone_name
from webinars.core.language import language_name
from webinars.mail.models import InboundKind, MessageState
from webinars.registration import words
from webinars.registration.mail_choices import CLASSES
from webinars.registration.questions.words import role_words

#: keys, counters and copies of what is shown anyway
_INTERNAL = frozenset({
    "id", "webinar_id", "registration_id", "name_key", "email_key", "address_key", "key", "line_number", "uid",
    "sequence_offset", "told_sequence", "entry_sequence", "entry_withdrawn", "state_changes", "link_version",
    "subject", "occasion", "about", "mailing_id", "payload", "lane", "attempts", "next_attempt_at",
    "not_after", "claim_token", "secret", "lease_until", "message_id", "reference", "digest", "outcome", "actor",
    "object_kind", "object_id", "before", "after", "webinar", "attendance", "letters", "came_back", "answers", "party",
    "answers_to_programs",
})  # fmt: skip
#: column → its name in the file, where the column's own says little
_NAMES = {
    "public_id": "reference",
    "mode": "takes_part",
    "partstat": "calendar_answered",
    "partstat_at": "calendar_answered_at",
    "created_at": "written_at",
    "state_since": "in_this_state_since",
    "answered_at": "last_letter_asked_at",
    "suspicious": "marked_for_a_look",
    "proven_at": "shown_to_be_yours_at",
    "bounced_at": "takes_no_mail_since",
    "bounce_words": "what_the_server_said",
    "soft_bounces": "letters_that_came_back",
    "soft_since": "letters_came_back_since",
    "feed_version": "calendar_address",
    "notice": "letter",
    "last_error": "what_became_of_it",
    "mail_class": "letters",
    "action": "deed",
    "client_key": "network_code",
    "access_met_at": "access_arranged_at",
    "surveyed_at": "said_how_it_was_at",
    "title": "subject",
}
#: name in the file → what it is called on the page
_LABELS = {
    "reference": _l("Reference"),
    "name": _l("Name"),
    "email": _l("Email address"),
    "phone": _l("Telephone number"),
    "state": _l("State"),
    "takes_part": _l("Takes part"),
    "offered_until": _l("A place is held until"),
    "proof_until": _l("Held until you press the button in our letter, at the latest"),
    "letters_from": _l("Letters wait until"),
    "network_code": _l("Network the form came from, as a code"),
    "role": _l("Who you are"),
    "access_needs": _l("What you need to take part"),
    "access_arranged_at": _l("Arranged on"),
    "said_how_it_was_at": _l("You said how it was on"),
    "time_zone": _l("Time zone"),
    "language": _l("Language"),
    "discreet": _l("Discreet letters"),
    "question": _l("Question for the speakers"),
    "calendar_answered": _l("Your calendar answered"),
    "calendar_answered_at": _l("Your calendar answered on"),
    "registered_at": _l("Registered"),
    "written_at": _l("Written down"),
    "in_this_state_since": _l("In this state since"),
    "last_letter_asked_at": _l("A letter was last asked for"),
    "entered_by_staff": _l("Entered by staff"),
    "marked_for_a_look": _l("Marked for staff to look at"),
    "shown_to_be_yours_at": _l("Shown to be yours"),
    "everywhere": _l("For all places ahead"),
    "takes_no_mail_since": _l("Takes no mail since"),
    "what_the_server_said": _l("What the mail server said"),
    "letters_that_came_back": _l("Letters that came back"),
    "letters_came_back_since": _l("Letters came back since"),
    "calendar_address": _l("Has a calendar address of its own"),
    "letter": _l("Letter"),
    "sent_at": _l("Sent"),
    "what_became_of_it": _l("What became of it"),
    "joined_at": _l("You pressed Join"),
    "via": _l("How"),
    "kind": _l("What it was"),
    "received_at": _l("Arrived"),
    "sender": _l("From"),
    "subject": _l("Subject"),
    "text": _l("Beginning of the text"),
    "handled_at": _l("Dealt with"),
    "letters": _l("Letters you stopped"),
    "series": _l("Series"),
    "at": _l("When"),
    "deed": _l("What was done"),
    "note": _l("Note"),
    "roles": _l("Roles"),
}
_DEEDS = {
    "address corrected": _l("Address corrected"),
    "held place confirmed": _l("Held place confirmed by staff"),
    "letter sent again": _l("Letter sent again"),
    "offered place taken": _l("Offered place taken"),
    "registration cancelled": _l("Registration cancelled"),
    "registration edited": _l("Registration edited"),
    "registration entered": _l("Registration entered"),
    "registration looked at": _l("Registration looked at"),
    "registration restored": _l("Registration restored"),
    "registration swapped": _l("Another date taken instead"),
    "told by telephone": _l("Told by telephone"),
}
_KINDS = {
    InboundKind.CALENDAR_REPLY: _l("An answer of your calendar"),
    InboundKind.BOUNCE: _l("A letter of ours that came back"),
    InboundKind.DELAY: _l("A letter of ours that is delayed"),
    InboundKind.COMPLAINT: _l("A complaint about a letter of ours"),
    InboundKind.UNSUBSCRIBE: _l("Letters stopped by mail"),
    InboundKind.AUTOMATIC: _l("An automatic answer"),
    InboundKind.LETTER: _l("A letter to us"),
}
_OWN_LETTERS = {
    "new-address": _l("Question whether an address is yours"),
    "address-changed": _l("Note to your former address"),
    "offer": _l("A place is held for you"),
    "proof": _l("Please confirm by button"),
    "recording-place": _l("You will get the recording"),
}


@dataclass(frozen=True)
class Entry:
    """One thing that is held: its title, if it needs one, and its facts as (label, text)."""

    title: str
    facts: list[tuple[str, str]]


@dataclass(frozen=True)
class Group:
    """What is held of one kind."""

    title: str
    entries: list[Entry]


def as_file(held: dict[str, Any]) -> dict[str, Any]:
    """Lay out what is held for a file: readable names, instants as ISO 8601 in UTC, nothing empty."""
    laid_out = {
        "address": held["address"],
        "mailbox": _plain_all(held["mailbox"]),
        "places": [_place_in_file(place) for place in held["registrations"]],
        "changes_of_address": _plain_all(held["changes_of_address"]),
        "rows_of_lists_that_staff_read_in": [_cells(row) for row in held["on_lists"]],
        "other_letters": _plain_all(held["letters_without_registration"]),
        "letters_stopped": _plain_all(held["letters_left"]),
        "other_letters_that_came_from_you": _plain_all(held["came_back_without_registration"]),
        "what_staff_did": _plain_all(held["what_staff_did"]),
        "staff_account": held["staff_account"],
    }
    return {name: value for name, value in laid_out.items() if value}


def _place_in_file(place: dict[str, Any]) -> dict[str, Any]:
    webinar = place["webinar"]
    around = {
        "answers": place["answers"],
        "joined": _plain_all(place["attendance"]),
        "letters": _plain_all(place["letters"]),
        "came_from_you": _plain_all(place["came_back"]),
        "told_to_programs_at": [rfc3339(moment) for moment in place["answers_to_programs"]],
    }
    about = {"webinar": {"title": webinar["title"], "starts_at": rfc3339(webinar["starts_at"])}}
    return about | _plain(place) | {name: value for name, value in around.items() if value}


def _cells(row: dict[str, Any]) -> list[str]:
    return [str(cell) for cell in row["written"].get("cells", ()) if str(cell).strip()]


def _plain_all(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_plain(row) for row in rows]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in _facts(row):
        found[name] = rfc3339(value) if isinstance(value, datetime) else value
    return found


def _facts(row: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Give what a row says to people: no keys, nothing empty."""
    for column, value in row.items():
        if column in _INTERNAL or value is None or value == "":
            continue
        name = "registered_at" if column == "created_at" and "public_id" in row else _NAMES.get(column, column)
        yield name, value > 0 if column == "feed_version" else value


def in_words(held: dict[str, Any]) -> list[Group]:
    """Say what is held in plain words, in the groups of a page."""
    places = held["registrations"]
    zone = places[-1]["time_zone"] if places else None
    entries = {
        _("Your address"): [Entry("", [(_("Email address"), held["address"])]), *_entries(held["mailbox"], zone)],
        _("A change of address that waits for its button"): _entries(held["changes_of_address"], zone),
        _("Your places"): [_place_in_words(place) for place in places],
        _("On a list that staff are reading in"): [
            Entry("", [(_("Row"), " · ".join(_cells(row)))]) for row in held["on_lists"]
        ],
        _("Letters about your places"): [
            one for place in places for one in _entries(place["letters"], place["time_zone"], place["webinar"]["title"])
        ],
        _("Other letters"): _entries(held["letters_without_registration"], zone),
        _("Letters you stopped"): _entries(held["letters_left"], zone),
        _("What came to us from your address"): _entries(
            [*(one for place in places for one in place["came_back"]), *held["came_back_without_registration"]], zone
        ),
        _("What staff did"): _entries(held["what_staff_did"], zone),
        _("Your staff account"): _entries([held["staff_account"]] if held["staff_account"] else [], zone),
    }
    return [Group(title, found) for title, found in entries.items() if found]


def _place_in_words(place: dict[str, Any]) -> Entry:
    zone, webinar = place["time_zone"], place["webinar"]
    facts = [(_("When"), _moment(webinar["starts_at"], zone)), *_said(place, zone)]
    facts += [(one["question"], one["answer"]) for one in place["answers"]]
    for joined in place["attendance"]:
        facts += _said(joined, zone)
    told = [_moment(moment, zone) for moment in place["answers_to_programs"]]
    return Entry(webinar["title"], facts + ([(_("Told to a program of ours"), ", ".join(told))] if told else []))


def _entries(rows: Iterable[dict[str, Any]], zone: str | None, title: str = "") -> list[Entry]:
    return [Entry(title, _said(row, zone)) for row in rows]


def _said(row: dict[str, Any], zone: str | None) -> list[tuple[str, str]]:
    return [(str(_LABELS.get(name, name)), _value(name, value, zone, row)) for name, value in _facts(row)]


def _value(name: str, value: Any, zone: str | None, row: dict[str, Any]) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return _moment(value, zone)
    reader = _READERS.get(name)
    return reader(value, row) if reader else ", ".join(value) if isinstance(value, list) else str(value)


def _moment(value: datetime, zone: str | None) -> str:
    zone = zone or "UTC"
    return f"{long_date(value, zone)}, {clock(value, zone)} {zone_name(zone, value)}"


def _state(value: str, row: dict[str, Any]) -> str:
    if "notice" in row:
        return str(words.LETTER_STATES[MessageState(value)])
    return words.state_words(value)


#: name in the file → how its value reads; ``row`` is what it stands in
_READERS: dict[str, Callable[[Any, dict[str, Any]], str]] = {
    "state": _state,
    "takes_part": lambda value, _row: words.mode_words(value),
    "role": lambda value, _row: role_words(value),
    "language": lambda value, _row: language_name(value),
    "time_zone": lambda value, row: zone_label(value, row["created_at"]),
    "calendar_answered": lambda value, _row: words.answer_words(value) or str(value),
    "letter": lambda value, _row: str(_OWN_LETTERS.get(value) or words.letter_words(value)),
    "letters": lambda value, _row: str(CLASSES.get(value, value)),
    "kind": lambda value, _row: str(_KINDS[InboundKind(value)]),
    "deed": lambda value, _row: str(_DEEDS.get(value, value)),
}
