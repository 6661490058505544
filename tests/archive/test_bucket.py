"""A bucket as the media store: large files, and all that can be wrong with a server that is not ours."""

import logging
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask

from tests.archive.stores import put, read
from tests.support.s3_server import BUCKET, KEY, SECRET, S3Server
from webinars.archive import bucket as buckets
from webinars.archive.bucket import Bucket
from webinars.archive.store import PIECE, StoreAway
from webinars.core.errors import NotFound

FILM = os.urandom(3 * PIECE + 7)
NAME = "talk-0123456789abcdef.mp4"
LARGE = 300 * 1024 * 1024


@pytest.fixture
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a bucket that did not answer be asked again at once."""
    monkeypatch.setattr(buckets, "REST_SECONDS", 0)


def memory_of(deed: str, server: S3Server, folder: Path) -> float:
    """Do something with a large file in a process of its own; gives the megabytes that it took beyond the start."""
    code = f"""
import sys
from pathlib import Path
from webinars.archive.bucket import Bucket
# What getrusage tells begins with the memory of whoever started the process.
def most(): return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
folder = Path(sys.argv[1])
store = Bucket(folder, "{BUCKET}", "large", sys.argv[2])
before = most()
film, name = folder / "film.mp4", "{NAME}"
{deed}
print(most() - before)
"""
    done = subprocess.run([sys.executable, "-c", code, folder, server.address], capture_output=True, text=True,
                          check=True, cwd=Path(__file__).parents[2])  # fmt: skip
    return float(done.stdout)


@pytest.mark.slow
def test_a_large_film_passes_through_little_memory(bucket: Bucket, s3_server: S3Server, tmp_path: Path) -> None:
    with (tmp_path / "film.mp4").open("wb") as film:
        for _megabyte in range(LARGE // 1024**2):
            film.write(os.urandom(1024**2))
    assert memory_of("store.keep(film, name)", s3_server, tmp_path) < 130
    found = "found = store.find(name)\n"
    assert memory_of(found + "for piece in store.pieces(found, 0, found.size - 1): pass", s3_server, tmp_path) < 60
    assert memory_of("(folder / 'x').mkdir()\nstore.local(name, folder / 'x')", s3_server, tmp_path) < 130
    assert (tmp_path / "x" / NAME).stat().st_size == LARGE
    whole = memory_of(found + "b''.join(store.pieces(found, 0, found.size - 1))", s3_server, tmp_path)
    assert whole > LARGE / 1024**2, "who holds it all is seen to do so"


def test_whoever_is_asked_to_stop_leaves_nothing_behind(bucket: Bucket, app: Flask, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(FILM)
    asked = iter([None, None])

    def going() -> None:
        if next(asked, "stop"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bucket.keep(tmp_path / "film.mp4", NAME, going)
    with pytest.raises(NotFound):
        bucket.find(NAME)
    bucket.keep(tmp_path / "film.mp4", NAME)
    with pytest.raises(KeyboardInterrupt):
        bucket.keep(tmp_path / "film.mp4", "other.mp4", going)
    assert read(bucket, NAME) == FILM


@pytest.mark.usefixtures("app", "no_rest")
class TestAway:
    def test_everything_says_so_until_it_is_back(self, bucket: Bucket, s3_server: S3Server, tmp_path: Path) -> None:
        put(bucket, NAME, FILM)
        put(bucket, "other.mp4", b"x")
        found = bucket.find(NAME)
        s3_server.stop()
        (tmp_path / "film.mp4").write_bytes(FILM)
        for deed in (
            lambda: bucket.find("other.mp4"), lambda: bucket.pieces(found, 0, 9), lambda: bucket.delete(NAME),
            lambda: bucket.keep(tmp_path / "film.mp4", NAME), lambda: bucket.local(NAME, tmp_path),
        ):  # fmt: skip
            with pytest.raises(StoreAway):
                deed()
        assert "does not answer: look at MEDIA_STORE_ENDPOINT" in bucket.problem()
        s3_server.start()
        assert (read(bucket, NAME), bucket.problem()) == (FILM, "")

    def test_a_film_that_breaks_off_ends_the_line(self, bucket: Bucket, s3_server: S3Server) -> None:
        put(bucket, NAME, FILM)
        pieces = bucket.pieces(bucket.find(NAME), 0, len(FILM) - 1)
        assert next(pieces) == FILM[:PIECE]
        s3_server.stop()
        with pytest.raises(ConnectionResetError):
            next(pieces)

    def test_a_wrong_key_is_named_so(
        self, bucket: Bucket, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
        wrong = Bucket(bucket.work, BUCKET, "", s3_server.address)
        with pytest.raises(StoreAway):
            wrong.find(NAME)
        assert "refuses our key" in wrong.problem()

    def test_a_bucket_that_is_not_there_is_not_taken_for_a_file_that_is_not(
        self, bucket: Bucket, s3_server: S3Server
    ) -> None:
        nowhere = Bucket(bucket.work, "no-such-bucket", "", s3_server.address)
        with pytest.raises(StoreAway):
            nowhere.find(NAME)
        assert "the bucket that MEDIA_STORE_URL names does not exist" in nowhere.problem()

    def test_neither_log_nor_words_tell_keys_or_addresses(
        self, bucket: Bucket, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(logging.getLogger("webinars"), "propagate", True)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET + "x")
        told = []
        for place in (
            Bucket(bucket.work, BUCKET, "", s3_server.address),
            Bucket(bucket.work, BUCKET, "", "http://[::1]:9"),
        ):
            with pytest.raises(StoreAway) as caught:
                place.find(NAME)
            told += [str(caught.value), place.problem()]
            assert caught.value.__cause__ is None and caught.value.__suppress_context__
        assert "deed='find'" in caplog.text and "403" in caplog.text
        for secret in (SECRET, KEY, s3_server.address, "[::1]"):
            assert secret not in caplog.text + "".join(told)


def test_a_bucket_that_did_not_answer_holds_nobody_up(
    bucket: Bucket, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = Bucket(bucket.work, BUCKET, "", "http://127.0.0.1:9")
    with pytest.raises(StoreAway):
        silent.find(NAME)
    began = time.monotonic()
    for _time in range(100):
        with pytest.raises(StoreAway):
            silent.find(NAME)
    assert time.monotonic() - began < 1


def test_a_bucket_that_hangs_is_not_waited_for_for_long(
    bucket: Bucket, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "READ_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = Bucket(bucket.work, BUCKET, "", f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        for _time in range(10):
            with pytest.raises(StoreAway):
                hangs.find(NAME)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(("url", "is_read"), [("", "False"), ("s3://films/web", "True")])
def test_the_library_is_read_only_where_there_is_a_bucket(tmp_path: Path, url: str, is_read: str) -> None:
    code = "import sys, wsgi; print('obstore' in sys.modules, type(wsgi.app.extensions['media_store']).__name__)"
    environ = {"INSTANCE_PATH": str(tmp_path), "MEDIA_STORE_URL": url}
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | environ, capture_output=True, text=True,
                          check=True, cwd=Path(__file__).parents[2])  # fmt: skip
    assert done.stdout.split() == [is_read, "Bucket" if url else "Folder"]
