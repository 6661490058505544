"""The letters to staff about their webinars: on Monday what is ahead and open, the day before when and where.

The row says that one is owed; what stands in it, and whether there is anything to say, is found when its turn comes.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from webinars.accounts.service import letter_subject, owe_letter
from webinars.core.formats import day_and_month, from_now, number, when
from webinars.core.http import current_settings, site_url_for
from webinars.core.language import speaking
from webinars.core.text import whole_number
from webinars.mail.letters import Letter, NotSent, plain
from webinars.mail.models import Message
from webinars.mail.styles import inline
from webinars.notices import desk
from webinars.schedule.models import Webinar
from webinars.staff.readiness import digest_queries as queries
from webinars.staff.readiness import digest_rules as rules
from webinars.staff.readiness import words
from webinars.staff.readiness.digest_rules import Reader
from webinars.staff.readiness.queries import preparation_of, preparations
from webinars.staff.readiness.rules import WEEK, Item, Preparation

WEEKLY, DAY_BEFORE = "week-ahead", "day-before"
KINDS = frozenset({WEEKLY, DAY_BEFORE})
_FOLDER = "staff/letters"
#: steps that a letter names of one webinar
_MOST_STEPS = 6


def derive_due(now: datetime) -> None:
    """Owe the letters that are due by now, each once, however many workers look and however late."""
    people = queries.readers()
    if not people:
        return
    owed = [*_weekly(people, now), *_days_before(people, now)]
    subjects = {letter_subject(reader.email) for reader, _kind, _occasion in owed}
    given = queries.given(subjects, {f"{kind}-{occasion}" for _reader, kind, occasion in owed}) if owed else set()
    for reader, kind, occasion in owed:
        if (letter_subject(reader.email), f"{kind}-{occasion}") not in given:
            owe_letter(kind, reader.email, now, occasion=occasion, language=reader.language, about=occasion)


def _weekly(people: dict[int, Reader], now: datetime) -> Iterator[tuple[Reader, str, str]]:
    for reader in people.values():
        monday = rules.week_due(reader.time_zone, now) if reader.weekly else None
        if monday is not None:
            yield reader, WEEKLY, rules.week_occasion(monday)


def _days_before(people: dict[int, Reader], now: datetime) -> Iterator[tuple[Reader, str, str]]:
    for one in queries.tomorrow(now):
        reader = people.get(one.user_id)
        if reader and reader.day_before and rules.is_day_before(one.starts_at, reader.time_zone, now):
            yield reader, DAY_BEFORE, rules.day_occasion(one.webinar_id, one.start_sequence)


def is_digest(message: Message) -> bool:
    """Say whether a letter to staff is one of these."""
    return (message.payload or {}).get("kind") in KINDS


def prepare(message: Message, now: datetime) -> Letter | NotSent:
    """Write one of these letters from the facts of this moment."""
    asked: dict[str, Any] = message.payload or {}
    reader = queries.find_reader(str(asked.get("email", "")))
    if reader is None:
        return NotSent("nobody who may sign in has this address")
    with speaking(reader.language):
        if asked["kind"] == WEEKLY:
            return week_ahead(reader, now) if reader.weekly else _unwanted()
        return _day_before(reader, str(asked.get("about", "")), now) if reader.day_before else _unwanted()


def _unwanted() -> NotSent:
    return NotSent("they want no more of these")


def week_ahead(reader: Reader, now: datetime) -> Letter | NotSent:
    """Write the letter of a Monday: the webinars somebody is responsible for, what is open or late, numbers."""
    webinars = queries.webinars_of(reader.user_id, now, rules.week_began(reader.time_zone, now))
    unreached = {one.id: count for one, count in desk.counted(now)} if webinars else {}
    known = sorted(preparations(webinars, now, unreached), key=lambda one: one.over)
    told = [one for one in known if not one.over or one.late or one.due_this_week(now)][: queries.MOST]
    if not told:
        return NotSent("nothing to say")
    fresh = queries.new_places([one.webinar.id for one in told], now - WEEK)
    facts = {"webinars": [_row(one, reader, fresh.get(one.webinar.id, 0), now) for one in told]}
    return _letter(WEEKLY, reader, _("Your webinars this week"), facts)


def _day_before(reader: Reader, occasion: str, now: datetime) -> Letter | NotSent:
    number_of, _dash, sequence = occasion.partition("-")
    webinar = queries.find_mine(reader.user_id, whole_number(number_of) or 0)
    if webinar is None or webinar.starts_at <= now:
        return NotSent("webinar over, cancelled or handed over")
    if str(webinar.start_sequence) != sequence:
        return NotSent("moved since")
    return day_before(reader, webinar, now)


def day_before(reader: Reader, webinar: Webinar, now: datetime) -> Letter:
    """Write the letter of the day before a webinar: when, where, how many come, what is open."""
    one = preparation_of(webinar, now, desk.count_of(webinar, now))
    facts = _row(one, reader, 0, now) | {
        "join_url": webinar.join_url,
        "phone": webinar.phone_number,
        "pin": webinar.phone_pin,
        "speakers": ", ".join(speaker.name for speaker in webinar.speakers),
        "sheets_url": _url("registration_staff.sheets_of_webinar", reader, slug=webinar.slug) if reader.looks else "",
    }
    subject = _("%(day)s: %(title)s", day=day_and_month(webinar.starts_at, reader.time_zone), title=webinar.title)
    return _letter(DAY_BEFORE, reader, subject, facts)


def _row(one: Preparation, reader: Reader, fresh: int, now: datetime) -> dict[str, Any]:
    """Say what both letters tell of a webinar: no name and no address of anybody who registered."""
    webinar = one.webinar
    steps = [*one.late, *one.due_this_week(now)]
    return {
        "title": webinar.title,
        "when": when(webinar.starts_at, webinar.ends_at, reader.time_zone),
        "from_now": from_now(webinar.starts_at, now),
        "over": one.over,
        "draft": webinar.state == "draft",
        "registered": number(webinar.confirmed_count),
        "places": number(webinar.capacity) if webinar.capacity is not None else "",
        "waiting": number(webinar.waitlisted_count) if webinar.waitlisted_count else "",
        "fresh": number(fresh) if fresh else "",
        "progress": words.progress(one),
        "steps_open": [_step(item, one) for item in steps[:_MOST_STEPS]],
        "more": len(steps[_MOST_STEPS:]),
        "url": _url("readiness_staff.readiness", reader, slug=webinar.slug),
    }


def _step(item: Item, one: Preparation) -> str:
    told = words.title(item)
    detail = words.detail(item, one.facts)
    told = f"{told} ({detail})" if detail else told
    return _("%(step)s: late", step=told) if item.state == "late" else told


def _letter(kind: str, reader: Reader, subject: str, facts: dict[str, Any]) -> Letter:
    sender = current_settings().organization_name
    values = facts | {
        "subject": subject,
        "language": reader.language,
        "sender_name": sender,
        "today_url": _url("staff.today", reader),
        "choices_url": _url("readiness_staff.digests", reader),
    }
    html = inline(render_template(f"{_FOLDER}/{kind}.html", **values))
    text = render_template(f"{_FOLDER}/{kind}.txt", **values)
    return Letter(reader.email, sender, subject, plain(text), plain(html), language=reader.language)


def _url(endpoint: str, reader: Reader, **values: Any) -> str:
    return site_url_for(endpoint, language=reader.language, **values)
