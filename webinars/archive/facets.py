"""Narrowing a list of videos: the choices of each filter, and how many of what was found each would leave."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, String, case, cast, extract, func, literal, select, union, union_all
from werkzeug.datastructures import MultiDict

from config import LANGUAGES
from webinars.archive.models import CaptionTrack, Video, VideoSpeaker, VideoState
from webinars.archive.queries import VideoFilter
from webinars.archive.rules import LENGTHS
from webinars.core.among import among
from webinars.core.database import db
from webinars.core.language import language_name
from webinars.core.text import whole_number
from webinars.schedule import queries as schedule
from webinars.schedule.languages import all_in_our_language, in_our_language
from webinars.schedule.models import Series, Speaker, Topic

_NAMES = ("topic", "series", "speaker", "language", "year", "length")
_YEARS = range(1900, 2200)


@dataclass(frozen=True)
class Narrowed:
    """What somebody narrowed the list to: as the queries take it, and as the page shows it."""

    where: VideoFilter
    topic: Topic | None
    series: Series | None
    speaker: Speaker | None

    @property
    def kept(self) -> dict[str, Any]:
        """Give the filters that are set, as they stand in the address."""
        where = self.where
        named = {
            "topic": self.topic and self.topic.slug,
            "series": self.series and self.series.slug,
            "speaker": where.speaker,
            "language": where.language,
            "year": where.year,
            "length": where.length,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class Facet:
    """One filter with its choices: (value, words, how many videos or None)."""

    name: str
    label: str
    every: str
    chosen: str
    choices: Sequence[tuple[str, str, int | None]]


def narrowed(arguments: MultiDict[str, str]) -> Narrowed:
    """Read the filters of an address; what names nothing is left out."""
    topic = in_our_language(schedule.find_topic(slug)) if (slug := arguments.get("topic")) else None
    series = in_our_language(schedule.find_series(slug)) if (slug := arguments.get("series")) else None
    number = whole_number(arguments.get("speaker", ""))
    speaker = schedule.find_speaker(number) if number is not None else None
    language, length = arguments.get("language", ""), arguments.get("length", "")
    year = arguments.get("year", "")
    where = VideoFilter(
        topic=topic.id if topic else None,
        series=series.id if series else None,
        speaker=speaker.id if speaker else None,
        language=language if language in LANGUAGES else "",
        year=int(year) if year in {str(one) for one in _YEARS} else None,
        length=length if length in LENGTHS else "",
    )
    return Narrowed(where, topic, series, speaker)


def facets_of(chosen: Narrowed, found: Sequence[int] | None) -> list[Facet]:
    """List the filters with all their choices, or of what a search found only those that leave something, counted."""
    counts = None if found is None else _counts(found)
    topics = all_in_our_language(schedule.list_topics())
    series = all_in_our_language(schedule.list_series())
    facets = [
        _facet("topic", _("Topic"), _("All topics"), chosen, counts, [(str(one.slug), one.title) for one in topics]),
        _facet("series", _("Series"), _("All series"), chosen, counts, [(str(one.slug), one.title) for one in series]),
        _facet("speaker", _("Speaker"), _("All speakers"), chosen, counts, _speakers(chosen, counts)),
        _facet("language", _("Language or captions"), _("All languages"), chosen, counts,
               [(code, language_name(code)) for code in LANGUAGES]),
        _facet("year", _("Recorded in"), _("All years"), chosen, counts, [(year, year) for year in _years(counts)]),
        _facet("length", _("Length"), _("Any length"), chosen, counts, [
            ("short", _("under 10 minutes")), ("medium", _("10 to 40 minutes")), ("long", _("over 40 minutes"))]),
    ]  # fmt: skip
    return [facet for facet in facets if len(facet.choices) > 1 or facet.chosen]


_Counts = Mapping[str, Counter[str]]


def _facet(
    name: str, label: str, every: str, chosen: Narrowed, counts: _Counts | None, choices: Iterable[tuple[str, str]]
) -> Facet:
    value = str(chosen.kept.get(name, ""))
    if counts is None:
        return Facet(name, label, every, value, [(key, words, None) for key, words in choices])
    left = [(key, words, counts[name][key]) for key, words in choices if counts[name][key] or key == value]
    return Facet(name, label, every, value, left)


def _counts(found: Sequence[int]) -> _Counts:
    """Count by filter what was found (one query)."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in _NAMES}
    for name, value, number in db.session.execute(_COUNTED, {"found": found}):
        counts[name][str(value)] = number
    return counts


_FACTS = (
    select(Video.id, Video.topic_id, Video.series_id, Video.language, Video.recorded_on, Video.duration_seconds)
    .where(among(Video.id, "found"))
    .cte("facts")
)
_SPOKEN = union(
    select(_FACTS.c.id, _FACTS.c.language),
    select(CaptionTrack.video_id, CaptionTrack.language).where(among(CaptionTrack.video_id, "found")),
).subquery()


def _counted(name: str, value: Any) -> Select[str, str, int]:
    return select(literal(name), cast(value, String), func.count()).group_by(value)


#: (filter, value, how many) of the videos whose numbers are found
_COUNTED = union_all(
    _counted("topic", Topic.slug).join_from(_FACTS, Topic, Topic.id == _FACTS.c.topic_id),
    _counted("series", Series.slug).join_from(_FACTS, Series, Series.id == _FACTS.c.series_id),
    _counted("speaker", VideoSpeaker.speaker_id).where(among(VideoSpeaker.video_id, "found")),
    _counted("language", _SPOKEN.c.language),
    _counted("year", extract("year", _FACTS.c.recorded_on)),
    _counted("length", case(*(
        (_FACTS.c.duration_seconds.between(*ends), name) for name, ends in LENGTHS.items()
    ))),
)  # fmt: skip


def _speakers(chosen: Narrowed, counts: _Counts | None) -> list[tuple[str, str]]:
    """Name the speakers of what was found; of a whole library they would be too many for a list."""
    ids = {int(one) for one in counts["speaker"]} if counts else set()
    known = schedule.speakers_by_id(ids) if ids else {}
    if chosen.speaker:
        known = known | {chosen.speaker.id: chosen.speaker}
    return sorted(((str(one.id), one.name) for one in known.values()), key=lambda choice: choice[1].casefold())


def _years(counts: _Counts | None) -> list[str]:
    """List the years, the latest first."""
    if counts is not None:
        return sorted(counts["year"], reverse=True)
    ends = select(func.min(Video.recorded_on), func.max(Video.recorded_on)).where(Video.state == VideoState.PUBLISHED)
    first, last = db.session.execute(ends).one()
    return [str(year) for year in range(last.year, first.year - 1, -1)][:40] if first else []
