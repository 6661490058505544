"""The words of the library, to offer the right spelling of a mistyped one.

Words stand under what is left of their beginning when letters are left out, so that a word and its misspelling meet under one
key. Nothing is counted: whether a word helps is asked of the index itself.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import combinations, islice

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TEXTS = (
    "SELECT title || ' ' || summary FROM videos",
    "SELECT name FROM speakers",
    "SELECT title FROM chapters",
    "SELECT text FROM cues",
)
_WORD = re.compile(r"[^\W\d_]{4,30}")
_AT_ONCE = 10_000


def upgrade() -> None:
    """Make the tables and fill them from what is there."""
    end = " WITHOUT ROWID" if op.get_bind().dialect.name == "sqlite" else ""
    op.execute(f"CREATE TABLE search_spellings (word text PRIMARY KEY){end}")
    op.execute(f"CREATE TABLE search_spelling_keys (key text NOT NULL, word text NOT NULL, PRIMARY KEY (key, word)){end}")
    _fill(op.get_bind())


def downgrade() -> None:
    """Drop the tables; nothing is lost, since all of it is derived."""
    op.execute("DROP TABLE search_spelling_keys")
    op.execute("DROP TABLE search_spellings")


def _fill(connection: sa.Connection) -> None:
    words: set[str] = set()
    for statement in _TEXTS:
        with connection.execute(sa.text(statement), execution_options={"yield_per": _AT_ONCE}) as rows:
            for row in rows:
                words.update(_WORD.findall(unicodedata.normalize("NFC", row[0]).lower()))
    for batch in _batches(sorted(words)):
        connection.execute(sa.text("INSERT INTO search_spellings (word) VALUES (:word)"), [{"word": word} for word in batch])
    keys = ({"key": key, "word": word} for word in sorted(words) for key in sorted(_keys(word)))
    for rows in _batches(keys):
        connection.execute(sa.text("INSERT INTO search_spelling_keys (key, word) VALUES (:key, :word)"), rows)


def _batches(things: Iterable[object]) -> Iterable[list[object]]:
    left = iter(things)
    while batch := list(islice(left, _AT_ONCE)):
        yield batch


# As in webinars.archive.spelling at the time of this migration; a change there needs a migration of its own.
def _keys(word: str) -> set[str]:
    plain = "".join(unicodedata.normalize("NFD", letter)[0] for letter in word)
    start, most = plain[:7], 2 if len(plain) >= 8 else 1
    return {
        "".join(letter for place, letter in enumerate(start) if place not in left_out)
        for count in range(most + 1)
        for left_out in combinations(range(len(start)), count)
    }
