"""What visitors and staff meet when media lie in a bucket."""

import http.client
import io
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.archive.processing.films import film, pytestmark, work_off
from tests.archive.samples import make_captioned
from tests.archive.stores import put, read
from tests.archive.uploads.test_protocol import FILM, TUS, add, address, offset, staff, video
from tests.factories import NOW, make_video
from tests.support.pages import CheckedClient, text_of
from tests.support.s3_server import BUCKET, KEY, SECRET, S3Server
from webinars.archive import bucket as buckets
from webinars.archive import queries as videos
from webinars.archive.bucket import Bucket
from webinars.archive.models import Video
from webinars.archive.processing import queries as recordings
from webinars.archive.processing import service, work
from webinars.archive.processing.models import MediaJob
from webinars.archive.uploads import parts
from webinars.archive.uploads import work as uploads
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.site import health, production, retention

__all__ = ["pytestmark", "staff", "video"]


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a bucket that did not answer be asked again at once."""
    monkeypatch.setattr(buckets, "REST_SECONDS", 0)


def media_name(slug: str = "a-talk") -> str:
    db.session.expire_all()
    return videos.get_video(slug).media_url.removeprefix("media:")


def job_of(video: Video) -> MediaJob:
    db.session.expire_all()
    found = recordings.job_of(video)
    assert found is not None
    return found


class TestServing:
    def test_what_the_bucket_does_not_give_is_told_kindly_and_for_a_while(
        self, client: CheckedClient, far_store: Bucket, s3_server: S3Server
    ) -> None:
        put(far_store, "clip.mp4", b"x" * 1000)
        make_video(media_url="media:clip.mp4")
        s3_server.stop()
        answer = client.get("/media/clip.mp4")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        assert "does not answer at this moment" in answer.text
        assert not re.search(f"{SECRET}|{KEY}|{s3_server.port}|Traceback", answer.text)
        s3_server.start()
        assert client.get("/media/clip.mp4").data == b"x" * 1000

    def test_pages_stay_while_the_bucket_is_away(
        self, client: CheckedClient, far_store: Bucket, s3_server: S3Server
    ) -> None:
        make_captioned()
        s3_server.stop()
        for path in ("/", "/videos", f"/videos/{videos.newest_published(1)[0].slug}"):
            assert client.get(path).status_code == 200

    def test_strangers_cannot_make_us_ask_the_bucket(
        self, client: CheckedClient, far_store: Bucket, s3_server: S3Server
    ) -> None:
        s3_server.stop()
        assert client.get("/media/no-such-film.mp4").status_code == 404

    def test_readiness_and_the_check_name_what_is_wrong(
        self, app: Flask, far_store: Bucket, s3_server: S3Server
    ) -> None:
        told = "the media store does not answer"
        assert not any(told in one for one in health.problems(utc_now()) + production.problems())
        s3_server.stop()
        assert any(told in one for one in health.problems(utc_now()))
        assert any(told in one for one in production.problems())


class TestUploading:
    def test_what_has_arrived_is_put_into_the_bucket_by_a_worker(
        self, staff: CheckedClient, far_store: Bucket, video: Video
    ) -> None:
        where = address(staff)
        assert add(staff, where, 0, FILM).status_code == 204
        assert media_name() == ""
        page = staff.page("/staff/videos/a-talk")
        assert "The file has arrived" in text_of(page.select_one("#processing"))
        assert uploads.go_on(lambda: False)
        assert read(far_store, media_name()) == FILM
        assert offset(staff, where) == len(FILM)
        assert not [path for path in (far_store.work / parts.FOLDER).iterdir() if path.suffix == ".part"]
        assert "The file has arrived" not in staff.get("/staff/videos/a-talk").text

    def test_a_file_of_another_kind_is_refused_at_once(
        self, staff: CheckedClient, far_store: Bucket, video: Video
    ) -> None:
        where = address(staff, 10)
        answer = add(staff, where, 0, b"MZ12345678")
        assert answer.status_code == 415 and "of another kind" in answer.text
        assert staff.head(where, headers=TUS).status_code == 404

    def test_nothing_is_lost_while_the_bucket_is_away(
        self, staff: CheckedClient, far_store: Bucket, s3_server: S3Server, video: Video
    ) -> None:
        where = address(staff)
        s3_server.stop()
        assert add(staff, where, 0, FILM).status_code == 204
        for _time in range(3):
            assert not uploads.go_on(lambda: False), "it is not tried again at once"
        with transaction():
            retention.enforce(utc_now() + timedelta(hours=23))
        assert offset(staff, where) == len(FILM)
        s3_server.start()
        assert uploads.go_on(lambda: False)
        assert read(far_store, media_name()) == FILM

    def test_of_two_workers_one_puts_it_there(
        self, staff: CheckedClient, far_store: Bucket, video: Video, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        where = address(staff)
        add(staff, where, 0, FILM)
        public_id = where.rpartition("/")[2]
        kept, keep = [], far_store.keep

        def slowly(path: Path, name: str, going: object) -> None:
            kept.append(name)
            uploads.finish(public_id)
            keep(path, name)

        monkeypatch.setattr(far_store, "keep", slowly)
        uploads.finish(public_id)
        assert len(kept) == 1

    def test_an_upload_given_up_meanwhile_leaves_nothing_in_the_bucket(
        self, staff: CheckedClient, far_store: Bucket, video: Video, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        where = address(staff)
        add(staff, where, 0, FILM)
        kept, keep = [], far_store.keep

        def give_up(path: Path, name: str, going: object) -> None:
            kept.append(name)
            keep(path, name)
            assert staff.delete(where, headers=TUS).status_code == 204

        monkeypatch.setattr(far_store, "keep", give_up)
        uploads.go_on(lambda: False)
        with pytest.raises(videos.NotFound):
            far_store.find(kept[0])

    def test_a_form_that_cannot_be_kept_says_so_beside_the_file(
        self, staff: CheckedClient, far_store: Bucket, s3_server: S3Server, video: Video
    ) -> None:
        s3_server.stop()
        page = staff.page("/staff/videos/a-talk")
        answer = staff.submit(page, "/media", "Save", file=(io.BytesIO(FILM), "talk.mp4"))
        assert answer.status_code == 422
        assert "does not answer at this moment" in answer.text


class TestProcessing:
    @pytest.fixture
    def talk(self, far_store: Bucket) -> Video:
        """Give a video whose recording lies in the bucket, and has to be written anew."""
        put(far_store, "large.mp4", film("large.mp4").read_bytes())
        talk = make_video(title="A talk", media_url="media:large.mp4", duration_seconds=None, poster_url="")
        with transaction():
            service.ask(talk, NOW)
        return talk

    def test_all_is_made_of_a_film_in_the_bucket(self, client: CheckedClient, far_store: Bucket, talk: Video) -> None:
        work_off()
        assert job_of(talk).state == "done"
        made = recordings.made_of(talk)
        assert [one.height for one in made.films] == [720, 360] and len(made.audio) == 2
        for one in [*made.films, *made.audio, made.thumbnails]:
            assert one is not None and far_store.find(one.name).size == one.bytes
            assert len(client.get(f"/media/{one.name}").data) == one.bytes
        assert [path.name for path in far_store.work.iterdir()] == [], "nothing stays on this machine"

    def test_another_machine_goes_on_behind_what_was_kept(
        self, far_store: Bucket, talk: Video, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr("webinars.archive.processing.rules.LONG_SECONDS", 2)
        kept, count = work.Work._keep, []

        def keep(self: work.Work, files: list[work.File]) -> None:
            count.append(files)
            if len(count) > 4:
                raise KeyboardInterrupt
            kept(self, files)

        monkeypatch.setattr(work.Work, "_keep", keep)
        with pytest.raises(KeyboardInterrupt):
            work_off()
        monkeypatch.setattr(work.Work, "_keep", kept)
        db.session.rollback()
        with transaction():
            job_of(talk).lease_until = utc_now() - timedelta(seconds=1)
        monkeypatch.setattr(far_store, "work", tmp_path / "other machine")
        work_off()
        assert job_of(talk).state == "done"
        stream = recordings.made_of(talk).stream
        assert stream is not None and read(far_store, stream.name).startswith(b"#EXTM3U")

    def test_a_bucket_that_goes_away_in_the_middle_is_waited_for(
        self, staff: CheckedClient, far_store: Bucket, s3_server: S3Server, talk: Video, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = work.Work._keep

        def stop_then_keep(self: work.Work, files: list[work.File]) -> None:
            s3_server.stop()
            kept(self, files)

        monkeypatch.setattr(work.Work, "_keep", stop_then_keep)
        work_off()
        monkeypatch.setattr(work.Work, "_keep", kept)
        assert (job_of(talk).state, job_of(talk).reason, job_of(talk).attempts) == ("waiting", "away", 0)
        assert job_of(talk).lease_until > utc_now() + timedelta(seconds=30)
        assert "tried again every minute" in text_of(staff.page("/staff/videos/a-talk").select_one("#processing"))
        assert not list(far_store.work.glob(".job-*"))
        s3_server.start()
        with transaction():
            job_of(talk).lease_until = utc_now() - timedelta(seconds=1)
        work_off()
        assert (job_of(talk).state, job_of(talk).reason) == ("done", "")

    def test_what_was_made_of_an_earlier_recording_goes_once_the_bucket_is_back(
        self, far_store: Bucket, s3_server: S3Server, talk: Video
    ) -> None:
        work_off()
        names = [one.name for one in recordings.made_of(talk).films]
        with transaction():
            videos.get_video("a-talk").media_url = "https://films.example.org/a.mp4"
        s3_server.stop()
        assert not work.clear_outdated()
        s3_server.start()
        assert work.clear_outdated()
        for name in names:
            with pytest.raises(videos.NotFound):
                far_store.find(name)


class TestSendingOn:
    @pytest.fixture
    def sends_on(self, far_store: Bucket, s3_server: S3Server, app: Flask) -> Bucket:
        """Let the application send players to the bucket itself."""
        prefix = far_store._prefix
        found = Bucket(far_store.work, BUCKET, prefix, s3_server.address, redirects=True)
        app.extensions["media_store"] = found
        put(found, "clip.mp4", bytes(range(256)) * 40)
        put(found, "clip.m3u8", b"#EXTM3U")
        return found

    def test_players_get_an_address_that_holds_for_a_while(self, client: CheckedClient, sends_on: Bucket) -> None:
        make_video(media_url="media:clip.mp4")
        answer = client.get("/media/clip.mp4", headers={"Range": "bytes=256-", "Sec-Fetch-Dest": "video"})
        assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "no-store")
        there = urlsplit(answer.headers["Location"])
        assert f"{there.scheme}://{there.netloc}" == sends_on.origin
        line = http.client.HTTPConnection(there.netloc)
        line.request("GET", f"{there.path}?{there.query}", headers={"Range": "bytes=256-257"})
        got = line.getresponse()
        assert (got.status, got.read(), got.headers["Content-Type"]) == (206, b"\0\1", "video/mp4")
        line.request("GET", there.path)
        assert line.getresponse().status == 403, "without the signature it is nobody's"
        line.close()

    def test_the_page_lets_its_player_go_there_and_other_pages_do_not(
        self, client: CheckedClient, sends_on: Bucket
    ) -> None:
        slug = make_video(media_url="media:clip.mp4").slug
        policy = client.get(f"/videos/{slug}").headers["Content-Security-Policy"]
        assert f"media-src 'self' {sends_on.origin};" in policy
        assert sends_on.origin not in client.get("/videos").headers["Content-Security-Policy"]

    @pytest.mark.parametrize("dest", ["document", "empty", "image"])
    def test_who_saves_a_film_gets_it_from_here(self, client: CheckedClient, sends_on: Bucket, dest: str) -> None:
        make_video(media_url="media:clip.mp4")
        assert client.get("/media/clip.mp4", headers={"Sec-Fetch-Dest": dest}).status_code == 200
        assert client.head("/media/clip.mp4").headers["Content-Length"] == "10240"

    def test_a_film_that_is_not_public_has_no_address(self, client: CheckedClient, sends_on: Bucket) -> None:
        make_video(media_url="media:clip.mp4", state="withdrawn")
        assert client.get("/media/clip.mp4", headers={"Sec-Fetch-Dest": "video"}).status_code == 404
