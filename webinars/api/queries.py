"""Every look the API needs and no other room offers, each in a bounded number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from webinars.api.models import ApiToken, IdempotentAnswer
from webinars.archive.models import CaptionTrack, Video
from webinars.archive.queries import FRESH
from webinars.archive.world_models import Answer, Paper
from webinars.archive.world_queries import answers_among, papers_among
from webinars.core.database import db
from webinars.core.errors import NotFound
from webinars.mail.models import Mailing, Message, MessageState
from webinars.registration import queries as registrations
from webinars.registration.models import Registration
from webinars.schedule.models import Series, Webinar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Window:
    """Which part of a list is asked for: what comes after an id, at most so many."""

    after: int = 0
    limit: int = 200


@dataclass(frozen=True)
class Part(Generic[Item]):
    """A part of a list, and after which id the next one begins; None = this is the last."""

    items: Sequence[Item]
    next_after: int | None


@dataclass(frozen=True)
class Place:
    """A registration with its place among those waiting, 1..n without gaps."""

    registration: Registration
    position: int | None


@dataclass(frozen=True)
class Film:
    """A video with its captions (language → WebVTT) and what comes with it."""

    video: Video
    captions: dict[str, str]
    papers: list[Paper]
    answers: list[Answer]


@dataclass(frozen=True)
class Letter:
    """A message with the public id of the registration it is for; None when it is for an address alone."""

    message: Message
    registration: str | None


@dataclass(frozen=True)
class Progress:
    """A mailing with the number of its letters in each state."""

    mailing: Mailing
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """Count all its letters."""
        return sum(self.counts.values())


def find_token(token_hash: str) -> ApiToken | None:
    """Find a token that still opens the door."""
    return db.session.scalar(select(ApiToken).where(ApiToken.token_hash == token_hash, ApiToken.revoked_at.is_(None)))


def find_token_by_name(name: str) -> ApiToken | None:
    """Find a token by its name, also a revoked one."""
    return db.session.scalar(select(ApiToken).where(ApiToken.name == name))


def list_tokens() -> Sequence[ApiToken]:
    """List all tokens, the oldest first."""
    return db.session.scalars(select(ApiToken).order_by(ApiToken.id)).all()


def get_answer(token_id: int, key: str) -> IdempotentAnswer:
    """Give the answer kept under a key, as it is in the database now."""
    return db.session.get_one(IdempotentAnswer, (token_id, key), populate_existing=True)


def series_part(window: Window) -> Part[Series]:
    """List series in the order they were made, with their topics (one query)."""
    return _part(select(Series).options(joinedload(Series.topic)), Series.id.expression, window)


def webinars_part(window: Window, series: str = "", state: str = "") -> Part[Webinar]:
    """List webinars in the order they were made, with their series (one query); empty = any."""
    wanted = select(Webinar).options(joinedload(Webinar.series))
    if series:
        wanted = wanted.where(Webinar.series.has(Series.slug == series))
    if state:
        wanted = wanted.where(Webinar.state == state)
    return _part(wanted, Webinar.id.expression, window)


def places_part(webinar: Webinar, window: Window) -> Part[Place]:
    """List all registrations of a webinar in order of arrival (two queries).

    Numbers are drawn while the webinar's row is locked, so that they tell the order; two clocks might not.
    """
    wanted = select(Registration).where(Registration.webinar_id == webinar.id)
    found = _part(wanted, Registration.id.expression, window)
    return Part(_placed(found.items), found.next_after)


def place_of(registration: Registration) -> Place:
    """Give a registration with its position."""
    return Place(registration, registrations.position(registration))


def get_registration(public_id: str) -> Registration:
    """Give a registration with its webinar; raises NotFound."""
    found = registrations.find_by_public_id(public_id)
    if found is None:
        raise NotFound(_("There is no such registration."))
    return found


def films_part(window: Window, webinar_id: int | None = None) -> Part[Film]:
    """List videos in the order they were made, with captions, papers and answers (four queries)."""
    parents = [FRESH, joinedload(Video.webinar), joinedload(Video.topic), joinedload(Video.series)]
    wanted = select(Video).options(*parents)
    if webinar_id is not None:
        wanted = wanted.where(Video.webinar_id == webinar_id)
    found = _part(wanted, Video.id.expression, window)
    return Part(_films(found.items), found.next_after)


def film_of(video: Video) -> Film:
    """Give a video with its captions and what comes with it."""
    return _films([video])[0]


def _films(videos: Sequence[Video]) -> list[Film]:
    ids = [video.id for video in videos]
    films = {video.id: Film(video, {}, [], []) for video in videos}
    for video_id, texts in _texts(ids).items():
        films[video_id].captions.update(texts)
    for paper in papers_among(ids):
        films[paper.video_id].papers.append(paper)
    for answer in answers_among(ids):
        films[answer.video_id].answers.append(answer)
    return list(films.values())


def letters_part(window: Window, subject: str = "", about: str = "") -> Part[Letter]:
    """List letters in the order they were owed (two queries).

    Parameters: subject, the outbox key of a registration ("r12"); about, that of a webinar ("w5"); empty = any.
    """
    wanted = select(Message)
    if subject:
        wanted = wanted.where(Message.subject == subject)
    if about:
        wanted = wanted.where(Message.about == about)
    found = _part(wanted, Message.id.expression, window)
    ids = _public_ids(found.items)
    return Part([Letter(message, ids.get(message.subject)) for message in found.items], found.next_after)


def mailings_part(window: Window, about: str) -> Part[Progress]:
    """List the mailings about a webinar ("w5") in the order they were made, with counts (two queries)."""
    found = _part(select(Mailing).where(Mailing.about == about), Mailing.id.expression, window)
    counts = _counts([mailing.id for mailing in found.items])
    return Part([Progress(mailing, counts[mailing.id]) for mailing in found.items], found.next_after)


def _part(wanted: Select[Item], key: ColumnElement[int], window: Window) -> Part[Item]:
    rows = db.session.scalars(wanted.where(key > window.after).order_by(key).limit(window.limit + 1)).all()
    items = rows[: window.limit]
    return Part(items, getattr(items[-1], "id", None) if len(rows) > window.limit else None)


def _placed(found: Sequence[Registration]) -> list[Place]:
    positions = registrations.positions(found)
    return [Place(registration, positions.get(registration.id)) for registration in found]


def _texts(video_ids: Collection[int]) -> dict[int, dict[str, str]]:
    columns = select(CaptionTrack.video_id, CaptionTrack.language, CaptionTrack.vtt)
    wanted = columns.where(CaptionTrack.video_id.in_(video_ids)).order_by(CaptionTrack.language)
    texts: dict[int, dict[str, str]] = {}
    for video_id, language, vtt in db.session.execute(wanted):
        texts.setdefault(video_id, {})[language] = vtt
    return texts


def _public_ids(messages: Sequence[Message]) -> dict[str, str]:
    """Give the public ids of registrations by their outbox key."""
    ids = {
        int(message.subject[1:])
        for message in messages
        if message.subject[:1] == "r" and message.subject[1:].isdecimal()
    }
    wanted = select(Registration.id, Registration.public_id).where(Registration.id.in_(ids))
    return {f"r{number}": public_id for number, public_id in db.session.execute(wanted)}


def _counts(mailing_ids: Collection[int]) -> dict[int, dict[str, int]]:
    wanted = select(Message.mailing_id, Message.state, func.count()).where(Message.mailing_id.in_(mailing_ids))
    counts = {mailing_id: dict.fromkeys((state.value for state in MessageState), 0) for mailing_id in mailing_ids}
    for mailing_id, state, number in db.session.execute(wanted.group_by(Message.mailing_id, Message.state)):
        if mailing_id is not None:
            counts[mailing_id][state] = number
    return counts
