"""The letter that lists the dates of a series for which somebody registered at once.

It brings no calendar entry: a client reads one per letter (RFC 6047 section 2.4), so that each date has its own.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from webinars.core.database import reading
from webinars.core.formats import when
from webinars.core.language import speaking
from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import MessageState
from webinars.notices.facts import Facts
from webinars.notices.headers import letter_headers
from webinars.notices.kinds import Notice, Reason
from webinars.notices.letters import for_whom, sender_values
from webinars.notices.rendering import render, render_line, shared
from webinars.registration import queries
from webinars.registration.dates import of_person
from webinars.registration.links import manage_url
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.words import state_words
from webinars.schedule.languages import in_our_language
from webinars.schedule.models import Webinar, WebinarState

#: what is said once of all places in a state
_SAID = {
    "invited": RegistrationState.CONFIRMED,
    "waits": RegistrationState.WAITLISTED,
    "recorded": RegistrationState.RECORDING_ONLY,
}


def write(found: Facts | None, now: datetime) -> Letter | NotSent:
    """Write it from where the person stands now, given the facts of one of the dates; reads the others."""
    if found is None:
        return NotSent(Reason.GONE)
    if found.bounced:
        return NotSent(Reason.BOUNCED, MessageState.FAILED)
    one = found.registration
    theirs = of_person(one.webinar.series_id, one.email_key, one.name_key)
    told = theirs.where(Webinar.state == WebinarState.PUBLISHED, Webinar.ends_at > now, queries.NOT_HELD)
    with reading() as session:
        places = list(session.scalars(told))
        positions = queries.positions(places)
    return dates_letter(found, places, positions) if places else NotSent(Reason.STATE_CHANGED)


def dates_letter(found: Facts, places: Sequence[Registration], positions: Mapping[int, int]) -> Letter:
    """Write the letter to a person about all their places in a series, in order of time."""
    person = found.registration
    language, folder = person.language, Notice.DATES.folder
    # One discreet place makes all of it discreet.
    discreet = any(place.discreet for place in places)
    with speaking(language):
        values: dict[str, str | list[dict[str, str]]] = {
            **sender_values(discreet),
            "series": "" if discreet else found.series.title,
            "name": found.name or "",
            "for_whom": for_whom(person, found.name, found.shared_address),
            **{flag: "yes" for flag, state in _SAID.items() if any(place.state == state for place in places)},
            "places": [_row(place, positions, discreet) for place in places],
        }
    subject = render_line(f"{folder}/subject.txt", language, shared({"series": values["series"]}))
    values["subject"] = subject
    return Letter(
        to_address=person.email or "",
        sender_name=str(values["sender_name"]),
        subject=subject,
        text=render(f"{folder}/body.txt", language, (), values),
        html=render(f"{folder}/body.html", language, (), values),
        headers=letter_headers(Notice.DATES, found.webinar, discreet=discreet),
        discreet=discreet,
        language=language,
    )


def _row(place: Registration, positions: Mapping[int, int], discreet: bool) -> dict[str, str]:
    webinar = in_our_language(place.webinar)
    return {
        "title": "" if discreet else webinar.title,
        "when": when(webinar.starts_at, webinar.ends_at, place.time_zone),
        "state": state_words(place.state, positions.get(place.id)),
        "manage_url": manage_url(place),
    }
