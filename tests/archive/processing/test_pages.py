"""What visitors may choose between, and what staff see of the work."""

import io

import pytest
from flask import Flask
from sqlalchemy import select

from tests.archive.samples import make_captioned
from tests.factories import NOW, make_video
from tests.support.pages import CheckedClient, find_form, form_data, text_of
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


#: what ffprobe says of a film that all browsers play, and of one that hardly any does
H264 = {"video": "h264", "points": "yuv420p", "audio": "aac", "width": 640, "height": 360, "seconds": 60.0}
HEVC = H264 | {"video": "hevc"}
SOUND = H264 | {"video": "", "points": "", "width": 0, "height": 0}
PREPARED, BROKEN = "The recording is being prepared.", "The recording cannot be played right now."


def alone(name: str, **fields: object) -> Video:
    """Make a public video of whose recording nothing is made so far."""
    video = make_video(title="Alone", media_url=f"media:{name}")
    with transaction() as session:
        session.add(MediaJob(video_id=video.id, source=name, created_at=NOW, **fields))
    return video


@pytest.fixture
def with_ffmpeg(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made here: whether ffmpeg is there does not matter."""
    monkeypatch.setattr(ffmpeg, "missing", lambda: ())


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("a.mp4", {"state": "waiting"}, ""),
        ("a.mkv", {"state": "waiting"}, PREPARED),
        ("a.mp4", {"state": "working", "facts": HEVC}, PREPARED),
        ("a.mp4", {"state": "failed", "reason": "no_media"}, BROKEN),
        ("a.mp4", {"state": "failed", "reason": "cut_off"}, BROKEN),
        ("a.mp4", {"state": "failed", "reason": "gone"}, BROKEN),
        ("a.mp4", {"state": "failed", "reason": "gone", "facts": H264}, BROKEN),
        ("a.mp4", {"state": "failed", "reason": "no_room"}, ""),
        ("a.mkv", {"state": "failed", "reason": "no_room"}, BROKEN),
        ("a.mp4", {"state": "failed", "reason": "broken", "facts": H264}, ""),
        ("a.mp4", {"state": "failed", "reason": "broken", "facts": HEVC}, BROKEN),
        ("a.mp4", {"state": "failed", "reason": "slow", "facts": H264 | {"points": "yuv444p"}}, BROKEN),
        ("a.wav", {"state": "failed", "reason": "broken", "facts": SOUND | {"audio": "pcm_s16le"}}, ""),
    ],
)
def test_visitors_get_the_recording_itself_only_where_browsers_play_it(
    client: CheckedClient, with_ffmpeg: None, name: str, fields: dict[str, object], words: str
) -> None:
    alone(name, **fields)
    for path in ("/videos/alone", "/videos/alone/embed"):
        assert bool(sources(client, path)) == (not words)
        assert words in text_of(client.page(path).select_one("#player"))
    assert (f"/media/{name}</video:content_loc>" in client.get("/sitemap.xml").text) == (not words)


def test_recording_of_which_nothing_can_be_made_here_is_given_as_it_is(
    client: CheckedClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ffmpeg, "missing", lambda: ("ffmpeg",))
    alone("a.mkv", state="waiting")
    assert sources(client, "/videos/alone") == [("/media/a.mkv", "video/x-matroska")]


def test_broken_recording_leaves_the_transcript_and_is_offered_to_no_program(client: CheckedClient, app: Flask) -> None:
    video = make_captioned(title="Alone", media_url="media:a.mp4")
    with transaction() as session:
        session.add(MediaJob(video_id=video.id, source="a.mp4", created_at=NOW, state="failed", reason="cut_off"))
    (current_settings().media_root).mkdir(parents=True, exist_ok=True)
    (current_settings().media_root / "a.mp4").write_bytes(b"half a film")
    page = client.page("/videos/alone")
    assert "What is said can be read in the transcript." in text_of(page)
    assert "people notice it first" in text_of(page)
    assert not page.select('a[href="/media/a.mp4"], meta[property^="og:video"], script[type="application/ld+json"]')
    assert "a.mp4" not in client.get("/feeds/podcast.rss").text


@pytest.mark.parametrize(("facts", "words"), [({}, "Visitors read that the recording cannot be played"),
                                              (H264, "Visitors get the file as it is.")])  # fmt: skip
def test_staff_read_what_visitors_get_of_a_recording_that_failed(
    staff: CheckedClient, facts: dict[str, object], words: str
) -> None:
    alone("a.mp4", state="failed", reason="broken", facts=facts)
    assert words in text_of(staff.page("/staff/videos/alone").select_one("#processing"))
    listed = staff.page("/staff/videos").select_one(".notice")
    assert listed.select_one("a")["href"] == "/staff/videos/alone#recording"


@pytest.mark.parametrize("state", ["waiting", "failed"])
def test_no_list_of_failed_ones_where_none_failed(staff: CheckedClient, state: str) -> None:
    alone("a.mp4", state=state, reason="broken")
    found = "Nothing could be made of these recordings" in text_of(staff.page("/staff/videos"))
    assert found == (state == "failed")


def test_staff_read_while_it_is_made_that_visitors_have_to_wait(staff: CheckedClient, with_ffmpeg: None) -> None:
    alone("a.mp4", state="working", facts=HEVC)
    words = "Until then visitors read that the recording is being prepared."
    assert words in text_of(staff.page("/staff/videos/alone"))
    assert words in staff.get("/staff/videos/alone/processing", headers={"HX-Request": "true"}).text


@pytest.mark.parametrize("name", ["talk.mp4", "talk.webm", "talk.mp3"])
def test_recording_without_picture_is_listened_to_whatever_it_came_in(client: CheckedClient, name: str) -> None:
    video = alone(name, state="done", facts=SOUND)
    with transaction() as session:
        for made in ("talk-sound.m4a", "talk-sound.mp3"):
            session.add(Rendition(video_id=video.id, source=name, kind="audio", name=made, bytes=9, seconds=60))
    assert sources(client, "/videos/alone") == [
        ("/media/talk-sound.m4a", "audio/mp4"), ("/media/talk-sound.mp3", "audio/mpeg")
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["failed", "done"])
def test_same_file_uploaded_again_is_looked_at_again(staff: CheckedClient, app: Flask, state: str) -> None:
    make_video(title="Alone", media_url="", state="draft")
    for _time in range(2):
        sent = {"file": (io.BytesIO(b"\0\0\0\x18ftypisom" + bytes(1000)), "a.mp4")}
        given = form_data(find_form(staff.page("/staff/videos/alone"), "/media")) | sent
        assert staff.post("/staff/videos/alone/media", data=given).status_code == 302
        db.session.expire_all()
        found = db.session.scalars(select(MediaJob)).one()
        assert found.state == "waiting"
        with transaction():
            found.state = state


def test_staff_may_have_lost_ones_made_again(staff: CheckedClient, video: Video) -> None:
    job(video, state="done", facts=H264)
    page = staff.page("/staff/videos/a-talk")
    assert "It is tried again." in staff.submit(page, "/processing/again", "Make them again").text
    db.session.expire_all()
    assert db.session.scalars(select(MediaJob)).one().state == "waiting"
    assert not staff.page("/staff/videos/a-talk").select("form[action$=again]")
