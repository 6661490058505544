"""What the staff shell asks of several rooms at once, in a bounded number of statements."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, or_, select, true
from sqlalchemy.orm import contains_eager, defer, joinedload, selectinload

from webinars.accounts.models import User
from webinars.accounts.queries import host_id
from webinars.archive.models import Video
from webinars.core.database import db
from webinars.core.pictures import Picture
from webinars.core.text import whole_number
from webinars.mail.models import Mailing, Message
from webinars.notices.kinds import Notice
from webinars.notices.models import Announcement
from webinars.registration.models import Registration
from webinars.schedule.models import NewsItem, Series, Speaker, Topic, Webinar, WebinarSpeaker, WebinarState
from webinars.schedule.queries import with_part
from webinars.schedule.rules import LONGEST
from webinars.staff.readiness.rules import EARLIEST, WEEK
from webinars.staff.rules import ANSWERS, Tally

#: how far today's page looks ahead: as far as a step can be due this week; and how long it asks for what follows
AHEAD, BEHIND = EARLIEST + WEEK, timedelta(days=60)
#: how long it asks about a draft whose start has passed
FORGOTTEN = timedelta(days=14)
#: webinars it looks at each way; their steps cost time
MOST_AHEAD, MOST_BEHIND = 40, 20
#: things of a kind that a search in the audit trail follows by their names
MOST_NAMED = 200


def shown() -> ColumnElement[bool]:
    """Give the condition on webinars under which today's page speaks of them: everything there asks through it."""
    host = host_id()
    return true() if host is None else with_part(host)


def webinars_ahead(now: datetime) -> list[Webinar]:
    """List the webinars that are on or come, drafts too, with series and speakers (two statements)."""
    published = and_(
        # What is on began within the longest length: without that bound all of the past would be read.
        Webinar.state == WebinarState.PUBLISHED, Webinar.starts_at > now - LONGEST, Webinar.ends_at > now
    )  # fmt: skip
    draft = and_(Webinar.state == WebinarState.DRAFT, Webinar.starts_at > now - FORGOTTEN)
    ahead = _webinars().where(or_(published, draft), Webinar.starts_at <= now + AHEAD)
    return list(db.session.scalars(ahead.order_by(Webinar.starts_at, Webinar.id).limit(MOST_AHEAD)))


def webinars_behind(now: datetime) -> list[Webinar]:
    """List the webinars that ended in the last weeks, the latest first (two statements)."""
    ended = _webinars().where(Webinar.state == WebinarState.PUBLISHED, Webinar.ends_at.between(now - BEHIND, now))
    return list(db.session.scalars(ended.order_by(Webinar.ends_at.desc(), Webinar.id).limit(MOST_BEHIND)))


def webinars_to_follow(since: datetime, until: datetime, now: datetime) -> list[Webinar]:
    """List the recorded webinars that are over and began within a span (two statements)."""
    over = _webinars().where(Webinar.state == WebinarState.PUBLISHED, Webinar.ends_at <= now, Webinar.recorded)
    within = Webinar.starts_at >= since, Webinar.starts_at < until
    return list(db.session.scalars(over.where(*within).order_by(Webinar.starts_at).limit(MOST_NAMED)))


def next_webinar(now: datetime) -> Webinar | None:
    """Find the webinar that comes next, however far away, with series and speakers."""
    ahead = _webinars().where(Webinar.state == WebinarState.PUBLISHED, Webinar.starts_at > now)
    return db.session.scalars(ahead.order_by(Webinar.starts_at, Webinar.id).limit(1)).first()


class Begun(NamedTuple):
    """What a new installation has of what it needs."""

    series: bool
    webinar: bool
    tried_letter: bool
    colleague: bool
    #: a webinar has taken place
    at_home: bool


def begun(now: datetime) -> Begun:
    """Say how far a new installation is, in one statement."""
    count = select(func.count(User.id)).where(User.active.is_(True)).scalar_subquery()
    over = exists().where(Webinar.state == WebinarState.PUBLISHED, Webinar.ends_at < now)
    tried = exists().where(Message.notice == Notice.TEST)
    row = db.session.execute(
        select(exists(select(Series.id)), exists(select(Webinar.id)), tried, count > 1, over)
    ).one()
    return Begun(*map(bool, row))


def letters_about(webinar_id: int) -> list[Tally]:
    """Count the letters about a webinar by notice, occasion and state, in one statement."""
    counted = (
        select(Message.notice, Message.mailing_id, Message.state, func.count().label("number"))
        .where(Message.about == f"w{webinar_id}")
        .group_by(Message.notice, Message.mailing_id, Message.state)
        .subquery()
    )
    wanted = select(counted.c.notice, Mailing.occasion, Mailing.due_at, counted.c.state, counted.c.number)
    rows: Any = db.session.execute(wanted.outerjoin(Mailing, Mailing.id == counted.c.mailing_id))
    found: dict[tuple[str, str], Tally] = {}
    for notice, occasion, due_at, state, number in rows:
        # Answers to a list that was entered at once are counted with those to people's own deeds.
        key, due_at = ("", None) if notice in ANSWERS else (occasion or "", due_at)
        tally = found.setdefault((notice, key), Tally(notice, key, due_at, {}))
        tally.by_state[state] = tally.by_state.get(state, 0) + number
    return list(found.values())


def _webinars() -> Select[Webinar]:
    """Select the webinars that today's page may speak of, without the long texts that it does not show."""
    speakers = selectinload(Webinar.speaker_places).joinedload(WebinarSpeaker.speaker)
    read = contains_eager(Webinar.series), speakers, defer(Webinar.description)
    return select(Webinar).join(Webinar.series).where(shown()).options(*read)


def webinar_titles(ids: Collection[int]) -> list[tuple[int, str, str]]:
    """List (id, slug, title) of some webinars."""
    rows = db.session.execute(select(Webinar.id, Webinar.slug, Webinar.title).where(Webinar.id.in_(ids)))
    return [(number, slug, title) for number, slug, title in rows]


def series_titles(ids: Collection[int]) -> list[tuple[int, str, str]]:
    """List (id, slug, title) of some series."""
    rows = db.session.execute(select(Series.id, Series.slug, Series.title).where(Series.id.in_(ids)))
    return [(number, slug, title) for number, slug, title in rows]


def people_names(ids: Collection[int]) -> list[tuple[int, str, str]]:
    """List (id, public id, name) of some registrations."""
    wanted = select(Registration.id, Registration.public_id, Registration.name).where(Registration.id.in_(ids))
    return [(number, public_id, name) for number, public_id, name in db.session.execute(wanted)]


def announcements_of(ids: Collection[int]) -> Sequence[Announcement]:
    """List some announcements with what they are about."""
    about = joinedload(Announcement.webinar).joinedload(Webinar.series), joinedload(Announcement.series)
    return db.session.scalars(select(Announcement).where(Announcement.id.in_(ids)).options(*about)).all()


def names_of_addresses(addresses: Collection[str]) -> dict[str, list["Thing"]]:
    """Give who has places under some folded addresses: each name once, with the newest place (one query)."""
    newest = func.max(Registration.id)
    theirs = select(newest).where(Registration.email_key.in_(addresses), Registration.email.is_not(None))
    each = theirs.group_by(Registration.email_key, Registration.name_key)
    wanted = select(Registration.email_key, Registration.name, Registration.public_id).where(Registration.id.in_(each))
    found: dict[str, list[Thing]] = {}
    for address, name, public_id in db.session.execute(wanted):
        found.setdefault(address, []).append(Thing(name, public_id))
    return found


class Thing(NamedTuple):
    """What something is called today, and what its page is found by."""

    name: str
    key: str | int


#: of each kind of thing in the audit trail: how the trail names it, its key, its name
_THINGS: dict[str, tuple[Any, Any, Any]] = {
    "webinar": (Webinar.id, Webinar.slug, Webinar.title),
    "series": (Series.id, Series.slug, Series.title),
    "topic": (Topic.id, Topic.slug, Topic.title),
    "news item": (NewsItem.id, NewsItem.slug, NewsItem.title),
    "speaker": (Speaker.id, Speaker.id, Speaker.name),
    "video": (Video.id, Video.slug, Video.title),
    "picture": (Picture.id, Picture.id, func.coalesce(Picture.words["en"].as_string(), cast(Picture.id, String))),
    "registration": (Registration.public_id, Registration.public_id, Registration.name),
    "user": (User.id, User.id, func.coalesce(func.nullif(User.name, ""), User.email)),
}


def last_end() -> datetime | None:
    """Give when the last webinar there is ends."""
    return db.session.scalar(select(func.max(Webinar.ends_at)))


def things_named(words: str) -> dict[str, list[str]]:
    """Give kind → ids of the things whose name holds some words, as the audit trail has them (a query a kind)."""
    found = {}
    for kind, (number, _key, name) in _THINGS.items():
        if kind == "registration":
            # There are too many: the search for people finds them, and leads to what happened to each.
            continue
        wanted = select(number).where(name.icontains(words, autoescape=True)).order_by(number.desc()).limit(MOST_NAMED)
        if ids := [str(one) for one in db.session.scalars(wanted)]:
            found[kind] = ids
    return found


def things(kind: str, ids: Collection[str]) -> dict[str, Thing]:
    """Give what things of a kind are called today, by the ids the audit trail has for them (one query)."""
    if kind not in _THINGS:
        return {}
    number, key, name = _THINGS[kind]
    wanted = ids if kind == "registration" else [found for one in ids if (found := whole_number(one)) is not None]
    rows = db.session.execute(select(number, key, name).where(number.in_(wanted)))
    return {str(found): Thing(words, page_key) for found, page_key, words in rows}
