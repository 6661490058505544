"""Files of the media store: ranges, types, caching, and names that must not lead out."""

import io
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from tests.archive.stores import put, read
from tests.factories import make_video
from tests.support.pages import CheckedClient
from webinars.archive import media
from webinars.archive.store import Folder, Store, keep

FILM = bytes(range(256)) * 4


@pytest.fixture
def film(store: Store) -> str:
    """Put a film of 1024 bytes into the store, of each kind; it belongs to a public video."""
    put(store, "clip.mp4", FILM)
    make_video(poster_url="media:clip.webp")
    return "/media/clip.mp4"


def test_whole_film_is_served_with_its_type(client: CheckedClient, film: str) -> None:
    answer = client.get(film)
    assert answer.status_code == 200
    assert answer.data == FILM
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=100-199", 100, 199), ("bytes=1000-", 1000, 1023), ("bytes=-24", 1000, 1023),
     ("bytes=0-9999", 0, 1023), ("bytes=-9999", 0, 1023)],
)  # fmt: skip
def test_range_is_served(client: CheckedClient, film: str, asked: str, first: int, last: int) -> None:
    answer = client.get(film, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.data == FILM[first : last + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/1024"
    assert answer.headers["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_range_behind_the_end_is_refused(client: CheckedClient, film: str, asked: str) -> None:
    answer = client.get(film, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */1024"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=abc", "lines=0-1", "bytes=9-5", "bytes="])
def test_range_we_do_not_serve_gives_the_whole_film(client: CheckedClient, film: str, asked: str) -> None:
    answer = client.get(film, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (200, FILM)


def test_head_tells_the_length_only(client: CheckedClient, film: str) -> None:
    answer = client.head(film)
    assert (answer.status_code, answer.data, answer.headers["Content-Length"]) == (200, b"", "1024")


def test_unchanged_film_is_not_sent_again(client: CheckedClient, film: str) -> None:
    etag = client.get(film).headers["ETag"]
    assert client.get(film, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(film, headers={"If-Range": '"other"', "Range": "bytes=0-1"}).status_code == 200
    assert client.get(film, headers={"If-Range": etag, "Range": "bytes=0-1"}).status_code == 206


def test_only_hashed_names_are_kept_for_ever(client: CheckedClient, store: Store, film: str) -> None:
    assert "immutable" not in client.get(film).headers["Cache-Control"]
    put(store, "clip-0123456789abcdef.webp", b"RIFF")
    make_video(title="Other", poster_url="media:clip-0123456789abcdef.webp")
    assert "immutable" in client.get("/media/clip-0123456789abcdef.webp").headers["Cache-Control"]


ELSEWHERE = pytest.mark.parametrize(
    "name",
    ["../secret-key", "..%2fsecret-key", "%2e%2e/secret-key", "..", ".hidden.mp4", "clip.mp4%00.webp",
     "folder/clip.mp4", "/etc/passwd", "%2fetc%2fpasswd", "clip.txt", "clip.mp4/", "..\\clip.mp4", "C:clip.mp4",
     "nothing.mp4", "é.mp4"],
)  # fmt: skip


@ELSEWHERE
def test_name_that_is_no_file_of_the_store_is_not_there(
    client: CheckedClient, store: Store, film: str, name: str
) -> None:
    for path in ("clip.txt", ".hidden.mp4", "../secret-key"):
        (store.work / path).write_text("x")
    assert client.get(f"/media/{name}").status_code == 404


@ELSEWHERE
def test_name_that_is_no_file_of_the_store_is_not_there_for_staff_either(
    staff: CheckedClient, store: Store, film: str, name: str
) -> None:
    for path in ("clip.txt", ".hidden.mp4", "../secret-key"):
        (store.work / path).write_text("x")
    assert staff.get(f"/media/{name}").status_code == 404


def test_link_out_of_the_store_is_not_followed(
    client: CheckedClient, app: Flask, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "outside.mp4").write_bytes(b"x")
    settings.media_root.mkdir(parents=True, exist_ok=True)
    inside = settings.media_root / "inside.mp4"
    inside.unlink(missing_ok=True)
    inside.symlink_to(tmp_path / "outside.mp4")
    make_video(title="Linked", media_url="media:inside.mp4")
    assert client.get("/media/inside.mp4").status_code == 404


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_film_of_a_video_that_is_not_public_is_not_served(
    client: CheckedClient, store: Store, film: str, state: str
) -> None:
    put(store, "hidden.mp4", FILM)
    make_video(title="Hidden", media_url="media:hidden.mp4", state=state)
    assert client.get("/media/hidden.mp4").status_code == 404


def test_kept_file_is_named_by_its_content(place: Store) -> None:
    film = b"\0\0\0\x18ftypisom" + b"x" * 5_000_000
    first = keep(place, "a-talk", io.BytesIO(film), {".mp4"})
    assert first == keep(place, "a-talk", io.BytesIO(film), {".mp4"})
    assert media.is_hashed(first)
    assert read(place, first.removeprefix("media:")) == film
    assert [path.name for path in place.work.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("content", [b"", b"<html>", b"MZ\x90\0", b"%PDF-1.7", b"GIF89a"])
def test_file_of_another_kind_is_not_kept(app: Flask, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(media.NotMedia):
        keep(Folder(tmp_path), "a-talk", io.BytesIO(content), {".mp4", ".webm"})
    assert not list(tmp_path.iterdir())


def test_too_large_file_is_refused_and_leaves_nothing(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "LARGEST_FILE", 1000)
    with pytest.raises(media.NotMedia):
        keep(Folder(tmp_path), "a-talk", io.BytesIO(b"\0\0\0\x18ftypisom" + b"x" * 2000), {".mp4"})
    assert not list(tmp_path.iterdir())


def test_length_is_read_from_a_film() -> None:
    clips = Path(__file__).parents[2] / "webinars" / "demo" / "media"
    with (clips / "early-signs-to-report.mp4").open("rb") as film:
        assert media.mp4_seconds(film) == 53


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 8, b"\0\0\0\x08moov", b"\xff\xff\xff\xffmoov" + b"\0" * 40, b"\0\0\0\x01moov"]
)
def test_length_of_a_broken_film_is_unknown(content: bytes) -> None:
    assert media.mp4_seconds(io.BytesIO(content)) is None
