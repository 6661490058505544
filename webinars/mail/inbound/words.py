"""Words for staff about what came back."""

from typing import Any
from urllib.parse import quote

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
#: what was done with a calendar's answer to which somebody wrote a comment
_ANSWERS: dict[str, Any] = {
    "accepted": _("A comment on an invitation. We noted: is coming."),
    "tentative": _("A comment on an invitation. We noted: is perhaps coming."),
    "declined": _("A comment on an invitation. We noted: is not coming. The place was kept."),
    "declined: place given up": _("A comment on an invitation. We noted: is not coming. The place was given up."),
    "declined: gets the recording": _("A comment on an invitation. We noted: is not coming, gets the recording."),
    "declined too late": _("A comment on an invitation. We noted: did not come."),
    "declined earlier": _("A comment on an earlier invitation, which was declined. The place was kept."),
    "stale answer": _("A comment on an earlier invitation. Nothing was changed."),
}
#: what programs wrote, which nobody would read an answer to
_BY_PROGRAMS = frozenset({Note.BOUNCE_UNREADABLE, Note.BOUNCE_UNKNOWN, Note.COMPLAINT_UNKNOWN})


def answer_url(message: Inbound) -> str:
    """Give the mailto address that begins an answer (RFC 6068); empty where nobody would read one."""
    if "@" not in message.sender or message.outcome in _BY_PROGRAMS:
        return ""
    title = message.title if message.title.lower().startswith("re:") else f"Re: {message.title}"
    return f"mailto:{quote(message.sender, safe='@')}?subject={quote(title.strip())}"


def why(message: Inbound) -> str:
    """Say why staff have to read a message."""
    if message.kind == InboundKind.CALENDAR_REPLY:
        return str(_ANSWERS.get(message.outcome) or gettext("A comment on an invitation"))
    return str(_NOTES.get(message.outcome) or gettext("A letter"))
