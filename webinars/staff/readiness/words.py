"""How the desk speaks of the steps of a webinar."""

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webinars.core.formats import number
from webinars.schedule.rules import format_reminder
from webinars.staff.readiness.rules import Facts, Item, Part, Preparation, State

TITLES = {
    "texts": _l("Texts in both languages"),
    "speakers": _l("Speakers named, with their interests declared"),
    "sponsor": _l("Sponsor named"),
    "questions": _l("Questions on the form looked at"),
    "announced": _l("Published"),
    "letters": _l("Letters looked at"),
    "captioner": _l("Captioner or interpreter booked"),
    "join": _l("Join link"),
    "phone": _l("Phone number"),
    "access": _l("Access requests answered"),
    "slides": _l("Slides sent"),
    "join-tested": _l("Join link tested"),
    "mail": _l("Everybody gets their letters"),
    "recording": _l("Recording there and playing"),
    "releases": _l("Speakers agreed to the recording"),
    "captions": _l("Captions corrected"),
    "video": _l("Recording published"),
    "follow-up": _l("Follow-up sent"),
}
PARTS = {
    Part.BEFORE: _l("Before"),
    Part.DAY: _l("The last day"),
    Part.AFTER: _l("Afterwards"),
}
#: the action beside a step that is to do
ACTIONS = {
    "texts": _l("Write them"),
    "speakers": _l("Add what is missing"),
    "sponsor": _l("Name the sponsor"),
    "questions": _l("Look at them"),
    "announced": _l("Publish"),
    "letters": _l("Look at them"),
    "captioner": _l("Edit"),
    "join": _l("Add it"),
    "phone": _l("Add it"),
    "access": _l("See what"),
    "slides": _l("Write to all"),
    "join-tested": _l("Open it"),
    "mail": _l("See who"),
    "recording": _l("Add the recording"),
    "releases": _l("Note their answer"),
    "captions": _l("Correct them"),
    "video": _l("Publish"),
    "follow-up": _l("Write to all"),
}
STATES = {
    State.DONE: _l("done"),
    State.TICKED: _l("done"),
    State.NOT_NEEDED: _l("not needed"),
    State.OPEN: _l("to do"),
    State.LATE: _l("late"),
    State.MISSED: _l("was never done"),
}


def title(item: Item) -> str:
    """Name a step."""
    return item.own.title if item.own else str(TITLES[item.key])


def due_words(due: timedelta) -> str:
    """Say when a step is due: "2 days before", "1 week after", "on the day"."""
    minutes = abs(int(due.total_seconds() // 60))
    if not minutes:
        return str(_("on the day"))
    time = format_reminder(minutes)
    return str(_("%(time)s before", time=time) if due < timedelta() else _("%(time)s after", time=time))


def detail(item: Item, facts: Facts) -> str:
    """Say what exactly is missing, where the service knows more than the name of the step says."""
    if item.settled:
        return ""
    if item.key == "speakers":
        silent = [one.name for one in facts.webinar.speakers if not one.interests]
        return str(_("not declared: %(names)s", names=", ".join(silent))) if silent else str(_("nobody is named"))
    if item.key == "access":
        return str(ngettext("%(num)s waits for an answer", "%(num)s wait for an answer", facts.needs))
    if item.key == "mail":
        return str(ngettext("%(num)s person misses a letter", "%(num)s people miss a letter", facts.unreached))
    if item.key == "recording" and facts.recording:
        return str(_("it cannot be played yet"))
    if item.key == "join-tested" and item.mark:
        return str(_("the link is another one now"))
    return str(_("they were changed")) if item.key == "questions" and item.mark else ""


def progress(preparation: Preparation) -> str:
    """Say "7 of 11 ready"."""
    ready, count = number(preparation.ready), number(len(preparation.counted))
    if preparation.over:
        return str(_("%(ready)s of %(all)s done afterwards", ready=ready, all=count))
    return str(_("%(ready)s of %(all)s ready", ready=ready, all=count))
