"""Writing where a video stands: reviews, aged advice, the speakers' releases, withdrawal with a forwarding note."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.archive import queries, rules, service
from webinars.archive.freshness import newer_chain
from webinars.archive.models import Video, VideoSpeaker, VideoState
from webinars.archive.world_models import Standing
from webinars.core.database import db, lock
from webinars.core.errors import NotFound, UserError
from webinars.schedule.catalogue import refuse_outdated
from webinars.schedule.cleaning import Problems, Reader, day, flag, line, lines, read_all
from webinars.schedule.rules import fingerprint, version_of

#: what the forms about it are filled from; what was never noted is as good as empty
_VERSIONED = ("reviewed_on", "reviewed_by", "advice_aged", "newer_id", "withdrawn_because")


def standing_version(video: Video) -> str:
    """Fingerprint where a video stands; pass it back as ``seen`` to notice that somebody else saved."""
    return fingerprint([getattr(video.standing, name, None) or None for name in _VERSIONED])


def set_standing(video: Video, fields: Mapping[str, Any], now: datetime, *, seen: str | None = None) -> Standing:
    """Note who reviewed a video when, whether its advice has aged, and the newer talk.

    Raises Problems, and Conflict when somebody saved after the version ``seen``.
    """
    readers: dict[str, Reader] = {
        "reviewed_on": _past_day(now), "reviewed_by": line(200), "advice_aged": flag, "newer": _newer_than(video),
    }  # fmt: skip
    values = read_all(fields, readers)
    if values.get("reviewed_on") and not values.get("reviewed_by"):
        raise Problems({"reviewed_by": _("Say who looked at it, such as “Dr Joyce Okafor”.")})
    if values.get("reviewed_by") and not values.get("reviewed_on"):
        raise Problems({"reviewed_on": _("Say on which day they looked at it.")})
    standing = _standing_of(video, seen)
    standing.reviewed_on, standing.reviewed_by = values.get("reviewed_on"), values.get("reviewed_by", "")
    standing.advice_aged, standing.newer = values.get("advice_aged", False), values.get("newer")
    video.updated_at = now
    db.session.flush()
    after = {"reviewed": str(standing.reviewed_on), "aged": standing.advice_aged, "newer": _slug(standing.newer)}
    audit.record("video reviewed", "video", video.id, after=after, now=now)
    return standing


def place_of(video: Video, speaker_id: int) -> VideoSpeaker:
    """Give what is noted of a speaker in a video. Raises NotFound."""
    place = next((one for one in video.speaker_places if one.speaker_id == speaker_id), None)
    if place is None:
        raise NotFound(_("There is no such speaker in this video."))
    return place


def release_version(place: VideoSpeaker) -> str:
    """Fingerprint a speaker's release; pass it back as ``seen`` to notice that somebody else saved."""
    return version_of(place, ("release_asked_on", "release_given_on", "release_proof"))


def set_release(
    video: Video, speaker_id: int, fields: Mapping[str, Any], now: datetime, *, seen: str | None = None
) -> VideoSpeaker:
    """Note when a speaker was asked for the release of a recording, and when and how they gave it.

    Raises Problems, NotFound, and Conflict when somebody saved after the version ``seen``.
    """
    lock(video)
    place = place_of(video, speaker_id)
    refuse_outdated(release_version(place), seen)
    readers = {"asked_on": _past_day(now), "given_on": _past_day(now), "proof": line(300)}
    values = read_all(fields, readers)
    given = values.get("given_on")
    if given and not values.get("proof"):
        raise Problems({"proof": _("Say by which paper or letter they agreed, so that it can be found again.")})
    if given is None and place.release_given_on and rules.is_public(video):
        raise Problems({"given_on": _("The video is public. Withdraw it before you take the release back.")})
    place.release_asked_on, place.release_given_on = values.get("asked_on"), given
    place.release_proof = values.get("proof", "")
    video.updated_at = now
    db.session.flush()
    after = {"speaker": speaker_id, "asked": str(place.release_asked_on), "given": str(given)}
    audit.record("release noted", "video", video.id, after=after, now=now)
    return place


def withdraw(video: Video, fields: Mapping[str, Any], now: datetime, *, seen: str | None = None) -> Standing:
    """Take a video off the site and leave a note that says why and where to go; where one is, it is replaced.

    Raises Problems, and Conflict for a draft and when somebody saved after the version ``seen``.
    """
    missing = _("Say why. Whoever follows an old link reads it.")
    readers: dict[str, Reader] = {"because": lines(1000, missing), "newer": _newer_than(video)}
    values = read_all({"because": "", **fields}, readers)
    standing = _standing_of(video, seen)
    if video.state != VideoState.WITHDRAWN:
        service.withdraw_video(video, now)
    before, after = {"because": standing.withdrawn_because or ""}, {"because": values["because"]}
    audit.record("note of a withdrawal written", "video", video.id, before=before, after=after, now=now)
    standing.withdrawn_because, standing.newer, video.updated_at = values["because"], values.get("newer"), now
    db.session.flush()
    return standing


def _standing_of(video: Video, seen: str | None) -> Standing:
    lock(video)
    refuse_outdated(standing_version(video), seen)
    if video.standing is None:
        video.standing = Standing(video_id=video.id)
    return video.standing


def _past_day(now: datetime) -> Reader:
    def reader(raw: Any) -> date | None:
        value = day(raw)
        if value and value > now.date():
            raise UserError(_("This day is still to come."))
        return value

    return reader


def _newer_than(video: Video) -> Reader:
    """Make a reader of the newer talk: its address as copied from the browser, or the last part of it; or nothing."""

    def reader(raw: Any) -> Video | None:
        slug = _slug_in(line(500)(raw))
        if not slug:
            return None
        found = queries.find_video(slug)
        if found is None:
            raise UserError(_("There is no video at this address. Copy it from the page of the newer talk."))
        if found.id == video.id or any(one.id == video.id for one in newer_chain(found)):
            raise UserError(_("This talk leads back to the same video. Choose a newer one."))
        return found

    return reader


def _slug_in(text: str) -> str:
    try:
        path = urlsplit(text).path
    except ValueError:
        return text
    return path.rstrip("/").rpartition("/")[2]


def _slug(video: Video | None) -> str | None:
    return video.slug if video else None
