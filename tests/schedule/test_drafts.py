"""What is typed and not saved is kept for whoever typed it, and changes nothing that people read."""

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import make_series, make_topic, make_video, make_webinar
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from tests.support.staff import PASSWORD, sign_in
from webinars.accounts.drafts import service
from webinars.accounts.drafts.models import Draft
from webinars.accounts.models import StaffSession, User
from webinars.accounts.service import SESSION_LIFE
from webinars.archive import extras
from webinars.archive.models import Video
from webinars.archive.service import edit_video
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.schedule import service as schedule
from webinars.schedule.models import Series, Topic, Webinar
from webinars.schedule.rules import FOLLOWED
from webinars.site.retention import enforce

PATH = "/staff/topics/fatigue/edit"
FROM_HERE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def topic(editor: CheckedClient) -> Topic:
    return make_topic(slug="fatigue", title="Fatigue", body="Old.")


def typed(page: BeautifulSoup, **fields: Any) -> dict[str, Any]:
    return form_data(find_form(page, PATH, "Save")) | fields


def keep(client: CheckedClient, page: BeautifulSoup, **fields: Any) -> TestResponse:
    """Press "Keep for later"."""
    answer = client.post("/staff/drafts", data=typed(page, **fields), follow_redirects=True)
    assert answer.status_code == 200
    return answer


def body(page: BeautifulSoup) -> str:
    return str(form_data(find_form(page, PATH, "Save"))["body"])


def drafts() -> list[Draft]:
    db.session.expire_all()
    return list(db.session.scalars(db.select(Draft)))


def test_draft_is_kept_and_people_read_what_was_saved(editor: CheckedClient, topic: Topic) -> None:
    kept = keep(editor, editor.page(PATH), body="New.")
    assert "Kept for later at" in text_of(parse(kept)) and body(editor.page(PATH + "?draft=go")) == "New."
    assert "Old." in text_of(editor.page("/topics/fatigue"))


def test_who_comes_back_is_asked_and_goes_on(editor: CheckedClient, topic: Topic) -> None:
    keep(editor, editor.page(PATH), body="New.")
    page = editor.page(PATH)
    assert body(page) == "Old." and "You began to change this on" in text_of(page)
    link = page.select_one("main a[href$='?draft=go']")
    assert link and text_of(link) == "Go on with it"
    going_on = editor.page(str(link["href"]))
    assert body(going_on) == "New." and "This is your draft of" in text_of(going_on)
    editor.submit(going_on, PATH, "Save")
    assert "New." in text_of(editor.page("/topics/fatigue"))
    assert drafts() == [], "saved is saved"


def test_draft_is_thrown_away(editor: CheckedClient, topic: Topic) -> None:
    keep(editor, editor.page(PATH), body="New.")
    page = parse(editor.submit(editor.page(PATH), "/throw-away"))
    assert body(page) == "Old." and "You began" not in text_of(page) and drafts() == []


def test_script_gets_a_word_and_the_last_typing_counts(editor: CheckedClient, topic: Topic) -> None:
    page = editor.page(PATH)
    for text in ("N", "New."):
        answer = editor.post("/staff/drafts", data=typed(page, body=text), headers={"HX-Request": "true"})
        assert answer.text.startswith("Kept for later at")
    assert len(drafts()) == 1 and body(editor.page(PATH + "?draft=go")) == "New."


def test_draft_is_of_one_person(app: Flask, editor: CheckedClient, topic: Topic) -> None:
    keep(editor, editor.page(PATH), body="New.")
    other = app.test_client()
    assert isinstance(other, CheckedClient)
    sign_in(other, email="ana@harbor.example")
    assert "You began" not in text_of(other.page(PATH)) and body(other.page(PATH + "?draft=go")) == "Old."


def test_draft_of_something_new(editor: CheckedClient) -> None:
    page = editor.page("/staff/webinars/new")
    data = form_data(find_form(page, "/new", "Save the draft")) | {"title": "Half a"}
    editor.post("/staff/drafts", data=data)
    going_on = editor.page("/staff/webinars/new?draft=go")
    assert form_data(find_form(going_on, "/new", "Save the draft"))["title"] == "Half a"


@pytest.mark.parametrize(("path", "field"), [
    ("/staff/webinars/new?series=side-effects", "series"), ("/staff/videos/new?webinar=fatigue", "webinar"),
])  # fmt: skip
def test_draft_of_something_new_keeps_what_came_from_the_address(editor: CheckedClient, path: str, field: str) -> None:
    make_webinar(make_series(capacity=40, duration_minutes=75), slug="fatigue")
    began = form_data(editor.page(path).select_one("main form"))
    editor.post("/staff/drafts", data=began | {"title": "Half a"})
    going_on = editor.page(path.partition("?")[0] + "?draft=go")
    now = form_data(find_form(going_on, "/new", "Save"))
    assert began[field] and now == began | {"title": "Half a", "csrf_token": now["csrf_token"]}
    assert "Somebody else" not in text_of(going_on)


def test_new_webinar_that_is_gone_on_with_follows_the_series_it_began_with(editor: CheckedClient) -> None:
    make_series(capacity=40, duration_minutes=75)
    form = find_form(editor.page("/staff/webinars/new?series=side-effects"), "/new", "Save the draft")
    editor.post("/staff/drafts", data=form_data(form) | {"title": "Half a", "capacity": "12"})
    day = f"{utc_now().year + 1}-06-03"
    going_on = editor.page("/staff/webinars/new?draft=go")
    editor.submit(going_on, "/new", "Save the draft", start_date=day, start_time="13:00")
    made = db.session.query(Webinar).one()
    assert (made.duration_minutes, made.capacity) == (75, 12)
    assert set(FOLLOWED) - set(made.follows) == {"capacity"}


@pytest.mark.parametrize("path", ["/staff/series/side-effects/letters/reminder", "/staff/videos/fatigue/answers/1"])
def test_words_of_letters_and_written_answers_are_kept_too(editor: CheckedClient, path: str) -> None:
    make_series()
    with transaction():
        words = {"question": "How long?", "answer": "Weeks.", "answered_by": "Dr Okafor", "at": ""}
        extras.write_answer(make_video(slug="fatigue"), words, utc_now())
    field = "subject_en" if "letters" in path else "answer"
    form = find_form(editor.page(path), path, "Save")
    editor.post("/staff/drafts", data=form_data(form) | {field: "Half a"})
    going_on = editor.page(path + "?draft=go")
    assert form_data(find_form(going_on, path, "Save"))[field] == "Half a"
    editor.submit(going_on, path, "Save")
    assert drafts() == [] and "Half a" in editor.get(path).text


@pytest.mark.parametrize("path", ["/staff/webinars/fatigue/move", "/staff/videos/fatigue/standing"])
def test_form_without_drafts_promises_none(editor: CheckedClient, path: str) -> None:
    make_video(make_webinar(slug="fatigue", now=utc_now()), slug="fatigue")
    page = editor.page(path)
    data = form_data(find_form(page, path, "Continue" if "move" in path else "Save the review"))
    assert "place" not in data
    end_sign_ins()
    assert "what you typed is here" not in editor.post(path, data=data, follow_redirects=True).text
    assert drafts() == []


@pytest.mark.parametrize(("model", "place", "edit"), [
    (Topic, "topics", schedule.edit_topic), (Series, "series", schedule.edit_series),
    (Webinar, "webinars", schedule.edit_webinar), (Video, "videos", edit_video),
])  # fmt: skip
def test_draft_follows_its_thing_to_another_address(editor: CheckedClient, model: Any, place: str, edit: Any) -> None:
    make_topic(slug="fatigue")
    make_video(
        make_webinar(make_series(slug="fatigue"), slug="fatigue", state="draft", published_at=None), slug="fatigue"
    )
    for slug in ("fatigue", "tired"):
        keep_some(f"/staff/{place}/{slug}/edit", slug)
    keep_some(f"/staff/{place}/fatigue-2/edit", "another")
    with transaction():
        edit(db.session.query(model).filter_by(slug="fatigue").one(), {"slug": "tired"}, utc_now())
    found = {one.place: one.fields for one in drafts()}
    assert found == {
        f"/staff/{place}/tired/edit": [["title", "fatigue"]], f"/staff/{place}/fatigue-2/edit": [["title", "another"]],
    }  # fmt: skip


def test_next_thing_at_an_address_is_shown_no_draft_of_the_one_that_was_deleted(editor: CheckedClient) -> None:
    make_webinar(make_series(), slug="fatigue", title="Fatigue", state="draft", published_at=None)
    path = "/staff/webinars/fatigue/edit"
    for place in (path, "/staff/webinars/fatigue/texts/es", "/staff/webinars/fatigue-2/edit"):
        keep_some(place, "Old")
    editor.submit(editor.page("/staff/webinars/fatigue/delete"), "/delete", button="Delete it")
    assert [one.place for one in drafts()] == ["/staff/webinars/fatigue-2/edit"]
    make_webinar(db.session.query(Series).one(), slug="fatigue", title="Fatigue", state="draft", published_at=None)
    assert "You began" not in text_of(editor.page(path))


def keep_some(place: str, title: str) -> None:
    with transaction():
        service.keep(db.session.query(User).one().id, place, [("title", title)], utc_now())


def test_own_draft_goes_when_the_address_changes_with_what_is_saved(editor: CheckedClient) -> None:
    make_webinar(slug="fatigue", state="draft", published_at=None, now=utc_now().replace(second=0, microsecond=0))
    path = "/staff/webinars/fatigue/edit"
    form = find_form(editor.page(path), path, "Save")
    editor.post("/staff/drafts", data=form_data(form) | {"summary": "Half a"})
    editor.submit(editor.page(path + "?draft=go"), path, "Save", slug="tired")
    assert drafts() == [] and db.session.query(Webinar.slug, Webinar.summary).one() == ("tired", "Half a")


def test_somebody_saved_meanwhile_so_both_are_shown(editor: CheckedClient, topic: Topic) -> None:
    page = editor.page(PATH)
    keep(editor, page, body="Mine.")
    editor.submit(page, PATH, "Save", body="Theirs.", summary="Also theirs.")
    keep(editor, page, body="Mine.")
    going_on = editor.page(PATH + "?draft=go")
    assert body(going_on) == "Mine." and "Theirs." in text_of(going_on.select_one("#keep-body-theirs-words"))
    assert form_data(find_form(going_on, PATH, "Save"))["summary"] == "Also theirs."
    editor.submit(going_on, PATH, "Save", **{"keep-body": "mine"})
    assert "Mine." in text_of(editor.page("/topics/fatigue"))


def end_sign_ins() -> None:
    with transaction() as session:
        over = utc_now() - timedelta(hours=1)
        session.execute(db.update(StaffSession).values(started_at=over - SESSION_LIFE, ends_at=over))


def sign_in_again(client: CheckedClient, page: TestResponse | BeautifulSoup) -> BeautifulSoup:
    return parse(client.submit(page, "sign-in", email="editor@harbor.example", password=PASSWORD))


def test_sign_in_ran_out_while_typing_and_nothing_is_lost(editor: CheckedClient, topic: Topic) -> None:
    page = editor.page(PATH)
    end_sign_ins()
    answer = editor.submit(page, PATH, "Save", body="New.")
    assert "Sign in, and what you typed is here." in text_of(parse(answer))
    assert topic.body == "Old."
    # The library asks for the page wanted by the address, not by the form.
    sign_in_again(editor, editor.page("/staff/sign-in"))
    going_on = editor.page(PATH + "?draft=go")
    assert body(going_on) == "New."
    editor.submit(going_on, PATH, "Save")
    assert "New." in text_of(editor.page("/topics/fatigue"))


def test_signed_in_again_on_another_page_so_the_old_one_shows_itself_again(editor: CheckedClient, topic: Topic) -> None:
    page = editor.page(PATH)
    end_sign_ins()
    sign_in_again(editor, editor.page("/staff/sign-in"))
    answer = editor.post(PATH, data=typed(page, body="New."), headers=FROM_HERE, follow_redirects=True)
    again = parse(answer)
    assert body(again) == "New." and "please send it once more" in text_of(again)
    editor.submit(again, PATH, "Save")
    assert "New." in text_of(editor.page("/topics/fatigue"))


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"},
                                     {**FROM_HERE, "Sec-Fetch-Site": "cross-site"}])  # fmt: skip
def test_page_of_another_site_writes_no_draft(editor: CheckedClient, topic: Topic, headers: dict[str, str]) -> None:
    data = typed(editor.page(PATH), body="Planted.") | {"csrf_token": "x"}
    for path in (PATH, "/staff/drafts"):
        assert editor.post(path, data=data, headers=headers).status_code in {400, 403}
    assert drafts() == []


def test_nobody_who_was_let_go_leaves_a_draft(editor: CheckedClient, topic: Topic) -> None:
    page = editor.page(PATH)
    end_sign_ins()
    with transaction() as session:
        session.execute(db.update(User).values(active=False))
    editor.submit(page, PATH, "Save", body="New.")
    assert drafts() == []


@pytest.mark.parametrize("place", ["", "/", "/topics", "//evil.example/", "/staff/nothing", "/staff/" + "x" * 400,
                                   "https://evil.example/staff/", "/staff/drafts"])  # fmt: skip
def test_draft_belongs_to_a_page_of_the_staff(editor: CheckedClient, topic: Topic, place: str) -> None:
    answer = editor.post("/staff/drafts", data=typed(editor.page(PATH), place=place))
    assert answer.status_code == 404 and drafts() == []


def test_drafts_are_forgotten_and_nobody_has_too_many(editor: CheckedClient, topic: Topic) -> None:
    keep(editor, editor.page(PATH), body="New.")
    user_id, now = drafts()[0].user_id, utc_now()
    with transaction():
        for number in range(service.MOST_DRAFTS):
            service.keep(user_id, f"/staff/topics/{number}/edit", [("body", "x")], now + timedelta(seconds=number))
    assert len(drafts()) == service.MOST_DRAFTS and PATH not in {one.place for one in drafts()}, "the oldest goes"
    with transaction():
        enforce(now + timedelta(days=service.DRAFT_DAYS, hours=1))
    assert drafts() == []
