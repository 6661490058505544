"""Writing captions that are there already: single ones and all, how far they can be trusted.

Callers open the transaction. Each deed holds the track's row first: two who save at once come one after the other.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select, text

from webinars.accounts import audit
from webinars.archive import captions as files
from webinars.archive import exports, queries, search
from webinars.archive.lines import Line
from webinars.archive.models import CaptionState, CaptionTrack, Cue, Video
from webinars.archive.spelling import Unknown, unknown
from webinars.core.database import db, is_sqlite, lock
from webinars.core.errors import UserError
from webinars.core.text import one_line

_AT_ONCE = 1000
#: start and end in milliseconds, and the words
Spoken = tuple[int, int, str]


@dataclass(frozen=True)
class Ready:
    """Captions that are read and checked, with what the index takes: all that can be done before a transaction."""

    vtt: str
    cues: list[Spoken]
    new_words: Unknown


def make_ready(given: str | bytes) -> Ready:
    """Read and check a WebVTT or SubRip file; call it outside the transaction. Raises CaptionProblems."""
    read = files.read_captions(given)
    return Ready(read.vtt, _rows_of(read.lines), unknown(line.text for line in read.lines))


def put(track: CaptionTrack, ready: Ready) -> None:
    """Put captions in place of all that the track had."""
    db.session.execute(delete(Cue).where(Cue.track_id == track.id).execution_options(synchronize_session=False))
    insert_cues(track, ready.cues)
    db.session.expire(track, ["cues"])
    search.index_track(track.id, ready.new_words)


def hold(video: Video, language: str) -> tuple[CaptionTrack, list[Line]]:
    """Hold the captions of a language until the transaction ends, with their lines. Raises NotFound."""
    track = queries.get_track(video, language)
    lock(track)
    return track, exports.kept_lines(track.vtt)


def change(video: Video, language: str, edit: Callable[[list[Line]], Sequence[Line]], now: datetime, how: str) -> int:
    """Change captions by a function of their lines; gives how many differ afterwards. Raises what ``edit`` raises."""
    track, before = hold(video, language)
    return save(video, track, before, edit(before), now, how)


def save(
    video: Video, track: CaptionTrack, before: Sequence[Line], wanted: Sequence[Line], now: datetime, how: str
) -> int:
    """Keep lines in place of those before; ``how`` says in the audit trail what was done. Raises UserError.

    Reviewed captions that change are corrected ones from then on: nobody has checked the new words.
    """
    after = files.spoken(wanted)
    if len(after) > files.MOST_CUES:
        raise UserError(_("These are too many captions for one video."))
    vtt = files.write_vtt(after)
    if vtt == track.vtt:
        return 0
    if len(vtt.encode()) > files.MOST_BYTES:
        raise UserError(_("This file is too large for captions. Two megabytes are the most."))
    was = track.state
    track.vtt, track.version, track.updated_at, video.updated_at = vtt, track.version + 1, now, now
    if track.state == CaptionState.REVIEWED:
        trust_in(track, CaptionState.CORRECTED, "", now)
    db.session.flush()
    differing = _settle_cues(track, after)
    search.index_track(track.id, unknown({line.text for line in after} - {line.text for line in before}))
    told = {"language": track.language, "how": how, "cues": len(after), "changed": differing, "state": track.state}
    audit.record("captions edited", "video", video.id, before={"cues": len(before), "state": was}, after=told, now=now)
    return differing


def trust(video: Video, language: str, state: str, reviewer: str, now: datetime) -> None:
    """Say how far captions can be trusted; ``reviewer`` is who checked them, as viewers read it. Raises UserError."""
    track, _lines = hold(video, language)
    if state not in set(CaptionState):
        raise UserError(_("Choose one of the three."))
    name = one_line(reviewer)
    if len(name) > 200:
        raise UserError(_("This is too long: %(most)s characters are the most.", most=200))
    before = track.state
    trust_in(track, CaptionState(state), name, now)
    track.version += 1
    video.updated_at = now
    db.session.flush()
    after = {"language": language, "state": track.state}
    audit.record("captions judged", "video", video.id, before={"state": before}, after=after, now=now)


def trust_in(track: CaptionTrack, state: CaptionState, reviewer: str, now: datetime) -> None:
    """Set how far a track can be trusted; who checked it is kept only while it is reviewed."""
    reviewed = state == CaptionState.REVIEWED
    track.state, track.reviewed_by = state, reviewer if reviewed else ""
    track.reviewed_at = now if reviewed else None


def _settle_cues(track: CaptionTrack, lines: Sequence[Line]) -> int:
    """Make the rows that search reads equal to the lines, touching only those that differ; gives how many."""
    wanted = _rows_of(lines)
    asked = select(Cue.id, Cue.start_ms, Cue.end_ms, Cue.text).where(Cue.track_id == track.id)
    rows = list(db.session.execute(asked.order_by(Cue.start_ms, Cue.id)))
    present = [(row.start_ms, row.end_ms, row.text) for row in rows]
    if len(present) == len(wanted):
        return _update_cues([(row.id, new) for row, old, new in zip(rows, present, wanted, strict=True) if old != new])
    head = _alike(present, wanted)
    tail = _alike(present[head:][::-1], wanted[head:][::-1])
    # Rows of one moment are in the order of their numbers, so a new one may not come before an old one.
    while tail and len(wanted) > tail and wanted[-tail][0] == wanted[-tail - 1][0]:
        tail -= 1
    gone = [row.id for row in rows[head : len(rows) - tail]]
    for start in range(0, len(gone), _AT_ONCE):
        some = delete(Cue).where(Cue.id.in_(gone[start : start + _AT_ONCE]))
        db.session.execute(some.execution_options(synchronize_session=False))
    fresh = wanted[head : len(wanted) - tail]
    insert_cues(track, fresh)
    return max(len(fresh), len(gone))


def _rows_of(lines: Sequence[Line]) -> list[Spoken]:
    return [(line.start_ms, line.end_ms, line.text) for line in lines]


def _alike(some: Sequence[object], others: Sequence[object]) -> int:
    for index, (one, other) in enumerate(zip(some, others, strict=False)):
        if one != other:
            return index
    return min(len(some), len(others))


def _update_cues(changed: Sequence[tuple[int, Spoken]]) -> int:
    deed = f"""UPDATE cues SET start_ms = given.start_ms, end_ms = given.end_ms, text = given.text
        FROM {_listed("start_ms", "end_ms", "text", "id")} WHERE cues.id = given.id"""
    if changed:
        db.session.execute(text(deed), {"listed": _json([(*row, cue) for cue, row in changed])})
    return len(changed)


def insert_cues(track: CaptionTrack, cues: Sequence[Spoken]) -> None:
    """Write cues of a track."""
    deed = f"""INSERT INTO cues (track_id, video_id, language, start_ms, end_ms, text)
        SELECT :track, :video, :language, start_ms, end_ms, text
        FROM {_listed("start_ms", "end_ms", "text")} ORDER BY place"""
    common = {"track": track.id, "video": track.video_id, "language": track.language}
    db.session.execute(text(deed), common | {"listed": _json(cues)})


def _listed(*columns: str) -> str:
    """Read the parameter "listed" as a table: each row a list of values, ``place`` their order.

    The index of SQLite writes what it has gathered when a statement ends: rows sent one by one cost it ten times as
    much, in the one transaction that writes.
    """
    kinds = {name: "text" if name == "text" else "bigint" for name in columns}
    if is_sqlite():
        values = (f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(columns))
        return f"(SELECT {', '.join(values)}, key AS place FROM json_each(:listed)) AS given"
    values = (f"CAST(value ->> {place} AS {kinds[name]}) AS {name}" for place, name in enumerate(columns))
    rows = "json_array_elements(CAST(:listed AS json)) WITH ORDINALITY AS one (value, place)"
    return f"(SELECT {', '.join(values)}, place FROM {rows}) AS given"


def _json(rows: Sequence[Sequence[object]]) -> str:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
