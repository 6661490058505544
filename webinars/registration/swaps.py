"""Coming on another date instead: a place is taken there and the old one given up, or neither happens.

Whoever calls holds the transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.core.database import db
from webinars.core.errors import Conflict
from webinars.registration import queries, rules, seats, service
from webinars.registration.models import Mode, Registration
from webinars.registration.questions import queries as asked
from webinars.registration.questions.rules import Extras
from webinars.registration.rules import Application, Kept
from webinars.schedule.models import Webinar


@dataclass(frozen=True)
class OtherDate:
    """A webinar that somebody could come to instead."""

    webinar: Webinar
    #: the place in line they would get, 0 for a seat
    place: int


def other_dates(registration: Registration, now: datetime) -> list[OtherDate]:
    """List the dates of the same series that somebody can come on instead, the next one first."""
    if not rules.may_swap(registration, now):
        return []
    others = queries.other_webinars(registration, now)
    return [OtherDate(other, place) for other in others if (place := rules.next_place(other)) is not None]


def swappable(places: Sequence[Registration], now: datetime) -> set[int]:
    """Say which of an address's places could be swapped for another date, by their ids (one query)."""
    offered = [one for one in places if rules.may_swap(one, now)]
    if not offered:
        return set()
    ahead = queries.webinars_ahead({one.webinar.series_id for one in offered}, now)
    open_ = [one for one in ahead if rules.next_place(one) is not None]
    taken = {(one.webinar_id, one.name_key) for one in places if rules.what_is_kept(one.state) is not Kept.NOTHING}
    return {
        one.id
        for one in offered
        if any(other.series_id == one.webinar.series_id and (other.id, one.name_key) not in taken for other in open_)
    }


def swap(
    registration: Registration, other: int | str, shown: int, now: datetime, by: str = "registrant"
) -> Registration:
    """Take a place on another date, named by id or slug, and give up this one to the next in line; give the new place.

    ``shown`` is the place in line that the page named, 0 for a seat: nobody gives up a place for less than they saw.
    Raises NotFound, Conflict for what is not offered or was overtaken meanwhile, NoPlaceLeft; then this place stays.
    """
    target = seats.lock_together(registration, other)
    if not rules.may_swap(registration, now):
        raise Conflict(_("This can no longer be changed."))
    if target.id == registration.webinar_id or target.series_id != registration.webinar.series_id:
        raise Conflict(_("This date cannot be chosen instead."))
    service.ensure_open(target, Mode.LIVE, now)
    places, known = queries.places_of(target.id, registration.email_key, registration.name_key)
    theirs = db.session.get_one(Registration, known, populate_existing=True) if known is not None else None
    if theirs is not None and rules.what_is_kept(theirs.state) is not Kept.NOTHING:
        raise Conflict(_("There is a place on that date already. Nothing has changed."))
    _ensure_as_shown(target, shown)
    if theirs is None and by != "staff":
        service.ensure_few(places)
    taken = _take(registration, target, theirs, now, by)
    service.cancel(registration, now, by)
    if by == "staff":
        audit.record("registration swapped", "registration", taken.public_id, now=now)
    return taken


def _ensure_as_shown(target: Webinar, shown: int) -> None:
    place = rules.next_place(target)
    if place is None:
        raise service.NoPlaceLeft(_("All places on that date are taken by now. The place you have stays yours."))
    if place > shown:
        sentence = _(
            "Somebody was faster: on that date it would be place %(position)s in line now. "
            "Nothing has changed, and the place you have stays yours.",
            position=place,
        )
        raise Conflict(sentence)


def _carried(registration: Registration, target: Webinar, now: datetime) -> Extras:
    """Take along what somebody answered that the other date asks as well."""
    asking = asked.asking_of(target, now)
    shown = {question.id for question in asking.questions}
    known = asked.answers_of_one(registration.id) if shown else {}
    return Extras(
        role=registration.role if asking.role else None,
        access_needs=registration.access_needs if asking.access_days is not None else "",
        answers={number: value for number, value in known.items() if number in shown},
    )


def _take(
    registration: Registration, target: Webinar, theirs: Registration | None, now: datetime, by: str
) -> Registration:
    """Give somebody a place on the other date like the one they have; the caller holds both locks.

    theirs: the one they had there before, which was given up or only brings the recording.
    """
    mode = registration.mode if registration.mode in rules.modes_of(target) else Mode.LIVE
    form = Application(
        name=registration.name,
        email=registration.email,
        phone=registration.phone,
        time_zone=registration.time_zone,
        language=registration.language,
        mode=mode,
        discreet=registration.discreet,
        question=registration.question,
        extras=_carried(registration, target, now),
    )
    if theirs is None:
        taken = service.enter(target, form, now, by)
    elif theirs.active:
        taken = theirs
        taken.name, taken.time_zone, taken.language = form.name, form.time_zone, form.language
        service.change_mode(taken, mode, now, by)
    else:
        taken = theirs
        service.come_back(taken, form, now, by)
    # Whoever has opened their link is known: what they asked for last holds here too.
    taken.discreet, taken.phone = registration.discreet, registration.phone
    taken.entered_by_staff, taken.suspicious = registration.entered_by_staff, registration.suspicious
    db.session.flush()
    return taken
