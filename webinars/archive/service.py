"""Writing the archive: videos, captions, chapters.

Every deed takes plain values under the names of the form and the API, checks them all, and raises ``Problems`` with a
sentence for each field. Callers open the transaction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from webinars.accounts import audit
from webinars.accounts.drafts import service as drafts
from webinars.archive import captions as files
from webinars.archive import editing, events, queries, rules, search
from webinars.archive.editing import Ready
from webinars.archive.models import CaptionState, CaptionTrack, Chapter, Video, VideoSpeaker, VideoState
from webinars.archive.processing import queries as recording_queries
from webinars.archive.processing import service as recordings
from webinars.core.database import db, lock
from webinars.core.errors import Conflict, UserError
from webinars.core.text import slugify
from webinars.schedule import queries as schedule
from webinars.schedule.catalogue import refuse_outdated
from webinars.schedule.cleaning import Problems, Values, read, read_all
from webinars.schedule.cleaning import language as read_language
from webinars.schedule.models import Series, Speaker, Topic, Webinar
from webinars.schedule.rules import fingerprint, version_of

#: addresses below /videos and /staff/videos that are no video's
_RESERVED = frozenset({"new"})
#: what the form about a video is filled from
_VERSIONED = ("webinar_id", "title", "summary", "description", "series_id", "topic_id", "language", "recorded_on",
              "sponsor_text", "unsponsored", "slug", "speakers")  # fmt: skip
#: captions as they come
Given = Ready | str | bytes
_PARTS: dict[str, tuple[type, Callable[[str], Any]]] = {
    "webinar": (Webinar, schedule.get_webinar),
    "topic": (Topic, schedule.get_topic),
    "series": (Series, schedule.get_series),
}


def create_video(fields: Mapping[str, Any], now: datetime) -> Video:
    """Write a new draft.

    Needs ``title``, or ``webinar`` (slug or Webinar), from which title, series, topic, language, day and speakers come
    when they are absent. ``captions`` maps languages to WebVTT texts. Raises Problems.
    """
    values = _checked(fields)
    values = {**_from_webinar(values.get("webinar")), **values}
    values = {**values, **_needed(values, now)}
    slug, speakers, texts = values.pop("slug", ""), values.pop("speakers", []), values.pop("captions", {})
    video = Video(state=VideoState.DRAFT, created_at=now, updated_at=now)
    _apply(video, values)
    _insert(video, slug)
    _assign_speakers(video, speakers)
    _set_texts(video, texts, now)
    recordings.ask(video, now)
    search.index_video(video)
    audit.record("video created", "video", video.id, after={"title": video.title}, now=now)
    return video


def video_version(video: Video) -> str:
    """Fingerprint what is said about a video; pass it back as ``seen`` to notice that somebody else saved."""
    return version_of(video, _VERSIONED)


def recording_version(video: Video) -> str:
    """Fingerprint the recording as ``video_version`` does the words; what a worker found or made of it is nobody's."""
    length, still = video.duration_seconds, video.poster_url
    found = recording_queries.measured(video, rules.media_name(video.media_url))
    made = recording_queries.is_made_still(still)
    return fingerprint([video.media_url, None if length == found else length, "" if made else still])


def set_recording(video: Video, changes: Mapping[str, Any], now: datetime, *, seen: str | None) -> Video:
    """Change where the recording is, and what goes with it.

    Raises Problems, and Conflict when somebody saved after the version ``seen``.
    """
    lock(video)
    refuse_outdated(recording_version(video), seen)
    return edit_video(video, changes, now)


def edit_video(video: Video, changes: Mapping[str, Any], now: datetime, *, seen: str | None = None) -> Video:
    """Change some fields; ``captions`` replaces the texts of the languages it names.

    Raises Problems, and Conflict when somebody saved after the version ``seen``.
    """
    if seen is not None:
        lock(video)
        refuse_outdated(video_version(video), seen, about=("video", video.id))
    values = _checked(changes)
    slug, speakers, texts = values.pop("slug", ""), values.pop("speakers", None), values.pop("captions", {})
    lacked = rules.publishing_problems(video)
    before = _apply(video, values)
    if slug and slug != video.slug:
        before["slug"], video.slug = video.slug, _free_slug(slug)
        drafts.follow(f"/staff/videos/{before['slug']}/", f"/staff/videos/{video.slug}/")
    if speakers is not None:
        _assign_speakers(video, speakers)
    _refuse_unpublishable(video, lacked)
    _set_texts(video, texts, now)
    video.updated_at = now
    db.session.flush()
    recordings.ask(video, now)
    search.index_video(video)
    if before:
        after = {name: _told(getattr(video, name)) for name in before}
        told = {name: _told(value) for name, value in before.items()}
        audit.record("video edited", "video", video.id, before=told, after=after, now=now)
    return video


def captions_version(video: Video) -> str:
    """Give the versions of all captions, such as "en:4 es:1"."""
    return " ".join(sorted(f"{track.language}:{track.version}" for track in video.tracks))


def set_captions(
    video: Video, language: str, given: Given, state: CaptionState | str, now: datetime, *, seen: str | None = None
) -> CaptionTrack:
    """Put captions in place of earlier ones of the same language; takes WebVTT and SubRip, best made ready before.

    Raises Problems; CaptionProblems with a sentence for each line to mend; and Conflict when somebody changed those of
    the language after the versions ``seen``.
    """
    values = read_all({"language": language, "state": state}, {"language": read_language, "state": _trust})
    language, ready = values["language"], _ready(given)
    if seen is not None:
        lock(video)
        refuse_outdated(_version_in(captions_version(video), language), _version_in(seen, language))
    track = next((track for track in video.tracks if track.language == language), None)
    if track is None:
        track = CaptionTrack(language=language, version=0)
        video.tracks.append(track)
    else:
        lock(track)
    track.vtt, track.updated_at, track.version = ready.vtt, now, track.version + 1
    editing.trust_in(track, values["state"], "", now)
    video.updated_at = now
    db.session.flush()
    editing.put(track, ready)
    after = {"language": language, "cues": len(ready.cues)}
    audit.record("captions set", "video", video.id, after=after, now=now)
    return track


def _version_in(versions: str, language: str) -> str:
    return next((one for one in versions.split() if one.startswith(f"{language}:")), "")


def _ready(given: Given) -> Ready:
    return given if isinstance(given, Ready) else editing.make_ready(given)


def _trust(raw: Any) -> CaptionState:
    if raw not in set(CaptionState):
        raise UserError(_("Choose one of the three."))
    return CaptionState(raw)


def remove_captions(video: Video, language: str, now: datetime) -> None:
    """Take the captions of a language away."""
    track = queries.get_track(video, language)
    video.tracks.remove(next(one for one in video.tracks if one.id == track.id))
    video.updated_at = now
    db.session.flush()
    audit.record("captions removed", "video", video.id, before={"language": language}, now=now)


def chapters_version(video: Video) -> str:
    """Fingerprint the chapters as ``video_version`` does the words."""
    return fingerprint([(chapter.start_seconds, chapter.title) for chapter in video.chapters])


def set_chapters(
    video: Video, chapters: str | Sequence[tuple[float, str]], now: datetime, *, seen: str | None = None
) -> Video:
    """Set the chapters from lines such as "12:40 Warning signs", or from (start in seconds, title) pairs.

    Raises Problems; for lines CaptionProblems; and Conflict when somebody saved after the version ``seen``.
    """
    lock(video)
    refuse_outdated(chapters_version(video), seen)
    wanted = files.read_chapters(chapters) if isinstance(chapters, str) else rules.check_chapters(chapters)
    before = len(video.chapters)
    # The old ones have to be gone before new ones may start at the same second.
    video.chapters = []
    db.session.flush()
    video.chapters = [Chapter(start_seconds=start, title=title) for start, title in wanted]
    video.updated_at = now
    db.session.flush()
    search.index_video(video)
    audit.record(
        "chapters set", "video", video.id, before={"chapters": before}, after={"chapters": len(wanted)}, now=now
    )
    return video


def publish_video(video: Video, now: datetime, *, sponsor_needed: bool = True) -> Video:
    """Make a video public; the first time it is announced, a later one makes no second letter.

    Raises Problems for what is missing, Conflict when it is public already. Programs that know nothing of sponsors may
    leave that answer out (docs/decisions/0019).
    """
    lock(video)
    if video.state == VideoState.PUBLISHED:
        raise Conflict(_("This video is public already."))
    problems = rules.publishing_problems(video)
    if not sponsor_needed:
        problems.pop("sponsor_text", None)
    if problems:
        raise Problems(problems)
    first = video.published_at is None
    before = video.state
    video.state, video.published_at, video.updated_at = VideoState.PUBLISHED, video.published_at or now, now
    db.session.flush()
    audit.record("video published", "video", video.id, before={"state": before}, after={"state": video.state}, now=now)
    if first:
        events.video_published.send(video, now=now)
    return video


def withdraw_video(video: Video, now: datetime) -> Video:
    """Take a public video off the site; nothing is deleted. Raises Conflict when it is not public."""
    lock(video)
    if video.state != VideoState.PUBLISHED:
        raise Conflict(_("This video is not public."))
    video.state, video.updated_at = VideoState.WITHDRAWN, now
    db.session.flush()
    audit.record(
        "video withdrawn", "video", video.id, before={"state": "published"}, after={"state": "withdrawn"}, now=now
    )
    return video


def _checked(fields: Mapping[str, Any]) -> Values:
    values, problems = read(fields, rules.video_readers())
    for name in _PARTS.keys() & values.keys():
        values[name] = _looked_up(name, values[name], problems)
    if "speakers" in values:
        values["speakers"] = _speakers(values["speakers"], problems)
    if "captions" in values:
        values["captions"] = _read_texts(values["captions"], problems)
    if problems:
        raise Problems(problems)
    return values


def _looked_up(name: str, given: Any, problems: dict[str, str]) -> Any:
    kind, get = _PARTS[name]
    if given is None or given == "" or isinstance(given, kind):
        return given or None
    try:
        return get(str(given))
    except UserError as error:
        problems[name] = str(error)
        return None


def _speakers(given: Any, problems: dict[str, str]) -> list[Speaker]:
    """Look up speakers given as objects or ids, their order kept."""
    wanted = list(given or [])
    ids = [one for one in wanted if isinstance(one, int)]
    known = schedule.speakers_by_id(ids) if ids else {}
    found = [one if isinstance(one, Speaker) else known.get(one) for one in wanted]
    speakers = [speaker for speaker in dict.fromkeys(found) if speaker is not None]
    if None in found:
        problems["speakers"] = _("Choose the speakers from the list.")
    return speakers


def with_captions_ready(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Make captions among the fields of a video ready, for whoever can do so before the transaction.

    What cannot be read stays as it is and is refused with the other fields.
    """
    problems: dict[str, str] = {}
    read = _read_texts(fields.get("captions", {}), problems)
    return {**fields, "captions": read} if read and not problems else dict(fields)


def _read_texts(given: Any, problems: dict[str, str]) -> dict[str, Ready]:
    if not isinstance(given, Mapping):
        problems["captions"] = _("Give the captions by language.")
        return {}
    read = {}
    for code, words in given.items():
        try:
            read_language(code)
            if not isinstance(words, str | Ready):
                raise UserError(_("This must be text."))
            read[code] = _ready(words)
        except UserError as error:
            problems["captions"] = f"{code}: {error}"
    return read


def _set_texts(video: Video, texts: Mapping[str, Ready], now: datetime) -> None:
    for code, ready in texts.items():
        set_captions(video, code, ready, CaptionState.CORRECTED, now)


def _from_webinar(webinar: Webinar | None) -> Values:
    if webinar is None:
        return {}
    return {
        "title": webinar.title,
        "summary": webinar.summary,
        "series": webinar.series,
        "topic": webinar.series.topic,
        "language": webinar.language,
        "recorded_on": webinar.local_start.date(),
        "speakers": webinar.speakers,
    }


def _needed(values: Values, now: datetime) -> Values:
    if not values.get("title"):
        raise Problems({"title": _("Give the video a title.")})
    return {"language": values.get("language", "en"), "recorded_on": values.get("recorded_on", now.date())}


def _refuse_unpublishable(video: Video, lacked: Mapping[str, str]) -> None:
    """A public video must keep what publishing asked for; what it ``lacked`` before is another matter."""
    if video.state == VideoState.PUBLISHED:
        problems = rules.publishing_problems(video)
        missing = {name: text for name, text in problems.items() if name != "state" and text != lacked.get(name)}
        if missing:
            # The form has no field for releases, but one for those who speak.
            raise Problems({"speakers" if name == "release" else name: text for name, text in missing.items()})


def _apply(video: Video, values: Values) -> Values:
    """Set what differs; returns the values it had before, by name."""
    before = {name: getattr(video, name) for name, value in values.items() if getattr(video, name) != value}
    for name in before:
        setattr(video, name, values[name])
    return before


def _told(value: Any) -> Any:
    slug = getattr(value, "slug", None)
    return value if value is None or isinstance(value, int) else str(slug or value)


def _assign_speakers(video: Video, speakers: Iterable[Speaker]) -> None:
    wanted = list(speakers)
    if [place.speaker_id for place in video.speaker_places] == [speaker.id for speaker in wanted]:
        return
    # Whoever stays keeps what is noted about their release.
    kept = {place.speaker_id: place for place in video.speaker_places}
    video.speaker_places = [kept.get(speaker.id) or VideoSpeaker(speaker=speaker) for speaker in wanted]
    for position, place in enumerate(video.speaker_places):
        place.position = position
    db.session.flush()


def _free_slug(wanted: str) -> str:
    if wanted in _RESERVED or wanted in queries.taken_slugs(wanted):
        raise Problems({"slug": _("This address is taken. Choose another one.")})
    return wanted


def _insert(video: Video, wanted: str) -> None:
    """Write a new video under the wanted address, or under a free one made from its title."""
    for slug in [_free_slug(wanted)] if wanted else _numbered(slugify(video.title)):
        video.slug = slug
        try:
            # Somebody may take the same address between our look and our write.
            with db.session.begin_nested():
                db.session.add(video)
            return
        except IntegrityError as error:
            if "slug" not in str(error.orig):
                raise
    raise Problems({"slug": _("This address is taken. Choose another one.")})


def _numbered(base: str) -> Iterable[str]:
    taken = queries.taken_slugs(base) | _RESERVED
    return (slug for count in range(1, 10_000) if (slug := base if count == 1 else f"{base}-{count}") not in taken)
