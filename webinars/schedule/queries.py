"""Every look into the schedule, each in a bounded number of queries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Select, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, load_only, selectinload

from webinars.core.database import db
from webinars.core.errors import NotFound
from webinars.core.paging import Page, page_of
from webinars.core.text import one_line
from webinars.schedule.models import (
    NewsItem,
    Series,
    Speaker,
    TeamPlace,
    Topic,
    Webinar,
    WebinarSpeaker,
    WebinarState,
)
from webinars.schedule.rules import LONGEST

Item = TypeVar("Item")
# Written once, since every visit asks it: making a statement anew costs more than running it.
_WEBINAR = (
    select(Webinar)
    .where(Webinar.slug == bindparam("slug"))
    .options(
        joinedload(Webinar.series, innerjoin=True),
        joinedload(Webinar.speaker_places).joinedload(WebinarSpeaker.speaker, innerjoin=True),
    )
)
_WITH_SPEAKERS = (
    joinedload(Webinar.series, innerjoin=True),
    selectinload(Webinar.speaker_places).joinedload(WebinarSpeaker.speaker, innerjoin=True),
)
_A_LINE = load_only(
    Webinar.slug, Webinar.title, Webinar.language, Webinar.translations, Webinar.starts_at, Webinar.time_zone
)


@dataclass(frozen=True)
class WebinarFilter:
    """What staff ask of the list of webinars; values that mean nothing are read as their defaults."""

    text: str = ""
    #: slug, or empty for all
    series: str = ""
    #: spoken
    language: str = ""
    #: the start lies between these instants; None = open
    since: datetime | None = None
    until: datetime | None = None
    #: only webinars in which this member of staff has a part, by id
    team_of: int | None = None
    #: "coming" (drafts and what is not over), "past", "draft", "published", "cancelled" or "all"
    state: str = "coming"
    #: "start", "title", "series" or "places"
    sort: str = ""
    #: "asc" or "desc"
    direction: str = "asc"
    page: int = 1
    per_page: int = 50


def find_webinar(slug: str) -> Webinar | None:
    """Find a webinar with its series and speakers (one query)."""
    return db.session.scalars(_WEBINAR, {"slug": slug}).unique().one_or_none()


def get_webinar(slug: str) -> Webinar:
    """Give a webinar with its series and speakers.

    Raises NotFound.
    """
    return _there(find_webinar(slug), _("There is no such webinar."))


def upcoming_webinars(
    now: datetime, limit: int = 20, *, series_id: int | None = None, topic_id: int | None = None
) -> list[Webinar]:
    """List published webinars that are not over, the next one first, with their series."""
    # What is on began within the longest length: without that bound all of the past would be read.
    wanted = _published(series_id, topic_id).where(Webinar.ends_at > now, Webinar.starts_at > now - LONGEST)
    return list(db.session.scalars(wanted.order_by(Webinar.starts_at, Webinar.id).limit(limit)))


def past_webinars(
    now: datetime, page: int = 1, per_page: int = 20, *, series_id: int | None = None, topic_id: int | None = None
) -> Page[Webinar]:
    """List a page of published webinars that are over, the latest first, with what a line says of each."""
    wanted = _published(series_id, topic_id).where(Webinar.ends_at <= now).options(_A_LINE)
    return page_of(wanted, [Webinar.ends_at.desc(), Webinar.id.desc()], page, per_page)


def _published(series_id: int | None, topic_id: int | None) -> Select[Webinar]:
    return _of(series_id, topic_id).where(Webinar.state == WebinarState.PUBLISHED)


def _of(series_id: int | None, topic_id: int | None) -> Select[Webinar]:
    wanted = select(Webinar)
    if series_id is not None:
        # Of one series: whoever asks has it, else the first webinar finds it for all.
        return wanted.where(Webinar.series_id == series_id)
    wanted = wanted.options(joinedload(Webinar.series, innerjoin=True))
    if topic_id is not None:
        wanted = wanted.where(Webinar.series_id.in_(select(Series.id).where(Series.topic_id == topic_id)))
    return wanted


def public_webinars(
    since: datetime, limit: int, *, series_id: int | None = None, topic_id: int | None = None
) -> list[Webinar]:
    """List webinars that were ever public, the cancelled ones too, and end after an instant (feeds, site map)."""
    wanted = _of(series_id, topic_id).where(Webinar.state != WebinarState.DRAFT, Webinar.published_at.is_not(None))
    wanted = wanted.where(Webinar.ends_at > since).order_by(Webinar.starts_at, Webinar.id)
    return list(db.session.scalars(wanted.limit(limit)))


def staff_webinars(asked: WebinarFilter, now: datetime) -> Page[Webinar]:
    """List a page of webinars for staff, filtered and sorted (two queries, whatever their number)."""
    wanted = _of(None, None)
    for condition in _conditions(asked, now):
        wanted = wanted.where(condition)
    return page_of(wanted, _order(asked), asked.page, asked.per_page)


def _conditions(asked: WebinarFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if text := one_line(asked.text)[:200]:
        conditions.append(_mentions(text))
    if asked.language:
        conditions.append(Webinar.language == asked.language)
    if asked.since:
        conditions.append(Webinar.starts_at >= asked.since)
    if asked.until:
        conditions.append(Webinar.starts_at < asked.until)
    if asked.team_of is not None:
        conditions.append(with_part(asked.team_of))
    if asked.series:
        conditions.append(Webinar.series_id.in_(select(Series.id).where(Series.slug == asked.series)))
    if asked.state in set(WebinarState):
        conditions.append(Webinar.state == asked.state)
    elif asked.state == "coming":
        ahead = (Webinar.state == WebinarState.PUBLISHED) & (Webinar.ends_at > now)
        conditions.append(or_(Webinar.state == WebinarState.DRAFT, ahead))
    elif asked.state == "past":
        conditions.append((Webinar.state == WebinarState.PUBLISHED) & (Webinar.ends_at <= now))
    return conditions


def _mentions(text: str) -> ColumnElement[bool]:
    """Look for words in the title, the series' name and the speakers' names."""
    series = select(Series.id).where(Series.title.icontains(text, autoescape=True))
    speaking = select(WebinarSpeaker.webinar_id).join(WebinarSpeaker.speaker)
    return or_(
        Webinar.title.icontains(text, autoescape=True),
        Webinar.series_id.in_(series),
        Webinar.id.in_(speaking.where(Speaker.name.icontains(text, autoescape=True))),
    )


def with_part(user_id: int) -> ColumnElement[bool]:
    """Give the condition that somebody has any part in the webinar of a query."""
    return exists().where(TeamPlace.webinar_id == Webinar.id, TeamPlace.user_id == user_id)


def webinars_between(asked: WebinarFilter, start: datetime, end: datetime, now: datetime, limit: int) -> list[Webinar]:
    """List webinars for staff that start within a span, filtered, the first one first (one query)."""
    wanted = _of(None, None).where(Webinar.starts_at >= start, Webinar.starts_at < end, *_conditions(asked, now))
    return list(db.session.scalars(wanted.order_by(Webinar.starts_at, Webinar.id).limit(limit)))


def spoken_languages() -> list[str]:
    """List the languages that are spoken at webinars."""
    return list(db.session.scalars(select(Webinar.language).distinct().order_by(Webinar.language)))


def _order(asked: WebinarFilter) -> list[ColumnElement[Any]]:
    columns: dict[str, ColumnElement[Any]] = {
        "start": Webinar.starts_at.expression,
        "title": func.lower(Webinar.title),
        "series": select(func.lower(Series.title)).where(Series.id == Webinar.series_id).scalar_subquery(),
        "places": Webinar.confirmed_count.expression,
    }
    column = columns.get(asked.sort, columns["start"])
    falling = asked.direction == "desc"
    return [column.desc() if falling else column.asc(), Webinar.id.desc() if falling else Webinar.id.asc()]


def webinars_with_join_url(join_url: str, other_than: int) -> list[Webinar]:
    """List webinars that use the same join link (a few), the latest first."""
    wanted = select(Webinar).where(Webinar.join_url == join_url, Webinar.id != other_than)
    return list(db.session.scalars(wanted.order_by(Webinar.starts_at.desc()).limit(3)))


def not_over(now: datetime) -> list[int]:
    """List the ids of the webinars whose instants still matter: drafts and published ones that have not ended."""
    states = (WebinarState.DRAFT, WebinarState.PUBLISHED)
    wanted = select(Webinar.id).where(Webinar.state.in_(states), Webinar.ends_at > now).order_by(Webinar.id)
    return list(db.session.scalars(wanted))


def find_series(slug: str) -> Series | None:
    """Find a series with its topic."""
    return db.session.scalar(select(Series).where(Series.slug == slug).options(joinedload(Series.topic)))


def get_series(slug: str) -> Series:
    """Give a series with its topic.

    Raises NotFound.
    """
    return _there(find_series(slug), _("There is no such series."))


def list_series(topic_id: int | None = None) -> list[Series]:
    """List the series with their topics by title."""
    wanted = select(Series).options(joinedload(Series.topic)).order_by(Series.title, Series.id)
    return list(db.session.scalars(wanted if topic_id is None else wanted.where(Series.topic_id == topic_id)))


def webinars_ahead_by_series(now: datetime) -> dict[int, int]:
    """Count the published webinars ahead of each series that has any (one query)."""
    ahead = (Webinar.state == WebinarState.PUBLISHED) & (Webinar.ends_at > now)
    counts = select(Webinar.series_id, func.count()).where(ahead).group_by(Webinar.series_id)
    return {series_id: ahead_count for series_id, ahead_count in db.session.execute(counts)}  # noqa: C416


def find_topic(slug: str) -> Topic | None:
    """Find a topic."""
    return db.session.scalar(select(Topic).where(Topic.slug == slug))


def get_topic(slug: str) -> Topic:
    """Give a topic.

    Raises NotFound.
    """
    return _there(find_topic(slug), _("There is no such topic."))


def list_topics() -> list[Topic]:
    """List the topics by title."""
    return list(db.session.scalars(select(Topic).order_by(Topic.title, Topic.id)))


def find_news_item(slug: str) -> NewsItem | None:
    """Find a news item with its topic."""
    return db.session.scalar(
        select(NewsItem).where(NewsItem.slug == slug).options(joinedload(NewsItem.topic, innerjoin=True))
    )


def get_news_item(slug: str) -> NewsItem:
    """Give a news item with its topic.

    Raises NotFound.
    """
    return _there(find_news_item(slug), _("There is no such news item."))


def latest_news(today: date, limit: int = 5, *, topic_id: int | None = None) -> list[NewsItem]:
    """List the newest items that are out by a day, with their topics."""
    wanted = _newest().where(NewsItem.published_on <= today)
    if topic_id is not None:
        wanted = wanted.where(NewsItem.topic_id == topic_id)
    return list(db.session.scalars(wanted.limit(limit)))


def staff_news(page: int = 1, per_page: int = 50) -> Page[NewsItem]:
    """List a page of all news items, the newest first, also those dated ahead."""
    return page_of(_newest().order_by(None), [NewsItem.published_on.desc(), NewsItem.id.desc()], page, per_page)


def _newest() -> Select[NewsItem]:
    newest = (NewsItem.published_on.desc(), NewsItem.id.desc())
    return select(NewsItem).join(NewsItem.topic).options(contains_eager(NewsItem.topic)).order_by(*newest)


def find_speaker(speaker_id: int) -> Speaker | None:
    """Find a speaker."""
    return db.session.get(Speaker, speaker_id)


def get_speaker(speaker_id: int) -> Speaker:
    """Give a speaker.

    Raises NotFound.
    """
    return _there(find_speaker(speaker_id), _("There is no such speaker."))


def list_speakers() -> list[Speaker]:
    """List all speakers by name."""
    return list(db.session.scalars(select(Speaker).order_by(func.lower(Speaker.name), Speaker.id)))


def staff_speakers(text: str = "", page: int = 1, per_page: int = 50) -> Page[Speaker]:
    """List a page of speakers by name."""
    wanted = select(Speaker)
    if text := one_line(text)[:200]:
        wanted = wanted.where(Speaker.name.icontains(text, autoescape=True))
    return page_of(wanted, [func.lower(Speaker.name), Speaker.id], page, per_page)


def titles_of_speaker(speaker_id: int, limit: int) -> list[str]:
    """List the titles of webinars that name a speaker, the latest first."""
    named = select(Webinar.title).join(Webinar.speaker_places).where(WebinarSpeaker.speaker_id == speaker_id)
    return list(db.session.scalars(named.order_by(Webinar.starts_at.desc()).limit(limit)))


def speakers_by_id(ids: Collection[int]) -> dict[int, Speaker]:
    """Give the speakers of some ids; nobody deletes one of them before the transaction ends."""
    wanted = select(Speaker).where(Speaker.id.in_(ids)).order_by(Speaker.id).with_for_update(read=True, key_share=True)
    return {speaker.id: speaker for speaker in db.session.scalars(wanted)}


def taken_slugs(model: type[Webinar] | type[Series] | type[Topic] | type[NewsItem], base: str) -> set[str]:
    """List the addresses in use that are a base or a base with a number."""
    wanted = select(model.slug).where(or_(model.slug == base, model.slug.startswith(f"{base}-", autoescape=True)))
    return set(db.session.scalars(wanted))


def _there(found: Item | None, sentence: LazyString) -> Item:
    if found is None:
        raise NotFound(str(sentence))
    return found


def webinars_reminded_by(series_id: int) -> list[int]:
    """List the ids of the published webinars that have the reminders of their series."""
    wanted = select(Webinar.id).where(
        Webinar.series_id == series_id, Webinar.state == WebinarState.PUBLISHED, Webinar.reminders.is_(None)
    )
    return list(db.session.scalars(wanted))


def webinars_following(series_id: int, now: datetime) -> list[Webinar]:
    """List the webinars of a series that change with it, as they are now: drafts, and what is ahead."""
    ahead = (Webinar.state == WebinarState.PUBLISHED) & (Webinar.starts_at > now)
    wanted = select(Webinar).where(Webinar.series_id == series_id, or_(Webinar.state == WebinarState.DRAFT, ahead))
    return list(db.session.scalars(wanted.order_by(Webinar.id), execution_options={"populate_existing": True}))


def webinars_during(spans: Collection[tuple[datetime, datetime]]) -> list[Webinar]:
    """List what is not cancelled and overlaps one of some spans of time, with series and speakers (three queries)."""
    at = [
        # Whatever is on began within the longest length: without that bound all of the past would be read.
        (Webinar.starts_at < end) & (Webinar.ends_at > start) & (Webinar.starts_at > start - LONGEST)
        for start, end in spans
    ]
    wanted = select(Webinar).where(Webinar.state != WebinarState.CANCELLED, or_(false(), *at)).options(*_WITH_SPEAKERS)
    return list(db.session.scalars(wanted.order_by(Webinar.starts_at, Webinar.id)))


def webinars_by_slug(slugs: Collection[str]) -> list[Webinar]:
    """List the webinars of some addresses, the first one first, with series and speakers (three queries)."""
    wanted = select(Webinar).where(Webinar.slug.in_(slugs)).options(*_WITH_SPEAKERS)
    return list(db.session.scalars(wanted.order_by(Webinar.starts_at, Webinar.id)))
