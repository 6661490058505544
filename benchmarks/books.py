"""What the books must say after a crowd was there: each function lists what is wrong, in words."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from sqlalchemy import select

from webinars.core.database import db
from webinars.mail.models import Message
from webinars.notices.kinds import Notice
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar

_ANSWERS = {"confirmed": {Notice.CONFIRMATION, Notice.PROMOTED}, "waitlisted": {Notice.WAITLISTED}, "cancelled": set()}


def wrong_in(slug: str) -> Iterator[str]:
    """Compare a webinar's counters with its rows, its seats with who waits, and places with letters."""
    yield from wrong_counters(slug)
    yield from _wrong_letters(*_read(slug))


def wrong_counters(slug: str) -> Iterator[str]:
    """Compare a webinar's counters with its rows, and its seats with who waits."""
    webinar, places = _read(slug)
    states = [one.state for one in places]
    counted = tuple(states.count(state) for state in ("confirmed", "offered", "waitlisted"))
    counters = webinar.confirmed_count, webinar.offered_count, webinar.waitlisted_count
    if counters != counted:
        yield f"{slug}: the counters say {counters}, the rows {counted}"
    taken = counted[0] + counted[1]
    if webinar.capacity is not None and (taken > webinar.capacity or (counted[2] and taken < webinar.capacity)):
        yield f"{slug}: {taken} of {webinar.capacity} seats are taken and {counted[2]} people wait"
    line = [one.line_number for one in places if one.state == "waitlisted"]
    if None in line or len(set(line)) != len(line):
        yield f"{slug}: two share a number in line, or wait without one"


def _wrong_letters(webinar: Webinar, places: list[Registration]) -> Iterator[str]:
    """Compare places with the letters owed about their present state: one each."""
    owed: dict[tuple[str, str], list[str]] = {}
    for letter in db.session.scalars(select(Message).where(Message.about == f"w{webinar.id}")):
        owed.setdefault((letter.subject, letter.occasion), []).append(letter.notice)
    for one in places:
        letters, answers = owed.get((one.subject, str(one.state_changes)), []), _ANSWERS[one.state]
        if len(letters) > 1 or (answers and not answers.issuperset(letters or [""])):
            yield f"{webinar.slug}: {one.state} is answered by {letters}"
    if not {subject for subject, _occasion in owed} <= {one.subject for one in places}:
        yield f"{webinar.slug}: a letter is owed to somebody who has no place"


def wrong_order(slug: str, seats: int, told: dict[str, int]) -> Iterator[str]:
    """Compare the order of arrival with who has a seat and who waits where, and with what each address was told."""
    webinar, places = _read(slug)
    if {one.email for one in places} != set(told) or len(places) != len(told):
        yield f"{slug}: {len(told)} people were told a place, {len(places)} are in the books"
    if [one.state for one in places] != ["confirmed"] * seats + ["waitlisted"] * (len(places) - seats):
        yield f"{slug}: the first {seats} do not have the seats"
    line = [one.line_number or 0 for one in places[seats:]]
    if line != list(range(1, len(line) + 1)):
        yield f"{slug}: places in line do not follow the order of arrival"
    given = {one.email: one.line_number or 0 for one in places}
    if given != told:
        yield f"{slug}: somebody was told another place than the books say"


def wrong_letters(slug: str, letters: int) -> Iterator[str]:
    """Count the letters owed about a webinar."""
    webinar, _places = _read(slug)
    owed = len(db.session.scalars(select(Message.id).where(Message.about == f"w{webinar.id}")).all())
    if owed != letters:
        yield f"{slug}: {owed} letters are owed, not {letters}"


def wrong_couples(slug: str, seats: int) -> Iterator[str]:
    """Look for couples who were torn apart: who came together stand next to each other, but at the last seat."""
    _webinar, places = _read(slug)
    for first, second in zip(places[::2], places[1::2], strict=True):
        apart = (second.line_number or 0) - (first.line_number or 0) != (1 if first.line_number else 0)
        if first.party is None or first.party != second.party or (apart and places.index(second) != seats):
            yield f"{slug}: a couple was torn apart"


def overtaken(sent: Iterable[tuple[float, float, int]]) -> int:
    """Count who got a better place than somebody whose answer was there before they sent their form.

    ``sent``: when a form was sent, when its answer came, and the number in the order of arrival.
    """
    forms = list(sent)
    moments = sorted([(answered, 0, number) for _asked, answered, number in forms]
                     + [(asked, 1, number) for asked, _answered, number in forms])  # fmt: skip
    latest, count = -1, 0
    for _moment, is_question, number in moments:
        if is_question:
            count += number < latest
        else:
            latest = max(latest, number)
    return count


def arrivals(slug: str) -> dict[str, int]:
    """Give the number of each address in the order of arrival."""
    _webinar, places = _read(slug)
    assert all(one.id < other.id for one, other in pairwise(places))
    return {str(one.email): number for number, one in enumerate(places)}


def _read(slug: str) -> tuple[Webinar, list[Registration]]:
    db.session.rollback()
    db.session.expire_all()
    webinar = db.session.scalars(select(Webinar).where(Webinar.slug == slug)).one()
    places = select(Registration).where(Registration.webinar_id == webinar.id).order_by(Registration.id)
    return webinar, list(db.session.scalars(places))
