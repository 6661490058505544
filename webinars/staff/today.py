"""What today's page says: what is late or broken, worst first, what is to do this week, and how to begin."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from config import UNNAMED, Settings
from webinars.accounts.gate import staff_may
from webinars.core.formats import from_now, number
from webinars.mail.inbound.queries import count_waiting
from webinars.mail.queries import Status
from webinars.notices import desk_words
from webinars.registration.models import Wave
from webinars.registration.words import wave_words
from webinars.schedule.models import Part, Webinar, WebinarState
from webinars.staff import rules
from webinars.staff.queries import Begun
from webinars.staff.readiness import links, words
from webinars.staff.readiness.rules import Item, Preparation, State

#: webinars of a kind that are named; more would hide what matters
MOST = 12
#: steps of a webinar that are named
MOST_STEPS = 4
#: a draft that begins this soon, and a webinar ahead that nobody can join, get a line of their own
SOON = timedelta(days=14)
URGENT = timedelta(days=1)


class Action(NamedTuple):
    """What can be done, and where."""

    label: str
    url: str
    #: when it is due, where that is to be said
    due: str = ""
    late: bool = False


@dataclass(frozen=True)
class Line:
    """One thing that needs somebody: a sentence, the actions beside it, who is responsible."""

    words: str
    actions: Sequence[Action]
    #: what it is about, for those who hear the actions without the sentence
    about: str = ""
    urgent: bool = False
    responsible: Sequence[str] | None = None
    #: how many further steps the webinar's own list names
    more: int = 0
    more_url: str = ""


@dataclass(frozen=True)
class Trouble:
    """What is known of what goes wrong."""

    status: Status
    waves: Sequence[Wave] = ()
    #: webinars with the number of people who will miss a letter
    unreached: Sequence[tuple[Webinar, int]] = ()
    preparations: Sequence[Preparation] = field(default_factory=list)


def needs_you(trouble: Trouble, now: datetime) -> list[Line]:
    """List what is late or broken, worst first."""
    found = [*_mail(trouble.status, now), *_waves(trouble.waves), *_unreached(trouble, now)]
    found += islice((line for one in trouble.preparations for line in _blocked(one, now)), MOST)
    found += _left_over(trouble.status)
    return sorted(found, key=lambda line: not line.urgent)


def this_week(preparations: Iterable[Preparation], now: datetime) -> list[Line]:
    """List what is late or falls due within a week, by webinar, the longest overdue first."""
    due = [(one, items) for one in preparations if (items := [*_named_late(one, now), *one.due_this_week(now)])]
    due.sort(key=lambda pair: pair[1][0].due_at)
    return [_steps(one, items, now) for one, items in due[:MOST]]


def _mail(status: Status, now: datetime) -> Iterator[Line]:
    desk = url_for("mail_staff.desk")
    look = [Action(_("See the mail desk"), desk)]
    silent = rules.worker_is_silent(status.last_tick, now)
    if silent:
        since = _("since %(time)s", time=from_now(status.last_tick, now)) if status.last_tick else _("yet")
        yield Line(
            _(
                "Letters are not going out: no worker has looked for work %(since)s. Start it with “flask worker”, or"
                " tell whoever runs the server.",
                since=since,
            ),
            look,
            urgent=True,
        )
    if status.on_hold:
        told = _("Mail is on hold. Letters are kept and nothing is sent until you release it.")
        yield Line(told, [Action(_("Release it"), desk)], urgent=True)
    elif status.paused_until:
        yield Line(_("The mail server cannot be reached. We try again by ourselves."), look, urgent=True)
    elif not silent and status.oldest_due and rules.mail_is_late(status.oldest_due, now):
        since = from_now(status.oldest_due, now)
        told = _("Letters are late: the oldest should have gone out %(since)s.", since=since)
        yield Line(told, look, urgent=True)


def _waves(waves: Iterable[Wave]) -> Iterator[Line]:
    for wave in waves:
        action = Action(_("Say what they are"), url_for("registration_staff.wave", number=wave.id))
        yield Line(wave_words(wave), [action], urgent=True)


def _unreached(trouble: Trouble, now: datetime) -> Iterator[Line]:
    team = {one.webinar.id: one.team for one in trouble.preparations}
    for webinar, count in trouble.unreached[:MOST]:
        action = Action(_("See who"), url_for("notices_staff.delivery", _anchor=f"webinar-{webinar.id}"))
        people = team[webinar.id].get(Part.RESPONSIBLE, ()) if webinar.id in team else None
        yield Line(desk_words.heading(webinar, count, now), [action], webinar.title, urgent=True, responsible=people)


def _blocked(one: Preparation, now: datetime) -> Iterator[Line]:
    """Say what would keep people out of a webinar, or keeps them waiting for its recording."""
    webinar, facts = one.webinar, one.facts
    title, when = webinar.title, from_now(webinar.starts_at, now)
    if _is_soon_draft(one, now):
        begins = _("“%(title)s” starts %(when)s and is still a draft.", title=title, when=when)
        past = _("“%(title)s” should have started %(when)s and is still a draft.", title=title, when=when)
        action = Action(_("Look"), url_for("staff.webinar", slug=webinar.slug))
        yield _about(one, begins if webinar.starts_at > now else past, action, now)
    elif _is_closed(one, now):
        told = _("“%(title)s” starts %(when)s and has no join link yet.", title=title, when=when)
        yield _about(one, told, _adding_link(webinar), now)
    if facts.needs and not one.over:
        told = ngettext(
            "Somebody needs something to take part in “%(title)s”, which starts %(when)s.",
            "%(num)d people need something to take part in “%(title)s”, which starts %(when)s.",
            facts.needs,
            title=title,
            when=when,
        )
        action = Action(_("See what"), url_for("registration_staff.access_needs", slug=webinar.slug))
        yield _about(one, told, action, now)
    if _lacks_recording(one):
        ended = from_now(webinar.ends_at, now)
        told = _(
            "“%(title)s” ended %(when)s and has no recording yet. People are waiting for the letter.",
            title=title,
            when=ended,
        )
        action = Action(_("Look"), url_for("staff.webinar", slug=webinar.slug))
        if staff_may("editor"):
            action = Action(_("Add the recording"), url_for("archive_staff.video_new", webinar=webinar.slug))
        yield _about(one, told, action, now)


def _adding_link(webinar: Webinar) -> Action:
    if staff_may("editor"):
        return Action(_("Add it"), url_for("schedule_staff.webinar_joining", slug=webinar.slug))
    return Action(_("Look"), url_for("staff.webinar", slug=webinar.slug))


def _about(one: Preparation, told: str, action: Action, now: datetime) -> Line:
    ahead = not one.over and one.webinar.starts_at - now < URGENT and one.webinar.state == WebinarState.PUBLISHED
    return Line(told, [action], one.webinar.title, urgent=ahead, responsible=_responsible(one))


def _is_soon_draft(one: Preparation, now: datetime) -> bool:
    return one.webinar.state == WebinarState.DRAFT and one.webinar.starts_at <= now + SOON


def _is_closed(one: Preparation, now: datetime) -> bool:
    ahead = one.webinar.state == WebinarState.PUBLISHED and not one.over
    return ahead and not one.webinar.join_url and one.webinar.starts_at <= now + SOON


def _lacks_recording(one: Preparation) -> bool:
    return one.over and one.webinar.recorded and one.facts.recording is None


def _named_late(one: Preparation, now: datetime) -> list[Item]:
    """List the late steps of a webinar that no other line names."""
    said = {"access", "mail"}
    said |= {"announced"} if _is_soon_draft(one, now) else set()
    said |= {"join", "join-tested"} if _is_closed(one, now) else set()
    said |= {"recording", "releases", "captions", "video"} if _lacks_recording(one) else set()
    return [item for item in one.late if item.key not in said]


def _steps(one: Preparation, items: Sequence[Item], now: datetime) -> Line:
    webinar = one.webinar
    page = url_for("readiness_staff.readiness", slug=webinar.slug)
    actions = [
        Action(
            words.title(item),
            # A link to elsewhere would leave today's page without a way to tick the step.
            f"{page}#step-{item.key}" if item.by_hand else links.action_url(item, one.facts) or page,
            "" if item.state is State.LATE else from_now(item.due_at, now),
            item.state is State.LATE,
        )
        for item in items[:MOST_STEPS]
    ]
    if one.over:
        told = _("“%(title)s” ended %(when)s.", title=webinar.title, when=from_now(webinar.ends_at, now))
    else:
        told = _("“%(title)s” starts %(when)s.", title=webinar.title, when=from_now(webinar.starts_at, now))
    more = len(items[MOST_STEPS:])
    return Line(told, actions, webinar.title, responsible=_responsible(one), more=more, more_url=page)


def _left_over(status: Status) -> Iterator[Line]:
    if status.failed:
        told = ngettext(
            "%(number)s letter did not arrive.",
            "%(number)s letters did not arrive.",
            status.failed,
            number=number(status.failed),
        )
        yield Line(told, [Action(_("See which"), url_for("mail_staff.desk", _anchor="failures"))])
    to_read = count_waiting()
    if to_read:
        told = ngettext(
            "%(number)s message came back for you to read.",
            "%(number)s messages came back for you to read.",
            to_read,
            number=number(to_read),
        )
        label = _("Read it") if to_read == 1 else _("Read them")
        yield Line(told, [Action(label, url_for("mail_staff.tray"))])


def _responsible(one: Preparation) -> Sequence[str]:
    return one.team.get(Part.RESPONSIBLE, ())


@dataclass(frozen=True)
class Beginning:
    """One step of a new installation."""

    words: str
    done: bool
    action: Action | None


def first_steps(begun: Begun, settings: Settings) -> list[Beginning]:
    """List how to begin; nothing once all of it is done, or a webinar has taken place."""
    named = settings.organization_name != UNNAMED
    if begun.at_home or all((named, begun.series, begun.webinar, begun.tried_letter, begun.colleague)):
        return []
    new = url_for("schedule_staff.series_new"), url_for("schedule_staff.webinar_new")
    trial = url_for("schedule_staff.series_list")
    colleague = url_for("accounts_staff.person_new") if staff_may("owner") else url_for("accounts_staff.people")
    return [
        Beginning(_("Say what your organisation is called: ORGANIZATION_NAME in the settings"), named, None),
        Beginning(_("Make your first series"), begun.series, Action(_("New series"), new[0])),
        Beginning(_("Write your first webinar"), begun.webinar, Action(_("New webinar"), new[1])),
        Beginning(
            _("Send yourself a letter to see that mail works"),
            begun.tried_letter,
            Action(_("Choose a series and one of its letters"), trial),
        ),
        Beginning(_("Invite a colleague"), begun.colleague, Action(_("Invite"), colleague)),
    ]
