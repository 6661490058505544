"""What staff do for people whom no letter reaches. Whoever calls holds the transaction."""

from datetime import datetime

from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.core.errors import Conflict
from webinars.mail import outbox
from webinars.mail.inbound.marks import forget_bounces
from webinars.notices import desk
from webinars.notices.kinds import Notice
from webinars.registration import corrections
from webinars.registration import service as registrations
from webinars.registration.models import Registration
from webinars.schedule.models import WebinarState


def correct(registration: Registration, email: str, now: datetime) -> None:
    """Put an address right and send there what the person needs now.

    Raises UserError for an address that somebody of that name has already, or that is no other.
    """
    corrections.correct_address(registration, email, now)
    _cancel_again(registration, now)


def resend(registration: Registration, now: datetime) -> None:
    """Send what the person needs once more to the address there is, whatever its server said before.

    Raises Conflict when there is nothing to send, or a letter went out a moment ago.
    """
    if registration.email:
        forget_bounces(registration.address_key)
    if registration.webinar.state == WebinarState.CANCELLED:
        if not _cancel_again(registration, now):
            raise Conflict(
                _("There is no letter to send again. Please call.")
                if registration.phone
                else _("There is no letter to send again.")
            )
        audit.record("letter sent again", "registration", registration.public_id, now=now)
    elif not registrations.resend(registration, now, by="staff"):
        raise Conflict(_("A letter went out a moment ago. Nothing there in five minutes? Press again."))


def note_told(registration: Registration, now: datetime) -> None:
    """Note that somebody was told by telephone, which holds until the webinar changes once more.

    The audit trail keeps it: it was no letter, so it has no place among those.
    """
    known = {"sequence": registration.webinar.sequence}
    audit.record(desk.TOLD, "registration", registration.public_id, after=known, now=now)


def _cancel_again(registration: Registration, now: datetime) -> bool:
    """Try the letter again that says that the webinar was called off; say whether there is one."""
    if registration.webinar.state != WebinarState.CANCELLED:
        return False
    lost = desk.lost_letters(registration, Notice.CANCELLED)
    return bool(lost) and outbox.retry(now, lost) > 0
