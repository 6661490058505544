"""What other sites and programs learn of a video: files to play, structured data, the map of the site."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from flask_babel import gettext as _

from webinars.archive.freshness import is_aged, newer_of
from webinars.archive.media import TYPES
from webinars.archive.models import Video
from webinars.archive.page import poster_address
from webinars.archive.processing import queries as recordings
from webinars.archive.processing.models import Rendition
from webinars.archive.rules import MediaKind, media_kind, media_name
from webinars.archive.store import find
from webinars.archive.world_models import Paper
from webinars.core.errors import NotFound
from webinars.core.formats import rfc3339
from webinars.core.http import site_url_for

#: characters of the words of a talk that its page says a second time, for search engines
_LONGEST_TRANSCRIPT = 30_000
#: what every podcast program plays, the better for listening first
_PLAYED = (".m4a", ".mp3", ".mp4")
_AUDIO_TYPES = {".m4a": "audio/x-m4a", ".mp3": "audio/mpeg"}


@dataclass(frozen=True)
class Enclosure:
    """A file to play: its address, type, and size."""

    url: str
    type: str
    bytes: int


def enclosures(videos: Sequence[Video]) -> dict[int, Enclosure]:
    """Give by video the file that programs fetch: the sound alone where it was made, else the film; ours only."""
    made: dict[int, list[Rendition]] = {}
    for one in recordings.playable([video.id for video in videos]):
        if Path(one.name).suffix in _PLAYED:
            made.setdefault(one.video_id, []).append(one)
    raw = [video for video in videos if video.id not in made]
    unready = recordings.unready(raw) if raw else {}
    found = {}
    for video in videos:
        best = min(made.get(video.id, ()), key=_weight, default=None)
        name = "" if video.id in unready else media_name(video.media_url) or ""
        enclosure = _enclosure(best.name, best.bytes) if best else _as_it_is(name)
        if enclosure is not None:
            found[video.id] = enclosure
    return found


def _weight(made: Rendition) -> tuple[int, int]:
    """Order sound before films, small films before large ones."""
    return made.height or 0, _PLAYED.index(Path(made.name).suffix)


def _as_it_is(name: str) -> Enclosure | None:
    if Path(name).suffix not in _PLAYED:
        return None
    try:
        size = find(name).size
    except NotFound:
        return None
    return _enclosure(name, size)


def _enclosure(name: str, size: int) -> Enclosure:
    kind = _AUDIO_TYPES.get(Path(name).suffix) or TYPES[".mp4"]
    return Enclosure(site_url_for("archive.media", name=name), kind, size)


def paper_address(paper: Paper) -> str:
    """Give the absolute address of slides, a handout or a link."""
    name = media_name(paper.url)
    return site_url_for("archive.media", name=name) if name else paper.url


def lasting_id(video: Video) -> str:
    """Give the id of a video in feeds, made of what never changes: its address follows a new slug."""
    return uuid5(NAMESPACE_URL, f"video:{video.id}:{rfc3339(video.created_at)}").urn


def age_note(video: Video) -> str:
    """Say that the advice has aged, and where the newer talk is; empty when it has not."""
    if not is_aged(video):
        return ""
    newer = newer_of(video)
    if newer is None:
        return _("The advice in this talk has aged.")
    address = site_url_for("archive.video_page", slug=newer.slug)
    return _("The advice in this talk has aged. Newer talk: %(title)s, %(address)s", title=newer.title, address=address)


def description(video: Video) -> str:
    """Describe a video in feeds, its age first."""
    return " ".join(filter(None, (age_note(video), video.summary or video.title)))


def more_data(video: Video, words: Iterable[str]) -> dict[str, Any]:
    """Give what search engines may know beside ``page.video_data``: how to jump in, what is said, who may frame it."""
    page = site_url_for("archive.video_page", slug=video.slug)
    data: dict[str, Any] = {
        "potentialAction": {
            "@type": "SeekToAction",
            "target": page + "?t={seek_to_second_number}",
            "startOffset-input": "required name=seek_to_second_number",
        }
    }
    if media_kind(video.media_url) in {MediaKind.STORED, MediaKind.REMOTE, MediaKind.STREAM}:
        data["embedUrl"] = site_url_for("archive.embed", slug=video.slug)
    said = " ".join(words)
    if said and len(said) <= _LONGEST_TRANSCRIPT:
        data["transcript"] = said
    if video.tracks:
        data["caption"] = [
            {
                "@type": "MediaObject",
                "contentUrl": site_url_for("archive.captions", slug=video.slug, code=track.language),
                "encodingFormat": "text/vtt",
                "inLanguage": track.language,
            }
            for track in video.tracks
        ]
    return data


def site_map_films(videos: Iterable[Video]) -> dict[str, list[tuple[str, str]]]:
    """Give by slug the facts of videos for the map of the site; of a recording that nobody can play none."""
    unplayable = recordings.unplayable()
    return {video.slug: _site_map_facts(video) for video in videos if video.id not in unplayable}


def _site_map_facts(video: Video) -> list[tuple[str, str]]:
    """Give the facts of a video in the order the schema of the map wants."""
    facts = [
        ("thumbnail_loc", poster_address(video)),
        ("title", video.title),
        ("description", (video.summary or video.title)[:2048]),
    ]
    kind, name = media_kind(video.media_url), media_name(video.media_url)
    if kind == MediaKind.STORED:
        facts.append(("content_loc", site_url_for("archive.media", name=name)))
    elif kind in {MediaKind.REMOTE, MediaKind.STREAM}:
        facts.append(("content_loc", video.media_url))
    else:
        facts.append(("player_loc", site_url_for("archive.embed", slug=video.slug)))
    if video.duration_seconds:
        facts.append(("duration", str(min(video.duration_seconds, 28_800))))
    return [*facts, ("publication_date", rfc3339(video.published_at or video.created_at)), ("live", "no")]
