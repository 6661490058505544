"""What is removed from the media store and what never is; and a folder that is brought into a bucket."""

import dataclasses
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest
from click.testing import Result
from flask import Flask

from tests.archive.stores import put, read
from tests.factories import make_video
from tests.support.s3_server import S3Server
from webinars.archive import commands, upkeep
from webinars.archive.bucket import Bucket
from webinars.archive.models import Video
from webinars.archive.processing.models import Rendition
from webinars.archive.store import PIECE, Folder, Store, nobody
from webinars.archive.world_models import Paper
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction

DAYS = timedelta(days=1)
HASH = "0123456789abcdef"
OLD, PAPER = f"old-{HASH}.mp4", f"talk-paper-{HASH}.pdf"
NAMED = [f"talk-{HASH}.mp4", f"still-{HASH}.webp", f"slides-paper-{HASH}.pdf", f"talk-720p-{HASH}.mp4"]


@pytest.fixture
def flask(app: Flask) -> Callable[..., Result]:
    """Give the command line."""
    return lambda *arguments: app.test_cli_runner().invoke(args=["media", *arguments])


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two days pass after all that is put into the store."""
    monkeypatch.setattr(commands, "utc_now", lambda: utc_now() + 2 * DAYS)


@pytest.fixture
def library(store: Store) -> Store:
    """Give a store with a file for each way in which something is named, and two that nothing names any more."""
    for name in [*NAMED, OLD, PAPER]:
        put(store, name, b"film")
    video = make_video(media_url=f"media:{NAMED[0]}", poster_url=f"media:{NAMED[1]}", state="draft")
    with transaction() as session:
        session.add(Paper(video_id=video.id, kind="slides", title="Slides", url=f"media:{NAMED[2]}", bytes=4))
        session.add(Rendition(video_id=video.id, source=NAMED[0], kind="film", height=720, name=NAMED[3], bytes=4))
    return store


def names(store: Store) -> set[str]:
    return {file.name for file in store.everything()}


@pytest.mark.usefixtures("later")
class TestClean:
    def test_what_nothing_names_any_more_goes_and_nothing_else(
        self, library: Store, flask: Callable[..., Result]
    ) -> None:
        said = flask("clean")
        assert said.exit_code == 0, said.output
        assert OLD in said.output and "2 removed" in said.output
        assert names(library) == {*NAMED}
        assert "0 removed" in flask("clean").output

    def test_dry_run_lists_and_removes_nothing(self, library: Store, flask: Callable[..., Result]) -> None:
        said = flask("clean", "--dry-run").output
        assert OLD in said and PAPER in said and "2 would go" in said
        assert names(library) == {*NAMED, OLD, PAPER}

    def test_files_that_were_not_named_by_us_stay(self, store: Store, flask: Callable[..., Result]) -> None:
        for name in ("by-hand.mp4", f"notes-{HASH}.vtt"):
            put(store, name, b"mine")
        assert f"notes-{HASH}.vtt" in flask("clean").output
        assert names(store) == {"by-hand.mp4"}

    def test_what_is_named_between_the_look_and_the_deed_stays(self, library: Store, app: Flask) -> None:
        (found,) = [file for file in upkeep.unneeded(library, utc_now() + 2 * DAYS) if file.name == OLD]
        video = make_video(title="Another", media_url=f"media:{OLD}")
        assert not upkeep.remove(library, found)
        with transaction():
            db.session.get_one(Video, video.id).media_url = ""
        assert upkeep.remove(library, found)
        assert not upkeep.remove(library, found)

    def test_what_comes_once_more_between_the_look_and_the_deed_stays(self, store: Store, app: Flask) -> None:
        put(store, OLD, b"film")
        (found,) = upkeep.unneeded(store, utc_now() + 2 * DAYS)
        earlier = dataclasses.replace(found, changed_at=found.changed_at - DAYS)
        assert not upkeep.remove(store, earlier)
        assert read(store, OLD) == b"film"

    def test_parts_of_seconds_that_only_a_list_tells_keep_nothing_back(
        self, bucket: Bucket, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(bucket, OLD, b"film")
        listed = obstore.list

        def precisely(*arguments: Any) -> Iterator[list[dict[str, Any]]]:
            for batch in listed(*arguments):
                yield [{**one, "last_modified": one["last_modified"].replace(microsecond=123_000)} for one in batch]

        monkeypatch.setattr(obstore, "list", precisely)
        (found,) = upkeep.unneeded(bucket, utc_now() + 2 * DAYS)
        assert upkeep.remove(bucket, found)

    def test_halves_of_work_go_and_uploads_under_way_stay(self, store: Store, flask: Callable[..., Result]) -> None:
        halves = [f".{HASH}.part", ".job-7/half.mp4", ".speech-3/given/talk.wav"]
        stay = [".uploads/abc.part", ".hidden", "sub/film.mp4"]
        for name in [*halves, *stay]:
            (store.work / name).parent.mkdir(parents=True, exist_ok=True)
            (store.work / name).write_bytes(b"half")
        assert "3 would go" in flask("clean", "--dry-run").output
        assert all((store.work / name).exists() for name in halves)
        assert "3 removed" in flask("clean").output
        assert {path.name for path in store.work.iterdir()} == {".uploads", ".hidden", "sub"}


def test_nothing_goes_that_is_younger_than_a_day(library: Store, flask: Callable[..., Result]) -> None:
    (library.work / f".{HASH}.part").write_bytes(b"half")
    assert "0 removed" in flask("clean").output
    assert names(library) == {*NAMED, OLD, PAPER}


def test_a_file_that_lay_long_before_it_came_into_the_store_is_young(tmp_path: Path, app: Flask) -> None:
    folder = Folder(tmp_path)
    (tmp_path / ".upload").write_bytes(b"film")
    os.utime(tmp_path / ".upload", (0, 0))
    folder.keep(tmp_path / ".upload", OLD)
    assert not list(upkeep.unneeded(folder, utc_now()))


def test_what_a_worker_deletes_during_the_look_is_passed_over(
    tmp_path: Path, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, seen = Folder(tmp_path), [tmp_path / OLD, tmp_path / PAPER, tmp_path / ".job-7"]
    (tmp_path / PAPER).write_bytes(b"paper")
    monkeypatch.setattr(Path, "iterdir", lambda _path: iter(seen))
    is_file = Path.is_file
    monkeypatch.setattr(Path, "is_file", lambda path: path.name == OLD or is_file(path))
    assert [file.name for file in folder.everything()] == [PAPER]
    assert list(upkeep.left_behind(folder, utc_now())) == []


def test_a_link_in_the_folder_is_no_file_of_ours(tmp_path: Path, app: Flask) -> None:
    (tmp_path / "elsewhere.mp4").write_bytes(b"film")
    (tmp_path / OLD).symlink_to(tmp_path / "elsewhere.mp4")
    assert [file.name for file in Folder(tmp_path).everything()] == ["elsewhere.mp4"]


class TestCopyToBucket:
    FILMS = {f"a-{HASH}.mp4": b"a film", "b.mp4": os.urandom(3 * PIECE + 7), "still.webp": b"still"}

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Give a folder with films, and what is no film."""
        folder = tmp_path / "films"
        (folder / ".uploads").mkdir(parents=True)
        for name, content in {**self.FILMS, "notes.txt": b"mine", ".uploads/x.part": b"half"}.items():
            (folder / name).write_bytes(content)
        return folder

    @pytest.fixture
    def set_up(self, app: Flask, far_store: Bucket) -> Iterator[Bucket]:
        """Let the settings name the bucket."""
        before = app.extensions["settings"]
        app.extensions["settings"] = dataclasses.replace(before, media_store_url="s3://films")
        yield far_store
        app.extensions["settings"] = before

    def test_all_films_pictures_and_papers_are_copied_and_the_folder_stays(
        self, set_up: Bucket, folder: Path, flask: Callable[..., Result]
    ) -> None:
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        said = flask("copy-to-bucket", str(folder))
        assert (said.exit_code, "3 copied" in said.output) == (0, True), said.output
        assert {name: read(set_up, name) for name in names(set_up)} == self.FILMS
        assert {path: path.read_bytes() for path in before} == before
        assert "0 copied" in flask("copy-to-bucket", str(folder)).output

    def test_what_broke_off_goes_on_and_half_a_copy_is_made_anew(
        self, set_up: Bucket, folder: Path, flask: Callable[..., Result]
    ) -> None:
        put(set_up, "b.mp4", b"half")
        put(set_up, "still.webp", b"still")
        assert [file.name for file in upkeep.not_copied(Folder(folder), set_up)] == [f"a-{HASH}.mp4", "b.mp4"]
        assert "2 copied" in flask("copy-to-bucket", str(folder)).output
        assert read(set_up, "b.mp4") == self.FILMS["b.mp4"]

    def test_a_bucket_that_goes_away_is_named_and_what_is_copied_stays(
        self, set_up: Bucket, folder: Path, flask: Callable[..., Result], s3_server: S3Server,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr("webinars.archive.bucket.REST_SECONDS", 0)
        copy = upkeep.copy

        def copy_then_stop(*arguments: object) -> None:
            copy(*arguments)
            s3_server.stop()

        monkeypatch.setattr(upkeep, "copy", copy_then_stop)
        said = flask("copy-to-bucket", str(folder))
        assert (said.exit_code, "run this again to go on" in said.output) == (1, True)
        monkeypatch.setattr(upkeep, "copy", copy)
        s3_server.start()
        assert "2 copied" in flask("copy-to-bucket", str(folder)).output

    def test_a_copy_that_is_shorter_is_told_of(
        self, set_up: Bucket, folder: Path, flask: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keep = set_up.keep

        def keep_half(path: Path, name: str, going: object = nobody) -> None:
            path.write_bytes(path.read_bytes()[:3])
            keep(path, name)

        monkeypatch.setattr(set_up, "keep", keep_half)
        said = flask("copy-to-bucket", str(folder))
        assert (said.exit_code, "not as long in the bucket" in said.output) == (1, True)

    def test_without_a_bucket_it_says_what_is_missing(self, app: Flask, flask: Callable[..., Result]) -> None:
        said = flask("copy-to-bucket")
        assert (said.exit_code, "MEDIA_STORE_URL" in said.output) == (1, True)
