"""The pieces of SQLite's index: it grows by them, and each word is looked for in every one.

PostgreSQL keeps one index for each table, and needs none of this.
"""

from collections.abc import Callable

from sqlalchemy import text

from webinars.core.database import db, is_sqlite, transaction

TABLES = ("search_tracks", "search_cues")
#: with more pieces than this a table is merged into one: two words are looked for in a third of the time
MOST_PIECES = 4
#: pages that are merged with each talk, and at each tick of a worker, so that nobody waits for it
WITH_A_TALK, AT_A_TICK = 250, 500

_COUNTED = """WITH RECURSIVE pieces (id) AS (SELECT min(segid) FROM {0}_idx UNION ALL
      SELECT (SELECT min(segid) FROM {0}_idx WHERE segid > id) FROM pieces WHERE id IS NOT NULL)
    SELECT count(id) FROM pieces"""
_TWO_BY_TWO = """INSERT INTO {0} ({0}, rank)
    SELECT 'usermerge', 2 WHERE NOT EXISTS (SELECT 1 FROM {0}_config WHERE k = 'usermerge')"""
_MERGE = "INSERT INTO {0} ({0}, rank) VALUES ('merge', :pages)"


def count_pieces(table: str) -> int:
    """Count the pieces of a table of the index."""
    return db.session.scalar(text(_COUNTED.format(table))) or 0


def merge_with_a_talk() -> None:
    """Merge some pieces two by two, after a transcript was written."""
    for table in TABLES:
        db.session.execute(text(_TWO_BY_TWO.format(table)))
        db.session.execute(text(_MERGE.format(table)), {"pages": WITH_A_TALK})


def go_on(_stop: Callable[[], bool]) -> bool:
    """Go on merging a table that is in many pieces into one; they count as many until the last page is written.

    Says that nothing is left even where something is: the rest waits for the next tick, so that others can write.
    """
    for table in TABLES if is_sqlite() else ():
        if count_pieces(table) > MOST_PIECES:
            with transaction(durable=False):
                # Less than nothing: all pieces, and not two alike.
                db.session.execute(text(_MERGE.format(table)), {"pages": -AT_A_TICK})
    return False
