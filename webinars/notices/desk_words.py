"""How the desk speaks of people whom no letter reaches: heading, cause, advice."""

from collections.abc import Callable
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webinars.core.formats import day_and_month, from_now
from webinars.notices.desk_rules import Missed, Trouble, When, day_of
from webinars.schedule.models import Webinar

_CAUSES = {
    Trouble.NO_ADDRESS: _l("There is no email address."),
    Trouble.MISTYPED: _l("The address looks mistyped: nobody takes mail at %(domain)s."),
    Trouble.NO_DOMAIN: _l("The part after @ does not exist, or takes no mail: %(domain)s."),
    Trouble.NO_MAILBOX: _l("There is no such mailbox at %(domain)s."),
    Trouble.MISWRITTEN: _l("The address is not written as an address can be."),
    Trouble.CLOSED: _l("The mailbox was closed."),
    Trouble.MAILBOX_FULL: _l("The mailbox is full."),
    Trouble.SPAM: _l("Their mail server took our letter for spam."),
    Trouble.BLOCKED: _l("Their mail server takes no mail from us."),
    Trouble.TOO_LARGE: _l("The letter is too large for their mail server."),
    Trouble.SERVER_AWAY: _l("Their mail server did not answer for as long as we tried."),
    Trouble.STILL_TRIED: _l("Their mail server has not taken the letter yet. We go on trying, but time is short."),
    Trouble.HELD_BACK: _l(
        "The letter is held back because many letters were asked for at this address. It leaves %(when)s."
    ),
    Trouble.UNMADE: _l("Our letter could not be made. That is a fault of ours."),
    Trouble.LATE: _l("The letter could not leave before its time was over."),
    Trouble.UNKNOWN: _l("Their mail server refused the letter, and its words say nothing we know."),
}
_ADVICE = {
    Trouble.NO_ADDRESS: _l("Call and tell them the time and how to join."),
    Trouble.MISTYPED: _l("Check the suggestion and send the letter there."),
    Trouble.NO_DOMAIN: _l("Correct the address, or call and ask for it."),
    Trouble.NO_MAILBOX: _l("Correct the address, or call and ask for it."),
    Trouble.MISWRITTEN: _l("Correct the address, or call and ask for it."),
    Trouble.CLOSED: _l("Call and ask for another address."),
    Trouble.MAILBOX_FULL: _l("Send it again: people clear their mailbox now and then. When time is short, call."),
    Trouble.SPAM: _l("Call, or ask for an address elsewhere."),
    Trouble.BLOCKED: _l("Call, or ask for an address elsewhere. Tell whoever looks after our mail."),
    Trouble.TOO_LARGE: _l("Call, and tell whoever looks after our mail."),
    Trouble.SERVER_AWAY: _l("Send it again. When it fails once more, call."),
    Trouble.STILL_TRIED: _l("Call when the letter has not left a quarter of an hour before the start."),
    Trouble.HELD_BACK: _l("Send it now: what staff send is not held back."),
    Trouble.UNMADE: _l("Call, and tell whoever runs this service."),
    Trouble.LATE: _l("Send it again now."),
    Trouble.UNKNOWN: _l("Check the address and send it again, or call."),
}
#: what remains to be done for who left no telephone number; where nothing is said, the advice is the same
_ADVICE_WITHOUT_CALLING = {
    Trouble.NO_ADDRESS: _l("Enter an address as soon as you know one."),
    Trouble.NO_DOMAIN: _l("Correct the address."),
    Trouble.NO_MAILBOX: _l("Correct the address."),
    Trouble.MISWRITTEN: _l("Correct the address."),
    Trouble.CLOSED: _l("Enter another address as soon as you know one."),
    Trouble.MAILBOX_FULL: _l("Send it again: people clear their mailbox now and then."),
    Trouble.SPAM: _l("Enter an address elsewhere as soon as you know one, or send it again."),
    Trouble.BLOCKED: _l(
        "Enter an address elsewhere as soon as you know one, or send it again. Tell whoever looks after our mail."
    ),
    Trouble.TOO_LARGE: _l("Tell whoever looks after our mail."),
    Trouble.SERVER_AWAY: _l("Send it again."),
    Trouble.STILL_TRIED: _l("Send it again when it has not left a quarter of an hour before the start."),
    Trouble.UNMADE: _l("Tell whoever runs this service."),
    Trouble.UNKNOWN: _l("Check the address, or send it again."),
}


def heading(webinar: Webinar, count: int, now: datetime) -> str:
    """Say how many people will miss what: "7 people will miss tonight's link"."""
    return _HEADINGS[day_of(webinar, now)](count, webinar)


def cause(one: Missed, now: datetime) -> str:
    """Say in plain words why the letter did not arrive."""
    letter, address = one.letter, one.registration.email or ""
    when = from_now(letter.next_attempt_at, now) if letter is not None else ""
    return str(_CAUSES[one.trouble]) % {"domain": address.rpartition("@")[2], "when": when}


def advice(one: Missed) -> str:
    """Say what to do now."""
    known = _ADVICE if one.registration.phone else _ADVICE | _ADVICE_WITHOUT_CALLING
    return str(known[one.trouble])


def sending(one: Missed) -> str:
    """Label the button that sends the letter: one that is held back has never left."""
    return _("Send it now") if one.trouble is Trouble.HELD_BACK else _("Send it again")


def _tonight(count: int, _webinar: Webinar) -> str:
    return ngettext(
        "%(num)d person will miss tonight's link", "%(num)d people will miss tonight's link", count
    )  # fmt: skip


def _today(count: int, _webinar: Webinar) -> str:
    return ngettext("%(num)d person will miss today's link", "%(num)d people will miss today's link", count)


def _tomorrow(count: int, _webinar: Webinar) -> str:
    return ngettext("%(num)d person will miss tomorrow's link", "%(num)d people will miss tomorrow's link", count)


def _later(count: int, webinar: Webinar) -> str:
    day = day_and_month(webinar.starts_at, webinar.time_zone)
    return ngettext(
        "%(num)d person will miss the link for %(day)s", "%(num)d people will miss the link for %(day)s", count, day=day
    )


def _called_off(count: int, _webinar: Webinar) -> str:
    return ngettext(
        "%(num)d person does not know that it was called off",
        "%(num)d people do not know that it was called off",
        count,
    )


def _over(count: int, _webinar: Webinar) -> str:
    return ngettext(
        "%(num)d person was not told of the new time", "%(num)d people were not told of the new time", count
    )


_HEADINGS: dict[When, Callable[[int, Webinar], str]] = {
    When.TONIGHT: _tonight,
    When.TODAY: _today,
    When.TOMORROW: _tomorrow,
    When.LATER: _later,
    When.CALLED_OFF: _called_off,
    When.OVER: _over,
}
