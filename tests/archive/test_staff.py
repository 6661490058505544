"""Staff pages of the archive, and what publishing announces."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config import Settings
from tests.archive.samples import ENGLISH, make_captioned
from tests.factories import NOW, make_registration, make_series, make_video, make_webinar
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from webinars.archive import queries, service
from webinars.archive.events import video_published
from webinars.archive.models import Video
from webinars.archive.processing.models import MediaJob
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict, UserError
from webinars.schedule.cleaning import Problems

CLIP = Path(__file__).parents[2] / "webinars" / "demo" / "media" / "early-signs-to-report.mp4"


@pytest.fixture
def told() -> Iterator[list[Video]]:
    """Note which videos are announced."""
    heard: list[Video] = []

    def note(video: Video, **about: Any) -> None:
        heard.append(video)

    with video_published.connected_to(note):
        yield heard


def fresh(slug: str) -> Video:
    db.session.expire_all()
    return queries.get_video(slug)


@pytest.mark.usefixtures("app")
class TestService:
    def test_video_of_a_webinar_takes_over_its_facts(self) -> None:
        webinar = make_webinar(title="Skin, bowel, breath")
        with transaction():
            video = service.create_video({"webinar": webinar.slug}, NOW)
        assert (video.title, video.slug, video.state) == ("Skin, bowel, breath", "skin-bowel-breath", "draft")
        assert video.series_id == webinar.series_id
        assert video.recorded_on == webinar.local_start.date()

    def test_second_video_of_the_same_title_gets_an_address_of_its_own(self) -> None:
        with transaction():
            slugs = [service.create_video({"title": "A talk"}, NOW).slug for _time in range(2)]
        assert slugs == ["a-talk", "a-talk-2"]

    def test_all_bad_fields_are_named_at_once(self) -> None:
        with pytest.raises(Problems) as caught, transaction():
            service.create_video(
                {
                    "title": "A",
                    "webinar": "none",
                    "media_url": "javascript:1",
                    "recorded_on": "soon",
                    "captions": {"en": "x"},
                },
                NOW,
            )
        assert set(caught.value.fields) == {"webinar", "media_url", "recorded_on", "captions"}

    @pytest.mark.parametrize(
        "url",
        ["http://films.example.org/a.mp4", "ftp://x/a.mp4", "https://", "https://x.org; script-src */a.mp4",
         "media:../a.mp4", "media:", "//x.org/a.mp4", "https://a b.org/x.mp4"],
    )  # fmt: skip
    def test_media_address_that_is_none_is_refused(self, url: str) -> None:
        with pytest.raises(Problems) as caught, transaction():
            service.create_video({"title": "A", "media_url": url}, NOW)
        assert set(caught.value.fields) == {"media_url"}

    def test_captions_come_with_the_video(self) -> None:
        with transaction():
            video = service.create_video({"title": "A talk", "captions": {"en": ENGLISH}}, NOW)
        assert [track.language for track in video.tracks] == ["en"]
        assert len(queries.cues_of(video.tracks[0].id)) == 4

    def test_publishing_is_announced_once_for_ever(self, told: list[Video]) -> None:
        video = make_video(state="draft", published_at=None)
        for deed in (service.publish_video, service.withdraw_video, service.publish_video):
            with transaction():
                deed(fresh(video.slug), NOW)
        assert [one.slug for one in told] == [video.slug]
        assert fresh(video.slug).published_at == NOW

    def test_publishing_twice_is_refused(self, told: list[Video]) -> None:
        video = make_video()
        with pytest.raises(Conflict), transaction():
            service.publish_video(video, NOW)
        assert told == []

    def test_video_without_media_is_not_published(self, told: list[Video]) -> None:
        video = make_video(state="draft", media_url="", published_at=None)
        with pytest.raises(Problems) as caught, transaction():
            service.publish_video(video, NOW)
        assert set(caught.value.fields) == {"media_url"}
        assert told == []

    def test_video_that_does_not_say_who_paid_is_not_published(self, told: list[Video]) -> None:
        video = make_video(state="draft", sponsor_text="", published_at=None)
        with pytest.raises(Problems) as caught, transaction():
            service.publish_video(video, NOW)
        assert set(caught.value.fields) == {"sponsor_text"}
        assert told == []

    def test_sponsor_of_the_series_is_enough(self, told: list[Video]) -> None:
        video = make_video(state="draft", sponsor_text="", published_at=None, series_id=make_series().id)
        with transaction():
            service.publish_video(fresh(video.slug), NOW)
        assert len(told) == 1

    def test_public_video_keeps_what_publishing_asked_for(self) -> None:
        video = make_video()
        with pytest.raises(Problems), transaction():
            service.edit_video(video, {"media_url": ""}, NOW)
        assert fresh(video.slug).media_url == "media:clip.mp4"

    def test_chapters_may_be_set_again(self) -> None:
        video = make_video()
        for lines in ("00:00 A\n00:10 B", "00:00 C\n00:10 D\n00:20 E"):
            with transaction():
                service.set_chapters(fresh(video.slug), lines, NOW)
        chapters = [(one.start_seconds, one.title) for one in fresh(video.slug).chapters]
        assert chapters == [(0, "C"), (10, "D"), (20, "E")]

    def test_bad_captions_leave_the_old_ones(self) -> None:
        video = make_captioned()
        with pytest.raises(UserError), transaction():
            service.set_captions(video, "en", "WEBVTT\n\nnothing", "corrected", NOW)
        assert len(queries.cues_of(fresh(video.slug).tracks[0].id)) == 4


class TestPages:
    def test_new_video_starts_from_its_webinar(self, staff: CheckedClient) -> None:
        webinar = make_webinar(title="Skin, bowel, breath")
        page = staff.page(f"/staff/videos/new?webinar={webinar.slug}")
        assert page.select_one("#title")["value"] == "Skin, bowel, breath"
        assert "Nothing needs typing" in text_of(page)
        answer = staff.submit(page, "/videos/new")
        assert "skin-bowel-breath" in answer.request.path
        assert fresh("skin-bowel-breath").webinar_id == webinar.id

    def test_refused_form_keeps_what_was_typed(self, staff: CheckedClient) -> None:
        page = staff.page("/staff/videos/new")
        assert "Nothing needs typing" not in text_of(page)
        answer = staff.post("/staff/videos/new", data=_form(page) | {"title": "", "summary": "My words"})
        assert answer.status_code == 422
        assert "My words" in answer.text
        assert "Give the video a title." in answer.text

    def test_edit_in_two_tabs_loses_nothing_unseen(self, staff: CheckedClient) -> None:
        video = make_video(description="As it was.")
        path = f"/staff/videos/{video.slug}/edit"
        first, second = staff.page(path), staff.page(path)
        staff.submit(first, "/edit", description="Of the first tab.")
        answer = staff.submit(second, "/edit", summary="Of the second tab.")
        assert (answer.status_code, fresh(video.slug).description) == (409, "Of the first tab.")
        told = parse(answer).select_one(".meanwhile")
        assert told and "while you were writing" in text_of(told) and "already: Description" in text_of(told)
        assert "Of the second tab." in answer.text
        assert staff.submit(answer, "/edit").status_code == 200
        saved = fresh(video.slug)
        assert (saved.summary, saved.description) == ("Of the second tab.", "Of the first tab.")

    def test_recording_that_was_found_broken_is_named_before_publishing(self, staff: CheckedClient) -> None:
        video = make_video(state="draft", media_url="media:talk.mp4", published_at=None)
        with transaction() as session:
            session.add(
                MediaJob(
                    video_id=video.id, source="talk.mp4", state="failed", reason="cut_off", facts={}, created_at=NOW
                )
            )
        page = staff.page(f"/staff/videos/{video.slug}/publish")
        assert "The file ends before the talk does" in text_of(page.select_one(".notice"))

    def test_recording_is_uploaded_and_measured(self, staff: CheckedClient, settings: Settings) -> None:
        video = make_video(state="draft", media_url="", duration_seconds=None)
        path = f"/staff/videos/{video.slug}"
        data = _form(staff.page(path)) | {"file": (io.BytesIO(CLIP.read_bytes()), "../../x.exe")}
        assert staff.post(path + "/media", data=data, follow_redirects=True).status_code == 200
        found = fresh(video.slug)
        assert found.media_url.startswith(f"media:{video.slug}-")
        assert found.duration_seconds == 53
        assert (settings.media_root / found.media_url.removeprefix("media:")).read_bytes() == CLIP.read_bytes()

    def test_length_of_the_file_before_is_not_that_of_the_next(self, staff: CheckedClient) -> None:
        video = make_video(state="draft", duration_seconds=2550)
        path = f"/staff/videos/{video.slug}"
        film = b"\x1a\x45\xdf\xa3 webm" + bytes(100)
        for typed, length in ((None, None), ("12:00", 720)):
            given = form_data(find_form(staff.page(path), "/media")) | ({"duration_seconds": typed} if typed else {})
            assert staff.post(path + "/media", data=given | {"file": (io.BytesIO(film), "a.webm")}).status_code == 302
            assert fresh(video.slug).duration_seconds == length

    def test_length_that_was_found_stays_when_none_is_typed(self, staff: CheckedClient) -> None:
        video = make_video(state="draft", media_url="media:talk-0123456789abcdef.webm", duration_seconds=60)
        with transaction() as session:
            facts = {"seconds": 59.7, "width": 640, "height": 360, "video": "vp9", "audio": "opus"}
            source = "talk-0123456789abcdef.webm"
            session.add(MediaJob(video_id=video.id, source=source, state="done", facts=facts, created_at=NOW))
        page = staff.page(f"/staff/videos/{video.slug}")
        staff.submit(page, "/media", duration_seconds="")
        assert fresh(video.slug).duration_seconds == 60
        staff.submit(page, "/media", duration_seconds="", media_url="https://films.example.org/talk.mp4")
        assert fresh(video.slug).duration_seconds is None

    def test_uploaded_recording_is_shown_by_name_and_stays_when_the_link_is_left_empty(
        self, staff: CheckedClient
    ) -> None:
        video = make_video(media_url="media:talk-0123456789abcdef.mp4", duration_seconds=60)
        path = f"/staff/videos/{video.slug}"
        page = staff.page(path)
        assert page.select_one("#media_url").get("value", "") == ""
        assert "The file talk-0123456789abcdef.mp4 is kept here." in text_of(page)
        player = page.select_one("video#player")
        assert player["preload"] == "none"
        assert player.select_one("source")["src"] == "/media/talk-0123456789abcdef.mp4"
        staff.submit(page, "/media", duration_seconds="1:30")
        assert (fresh(video.slug).media_url, fresh(video.slug).duration_seconds) == (
            "media:talk-0123456789abcdef.mp4",
            90,
        )
        staff.submit(staff.page(path), "/media", media_url="https://films.example.org/talk.mp4")
        assert fresh(video.slug).media_url == "https://films.example.org/talk.mp4"

    def test_recording_elsewhere_plays_on_the_staff_page_after_a_click(self, staff: CheckedClient) -> None:
        video = make_video(state="draft", media_url="https://films.example.org/talk.mp4")
        path = f"/staff/videos/{video.slug}"
        page = staff.page(path)
        assert not page.select("video") and page.select_one("#media_url")["value"] == video.media_url
        answer = staff.get(path + str(page.select_one("#player a.btn")["href"]).partition("#")[0])
        assert "media-src 'self' https://films.example.org" in answer.headers["Content-Security-Policy"]
        assert parse(answer).select_one("video source")["src"] == "https://films.example.org/talk.mp4"

    def test_link_that_is_taken_away_is_gone(self, staff: CheckedClient) -> None:
        video = make_video(state="draft", media_url="https://films.example.org/talk.mp4")
        staff.submit(staff.page(f"/staff/videos/{video.slug}"), "/media", media_url="")
        assert fresh(video.slug).media_url == ""

    def test_publishing_without_a_sponsor_leads_to_where_it_is_said(self, staff: CheckedClient) -> None:
        series = make_series(sponsor_text="")
        video = make_video(state="draft", published_at=None, sponsor_text="", series_id=series.id)
        page = staff.page(f"/staff/videos/{video.slug}/publish")
        for path in (f"/staff/videos/{video.slug}/edit#sponsor_text", "/staff/series/side-effects/edit"):
            assert page.select_one(f'.notice a[href="{path}"]')

    def test_file_that_is_no_film_is_refused(self, staff: CheckedClient) -> None:
        video = make_video(state="draft", media_url="")
        path = f"/staff/videos/{video.slug}"
        data = _form(staff.page(path)) | {"file": (io.BytesIO(b"MZ program"), "film.mp4")}
        answer = staff.post(path + "/media", data=data)
        assert answer.status_code == 422
        assert fresh(video.slug).media_url == ""

    @pytest.mark.parametrize(
        ("content", "sentence"), [(b"", "The file is empty."), (b"GIF89a", "This file is of another kind.")]
    )
    def test_still_picture_that_will_not_do_is_named_beside_its_field_before_the_film_is_kept(
        self, staff: CheckedClient, settings: Settings, content: bytes, sentence: str
    ) -> None:
        video = make_video(title="Without a still", state="draft", media_url="")
        path = f"/staff/videos/{video.slug}"
        files = {"file": (io.BytesIO(CLIP.read_bytes()), "a.mp4"), "poster": (io.BytesIO(content), "a.gif")}
        answer = staff.post(path + "/media", data=_form(staff.page(path)) | files)
        assert answer.status_code == 422
        assert sentence in text_of(parse(answer).select_one("#poster-error"))
        assert not parse(answer).select("#file-error")
        assert not list(settings.media_root.glob("without-a-still-*"))

    def test_bad_captions_are_shown_by_line_and_kept(self, staff: CheckedClient) -> None:
        video = make_video()
        path = f"/staff/videos/{video.slug}"
        text = "WEBVTT\n\n00:05.000 --> 00:04.000\nRash."
        data = _form(staff.page(path)) | {"language": "en", "captions_file": (io.BytesIO(text.encode()), "a.vtt")}
        answer = staff.post(path + "/captions", data=data)
        assert answer.status_code == 422
        assert "Line 3: This caption must end after it starts." in text_of(parse(answer))
        assert parse(answer).select_one("textarea#captions").get_text().strip() == text

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [("state", "perfect", "Choose one of the three."), ("language", "xx", "“xx” is no language we know.")],
    )
    def test_choice_that_was_not_offered_is_refused_beside_its_field(
        self, staff: CheckedClient, field: str, value: str, sentence: str
    ) -> None:
        video = make_video()
        path = f"/staff/videos/{video.slug}"
        answer = staff.submit(staff.page(path), "/captions", captions=ENGLISH, **{field: value})
        assert answer.status_code == 422
        assert sentence in text_of(parse(answer).select_one(f"#{field}-error"))
        assert "people notice it first" in parse(answer).select_one("textarea#captions").get_text()
        assert fresh(video.slug).tracks == []

    @pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "0"])
    def test_speaker_who_does_not_exist_is_refused(self, staff: CheckedClient, number: str) -> None:
        video = make_video()
        page = staff.page(f"/staff/videos/{video.slug}/edit")
        answer = staff.submit(page, "", button="Save", **{"speakers-0": number})
        assert answer.status_code == 422
        assert "Choose the speakers from the list." in text_of(parse(answer))

    def test_captions_and_chapters_are_saved(self, staff: CheckedClient) -> None:
        video = make_video()
        path = f"/staff/videos/{video.slug}"
        staff.submit(staff.page(path), "/captions", language="es", state="reviewed", captions=ENGLISH)
        staff.submit(staff.page(path), "/chapters", chapters="00:00 Skin\n00:16 Call")
        found = fresh(video.slug)
        assert [(track.language, track.state) for track in found.tracks] == [("es", "reviewed")]
        assert [chapter.title for chapter in found.chapters] == ["Skin", "Call"]

    def test_publishing_names_its_consequence_first(self, staff: CheckedClient, told: list[Video]) -> None:
        webinar = make_webinar(starts_in=timedelta(days=-2))
        make_registration(webinar, "Alice")
        make_registration(webinar, "Bob")
        video = make_video(webinar, state="draft", published_at=None)
        path = f"/staff/videos/{video.slug}/publish"

        page = staff.page(path)
        assert "2 people will get a letter" in text_of(page)
        assert told == []
        staff.submit(page, "/publish", button="Publish now")
        assert len(told) == 1
        again = staff.page(path)
        assert "It is public already." in text_of(again) and not again.select(".notice.error")

    def test_letter_that_would_go_out_before_the_webinar_took_place_is_named(self, staff: CheckedClient) -> None:
        webinar = make_webinar(now=utc_now(), starts_in=timedelta(days=3))
        make_registration(webinar)
        video = make_video(webinar, state="draft", published_at=None)
        told_too_early = "The letter “Recording is ready” goes out as soon as you publish"
        path = f"/staff/videos/{video.slug}/publish"
        assert told_too_early in text_of(staff.page(path))
        webinar.state = "cancelled"
        db.session.commit()
        page = text_of(staff.page(path))
        assert told_too_early not in page
        assert "Nobody gets a letter because of it." in page

    def test_withdrawn_video_is_gone_for_visitors_only(self, staff: CheckedClient, client: CheckedClient) -> None:
        video = make_captioned()
        path = f"/staff/videos/{video.slug}/withdraw"
        staff.submit(staff.page(path), "/withdraw", because="It is out of date.")
        assert client.get(f"/videos/{video.slug}").status_code == 410
        assert "Only staff can see this page" in text_of(staff.page(f"/videos/{video.slug}"))

    @pytest.mark.parametrize("path", ["", "/new", "/{slug}", "/{slug}/edit", "/{slug}/publish", "/{slug}/withdraw"])
    def test_stranger_is_sent_to_sign_in(self, client: CheckedClient, path: str) -> None:
        video = make_video()
        answer = client.get("/staff/videos" + path.format(slug=video.slug), follow_redirects=True)
        assert answer.request.path.endswith("/sign-in")


def _form(page: Any) -> dict[str, Any]:
    token = page.select_one("input[name=csrf_token]")
    return {"csrf_token": token["value"], "duration_seconds": "", "media_url": ""}
