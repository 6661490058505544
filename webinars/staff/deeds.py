"""How the audit trail reads for people: what was done, to which thing, and what it changed."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.differences import pieces
from webinars.core.formats import clock, short_date, zone_label
from webinars.core.http import visitor_zone
from webinars.core.language import language_name
from webinars.core.organization.table import RETENTION as RETENTION_PREFIX
from webinars.core.organization.table import SETTINGS
from webinars.core.zones import is_zone
from webinars.registration.words import mode_words, state_words
from webinars.schedule.rules import format_reminders, parse_reminders
from webinars.schedule.team_views import PARTS
from webinars.site.retention import RETENTION
from webinars.staff import queries
from webinars.staff.readiness.words import TITLES

_LONGEST = 160
#: texts longer than this are told apart word by word
_LONG = 60
#: where the page of a thing is: endpoint, and the name of its key there
_PAGES = {
    "webinar": ("staff.webinar", "slug"),
    "series": ("schedule_staff.series_edit", "slug"),
    "topic": ("schedule_staff.topic_edit", "slug"),
    "news item": ("schedule_staff.news_edit", "slug"),
    "speaker": ("schedule_staff.speaker_edit", "speaker_id"),
    "video": ("archive_staff.video", "slug"),
    "picture": ("archive_staff.picture", "picture_id"),
    "registration": ("registration_staff.person", "public_id"),
}
#: in the words of the trail, so that who searches for them finds them
_DEEDS = {
    "access arranged": _l("Access need arranged"),
    "access open again": _l("Access need open again"),
    "address corrected": _l("Address corrected"),
    "all sign-ins ended": _l("Signed out everywhere"),
    "announcement deleted": _l("Announcement deleted"),
    "announcement edited": _l("Announcement edited"),
    "announcement resumed": _l("Announcement resumed"),
    "announcement scheduled": _l("Announcement scheduled"),
    "announcement stopped": _l("Announcement stopped"),
    "announcement taken back": _l("Announcement taken back"),
    "announcement written": _l("Announcement written"),
    "captions removed": _l("Captions removed"),
    "captions set": _l("Captions set"),
    "change taken back": _l("Change taken back"),
    "chapters set": _l("Chapters set"),
    "digests chosen": _l("Letters about own webinars chosen"),
    "held place confirmed": _l("Held place confirmed"),
    "letter sent again": _l("Letter sent again"),
    "letter tried again": _l("Letter tried again"),
    "letter words changed": _l("Letter words changed"),
    "letter words taken back": _l("Letter words taken back"),
    "mail held": _l("Mail held"),
    "mail released": _l("Mail released"),
    "message dealt with": _l("Message dealt with"),
    "news item created": _l("News item created"),
    "news item deleted": _l("News item deleted"),
    "news item edited": _l("News item edited"),
    "offered place taken": _l("Offered place taken"),
    "other sign-ins ended": _l("Signed out on all other devices"),
    "passkey added": _l("Passkey added"),
    "passkey removed": _l("Passkey removed"),
    "password set": _l("Password set"),
    "picture added": _l("Picture added"),
    "picture deleted": _l("Picture deleted"),
    "picture edited": _l("Picture edited"),
    "portrait removed": _l("Portrait removed"),
    "portrait set": _l("Portrait set"),
    "question added": _l("Question added"),
    "question asked again": _l("Question asked again"),
    "question deleted": _l("Question deleted"),
    "question edited": _l("Question edited"),
    "question moved": _l("Question moved"),
    "question retired": _l("Question taken off the form"),
    "recording tried again": _l("Recording tried again"),
    "recovery code used": _l("Recovery code used"),
    "recovery codes removed": _l("Recovery codes removed"),
    "recovery codes made": _l("Recovery codes made"),
    "registration cancelled": _l("Registration cancelled"),
    "registration edited": _l("Registration edited"),
    "registration entered": _l("Registration entered"),
    "registration erased": _l("Registration erased"),
    "registration looked at": _l("Registration looked at"),
    "registration restored": _l("Registration restored"),
    "registrations exported": _l("Registrations exported"),
    "registrations imported": _l("Registrations imported"),
    "registration swapped": _l("Another date taken instead"),
    "second factor removed": _l("Code app removed"),
    "second factor reset": _l("Second factor taken away"),
    "second factor set up": _l("Code app set up"),
    "report made": _l("Report made"),
    "series created": _l("Series created"),
    "series edited": _l("Series edited"),
    "sign-in ended": _l("Signed out on another device"),
    "settings changed": _l("Settings changed"),
    "signed in": _l("Signed in"),
    "speaker created": _l("Speaker created"),
    "speaker deleted": _l("Speaker deleted"),
    "speaker edited": _l("Speaker edited"),
    "step added": _l("Step added"),
    "step not needed": _l("Step not needed"),
    "step open again": _l("Step open again"),
    "step removed": _l("Step taken off the list"),
    "step ticked": _l("Step ticked"),
    "team changed": _l("Team changed"),
    "token added": _l("Token added"),
    "token revoked": _l("Token revoked"),
    "told by telephone": _l("Told by telephone"),
    "topic created": _l("Topic created"),
    "topic edited": _l("Topic edited"),
    "user added": _l("User added"),
    "user changed": _l("User changed"),
    "user deactivated": _l("User deactivated"),
    "user reactivated": _l("User reactivated"),
    "video created": _l("Video created"),
    "video edited": _l("Video edited"),
    "video published": _l("Video published"),
    "video withdrawn": _l("Video withdrawn"),
    "note of a withdrawal written": _l("Note of a withdrawal written"),
    "video reviewed": _l("Video reviewed"),
    "paper added": _l("Slides, handout or link added"),
    "paper removed": _l("Slides, handout or link removed"),
    "answer written": _l("Written answer saved"),
    "answer removed": _l("Written answer removed"),
    "release noted": _l("Speaker’s release noted"),
    "waiting letters tried again": _l("Waiting letters tried again"),
    "wave let in": _l("Wave of sign-ups let in"),
    "wave removed": _l("Wave of sign-ups removed"),
    "webinar cancelled": _l("Webinar cancelled"),
    "webinar created": _l("Webinar created"),
    "webinar deleted": _l("Webinar deleted"),
    "webinar duplicated": _l("Webinar duplicated"),
    "webinar edited": _l("Webinar edited"),
    "webinar followed its series": _l("Webinar changed with its series"),
    "webinar moved": _l("Webinar moved"),
    "webinar moved by new zone rules": _l("Webinar moved by new zone rules"),
    "webinar published": _l("Webinar published"),
}
_FIELDS: dict[str, Any] = {
    "access_days": _l("Days you need to arrange captions, an interpreter and the like"),
    "access_text": _l("Captions and interpretation"),
    "asks_access": _l("Ask what somebody needs to take part"),
    "asks_role": _l("Ask who somebody is"),
    "bio": _l("About the speaker"),
    "picture_words": _l("What the picture shows"),
    "portrait": _l("Portrait"),
    "body": _l("Text"),
    "cancel_reason": _l("Reason"),
    "capacity": _l("Places"),
    "chapters": _l("Chapters"),
    "codes_left": _l("Codes left"),
    "columns": _l("Columns"),
    "confirmed": _l("Confirmed"),
    "companions": _l("Others on the same form"),
    "cues": _l("Lines"),
    "day_before": _l("Letter the day before"),
    "days": _l("Days from the start"),
    "description": _l("Description"),
    "duration_minutes": _l("Length in minutes"),
    "email": _l("Email"),
    "entry": _l("Number of the entry"),
    "follows": _l("As the series"),
    "form": _l("Kind of file"),
    "from": _l("Copied from"),
    "period": _l("Period"),
    "interests": _l("Declared interests"),
    "join_url": _l("Join link"),
    "language": _l("Language"),
    "local_start": _l("Start"),
    "languages": _l("Language of their letters"),
    "letters": _l("Letters"),
    "letters_in": _l("Language of their letters"),
    "modes": _l("How they take part"),
    "name": _l("Name"),
    "offer_hours": _l("Freed places are held, hours"),
    "passkey": _l("Passkey"),
    "phone_number": _l("Phone number"),
    "phone_pin": _l("PIN"),
    "reason": _l("Reason"),
    "recorded": _l("It is recorded"),
    "registrations": _l("Registrations"),
    "recording_only": _l("Recording"),
    "reminders": _l("Reminders"),
    "role": _l("Role"),
    "require_proof": _l("Places are held until the address is proven"),
    "rows": _l("Rows"),
    "said": _l("State"),
    "slug": _l("Address of the page"),
    "sponsor_text": _l("Who pays for it"),
    "state": _l("State"),
    "states": _l("Where they stand"),
    "step": _l("Step"),
    "summary": _l("Summary"),
    "time_zone": _l("Time zone"),
    "title": _l("Title"),
    "waiting_list": _l("Waiting list"),
    "waitlisted": _l("Waiting"),
    "weekly": _l("Letter on Monday"),
}
_SAID = {"open": _l("to do"), "done": _l("done"), "not needed": _l("not needed")}
_FIELDS |= {part.value: words for part, words in PARTS.items()}
_FIELDS |= {setting.field: setting.label for setting in SETTINGS if setting.field not in _FIELDS}
_FIELDS |= {RETENTION_PREFIX + kept.name: kept.label or kept.what for kept in RETENTION if kept.name}
#: derived from others that stand there too, or counted for calendars alone
_LEFT_OUT = frozenset(
    {"fold", "starts_at", "ends_at", "sequence", "start_sequence", "key", "seen", "said_by", "said_at"}
)


@dataclass(frozen=True)
class Change:
    """What one field held before and holds now; None where the trail does not say."""

    field: str
    before: str | None
    after: str | None
    #: of long texts instead: (what became of it, words), what stayed cut short
    pieces: list[tuple[str, str]] | None = None


@dataclass(frozen=True)
class Deed:
    """One entry of the audit trail in words."""

    words: str
    #: who did it, where that is no member of staff
    actor: str
    #: of the thing it was done to, as it is called today; the name it had when it is gone
    thing: str
    url: str | None
    changes: list[Change]


def actions_named(words: str) -> list[str]:
    """Give the deeds that read like some words in the language spoken now, as the trail has them."""
    folded = words.casefold()
    return [action for action, label in _DEEDS.items() if folded in str(label).casefold()]


def in_words(entries: Iterable[AuditEntry]) -> dict[int, Deed]:
    """Say entries of the audit trail in words, by their ids (a query for each kind of thing at most)."""
    entries = list(entries)
    known = _known_things(entries)
    return {entry.id: _deed(entry, known.get((entry.object_kind, entry.object_id))) for entry in entries}


def _known_things(entries: list[AuditEntry]) -> dict[tuple[str, str], queries.Thing]:
    kinds: dict[str, set[str]] = {}
    for entry in entries:
        kinds.setdefault(entry.object_kind, set()).add(entry.object_id)
    return {(kind, number): thing for kind, ids in kinds.items() for number, thing in queries.things(kind, ids).items()}


def _deed(entry: AuditEntry, thing: queries.Thing | None) -> Deed:
    words = _DEEDS.get(entry.action)
    return Deed(
        words=str(words) if words else entry.action[:1].upper() + entry.action[1:],
        actor=_actor_words(entry.actor),
        thing=thing.name if thing else _last_name(entry),
        url=_page(entry.object_kind, thing) if thing else None,
        changes=_changes(entry.before or {}, entry.after or {}),
    )


def _page(kind: str, thing: queries.Thing) -> str | None:
    endpoint, key = _PAGES.get(kind, ("", ""))
    found: dict[str, Any] = {key: thing.key}
    return url_for(endpoint, **found) if endpoint else None


def _actor_words(actor: str) -> str:
    kind, _colon, number = actor.partition(":")
    words = {"system": _("The service itself"), "api": _("A program (key %(number)s)", number=number)}
    return words.get(kind, actor)


def _last_name(entry: AuditEntry) -> str:
    for values in (entry.before or {}, entry.after or {}):
        for name in ("title", "name"):
            if values.get(name):
                return str(values[name])
    return _("number %(number)s", number=entry.object_id) if entry.object_id.isdecimal() else ""


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    names = [name for name in dict.fromkeys((*before, *after)) if name not in _LEFT_OUT]
    return [_change(name, before, after) for name in names]


def _change(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    old, new = before.get(name), after.get(name)
    if isinstance(old, str) and isinstance(new, str) and max(len(old), len(new)) > _LONG:
        return Change(_field_words(name), None, None, pieces(old, new))
    return Change(
        _field_words(name),
        # What stayed says which of several it was.
        _value_words(name, old) if name in before and old != new else None,
        _value_words(name, new) if name in after else None,
    )


def _field_words(name: str) -> str:
    field, _bracket, language = name.partition(" (")
    words = str(_FIELDS.get(field) or field.replace("_", " ").capitalize())
    return f"{words} ({language_name(language.rstrip(')'))})" if language else words


def _value_words(name: str, value: Any) -> str:
    if name == "reminders" and not value:
        return _("as the series") if value is None else _("none")
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    reader = _READERS.get(name, _words_of)
    if isinstance(value, list) and name not in _OF_LISTS:
        return ", ".join(_value_words(name, one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{_field_words(key)}: {_value_words(key, one)}" for key, one in value.items())
    try:
        text = reader(value)
    except (TypeError, ValueError):
        text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _words_of(value: Any) -> str:
    """Say what no reader is named for: an instant, a day or a zone as people do."""
    text = str(value)
    for reader in (lambda given: short_date(date.fromisoformat(given)), _moment):
        if _ISO.match(text):
            with suppress(ValueError):
                return reader(text)
    return _zone(text) if "/" in text else text


def _moment(value: str) -> str:
    """Say an instant, or a wall-clock time as it is."""
    moment = datetime.fromisoformat(value)
    zone = visitor_zone() if moment.tzinfo else None
    return f"{short_date(moment, zone)}, {clock(moment, zone)}"


def _reminders(value: str | list[int]) -> str:
    """Say reminders, those of the settings too, which are kept as text."""
    return format_reminders(parse_reminders(value) if isinstance(value, str) else value)


def _zone(value: str) -> str:
    return zone_label(value, utc_now()) if is_zone(value) else value


_ISO = re.compile(r"\d{4}-\d\d-\d\d")
#: fields that are read as a whole list
_OF_LISTS = frozenset({"reminders", "follows"})
_READERS: dict[str, Callable[[Any], str]] = {
    "local_start": _moment,
    "language": language_name,
    "languages": language_name,
    "letters_in": language_name,
    "modes": lambda value: str(mode_words(value)),
    "states": lambda value: str(state_words(value)),
    "said": lambda value: str(_SAID.get(value, value)),
    "step": lambda value: str(TITLES.get(value, value)),
    "time_zone": _zone,
    "reminders": _reminders,
    "follows": lambda names: ", ".join(_field_words(name) for name in names),
}
