"""What the page of a video shows: player, transcript, facts for search engines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webinars.archive.models import CaptionTrack, Cue, Video
from webinars.archive.rules import MediaKind, media_kind, media_name
from webinars.archive.search import Segment
from webinars.archive.sources import source_of
from webinars.core.formats import rfc3339
from webinars.core.http import current_settings, site_url_for
from webinars.core.language import current_language


@dataclass(frozen=True)
class ShownCue:
    """One line of the transcript; ``anchor`` is set on the first line of each second."""

    start: float
    anchor: str | None
    segments: tuple[Segment, ...]

    @property
    def seconds(self) -> int:
        """Give the whole second within which it begins."""
        return int(self.start)

    @property
    def at(self) -> str:
        """Give the ``t`` of a link to it: the whole second, which means its first line, else the exact moment."""
        return str(self.seconds if self.anchor else self.start)

    @property
    def words(self) -> str:
        """Give what is said."""
        return "".join(segment.text for segment in self.segments)

    @property
    def found(self) -> bool:
        """Say whether it holds what was looked for."""
        return any(segment.marked for segment in self.segments)


def chosen_track(video: Video, asked: str | None) -> CaptionTrack | None:
    """Choose whose words to show: the asked language, else the page's, else the talk's, else any."""
    tracks = {track.language: track for track in video.tracks}
    for language in (asked, current_language(), video.language):
        if language in tracks:
            return tracks[language]
    return video.tracks[0] if video.tracks else None


def shown_cues(cues: Sequence[Cue], marked: Mapping[int, tuple[Segment, ...]]) -> list[ShownCue]:
    """Prepare the transcript: every second has one anchor, found words are marked."""
    shown: list[ShownCue] = []
    last = -1
    for cue in cues:
        second = cue.start_ms // 1000
        anchor = f"t{second}" if second != last else None
        last = second
        shown.append(ShownCue(cue.start_ms / 1000, anchor, marked.get(cue.id) or (Segment(cue.text),)))
    return shown


def begin_at(cues: Sequence[ShownCue], asked: float | None) -> float | None:
    """Say where to begin: a whole second means the line that begins within it, first of all one that was found."""
    if asked is None or asked != int(asked):
        return asked
    within = [cue for cue in cues if cue.seconds == asked]
    start = min(within, key=lambda cue: not cue.found).start if within else asked
    return int(start) if start == int(start) else start


def spoken_at(cues: Sequence[ShownCue], moment: float | None) -> ShownCue | None:
    """Give the line that is spoken at a moment, else the last one before it."""
    before = [cue for cue in cues if moment is not None and cue.start <= moment]
    return before[-1] if before else None


def video_data(video: Video) -> dict[str, Any]:
    """Describe the video for search engines (schema.org VideoObject with its chapters as Clips)."""
    page = site_url_for("archive.video_page", slug=video.slug)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": video.title,
        "description": video.summary or video.title,
        "uploadDate": rfc3339(video.published_at or video.created_at),
        "thumbnailUrl": [poster_address(video)],
        "inLanguage": video.language,
        "url": page,
        "publisher": {
            "@type": "Organization",
            "name": current_settings().organization_name,
            "url": current_settings().site_url,
        },
    }
    if video.duration_seconds:
        data["duration"] = iso_duration(video.duration_seconds)
    kind = media_kind(video.media_url)
    if kind == MediaKind.STORED:
        data["contentUrl"] = site_url_for("archive.media", name=media_name(video.media_url))
    elif kind != MediaKind.NONE:
        known = "embedUrl" if kind in {MediaKind.FRAME, MediaKind.PAGE} else "contentUrl"
        data[known] = source_of(video.media_url).plays
    clips = _clips(video, page)
    return {**data, "hasPart": clips} if clips else data


def poster_address(video: Video) -> str:
    """Give the absolute address of the still picture, or of the organisation's."""
    name = media_name(video.poster_url)
    return site_url_for("archive.media", name=name) if name else own_picture()


def own_picture() -> str:
    """Give the address of the square picture of podcasts; previews of links draw no SVG, so the logo will not do."""
    settings = current_settings()
    return settings.podcast_image or f"{settings.site_url}/static/img/podcast.png"


def _clips(video: Video, page: str) -> list[dict[str, Any]]:
    starts = [chapter.start_seconds for chapter in video.chapters]
    ends = [*starts[1:], video.duration_seconds] if starts else []
    clips = []
    for chapter, end in zip(video.chapters, ends, strict=True):
        clip = {
            "@type": "Clip",
            "name": chapter.title,
            "startOffset": chapter.start_seconds,
            "url": f"{page}?t={chapter.start_seconds}",
        }
        # Google refuses a clip that ends before it starts; the last one's end may be unknown.
        clips.append({**clip, "endOffset": end} if end and end > chapter.start_seconds else clip)
    return clips


def iso_duration(seconds: int) -> str:
    """Write a length as ISO 8601 does: "PT1H2M40S"."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    parts = ((hours, "H"), (minute, "M"), (second, "S"))
    return "PT" + ("".join(f"{value}{unit}" for value, unit in parts if value) or "0S")
