"""What a worker makes of real recordings of many kinds, and of broken ones."""

import json
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.archive.processing.films import covered, film, portrait, pytestmark, stored, take_in, work_off
from tests.factories import NOW
from webinars.archive.models import Video
from webinars.archive.processing import queries, service, work
from webinars.archive.processing.models import MediaJob, Rendition
from webinars.core.database import db, transaction
from webinars.core.http import current_settings

__all__ = ["pytestmark"]


def job_of(video: Video) -> MediaJob:
    found = queries.job_of(video)
    assert found is not None
    return found


def made(video: Video) -> dict[tuple[str, int | None], Rendition]:
    """Key by kind and height; of a stream's parts, which share a key, the last by name."""
    found = db.session.scalars(select(Rendition).where(Rendition.video_id == video.id).order_by(Rendition.name))
    return {(one.kind, one.height): one for one in found}


def facts_of(name: str) -> dict[str, dict]:
    """Ask ffprobe by itself what a file in the store is."""
    path = Path(current_settings().media_root) / name
    asked = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", path]
    said = subprocess.run(asked, capture_output=True, check=True).stdout
    return {one["codec_type"]: one for one in json.loads(said)["streams"]}


# What ffmpeg makes hangs on no database; the classes below go through both.
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("app")
class TestKinds:
    @pytest.mark.parametrize("name", ["vp9.webm", "hevc.mov", "varying.mkv", "camera.avi"])
    def test_every_kind_becomes_a_film_that_all_browsers_play(self, name: str) -> None:
        video = take_in(film(name))
        work_off()
        assert (job_of(video).state, job_of(video).progress) == ("done", 100)
        streams = facts_of(made(video)["film", 360].name)
        assert (streams["video"]["codec_name"], streams["video"]["pix_fmt"]) == ("h264", "yuv420p")
        assert (streams["video"]["width"], streams["video"]["height"]) == (640, 360)
        assert streams["audio"]["codec_name"] == "aac"
        head = (Path(current_settings().media_root) / made(video)["film", 360].name).read_bytes()
        assert head.index(b"moov") < head.index(b"mdat")

    def test_a_large_film_is_there_in_two_sizes_and_never_larger_than_it_is(self) -> None:
        video = take_in(film("large.mp4"))
        work_off()
        films = queries.made_of(video).films
        assert [one.height for one in films] == [720, 360]
        assert films[0].bytes > films[1].bytes

    def test_a_film_that_fits_is_not_written_anew(self) -> None:
        video = take_in(film("plain.mp4"))
        work_off()
        assert [(one.height, one.name) for one in queries.made_of(video).films] == [(360, "plain.mp4")]

    def test_a_film_that_begins_slowly_is_put_in_order_and_not_written_anew(self) -> None:
        video = take_in(film("slow-start.mp4"))
        work_off()
        one = made(video)["film", 360]
        before, after = facts_of("slow-start.mp4")["video"], facts_of(one.name)["video"]
        assert before["nb_frames"] == after["nb_frames"]
        assert abs(one.bytes - film("slow-start.mp4").stat().st_size) < 2000

    def test_a_film_taken_upright_stands_upright(self) -> None:
        video = take_in(portrait())
        work_off()
        facts = job_of(video).facts
        assert (facts["width"], facts["height"]) == (360, 640)

    @pytest.mark.parametrize("name", ["sound.mp3", "sound.wav", "dot.mkv", "cover.mp3"])
    def test_sound_alone_can_be_listened_to(self, name: str) -> None:
        video = take_in(covered("sound.mp3") if name == "cover.mp3" else film(name))
        work_off()
        found = queries.made_of(video)
        assert found.films == [] and found.thumbnails is None
        codecs = {Path(one.name).suffix: facts_of(one.name)["audio"]["codec_name"] for one in found.audio}
        assert codecs == {".m4a": "aac", ".mp3": "mp3"}

    def test_a_film_with_a_cover_in_front_is_the_film(self) -> None:
        video = take_in(covered("plain.mp4"))
        work_off()
        assert [(one.height, facts_of(one.name)["video"]["codec_name"]) for one in queries.made_of(video).films] == [
            (360, "h264")
        ]

    def test_a_film_without_sound_gives_none_to_listen_to(self) -> None:
        video = take_in(film("silent.mp4"))
        work_off()
        assert job_of(video).state == "done"
        assert queries.made_of(video).audio == []

    def test_length_and_still_are_noted(self) -> None:
        video = take_in(film("large.mp4"), poster_url="")
        work_off()
        db.session.refresh(video)
        assert video.duration_seconds == 3
        still = Path(current_settings().media_root) / video.poster_url.removeprefix("media:")
        assert still.read_bytes()[8:12] == b"WEBP" and still.stat().st_size <= 20_000

    def test_a_still_that_staff_chose_stays(self) -> None:
        video = take_in(film("plain.mp4"), poster_url="media:chosen.webp")
        work_off()
        db.session.refresh(video)
        assert video.poster_url == "media:chosen.webp"

    def test_small_pictures_say_which_second_they_show(self) -> None:
        video = take_in(film("plain.mp4"))
        work_off()
        track = queries.made_of(video).thumbnails
        assert track is not None
        lines = (Path(current_settings().media_root) / track.name).read_text().splitlines()
        sprite = made(video)["sprite", None].name
        assert lines[0] == "WEBVTT" and lines[2].startswith("00:00:00.000 --> 00:00:03.0")
        assert lines[3] == f"{sprite}#xywh=0,0,160,90"
        assert facts_of(sprite)["video"]["width"] == 160

    def test_a_long_film_is_there_in_pieces(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("webinars.archive.processing.rules.LONG_SECONDS", 2)
        video = take_in(film("large.mp4"))
        work_off()
        stream = queries.made_of(video).stream
        assert stream is not None
        root = Path(current_settings().media_root)
        lines = (root / stream.name).read_text().splitlines()
        indexes = [line for line in lines if line.endswith(".m3u8")]
        assert len(indexes) == 2 and all((root / index).is_file() for index in indexes)
        assert 'CODECS="avc1.6400' in lines[3] and "RESOLUTION=1280x720" in lines[3]
        played = subprocess.run(["ffmpeg", "-v", "error", "-i", root / stream.name, "-f", "null", "-"],
                                capture_output=True, check=True)  # fmt: skip
        assert played.stderr == b""


@pytest.mark.usefixtures("app")
class TestBroken:
    @pytest.mark.parametrize(
        ("content", "reason"),
        [(b"", "empty"), (b"Dear all, please find the film attached.\n" * 50, "no_media"),
         (b"#EXTM3U\n#EXTINF:5,\nfile:///etc/passwd\n", "no_media"), (b"ffconcat version 1.0\nfile /etc/passwd\n",
         "no_media"), (b"\0\0\0\x18ftypisom" + b"x" * 5000, "no_media")],
    )  # fmt: skip
    def test_a_file_that_is_no_recording_is_named_so(self, tmp_path: Path, content: bytes, reason: str) -> None:
        (tmp_path / "talk.mp4").write_bytes(content)
        video = take_in(tmp_path / "talk.mp4")
        work_off()
        assert (job_of(video).state, job_of(video).reason) == ("failed", reason)
        assert stored() == {"talk.mp4"} and not made(video)

    @pytest.mark.parametrize("part", [0.3, 0.7])
    @pytest.mark.parametrize("name", ["plain.mp4", "slow-start.mp4", "varying.mkv"])
    def test_a_film_that_was_cut_off_leaves_nothing_half_made(self, tmp_path: Path, name: str, part: float) -> None:
        whole = film(name).read_bytes()
        (tmp_path / name).write_bytes(whole[: int(len(whole) * part)])
        video = take_in(tmp_path / name)
        work_off()
        assert (job_of(video).state, job_of(video).reason) == ("failed", "cut_off")
        assert stored() == {name} and not made(video)

    def test_a_recording_that_is_gone_is_named_so(self) -> None:
        video = take_in(film("plain.mp4"))
        (Path(current_settings().media_root) / "plain.mp4").unlink()
        work_off()
        assert (job_of(video).state, job_of(video).reason) == ("failed", "gone")

    def test_a_full_disk_is_named_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(work, "SPARE_BYTES", 10**18)
        video = take_in(film("plain.mp4"))
        work_off()
        assert (job_of(video).state, job_of(video).reason) == ("failed", "no_room")


@pytest.mark.usefixtures("app")
class TestLost:
    @pytest.mark.parametrize("name", ["large.mp4", "plain.mp4"])
    def test_what_was_lost_from_the_store_is_made_again_and_nothing_else(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("webinars.archive.processing.rules.LONG_SECONDS", 2)
        video = take_in(film(name), poster_url="")
        work_off()
        db.session.refresh(video)
        root, before = Path(current_settings().media_root), {key: one.name for key, one in made(video).items()}
        lost = [one for key, one in before.items() if key in {("film", 720), ("sprite", None), ("stream", None)}]
        lost.append(video.poster_url.removeprefix("media:"))
        files, ages = stored(), {path.name: path.stat().st_mtime_ns for path in root.iterdir()}
        for one in lost:
            (root / one).unlink()
        again(video)
        assert (job_of(video).state, stored()) == ("done", files)
        stayed = {path.name for path in root.iterdir() if path.stat().st_mtime_ns == ages[path.name]}
        assert stayed == files - {*lost, before["thumbnails", None]}
        assert {key: one.name for key, one in made(video).items()} == before

    @pytest.mark.parametrize("content", [None, b"", b"no film any more"])
    def test_what_was_made_stays_when_the_recording_itself_is_lost_or_spoilt(self, content: bytes | None) -> None:
        video = take_in(film("large.mp4"))
        work_off()
        recording, before = Path(current_settings().media_root) / "large.mp4", stored()
        recording.unlink()
        if content is not None:
            recording.write_bytes(content)
        again(video)
        assert job_of(video).state == "failed"
        assert stored() | {"large.mp4"} == before and len(queries.made_of(video).films) == 2

    def test_a_recording_that_served_as_it_is_and_is_spoilt_leaves_its_sound(self) -> None:
        video = take_in(film("plain.mp4"))
        work_off()
        (Path(current_settings().media_root) / "plain.mp4").write_bytes(b"no film any more")
        again(video)
        found = queries.made_of(video)
        assert (found.films, len(found.audio)) == ([], 2)

    def test_a_still_that_staff_chose_meanwhile_stays(self) -> None:
        video = take_in(film("plain.mp4"), poster_url="media:chosen.webp")
        work_off()
        again(video)
        db.session.refresh(video)
        assert video.poster_url == "media:chosen.webp"


def again(video: Video) -> None:
    with transaction():
        service.ask_again(queries.get_ended(video), NOW)
    work_off()
