"""What is looked for, in the language of the database: FTS5 of SQLite, tsquery of PostgreSQL.

Both are built from words of letters and digits only.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import text

from webinars.archive import rules
from webinars.archive.queries import VideoFilter
from webinars.archive.search_words import Term
from webinars.core.database import db, is_sqlite

#: from this length on a word also finds longer ones: "immuno" finds "immunotherapy"
PREFIX_FROM = 5
LONGER_WORDS = 20
#: between words that follow each other, in a tsquery
FOLLOWED = re.compile(r" <(?:-|\d+)> ")


@dataclass(frozen=True)
class Asked:
    """What is looked for, and among which videos."""

    terms: tuple[Term, ...]
    where: VideoFilter = VideoFilter()
    every_term: bool = True

    @cached_property
    def any_term(self) -> "Asked":
        """Give what asks for any of the terms; itself when there is one."""
        if len(self.terms) == 1:
            return self
        other = replace(self, every_term=False)
        # What the terms are in the language of the database is looked up once.
        vars(other)["forms"] = self.forms
        return other

    @cached_property
    def forms(self) -> list[str]:
        """Write each term by itself."""
        return _fts5(self.terms, _SPOKEN) if is_sqlite() else _tsquery(self.terms)

    @cached_property
    def query(self) -> str:
        """Write it in the language of the database, as transcripts are asked; "" when nothing remains."""
        return self._joined(self.forms)

    @cached_property
    def titles(self) -> str:
        """Write it as SQLite is asked for titles, which may have words that nobody says."""
        return self._joined(_fts5(self.terms, _WRITTEN))

    def _joined(self, forms: Iterable[str]) -> str:
        every, anything = (" AND ", " OR ") if is_sqlite() else (" & ", " | ")
        return (every if self.every_term else anything).join(forms)

    @property
    def filters(self) -> str:
        """Give the conditions on videos v, as SQL without any of the visitor's characters."""
        asked, parts = self.where, []
        if asked.topic is not None:
            parts.append("v.topic_id = :topic")
        if asked.series is not None:
            parts.append("v.series_id = :series")
        if asked.speaker is not None:
            parts.append("v.id IN (SELECT video_id FROM video_speakers WHERE speaker_id = :speaker)")
        if asked.year is not None:
            parts.append(f"v.recorded_on BETWEEN '{asked.year:04}-01-01' AND '{asked.year:04}-12-31'")
        if asked.length:
            parts.append("v.duration_seconds BETWEEN {} AND {}".format(*rules.LENGTHS[asked.length]))
        return "".join(f" AND {part}" for part in parts)

    @property
    def values(self) -> dict[str, Any]:
        """Give the values of the conditions."""
        asked = self.where
        return {"topic": asked.topic, "series": asked.series, "speaker": asked.speaker, "language": asked.language}


#: words that begin with one, without their endings as the index of transcripts holds them, and as they are written
_SPOKEN = text("SELECT term FROM search_terms WHERE term >= :first AND term < :last LIMIT :most")
_WRITTEN = text(
    "SELECT word FROM search_spellings WHERE word >= :first AND word < :last ORDER BY length(word), word LIMIT :most"
)


def _fts5(terms: Sequence[Term], longer: Any) -> list[str]:
    """Write each term with the words it begins; FTS5 itself would take those that begin like its stem."""
    forms = []
    for term in terms:
        spellings, folded = term.spellings, term.folded.text
        if term.is_word and len(folded) >= PREFIX_FROM:
            bounds = {"first": folded, "last": folded + "\U0010ffff", "most": LONGER_WORDS}
            # The word itself is often among them, and would be looked for twice.
            spellings = list(dict.fromkeys([term.text, *db.session.scalars(longer, bounds)]))
        forms.append("({})".format(" OR ".join(f'"{spelling}"' for spelling in spellings)))
    return forms


def _tsquery(terms: Sequence[Term]) -> list[str]:
    """Let PostgreSQL stem the terms, each in every language, with and without its accents; without empty ones."""
    columns: list[str] = []
    values: dict[str, str] = {}
    parts: list[list[str]] = []
    for term in terms:
        parts.append([])
        for one in dict.fromkeys((term, term.folded)):
            for function, value in _tsquery_parts(one):
                name = f"p{len(values)}"
                values[name] = value
                parts[-1].append(name)
                columns.append(f"CAST({function.format(name)} AS text) AS {name}")
    (row,) = db.session.execute(text(f"SELECT {', '.join(columns)}"), values).mappings()
    # What comes out of several dictionaries alike is asked once: the planner would count it for each.
    forms = [_telling(dict.fromkeys(row[name] for name in names if row[name])) for names in parts]
    return [f"({' | '.join(form)})" for form in forms if form]


def _telling(forms: Iterable[str]) -> list[str]:
    """Leave out rows of words of which one alone is enough: "the doctor" is "doctor" in the English dictionary.

    Whether words follow each other costs a look into each transcript.
    """
    rows = {form: FOLLOWED.split(form) for form in forms}
    single = {form for form, words in rows.items() if len(words) == 1}
    return [form for form, words in rows.items() if form in single or single.isdisjoint(words)]


def _tsquery_parts(term: Term) -> Iterable[tuple[str, str]]:
    """Give what is asked for a term: calls with a place for the name of their argument, and the argument."""
    for spelling in term.spellings:
        for config in ("english", "spanish", "simple"):
            yield f"phraseto_tsquery('{config}', :{{}})", spelling
    if term.is_word and len(term.text) >= PREFIX_FROM:
        # Of the word as it is: what begins like its stem may be anything.
        yield "to_tsquery('simple', :{})", f"'{term.text}':*"
