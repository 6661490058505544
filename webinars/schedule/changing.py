"""What every change of a webinar sets off, by whatever deed: its end, SEQUENCE, the audit trail, the announcement."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from webinars.accounts import audit
from webinars.core.database import db
from webinars.schedule import events, rules
from webinars.schedule.catalogue import change, trail
from webinars.schedule.cleaning import Values
from webinars.schedule.models import Series, Speaker, Webinar, WebinarSpeaker, WebinarState
from webinars.schedule.rules import Effect

#: never written to the audit trail, which many may read
_SECRET = frozenset({"join_url", "phone_pin"})


def apply(webinar: Webinar, values: Values) -> Values:
    """Set what differs; returns the values it had before, by name."""
    before = change(webinar, values)
    if "starts_at" in before or "duration_minutes" in before:
        set_end(webinar)
    return before


def set_end(webinar: Webinar) -> None:
    """Derive the end."""
    webinar.ends_at = webinar.starts_at + timedelta(minutes=webinar.duration_minutes)


def assign_speakers(webinar: Webinar, speakers: Iterable[Speaker]) -> None:
    """Put speakers on a webinar in this order, keeping the rows that stay."""
    places = {place.speaker_id: place for place in webinar.speaker_places}
    chosen = []
    for position, speaker in enumerate(speakers):
        place = places.get(speaker.id) or WebinarSpeaker(speaker_id=speaker.id, speaker=speaker)
        place.position = position
        chosen.append(place)
    webinar.speaker_places = chosen


def settle_change(webinar: Webinar, before: Values, now: datetime, action: str) -> None:
    """Count the change, write it to the audit trail and announce what follows from it."""
    retitled = rules.retitled(webinar, before)
    effect = rules.effect_of((before.keys() - {"title"}) | ({"title"} if retitled else set()))
    revision = rules.revision_after(webinar, effect, now)
    counted = revision.sequence > webinar.sequence
    if counted:
        # The trail tells which start each SEQUENCE had: who was told of one may hold the right time all the same.
        before = {**before, "sequence": webinar.sequence}
    webinar.sequence, webinar.start_sequence = revision.sequence, revision.start_sequence
    if effect is Effect.MOVED:
        webinar.start_set_at = now
    webinar.updated_at = now
    db.session.flush()
    if before:
        told, after = trail(webinar, before, _told)
        audit.record(action, "webinar", webinar.id, before=told, after=after, now=now)
    if counted:
        if effect is Effect.MOVED:
            events.webinar_moved.send(webinar, now=now)
        else:
            events.webinar_changed.send(webinar, now=now, readers=rules.readers_concerned(before, retitled))
    if webinar.state == WebinarState.PUBLISHED and not {"capacity", "waiting_list"}.isdisjoint(before):
        events.capacity_changed.send(webinar, now=now)


def _told(name: str, value: Any) -> Any:
    if name in _SECRET and value:
        return "…"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Series):
        return value.slug
    return value
