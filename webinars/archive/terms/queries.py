"""Every look into the list of medical terms."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from webinars.archive.replacing import Swap
from webinars.archive.search_words import fold
from webinars.archive.terms.models import Term
from webinars.core.database import db
from webinars.core.errors import NotFound
from webinars.core.paging import Page, page_of

_ORDER = (Term.language, func.lower(Term.spelling), Term.id)


def term_page(language: str, words: str, page: int) -> Page[Term]:
    """List a page of terms in the order of the alphabet (two queries)."""
    wanted: Any = select(Term)
    if language:
        wanted = wanted.where(Term.language == language)
    if words.strip():
        wanted = wanted.where(Term.spelling.icontains(words.strip()[:100], autoescape=True))
    return page_of(wanted, _ORDER, page, 100)


def all_terms(language: str | None = None) -> list[Term]:
    """List the terms of a language, or all."""
    wanted = select(Term).order_by(*_ORDER)
    return list(db.session.scalars(wanted if language is None else wanted.where(Term.language == language)))


def get_term(number: int) -> Term:
    """Give a term. Raises NotFound."""
    found = db.session.get(Term, number)
    if found is None:
        raise NotFound(_("There is no such term."))
    return found


def count_terms() -> int:
    """Count the terms of all languages."""
    return db.session.scalar(select(func.count()).select_from(Term)) or 0


def swaps(language: str) -> list[Swap]:
    """Give each wrong spelling of a language with the right one."""
    return [Swap(wrong, term.spelling) for term in all_terms(language) for wrong in term.misheard]


def called_elsewhere(words: str) -> list[str]:
    """List what words are called in another language, in either direction; accents do not matter."""
    typed = fold(words)
    # Folding keeps the number of letters, so that only terms of the same length need be compared.
    long = or_(func.length(Term.spelling) == len(typed), func.length(Term.elsewhere) == len(typed))
    wanted = select(Term.spelling, Term.elsewhere).where(Term.elsewhere != "", long).order_by(Term.id)
    pairs = db.session.execute(wanted).all()
    both = (pair for one, other in pairs for pair in ((one, other), (other, one)))
    return list(dict.fromkeys(other for one, other in both if len(one) == len(typed) and fold(one) == typed))


def explained(language: str) -> dict[str, str]:
    """Give the explanations of a language by spelling."""
    wanted = select(Term.spelling, Term.explanation).where(Term.language == language, Term.explanation != "")
    return {row.spelling: row.explanation for row in db.session.execute(wanted)}
