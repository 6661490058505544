"""Two browsers, one form: whoever saves second is told, loses nothing, and writes over nothing unseen."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.factories import NOW, make_video
from tests.support.pages import CheckedClient, parse, text_of
from tests.support.staff import sign_in
from webinars.archive import extras, queries, service, standing, world_queries
from webinars.archive.models import Video, VideoSpeaker
from webinars.archive.processing.models import MediaJob
from webinars.core.database import db, transaction
from webinars.schedule.models import Speaker

PATH = "/staff/videos/a-talk"
TOLD = "Somebody else saved changes while you were writing. What you typed is still here"
LINK, OTHER_LINK = "https://films.example.org/talk.mp4", "https://films.example.org/other.mp4"


@pytest.fixture
def other(app: Flask) -> CheckedClient:
    """Give the browser of a second editor."""
    browser = app.test_client()
    assert isinstance(browser, CheckedClient)
    return sign_in(browser, email="second@harbor.example")


@pytest.fixture(autouse=True)
def talk(app: Flask) -> Video:
    """Give a public video with a speaker and a written answer."""
    video = make_video(title="A talk", slug="a-talk", media_url=LINK, duration_seconds=None)
    agreed = {"release_given_on": date(2026, 11, 20), "release_proof": "Her letter"}
    db.session.add(VideoSpeaker(video_id=video.id, speaker=Speaker(name="Joyce Okafor"), **agreed))
    db.session.commit()
    with transaction():
        said = {"question": "May I travel?", "answer": "Yes.", "answered_by": "Dr X"}
        extras.write_answer(queries.get_video("a-talk"), said, NOW)
    return video


def present() -> Video:
    db.session.expire_all()
    return queries.get_video("a-talk")


def answer() -> str:
    return world_queries.answers_of(present().id)[0].answer


def chapters() -> list[str]:
    return [chapter.title for chapter in present().chapters]


def captions_of(language: str) -> str:
    return queries.get_track(present(), language).vtt


def reviewer() -> str:
    found = present().standing
    return found.reviewed_by if found else ""


def note() -> str:
    found = present().standing
    return found.withdrawn_because if found else ""


def of_speaker(name: str) -> str:
    return f"speaker{present().speaker_places[0].speaker_id}-{name}"


Fields = Callable[[str], dict[str, str]]
FORMS: list[tuple[str, str, Fields, Callable[[], str | list[str]]]] = [
    ("", "/media", lambda said: {"media_url": f"https://films.example.org/{said}"}, lambda: present().media_url[-5:]),
    ("", "/chapters", lambda said: {"chapters": f"0:00 {said}"}, lambda: chapters()[0]),
    ("/answers/1", "/answers/1", lambda said: {"answer": said}, answer),
    ("/standing", "/standing", lambda said: {"reviewed_on": "2026-11-02", "reviewed_by": said}, reviewer),
    ("/standing", "/releases/", lambda said: {of_speaker("proof"): said},
     lambda: present().speaker_places[0].release_proof),
    ("/withdraw", "/withdraw", lambda said: {"because": said}, note),
]  # fmt: skip


@pytest.mark.parametrize(("page", "action", "fields", "kept"), FORMS, ids=[form[1].strip("/") for form in FORMS])
def test_second_to_save_is_told_and_keeps_what_was_typed(
    staff: CheckedClient, other: CheckedClient, page: str, action: str, fields: Fields, kept: Callable[[], str]
) -> None:
    ours, theirs = staff.page(PATH + page), other.page(PATH + page)
    assert other.submit(theirs, action, **fields("first")).status_code == 200
    refused = staff.submit(ours, action, **fields("secnd"))
    assert (refused.status_code, kept()) == (409, "first")
    told = parse(refused)
    assert "saved" in text_of(told.select_one(".error-summary, .meanwhile")) and "secnd" in refused.text
    # Where both versions are shown side by side, one has to be chosen.
    mine = {str(choice["name"]): "mine" for choice in told.select("input[name^='keep-']")}
    assert staff.submit(told, action, **mine).status_code == 200
    assert kept() == "secnd"


@pytest.mark.parametrize(
    ("page", "action", "fields", "kept"), FORMS[:5], ids=[form[1].strip("/") for form in FORMS[:5]]
)
def test_who_saves_alone_is_not_asked_twice(
    staff: CheckedClient, page: str, action: str, fields: Fields, kept: Callable[[], str]
) -> None:
    for said in ("first", "secnd"):
        assert staff.submit(staff.page(PATH + page), action, **fields(said)).status_code == 200
        assert kept() == said


def vtt(said: str) -> str:
    return f"WEBVTT\n\n00:01.000 --> 00:03.000\n{said}\n"


class TestCaptions:
    def test_file_does_not_replace_what_somebody_corrected_meanwhile(
        self, staff: CheckedClient, other: CheckedClient
    ) -> None:
        ours, theirs = staff.page(PATH), other.page(PATH)
        assert other.submit(theirs, "/captions", captions=vtt("An hour of work.")).status_code == 200
        file = (io.BytesIO(vtt("From the machine.").encode()), "talk.vtt")
        refused = staff.submit(ours, "/captions", captions_file=file)
        assert (refused.status_code, "An hour of work." in captions_of("en")) == (409, True)
        told = text_of(parse(refused).select_one(".error-summary"))
        assert TOLD in told and "Choose the file" not in told
        assert staff.submit(refused, "/captions", "Save the captions").status_code == 200
        assert "From the machine." in captions_of("en")

    def test_another_language_is_in_nobodys_way(self, staff: CheckedClient, other: CheckedClient) -> None:
        ours, theirs = staff.page(PATH), other.page(PATH)
        assert other.submit(theirs, "/captions", captions=vtt("Good morning.")).status_code == 200
        assert staff.submit(ours, "/captions", captions=vtt("Buenos días."), language="es").status_code == 200
        assert "Buenos días." in captions_of("es")


class TestRecording:
    def test_old_link_does_not_replace_a_fresh_upload(self, staff: CheckedClient) -> None:
        page = staff.page(PATH)
        with transaction():
            service.edit_video(queries.get_video("a-talk"), {"media_url": "media:talk.mp4"}, NOW)
        assert staff.submit(page, "/media", duration_seconds="1:00").status_code == 409
        assert present().media_url == "media:talk.mp4"

    def test_file_has_to_be_chosen_once_more(self, staff: CheckedClient, other: CheckedClient) -> None:
        ours = staff.page(PATH)
        other.submit(other.page(PATH), "/media", media_url=OTHER_LINK)
        refused = staff.submit(ours, "/media", file=(io.BytesIO(b"\x1a\x45\xdf\xa3 webm" + bytes(100)), "a.webm"))
        assert (refused.status_code, present().media_url) == (409, OTHER_LINK)
        assert "Choose the file once more" in text_of(parse(refused).select_one(".error-summary"))

    def test_what_a_worker_found_and_made_is_no_change_of_somebody_else(self, staff: CheckedClient) -> None:
        with transaction():
            service.edit_video(queries.get_video("a-talk"), {"media_url": "media:talk.mp4"}, NOW)
        page = staff.page(PATH)
        with transaction() as session:
            facts = {"seconds": 59.7, "width": 640, "height": 360, "video": "vp9", "audio": "opus"}
            queries.get_video("a-talk").duration_seconds = 60
            session.execute(update(MediaJob).values(state="done", facts=facts))
        assert staff.submit(page, "/media").status_code == 200
        assert present().duration_seconds == 60

    def test_link_stays_until_the_file_that_came_in_pieces_is_in_the_bucket(self, staff: CheckedClient) -> None:
        with transaction():
            service.edit_video(queries.get_video("a-talk"), {"duration_seconds": 60}, NOW)
        still = (io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(100)), "still.png")
        # As js/upload.js sends it.
        sent: dict[str, Any] = {"media_url": None, "duration_seconds": None, "seen": None, "file": None}
        assert staff.submit(staff.page(PATH), "/media", **sent, poster=still).status_code == 200
        assert (present().media_url, present().duration_seconds) == (LINK, 60)
        assert present().poster_url.endswith(".png")
        refused = staff.submit(staff.page(PATH), "/media", **sent, poster=(io.BytesIO(b"MZ"), "still.png"))
        assert refused.status_code == 422
        assert staff.submit(refused, "/media").status_code == 200
        assert present().media_url == LINK


class TestReleases:
    def test_release_of_who_was_taken_off_meanwhile_is_told_with_what_was_typed(self, staff: CheckedClient) -> None:
        page = staff.page(PATH + "/standing")
        typed = {of_speaker("given_on"): "2026-11-02", of_speaker("proof"): "Letter in the blue folder"}
        with transaction():
            service.edit_video(queries.get_video("a-talk"), {"speakers": []}, NOW)
        refused = staff.submit(page, "/releases/", **typed)
        assert refused.status_code == 409
        told = text_of(parse(refused).select_one(".error-summary"))
        assert "Somebody took Joyce Okafor off this video" in told
        assert "2026-11-02, Letter in the blue folder" in told


class TestAnswers:
    def test_answer_that_was_removed_meanwhile_can_be_added_anew(
        self, staff: CheckedClient, other: CheckedClient
    ) -> None:
        ours = staff.page(PATH + "/answers/1")
        other.submit(other.page(PATH + "/extras"), "/answers/1/remove")
        refused = staff.submit(ours, "/answers/1", answer="Ask us first.")
        assert refused.status_code == 409
        assert "Somebody else removed this answer" in text_of(parse(refused).select_one(".error-summary"))
        assert staff.submit(refused, "/answers").status_code == 200
        assert answer() == "Ask us first."


class TestPapers:
    def add(self, browser: CheckedClient, page: Any, **fields: Any) -> TestResponse:
        return browser.submit(page, "/papers", "Add it", **{f"paper-{name}": value for name, value in fields.items()})

    def test_paper_that_somebody_else_just_added_is_not_added_twice(
        self, staff: CheckedClient, other: CheckedClient
    ) -> None:
        ours, theirs = staff.page(PATH + "/extras"), other.page(PATH + "/extras")
        self.add(other, theirs, kind="link", title="The trial", url=LINK)
        refused = self.add(staff, ours, kind="link", title="A trial", url=LINK)
        assert refused.status_code == 422
        assert "already, as “The trial”" in text_of(parse(refused).select_one("#paper-url-error"))
        assert 'value="A trial"' in refused.text
        assert [paper.title for paper in world_queries.papers_of(present().id)] == ["The trial"]

    def test_paper_may_belong_to_two_moments(self, staff: CheckedClient) -> None:
        for moment in ("1:00", "2:00"):
            self.add(staff, staff.page(PATH + "/extras"), kind="link", title="The trial", url=LINK, at=moment)
        assert len(world_queries.papers_of(present().id)) == 2


def test_draft_is_not_withdrawn(staff: CheckedClient) -> None:
    page = staff.page(PATH + "/withdraw")
    with transaction():
        queries.get_video("a-talk").state = "draft"
    assert staff.submit(page, "/withdraw", because="Why not.").status_code == 409
    assert present().state == "draft" and note() == ""


def test_version_of_nothing_noted_is_that_of_an_empty_note(talk: Video) -> None:
    before = standing.standing_version(present())
    with transaction():
        standing.set_standing(queries.get_video("a-talk"), {}, NOW)
    assert standing.standing_version(present()) == before
