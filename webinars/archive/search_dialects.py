"""The two full-text dialects behind ``search``: SQLite FTS5, and PostgreSQL tsvector.

Queries are built from words of letters and digits only. The tables are those of migration 0002.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text

from webinars.core.database import db, is_sqlite

#: of a word that stands in more videos than this, the newest videos are ranked (PostgreSQL) or listed
LONGEST_LIST = 200
#: from this length on a word also finds longer ones: "immuno" finds "immunotherapy"
PREFIX_FROM = 5
LONGER_WORDS = 20
#: private characters that no caption holds; they bracket what was found
OPEN, CLOSE = "\ue000", "\ue001"
#: PostgreSQL's dictionary for a row's language
_CONFIG = """SELECT CASE left({row}.language, 2)
          WHEN 'en' THEN 'english' WHEN 'es' THEN 'spanish' ELSE 'simple' END::regconfig"""
_SPLIT = "-./:@_+\\"
_HEADLINE = {
    "options": f"HighlightAll=true, StartSel={OPEN}, StopSel={CLOSE}", "split": _SPLIT, "blank": " " * len(_SPLIT),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What is looked for: words as written and without accents, and where."""

    words: tuple[str, ...]
    folded: tuple[str, ...]
    every_word: bool = True
    language: str | None = None
    topic_id: int | None = None
    series_id: int | None = None

    def any_word(self) -> "Asked":
        """Ask for videos with any of the words."""
        return replace(self, every_word=False)

    @property
    def filters(self) -> str:
        """Give the conditions on videos v, as SQL without any of the visitor's characters."""
        columns = {"topic_id": self.topic_id, "series_id": self.series_id}
        return "".join(f" AND v.{column} = :{column}" for column, value in columns.items() if value is not None)

    @property
    def values(self) -> dict[str, Any]:
        """Give the values of the conditions."""
        return {"topic_id": self.topic_id, "series_id": self.series_id, "language": self.language}


@dataclass(frozen=True)
class Hit:
    """A video that matches, and the track that does, if one does."""

    video_id: int
    track_id: int | None
    in_title: bool


@dataclass(frozen=True)
class CueRow:
    """A cue that matches, with copies of its text in which the words are bracketed."""

    track_id: int
    cue_id: int
    start_ms: int
    text: str
    highlights: tuple[str, ...]


@dataclass(frozen=True)
class VideoRow:
    """Copies of a video's title and summary in which the words are bracketed."""

    title: tuple[str, ...]
    summary: tuple[str, ...]


def video_hits(asked: Asked) -> list[Hit]:
    """List published videos whose title, people, chapters, summary or description match, the best first."""
    language = " AND v.language = :language" if asked.language else ""
    if is_sqlite():
        sql = f"""SELECT v.id FROM search_videos JOIN videos v ON v.id = search_videos.rowid
            WHERE search_videos MATCH :query AND v.state = 'published'{asked.filters}{language}
            ORDER BY bm25(search_videos, 10.0, 5.0, 3.0, 1.0), v.recorded_on DESC, v.id DESC LIMIT :most"""
    else:
        sql = f"""SELECT v.id FROM search_videos s JOIN videos v ON v.id = s.video_id
            WHERE s.words @@ CAST(:query AS tsquery) AND v.state = 'published'{asked.filters}{language}
            ORDER BY ts_rank(s.words, CAST(:query AS tsquery), 1) DESC, v.recorded_on DESC, v.id DESC LIMIT :most"""
    return [Hit(row.id, None, True) for row in _rows(sql, asked)]


def track_hits(asked: Asked) -> list[Hit]:
    """List published videos whose transcript matches, the best first, with the matching track."""
    language = " AND t.language = :language" if asked.language else ""
    if is_sqlite():
        sql = f"""SELECT v.id, t.id AS track_id FROM search_tracks JOIN caption_tracks t ON t.id = search_tracks.rowid
            JOIN videos v ON v.id = t.video_id
            WHERE search_tracks MATCH :query AND v.state = 'published'{asked.filters}{language}
            ORDER BY search_tracks.rank, v.recorded_on DESC, t.id DESC LIMIT :most"""
    else:
        # Ranking reads the whole vector of each candidate, so a word that stands everywhere is ranked among the newest.
        sql = f"""SELECT id, track_id FROM (
              SELECT v.id, t.id AS track_id, v.recorded_on, s.words FROM search_tracks s
              JOIN caption_tracks t ON t.id = s.track_id JOIN videos v ON v.id = t.video_id
              WHERE s.words @@ CAST(:query AS tsquery) AND v.state = 'published'{asked.filters}{language}
              ORDER BY v.recorded_on DESC, v.id DESC, t.id LIMIT :most) AS newest
            ORDER BY ts_rank(words, CAST(:query AS tsquery), 1) DESC, recorded_on DESC, track_id DESC"""
    return [Hit(row.id, row.track_id, False) for row in _rows(sql, asked)]


def video_rows(asked: Asked, videos: Sequence[int]) -> dict[int, VideoRow]:
    """Give title and summary of videos, by id, with any of the words bracketed (one query)."""
    return _sqlite_videos(asked.any_word(), videos) if is_sqlite() else _postgresql_videos(asked.any_word(), videos)


def _sqlite_videos(asked: Asked, videos: Sequence[int]) -> dict[int, VideoRow]:
    names = [f"v{number}" for number in range(len(videos))]
    sql = f"""SELECT rowid AS id, highlight(search_videos, 0, :open, :close) AS title,
          highlight(search_videos, 2, :open, :close) AS summary
        FROM search_videos WHERE search_videos MATCH :query AND rowid IN ({", ".join(f":{name}" for name in names)})"""
    rows = _rows(sql, asked, open=OPEN, close=CLOSE, **dict(zip(names, videos, strict=True)))
    return {row.id: VideoRow((row.title,), (row.summary,)) for row in rows}


def _postgresql_videos(asked: Asked, videos: Sequence[int]) -> dict[int, VideoRow]:
    copies = ", ".join(
        f"""ts_headline(config.name, translate(v.{column}, :split, :blank), CAST(:query AS tsquery), :options)
            AS {column},
          ts_headline(config.name, search_fold(v.{column}), CAST(:query AS tsquery), :options) AS {column}_folded"""
        for column in ("title", "summary")
    )
    sql = f"""SELECT v.id, {copies} FROM videos v CROSS JOIN LATERAL ({_CONFIG.format(row="v")}) AS config (name)
        WHERE v.id = ANY(CAST(:videos AS bigint[]))"""
    rows = _rows(sql, asked, videos=list(videos), **_HEADLINE)
    return {row.id: VideoRow((row.title, row.title_folded), (row.summary, row.summary_folded)) for row in rows}


def cue_rows(asked: Asked, tracks: Sequence[int], each: int | None) -> list[CueRow]:
    """List the best ``each`` cues of every track (None = all) that have any of the words."""
    any_word = asked.any_word()
    if is_sqlite():
        return _sqlite_cues(any_word, tracks, each)
    return _postgresql_cues(any_word, tracks, each)


def _sqlite_cues(asked: Asked, tracks: Sequence[int], each: int | None) -> list[CueRow]:
    """List for each track first cues with every word, then with any; bm25 would count through all cues there are."""
    # The cues of a track were written together, so a range of ids keeps the index from walking through all others.
    one = """SELECT * FROM (SELECT c.track_id, c.id, c.start_ms, c.text,
          highlight(search_cues, 0, :open, :close) AS marked
        FROM search_cues CROSS JOIN cues c ON c.id = search_cues.rowid
        WHERE search_cues MATCH :{words}
          AND search_cues.rowid BETWEEN (SELECT min(id) FROM cues WHERE track_id = :t{n})
                                    AND (SELECT max(id) FROM cues WHERE track_id = :t{n})
          AND c.track_id = :t{n} ORDER BY search_cues.rowid LIMIT :each)"""
    wanted = ("query",) if each is None else ("every", "query")
    sql = " UNION ALL ".join(one.format(n=number, words=words) for number in range(len(tracks)) for words in wanted)
    values: dict[str, Any] = {f"t{number}": track for number, track in enumerate(tracks)}
    forms = _whole_words(asked)
    values |= {"query": " OR ".join(forms), "every": " AND ".join(forms), "open": OPEN, "close": CLOSE}
    rows = _rows(sql, asked, each=-1 if each is None else each, **values)
    found = {row.id: CueRow(row.track_id, row.id, row.start_ms, row.text, (row.marked,)) for row in rows}
    return _first_of_each(found.values(), each)


def _whole_words(asked: Asked) -> list[str]:
    """Write each word with the longer ones it begins: FTS5 would gather all cues of a prefix anew for every track."""
    terms = text("SELECT term FROM search_terms WHERE term >= :first AND term < :last LIMIT :most")
    forms = []
    for word, folded in zip(asked.words, asked.folded, strict=True):
        found = [word]
        if len(word) >= PREFIX_FROM:
            bounds = {"first": folded, "last": folded + "\U0010ffff", "most": LONGER_WORDS}
            found += db.session.scalars(terms, bounds)
        forms.append("({})".format(" OR ".join(f'"{one}"' for one in found)))
    return forms


def _first_of_each(rows: Iterable[CueRow], each: int | None) -> list[CueRow]:
    counts: Counter[int] = Counter()
    kept = []
    for row in rows:
        counts[row.track_id] += 1
        if each is None or counts[row.track_id] <= each:
            kept.append(row)
    return kept


def _postgresql_cues(asked: Asked, tracks: Sequence[int], each: int | None) -> list[CueRow]:
    sql = """SELECT best.track_id, c.id, c.start_ms, c.text, headline.plain, headline.folded
        FROM unnest(CAST(:tracks AS bigint[])) AS wanted(track_id)
        CROSS JOIN LATERAL (
          SELECT s.track_id, s.cue_id FROM search_cues s
          WHERE s.track_id = wanted.track_id AND s.words @@ CAST(:query AS tsquery)
          ORDER BY ts_rank(s.words, CAST(:query AS tsquery)) DESC, s.cue_id LIMIT :each) AS best
        JOIN cues c ON c.id = best.cue_id
        CROSS JOIN LATERAL ({config}) AS config (name)
        CROSS JOIN LATERAL (
          SELECT ts_headline(config.name, translate(c.text, :split, :blank), CAST(:query AS tsquery), :options),
                 ts_headline(config.name, search_fold(c.text), CAST(:query AS tsquery), :options)
        ) AS headline (plain, folded)"""
    rows = _rows(sql.format(config=_CONFIG.format(row="c")), asked, tracks=list(tracks), each=each, **_HEADLINE)
    return [CueRow(row.track_id, row.id, row.start_ms, row.text, (row.plain, row.folded)) for row in rows]


def index_track(track_id: int) -> None:
    """Write one transcript anew."""
    if is_sqlite():
        statements = (
            "DELETE FROM search_tracks WHERE rowid = :track",
            """INSERT INTO search_tracks (rowid, transcript) SELECT :track, group_concat(text, ' ')
               FROM (SELECT text FROM cues WHERE track_id = :track ORDER BY start_ms, id)
               WHERE EXISTS (SELECT 1 FROM cues WHERE track_id = :track)""",
        )
    else:
        # A tsvector ends at one megabyte; no talk comes near.
        statements = (
            "DELETE FROM search_tracks WHERE track_id = :track",
            """INSERT INTO search_tracks (track_id, words)
               SELECT track_id, search_words(max(language), left(string_agg(text, ' ' ORDER BY start_ms, id), 600000))
               FROM cues WHERE track_id = :track GROUP BY track_id""",
        )
    for statement in statements:
        db.session.execute(text(statement), {"track": track_id})


def _rows(sql: str, asked: Asked, **values: Any) -> Iterable[Any]:
    query = _fts5(asked) if is_sqlite() else _tsquery(asked)
    if not query:
        return []
    values = {"query": query, "most": LONGEST_LIST, **asked.values, **values}
    named = {name: value for name, value in values.items() if f":{name}" in sql}
    return db.session.execute(text(sql), named).all()


def _fts5(asked: Asked) -> str:
    words = [f'"{word}"*' if len(word) >= PREFIX_FROM else f'"{word}"' for word in asked.words]
    return (" AND " if asked.every_word else " OR ").join(words)


def _tsquery(asked: Asked) -> str:
    """Let PostgreSQL stem the words, each in every language, with and without its accents; "" when nothing remains."""
    forms: list[str] = []
    values: dict[str, str] = {}
    for number, pair in enumerate(zip(asked.words, asked.folded, strict=True)):
        spellings = []
        for kind, word in zip("pf", dict.fromkeys(pair), strict=False):
            values[f"{kind}{number}"] = f"'{word}':*" if len(word) >= PREFIX_FROM else f"'{word}'"
            spellings += [f"to_tsquery('{config}', :{kind}{number})" for config in ("english", "spanish", "simple")]
        forms.append(f"({' || '.join(spellings)})")
    joined = (" && " if asked.every_word else " || ").join(forms)
    return str(db.session.scalar(text(f"SELECT CAST({joined} AS text)"), values) or "")
