"""The two full-text dialects behind ``search``: SQLite FTS5, and PostgreSQL tsvector.

What is looked for comes written in the database's own language (``search_asked``). The tables are those of migration
0002.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import InternalError

from webinars.archive.models import Cue
from webinars.archive.search_asked import FOLLOWED, Asked
from webinars.archive.search_pieces import merge_with_a_talk
from webinars.core.database import db, is_sqlite

#: of a word that stands in more videos than this, the newest videos are ranked (PostgreSQL) or listed
LONGEST_LIST = 200
#: on SQLite a word of more talks than this is common: the newest of them are listed
COMMON = 600
#: on PostgreSQL so many talks, the newest that have the words, are ranked
RANKED = 60
#: so many places in one video are counted
MOST_PLACES = 100
#: private characters that no caption holds; they bracket what was found
OPEN, CLOSE = "\ue000", "\ue001"
#: PostgreSQL's dictionary for a row's language
_CONFIG = """SELECT CASE left({row}.language, 2)
          WHEN 'en' THEN 'english' WHEN 'es' THEN 'spanish' ELSE 'simple' END::regconfig"""
_SPOKEN_OR_CAPTIONED = """(v.language = :language
    OR v.id IN (SELECT video_id FROM caption_tracks WHERE language = :language))"""
#: a parameter, and not a cast
_NAME = re.compile(r"(?<!:):([a-z_0-9]+)")
_SPLIT = "-./:@_+\\"
_HEADLINE = {
    "options": f"HighlightAll=true, StartSel={OPEN}, StopSel={CLOSE}", "split": _SPLIT, "blank": " " * len(_SPLIT),
}  # fmt: skip


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
    #: cues of the track that have any of the words, at most MOST_PLACES
    places: int


@dataclass(frozen=True)
class VideoRow:
    """Copies of a video's title and summary in which the words are bracketed."""

    title: tuple[str, ...]
    summary: tuple[str, ...]


@contextmanager
def by_index() -> Iterator[None]:
    """Keep PostgreSQL from reading whole tables meanwhile.

    Its planner takes the table of transcripts for small, since it does not count what lies beside it, and would unpack
    every transcript there is.
    """
    if is_sqlite():
        yield
        return
    # Not "SET LOCAL": pages that read alone have no transaction.
    db.session.execute(text("SET enable_seqscan = off"))
    try:
        yield
    finally:
        # The end of a transaction that failed takes it back as well.
        with suppress(InternalError):
            db.session.execute(text("RESET enable_seqscan"))


def video_hits(asked: Asked, most: int = LONGEST_LIST) -> list[Hit]:
    """List published videos whose title, people, chapters, summary or description match, the best first."""
    language = f" AND {_SPOKEN_OR_CAPTIONED}" if asked.where.language else ""
    if is_sqlite():
        sql = f"""SELECT v.id FROM search_videos JOIN videos v ON v.id = search_videos.rowid
            WHERE search_videos MATCH :titles AND v.state = 'published'{asked.filters}{language}
            ORDER BY bm25(search_videos, 10.0, 5.0, 3.0, 1.0), v.recorded_on DESC, v.id DESC LIMIT :most"""
    else:
        sql = f"""SELECT v.id FROM search_videos s JOIN videos v ON v.id = s.video_id
            WHERE s.words @@ CAST(:query AS tsquery) AND v.state = 'published'{asked.filters}{language}
            ORDER BY ts_rank(s.words, CAST(:query AS tsquery), 1) DESC, v.recorded_on DESC, v.id DESC LIMIT :most"""
    return [Hit(row.id, None, True) for row in _rows(sql, asked, most=most)]


def track_hits(asked: Asked) -> list[Hit]:
    """List published videos whose transcript matches, with that track: the best first, of a common word the newest."""
    language = " AND t.language = :language" if asked.where.language else ""
    matching = f"""caption_tracks t ON t.id = {{track}} JOIN videos v ON v.id = t.video_id
        WHERE {{words}} AND v.state = 'published'{asked.filters}{language}"""
    rows = _sqlite_tracks(asked, matching) if is_sqlite() else _postgresql_tracks(asked, matching)
    return [Hit(row.id, row.track_id, False) for row in rows]


def _sqlite_tracks(asked: Asked, matching: str) -> Iterable[Any]:
    everywhere = "SELECT 1 FROM search_tracks WHERE search_tracks MATCH :query LIMIT 1 OFFSET :most"
    found = "SELECT v.id, t.id AS track_id, v.recorded_on FROM search_tracks JOIN " + matching.format(
        track="search_tracks.rowid", words="search_tracks MATCH :query"
    )
    if list(_rows(everywhere, asked, most=COMMON)):
        # Numbers grow with time. Ranking would read all places of the word in all talks, to learn that it tells little.
        newest = f"{found} ORDER BY search_tracks.rowid DESC LIMIT :most"
        return _rows(f"SELECT id, track_id FROM ({newest}) ORDER BY recorded_on DESC, track_id DESC", asked)
    return _rows(f"{found} ORDER BY search_tracks.rank, v.recorded_on DESC, t.id DESC LIMIT :most", asked)


def _postgresql_tracks(asked: Asked, matching: str) -> Iterable[Any]:
    # Who has the words is asked of the index first: the planner would sooner unpack every transcript there is. Whether
    # they follow each other is seen in the transcript alone, so from the newest on, until there are enough.
    together = FOLLOWED.sub(" & ", asked.query)
    newest = f"""SELECT v.id, t.id AS track_id, v.recorded_on
        FROM s JOIN {matching.format(track="s.track_id", words="true")} ORDER BY s.track_id DESC"""
    if together != asked.query:
        newest = f"""SELECT * FROM ({newest} OFFSET 0) AS o WHERE (
            SELECT words @@ CAST(:query AS tsquery) FROM search_tracks WHERE track_id = o.track_id)"""
    # Ranking reads the whole vector of each candidate, so only the newest are ranked; the others follow them.
    sql = f"""WITH s AS MATERIALIZED (SELECT track_id FROM search_tracks WHERE words @@ CAST(:together AS tsquery)),
        newest AS MATERIALIZED ({newest} LIMIT :most),
        n AS MATERIALIZED (SELECT *, row_number() OVER (ORDER BY recorded_on DESC, id DESC, track_id) AS place
          FROM newest)
        SELECT n.id, n.track_id FROM n ORDER BY coalesce((
          SELECT ts_rank(s.words, CAST(:query AS tsquery), 1) FROM search_tracks s
          WHERE s.track_id = n.track_id AND n.place <= {RANKED}), 0) DESC, n.place"""
    return _rows(sql, asked, together=together)


def count_videos(asked: Asked) -> int:
    """Count published videos that match by transcript, or by title if none does; at most LONGEST_LIST, in any order."""
    tracks = "caption_tracks t ON t.id = s.document JOIN videos v ON v.id = t.video_id"
    videos = "videos v ON v.id = s.document"
    sides = (
        (("SELECT rowid AS document FROM search_tracks WHERE search_tracks MATCH :query", tracks),
         ("SELECT rowid AS document FROM search_videos WHERE search_videos MATCH :titles", videos))
        if is_sqlite()
        else (("SELECT track_id AS document FROM search_tracks WHERE words @@ CAST(:query AS tsquery)", tracks),
              ("SELECT video_id AS document FROM search_videos WHERE words @@ CAST(:query AS tsquery)", videos))
    )  # fmt: skip
    for matching, join in sides:
        # Else SQLite would look for each video in the index.
        sql = f"""WITH s AS MATERIALIZED ({matching})
            SELECT count(*) AS number FROM (SELECT 1 FROM s JOIN {join}
            WHERE v.state = 'published'{asked.filters} LIMIT :most) AS found"""
        rows = list(_rows(sql, asked))
        if rows and rows[0].number:
            return int(rows[0].number)
    return 0


def video_rows(asked: Asked, videos: Sequence[int]) -> dict[int, VideoRow]:
    """Give title and summary of videos, by id, with any of the words bracketed (one query)."""
    return _sqlite_videos(asked.any_term, videos) if is_sqlite() else _postgresql_videos(asked.any_term, videos)


def _sqlite_videos(asked: Asked, videos: Sequence[int]) -> dict[int, VideoRow]:
    names = [f"v{number}" for number in range(len(videos))]
    sql = f"""SELECT rowid AS id, highlight(search_videos, 0, :open, :close) AS title,
          highlight(search_videos, 2, :open, :close) AS summary
        FROM search_videos WHERE search_videos MATCH :titles AND rowid IN ({", ".join(f":{name}" for name in names)})"""
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
    if is_sqlite():
        return _sqlite_cues(asked, tracks, each)
    return _postgresql_cues(asked.any_term, tracks, each)


def _sqlite_cues(asked: Asked, tracks: Sequence[int], each: int | None) -> list[CueRow]:
    runs = json.dumps(_runs_of_cues(tracks))
    if each is None:
        return _sqlite_marked(_SQLITE_WITHIN, asked.any_term, {}, runs=runs)
    # Lines with most of the terms: bm25, or all terms at once, would be looked for in all the lines there are.
    places: dict[int, dict[int, list[str]]] = {track: {} for track in tracks}
    for row in _rows(_SQLITE_PLACES, asked, runs=runs, forms=json.dumps(asked.forms)):
        for line in json.loads(row.found):
            places[row.track_id].setdefault(line, []).append(row.form)
    # Each is marked where it has what it was found by: to look for every term in each would take twice as long.
    best = [
        (line, " OR ".join(lines[line]))
        for lines in places.values()
        for line in sorted(lines, key=lambda line: (-len(lines[line]), line))[:each]
    ]
    return _sqlite_marked(_SQLITE_CHOSEN, asked, places, chosen=json.dumps(best)) if best else []


def _sqlite_marked(sql: str, asked: Asked, places: Mapping[int, Collection[int]], **values: Any) -> list[CueRow]:
    rows = _rows(sql, asked, open=OPEN, close=CLOSE, **values)
    counts = {track: min(len(lines), MOST_PLACES) for track, lines in places.items()}
    return [
        CueRow(row.track_id, row.id, row.start_ms, row.text, (row.marked,), counts.get(row.track_id, 0)) for row in rows
    ]


def _runs_of_cues(tracks: Sequence[int]) -> list[tuple[int, int, int]]:
    """Give tracks with first and last of their cues, anew where another track's lie between (two queries at most).

    A track is written together; a range of numbers keeps the index from walking through the cues of all others. Where
    lines were added later, each run of numbers is a range of its own.
    """
    cues = select(Cue.track_id, func.min(Cue.id), func.max(Cue.id), func.count()).where(Cue.track_id.in_(tracks))
    whole = db.session.execute(cues.group_by(Cue.track_id)).all()
    runs = [(track, first, last) for track, first, last, count in whole if last - first < count]
    torn = [track for track, first, last, count in whole if last - first >= count]
    pieces = select(Cue.track_id, Cue.id).where(Cue.track_id.in_(torn)).order_by(Cue.track_id, Cue.id)
    for track, number in db.session.execute(pieces) if torn else ():
        if runs and runs[-1][0] == track and runs[-1][2] == number - 1:
            runs[-1] = (track, runs[-1][1], number)
        else:
            runs.append((track, number, number))
    return runs


_SQLITE_RUNS = """(SELECT json_extract(value, '$[0]') AS track_id, json_extract(value, '$[1]') AS first,
    json_extract(value, '$[2]') AS last FROM json_each(:runs)) AS r"""
_SQLITE_PLACES = f"""SELECT r.track_id, term.value AS form, (SELECT json_group_array(rowid) FROM (
      SELECT rowid FROM search_cues WHERE search_cues MATCH term.value AND rowid BETWEEN r.first AND r.last)) AS found
    FROM {_SQLITE_RUNS} CROSS JOIN json_each(:forms) AS term"""
_SQLITE_MARKED = """SELECT c.track_id, c.id, c.start_ms, c.text, highlight(search_cues, 0, :open, :close) AS marked
    FROM {} CROSS JOIN cues c ON c.id = search_cues.rowid WHERE search_cues MATCH {}"""
_SQLITE_CHOSEN = _SQLITE_MARKED.format(
    "json_each(:chosen) AS one CROSS JOIN search_cues ON search_cues.rowid = json_extract(one.value, '$[0]')",
    "json_extract(one.value, '$[1]')",
)
_SQLITE_WITHIN = _SQLITE_MARKED.format(
    f"{_SQLITE_RUNS} CROSS JOIN search_cues ON search_cues.rowid BETWEEN r.first AND r.last", ":query"
)


def _postgresql_cues(asked: Asked, tracks: Sequence[int], each: int | None) -> list[CueRow]:
    sql = """SELECT best.track_id, c.id, c.start_ms, c.text, headline.plain, headline.folded, best.places
        FROM unnest(CAST(:tracks AS bigint[])) AS wanted(track_id)
        CROSS JOIN LATERAL (
          SELECT s.track_id, s.cue_id, count(*) OVER () AS places FROM search_cues s
          WHERE s.track_id = wanted.track_id AND s.words @@ CAST(:query AS tsquery)
          ORDER BY ts_rank(s.words, CAST(:query AS tsquery)) DESC, s.cue_id LIMIT :each) AS best
        JOIN cues c ON c.id = best.cue_id
        CROSS JOIN LATERAL ({config}) AS config (name)
        CROSS JOIN LATERAL (
          SELECT ts_headline(config.name, translate(c.text, :split, :blank), CAST(:query AS tsquery), :options),
                 ts_headline(config.name, search_fold(c.text), CAST(:query AS tsquery), :options)
        ) AS headline (plain, folded)"""
    rows = _rows(sql.format(config=_CONFIG.format(row="c")), asked, tracks=list(tracks), each=each, **_HEADLINE)
    return [CueRow(row.track_id, row.id, row.start_ms, row.text, (row.plain, row.folded), row.places) for row in rows]


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
    if is_sqlite():
        merge_with_a_talk()


def index_further(video_id: int, texts: Sequence[str]) -> None:
    """Write these texts, and no earlier ones, behind the description of a video."""
    if is_sqlite():
        statements: tuple[str, ...] = (
            """UPDATE search_videos SET description = v.description || ' ' || :further
               FROM videos v WHERE v.id = :video AND search_videos.rowid = v.id""",
        )
    else:
        statements = (
            "SELECT search_index_video(:video)",
            """UPDATE search_videos s SET words = s.words || setweight(search_words(v.language, :further), 'D')
               FROM videos v WHERE v.id = s.video_id AND s.video_id = :video""",
        )
    for statement in statements:
        wanted = {"video": video_id, "further": " ".join(texts)}
        db.session.execute(text(statement), {name: wanted[name] for name in _NAME.findall(statement)})


def _rows(sql: str, asked: Asked, **values: Any) -> Iterable[Any]:
    if not asked.query:
        return []
    values = {"query": asked.query, "most": LONGEST_LIST, **asked.values, **values}
    if is_sqlite():
        values["titles"] = asked.titles
        # Straight to the driver, which knows names: reading the statement anew would cost more than running it.
        return db.session.connection().exec_driver_sql(sql, values).all()
    named = {name: values[name] for name in _NAME.findall(sql)}
    return db.session.execute(text(sql), named).all()
