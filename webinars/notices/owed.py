"""Letters that answer a deed, written in its transaction; and what is noted once a letter went out.

``by`` says who caused it: "registrant" is a visitor, whose requests may cause only so many letters to one address.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from webinars.core.database import db
from webinars.core.text import email_key
from webinars.mail import limits, outbox
from webinars.mail.letters import Letter
from webinars.mail.models import Message
from webinars.notices.facts import address_key
from webinars.notices.kinds import Notice
from webinars.registration.models import Registration

VISITOR = "registrant"
#: how long a letter with links is of use to who asked for it
LINKS_LAST = timedelta(days=1)
#: how long after the end a letter about a place still makes sense to who asked for the recording
RECORDING_LASTS = timedelta(days=30)


def owe_confirmation(registration: Registration, now: datetime, by: str = VISITOR) -> None:
    """Owe the letter that gives a seat, with the invitation."""
    _answer(Notice.CONFIRMATION, registration, now, by)


def owe_waiting(registration: Registration, now: datetime, by: str = VISITOR) -> None:
    """Owe the letter that gives a place in line."""
    _answer(Notice.WAITLISTED, registration, now, by)


def owe_recording_place(registration: Registration, now: datetime, by: str = VISITOR) -> None:
    """Owe the letter to who will watch the recording; it takes back the invitation of who had a seat."""
    _answer(Notice.RECORDING_PLACE, registration, now, by)


def owe_recording(registration: Registration, video_id: int, now: datetime, by: str = VISITOR) -> None:
    """Owe the link to a recording that is out already: its mailing may be settled, and looks for nobody new."""
    _owe(Notice.RECORDING_READY, registration, str(video_id), now, by)


def owe_promotion(registration: Registration, now: datetime) -> None:
    """Owe the letter that turns a place in line into a seat; nobody's request, so never held back."""
    _answer(Notice.PROMOTED, registration, now, by="webinar")


def owe_own_cancellation(registration: Registration, now: datetime) -> None:
    """Owe the letter that takes the calendar entry away; never held back, since an entry that stays misleads."""
    _answer(Notice.OWN_CANCELLATION, registration, now, by="place")


def owe_again(registration: Registration, request_id: str, now: datetime, by: str = VISITOR) -> None:
    """Owe the letter of the present state once more."""
    _owe(Notice.REPEATED, registration, request_id, now, by)


def owe_link(address: str, request_id: str, now: datetime) -> None:
    """Owe an address its links; whether it is known the worker finds out, so that every request takes the same time."""
    key = address_key(email_key(address))
    allowed_at = limits.allowed_at(key, now)
    if allowed_at is None:
        return
    outbox.owe(
        notice=Notice.LINK,
        subject=f"a{key}",
        occasion=request_id,
        payload={"address": address},
        now=now,
        not_before=allowed_at,
        not_after=allowed_at + LINKS_LAST,
        address_key=key,
    )


def _answer(notice: Notice, registration: Registration, now: datetime, by: str) -> None:
    _owe(notice, registration, str(registration.state_changes), now, by)


def _owe(notice: Notice, registration: Registration, occasion: str, now: datetime, by: str) -> None:
    """Write one letter; none for a person without an address, or beyond what visitors may cause."""
    if not registration.email:
        return
    limited = _limited(notice, registration, now) if by == VISITOR else {}
    if limited is None:
        return
    outbox.owe(
        notice=notice,
        subject=registration.subject,
        occasion=occasion,
        about=about(registration.webinar_id),
        now=now,
        not_after=_last_moment(notice, registration, now),
        lane=notice.lane,
        **limited,
    )


def _limited(notice: Notice, registration: Registration, now: datetime) -> dict[str, Any] | None:
    """Say when the letter may go and whom it counts for; None when the address got enough for the day.

    The letter about a place waits for its turn; the same letter once more is not worth days of waiting.
    """
    key = address_key(registration.email_key)
    allowed_at = limits.allowed_at(key, now) if notice is Notice.REPEATED else limits.postponed_to(key, now)
    return None if allowed_at is None else {"not_before": allowed_at, "address_key": key}


def _last_moment(notice: Notice, registration: Registration, now: datetime) -> datetime:
    if notice in {Notice.RECORDING_PLACE, Notice.RECORDING_READY, Notice.REPEATED}:
        return max(registration.webinar.ends_at, now + RECORDING_LASTS)
    return max(registration.webinar.ends_at, now + timedelta(hours=1))


def about(webinar_id: int) -> str:
    """Give the key under which the outbox knows what a letter is about."""
    return f"w{webinar_id}"


_TELL = (
    update(Registration)
    .where(
        # Locked in the order in which the waiting list promotes, or the two could wait for each other.
        Registration.id.in_(
            select(Registration.id)
            .where(Registration.id.in_(bindparam("ids", expanding=True)))
            .order_by(Registration.line_number, Registration.id)
            .with_for_update()
            .scalar_subquery()
        ),
        or_(Registration.told_sequence.is_(None), Registration.told_sequence < bindparam("sequence")),
    )
    .values(told_sequence=bindparam("sequence"))
)


def note_told(sent: Iterable[tuple[Message, Letter]]) -> None:
    """Remember with the registrations what letters told, in the transaction that marks them sent."""
    told: dict[int, list[int]] = {}
    for message, letter in sent:
        if letter.told_sequence is not None and message.subject.startswith("r"):
            told.setdefault(letter.told_sequence, []).append(int(message.subject[1:]))
    for sequence, ids in told.items():
        db.session.execute(_TELL, {"ids": ids, "sequence": sequence}, execution_options={"synchronize_session": False})
