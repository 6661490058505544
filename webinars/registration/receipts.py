"""What somebody who comes now would get, and the registrations in no table that show it."""

from flask_babel import gettext as _

from webinars.core.errors import UserError
from webinars.core.text import random_id
from webinars.registration import rules
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import Webinar


class NoPlaceLeft(UserError):
    """Refuse because all places are taken and there is no waiting list."""

    status = 409


def newcomer(webinar: Webinar, mode: str) -> tuple[str, int | None]:
    """Say the state and the place in line that somebody who registers now would get; raises NoPlaceLeft."""
    state = rules.newcomer_state(webinar, mode)
    if state is None:
        raise NoPlaceLeft(no_place_left(webinar))
    return state, webinar.waitlisted_count + 1 if state == RegistrationState.WAITLISTED else None


def receipt(
    webinar: Webinar, state: str, mode: str, time_zone: str, language: str, discreet: bool, public_id: str | None = None
) -> Registration:
    """Make a registration that is in no table, to show what a form led to; its line number is its place in line."""
    return Registration(
        public_id=public_id or random_id(),
        webinar_id=webinar.id,
        webinar=webinar,
        state=state,
        mode=mode,
        time_zone=time_zone,
        language=language,
        discreet=discreet,
        link_version=1,
        sequence_offset=0,
    )


def no_place_left(webinar: Webinar) -> str:
    """Say that all places are taken, and what there is instead."""
    if not webinar.recorded:
        return str(_("All places are taken. If you already have a place, it stays yours."))
    sentence = _(
        "All places are taken. You can still have the recording: choose “Send me the recording”. "
        "If you already have a place, it stays yours."
    )
    return str(sentence)
