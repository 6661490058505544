"""Pictures in texts: taken in with their words, shown in the reader's language, kept while a text shows them."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from tests.archive.pictures import file_of, opened, plain
from tests.archive.test_full_disk import SENTENCE
from tests.factories import make_picture, make_series, make_topic, make_video, make_webinar
from tests.support.pages import CheckedClient, parse, text_of
from tests.support.queries import count_queries
from webinars.accounts.models import AuditEntry
from webinars.archive import commands
from webinars.archive.store import current_store
from webinars.archive.world_models import Answer
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.pictures import Picture
from webinars.schedule.models import NewsItem

ENGLISH, SPANISH = "A T cell meets a cancer cell", "Una célula T ante una célula cancerosa"
NEW = "/staff/pictures/new"


def send(staff: CheckedClient, file: io.BytesIO | None, **fields: Any) -> Any:
    chosen = {"file": (file, "IMG_2041.jpg")} if file else {}
    return staff.submit(staff.page(NEW), NEW, **chosen, **fields)


def add(staff: CheckedClient, colour: str = "teal", **fields: Any) -> Picture:
    send(staff, file_of(plain(colour=colour), "JPEG"), **({"words_en": ENGLISH, "words_es": SPANISH} | fields))
    return db.session.scalars(db.select(Picture).order_by(Picture.id.desc())).first()


def entries(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == action)))


class TestAPictureGetsIntoAText:
    def test_it_is_taken_in_copied_into_a_text_and_read_in_both_languages(
        self, staff: CheckedClient, client: CheckedClient
    ) -> None:
        number = add(staff).id
        page = staff.page(f"/staff/pictures/{number}")
        line = page.find("code", class_="to-copy").get_text()
        assert line == f"![{ENGLISH}](picture:{number})"
        webinar = make_webinar(make_series(), description=f"Before.\n\n{line}\n\nAfter.")
        shown = client.page(f"/webinars/{webinar.slug}").select_one(".prose img")
        assert (shown["alt"], shown["lang"], shown["width"], shown["height"]) == (ENGLISH, "en", "1440", "810")
        assert shown["loading"] == "lazy" and shown["sizes"]
        assert [one.split()[1] for one in shown["srcset"].split(", ")] == ["480w", "960w", "1440w"]
        spanish = client.page(f"/es/webinars/{webinar.slug}").select_one(".prose img")
        assert (spanish["alt"], spanish["lang"], spanish["src"]) == (SPANISH, "es", shown["src"])

    def test_everybody_gets_its_files_for_a_long_time(self, staff: CheckedClient, client: CheckedClient) -> None:
        shown = add(staff)
        answer = client.get(f"/media/picture_480-{shown.key}.webp")
        assert (answer.status_code, answer.mimetype) == (200, "image/webp")
        assert "immutable" in answer.headers["Cache-Control"]
        assert opened(answer.get_data()).size == (480, 270)
        assert client.get("/media/picture_480-ffffffffffffffff.webp").status_code == 404

    def test_other_words_are_read_at_once_also_on_a_page_that_was_kept(
        self, staff: CheckedClient, client: CheckedClient
    ) -> None:
        picture = make_picture()
        path = f"/webinars/{make_webinar(make_series(), description=f'![x](picture:{picture.id})').slug}"
        client.page(path)
        edit = f"/staff/pictures/{picture.id}"
        staff.submit(staff.page(edit), edit, words_en="T cells at work")
        assert client.page(path).select_one(".prose img")["alt"] == "T cells at work"
        (entry,) = entries("picture edited")
        assert entry.before["picture_words (en)"] == ENGLISH
        assert entry.after["picture_words (en)"] == "T cells at work"
        assert "What the picture shows" in text_of(staff.page(f"/staff/audit?kind=picture&thing={picture.id}"))

    def test_preview_of_what_is_typed_shows_it(self, staff: CheckedClient) -> None:
        line = f"![x](picture:{make_picture().id})"
        answer = staff.post(
            "/staff/prose", data={"prose": "body", "body": line, "csrf_token": token(staff)},
            headers={"HX-Request": "true"},
        )  # fmt: skip
        assert ENGLISH in answer.text and "srcset" in answer.text

    def test_script_gets_the_line_for_the_text(self, staff: CheckedClient) -> None:
        old = make_picture()
        choice = staff.get("/staff/pictures/choice", headers={"HX-Request": "true"})
        assert f'data-put="![{ENGLISH}](picture:{old.id})"' in choice.text
        sent = {"file": (file_of(plain()), "x.png"), "words_en": "New", "words_es": "Nueva", "csrf_token": token(staff)}
        answer = staff.post(NEW, data=sent, headers={"HX-Request": "true"})
        assert f'data-put="![New](picture:{old.id + 1})"' in answer.text and "data-now" in answer.text
        refused = staff.post(NEW, data={"csrf_token": token(staff)}, headers={"HX-Request": "true"})
        assert refused.status_code == 200 and "Choose the picture." in refused.text

    def test_choice_is_for_scripts_alone(self, staff: CheckedClient) -> None:
        assert staff.get("/staff/pictures/choice").status_code == 404


def token(staff: CheckedClient) -> str:
    return str(parse(staff.get(NEW)).find("input", {"name": "csrf_token"})["value"])


class TestWordsAreNeeded:
    def test_picture_without_words_stays_and_waits_for_them(self, staff: CheckedClient) -> None:
        answer = send(staff, file_of(plain()), words_en=ENGLISH)
        assert answer.status_code == 422
        page = parse(answer)
        assert "Say what the picture shows" in text_of(page)
        assert page.find("textarea", {"name": "words_en"}).get_text().strip() == ENGLISH
        preview = page.find("img", class_="thumb")
        assert staff.get(preview["src"]).status_code == 200
        assert db.session.scalar(db.select(db.func.count(Picture.id))) == 0
        staff.submit(page, NEW, words_es=SPANISH)
        (added,) = db.session.scalars(db.select(Picture))
        assert (added.words, added.widths) == ({"en": ENGLISH, "es": SPANISH}, [480, 960, 1440])

    def test_picture_that_nobody_described_is_not_for_strangers(
        self, staff: CheckedClient, client: CheckedClient
    ) -> None:
        preview = parse(send(staff, file_of(plain()))).find("img", class_="thumb")
        assert client.get(preview["src"]).status_code == 404

    def test_decoration_has_to_be_ticked_and_is_read_to_nobody(
        self, staff: CheckedClient, client: CheckedClient
    ) -> None:
        picture = add(staff, words_en="", words_es="", decorates="y")
        topic = make_topic(body=f"![A note for us](picture:{picture.id})")
        assert client.page(f"/topics/{topic.slug}").select_one(".prose img")["alt"] == ""

    def test_both_words_and_decoration_is_asked_about(self, staff: CheckedClient) -> None:
        answer = send(staff, file_of(plain()), words_en=ENGLISH, decorates="y")
        assert "Either say what it shows" in text_of(parse(answer))

    @pytest.mark.parametrize("arrived", ["", "made up", "0123456789abcdef-960-540-480-960.0.x"])
    def test_picture_that_never_arrived_cannot_be_named(self, staff: CheckedClient, arrived: str) -> None:
        answer = send(staff, None, words_en=ENGLISH, words_es=SPANISH, arrived=arrived)
        assert "Choose the picture." in text_of(parse(answer))

    def test_file_that_does_not_do_leaves_the_words(self, staff: CheckedClient) -> None:
        page = parse(send(staff, io.BytesIO(b"\0\0\0\x18ftypheic" + bytes(40)), words_en=ENGLISH))
        assert "export it as JPEG" in text_of(page)
        assert page.find("textarea", {"name": "words_en"}).get_text().strip() == ENGLISH

    def test_file_somewhat_too_large_leaves_them_too(self, staff: CheckedClient) -> None:
        page = parse(send(staff, io.BytesIO(b"\xff\xd8\xff" + bytes(21 << 20)), words_en=ENGLISH))
        assert "20 megabytes are the most" in text_of(page)
        assert page.find("textarea", {"name": "words_en"}).get_text().strip() == ENGLISH

    def test_full_disk_is_said_and_leaves_them_too(self, staff: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
        def nothing_fits(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(current_store(), "keep", nothing_fits)
        page = parse(send(staff, file_of(plain()), words_en=ENGLISH))
        assert SENTENCE in text_of(page)
        assert page.find("textarea", {"name": "words_en"}).get_text().strip() == ENGLISH


class TestWhereItIsShown:
    def test_list_names_every_kind_of_text(self, staff: CheckedClient) -> None:
        number = make_picture().id
        line = f"![x](picture:{number})"
        topic = make_topic(title="A topic", body=line)
        make_webinar(make_series(), title="A webinar", translations={"es": {"description": line}})
        db.session.add(NewsItem(slug="n", topic_id=topic.id, title="A news item", body=line, published_on=utc_now()))
        video = make_video(title="A video", description="None.")
        db.session.add(Answer(video_id=video.id, question="Q", answer=line, answered_by="Ann"))
        db.session.commit()
        shown = text_of(staff.page("/staff/pictures").find("ul", class_="pictures"))
        assert [title for title in ("A topic", "A webinar", "A news item", "A video") if title not in shown] == []

    def test_picture_in_use_is_not_deleted_and_says_where_it_is(self, staff: CheckedClient) -> None:
        number = make_picture().id
        topic = make_topic(title="A topic", body=f"![x](picture:{number})")
        path = f"/staff/pictures/{number}/delete"
        assert "It cannot be deleted" in text_of(staff.page(path))
        answer = staff.post(path, data={"csrf_token": token(staff)})
        assert answer.status_code == 409 and "“A topic”" in text_of(parse(answer))
        with transaction():
            db.session.merge(topic).body = "Text."
        staff.submit(staff.page(path), path)
        assert entries("picture deleted") and db.session.get(Picture, number) is None

    def test_number_that_only_begins_alike_is_no_use(self, staff: CheckedClient) -> None:
        number = make_picture().id
        make_topic(title="A topic", body=f"![x](picture:{number}0)")
        assert "In no text." in text_of(staff.page(f"/staff/pictures/{number}"))

    def test_deleted_picture_leaves_its_words(self, client: CheckedClient) -> None:
        topic = make_topic(body="![What the writer noted](picture:404)")
        prose = client.page(f"/topics/{topic.slug}").select_one(".prose")
        assert prose.find("img") is None and "What the writer noted" in text_of(prose)

    def test_search_finds_words_of_any_language(self, staff: CheckedClient) -> None:
        make_picture()
        make_picture(words={"en": "A chart", "es": "Un gráfico"})
        assert len(staff.page("/staff/pictures?q=célula").select(".pictures > li")) == 1
        assert len(staff.page("/staff/pictures?q=chart").select(".pictures > li")) == 1

    @pytest.mark.parametrize(
        "path", ["/staff/pictures", "/topics/immunotherapy", "/videos/when-to-call-your-care-team"]
    )
    def test_queries_do_not_grow_with_pictures(self, staff: CheckedClient, path: str) -> None:
        topic, video = make_topic(), make_video()
        counts = []
        for _ in range(2):
            for _ in range(2):
                line = f"\n\n![x](picture:{make_picture().id})"
                db.session.merge(topic).body += line
                db.session.merge(video).description += line
                db.session.add(Answer(video_id=video.id, question="Q", answer=line, answered_by="Ann"))
            db.session.commit()
            staff.get(path)
            counts.append(count_queries(lambda: staff.get(path)))
        assert counts[0] == counts[1]


class TestClean:
    @pytest.fixture
    def clean_after(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Result]:
        def clean(days: int) -> Result:
            monkeypatch.setattr(commands, "utc_now", lambda: utc_now() + timedelta(days=days))
            return app.test_cli_runner().invoke(args=["media", "clean"])

        return clean

    def files(self) -> set[str]:
        return {one.name for one in current_store().everything() if one.name.startswith("picture_")}

    def test_picture_that_no_text_shows_goes_after_a_month_with_its_files(
        self, staff: CheckedClient, clean_after: Callable[[int], Result]
    ) -> None:
        used, unused = add(staff), add(staff, "red")
        make_topic(body=f"![x](picture:{used.id})")
        assert clean_after(2).exit_code == 0
        assert clean_after(31).exit_code == 0
        assert db.session.get(Picture, unused.id) is not None
        said = clean_after(33)
        assert f"picture {unused.id}" in said.output, said.output
        assert [one.id for one in db.session.scalars(db.select(Picture))] == [used.id]
        assert {name.partition("-")[2][:16] for name in self.files()} == {used.key}

    def test_picture_that_is_shown_again_meanwhile_stays(
        self, staff: CheckedClient, clean_after: Callable[[int], Result]
    ) -> None:
        picture = add(staff)
        clean_after(2)
        make_topic(body=f"![x](picture:{picture.id})")
        clean_after(40)
        assert db.session.get(Picture, picture.id).unused_since is None
        assert len(self.files()) == 3
