"""Writing the list of medical terms. Callers open the transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from webinars.accounts import audit
from webinars.archive.terms import queries, rules
from webinars.archive.terms.models import Term
from webinars.core.database import db
from webinars.schedule.cleaning import Problems


def save_term(term: Term | None, fields: Mapping[str, Any], now: datetime) -> Term:
    """Write a new term or change one. Raises Problems."""
    values = rules.read_term(fields)
    if term is None and queries.count_terms() >= rules.MOST_TERMS:
        raise Problems({"spelling": _("These are too many terms: %(most)s are the most.", most=rules.MOST_TERMS)})
    action, term = ("term added", Term()) if term is None else ("term edited", term)
    for name, value in values.items():
        setattr(term, name, value)
    term.updated_at = now
    try:
        with db.session.begin_nested():
            db.session.add(term)
    except IntegrityError:
        raise Problems({"spelling": _("This term is in the list already.")}) from None
    audit.record(action, "term", term.id, after=_told(term), now=now)
    return term


def remove_term(term: Term, now: datetime) -> None:
    """Take a term off the list."""
    audit.record("term removed", "term", term.id, before=_told(term), now=now)
    db.session.delete(term)


def take_in(rows: Sequence[Mapping[str, Any]], now: datetime) -> tuple[int, int]:
    """Add or change terms read from a file; gives how many came new and how many were changed. Raises Problems."""
    known = {(term.language, term.spelling): term for term in queries.all_terms()}
    fresh = changed = 0
    for row in rows:
        term = known.get((row["language"], row["spelling"]))
        if term is None:
            fresh += 1
            db.session.add(Term(**row, updated_at=now))
        elif any(getattr(term, name) != value for name, value in row.items()):
            changed += 1
            for name, value in row.items():
                setattr(term, name, value)
            term.updated_at = now
    if len(known) + fresh > rules.MOST_TERMS:
        raise Problems({"file": _("These are too many terms: %(most)s are the most.", most=rules.MOST_TERMS)})
    db.session.flush()
    audit.record("terms taken in", "term", "", after={"new": fresh, "changed": changed}, now=now)
    return fresh, changed


def _told(term: Term) -> dict[str, Any]:
    return {name: getattr(term, name) for name in ("language", "spelling", "misheard", "elsewhere")}
