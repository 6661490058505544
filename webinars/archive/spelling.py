"""Mistyped words: those of the library that were most likely meant; the same on both databases.

A word stands under what is left of its beginning when letters are left out. A misspelling whose own letters are left
out meets it there, so that one look-up finds every word within two slips; how many they are is counted afterwards.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from typing import Any

from sqlalchemy import text

from webinars.archive.search_words import fold
from webinars.core.database import db, is_sqlite
from webinars.core.typos import slips

#: letters a word needs so that one slip leaves it recognisable, and so that two do
ONE_SLIP, TWO_SLIPS = 4, 8
#: letters a word needs so that its first one may be wrong
OTHER_BEGINNING = 6
#: what a key is made of; longer words differ in their beginnings anyway
BEGINNING = 7
MOST_CANDIDATES = 400

#: what sounds alike in English or Spanish and differs by more than a letter: "lymfoma", "diarrhoea"
_SOUNDS = (("f", "ph"), ("ph", "f"), ("k", "qu"), ("qu", "k"), ("x", "cc"), ("ll", "y"), ("y", "ll"), ("oe", "e"),
           ("ae", "e"), ("e", "ae"))  # fmt: skip

#: words, each with what it stands under
Unknown = Sequence[tuple[str, Sequence[str]]]

_WORD = re.compile(r"[^\W\d_]{4,30}")


def unknown(texts: Iterable[str]) -> Unknown:
    """Give the words of texts that are new to the library; it may be asked before the transaction that learns them."""
    words = {word for one in texts for word in _WORD.findall(unicodedata.normalize("NFC", one).lower())}
    known = set(_column(f"SELECT word FROM search_spellings WHERE {_among('word')}", words))
    return [(word, sorted(keys_of(word))) for word in sorted(words - known)]


def learn(words: Unknown) -> None:
    """Remember words; those of texts that went away may stay, since each is tried before it is offered."""
    if not words:
        return
    listed = [word for word, _keys in words]
    _run(f"INSERT INTO search_spellings (word) SELECT {_pieces('word')} ON CONFLICT DO NOTHING", listed)
    pairs = [f"{key} {word}" for word, keys in words for key in keys]
    _run(_INSERT_KEYS[db.engine.dialect.name], pairs)


#: each row is a key, a space and the word
_INSERT_KEYS = {
    "sqlite": """INSERT INTO search_spelling_keys (key, word)
        SELECT substr(value, 1, instr(value, ' ') - 1), substr(value, instr(value, ' ') + 1)
        FROM json_each(:listed) WHERE true ON CONFLICT DO NOTHING""",
    "postgresql": """INSERT INTO search_spelling_keys (key, word)
        SELECT split_part(one, ' ', 1), split_part(one, ' ', 2) FROM unnest(CAST(:listed AS text[])) AS one
        ON CONFLICT DO NOTHING""",
}


def near(word: str) -> list[tuple[int, str]]:
    """List words of the library that are a slip or two away, each after the number of slips, the nearest first."""
    typed, most = fold(word), _most_slips(fold(word))
    if not most or not word.isalpha():
        return []
    # Another spelling of the same sound is one slip.
    forms = [(0, typed), *((1, typed.replace(*pair)) for pair in _SOUNDS if pair[0] in typed)]
    keys = {key for _cost, form in forms for key in keys_of(form)}
    sql = f"SELECT DISTINCT word FROM search_spelling_keys WHERE {_among('key')} ORDER BY word LIMIT {MOST_CANDIDATES}"
    found: list[tuple[int, bool, str]] = []
    for known in _column(sql, keys):
        plain = fold(known)
        # Few mistype the first letter, and short words that differ in it are others.
        other = plain[0] != typed[0]
        allowed = min(most, _most_slips(plain))
        counts = (slips(form, plain, allowed - cost) for cost, form in forms)
        count = min(
            (cost + count for (cost, _form), count in zip(forms, counts, strict=True) if count is not None), default=0
        )
        if count and not (other and len(plain) < OTHER_BEGINNING):
            found.append((count, other, known))
    return [(count, known) for count, _other, known in sorted(found)]


def keys_of(word: str) -> set[str]:
    """Give what a word stands under: its beginning, whole and with as many letters left out as it forgives."""
    plain = fold(word)
    start = plain[:BEGINNING]
    return {
        "".join(letter for place, letter in enumerate(start) if place not in left_out)
        for count in range(_most_slips(plain) + 1)
        for left_out in combinations(range(len(start)), count)
    }


def _most_slips(plain: str) -> int:
    if len(plain) < ONE_SLIP:
        return 0
    return 2 if len(plain) >= TWO_SLIPS else 1


def _among(column: str) -> str:
    return (
        f"{column} IN (SELECT value FROM json_each(:listed))"
        if is_sqlite()
        else f"{column} = ANY(CAST(:listed AS text[]))"
    )


def _pieces(column: str) -> str:
    if is_sqlite():
        return f"value AS {column} FROM json_each(:listed) WHERE true"
    return f"{column} FROM unnest(CAST(:listed AS text[])) AS {column}"


def _run(sql: str, listed: Collection[str]) -> Any:
    values = list(listed)
    return db.session.execute(text(sql), {"listed": json.dumps(values) if is_sqlite() else values})


def _column(sql: str, listed: Collection[str]) -> list[str]:
    return list(_run(sql, listed).scalars())
