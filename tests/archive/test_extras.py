"""What comes with a video: slides, handouts, links, and answers to questions that were not reached."""

import io
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.archive.samples import make_captioned
from tests.factories import NOW, make_video
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from webinars.archive import extras, queries, service
from webinars.archive.models import Video
from webinars.archive.store import current_store
from webinars.core.database import transaction
from webinars.core.errors import UserError

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PAGE = "/videos/when-to-call-your-care-team"


def send_paper(staff: CheckedClient, content: bytes | None = PDF, **fields: Any) -> TestResponse:
    form = find_form(staff.page(f"/staff{PAGE}/extras"), "/papers")
    given = {"title": "The slides", "at": "12:40"} | fields
    data = form_data(form) | {f"paper-{name}": value for name, value in given.items()}
    if content is not None:
        data["paper-file"] = (io.BytesIO(content), "../../slides.exe")
    return staff.post(f"/staff{PAGE}/papers", data=data, follow_redirects=True)


def write(video: Video, **fields: str) -> None:
    given = {"question": "May I travel?", "answer": "Yes, **with a letter**.", "answered_by": "Dr Joyce Okafor"}
    with transaction():
        extras.write_answer(queries.get_video(video.slug), given | fields, NOW)


class TestPapers:
    def test_slides_stand_on_the_page_with_their_moment(self, staff: CheckedClient, client: CheckedClient) -> None:
        make_captioned()
        assert send_paper(staff).status_code == 200
        for path in (PAGE, PAGE + "/transcript"):
            (item,) = client.page(path).select(".papers li")
            link, moment = item.select("a")
            assert text_of(link) == "The slides"
            assert str(moment["href"]).endswith("?t=760#player")
            answer = client.get(str(link["href"]))
            assert (answer.data, answer.mimetype) == (PDF, "application/pdf")

    def test_papers_are_private_until_the_video_is_public(self, staff: CheckedClient, client: CheckedClient) -> None:
        video = make_video(state="draft", published_at=None)
        page = send_paper(staff)
        path = next(str(tag["href"]) for tag in parse(page).select("main a") if "/media/" in str(tag["href"]))
        assert client.get(path).status_code == 404
        with transaction():
            service.publish_video(queries.get_video(video.slug), NOW)
        assert client.get(path).status_code == 200

    def test_paper_that_was_taken_away_is_served_no_longer(self, staff: CheckedClient, client: CheckedClient) -> None:
        make_captioned()
        page = send_paper(staff)
        path = next(str(tag["href"]) for tag in parse(page).select("main a") if "/media/" in str(tag["href"]))
        staff.submit(page, "/remove")
        assert client.get(path).status_code == 404
        assert not client.page(PAGE).select(".papers")

    @pytest.mark.parametrize(
        ("content", "fields", "where"),
        [
            (b"MZ program", {}, "file"),
            (PDF[:-8], {}, "file"),
            (b"", {}, "file"),
            (None, {}, "file"),
            (PDF, {"title": ""}, "title"),
            (PDF, {"at": "soon"}, "at"),
            (PDF, {"kind": "virus"}, "kind"),
            (None, {"kind": "link", "url": "javascript:alert(1)"}, "url"),
            (None, {"kind": "link"}, "url"),
        ],
    )
    def test_paper_that_will_not_do_is_explained_beside_its_field(
        self, staff: CheckedClient, content: bytes | None, fields: dict[str, str], where: str
    ) -> None:
        make_video()
        answer = send_paper(staff, content, **fields)
        assert answer.status_code == 422
        assert f'id="paper-{where}-error"' in answer.text

    def test_link_leads_out(self, staff: CheckedClient, client: CheckedClient) -> None:
        make_captioned()
        send_paper(staff, None, kind="link", url="https://example.org/trial", at="0:00")
        first, moment = client.page(PAGE).select(".papers a")
        assert (first["href"], moment["data-seek"]) == ("https://example.org/trial", "0")

    def test_huge_paper_is_refused(self, app: object) -> None:
        class Huge(io.BytesIO):
            def seek(self, *place: int) -> int:
                super().seek(*place)
                return extras.LARGEST_PAPER + 1

        with pytest.raises(UserError):
            extras.keep_paper(current_store(), "x", Huge(PDF))


class TestAnswers:
    def test_answer_stands_on_the_page_and_the_printed_transcript(self, client: CheckedClient) -> None:
        write(make_captioned(), at="0:16")
        for path in (PAGE, PAGE + "/transcript"):
            (answer,) = client.page(path).select(".answer")
            assert text_of(answer.h3) == "May I travel?"
            assert answer.select_one(".prose strong")
            assert answer.select_one("a.timecode")["data-seek"] == "16"

    def test_words_of_the_page_within_an_answer_are_in_the_language_of_the_page(self, client: CheckedClient) -> None:
        write(make_captioned(), at="00:12")
        link = client.page(f"/es{PAGE}").select_one(".answer[lang=en] a.timecode")
        assert link is not None and [tag["lang"] for tag in link.select("span")] == ["es"]

    def test_answer_is_put_in_other_words_and_taken_away(self, staff: CheckedClient, client: CheckedClient) -> None:
        make_captioned()
        page = staff.page(f"/staff{PAGE}/extras")
        page = staff.submit(page, "/answers", question="Why?", answer="So.", answered_by="Dr X")
        link = next(str(tag["href"]) for tag in parse(page).select("main a") if "/answers/" in str(tag["href"]))
        staff.submit(staff.page(link), "/answers/", answer="So and so.")
        assert "So and so." in text_of(client.page(PAGE))
        staff.submit(staff.page(f"/staff{PAGE}/extras"), "/remove")
        assert not client.page(PAGE).select(".answer")

    def test_all_that_is_missing_is_named_at_once(self, staff: CheckedClient) -> None:
        make_video()
        answer = staff.submit(staff.page(f"/staff{PAGE}/extras"), "/answers", at="25:61:00")
        assert answer.status_code == 422
        for name in ("question", "answer", "answered_by", "at"):
            assert f'id="{name}-error"' in answer.text

    def test_answer_of_another_video_is_not_there(self, staff: CheckedClient) -> None:
        write(make_video())
        make_video(title="Other")
        assert staff.get("/staff/videos/other/answers/1").status_code == 404
        assert staff.get(f"/staff/videos/other/answers/{2**70}").status_code == 404
