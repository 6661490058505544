"""A disk that is full: whoever uploads reads so beside the field, and goes on when there is room."""

import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from tests.archive.uploads.test_protocol import add, address, offset, recording, staff
from tests.factories import make_video
from tests.support.pages import CheckedClient, parse, text_of
from webinars.archive.models import Video
from webinars.core.http import current_settings

__all__ = ["staff"]

SENTENCE = "There is not enough room on the server for this file."
#: bytes; nothing is written to the database before the refusal
ROOM = 150_000
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
    before = stored() if current_settings().media_root.is_dir() else set()
    with full():
        answer = staff.post(f"/staff/videos/{video.slug}{path}", data=data)
    assert answer.status_code == 422
    assert SENTENCE in text_of(parse(answer).select_one(f"#{field}-error"))
    assert stored() == before
