"""Pages that say what a person will receive, and when, in their own time."""

from datetime import datetime
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from config import LANGUAGES
from webinars.core.clock import utc_now
from webinars.core.errors import NotFound
from webinars.core.formats import zone_choices
from webinars.core.http import current_settings
from webinars.core.zones import is_zone
from webinars.notices.staff_pages import staff_pages
from webinars.notices.timeline import Prospect, newcomer, newcomers_timeline, timeline
from webinars.notices.timeline_queries import find_prospect
from webinars.notices.timeline_words import CHIPS, item_name, item_words, quiet_words
from webinars.registration import queries, words
from webinars.registration.models import Mode
from webinars.registration.rules import modes_of
from webinars.schedule.forms import language_names
from webinars.schedule.models import Webinar
from webinars.schedule.queries import get_webinar

_WORDS = {"chips": CHIPS, "item_name": item_name, "item_words": item_words, "quiet_words": quiet_words}


@staff_pages.get("/registrations/<public_id>/timeline")
def timeline_of_person(public_id: str) -> str:
    """Show what a registration has received and will receive."""
    place, now = queries.find_by_public_id(public_id), utc_now()
    if place is None:
        raise NotFound(_("There is no such registration."))
    prospect = find_prospect(place, current_settings().quiet_hours)
    return _page("timeline.html", prospect, now, items=timeline(prospect, now), languages=language_names())


@staff_pages.get("/webinars/<slug>/timeline")
def timeline_of_newcomer(slug: str) -> str:
    """Show what somebody would receive who registers now, also for a draft: as if it were published now."""
    webinar, now = get_webinar(slug), utc_now()
    asked = _asked(webinar)
    prospect = newcomer(webinar, now, current_settings().quiet_hours, **asked)
    items = newcomers_timeline(prospect, now) if prospect else []
    shown = {"webinar": webinar, "items": items, "asked": asked} | _choices(webinar, now)
    return _page("timeline_newcomer.html", prospect, now, **shown)


def _asked(webinar: Webinar) -> dict[str, str]:
    """Read for whom the timeline is wanted; what means nothing is read as somebody like the organiser."""
    zone, language, mode = (request.args.get(name, "") for name in ("zone", "language", "mode"))
    return {
        "zone": zone if is_zone(zone) else webinar.time_zone,
        "language": next((code for code in (language, webinar.language) if code in LANGUAGES), LANGUAGES[0]),
        "mode": mode if mode in set(modes_of(webinar)) else Mode.LIVE.value,
    }


def _choices(webinar: Webinar, now: datetime) -> dict[str, Any]:
    return {
        "zones": zone_choices(now, [webinar.time_zone]),
        "languages": language_names(),
        "modes": {mode.value: words.mode_words(mode) for mode in modes_of(webinar)},
    }


def _page(template: str, prospect: Prospect | None, now: datetime, **values: Any) -> str:
    place = prospect.facts.registration if prospect else None
    shown: dict[str, Any] = {
        "now": now,
        "registration": place,
        "quiet": current_settings().quiet_hours,
        "state_words": words.state_words,
        "standing": words.standing,
    }
    if place is not None:
        shown |= {"webinar": place.webinar, "zone": place.time_zone}
    return render_template(f"notices_staff/{template}", **shown | values, **_WORDS)
