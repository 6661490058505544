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
from webinars.schedule.rules import FOLLOWED


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


@pytest.fixture
def follower(app: Flask) -> Webinar:
    """A webinar that has everything as its series says."""
    make_series(capacity=90, duration_minutes=75)
    return make_webinar(
        follows=list(FOLLOWED), capacity=90, duration_minutes=75, now=utc_now().replace(second=0, microsecond=0)
    )


def test_own_value_of_one_and_that_of_the_other_both_stay(editor, other, follower) -> None:
    seen = both_save(editor, other, path_of(follower), {"capacity": "40"}, {"access_text": "Captions"})
    editor.submit(seen, path_of(follower), "Save")
    after = reload(follower)
    assert (after.capacity, after.access_text) == (40, "Captions")
    assert set(FOLLOWED) - set(after.follows) == {"capacity", "access_text"}


def test_other_value_that_follows_no_more_stays_when_one_ticks_another(editor, other, follower) -> None:
    other.submit(other.page(path_of(follower)), path_of(follower), "Save", access_text="Captions")
    ticks = [name for name in FOLLOWED if name != "access_text"]
    seen = both_save(
        editor, other, path_of(follower), {"capacity": "40"}, {"follows": [*ticks, "access_text"], "access_text": ""}
    )
    assert "in the form below already: Places." in text_of(seen.select_one(".meanwhile"))
    editor.submit(seen, path_of(follower), "Save")
    after = reload(follower)
    assert (after.capacity, after.access_text) == (40, "")
    assert set(FOLLOWED) - set(after.follows) == {"capacity"}


@pytest.mark.parametrize(("choice", "kept"), [("theirs", 40), ("mine", 30)])
def test_value_that_both_made_their_own_is_one_question(editor, other, follower, choice: str, kept: int) -> None:
    seen = both_save(editor, other, path_of(follower), {"capacity": "40"}, {"capacity": "30"})
    assert [text_of(one) for one in seen.select(".both legend")] == ["Places"]
    assert "As the series: 90" in text_of(seen.select_one("#keep-capacity-mine-words del"))
    editor.submit(seen, path_of(follower), "Save", **{"keep-capacity": choice})
    after = reload(follower)
    assert after.capacity == kept and "capacity" not in after.follows


def test_value_that_was_made_own_while_the_series_changed_is_asked_about(editor, other, follower) -> None:
    page = editor.page(path_of(follower))
    asked = other.submit(other.page("/staff/series/side-effects/edit"), "", "Save", capacity="100")
    other.submit(asked, "", "Save, and change them", confirm="1")
    seen = parse(editor.submit(page, path_of(follower), "Save", capacity="30"))
    editor.submit(seen, path_of(follower), "Save", **{"keep-capacity": "theirs"})
    after = reload(follower)
    assert after.capacity == 100 and "capacity" in after.follows


@pytest.mark.parametrize("sent", ["5", "[]", "[1]", '["x", "y"]', "null"])
def test_value_of_the_series_may_come_back_as_anything(editor, other, follower, sent: str) -> None:
    changed = {"summary": "Mine.", "capacity": "30", "base": f'{{"capacity": {sent}}}'}
    seen = both_save(editor, other, path_of(follower), {"capacity": "40"}, changed)
    answer = editor.submit(seen, path_of(follower), "Save", **{"base": changed["base"], "keep-capacity": "theirs"})
    assert answer.status_code in {200, 422}


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
