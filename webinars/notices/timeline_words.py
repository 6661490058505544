"""How the timeline calls letters, and says what becomes of them."""

from datetime import date, datetime, time

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from webinars.core.formats import clock
from webinars.notices.kinds import Notice, Reason
from webinars.notices.rules import NEVER_DELAYED, NotOwed
from webinars.notices.timeline import Item, Outlook
from webinars.registration.words import letter_words
from webinars.schedule.rules import format_reminder

CHIPS = {
    Outlook.SENT: (lazy_gettext("sent"), "plain"),
    Outlook.WAITS: (lazy_gettext("waiting"), "sun"),
    Outlook.COMES: (lazy_gettext("will come"), None),
    Outlook.ONCE_PUBLISHED: (lazy_gettext("will come"), None),
    Outlook.IF_PROVEN: (lazy_gettext("perhaps"), "sun"),
    Outlook.IF_A_PLACE_FREES_UP: (lazy_gettext("perhaps"), "sun"),
    Outlook.NEVER: (lazy_gettext("will not come"), "plain"),
}
_NOT_OWED = {
    NotOwed.NO_SEAT: lazy_gettext("They have no seat: reminders go to those who take part live."),
    NotOwed.CAME_LATER: lazy_gettext("They got their place after it fell due; their letter said everything."),
    NotOwed.CAME_LATER_UNTOLD: lazy_gettext(
        "They got their place after it fell due; the letter that says everything has not left yet."
    ),
    NotOwed.START_SET_LATER: lazy_gettext("The start was set after it fell due; they were told it at once."),
    NotOwed.PASSED_OVER: lazy_gettext("Its moment had passed: it was added later, or could not be sent in time."),
}
_REASONS = {
    Reason.NO_ADDRESS: lazy_gettext("There is no email address."),
    Reason.BOUNCED: lazy_gettext("Their mailbox takes no mail. Correct the address, or call."),
    Reason.WEBINAR_OVER: lazy_gettext("The webinar is over."),
    Reason.WEBINAR_CANCELLED: lazy_gettext("The webinar was cancelled."),
    Reason.WEBINAR_NOT_CANCELLED: lazy_gettext("The webinar takes place."),
    Reason.PLACE_CANCELLED: lazy_gettext("Their place was cancelled."),
    Reason.STATE_CHANGED: lazy_gettext("Something had changed since; another letter says what holds now."),
    Reason.NO_SEAT: _NOT_OWED[NotOwed.NO_SEAT],
    Reason.NOT_PROVEN: lazy_gettext("They have not pressed the button in their first letter yet."),
    Reason.MOVED_SINCE: lazy_gettext("The webinar was moved; another letter says the new time."),
    Reason.REMINDER_DROPPED: lazy_gettext("Staff took this reminder out."),
    Reason.ALREADY_TOLD: lazy_gettext("Another letter had told them already."),
    Reason.TOLD_BY_A_LATER_ONE: lazy_gettext("A later letter says all of it."),
    Reason.RECORDING_WITHDRAWN: lazy_gettext("The recording was withdrawn."),
    Reason.UNSUBSCRIBED: lazy_gettext("They stopped these letters themselves."),
    Reason.STOPPED: lazy_gettext("Staff stopped it."),
}


def item_name(item: Item) -> str:
    """Name a letter the way staff speak of it."""
    if item.notice is Notice.REMINDER and item.minutes:
        return str(_("Reminder, %(time)s before", time=format_reminder(item.minutes)))
    return letter_words(item.notice)


def item_words(item: Item) -> str:
    """Say in a sentence what becomes of a letter; empty where its moment says it all."""
    if item.outlook is Outlook.NEVER:
        return why_words(item.why)
    sentences = {
        Outlook.ONCE_PUBLISHED: _("Once the recording is published."),
        Outlook.IF_PROVEN: _("Only once they press the button in the letter that asks for it."),
        Outlook.IF_A_PLACE_FREES_UP: _("Only if a place frees up."),
    }
    return str(sentences.get(item.outlook, _delay(item)))


def _delay(item: Item) -> str:
    if not item.delayed:
        return ""
    if item.notice is Notice.REMINDER:
        return str(_("It falls due in their quiet hours and waits for the morning."))
    return str(_("This address was sent several letters shortly before, so this one waits for its turn."))


def quiet_words(quiet: tuple[int, int], minutes: int = NEVER_DELAYED) -> str:
    """Say which reminders wait, and from when until when; quiet: hours of the reader's day."""
    begin, end = (clock(datetime.combine(date.min, time(hour))) for hour in quiet)
    return str(
        _(
            "Reminders sent more than %(hours)s hours ahead wait from %(begin)s to %(end)s in the person's own time.",
            hours=minutes // 60,
            begin=begin,
            end=end,
        )
    )


def why_words(why: str) -> str:
    """Say why a letter does not come; the words of a server are given as they are."""
    if why in set(NotOwed):
        return str(_NOT_OWED[NotOwed(why)])
    return str(_REASONS[Reason(why)]) if why in set(_REASONS) else why
