"""What is known of the preparation of webinars: a bounded number of statements, however many there are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, literal, or_, select, tuple_
from sqlalchemy.orm import load_only

from webinars.accounts.models import User
from webinars.accounts.queries import called
from webinars.archive.models import CaptionState, CaptionTrack, Video, VideoSpeaker, VideoState
from webinars.archive.processing.queries import playable, unready
from webinars.archive.rules import media_name
from webinars.core.database import db
from webinars.core.errors import NotFound
from webinars.mail.models import Mailing
from webinars.notices.kinds import Notice
from webinars.notices.models import Announcement
from webinars.notices.owed import about
from webinars.registration.questions.queries import needs_waiting
from webinars.schedule.models import TeamPlace, Webinar
from webinars.staff.readiness.models import DigestChoice, Mark, OwnStep
from webinars.staff.readiness.rules import Facts, Preparation, Recording, prepare

#: part → names, by webinar
Teams = dict[int, dict[str, list[str]]]


def preparations(
    webinars: Sequence[Webinar], now: datetime, unreached: Mapping[int, int] | None = None
) -> list[Preparation]:
    """Say how far webinars are, which come with series and speakers (eight statements at most).

    ``unreached``: how many people of each will miss a letter (notices.desk).
    """
    if not webinars:
        return []
    ids = [one.id for one in webinars]
    marks, own, people = _marks(ids), _own_steps(webinars), teams(ids)
    known = _facts(webinars, now, unreached or {})
    return [prepare(known[one.id], marks.get(one.id, {}), own, now, people.get(one.id)) for one in webinars]


def preparation_of(webinar: Webinar, now: datetime, unreached: int) -> Preparation:
    """Say how far a webinar is."""
    return preparations([webinar], now, {webinar.id: unreached})[0]


def find_mark(webinar_id: int, step: str) -> Mark | None:
    """Find what staff said of a step."""
    return db.session.get(Mark, (webinar_id, step))


def marks_of(asked: Collection[tuple[int, str]]) -> dict[tuple[int, str], Mark]:
    """Give what staff said of some steps, by number of the webinar and step (one statement)."""
    wanted = select(Mark).where(tuple_(Mark.webinar_id, Mark.step).in_(asked))
    return {(mark.webinar_id, mark.step): mark for mark in db.session.scalars(wanted)}


def get_own_step(number: int) -> OwnStep:
    """Give a step that staff added and nobody took away. Raises NotFound."""
    step = db.session.get(OwnStep, number)
    if step is None or step.removed_at is not None:
        raise NotFound
    return step


def own_steps_of(webinar_id: int) -> Sequence[OwnStep]:
    """List the steps that staff added to one webinar alone."""
    wanted = select(OwnStep).where(OwnStep.webinar_id == webinar_id, OwnStep.removed_at.is_(None))
    return db.session.scalars(wanted.order_by(OwnStep.id)).all()


def markers(preparation: Preparation) -> dict[str, str]:
    """Name who ticked the steps of a webinar, as the audit trail names them (one statement)."""
    actors = {item.mark.by for item in preparation.items if item.mark}
    ids = [int(actor[6:]) for actor in actors if actor.startswith("staff:")]
    people = db.session.execute(select(User.id, User.name, User.email).where(User.id.in_(ids))) if ids else ()
    return {f"staff:{number}": called(name, email) for number, name, email in people}


def teams(ids: Collection[int]) -> Teams:
    """Name who of the staff has a part in webinars (one statement)."""
    wanted = select(TeamPlace.webinar_id, TeamPlace.part, User.name, User.email).join(
        User, User.id == TeamPlace.user_id
    )
    found: Teams = {}
    rows = db.session.execute(wanted.where(TeamPlace.webinar_id.in_(ids), User.active.is_(True)).order_by(User.email))
    for webinar_id, part, name, email in rows:
        found.setdefault(webinar_id, {}).setdefault(part, []).append(called(name, email))
    return found


def find_choice(user_id: int) -> DigestChoice | None:
    """Find what somebody chose about the letters on their webinars."""
    return db.session.get(DigestChoice, user_id)


def _marks(ids: Collection[int]) -> dict[int, dict[str, Mark]]:
    found: dict[int, dict[str, Mark]] = {}
    for mark in db.session.scalars(select(Mark).where(Mark.webinar_id.in_(ids))):
        found.setdefault(mark.webinar_id, {})[mark.step] = mark
    return found


def _own_steps(webinars: Iterable[Webinar]) -> Sequence[OwnStep]:
    series, ids = {one.series_id for one in webinars}, [one.id for one in webinars]
    wanted = select(OwnStep).where(or_(OwnStep.webinar_id.in_(ids), OwnStep.series_id.in_(series)))
    return db.session.scalars(wanted.where(OwnStep.removed_at.is_(None)).order_by(OwnStep.days, OwnStep.id)).all()


def _facts(webinars: Sequence[Webinar], now: datetime, unreached: Mapping[int, int]) -> dict[int, Facts]:
    over = [one.id for one in webinars if now >= one.ends_at]
    needs = needs_waiting([one.id for one in webinars if one.id not in over])
    recordings, followed_up = (_recordings(over), _followed_up(over)) if over else ({}, set[int]())
    return {
        one.id: Facts(
            webinar=one,
            needs=needs.get(one.id, 0),
            unreached=unreached.get(one.id, 0),
            recording=recordings.get(one.id),
            followed_up=one.id in followed_up,
        )
        for one in webinars
    }


def _recordings(webinar_ids: Collection[int]) -> dict[int, Recording]:
    """Say what became of the recordings of webinars: of several videos the public one counts, else the newest."""
    named = exists().where(VideoSpeaker.video_id == Video.id)
    silent = named.where(VideoSpeaker.release_given_on.is_(None))
    corrected = exists().where(
        CaptionTrack.video_id == Video.id,
        CaptionTrack.language == Video.language,
        CaptionTrack.state.in_((CaptionState.CORRECTED, CaptionState.REVIEWED)),
    )
    wanted = (
        select(Video, and_(named, ~silent).label("released"), corrected.label("corrected"))
        .options(load_only(Video.slug, Video.state, Video.media_url, Video.webinar_id))
        .where(Video.webinar_id.in_(webinar_ids), Video.state != VideoState.WITHDRAWN)
        # The last one of a webinar is kept below.
        .order_by(Video.state == VideoState.PUBLISHED, Video.id)
    )
    rows: dict[int, Any] = {row.Video.webinar_id: row for row in db.session.execute(wanted)}
    playing = _playing([row.Video for row in rows.values()])
    return {
        number: Recording(
            slug=row.Video.slug,
            published=row.Video.state == VideoState.PUBLISHED,
            plays=row.Video.id in playing,
            released=row.released,
            corrected=row.corrected,
        )
        for number, row in rows.items()
    }


def _playing(videos: Sequence[Video]) -> set[int]:
    """Number the videos that can be watched; what others keep is taken to play."""
    ours = [video for video in videos if media_name(video.media_url)]
    theirs = {video.id for video in videos if video.media_url and not media_name(video.media_url)}
    if not ours:
        return theirs
    made = {rendition.video_id for rendition in playable([video.id for video in ours])}
    held_up = set(unready(ours)) - made
    return theirs | {video.id for video in ours if video.id not in held_up}


def _followed_up(webinar_ids: Collection[int]) -> set[int]:
    """Number the webinars after whose end their registrants were written to."""
    code = literal("w", String) + cast(Webinar.id, String)
    told: ColumnElement[bool] = exists().where(
        Mailing.about == code, Mailing.notice == Notice.RECORDING_READY, Mailing.about.in_(map(about, webinar_ids))
    )
    written = exists().where(Announcement.webinar_id == Webinar.id, Announcement.written_at >= Webinar.ends_at)
    return set(db.session.scalars(select(Webinar.id).where(Webinar.id.in_(webinar_ids), or_(told, written))))
