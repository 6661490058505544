"""The server's part of tus 1.0 (https://tus.io/protocols/resumable-upload), word by word."""

import base64
import hashlib
import json
import os
import time
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import make_video
from tests.support.pages import CheckedClient
from webinars.archive import queries as videos
from webinars.archive import service as archive
from webinars.archive.models import Video
from webinars.archive.processing.models import MediaJob
from webinars.archive.uploads import parts, service, work
from webinars.archive.uploads.models import MediaUpload
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.http import current_settings
from webinars.site import retention

FILM = b"\0\0\0\x18ftypisom" + os.urandom(300_000)
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def video(app: Flask) -> Video:
    """Give a draft without a recording, and an empty store."""
    return make_video(title="A talk", media_url="", state="draft")


@pytest.fixture
def staff(staff: CheckedClient) -> CheckedClient:
    """Give the browser of an editor that sends the form token with everything, as the page tells it to."""
    page = staff.page("/staff/videos")
    token = json.loads(str(page.body["data-hx-headers"]))["X-CSRFToken"]
    staff.environ_base = {**staff.environ_base, "HTTP_X_CSRFTOKEN": token}
    return staff


def begin(staff: CheckedClient, length: int = len(FILM), **headers: str) -> TestResponse:
    return staff.post("/staff/videos/a-talk/uploads", headers=TUS | {"Upload-Length": str(length)} | headers)


def address(staff: CheckedClient, length: int = len(FILM)) -> str:
    answer = begin(staff, length)
    assert answer.status_code == 201
    return answer.headers["Location"]


def add(staff: CheckedClient, where: str, offset: int, data: bytes, **headers: Any) -> TestResponse:
    given = TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"} | headers
    return staff.patch(where, data=data, headers=given)


def offset(staff: CheckedClient, where: str) -> int:
    answer = staff.head(where, headers=TUS)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    return int(answer.headers["Upload-Offset"])


def recording(slug: str = "a-talk") -> bytes:
    db.session.expire_all()
    name = videos.get_video(slug).media_url.removeprefix("media:")
    return (current_settings().media_root / name).read_bytes()


def test_abilities_are_told(staff: CheckedClient, video: Video) -> None:
    answer = staff.options("/staff/videos/a-talk/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,termination,checksum,expiration"
    assert answer.headers["Tus-Max-Size"] == str(10 * 1024**3)


def test_a_file_in_three_pieces_becomes_the_recording(staff: CheckedClient, video: Video) -> None:
    where = address(staff)
    for first in range(0, len(FILM), 120_000):
        assert offset(staff, where) == first
        answer = add(staff, where, first, FILM[first : first + 120_000])
        assert answer.status_code == 204
    assert answer.headers["Upload-Offset"] == str(len(FILM))
    assert recording() == FILM
    assert offset(staff, where) == len(FILM), "who did not hear the last answer asks"
    assert db.session.scalars(select(MediaJob)).one().state == "waiting"


@pytest.mark.parametrize("wrong", [1, 99, 200_000, -1])
def test_a_piece_at_a_wrong_place_is_refused(staff: CheckedClient, video: Video, wrong: int) -> None:
    where = address(staff)
    add(staff, where, 0, FILM[:100])
    assert add(staff, where, wrong, b"x").status_code in {400, 409}
    assert offset(staff, where) == 100


def test_more_than_was_announced_is_refused(staff: CheckedClient, video: Video) -> None:
    where = address(staff, 100)
    assert add(staff, where, 0, FILM[:101]).status_code == 413
    assert offset(staff, where) == 0


@pytest.mark.parametrize("kind", ["sha1", "sha256", "md5"])
def test_a_sum_proves_a_piece(staff: CheckedClient, video: Video, kind: str) -> None:
    where, piece = address(staff), FILM[:1000]
    right = base64.b64encode(hashlib.new(kind, piece).digest()).decode()
    assert add(staff, where, 0, piece[:-1] + b"?", **{"Upload-Checksum": f"{kind} {right}"}).status_code == 460
    assert offset(staff, where) == 0
    assert add(staff, where, 0, piece, **{"Upload-Checksum": f"{kind} {right}"}).status_code == 204
    assert offset(staff, where) == 1000
    assert len(list((current_settings().media_root / parts.FOLDER).glob(f"{where.rpartition('/')[2]}*"))) == 1


@pytest.mark.parametrize("told", ["crc32 AAAA", "sha1", "sha1 ###", "é", " "])
def test_a_sum_that_is_none_is_refused(staff: CheckedClient, video: Video, told: str) -> None:
    where = address(staff)
    answer = add(staff, where, 0, FILM[:10], **{"Upload-Checksum": told})
    assert answer.status_code in {204, 400} and (answer.status_code == 400 or not told.strip())


def test_what_is_given_up_is_gone(staff: CheckedClient, video: Video) -> None:
    where = address(staff)
    add(staff, where, 0, FILM[:1000])
    assert staff.delete(where, headers=TUS).status_code == 204
    assert staff.head(where, headers=TUS).status_code == 404
    assert add(staff, where, 1000, b"x").status_code == 404
    assert not parts.part_path(current_settings().media_root, where.rpartition("/")[2]).exists()


@pytest.mark.parametrize("length", ["0", "-1", "x", "", "9" * 30, "١"])
def test_a_length_that_is_none_is_refused(staff: CheckedClient, video: Video, length: str) -> None:
    headers = TUS | {"Upload-Length": length}
    assert staff.post("/staff/videos/a-talk/uploads", headers=headers).status_code == 400


def test_too_large_a_file_and_a_full_disk_are_named(
    staff: CheckedClient, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert begin(staff, 10 * 1024**3 + 1).status_code == 413
    assert begin(staff, 0).text == "The file is empty. Upload it again."
    monkeypatch.setattr(service, "SPARE_BYTES", 10**18)
    answer = begin(staff)
    assert (answer.status_code, "not enough room" in answer.text) == (413, True)


def test_a_file_is_not_sent_over_a_recording_that_somebody_else_just_saved(staff: CheckedClient, video: Video) -> None:
    seen = staff.page("/staff/videos/a-talk").select_one("form[data-uploads] [name=seen]")["value"]
    opened = {"If-Match": f'"{seen}"'}
    assert begin(staff, **opened).status_code == 201
    with transaction():
        archive.edit_video(videos.get_video("a-talk"), {"media_url": "media:other.mp4"}, utc_now())
    refused = begin(staff, **opened)
    assert refused.status_code == 412 and "Somebody else saved another recording" in refused.text


def test_another_version_of_the_protocol_is_refused(staff: CheckedClient, video: Video) -> None:
    answer = begin(staff, **{"Tus-Resumable": "0.2.2"})
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


def test_a_piece_of_another_type_is_refused(staff: CheckedClient, video: Video) -> None:
    answer = add(staff, address(staff), 0, b"x", **{"Content-Type": "application/json"})
    assert answer.status_code == 415


def test_text_that_calls_itself_a_film_is_refused_and_gone(staff: CheckedClient, video: Video) -> None:
    where = address(staff, 11)
    answer = add(staff, where, 0, b"hello, film")
    assert (answer.status_code, "another kind" in answer.text) == (415, True)
    assert staff.head(where, headers=TUS).status_code == 404
    assert videos.get_video("a-talk").media_url == ""


def test_who_is_not_signed_in_uploads_nothing(client: CheckedClient, staff: CheckedClient, video: Video) -> None:
    where = address(staff)
    assert client.head(where, headers=TUS).status_code in {302, 401, 403}
    assert begin(client).status_code == 400
    assert add(client, where, 0, b"x").status_code == 400
    assert offset(staff, where) == 0


def test_a_piece_without_the_form_token_is_refused(staff: CheckedClient, video: Video) -> None:
    where = address(staff)
    assert add(staff, where, 0, b"x", **{"X-CSRFToken": "wrong"}).status_code == 400
    assert offset(staff, where) == 0


def test_a_piece_from_another_site_is_refused(staff: CheckedClient, video: Video) -> None:
    where = address(staff)
    assert add(staff, where, 0, b"x", Origin="https://evil.example").status_code == 403
    assert offset(staff, where) == 0


def test_of_two_who_write_at_once_one_goes_on(staff: CheckedClient, video: Video) -> None:
    where = address(staff)
    path = parts.part_path(current_settings().media_root, where.rpartition("/")[2])
    barrier, ends = Barrier(2), []

    class Slow:
        """A body that comes a little at a time."""

        def __init__(self) -> None:
            self.at = 0

        def read(self, _size: int) -> bytes:
            piece = FILM[self.at : self.at + 1000]
            self.at += len(piece)
            return piece

    def write() -> None:
        barrier.wait()
        try:
            ends.append(parts.add(path, 0, len(FILM), Slow(), None))
        except parts.WrongOffset:
            ends.append(None)

    threads = [Thread(target=write) for _one in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None in ends
    there = path.read_bytes()
    assert there == FILM[: len(there)]


def test_what_arrived_whole_while_the_server_died_is_finished_by_a_worker(staff: CheckedClient, video: Video) -> None:
    where = address(staff)
    parts.part_path(current_settings().media_root, where.rpartition("/")[2]).write_bytes(FILM)
    assert work.go_on(lambda: False)
    assert recording() == FILM
    assert not work.go_on(lambda: False)


def test_an_upload_that_nobody_goes_on_with_is_deleted_after_a_day(staff: CheckedClient, video: Video) -> None:
    where = address(staff)
    add(staff, where, 0, FILM[:1000])
    path = parts.part_path(current_settings().media_root, where.rpartition("/")[2])
    with transaction():
        retention.enforce(utc_now() + timedelta(hours=23))
    assert staff.head(where, headers=TUS).status_code == 200
    with transaction():
        retention.enforce(utc_now() + timedelta(hours=25))
    assert db.session.scalars(select(MediaUpload)).all() == []
    os.utime(path, (time.time() - 7200,) * 2)
    work.go_on(lambda: False)
    assert not path.exists()


def test_every_answer_names_the_protocol(app: Flask, staff: CheckedClient, video: Video) -> None:
    where, lost, new = address(staff), "/staff/uploads/not-there", "/staff/videos/a-talk/uploads"
    stranger = app.test_client()
    answers = {
        404: [staff.head(lost, headers=TUS), staff.delete(lost, headers=TUS), add(staff, lost, 0, b"x"),
              staff.head(f"/es{lost}", headers=TUS)],
        405: [staff.get(where), staff.put(new)],
        409: [add(staff, where, 7, b"x")],
        412: [staff.head(where)],
        400: [staff.post(new, headers={"X-CSRFToken": "wrong"}), staff.post(new, headers=TUS)],
        403: [staff.post(new, headers={"Origin": "https://elsewhere.example.org"})],
        302: [stranger.head(where, headers=TUS)],
        204: [staff.options(new)],
    }  # fmt: skip
    for status, found in answers.items():
        assert [(one.status_code, one.headers.get("Tus-Resumable")) for one in found] == [(status, "1.0.0")] * len(
            found
        )
    assert "Tus-Resumable" not in staff.get("/staff/videos").headers
