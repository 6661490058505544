"""What follows from deeds, by the table of reactions."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories import NOW, make_video, make_webinar
from webinars.archive import service as archive
from webinars.archive.models import Video, VideoState
from webinars.core.database import db, transaction
from webinars.mail.models import Message
from webinars.mail.outbox import OWED
from webinars.registration import service as registrations
from webinars.registration.rules import Application
from webinars.schedule import service
from webinars.schedule.models import Webinar

MOVED_TO = (NOW + timedelta(days=30)).replace(tzinfo=None, hour=13, minute=0, second=0, microsecond=0)


@pytest.mark.parametrize(
    "deed",
    [
        lambda webinar: service.move_webinar(webinar, MOVED_TO, now=NOW),
        lambda webinar: service.edit_webinar(webinar, {"title": "Another title"}, NOW),
        lambda webinar: service.cancel_webinar(webinar, "", NOW),
    ],
)
def test_deed_whose_letters_are_derived_wakes_the_worker(app, deed: Callable[[Webinar], object]):
    webinar_id = make_webinar().id
    with transaction() as session:
        deed(db.session.get_one(Webinar, webinar_id))
        assert session.info.get(OWED), "nobody should wait for the worker's next tick"


def test_publishing_a_recording_wakes_the_worker(app):
    video_id = make_video(make_webinar(), state=VideoState.DRAFT, published_at=None, media_url="https://x.example/a").id
    with transaction() as session:
        archive.publish_video(db.session.get_one(Video, video_id), NOW)
        assert session.info.get(OWED)


def test_who_asks_for_a_recording_that_is_out_already_gets_it(app):
    webinar = make_webinar(starts_in=timedelta(days=-3))
    video = make_video(webinar)
    with transaction():
        registrations.register(webinar.id, Application("Alice", "alice@example.org", mode="recording"), NOW, True)
    found = {message.notice: message.occasion for message in db.session.query(Message)}
    assert found == {"recording-place": "1", "recording-ready": str(video.id)}
