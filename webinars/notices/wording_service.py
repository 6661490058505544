"""Writing the words of letters, and letters that staff send to themselves."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.accounts.models import User
from webinars.core.database import db, lock
from webinars.core.errors import Conflict
from webinars.core.http import current_settings
from webinars.core.links import address_key
from webinars.core.text import email_key, many_lines, one_line, random_id
from webinars.mail import outbox
from webinars.notices import wording, wording_queries
from webinars.notices.kinds import Notice
from webinars.notices.models import LetterText
from webinars.schedule.catalogue import refuse_outdated
from webinars.schedule.cleaning import Problems
from webinars.schedule.models import Series
from webinars.schedule.rules import version_of

#: tests that one member of staff may send within an hour
MOST_TESTS = 10
#: how long a test is tried
TEST_LASTS = timedelta(hours=1)


class Typed(NamedTuple):
    """The words of one language as they were typed; an empty text asks for the usual one."""

    subject: str
    body: str


def words_version(series_id: int, notice: Notice) -> str:
    """Fingerprint the words of a letter; pass it back as ``seen`` to notice that somebody else saved in between."""
    rows = wording_queries.rows_of(series_id, notice)
    return "-".join(version_of(row, ("language", "subject", "body")) for row in rows.values())


def check_words(notice: Notice, typed: Mapping[str, Typed]) -> None:
    """Check words by language; raises Problems, named subject_<language> and body_<language>."""
    in_subject, in_body = wording.allowed(notice, in_subject=True), wording.allowed(notice)
    mistakes: dict[str, str | None] = {}
    for language, words in typed.items():
        mistakes[f"subject_{language}"] = wording.mistake_in_subject(words.subject, in_subject)
        mistakes[f"body_{language}"] = wording.mistake_in_body(words.body, in_body)
    found = {name: mistake for name, mistake in mistakes.items() if mistake}
    if found:
        raise Problems(found)


def save_words(
    series: Series, notice: Notice, typed: Mapping[str, Typed], now: datetime, *, seen: str | None = None
) -> None:
    """Give a kind of letter its words, from the next letter on.

    Raises Problems, and Conflict when somebody saved after the version ``seen``.
    """
    lock(series)
    refuse_outdated(words_version(series.id, notice), seen)
    check_words(notice, typed)
    kept = wording_queries.rows_of(series.id, notice)
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for language, words in typed.items():
        clean = Typed(one_line(words.subject), many_lines(words.body))
        known = _texts(kept.get(language))
        if clean != known:
            before |= _named(known, language)
            after |= _named(clean, language)
            _store(series.id, notice, language, clean, now)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        old, new = ({name: texts[name] for name in changed} for texts in (before, after))
        audit.record("letter words changed", "series", series.id, before=old, after=new, now=now, note=notice)


def _texts(row: LetterText | None) -> Typed:
    return Typed(row.subject, row.body) if row else Typed("", "")


def _named(words: Typed, language: str) -> dict[str, str]:
    return {f"{part}_{language}": text for part, text in words._asdict().items()}


def _store(series_id: int, notice: Notice, language: str, words: Typed, now: datetime) -> None:
    key = {"series_id": series_id, "notice": notice.value, "language": language}
    if any(words):
        db.session.merge(LetterText(**key, **words._asdict(), updated_at=now))
    else:
        db.session.delete(db.session.get_one(LetterText, key))


def owe_test(user: User, about: Mapping[str, Any], now: datetime) -> None:
    """Owe a member of staff a letter to look at; ``about`` says which (webinars.notices.trials).

    Raises Conflict after too many within the hour.
    """
    subject = f"a{address_key(email_key(user.email))}"
    limited = current_settings().ratelimit_enabled
    if limited and wording_queries.count_tests(subject, now - timedelta(hours=1)) >= MOST_TESTS:
        raise Conflict(_("You have sent yourself %(num)s tests within the hour. Try again later.", num=MOST_TESTS))
    outbox.owe(
        notice=Notice.TEST,
        subject=subject,
        occasion=random_id(),
        payload={"user": user.id, **about},
        now=now,
        not_after=now + TEST_LASTS,
        lane=Notice.TEST.lane,
    )
