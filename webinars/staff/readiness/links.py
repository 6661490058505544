"""Where the action beside a step leads: exactly there."""

from typing import Any

from flask import current_app, url_for

from webinars.accounts.gate import staff_may
from webinars.core.audience import audience_of
from webinars.schedule.languages import further_languages, told_languages
from webinars.schedule.models import Webinar
from webinars.staff.readiness.rules import Facts, Item

#: step → endpoint that takes the webinar's slug, and the place on its page
_PAGES = {
    "questions": ("registration_staff.webinar_questions", None),
    "announced": ("schedule_staff.webinar_publish", None),
    "captioner": ("schedule_staff.webinar_edit", "access_text"),
    "join": ("schedule_staff.webinar_joining", "join_url"),
    "phone": ("schedule_staff.webinar_joining", "phone_number"),
    "access": ("registration_staff.access_needs", None),
    "slides": ("notices_staff.announcement_to_webinar", None),
    "follow-up": ("notices_staff.announcement_to_webinar", None),
}
#: the same of the recording
_OF_RECORDING = {
    "recording": ("archive_staff.video", "recording"),
    "releases": ("archive_staff.video_standing", "releases"),
    "captions": ("archive_staff.video", "captions-part"),
    "video": ("archive_staff.video_publish", None),
}


def action_url(item: Item, facts: Facts) -> str:
    """Give the address where a step is done; empty where there is none, or none that whoever is signed in may enter."""
    webinar = facts.webinar
    if item.key == "join-tested":
        return webinar.join_url
    endpoint, values = _target(item.key, facts)
    if not endpoint:
        return ""
    audience = audience_of(current_app._get_current_object(), endpoint)  # type: ignore[attr-defined]
    return url_for(endpoint, **values) if staff_may(audience.name) else ""


def _target(key: str, facts: Facts) -> tuple[str, dict[str, Any]]:
    webinar = facts.webinar
    if key in _PAGES:
        endpoint, place = _PAGES[key]
        return endpoint, {"slug": webinar.slug, "_anchor": place}
    if key in _OF_RECORDING:
        return _recording(key, facts)
    if key == "texts":
        missing = [one for one in further_languages(webinar) if one not in told_languages(webinar)]
        language = next(iter(missing), "")
        return "schedule_staff.texts" if language else "", {
            "kind": "webinars", "slug": webinar.slug, "language": language,
        }  # fmt: skip
    others = {
        "speakers": _speakers(webinar),
        "sponsor": ("schedule_staff.series_edit", {"slug": webinar.series.slug, "_anchor": "sponsor_text"}),
        "letters": ("notices_staff.letter_list", {"slug": webinar.series.slug}),
        "mail": ("notices_staff.delivery", {"_anchor": f"webinar-{webinar.id}"}),
    }
    return others.get(key, ("", {}))


def _recording(key: str, facts: Facts) -> tuple[str, dict[str, Any]]:
    if facts.recording is None:
        return "archive_staff.video_new", {"webinar": facts.webinar.slug}
    endpoint, place = _OF_RECORDING[key]
    return endpoint, {"slug": facts.recording.slug, "_anchor": place}


def _speakers(webinar: Webinar) -> tuple[str, dict[str, Any]]:
    silent = next((one for one in webinar.speakers if not one.interests), None)
    if silent is None:
        return "schedule_staff.webinar_edit", {"slug": webinar.slug, "_anchor": "speakers"}
    return "schedule_staff.speaker_edit", {"speaker_id": silent.id, "_anchor": "interests"}
