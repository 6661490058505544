"""Writing, sending, stopping announcements. Callers open the transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import update

from config import LANGUAGES
from webinars.accounts import audit
from webinars.core.database import db, lock
from webinars.core.errors import Conflict
from webinars.core.text import many_lines, one_line
from webinars.core.zones import resolve
from webinars.mail import outbox
from webinars.mail.models import Message, MessageState
from webinars.notices import announcement_queries as queries
from webinars.notices import wording
from webinars.notices.announcement_rules import STANDINGS, about_of, series_of, zone_of
from webinars.notices.announcements import LASTS
from webinars.notices.kinds import Notice, Reason
from webinars.notices.models import Announcement, AnnouncementState
from webinars.registration.models import Mode
from webinars.schedule.catalogue import refuse_outdated
from webinars.schedule.cleaning import Problems
from webinars.schedule.models import Series, Webinar
from webinars.schedule.rules import version_of

_COLUMNS = ("texts", "audience", "state", "send_at")
_OF_WEBINAR = ("state", "sequence")
_TAKEN_BACK = {"state": MessageState.SUPERSEDED, "last_error": Reason.STOPPED.value}
#: how long a letter waits whose announcement goes on while a worker was putting it away: who stops and resumes in a
#: hurry may do so again
_BREATH = timedelta(seconds=1)
_CHOICES = {"states": tuple(STANDINGS), "modes": tuple(Mode), "languages": LANGUAGES}


def announcement_version(announcement: Announcement) -> str:
    """Fingerprint an announcement; pass it back as ``seen`` to notice that somebody else saved in between."""
    return version_of(announcement, _COLUMNS)


def sending_version(announcement: Announcement) -> str:
    """Fingerprint what staff look at before they let it go out: its words, whom it reaches, its webinar."""
    webinar = announcement.webinar
    return announcement_version(announcement) + (version_of(webinar, _OF_WEBINAR) if webinar else "")


def check_announcement(about: Webinar | Series, fields: Mapping[str, Any]) -> Announcement:
    """Give an announcement as it was typed, which belongs to no session. Raises Problems."""
    mine = {"webinar_id": about.id} if isinstance(about, Webinar) else {"series_id": about.id}
    texts, audience = _checked(fields, whole_series=isinstance(about, Series))
    return Announcement(**mine, texts=texts, audience=audience)


def write_announcement(about: Webinar | Series, fields: Mapping[str, Any], now: datetime) -> Announcement:
    """Write a draft to the registrants of a webinar or a series.

    ``fields``: subject_<language> and body_<language>, states, modes, languages. Raises Problems.
    """
    announcement = Announcement(state=AnnouncementState.DRAFT, created_at=now, updated_at=now, texts={}, audience={})
    if isinstance(about, Webinar):
        announcement.webinar = about
    else:
        announcement.series = about
    announcement.texts, announcement.audience = _checked(fields, whole_series=announcement.webinar is None)
    db.session.add(announcement)
    db.session.flush()
    _record("written", announcement, now, after=_content(announcement))
    return announcement


def edit_announcement(
    announcement: Announcement, fields: Mapping[str, Any], now: datetime, *, seen: str | None = None
) -> None:
    """Change a draft.

    Raises Problems, and Conflict once it is no draft any more or somebody saved after the version ``seen``.
    """
    _ensure_draft(announcement)
    refuse_outdated(announcement_version(announcement), seen)
    before = _content(announcement)
    announcement.texts, announcement.audience = _checked(fields, whole_series=announcement.webinar is None)
    announcement.updated_at = now
    after = _content(announcement)
    changed = [name for name in before | after if before.get(name) != after.get(name)]
    if changed:
        old, new = ({name: content.get(name) for name in changed} for content in (before, after))
        _record("edited", announcement, now, before=old, after=new)


def delete_announcement(announcement: Announcement, now: datetime) -> None:
    """Delete a draft. Raises Conflict once it is none any more."""
    _ensure_draft(announcement)
    _record("deleted", announcement, now, before=_content(announcement))
    db.session.delete(announcement)


def send_now(announcement: Announcement, now: datetime, *, seen: str | None = None) -> None:
    """Let a draft go out at once.

    Raises Conflict when it is none any more, is another one than in the sending version ``seen``, or would reach
    nobody.
    """
    _ensure_seen(announcement, seen)
    if queries.reach(announcement).people == 0:
        raise Conflict(_("Nobody would get it: nobody who is registered belongs to whom you chose."))
    _schedule(announcement, now, now)


def send_later(
    announcement: Announcement,
    local: str | datetime,
    now: datetime,
    *,
    fold: int | None = None,
    seen: str | None = None,
) -> None:
    """Let a draft go out at a wall-clock time of the webinar's or the series' zone.

    Raises Problems, AmbiguousTime for a time that does not exist or exists twice, and Conflict when it is no draft or
    another one than in the sending version ``seen``.
    """
    _ensure_seen(announcement, seen)
    try:
        moment = local if isinstance(local, datetime) else datetime.fromisoformat(local)
    except ValueError:
        raise Problems({"local_start": _("Give the day and the time at which it goes out.")}) from None
    send_at = resolve(moment.replace(tzinfo=None), zone_of(announcement), fold)
    if send_at <= now:
        raise Problems({"local_start": _("This moment has passed. Choose a later one, or send it now.")})
    _schedule(announcement, send_at, now)


def _schedule(announcement: Announcement, send_at: datetime, now: datetime) -> None:
    announcement.state, announcement.send_at, announcement.updated_at = AnnouncementState.SCHEDULED, send_at, now
    _record("scheduled", announcement, now, after={"send_at": send_at})
    outbox.look_soon()


def take_back_planned(webinar: Webinar, now: datetime) -> None:
    """Make what was to go out about a webinar a draft again, since it was called off: nobody wrote it knowing that."""
    for announcement in queries.planned_for(webinar.id):
        _take_back(announcement, now)


def stop(announcement: Announcement, now: datetime) -> None:
    """Take back what waits of an announcement; one whose letters are not written yet becomes a draft again.

    Letters that are being handed over are checked once more when they are made. Raises Conflict when there is nothing
    to stop.
    """
    lock(announcement)
    if announcement.state != AnnouncementState.SCHEDULED:
        raise Conflict(_("It is not on its way."))
    if announcement.written_at is None:
        _take_back(announcement, now)
        return
    if queries.tallies([announcement]).get(announcement.id, queries.Tally()).open == 0:
        raise Conflict(_("It has gone out already."))
    announcement.state = AnnouncementState.STOPPED
    count = _change_letters(announcement, now, {"state": MessageState.PENDING}, _TAKEN_BACK)
    _record("stopped", announcement, now, after={"letters taken back": count})


def resume(announcement: Announcement, now: datetime) -> None:
    """Send a stopped announcement to those who have not got it yet. Raises Conflict when it was not stopped."""
    lock(announcement)
    if announcement.state != AnnouncementState.STOPPED:
        raise Conflict(_("It was not stopped."))
    announcement.state, announcement.updated_at = AnnouncementState.SCHEDULED, now
    count = _change_letters(announcement, None, _TAKEN_BACK, _owed_again(now, now))
    _record("resumed", announcement, now, after={"letters": count})
    outbox.look_soon()


def keep_owed(message: Message, now: datetime) -> None:
    """Owe a letter again that a worker has just put away as stopped, if staff resumed its announcement meanwhile."""
    if message.notice != Notice.ANNOUNCEMENT or message.last_error != Reason.STOPPED:
        return
    if queries.is_stopped(message.mailing_id):
        return
    again = update(Message).where(Message.id == message.id).values(**_owed_again(now + _BREATH, now))
    db.session.execute(again, execution_options={"synchronize_session": False})


def _owed_again(moment: datetime, now: datetime) -> dict[str, Any]:
    return {"state": MessageState.PENDING, "last_error": None, "next_attempt_at": moment, "not_after": now + LASTS}


def _take_back(announcement: Announcement, now: datetime) -> None:
    # When staff last decided on it stays as it was, so that the page tells what became of the webinar since.
    announcement.state, announcement.send_at = AnnouncementState.DRAFT, None
    _record("taken back", announcement, now)


def _change_letters(
    announcement: Announcement, stopped_at: datetime | None, those: Mapping[str, Any], become: Mapping[str, Any]
) -> int:
    """Note on the mailing whether it is stopped, and change letters of it; give how many."""
    mailing = queries.find_mailing(announcement)
    if mailing is None:
        return 0
    mailing.stopped_at = stopped_at
    which = (Message.mailing_id == mailing.id, *(getattr(Message, name) == value for name, value in those.items()))
    change = update(Message).where(*which).values(**become)
    result: Any = db.session.execute(change, execution_options={"synchronize_session": False})
    return int(result.rowcount)


def _ensure_draft(announcement: Announcement) -> None:
    lock(announcement)
    if announcement.state != AnnouncementState.DRAFT:
        raise Conflict(_("It is no draft any more: somebody has let it go out."))


def _ensure_seen(announcement: Announcement, seen: str | None) -> None:
    """Refuse to send what nobody looked at, or what is no draft any more."""
    if announcement.webinar is not None:
        # Calling it off waits until this is planned, and takes it back, or comes first, and is seen here.
        lock(announcement.webinar)
    _ensure_draft(announcement)
    sentence = _(
        "It was not sent: its text, whom it reaches or its webinar was changed since you opened this page. Look at it "
        "as it is now, then send it again."
    )
    refuse_outdated(sending_version(announcement), seen, sentence)


def _checked(fields: Mapping[str, Any], *, whole_series: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give clean (texts, audience); raises Problems."""
    texts, problems = _read_texts(fields, whole_series=whole_series)
    audience = {}
    for name, choices in _CHOICES.items():
        chosen = [choice for choice in choices if choice in (fields.get(name) or ())]
        # Who ticks everything means everybody, also those of a kind that comes later.
        audience[name] = [] if len(chosen) == len(choices) else [str(choice) for choice in chosen]
    if problems:
        raise Problems(problems)
    return texts, audience


def _read_texts(fields: Mapping[str, Any], *, whole_series: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """Give (texts by language, problems by field); a language without words is left out."""
    texts: dict[str, Any] = {}
    problems: dict[str, str] = {}
    finders = {"subject": wording.mistake_in_subject, "body": wording.mistake_in_body}
    for language in LANGUAGES:
        typed = {name: str(fields.get(f"{name}_{language}") or "") for name in finders}
        if not "".join(typed.values()).strip():
            continue
        texts[language] = {"subject": one_line(typed["subject"]), "body": many_lines(typed["body"])}
        for name, find in finders.items():
            allowed = wording.allowed(Notice.ANNOUNCEMENT, in_subject=name == "subject", whole_series=whole_series)
            missing = None if texts[language][name] else _("A letter needs a subject and a text.")
            if sentence := find(typed[name], allowed) or missing:
                problems[f"{name}_{language}"] = sentence
    if not texts:
        problems[f"subject_{LANGUAGES[0]}"] = _("Write a subject and a text in at least one language.")
    return texts, problems


def _content(announcement: Announcement) -> dict[str, Any]:
    texts = {f"{part}_{code}": text for code, parts in announcement.texts.items() for part, text in parts.items()}
    return texts | {name: chosen for name, chosen in announcement.audience.items() if chosen}


def _record(deed: str, announcement: Announcement, now: datetime, **content: Any) -> None:
    note = f"to {about_of(announcement)}, series {series_of(announcement).slug}"
    audit.record(f"announcement {deed}", "announcement", announcement.id, now=now, note=note, **content)
