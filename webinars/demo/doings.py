"""What people and staff did: who came, what was played, who has which webinar in hand."""

import random
from datetime import datetime, timedelta

import sqlalchemy as sa

from webinars.accounts.models import User
from webinars.archive.models import Video
from webinars.archive.world_models import Count
from webinars.core.database import db
from webinars.live.models import Attendance
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.schedule.models import Part, TeamPlace, Webinar, WebinarState

#: of a hundred people with a seat so many press the button to join
_SHARE_WHO_COME = 48
#: days after its publication on which a recording is still played
_DAYS_OF_PLAYS = 60


def add(now: datetime, seed: int) -> None:
    """Let about half of those with a seat have come to what is over, and recordings have been played since."""
    choose = random.Random(seed)
    over = sa.select(Registration, Webinar.starts_at).join(Webinar, Webinar.id == Registration.webinar_id)
    over = over.where(Webinar.state == WebinarState.PUBLISHED, Webinar.ends_at < now)
    seated = over.where(Registration.state == RegistrationState.CONFIRMED, Registration.mode == Mode.LIVE)
    for person, starts in db.session.execute(seated.order_by(Registration.id)).all():
        if choose.random() * 100 < _SHARE_WHO_COME:
            joined = starts + timedelta(minutes=choose.randint(-8, 12))
            db.session.add(Attendance(registration_id=person.id, webinar_id=person.webinar_id, joined_at=joined))
    for video in db.session.scalars(sa.select(Video).where(Video.published_at < now).order_by(Video.id)):
        _play(video, now, choose)


def _play(video: Video, now: datetime, choose: random.Random) -> None:
    if video.published_at is None:
        return
    for day in range(min((now - video.published_at).days, _DAYS_OF_PLAYS)):
        starts = choose.randint(0, 2 + 12 // (1 + day // 4))
        far = choose.randint(0, starts)
        told = {"start": starts, "stop9": far, f"stop{choose.randint(1, 8)}": starts - far, "minute": starts * 2}
        when = (video.published_at + timedelta(days=day)).date()
        db.session.add_all(
            Count(video_id=video.id, day=when, language=video.language, what=what, number=number)
            for what, number in told.items()
            if number
        )


def assign(owner: User, host: User) -> None:
    """Make somebody responsible for what nobody has in hand, and give a host the two latest webinars to moderate."""
    published = sa.select(Webinar.id).where(Webinar.state == WebinarState.PUBLISHED).order_by(Webinar.starts_at.desc())
    webinars, in_hand = db.session.scalars(published).all(), set(db.session.scalars(sa.select(TeamPlace.webinar_id)))
    places = [(one, owner, Part.RESPONSIBLE) for one in webinars if one not in in_hand]
    places += [(one, host, Part.MODERATOR) for one in webinars[:2]]
    db.session.add_all(TeamPlace(webinar_id=one, user_id=user.id, part=part) for one, user, part in places)
