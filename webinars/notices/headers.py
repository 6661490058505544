"""Headers by which mail programs sort letters and providers tell mailings apart."""

import re
from email.header import Header
from email.utils import formataddr

from webinars.core.http import current_settings
from webinars.core.text import one_line
from webinars.mail.models import Lane
from webinars.mail.outbox import sender_domain
from webinars.notices.kinds import Notice
from webinars.schedule.models import Series, Webinar

#: what a Feedback-ID may be made of: the colon parts its fields
_NO_FIELD = re.compile(r"[^A-Za-z0-9_-]+")
#: characters in a line with encoded words (RFC 2047 section 2)
_LINE = 76
#: characters of a SenderId, at least and at most
_SENDER_ID = (5, 15)


def letter_headers(notice: Notice, webinar: Webinar, *, discreet: bool) -> tuple[tuple[str, str], ...]:
    """Give the headers of a letter; a discreet one has none, which would tell it apart from other appointments."""
    if discreet:
        return ()
    lists = (("List-Id", list_id(webinar.series)),)
    return (*lists, ("Feedback-ID", _feedback_id(notice, webinar))) if notice.lane is Lane.BULK else lists


def list_id(series: Series) -> str:
    """Name a series as a list (RFC 2919), so that people can sort."""
    phrase, address = one_line(series.title), f"{series.slug}.{sender_domain()}"
    if phrase.isascii() and "=?" not in phrase:
        return formataddr((phrase, address))
    # Encoded words that fit into a line beside the header's name; a reader takes the spaces between them out.
    words = Header(phrase, "utf-8", maxlinelen=_LINE - len("List-Id: ")).encode(linesep="\n").split()
    return f"{' '.join(words)} <{address}>"


def _feedback_id(notice: Notice, webinar: Webinar) -> str:
    """Name campaign, series, class and sender, by which Gmail counts complaints."""
    fields = (f"{notice}-{webinar.id}", webinar.series.slug, notice.mail_class)
    return ":".join([*(_NO_FIELD.sub("-", field) for field in fields), sender_id()])


def sender_id() -> str:
    """Give what stands for us in every Feedback-ID: the setting, else letters and digits of the sender's domain."""
    return current_settings().mail_feedback_id or _made_of(sender_domain())


def _made_of(domain: str) -> str:
    least, most = _SENDER_ID
    plain = re.sub(r"[^a-z0-9]", "", domain.lower())
    return plain[:most] if len(plain) >= least else f"{plain}sender"[:most]
