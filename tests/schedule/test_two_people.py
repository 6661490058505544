"""Two members of the staff have the same form open, as browsers without scripts show it."""

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.factories import make_series, make_topic, make_video, make_webinar
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.schedule import queries
from webinars.schedule.models import NewsItem, Speaker, Webinar


@pytest.fixture
def other(app: Flask) -> CheckedClient:
    """Somebody else of the staff, in a browser of their own."""
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    return sign_in(client, email="ana@harbor.example")


@pytest.fixture
def webinar(app: Flask) -> Webinar:
    speakers = [Speaker(name="Alice Ames"), Speaker(name="Bob Berg")]
    db.session.add_all(speakers)
    db.session.commit()
    return make_webinar(now=utc_now().replace(second=0, microsecond=0), description="One two three four.")


def path_of(webinar: Webinar) -> str:
    return f"/staff/webinars/{webinar.slug}/edit"


def both_save(
    editor: CheckedClient, other: CheckedClient, path: str, theirs: dict[str, Any], mine: dict[str, Any]
) -> BeautifulSoup:
    """Let both open a form, the other save first; gives what the second one sees."""
    page = editor.page(path)
    assert other.submit(other.page(path), path, "Save", **theirs).status_code == 200
    answer = editor.submit(page, path, "Save", **mine)
    assert answer.status_code == 409
    return parse(answer)


def reload(webinar: Webinar) -> Webinar:
    db.session.expire_all()
    return queries.get_webinar(webinar.slug)


def test_changes_of_both_stay_when_they_changed_different_fields(editor, other, webinar) -> None:
    seen = both_save(editor, other, path_of(webinar), {"summary": "Theirs."}, {"description": "Mine."})
    told = text_of(seen.select_one(".meanwhile"))
    assert "ana@harbor.example saved at" in told and "in the form below already: Summary." in told
    assert not seen.select(".both"), "nothing is asked"
    editor.submit(seen, path_of(webinar), "Save")
    after = reload(webinar)
    assert (after.summary, after.description) == ("Theirs.", "Mine.")


def test_field_that_both_changed_is_shown_side_by_side_with_what_each_did(editor, other, webinar) -> None:
    mine, theirs = {"description": "One two five four."}, {"description": "One two three six."}
    seen = both_save(editor, other, path_of(webinar), theirs, mine)
    columns = seen.select(".both .letter-text")
    assert [text_of(one) for one in columns[0].select("del, ins")] == ["four.", "six."]
    assert [text_of(one) for one in columns[1].select("del, ins")] == ["three", "five"]
    assert form_data(find_form(seen, "/edit", "Save"))["description"] == "One two five four.", "what was typed is here"


@pytest.mark.parametrize(("choice", "kept"), [("theirs", "Theirs."), ("mine", "Mine.")])
def test_one_of_the_two_is_chosen(editor, other, webinar, choice: str, kept: str) -> None:
    seen = both_save(editor, other, path_of(webinar), {"summary": "Theirs."}, {"summary": "Mine."})
    assert reload(webinar).summary == "Theirs.", "nothing is saved before"
    editor.submit(seen, path_of(webinar), "Save", **{"keep-summary": choice})
    assert reload(webinar).summary == kept


def test_nothing_is_overwritten_before_a_choice(editor, other, webinar) -> None:
    seen = both_save(editor, other, path_of(webinar), {"summary": "Theirs."}, {"summary": "Mine."})
    again = editor.submit(seen, path_of(webinar), "Save")
    assert again.status_code == 422 and "Choose whose words to keep: Summary." in text_of(parse(again))
    assert reload(webinar).summary == "Theirs."
    editor.submit(again, path_of(webinar), "Save", **{"keep-summary": "mine", "summary": "Both."})
    assert reload(webinar).summary == "Both.", "the field may be changed to hold both"


def test_third_one_who_saves_meanwhile_is_asked_about_too(editor, other, webinar) -> None:
    seen = both_save(editor, other, path_of(webinar), {"summary": "Theirs."}, {"summary": "Mine."})
    other.submit(other.page(path_of(webinar)), path_of(webinar), "Save", summary="Once more.")
    answer = editor.submit(seen, path_of(webinar), "Save", **{"keep-summary": "mine"})
    assert answer.status_code == 409
    assert "Once more." in text_of(parse(answer).select_one("#keep-summary-theirs-words"))


def test_choices_are_named_by_their_words(editor, other, webinar) -> None:
    alice, bob = (str(one.id) for one in queries.list_speakers())
    seen = both_save(editor, other, path_of(webinar), {"speakers-0": alice}, {"speakers-0": bob})
    assert "Alice Ames" in text_of(seen.select_one("#keep-speakers-theirs-words"))
    editor.submit(seen, path_of(webinar), "Save", **{"keep-speakers": "theirs"})
    assert [one.name for one in reload(webinar).speakers] == ["Alice Ames"]


def test_box_that_only_they_unticked_is_unticked(editor, other, webinar) -> None:
    seen = both_save(editor, other, path_of(webinar), {"recorded": None}, {"summary": "Mine."})
    editor.submit(seen, path_of(webinar), "Save")
    assert (reload(webinar).recorded, reload(webinar).summary) == (False, "Mine.")


@pytest.mark.parametrize("kind", ["series", "topics", "news", "speakers", "videos", "texts"])
def test_everything_with_words_asks(editor, other, webinar, kind: str) -> None:
    topic, video = make_topic(), make_video(webinar)
    item = NewsItem(slug="news", title="News", body="Old.", topic_id=topic.id, published_on=utc_now().date())
    db.session.add(item)
    db.session.commit()
    path, field = {
        "series": (f"/staff/series/{make_series(slug='rest').slug}/edit", "summary"),
        "topics": (f"/staff/topics/{topic.slug}/edit", "body"),
        "news": ("/staff/news/news/edit", "body"),
        "speakers": (f"/staff/speakers/{queries.list_speakers()[0].id}/edit", "bio"),
        "videos": (f"/staff/videos/{video.slug}/edit", "description"),
        "texts": (f"/staff/webinars/{webinar.slug}/texts/es", "summary"),
    }[kind]
    seen = both_save(editor, other, path, {field: "Theirs."}, {field: "Mine."})
    assert len(seen.select(".both")) == 1
    assert "ana@harbor.example saved at" in text_of(seen.select_one(".meanwhile"))
    assert editor.submit(seen, path, "Save", **{f"keep-{field}": "mine"}).status_code == 200
    assert form_data(find_form(editor.page(path), path, "Save"))[field] == "Mine."


def test_words_of_letters_ask_too(editor, other, webinar) -> None:
    path = f"/staff/series/{webinar.series.slug}/letters/reminder"
    page = editor.page(path)
    other.submit(other.page(path), path, "Save", subject_en="Theirs")
    answer = editor.submit(page, path, "Save", subject_en="Mine")
    assert answer.status_code == 409 and len(parse(answer).select(".both")) == 1


@pytest.mark.parametrize("sent", ["", "{", "[]", "null", json.dumps({"title": ["x"]})])
def test_what_it_was_filled_from_may_come_back_as_anything(editor, other, webinar, sent: str) -> None:
    seen = both_save(editor, other, path_of(webinar), {"summary": "Theirs."}, {"summary": "Mine.", "base": sent})
    assert form_data(find_form(seen, "/edit", "Save"))["summary"] == "Mine."
    assert editor.submit(seen, path_of(webinar), "Save", meanwhile=sent, base=sent).status_code == 200
