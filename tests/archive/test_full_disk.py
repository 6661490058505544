"""A disk that is full: whoever uploads reads so beside the field, and goes on when there is room."""

import io
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from tests.archive.uploads.test_protocol import add, address, offset, recording, staff
from tests.factories import make_video
from tests.support.pages import CheckedClient, parse, text_of
from webinars.archive.models import Video
from webinars.core.http import current_settings

__all__ = ["staff"]

SENTENCE = "There is not enough room on the server for this file."
#: bytes; nothing is written to the database before the refusal
ROOM = 150_000
#: bytes; forms hold less than that in memory
LARGE = 600_000
FILM = b"\0\0\0\x18ftypisom" + bytes(2 * ROOM)
PDF = b"%PDF-1.4\n" + bytes(2 * ROOM) + b"\n%%EOF\n"


@pytest.fixture
def video(app: Flask) -> Video:
    """Give a draft without a recording."""
    return make_video(title="A talk", media_url="", state="draft", duration_seconds=None)


@contextmanager
def full() -> Iterator[None]:
    """Let no file grow further than that: writing fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def stored() -> set[str]:
    return {path.name for path in current_settings().media_root.iterdir() if path.is_file()}


def test_upload_that_finds_no_room_goes_on_when_there_is(staff: CheckedClient, video: Video) -> None:
    where = address(staff, len(FILM))
    with full():
        answer = add(staff, where, 0, FILM)
    assert (answer.status_code, SENTENCE in answer.text) == (413, True)
    arrived = offset(staff, where)
    assert 0 < arrived < len(FILM)
    assert add(staff, where, arrived, FILM[arrived:]).status_code == 204
    assert recording() == FILM


@pytest.mark.parametrize(
    ("path", "field", "content", "fields"),
    [
        ("/media", "file", FILM, {}),
        ("/media", "poster", b"\x89PNG\r\n\x1a\n" + FILM, {}),
        ("/papers", "paper-file", PDF, {"paper-kind": "slides", "paper-title": "Slides"}),
    ],
)
def test_form_says_beside_the_field_that_there_is_no_room(
    staff: CheckedClient, video: Video, path: str, field: str, content: bytes, fields: dict[str, str]
) -> None:
    data = fields | {field: (io.BytesIO(content), "a.bin")}
    before = stored_here()
    with full():
        answer = staff.post(f"/staff/videos/{video.slug}{path}", data=data)
    assert answer.status_code == 422
    assert SENTENCE in text_of(parse(answer).select_one(f"#{field}-error"))
    assert stored() == before


@pytest.mark.parametrize(
    ("prefix", "sentence"), [("", SENTENCE.rstrip(".")), ("/es", "No hay espacio suficiente en el servidor")]
)
def test_form_that_finds_no_room_while_it_comes_in_is_answered_with_a_sentence(
    staff: CheckedClient, video: Video, prefix: str, sentence: str
) -> None:
    path, rest = f"{prefix}/staff/videos/{video.slug}/media", io.BytesIO(b"read to its end" + bytes(LARGE))
    sent = encoded(file=FileStorage(io.BytesIO(FILM + bytes(LARGE)), "a.mp4"), poster=FileStorage(rest, "a.png"))
    before = stored_here()
    with full():
        answer = staff.post(path, **sent)
    assert answer.status_code == 507
    assert sentence in text_of(parse(answer).main)
    assert stored_here() == before
    assert staff.post(path, **sent).status_code == 422, "with room it is read, and the picture is none"


def test_files_of_forms_come_in_beside_the_store_and_need_no_room_elsewhere(
    staff: CheckedClient, video: Video, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sent = encoded(file=FileStorage(io.BytesIO(FILM + bytes(LARGE)), "a.mp4"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    assert staff.post(f"/staff/videos/{video.slug}/media", **sent).status_code == 302
    assert recording() == FILM + bytes(LARGE)


def test_files_of_forms_come_in_elsewhere_where_the_store_takes_none(
    app: Flask, staff: CheckedClient, video: Video, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "no folder").write_text("")
    monkeypatch.setitem(app.config, "SPOOL_FOLDER", tmp_path / "no folder" / "media")
    sent = encoded(file=FileStorage(io.BytesIO(FILM + bytes(LARGE)), "a.mp4"))
    assert staff.post(f"/staff/videos/{video.slug}/media", **sent).status_code == 302


def encoded(**fields: FileStorage) -> dict[str, Any]:
    """Write a form as a browser sends it, in memory: the client of tests would need room on the disk for it."""
    body, _length, boundary = stream_encode_multipart(fields, threshold=10**9)
    return {"data": body.read(), "content_type": f'multipart/form-data; boundary="{boundary}"'}


def stored_here() -> set[str]:
    return stored() if current_settings().media_root.is_dir() else set()
