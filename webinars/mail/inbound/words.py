"""Words for staff about what came back."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from webinars.mail.inbound.understanding import Note
from webinars.mail.models import Inbound, InboundKind

#: in the order in which they are counted on the page
KINDS: dict[InboundKind, Any] = {
    InboundKind.CALENDAR_REPLY: _("answers from calendars"),
    InboundKind.BOUNCE: _("letters that came back"),
    InboundKind.DELAY: _("letters that are delayed"),
    InboundKind.COMPLAINT: _("complaints about spam"),
    InboundKind.UNSUBSCRIBE: _("unsubscribed by mail"),
    InboundKind.AUTOMATIC: _("automatic answers"),
    InboundKind.LETTER: _("passed on to you"),
}
_NOTES: dict[str, Any] = {
    Note.TOO_LARGE: _("Too large or too nested for a program to read"),
    Note.BOUNCE_UNREADABLE: _("A mail server’s report that was not understood"),
    Note.BOUNCE_UNKNOWN: _("A mail server’s report about a letter we do not know"),
    Note.COMPLAINT_UNKNOWN: _("A complaint about a letter we do not know"),
    Note.UNSUBSCRIBE_UNKNOWN: _("Wants no more letters, but it is not known of which kind"),
    Note.NOTHING_LEFT: _("Wants no more letters, but this one belongs to a booked place"),
    Note.CALENDAR_UNREADABLE: _("A calendar’s answer that was not understood"),
    Note.CALENDAR_UNKNOWN: _("A calendar’s answer, but not in the name of a person we invited"),
    Note.OTHER_TIME: _("Proposes another time for a webinar"),
    Note.TROUBLE: _("Could not be processed"),
}


def why(message: Inbound) -> str:
    """Say why staff have to read a message."""
    if message.kind == InboundKind.CALENDAR_REPLY:
        return gettext("A comment on an invitation; the answer itself has been taken in")
    return str(_NOTES.get(message.outcome) or gettext("A letter"))
