"""The shapes of the demonstration content. Days are offsets from the day of loading."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

DEFAULT_REMINDERS = (10_080, 1_440, 60)


@dataclass(frozen=True, kw_only=True)
class SampleTopic:
    """A subject page; `body` is Markdown without a heading of the first level."""

    slug: str
    title: str
    title_es: str
    summary: str
    summary_es: str
    body: str
    body_es: str
    reviewed_day_offset: int


@dataclass(frozen=True)
class SampleLetter:
    """A letter that somebody writes to the organisation."""

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SampleNews:
    """A dated text about the topic; `body` is Markdown."""

    slug: str
    title: str
    title_es: str
    body: str
    body_es: str
    day_offset: int
    topic: str = "immunotherapy"


@dataclass(frozen=True, kw_only=True)
class SampleQuestion:
    """A question on the form of a series, with the answers to choose from; nobody has to answer."""

    label: str
    label_es: str
    #: In English and in Spanish.
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class SampleSeries:
    """A run of webinars with its defaults."""

    slug: str
    title: str
    title_es: str
    summary: str
    summary_es: str
    sponsor_text: str
    sponsor_text_es: str
    time_zone: str = "America/New_York"
    #: Minutes before the start.
    reminders: tuple[int, ...] = DEFAULT_REMINDERS
    topic: str = "immunotherapy"
    #: The form asks who somebody is, and this.
    question: SampleQuestion | None = None


@dataclass(frozen=True, kw_only=True)
class SampleSpeaker:
    """A person who speaks. `key` is only for reference within this content."""

    key: str
    name: str
    credentials: str
    role: str
    bio: str
    interests: str


@dataclass(frozen=True, kw_only=True)
class SampleWebinar:
    """One event, with the number of invented people to register for it."""

    slug: str
    series: str
    title: str
    summary: str
    description: str
    speakers: tuple[str, ...]
    day_offset: int
    #: Wall-clock time in `time_zone`, on the weekday nearest to the offset (see `weekday_near`).
    local_time: str = "13:00"
    #: Instead of a day and a time: begins this many minutes after loading, at a round minute between the two.
    starts_in_minutes: tuple[int, int] | None = None
    time_zone: str = "America/New_York"
    duration_minutes: int = 60
    language: str = "en"
    access_text: str = "Live captions in English · recorded"
    recorded: bool = True
    capacity: int | None = None
    waiting_list: bool = True
    join_url: str
    phone_number: str = ""
    phone_pin: str = ""
    state: Literal["draft", "published", "cancelled"] = "published"
    cancel_reason: str = ""
    #: its texts in Spanish, by field
    spanish: Mapping[str, str] = field(default_factory=dict)
    #: Places taken; of a cancelled webinar, those taken before it was cancelled.
    confirmed: int = 0
    waitlisted: int = 0
    #: Slug of the recording, for past ones.
    video: str = ""


@dataclass(frozen=True, kw_only=True)
class SampleVideo:
    """A video. Its file, length, chapters and captions are those of the clip with the same slug."""

    slug: str
    title: str
    summary: str
    description: str
    speakers: tuple[str, ...]
    day_offset: int
    #: Empty for a video that no webinar produced.
    webinar: str = ""
    series: str = ""
    topic: str = "immunotherapy"
    language: str = "en"
    #: Empty where the series says it.
    sponsor_text: str = ""
    transcript_state: Literal["automatic", "corrected"] = "corrected"
    #: who looked at it since, and found that it still holds
    reviewed_by: str = ""
    #: slug of the talk that took its place
    newer: str = ""
    #: questions that were not reached: question, answer, the second where the talk speaks of it
    answers: tuple[tuple[str, str, int | None], ...] = ()


@dataclass(frozen=True)
class SampleChapter:
    """A place in a clip to jump to."""

    start_seconds: int
    title: str


@dataclass(frozen=True, kw_only=True)
class SampleClip:
    """The files of one video, as names within the media folder."""

    slug: str
    file: str
    type: str
    width: int
    height: int
    duration_seconds: float
    bytes: int
    sha256: str
    poster: str
    #: Language to WebVTT file.
    captions: dict[str, str]
    chapters: tuple[SampleChapter, ...]


def weekday_near(today: date, offset: int) -> date:
    """Return the day that many days from today, moved off a weekend and away from today.

    A past Saturday or Sunday becomes the Friday before it, a future one the Monday after: past stays past.
    """
    day = today + timedelta(days=offset)
    beyond_friday = day.weekday() - 4
    if beyond_friday <= 0:
        return day
    return day - timedelta(days=beyond_friday) if offset <= 0 else day + timedelta(days=3 - beyond_friday)


def described(*paragraphs: str, learn: tuple[str, ...], heading: str = "You will learn") -> str:
    """Return the Markdown of a webinar: paragraphs, then what people will learn as a list."""
    items = "\n".join(f"- {item}" for item in learn)
    return "\n\n".join([*paragraphs, f"## {heading}", items]) + "\n"
