"""What visitors may choose between, and what staff see of the work."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import NOW, make_video
from tests.support.pages import CheckedClient, text_of
from webinars.archive.models import Video
from webinars.archive.processing import ffmpeg, service
from webinars.archive.processing.models import MediaJob, Rendition
from webinars.core.database import db, transaction
from webinars.core.http import current_settings


@pytest.fixture
def video(app: Flask) -> Video:
    """Give a video whose recording is there in two sizes, as sound and in small pictures."""
    video = make_video(title="A talk", media_url="media:talk.mkv")
    files = [("film", 720, "talk-720p.mp4"), ("film", 360, "talk-360p.mp4"), ("audio", None, "talk.m4a"),
             ("audio", None, "talk.mp3"), ("thumbnails", None, "talk.vtt"), ("sprite", None, "talk.webp")]  # fmt: skip
    root = current_settings().media_root
    root.mkdir(parents=True, exist_ok=True)
    with transaction() as session:
        for kind, height, name in files:
            (root / name).write_bytes(b"x" * 10)
            session.add(Rendition(video_id=video.id, source="talk.mkv", kind=kind, height=height, name=name,
                                  bytes=12_345_678, seconds=60))  # fmt: skip
    return video


def job(video: Video, **fields: object) -> MediaJob:
    with transaction() as session:
        found = MediaJob(video_id=video.id, source="talk.mkv", created_at=NOW, **fields)
        session.add(found)
    return found


def sources(client: CheckedClient, path: str) -> list[tuple[str, str]]:
    return [(one["src"], one["type"]) for one in client.page(path).select("video source")]


def test_the_usual_size_plays_and_another_can_be_chosen(client: CheckedClient, video: Video) -> None:
    assert sources(client, "/videos/a-talk") == [("/media/talk-720p.mp4", "video/mp4")]
    assert sources(client, "/videos/a-talk?size=360") == [("/media/talk-360p.mp4", "video/mp4")]
    assert sources(client, "/videos/a-talk?size=999%00x") == [("/media/talk-720p.mp4", "video/mp4")]
    page = client.page("/videos/a-talk?size=360")
    assert [one.text for one in page.select(".sizes a[aria-current]")] == ["Picture 360p"]


def test_who_wants_to_listen_only_gets_the_sound(client: CheckedClient, video: Video) -> None:
    heard = sources(client, "/videos/a-talk?listen=1")
    assert heard == [("/media/talk.m4a", "audio/mp4"), ("/media/talk.mp3", "audio/mpeg")]


def test_everything_can_be_kept_and_says_how_large_it_is(client: CheckedClient, video: Video) -> None:
    page = client.page("/videos/a-talk")
    links = [one["href"] for one in page.select(".downloads a[download]")]
    assert links == ["/media/talk-720p.mp4", "/media/talk-360p.mp4", "/media/talk.mp3", "/media/talk.m4a"]
    assert "12 MB" in text_of(page.select_one(".downloads"))


@pytest.mark.parametrize("name", ["talk-720p.mp4", "talk.m4a", "talk.mp3", "talk.vtt", "talk.webp"])
def test_what_was_made_is_private_until_the_video_is_public(client: CheckedClient, video: Video, name: str) -> None:
    assert client.get(f"/media/{name}").status_code == 200
    with transaction():
        db.session.get_one(Video, video.id).state = "withdrawn"
    assert client.get(f"/media/{name}").status_code == 404


def test_what_was_made_of_an_earlier_recording_is_shown_to_nobody(client: CheckedClient, video: Video) -> None:
    with transaction():
        db.session.get_one(Video, video.id).media_url = "media:other.mp4"
    assert client.get("/media/talk-720p.mp4").status_code == 404
    assert sources(client, "/videos/a-talk") == [("/media/other.mp4", "video/mp4")]


def test_staff_see_how_far_it_is(staff: CheckedClient, video: Video) -> None:
    job(video, state="working", progress=42)
    page = staff.page("/staff/videos/a-talk")
    assert page.select_one("#processing progress")["value"] == "42"
    assert page.select_one("#processing")["data-hx-get"] == "/staff/videos/a-talk/processing"
    assert "42%" in text_of(page.select_one("#processing"))
    assert "42%" in staff.get("/staff/videos/a-talk/processing", headers={"HX-Request": "true"}).text


def test_staff_are_told_what_is_wrong_and_may_try_again(staff: CheckedClient, video: Video) -> None:
    job(video, state="failed", reason="cut_off", attempts=1)
    page = staff.page("/staff/videos/a-talk")
    assert "ends before the talk does" in text_of(page)
    answer = staff.submit(page, "/processing/again", "Try again")
    assert "It is tried again." in answer.text
    db.session.expire_all()
    found = db.session.scalars(select(MediaJob)).one()
    assert (found.state, found.reason, found.attempts) == ("waiting", "", 0)
    again = staff.submit(page, "/processing/again", "Try again")
    assert again.status_code == 404, "once is enough"


def test_staff_are_told_that_ffmpeg_is_missing(
    staff: CheckedClient, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    job(video)
    monkeypatch.setattr(ffmpeg, "missing", lambda: ("ffmpeg",))
    assert "ffmpeg is not installed on this server" in text_of(staff.page("/staff/videos/a-talk"))


@pytest.mark.parametrize("reason", ["empty", "no_media", "cut_off", "too_long", "too_wide", "gone", "slow", "no_room",
                                    "broken", "deadly"])  # fmt: skip
def test_every_reason_has_words(staff: CheckedClient, video: Video, reason: str) -> None:
    found = job(video, state="working")
    with transaction():
        service.fail(db.session.get_one(MediaJob, found.id), reason)
    assert staff.page("/staff/videos/a-talk").select_one("#processing .notice p")
