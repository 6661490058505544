"""Search in titles and in what was said, down to the sentence and its second; the same on both databases.

A query is read into words here, so that no character of it ever reaches a database's own query language. Which videos
match is decided by whole transcripts (thousands of documents); single cues (millions) are looked at only within the few
videos of one page of results.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from webinars.archive import search_dialects, world_queries
from webinars.archive.models import CaptionTrack, Cue, Video
from webinars.archive.queries import VideoFilter, cues_beside, videos_by_id
from webinars.archive.search_asked import PREFIX_FROM, Asked
from webinars.archive.search_dialects import LONGEST_LIST, MOST_PLACES, Hit, VideoRow
from webinars.archive.search_words import Term, terms_of
from webinars.archive.spelling import Unknown, learn, near, unknown
from webinars.archive.terms.queries import called_elsewhere
from webinars.core.database import db
from webinars.core.text import one_line

SENTENCES_A_VIDEO = 3
#: a found line of fewer letters is shown with those beside it
SHORT = 70
#: with no more videos than this, a word that is far more usual is offered instead of a like one
FEW = 2
FAR_MORE = 10
#: as many neighbours of a mistyped word are tried
MOST_TRIED = 8
#: slips that a word without its last letter counts for
SHORTENED = 9
#: what people write around a question
_AROUND = ' "“”«»¿?¡!.,'


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
    #: what is said just before and just after a short line
    before: str = ""
    after: str = ""

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
    #: places in the talk that have any of the words, at most MOST_PLACES
    places: int = 0

    @property
    def captions_language(self) -> str | None:
        """Give the language of the captions that were found when another one is spoken."""
        languages = {sentence.language for sentence in self.sentences} - {self.video.language}
        return languages.pop() if languages else None

    @property
    def more_places(self) -> int:
        """Count the places beside those shown."""
        return self.places - len(self.sentences)

    @property
    def many_places(self) -> bool:
        """Say whether there may be more than ``places``."""
        return self.places >= MOST_PLACES

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
    #: what was most likely meant, as a query; "" = nothing else
    meant: str = ""
    #: nothing was found for the query itself; these are for what was meant
    instead: bool = False
    #: all that were found, the best first
    ids: tuple[int, ...] = ()

    @property
    def capped(self) -> bool:
        """Say whether there may be more than ``total``."""
        return self.total >= LONGEST_LIST


def find(query: str, where: VideoFilter | None = None, limit: int = 10, offset: int = 0) -> Results:
    """Find published videos by words of title and transcript, the best first, with their best sentences.

    When nothing has the words, those that were most likely meant are looked for, then any of them. The number of
    queries does not grow with what is found.
    """
    terms = terms_of(query)
    if not terms:
        return Results((), [], 0)
    asked = Asked(terms, where or VideoFilter())
    with search_dialects.by_index():
        hits, meant, some_only = _ranked(asked), "", False
        instead = not hits
        better = _better(asked, query) if len(hits) <= FEW and not offset else None
        if better:
            meant = _written(better.terms)
        if instead and better:
            asked, hits = better, _ranked(better)
        if not hits and len(terms) > 1:
            asked, some_only = asked.any_term, True
            hits = _ranked(asked)
    items = _described(asked, hits[offset : offset + limit])
    words, ids = tuple(term.text for term in terms), tuple(hit.video_id for hit in hits)
    return Results(words, items, len(hits), some_only and bool(hits), meant, instead and bool(meant and hits), ids)


def _better(asked: Asked, query: str) -> Asked | None:
    """Put far more usual words in the place of those that look mistyped or of another language; None when none does."""
    # A term of another language may be several words, as they were typed: "cáncer de mama" is looked for without "de".
    whole = Term(tuple(word for term in asked.terms for word in term.words))
    other = _mended(whole, asked.where, one_line(query).strip(_AROUND)) if len(asked.terms) > 1 else whole
    terms = (other,) if other != whole else tuple(_mended(term, asked.where, term.text) for term in asked.terms)
    return replace(asked, terms=terms) if terms != asked.terms else None


def _mended(term: Term, where: VideoFilter, typed: str) -> Term:
    # First what it is called in another language.
    candidates = [(0, meant) for other in called_elsewhere(typed) for meant in terms_of(f'"{other}"')]
    candidates += [(cost, Term((word,))) for cost, word in near(term.text)[:MOST_TRIED]]
    if term.is_word and len(term.text) >= PREFIX_FROM:
        # Last of all another form of it: "itchy" is "itching" without its end.
        candidates.append((SHORTENED, Term((term.text[:-1],))))
    own = search_dialects.count_videos(Asked((term,), where)) if candidates else 0
    best, nearest = term, candidates[0][0] if candidates else 0
    most = own * FAR_MORE
    for cost, meant in candidates:
        if cost > nearest and best is not term:
            break
        count = search_dialects.count_videos(Asked((meant,), where))
        if count > most:
            best, most = meant, count
    return best


def _written(terms: Iterable[Term]) -> str:
    return " ".join("-".join(term.words) if term.loose or term.is_word else f'"{term.text}"' for term in terms)


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
    tracks = {track.id: track for hit, video in shown if (track := _track(hit, video, asked.where.language))}
    rows = search_dialects.cue_rows(asked, list(tracks), SENTENCES_A_VIDEO) if tracks else []
    beside = cues_beside([row.cue_id for row in rows if len(row.text) < SHORT])
    sentences: dict[int, list[Sentence]] = {video.id: [] for _hit, video in shown}
    places: dict[int, int] = {}
    for row in sorted(rows, key=lambda row: row.start_ms):
        track = tracks[row.track_id]
        before, after = beside.get(row.cue_id, ("", ""))
        segments = segments_of(row.text, row.highlights)
        sentences[track.video_id].append(Sentence(track.id, track.language, row.start_ms, segments, before, after))
        places[track.video_id] = row.places
    marked = search_dialects.video_rows(asked, list(sentences)) if sentences else {}
    return [
        Found(video, hit.in_title, *_marked(video, marked.get(video.id)), sentences[video.id], places.get(video.id, 0))
        for hit, video in shown
    ]


def _marked(video: Video, row: VideoRow | None) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """Cut title and summary where the words stand."""
    title, summary = (row.title, row.summary) if row else ((), ())
    return segments_of(video.title, title), segments_of(video.summary, summary)


def _track(hit: Hit, video: Video, language: str) -> CaptionTrack | None:
    """Choose whose sentences to show: of the track that matched, else of the asked or spoken language."""
    wanted = language or video.language
    for track in video.tracks:
        if track.id == hit.track_id or (hit.track_id is None and track.language == wanted):
            return track
    return None


def within(track: CaptionTrack, query: str) -> dict[int, tuple[Segment, ...]]:
    """Find every cue of one track that has any of the words; gives marked text by cue id."""
    terms = terms_of(query)
    if not terms:
        return {}
    asked = Asked(terms, every_term=False)
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


def index_track(track_id: int, words: Unknown | None = None) -> None:
    """Index a transcript as one document and learn its words; call it after the cues of a track were written.

    words: those that are new, as ``unknown`` gave them; when absent the cues are read for them.
    """
    db.session.flush()
    search_dialects.index_track(track_id)
    learn(unknown(db.session.scalars(select(Cue.text).where(Cue.track_id == track_id))) if words is None else words)


def index_video(video: Video) -> None:
    """Index what a video's page says beside the talk, and learn its words; call it after any of it was written.

    Title, summary, description, names and chapters are indexed by the database itself; written answers come in here.
    """
    db.session.flush()
    texts = [text for one in world_queries.answers_of(video.id) for text in (one.question, one.answer)]
    search_dialects.index_further(video.id, texts)
    names = [speaker.name for speaker in video.speakers]
    learn(unknown([video.title, video.summary, *names, *(chapter.title for chapter in video.chapters), *texts]))
