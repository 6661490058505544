"""Search in titles and in what was said, down to the sentence and its second; the same on both databases.

A query is read into words here, so that no character of it ever reaches a database's own query language. Which videos
match is decided by whole transcripts (thousands of documents); single cues (millions) are looked at only within the few
videos of one page of results.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from webinars.archive import search_dialects
from webinars.archive.models import CaptionTrack, Video
from webinars.archive.queries import videos_by_id
from webinars.archive.search_dialects import LONGEST_LIST, Asked, Hit, VideoRow
from webinars.core.database import db

SENTENCES_A_VIDEO = 3
LONGEST_QUERY = 300
MOST_WORDS = 10
LONGEST_WORD = 40

_WORD = re.compile(r"[^\W_]+")
#: words that stand in nearly every sentence; they are dropped when others remain
_COMMON = frozenset(
    [
        "a",
        "about",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "get",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "she",
        "should",
        "so",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "al",
        "algo",
        "como",
        "con",
        "cual",
        "cuando",
        "de",
        "del",
        "desde",
        "donde",
        "el",
        "ella",
        "ellos",
        "en",
        "entre",
        "era",
        "es",
        "esta",
        "este",
        "esto",
        "ha",
        "hay",
        "la",
        "las",
        "le",
        "les",
        "lo",
        "los",
        "mas",
        "me",
        "mi",
        "muy",
        "ni",
        "no",
        "nos",
        "o",
        "para",
        "pero",
        "por",
        "porque",
        "que",
        "quien",
        "se",
        "si",
        "sin",
        "sobre",
        "son",
        "su",
        "sus",
        "te",
        "tiene",
        "tu",
        "un",
        "una",
        "y",
        "ya",
        "yo",
    ]
)


@dataclass(frozen=True)
class Segment:
    """A piece of text, marked when it is what was looked for."""

    text: str
    marked: bool = False


@dataclass(frozen=True)
class Sentence:
    """A caption line that was found."""

    track_id: int
    language: str
    start_ms: int
    segments: tuple[Segment, ...]

    @property
    def seconds(self) -> int:
        """Give the whole second from which to play."""
        return self.start_ms // 1000


@dataclass(frozen=True)
class Found:
    """A video that matches, with its best sentences in the order of the talk."""

    video: Video
    #: title, summary, people or chapters match
    in_title: bool
    title: tuple[Segment, ...]
    summary: tuple[Segment, ...]
    sentences: list[Sentence] = field(default_factory=list)

    @property
    def elsewhere(self) -> bool:
        """Say whether nothing that a list shows holds the words: they are in description, chapters or names."""
        return not self.sentences and not any(segment.marked for segment in (*self.title, *self.summary))


@dataclass(frozen=True)
class Results:
    """One page of what was found."""

    #: the words that were looked for; empty = the query held none
    words: tuple[str, ...]
    items: list[Found]
    #: videos in all, at most 200
    total: int
    #: no video had all words; these have some of them
    some_words_only: bool = False

    @property
    def capped(self) -> bool:
        """Say whether there may be more than ``total``."""
        return self.total >= LONGEST_LIST


def fold(text: str) -> str:
    """Take accents off and lower the case, letter by letter, so that places in the result are places in the text."""
    return "".join(_fold_letter(letter) for letter in text)


def _fold_letter(letter: str) -> str:
    plain = unicodedata.normalize("NFD", letter)[0].lower()
    return plain if len(plain) == 1 else letter


def words_of(query: str) -> tuple[str, ...]:
    """Read a query of any characters into a few words in lower case; common ones are dropped if others remain."""
    text = unicodedata.normalize("NFC", query[:LONGEST_QUERY]).lower()
    words = list(dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(text)))
    telling = [
        word for word in words if word not in _COMMON and (len(word) > 1 or not word.isascii() or word.isdigit())
    ]
    return tuple((telling or words)[:MOST_WORDS])


def find(
    query: str,
    language: str | None = None,
    topic: int | None = None,
    series: int | None = None,
    limit: int = 10,
    offset: int = 0,
) -> Results:
    """Find published videos by words of title and transcript, the best first, with their best sentences.

    ``language`` restricts what was said to one language; ``topic`` and ``series`` are ids. At most eight queries.
    """
    words = words_of(query)
    if not words:
        return Results((), [], 0)
    asked = Asked(words, tuple(fold(word) for word in words), language=language, topic_id=topic, series_id=series)
    hits, some_only = _ranked(asked), False
    if not hits and len(words) > 1:
        asked, some_only = asked.any_word(), True
        hits = _ranked(asked)
    items = _described(asked, hits[offset : offset + limit])
    return Results(words, items, len(hits), some_only and bool(hits))


def _ranked(asked: Asked) -> list[Hit]:
    """Merge matches of titles and of transcripts: being high in either list counts, titles more."""
    best: dict[int, tuple[float, Hit]] = {}
    for weight, hits in ((3.0, search_dialects.video_hits(asked)), (1.0, search_dialects.track_hits(asked))):
        for place, hit in enumerate(hits):
            score, earlier = best.get(hit.video_id, (0.0, hit))
            merged = Hit(hit.video_id, earlier.track_id or hit.track_id, earlier.in_title or hit.in_title)
            best[hit.video_id] = (score + weight / (10 + place), merged)
    ordered = sorted(best.values(), key=lambda entry: -entry[0])
    return [hit for _score, hit in ordered[:LONGEST_LIST]]


def _described(asked: Asked, hits: Sequence[Hit]) -> list[Found]:
    videos = videos_by_id([hit.video_id for hit in hits])
    shown = [(hit, videos[hit.video_id]) for hit in hits if hit.video_id in videos]
    tracks = {track.id: track for hit, video in shown if (track := _track(hit, video, asked.language))}
    sentences: dict[int, list[Sentence]] = {video.id: [] for _hit, video in shown}
    if tracks:
        for row in search_dialects.cue_rows(asked, list(tracks), SENTENCES_A_VIDEO):
            track, segments = tracks[row.track_id], segments_of(row.text, row.highlights)
            sentences[track.video_id].append(Sentence(track.id, track.language, row.start_ms, segments))
    for found in sentences.values():
        found.sort(key=lambda one: one.start_ms)
    marked = search_dialects.video_rows(asked, list(sentences)) if sentences else {}
    return [
        Found(video, hit.in_title, *_marked(video, marked.get(video.id)), sentences[video.id]) for hit, video in shown
    ]


def _marked(video: Video, row: VideoRow | None) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """Cut title and summary where the words stand."""
    title, summary = (row.title, row.summary) if row else ((), ())
    return segments_of(video.title, title), segments_of(video.summary, summary)


def _track(hit: Hit, video: Video, language: str | None) -> CaptionTrack | None:
    """Choose whose sentences to show: of the track that matched, else of the asked or spoken language."""
    wanted = language or video.language
    for track in video.tracks:
        if track.id == hit.track_id or (hit.track_id is None and track.language == wanted):
            return track
    return None


def within(track: CaptionTrack, query: str) -> dict[int, tuple[Segment, ...]]:
    """Find every cue of one track that has any of the words; gives marked text by cue id."""
    words = words_of(query)
    if not words:
        return {}
    asked = Asked(words, tuple(fold(word) for word in words), every_word=False)
    rows = search_dialects.cue_rows(asked, [track.id], None)
    return {row.cue_id: segments_of(row.text, row.highlights) for row in rows}


def segments_of(text: str, highlights: Iterable[str]) -> tuple[Segment, ...]:
    """Cut a text where any of its highlighted copies is marked; copies of another length are left out."""
    marked = [False] * len(text)
    for copy in highlights:
        letters, flags = _flags(copy)
        if letters == len(text):
            marked = [one or other for one, other in zip(marked, flags, strict=True)]
    segments: list[Segment] = []
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or marked[index] != marked[start]:
            segments.append(Segment(text[start:index], marked[start]))
            start = index
    return tuple(segments)


def _flags(copy: str) -> tuple[int, list[bool]]:
    inside, flags = False, []
    for letter in copy:
        if letter in (search_dialects.OPEN, search_dialects.CLOSE):
            inside = letter == search_dialects.OPEN
        else:
            flags.append(inside)
    return len(flags), flags


def index_track(track_id: int) -> None:
    """Index a transcript as one document; call it after the cues of a track were written."""
    db.session.flush()
    search_dialects.index_track(track_id)
