"""Letters from facts. Nothing here reads the database or the clock."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _

from config import Settings
from webinars.calendars.entries import CANCEL, REQUEST
from webinars.calendars.invitations import Guest, personal_entry
from webinars.calendars.links import webcal
from webinars.calendars.stencils import Own, invitation, marks, stamp_of, stencil_of
from webinars.core.formats import clock, day_and_month, day_and_time, in_zone, when, zone_name
from webinars.core.http import current_settings, discreet_name, site_url_for
from webinars.core.language import current_language, speaking
from webinars.core.text import one_line
from webinars.mail.classes import LEAVABLE
from webinars.mail.letters import CalendarPart, Letter
from webinars.mail.mime import to_address
from webinars.notices import wording
from webinars.notices.facts import Facts, LinkFacts
from webinars.notices.headers import letter_headers
from webinars.notices.kinds import INVITING, TELLING, Notice
from webinars.notices.rendering import Shared, render, render_line, shared
from webinars.notices.starts import Held
from webinars.notices.wording import Wording
from webinars.registration.feed import feed_url
from webinars.registration.links import calendar_url, join_url, leave_url, manage_url, my_url
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.registration.words import held_until, proof_until, state_words
from webinars.schedule.languages import in_language, in_our_language, language_of
from webinars.schedule.models import Webinar, WebinarState

#: the letter of each state, for one that is wanted once more
LETTER_OF_STATE = {
    RegistrationState.CONFIRMED: Notice.CONFIRMATION,
    RegistrationState.OFFERED: Notice.OFFER,
    RegistrationState.WAITLISTED: Notice.WAITLISTED,
    RegistrationState.RECORDING_ONLY: Notice.RECORDING_PLACE,
    RegistrationState.CANCELLED: Notice.OWN_CANCELLATION,
}
#: the words that staff wrote, by series, kind of letter and language
Texts = Mapping[tuple[int, str, str], Wording]
#: letters that tell somebody has no seat
_TAKING = frozenset({
    Notice.WAITLISTED, Notice.OFFER, Notice.OFFER_LAPSED, Notice.RECORDING_PLACE, Notice.OWN_CANCELLATION,
    Notice.CANCELLED,
})  # fmt: skip
_YES = "yes"


class Writer:
    """Writes letters at one instant, each in its reader's language; what they share is worked out once."""

    def __init__(self, now: datetime, texts: Texts | None = None) -> None:
        """Take the instant that the letters speak from, and the words that staff wrote for them."""
        self.now = now
        self._texts = texts or {}
        self._stamp = stamp_of(now)
        self._settings = current_settings()
        self._kept = _kept(now.replace(second=0, microsecond=0), self._settings)
        self._versions: dict[Webinar, tuple[Any, ...]] = {}

    def place_letter(self, notice: Notice, facts: Facts, words: Wording | None = None) -> Letter:
        """Write a letter about one place; an announcement brings its words."""
        registration = facts.registration
        shown = letter_of(registration) if notice is Notice.REPEATED else notice
        method = _method(shown, facts)
        words = words or self._texts.get((facts.series.id, shown, registration.language))
        sender, subject, common, headers = self._common(notice, shown, facts, words, withdrawn=method == CANCEL)
        # Nobody who asked for discretion gets words that staff wrote.
        opening = words if words and words.body and not registration.discreet else None
        leaving = leave_url(registration, notice.mail_class) if notice.mail_class in LEAVABLE else ""
        own = _own_values(facts, leaving, calendar_file=shown in INVITING)
        language = registration.language
        return Letter(
            to_address=registration.email or "",
            sender_name=sender,
            subject=subject,
            text=render(f"{shown.folder}/body.txt", language, common, own, opening),
            html=render(f"{shown.folder}/body.html", language, common, own, opening),
            calendar=self._calendar_part(method, facts, own) if method else None,
            headers=headers,
            leave_url=leaving,
            discreet=registration.discreet,
            told_sequence=facts.webinar.sequence if notice in TELLING else None,
            entry_sequence=registration.sequence if method else None,
            language=language,
        )

    def _common(
        self, notice: Notice, shown: Notice, facts: Facts, words: Wording | None, *, withdrawn: bool
    ) -> tuple[str, str, Shared, tuple[tuple[str, str], ...]]:
        """Give sender, subject, values and headers that letters of a kind to people in the same position share."""
        person, webinar, language = facts.registration, facts.webinar, facts.registration.language
        video = facts.video.slug if facts.video else ""
        key = (
            notice, shown, self._version(webinar), language, person.time_zone, person.discreet, person.state,
            person.mode, withdrawn, video, words, self.now < webinar.ends_at, _has_reminder_ahead(webinar, self.now),
            facts.before,
        )  # fmt: skip
        if key not in self._kept:
            with speaking(language):
                known = _common_values(facts, self.now) | {"withdrawn": _YES if withdrawn else ""}
            known |= _values_of_words(words, facts, self.now) if words else {}
            subject = known.get("subject") or render_line(f"{shown.folder}/subject.txt", language, shared(known))
            headers = letter_headers(notice, webinar, discreet=person.discreet)
            sender = str(known["sender_name"])
            self._kept[key] = sender, subject, shared(known | {"subject": subject}), headers
        kept: tuple[str, str, Shared, tuple[tuple[str, str], ...]] = self._kept[key]
        return kept

    def _calendar_part(self, method: str, facts: Facts, letter: dict[str, str]) -> CalendarPart:
        person = facts.registration
        own = Own(
            uid=person.uid,
            address=to_address(person.email or "").addr_spec,
            name=one_line(facts.name or ""),
            join_url=letter.get("join_url") or join_url(person),
            manage_url=letter["manage_url"],
        )
        by_phone = person.mode == Mode.PHONE
        named = bool(own.name)
        key = (method, self._version(facts.webinar), person.language, person.discreet, person.sequence, by_phone, named)
        if key not in self._kept:
            guest = Guest(sequence=person.sequence, discreet=person.discreet, by_phone=by_phone, **marks(named=named))
            with speaking(person.language):
                entry = personal_entry(facts.webinar, guest, facts.webinar.updated_at)
            self._kept[key] = stencil_of(method, entry)
        return CalendarPart(method, invitation(self._kept[key], own, self._stamp))

    def _version(self, webinar: Webinar) -> tuple[Any, ...]:
        """Name all that a webinar says at one moment of its life; it was read once and stays as it is."""
        if webinar not in self._versions:
            self._versions[webinar] = _version(webinar)
        return self._versions[webinar]

    def link_letter(self, facts: LinkFacts) -> Letter:
        """Write the letter that lists the places of an address; one discreet place makes all of it discreet."""
        latest = facts.registrations[-1]
        discreet = any(registration.discreet for registration in facts.registrations)
        language = latest.language
        several = len(facts.registrations) > 1
        # A discreet letter leads nowhere but to the places themselves.
        whole = "" if discreet else my_url(latest, self.now)
        calendar = "" if discreet else feed_url(latest, facts.feed_version, language)
        with speaking(language):
            values: dict[str, str | list[dict[str, str]]] = {
                **sender_values(discreet),
                "places": [_place_row(registration, facts, discreet) for registration in facts.registrations],
                "several": _YES if several else "",
                "all_url": whole,
                "feed_url": calendar,
                "webcal_url": webcal(calendar) if calendar else "",
            }
        subject = render_line("mail/link/subject.txt", language, ())
        values["subject"] = subject
        return Letter(
            to_address=latest.email or "",
            sender_name=str(values["sender_name"]),
            subject=subject,
            text=render("mail/link/body.txt", language, (), values),
            html=render("mail/link/body.html", language, (), values),
            discreet=discreet,
            language=language,
        )


@lru_cache(maxsize=2)
def _kept(_minute: datetime, _settings: Settings) -> dict[tuple[Any, ...], Any]:
    """Give the room for what letters of one minute share: a mailing is claimed in batches that differ in nobody's zone.

    No zone begins another day within a minute, and a day is the largest thing that letters say of the present.
    """
    return {}


def letter_of(registration: Registration) -> Notice:
    """Give the kind of letter that says where somebody stands."""
    return Notice.PROOF if registration.held else LETTER_OF_STATE[RegistrationState(registration.state)]


def _version(webinar: Webinar) -> tuple[Any, ...]:
    changing = webinar.sequence, webinar.state, webinar.title, webinar.starts_at, webinar.recorded, webinar.updated_at
    return webinar.id, *changing, webinar.series.slug, webinar.series.title, webinar.series.updated_at


def _method(notice: Notice, facts: Facts) -> str:
    """Say whether to give, move or take the calendar entry; a reminder leaves it alone: clients would ask again."""
    if notice in INVITING and facts.seat:
        return REQUEST
    # Whichever letter comes next takes it: the one that was owed for leaving the seat may have failed or be outdated.
    return CANCEL if notice in INVITING | _TAKING and facts.invited else ""


def _own_values(facts: Facts, leaving: str, *, calendar_file: bool) -> dict[str, str]:
    """Say what is one person's own in a letter about a place; an empty text is left out."""
    registration = facts.registration
    manage = manage_url(registration)
    return {
        "name": facts.name or "",
        "for_whom": for_whom(registration, facts.name, facts.shared_address),
        "manage_url": manage,
        "position": str(facts.position or ""),
        "held_until": _held_until(registration),
        "proof_until": _proof_until(registration),
        "join_url": join_url(registration) if facts.seat else "",
        "calendar_url": calendar_url(registration) if facts.seat and calendar_file else "",
        "video_url": manage if registration.discreet else "",
        # The text of a discreet letter leads nowhere but to the place, where letters can be chosen too.
        "leave_url": manage if leaving and registration.discreet else leaving,
    }


def _common_values(facts: Facts, now: datetime) -> dict[str, str]:
    """Say what a letter about a place tells everybody in the same position; an empty text is left out."""
    registration, webinar = facts.registration, facts.webinar
    values = {
        "seat": _YES if facts.seat else "",
        "cancellable": _YES if registration.active and webinar.state == WebinarState.PUBLISHED else "",
        "waiting": _YES if registration.state in {RegistrationState.WAITLISTED, RegistrationState.OFFERED} else "",
        "reminders": _YES if _has_reminder_ahead(webinar, now) else "",
        "recorded": _YES if webinar.recorded else "",
        "survey": _YES if webinar.surveys and now >= webinar.ends_at else "",
        "before": _start_before(facts.before, registration.time_zone),
    }
    if not registration.discreet:
        values |= {"title": webinar.title, "reason": webinar.cancel_reason}
        if webinar.cancel_reason and (told := language_of(webinar, "cancel_reason")) != registration.language:
            values["reason_language"] = told
        if facts.video:
            values["video_url"] = site_url_for("archive.video_page", slug=facts.video.slug)
    return (
        values
        | sender_values(registration.discreet)
        | _time_values(webinar, registration.time_zone, now)
        | _joining_values(facts, now)
    )


def _values_of_words(words: Wording, facts: Facts, now: datetime) -> dict[str, str]:
    """Say what stands in the words of staff for everybody; discreet people get none of them."""
    webinar = facts.webinar
    ahead = webinar.state == WebinarState.PUBLISHED and now < webinar.ends_at
    kind = {"dated": _YES if ahead and not words.whole_series else ""}
    if facts.registration.discreet:
        return kind
    with speaking(words.language):
        known = wording.values(words, in_language(webinar, words.language), facts.registration.time_zone)
    return kind | known | {"subject": wording.subject_of(words, known)}


def sender_name(discreet: bool) -> str:
    """Give the name that letters come from."""
    settings = current_settings()
    return discreet_name() if discreet else settings.mail_sender_name or settings.organization_name


def sender_values(discreet: bool) -> dict[str, str]:
    """Say who writes: a discreet letter names no organisation."""
    if discreet:
        return {"discreet": _YES, "sender_name": sender_name(discreet)}
    return {
        "sender_name": sender_name(discreet),
        "organization_phone": current_settings().organization_phone,
        "home_url": site_url_for("site.home"),
    }


def _time_values(webinar: Webinar, zone: str, now: datetime) -> dict[str, str]:
    """Say the time in the reader's zone, and in the organiser's where its clocks or its name differ."""
    span = webinar.starts_at, webinar.ends_at
    return _times(*span, webinar.time_zone, zone, in_zone(now, zone).date(), current_language())


def _start_before(held: Held | None, zone: str) -> str:
    """Say the start that holds no more; the words in which people remember it need no year and no end."""
    return day_and_time(held.starts_at, zone) if held else ""


@lru_cache(maxsize=1024)
def _times(start: datetime, end: datetime, organiser: str, zone: str, today: date, _language: str) -> dict[str, str]:
    here, there = when(start, end, zone), when(start, end, organiser)
    return {
        "when": here,
        "when_there": there if there != here else "",
        "day": day_and_month(start, zone),
        "moment": moment_in_words(start, zone, today),
    }


def _joining_values(facts: Facts, now: datetime) -> dict[str, str]:
    """Say how to join; only whoever has a seat can, until the end."""
    webinar = facts.webinar
    if not facts.seat or webinar.state != WebinarState.PUBLISHED or now >= webinar.ends_at:
        return {}
    return {
        "phone": webinar.phone_number,
        "pin": webinar.phone_pin if webinar.phone_number else "",
        "by_phone": _YES if facts.registration.mode == Mode.PHONE and webinar.phone_number else "",
    }


def _held_until(registration: Registration) -> str:
    if registration.offered_until is None:
        return ""
    with speaking(registration.language):
        return held_until(registration)


def _proof_until(registration: Registration) -> str:
    if not registration.held:
        return ""
    with speaking(registration.language):
        return proof_until(registration)


def for_whom(registration: Registration, name: str | None, shared_address: bool) -> str:
    """Tell people of one mailbox apart; of an unproven one no more than an initial and a reference is said."""
    if name:
        return name if shared_address else ""
    if not shared_address:
        return ""
    initial, reference = registration.name[:1].upper(), registration.public_id[:4]
    if not initial.isalpha():
        return reference
    with speaking(registration.language):
        return str(_("%(initial)s. (reference %(reference)s)", initial=initial, reference=reference))


def _has_reminder_ahead(webinar: Webinar, now: datetime) -> bool:
    return any(webinar.starts_at - timedelta(minutes=minutes) > now for minutes in webinar.reminder_minutes)


def moment_in_words(moment: datetime, zone: str, today: date) -> str:
    """Say "Today at 1:00 pm Eastern time", "Tomorrow at …", or the day."""
    days = (in_zone(moment, zone).date() - today).days
    time = f"{clock(moment, zone)} {zone_name(zone, moment)}"
    if days == 0:
        return str(_("Today at %(time)s", time=time))
    if days == 1:
        return str(_("Tomorrow at %(time)s", time=time))
    return day_and_time(moment, zone)


def _place_row(registration: Registration, facts: LinkFacts, discreet: bool) -> dict[str, str]:
    webinar = in_our_language(registration.webinar)
    name = registration.name if facts.proven or registration.entered_by_staff else None
    several = len({other.name_key for other in facts.registrations}) > 1
    return {
        "title": "" if discreet else webinar.title,
        "when": when(webinar.starts_at, webinar.ends_at, registration.time_zone),
        "for_whom": for_whom(registration, name, several),
        "state": state_words(registration.state, held=registration.held),
        "manage_url": manage_url(registration),
    }
