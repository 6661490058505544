"""Reading the words that staff wrote."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webinars.core.among import among
from webinars.core.database import db, read_alone
from webinars.mail.models import Message
from webinars.notices.facts import Facts
from webinars.notices.kinds import Notice
from webinars.notices.letters import LETTER_OF_STATE, Texts
from webinars.notices.models import LetterText
from webinars.notices.wording import WORDED, Wording
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar

#: webinars and people to choose from; more would be a list nobody reads
_MOST_OFFERED = 25
# Written once, since every batch of letters asks it: making a statement anew costs more than running it.
_WORDS = select(
    LetterText.series_id, LetterText.notice, LetterText.language, LetterText.subject, LetterText.body
).where(
    among(LetterText.series_id, "series"),
    among(LetterText.notice, "notices"),
)


def words_for(messages: Iterable[Message], places: Mapping[int, Facts]) -> Texts:
    """Give the words that staff wrote for the letters of a batch, in one query, in none where there can be none."""
    notices = {message.notice for message in messages if message.id in places}
    if Notice.REPEATED in notices:
        notices |= {*LETTER_OF_STATE.values(), Notice.PROOF}
    wanted = notices & set(WORDED)
    return _read({facts.series.id for facts in places.values()}, wanted) if wanted else {}


def words_of(series_id: int, notice: Notice) -> Texts:
    """Give the words of one kind of letter in a series."""
    return _read({series_id}, {notice})


def _read(series_ids: Collection[int], notices: Collection[str]) -> Texts:
    read_alone()
    rows = db.session.execute(_WORDS, {"series": list(series_ids), "notices": list(notices)})
    return {(row[0], row[1], row[2]): Wording(*row[2:]) for row in rows}


def changed_letters(series_id: int) -> dict[str, set[str]]:
    """Name the languages in which each kind of letter of a series has words of its own."""
    rows = db.session.execute(select(LetterText.notice, LetterText.language).where(LetterText.series_id == series_id))
    changed: dict[str, set[str]] = {}
    for notice, language in rows:
        changed.setdefault(notice, set()).add(language)
    return changed


def rows_of(series_id: int, notice: Notice) -> dict[str, LetterText]:
    """Give the stored words of one kind of letter by language."""
    wanted = select(LetterText).filter_by(series_id=series_id, notice=notice.value).order_by(LetterText.language)
    return {row.language: row for row in db.session.scalars(wanted)}


def webinars_to_show(series_id: int) -> list[Webinar]:
    """List webinars of a series with which its letters can be looked at, the latest first."""
    wanted = select(Webinar).where(Webinar.series_id == series_id).options(joinedload(Webinar.series, innerjoin=True))
    return list(db.session.scalars(wanted.order_by(Webinar.starts_at.desc(), Webinar.id.desc()).limit(_MOST_OFFERED)))


def people_to_show(webinar_id: int) -> list[Registration]:
    """List registrations of a webinar with which letters can be looked at, the newest first."""
    wanted = select(Registration).where(Registration.webinar_id == webinar_id, Registration.email.is_not(None))
    newest = Registration.created_at.desc(), Registration.id.desc()
    return list(db.session.scalars(wanted.order_by(*newest).limit(_MOST_OFFERED)))


def count_tests(subject: str, since: datetime) -> int:
    """Count the test letters that a member of staff sent to themselves since an instant."""
    counted = select(func.count()).where(Message.subject == subject, Message.notice == Notice.TEST.value)
    return db.session.scalar(counted.where(Message.created_at > since)) or 0
