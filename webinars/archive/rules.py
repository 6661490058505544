"""Decisions about videos: what may be published, who may see it, what kind of media it has."""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _

from webinars.archive.models import Video, VideoState
from webinars.archive.sources import Service, source_of
from webinars.core.errors import UserError
from webinars.core.formats import clock, long_date
from webinars.schedule.cleaning import (
    Problems,
    Reader,
    address,
    as_given,
    day_needed,
    flag,
    language,
    line,
    lines,
    whole,
)
from webinars.schedule.models import Webinar, WebinarState

__all__ = ["Problems"]

#: how a file of the media store is named in media_url and poster_url
STORED = "media:"
LONGEST_SECONDS = 24 * 3600
#: from and to how many seconds a video is of which length
LENGTHS = {"short": (0, 599), "medium": (600, 2400), "long": (2401, LONGEST_SECONDS)}

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,180}", re.IGNORECASE)
_LENGTH = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})", re.ASCII)


class MediaKind(StrEnum):
    """Where the moving picture comes from."""

    NONE = "none"
    #: a file of ours
    STORED = "stored"
    #: a film or sound file on somebody else's server
    REMOTE = "remote"
    #: a film in pieces (HLS) on somebody else's server
    STREAM = "stream"
    #: a video service whose player can stand in a frame
    FRAME = "frame"
    #: a page that is opened elsewhere
    PAGE = "page"


_KINDS = {Service.FILE: MediaKind.REMOTE, Service.STREAM: MediaKind.STREAM, Service.PAGE: MediaKind.PAGE}


def media_kind(media_url: str) -> MediaKind:
    """Say where a video's media is."""
    if not media_url:
        return MediaKind.NONE
    if media_url.startswith(STORED):
        return MediaKind.STORED
    return _KINDS.get(source_of(media_url).service, MediaKind.FRAME)


def media_name(url: str) -> str | None:
    """Give the file name of something in the media store; None for anything else."""
    return url.removeprefix(STORED) if url.startswith(STORED) else None


def is_media_name(name: str) -> bool:
    """Say whether a name can be a file of the media store: no folders, nothing hidden."""
    return bool(_NAME.fullmatch(name)) and ".." not in name


def sponsor_text(video: Video) -> str:
    """Give who paid: the video's own words, or that nobody did, else the series' words."""
    if video.sponsor_text or video.unsponsored:
        return video.sponsor_text or _("Nobody paid for it.")
    return video.series.sponsor_text if video.series else ""


def is_public(video: Video) -> bool:
    """Say whether visitors may see it."""
    return video.state == VideoState.PUBLISHED


def publishing_problems(video: Video) -> dict[str, str]:
    """Say by field what forbids publishing."""
    problems = {}
    if video.state == VideoState.PUBLISHED:
        problems["state"] = _("It is public already.")
    if not video.title:
        problems["title"] = _("It has no title yet.")
    if not video.media_url:
        problems["media_url"] = _("There is no recording yet. Upload a file or give a link first.")
    if not sponsor_text(video):
        problems["sponsor_text"] = _("It does not say who paid for it. If nobody did, say that.")
    silent = [place.speaker.name for place in video.speaker_places if place.release_given_on is None]
    if silent:
        problems["release"] = _("The release of %(names)s is missing.", names=", ".join(silent))
    return problems


def publishing_warnings(video: Video, now: datetime) -> list[str]:
    """List what is worth a second look before publishing and forbids nothing."""
    warnings = []
    if video.webinar and video.webinar.ends_at > now and tells_people(video):
        warnings.append(_too_early(video.webinar))
    if not video.tracks:
        warnings.append(_("There are no captions yet. People who are deaf or hard of hearing cannot follow."))
    elif all(track.state == "automatic" for track in video.tracks):
        warnings.append(_("The captions were made by a machine and nobody has corrected them yet."))
    if not video.summary:
        warnings.append(_("There is no summary. It is the line people read in lists."))
    silent = [speaker.name for speaker in video.speakers if not speaker.interests]
    return warnings + [_("%(name)s has not declared any interests yet.", name=name) for name in silent]


def tells_people(video: Video) -> bool:
    """Say whether publishing sends the letter about the recording: only the first time, for a webinar people hold."""
    return video.published_at is None and video.webinar is not None and video.webinar.state == WebinarState.PUBLISHED


def _too_early(webinar: Webinar) -> str:
    return _(
        "“%(title)s” is not over before %(date)s, %(time)s. The letter “Recording is ready” goes out as soon as you "
        "publish, not after the webinar.",
        title=webinar.title,
        date=long_date(webinar.ends_at, webinar.time_zone),
        time=clock(webinar.ends_at, webinar.time_zone),
    )


def video_readers() -> dict[str, Reader]:
    """Name the fields of a video that can be set, with the reader of each."""
    return {
        "webinar": as_given,
        "topic": as_given,
        "series": as_given,
        "speakers": as_given,
        "captions": as_given,
        "slug": address,
        "title": line(200, _("Give the video a title.")),
        "summary": lines(2000),
        "description": lines(50_000),
        "language": language,
        "recorded_on": day_needed,
        "media_url": media_address,
        "poster_url": poster_address,
        "duration_seconds": length,
        "sponsor_text": lines(2000),
        "unsponsored": flag,
    }


def media_address(raw: Any) -> str:
    """Read where the recording is: an https address, "media:<name>", or the path of a file of ours; or nothing."""
    text: str = line(500)(raw)
    stored = text.removeprefix("/media/") if text.startswith("/media/") else media_name(text)
    if stored is not None:
        if not is_media_name(stored):
            raise UserError(_("There can be no file of this name in the media store."))
        return STORED + stored
    if not text or _is_web_address(text):
        return text
    raise UserError(_("A link begins with https:// – copy the whole address."))


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    # Unencrypted only from this very machine, where nobody can look on.
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in {"127.0.0.1", "localhost", "::1"})
    # The host ends up in a header, so it may hold nothing else.
    return secure and bool(re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", parts.netloc)) and bool(host) and " " not in text


def poster_address(raw: Any) -> str:
    """Read a still picture: a file of the media store, or nothing."""
    text = media_address(raw)
    if text and not text.startswith(STORED):
        raise UserError(_("A picture from another site would tell it who visits. Upload the picture instead."))
    return text


def length(raw: Any) -> int | None:
    """Read how long it lasts: seconds, or text such as "1:02:40"; None = not known."""
    if raw is None or raw == "":
        return None
    match = _LENGTH.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if match:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        raw = (hours * 60 + minutes) * 60 + seconds
    sentence = _("Give the length as minutes and seconds, such as 42:30.")
    if isinstance(raw, float):
        raw = round(raw)
    number: int = whole(1, LONGEST_SECONDS, sentence)(raw)
    return number


def check_chapters(chapters: Sequence[tuple[float, str]]) -> list[tuple[int, str]]:
    """Check chapters given as (start in seconds, title); raises Problems."""
    clean = [(int(start), line(200)(title)) for start, title in chapters]
    starts = [start for start, _title in clean]
    if starts != sorted(set(starts)) or any(start < 0 for start in starts) or not all(title for _start, title in clean):
        raise Problems({"chapters": _("Chapters need a title each and must start one after the other.")})
    return clean
