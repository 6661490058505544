"""What somebody who calls is told, also as a text message from the telephone of whoever helps them."""

from datetime import datetime
from urllib.parse import quote

from flask_babel import gettext as _

from webinars.core.formats import when
from webinars.core.language import speaking
from webinars.registration import links
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import WebinarState


def is_told(registration: Registration, now: datetime, *, called: bool) -> bool:
    """Say whether their page begins with what to read out: to whoever comes, just called, or gets no letters."""
    webinar = registration.webinar
    ahead = registration.active and webinar.state == WebinarState.PUBLISHED and now < webinar.ends_at
    comes = registration.state == RegistrationState.CONFIRMED and not registration.held
    return ahead and (comes or called or not registration.email)


def text_message(registration: Registration) -> str:
    """Give the address that opens a text message with how to come in, in their language; nothing to whom has no seat.

    Neither the topic nor we are named: messages show on locked screens.
    """
    webinar = registration.webinar
    if registration.state != RegistrationState.CONFIRMED or registration.held:
        return ""
    with speaking(registration.language):
        lines = [when(webinar.starts_at, webinar.ends_at, registration.time_zone)]
        if webinar.join_url:
            lines.append(_("Your link: %(link)s", link=links.join_url(registration)))
        if webinar.phone_number and webinar.phone_pin:
            lines.append(_("Or call %(number)s, PIN %(pin)s", number=webinar.phone_number, pin=webinar.phone_pin))
        elif webinar.phone_number:
            lines.append(_("Or call %(number)s", number=webinar.phone_number))
    number = "".join(sign for sign in registration.phone or "" if sign in "+0123456789")
    # "?&": some telephones look for the one sign before the words, some for the other (RFC 5724 knows only "?").
    words = quote("\n".join(lines))
    return f"sms:{number}?&body={words}"
