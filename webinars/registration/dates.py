"""Registering once for several dates of a series."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from webinars.core.database import db
from webinars.core.errors import Conflict, NotFound, UserError
from webinars.core.text import one_line
from webinars.registration import corrections, events, seats, service
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.questions.rules import Unanswered
from webinars.registration.rules import Application, Letters
from webinars.schedule.models import Series, Webinar, WebinarState

#: dates that one form can take: each sends an invitation, and all go at once
MOST_DATES = 12


@dataclass(frozen=True)
class Taken:
    """What one form led to."""

    #: what may be shown and granted to whoever sent it (service.Outcome), in order of time
    registrations: tuple[Registration, ...]
    #: a sentence for each date that takes nobody any more, in order of time
    refusals: tuple[str, ...] = ()


def find(series: Series, slugs: Iterable[str]) -> set[int]:
    """Give the ids of those dates of a series that are named, whatever has become of them since they were shown."""
    # No database looks for an address with a NUL.
    named = list(dict.fromkeys(map(one_line, slugs)))[: MOST_DATES + 1]
    found = select(Webinar.id).where(Webinar.series_id == series.id, Webinar.state != WebinarState.DRAFT)
    return set(db.session.scalars(found.where(Webinar.slug.in_(named))))


def of_person(series_id: int, email_key: str, name_key: str) -> Select[Registration]:
    """Select the places of a person at the dates of a series, with these, in order of time; none that was cancelled."""
    return (
        select(Registration)
        .join(Registration.webinar)
        .join(Webinar.series)
        .options(contains_eager(Registration.webinar).contains_eager(Webinar.series))
        .where(Series.id == series_id, Registration.state != RegistrationState.CANCELLED)
        .where(Registration.email_key == email_key, Registration.name_key == name_key)
        .order_by(Webinar.starts_at, Webinar.id)
    )


def register(series: Series, chosen: Collection[int], application: Application, now: datetime) -> Taken:
    """Give somebody a place on each of the dates that are chosen by id, wherever there is still one.

    Which ones take nobody any more is said, and does not keep the others from them: of four dates three are better
    than none. All are locked first, in ascending order of ids. Raises NotFound for what is no date of the series,
    Conflict when there is a place on none of them, Unanswered.
    """
    if not 0 < len(set(chosen)) <= MOST_DATES:
        raise Unanswered({"date": _("Please choose at least one date, and at most %(number)s.", number=MOST_DATES)})
    webinars = [seats.lock(number) for number in sorted(set(chosen))]
    if any(webinar.series_id != series.id for webinar in webinars):
        raise NotFound(_("There is no such webinar."))
    webinars.sort(key=lambda webinar: (webinar.starts_at, webinar.id))
    # One date is answered as if its own form had been sent.
    application = replace(application, letters=Letters.TOGETHER if webinars[1:] else Letters.EACH)
    taken, refusals, problems = list[Registration](), list[str](), dict[str, str]()
    for webinar in webinars:
        try:
            with db.session.begin_nested():
                taken.append(service.register(webinar.id, application, now).registration)
        except Unanswered as missing:
            problems |= missing.fields
        except UserError as refusal:
            refusals.append(f"{webinar.title}: {refusal}")
    if problems:
        raise Unanswered(problems)
    if not taken:
        raise Conflict("\n".join(refusals))
    if application.letters is Letters.TOGETHER:
        _tell(series.id, application, now)
    return Taken(tuple(taken), tuple(refusals))


def correct_address(
    shown: Sequence[Registration], said: Mapping[str, tuple[str, str]], email: str, now: datetime
) -> None:
    """Put right the address that was typed for several dates, each as ``corrections.correct_sign_up`` does.

    said: the name and the address that the form said, by public id. Raises Conflict when no date takes a change.
    """
    changed, refusals = list[Registration](), list[UserError]()
    for one in sorted(shown, key=lambda one: one.webinar_id):
        try:
            with db.session.begin_nested():
                corrections.correct_sign_up(one, *said[one.public_id], email, now, Letters.TOGETHER)
            changed.append(one)
        except UserError as refusal:
            refusals.append(refusal)
    if not changed:
        raise refusals[0] if refusals else Conflict(_("This can no longer be changed."))
    first = changed[0]
    name, _address = said[first.public_id]
    _tell(first.webinar.series_id, Application(name=name, email=email, letters_from=first.letters_from), now)


def _tell(series_id: int, application: Application, now: datetime) -> None:
    """Announce those dates of a person that a letter has to answer now: what is known since long needs none."""
    theirs = of_person(series_id, application.email_key, application.name_key)
    answered = theirs.where(Registration.answered_at == now).execution_options(populate_existing=True)
    places = db.session.scalars(answered).all()
    if places:
        events.dates_taken.send(places, now=now, not_before=application.letters_from)
