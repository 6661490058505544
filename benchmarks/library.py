"""A library of talks to search: as many videos as asked, a thousand captions each, always the same ones.

Words come as often as they do in speech: a few small ones stand everywhere, most are rare (Zipf), and each talk has
words of its own that it comes back to.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, islice
from typing import Any

import sqlalchemy as sa

from webinars.archive import search, search_pieces
from webinars.archive.models import CaptionTrack, Cue, Video, VideoSpeaker, VideoState
from webinars.core.database import db, is_sqlite, transaction
from webinars.schedule.models import Series, Speaker, Topic

CUES_A_VIDEO = 1000
WORDS_A_LANGUAGE = 40_000
OWN_WORDS = 30
_NOW = datetime(2026, 11, 20, tzinfo=UTC)
_AT_ONCE = 20
#: a word of just two talks, in a small library and in a large one; neither is spoken in two languages
RAREST, _RAREST_IN = "sarcoidosis", (7, 32)

_SMALL = {
    "en": [
        "the", "and", "to", "of", "a", "you", "that", "it", "in", "is", "for", "we", "with", "this", "are",
        "be", "on", "have", "not", "so", "if", "but", "what", "can", "your", "as", "they", "at", "or", "there",
        "will", "do", "from", "one", "when", "was", "more", "about", "who", "may", "our", "how", "some", "by",
        "all", "also", "an", "very", "just", "would", "them", "which",
    ],
    "es": [
        "de", "que", "la", "el", "y", "en", "a", "los", "se", "no", "un", "por", "con", "las", "una", "es",
        "para", "lo", "su", "como", "más", "pero", "al", "o", "le", "ha", "esta", "si", "ya", "este", "muy",
        "cuando", "hay", "del", "sin", "sobre", "ser", "también", "son", "nos", "puede", "todo", "desde",
        "porque", "qué", "hasta", "donde", "quien", "están", "tiene",
    ],
}  # fmt: skip
#: the rank among all words at which each of these stands: from in every talk down to in a few
_PLANTED = {
    "en": {"treatment": 60, "cancer": 65, "doctor": 80, "infusion": 300, "fatigue": 700, "rash": 1500, "thyroid": 3000,
           "colitis": 5000, "pneumonitis": 8000, "vitiligo": 15_000, "myocarditis": 30_000},
    "es": {"tratamiento": 60, "cáncer": 65, "médico": 80, "infusión": 300, "cansancio": 700, "sarpullido": 1500,
           "tiroides": 3000, "colitis": 5000, "neumonitis": 8000, "vitíligo": 15_000, "miocarditis": 30_000},
}  # fmt: skip
_SYLLABLES = {
    "en": [
        "an", "ba", "con", "der", "el", "for", "gen", "hap", "in", "ker", "lo", "men", "nor", "op", "per",
        "qui", "ran", "sto", "tic", "ul", "ver", "wal", "ex", "yon", "ted", "ing", "sion", "ment",
    ],
    "es": [
        "ar", "be", "ción", "do", "en", "fa", "gra", "ho", "in", "ja", "ler", "ma", "ni", "or", "pa", "que",
        "rro", "sa", "ta", "un", "vi", "xo", "yen", "zar", "mente", "dad", "ble", "dor",
    ],
}  # fmt: skip


def fill(videos: int) -> None:
    """Write published videos with their transcripts until there are so many, and commit."""
    there = db.session.scalar(sa.select(sa.func.count()).select_from(Video)) or 0
    if there >= videos:
        return
    languages = {language: _Vocabulary(language) for language in _SMALL}
    with transaction(durable=False):
        subjects = _subjects()
    for first in range(there + 1, videos + 1, _AT_ONCE):
        with transaction(durable=False):
            for number in range(first, min(first + _AT_ONCE, videos + 1)):
                _write(number, languages, subjects)
        db.session.expunge_all()
    if is_sqlite():
        # As workers do at each tick.
        while any(search_pieces.count_pieces(table) > search_pieces.MOST_PIECES for table in search_pieces.TABLES):
            search_pieces.go_on(lambda: False)
    else:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))


class _Vocabulary:
    """The words of a language, the most frequent first, with how often each comes."""

    def __init__(self, language: str) -> None:
        made = dict.fromkeys(_made(language))
        self.words = [*_SMALL[language], *made][:WORDS_A_LANGUAGE]
        for word, rank in _PLANTED[language].items():
            self.words[rank] = word
        self._sums = list(accumulate(1 / (rank + 2.7) for rank in range(len(self.words))))

    def speak(self, choose: random.Random) -> Iterator[str]:
        """Give the captions of one talk."""
        own = choose.choices(self.words, k=OWN_WORDS)
        words = choose.choices(self.words, cum_weights=self._sums, k=12 * CUES_A_VIDEO)
        at = 0
        while True:
            length = choose.randint(5, 11)
            said = words[at : at + length]
            at = (at + length) % (11 * CUES_A_VIDEO)
            if choose.random() < 0.3:
                said[choose.randrange(length)] = choose.choice(own)
            yield " ".join(said).capitalize() + "."


def _made(language: str) -> Iterator[str]:
    choose = random.Random(language)
    while True:
        yield from ("".join(choose.choices(_SYLLABLES[language], k=choose.randint(2, 4))) for _ in range(5000))
        if choose.random() < 0.02:
            return


def _subjects() -> tuple[Sequence[int], ...]:
    if not db.session.scalar(sa.select(sa.func.count()).select_from(Series)):
        topics = [Topic(slug=f"topic-{n}", title=f"Topic {n}") for n in range(12)]
        db.session.add_all([*topics, *(Speaker(name=f"Speaker Number{n}") for n in range(40))])
        db.session.flush()
        db.session.add_all(
            Series(
                slug=f"series-{n}", title=f"Series {n}", topic_id=topics[n % 12].id, created_at=_NOW, updated_at=_NOW
            )
            for n in range(30)
        )
        db.session.flush()
    return tuple(db.session.scalars(sa.select(kind.id).order_by(kind.id)).all() for kind in (Topic, Series, Speaker))


def _write(number: int, languages: dict[str, _Vocabulary], subjects: tuple[Sequence[int], ...]) -> None:
    choose = random.Random(number)
    topics, series, speakers = subjects
    language = "es" if number % 10 in (3, 6, 9) else "en"
    title = " ".join(choose.choices(languages[language].words[60:8000], k=4)).capitalize()
    video = Video(
        slug=f"talk-{number}", title=title, summary=next(languages[language].speak(choose)), language=language,
        topic_id=choose.choice(topics), series_id=choose.choice(series), media_url="media:talk.mp4",
        recorded_on=date(2018, 1, 1) + timedelta(days=choose.randrange(3200)),
        duration_seconds=choose.randint(240, 4800),
        state=VideoState.PUBLISHED, published_at=_NOW, created_at=_NOW, updated_at=_NOW,
    )  # fmt: skip
    db.session.add(video)
    db.session.flush()
    db.session.add(VideoSpeaker(video_id=video.id, speaker_id=choose.choice(speakers)))
    spoken = [language, "es"] if number % 10 == 1 else [language]
    for one in spoken:
        said = islice(languages[one].speak(choose), CUES_A_VIDEO // len(spoken))
        _caption(video, one, [f"{RAREST.capitalize()} is rare.", *said] if number in _RAREST_IN else said)


def _caption(video: Video, language: str, said: Iterable[str]) -> None:
    track = CaptionTrack(video_id=video.id, language=language, state="automatic", vtt="WEBVTT\n", updated_at=_NOW)
    db.session.add(track)
    db.session.flush()
    common: dict[str, Any] = {"track_id": track.id, "video_id": video.id, "language": language}
    rows = [common | {"start_ms": 3000 * n, "end_ms": 3000 * n + 2900, "text": text} for n, text in enumerate(said)]
    db.session.execute(sa.insert(Cue), rows)
    search.index_track(track.id)
