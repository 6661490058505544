"""What the public page of a webinar shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webinars.core.formats import rfc3339
from webinars.core.http import current_settings, site_url_for
from webinars.registration.models import RegistrationState
from webinars.registration.rules import newcomer_state
from webinars.schedule.models import Speaker, Webinar
from webinars.schedule.portraits import portrait_of
from webinars.schedule.rules import Phase, phase


@dataclass(frozen=True)
class Standing:
    """How a webinar stands, as a chip says it."""

    text: str
    kind: str | None


#: from this share of free places on the number is worth telling
FEW_PLACES = 150


def standing(webinar: Webinar, now: datetime) -> Standing | None:
    """Say how a webinar stands in a word or two; None when there is nothing special."""
    stage = phase(webinar, now)
    if stage == Phase.CANCELLED:
        return Standing(_("Cancelled"), "live")
    if stage == Phase.LIVE:
        return Standing(_("Live now"), "live")
    if stage == Phase.ENDED:
        return Standing(_("This webinar is over"), "plain")
    if stage == Phase.DRAFT:
        return Standing(_("Draft, not public"), "sun")
    return _places(webinar)


def _places(webinar: Webinar) -> Standing | None:
    left = webinar.places_left
    if left is None or left > FEW_PLACES:
        return None
    if left == 0 or webinar.waitlisted_count:
        return Standing(_("Waiting list") if webinar.waiting_list else _("Full"), "sun")
    return Standing(ngettext("%(num)d place left", "%(num)d places left", left), "sun" if left <= 20 else None)


def waiting_words(webinar: Webinar) -> str:
    """Say that all places are taken, and how many people wait for one."""
    number = webinar.waitlisted_count
    if not number:
        return _("All places are taken, and nobody waits yet.")
    return ngettext(
        "All places are taken. %(num)d person is waiting.", "All places are taken. %(num)d people are waiting.", number
    )


def offer(webinar: Webinar, is_open: bool, short: bool = False) -> str:
    """Say what the form of a webinar gives to somebody who comes now: the words of its button."""
    state = newcomer_state(webinar) if is_open else None
    if state == RegistrationState.CONFIRMED:
        return _("Register") if short else _("Save my place")
    if state == RegistrationState.WAITLISTED:
        return _("Join the waiting list")
    return _("Get the recording") if webinar.recorded else _("See the webinar")


def event_data(webinar: Webinar) -> dict[str, Any]:
    """Describe the webinar for search engines (schema.org Event); no join link, that is personal."""
    page = site_url_for("site.webinar", slug=webinar.slug)
    status = "EventCancelled" if webinar.state == "cancelled" else "EventScheduled"
    return {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": webinar.title,
        "description": webinar.summary,
        "startDate": rfc3339(webinar.starts_at, webinar.time_zone),
        "endDate": rfc3339(webinar.ends_at, webinar.time_zone),
        "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode",
        "eventStatus": f"https://schema.org/{status}",
        "isAccessibleForFree": True,
        "inLanguage": webinar.language,
        "location": {"@type": "VirtualLocation", "url": page},
        "organizer": {
            "@type": "Organization",
            "name": current_settings().organization_name,
            "url": current_settings().site_url,
        },
        "performer": [_person(speaker) for speaker in webinar.speakers],
        "offers": {"@type": "Offer", "price": "0", "priceCurrency": "USD", "url": page},
        "url": page,
    }


def _person(speaker: Speaker) -> dict[str, str]:
    person, portrait = {"@type": "Person", "name": speaker.name}, portrait_of(speaker)
    return person | {"image": current_settings().site_url + portrait.source} if portrait else person
