"""Doing what a form asks for, and showing in the form what stands against it."""

from collections.abc import Callable
from typing import TypeVar

from flask import request
from flask_babel import gettext as _

from webinars.accounts.drafts.service import throw_away
from webinars.accounts.queries import actor_names, current_staff, find_last_deed
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict
from webinars.core.formats import clock, short_date
from webinars.core.http import visitor_zone
from webinars.core.zones import AmbiguousTime
from webinars.schedule.forms import PlainForm, TimedForm
from webinars.schedule.service import Problems

Saved = TypeVar("Saved")


def attempt(form: PlainForm, deed: Callable[[], Saved], current: Callable[[], str]) -> Saved | None:
    """Do a deed in the transaction; what stands against it goes into the form, and None comes back.

    Parameters: current gives the fingerprint after somebody else saved.
    """
    try:
        with transaction():
            # First: the deed may give the page another address, to which what is left follows.
            if form.drafted and (user := current_staff()):
                throw_away(user.id, request.path)
            return deed()
    except Problems as problems:
        form.show(problems.fields)
    except AmbiguousTime as error:
        assert isinstance(form, TimedForm)
        form.offer_readings(error)
    except Conflict as conflict:
        form.show_conflict(str(conflict), current(), last_change(*conflict.about) if conflict.about else "")
    return None


def last_change(kind: str, number: str) -> str:
    """Say who changed a thing last, and when."""
    entry = find_last_deed(kind, number)
    who = actor_names([entry]).get(entry.actor) if entry else None
    if entry is None or who is None:
        return ""
    zone = visitor_zone()
    time = clock(entry.at, zone)
    if short_date(entry.at, zone) == short_date(utc_now(), zone):
        return _("%(person)s saved at %(time)s, while you were writing.", person=who, time=time)
    return _(
        "%(person)s saved on %(date)s at %(time)s, while you were writing.",
        person=who, date=short_date(entry.at, zone), time=time,
    )  # fmt: skip
