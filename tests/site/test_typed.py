"""Staff see the public page as it would be with what they typed, in each language, before anything is saved."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.factories import make_registration, make_series, make_topic, make_webinar
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from webinars.accounts.drafts.models import Draft
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.schedule.models import NewsItem, Speaker, Webinar


@pytest.fixture
def webinar(app: Flask) -> Webinar:
    db.session.add(Speaker(name="Alice Ames"))
    db.session.commit()
    found = make_webinar(
        make_series(topic_id=make_topic(slug="fatigue").id), now=utc_now().replace(second=0, microsecond=0),
        translations={"es": {"title": "Cansancio"}},
    )  # fmt: skip
    make_registration(found)
    return found


def preview(editor: CheckedClient, path: str, kind: str, language: str = "", **fields: Any) -> BeautifulSoup:
    """Press "Preview" with something typed."""
    page = editor.page(path)
    button = page.find("button", attrs={"formaction": lambda action: action and f"/preview/{kind}" in action})
    assert button and button["formtarget"] == "_blank"
    form = button.find_parent("form")
    assert form
    answer = editor.post(language + str(button["formaction"]), data=form_data(form) | fields)
    assert answer.status_code == 200
    return parse(answer)


def test_webinar_is_shown_with_what_is_typed(editor: CheckedClient, webinar: Webinar) -> None:
    path = f"/staff/webinars/{webinar.slug}/edit"
    typed = {"title": "Tired, and then?", "description": "Bring **questions**.", "speakers-0": "1"}
    page = preview(editor, path, "webinars", **typed)
    assert page.h1 and text_of(page.h1) == "Tired, and then?" and page.find("strong", string="questions")
    assert "Alice Ames" in text_of(page) and "Nothing is saved" in text_of(page)
    public = editor.page(f"/webinars/{webinar.slug}")
    assert "Tired, and then?" not in text_of(public) and "Alice Ames" not in text_of(public)


def test_other_language_is_a_button_away_with_everything_typed(editor: CheckedClient, webinar: Webinar) -> None:
    page = preview(editor, f"/staff/webinars/{webinar.slug}/edit", "webinars", description="Bring **questions**.")
    form = find_form(page, "", "Español")
    spanish = form.find("button", attrs={"lang": "es"})
    assert spanish
    shown = parse(editor.post(str(spanish["formaction"]), data=form_data(form)))
    assert shown.h1 and text_of(shown.h1) == "Cansancio" and shown.find("strong", string="questions")


def test_texts_of_a_language_are_shown_in_it(editor: CheckedClient, webinar: Webinar) -> None:
    path = f"/staff/webinars/{webinar.slug}/texts/es"
    page = preview(editor, path, "webinars", "/es", title="Fatiga")
    assert page.h1 and text_of(page.h1) == "Fatiga"


def test_way_back_keeps_what_was_typed(editor: CheckedClient, webinar: Webinar) -> None:
    page = preview(editor, f"/staff/webinars/{webinar.slug}/edit", "webinars", summary="Half a")
    form = find_form(page, "", "Keep it for later")
    back = form.find("button", attrs={"formaction": "/staff/drafts"})
    assert back
    writing = parse(editor.post("/staff/drafts", data=form_data(form), follow_redirects=True))
    assert form_data(find_form(writing, "/edit", "Save"))["summary"] == "Half a"


@pytest.mark.parametrize(("kind", "path", "field"), [
    ("topics", "/staff/topics/fatigue/edit", "body"),
    ("topics", "/staff/topics/new", "body"),
    ("news", "/staff/news/news/edit", "body"),
    ("series", "/staff/series/side-effects/edit", "summary"),
    ("series", "/staff/series/new", "summary"),
])  # fmt: skip
def test_topics_news_and_series_too(editor: CheckedClient, webinar: Webinar, kind: str, path: str, field: str) -> None:
    topic_id = webinar.series.topic_id
    db.session.add(NewsItem(slug="news", title="News", body="Old.", topic_id=topic_id, published_on=utc_now().date()))
    db.session.commit()
    page = preview(editor, path, kind, title="A title", **{field: "What is typed."})
    assert page.h1 and text_of(page.h1) == "A title" and "What is typed." in text_of(page)


def test_new_webinar_is_shown_before_it_is_there(editor: CheckedClient, webinar: Webinar) -> None:
    day = f"{utc_now().year + 1}-06-03"
    typed = {"title": "Sleep", "series": webinar.series.slug, "start_date": day, "start_time": "13:00"}
    page = preview(editor, "/staff/webinars/new", "webinars", **typed)
    assert page.h1 and text_of(page.h1) == "Sleep"
    assert db.session.query(Webinar).count() == 1


def test_tick_for_as_the_series_shows_what_the_series_says(editor: CheckedClient, webinar: Webinar) -> None:
    webinar.series.access_text, webinar.access_text = "Captions in Welsh", "Sign language"
    db.session.commit()
    path = f"/staff/webinars/{webinar.slug}/edit"
    assert "Sign language" in text_of(preview(editor, path, "webinars"))
    page = preview(editor, path, "webinars", follows=["access_text"])
    assert "Captions in Welsh" in text_of(page) and "Sign language" not in text_of(page)
    day = f"{utc_now().year + 1}-06-03"
    typed = {"title": "Sleep", "series": webinar.series.slug, "start_date": day, "start_time": "13:00"}
    assert "Captions in Welsh" in text_of(preview(editor, "/staff/webinars/new", "webinars", **typed))


def test_what_would_not_be_saved_is_said(editor: CheckedClient, webinar: Webinar) -> None:
    path = f"/staff/webinars/{webinar.slug}/edit"
    data = form_data(find_form(editor.page(path), path, "Save")) | {"title": ""}
    answer = editor.post(f"/staff/preview/webinars/{webinar.slug}", data=data)
    assert answer.status_code == 422


def test_nothing_is_written(editor: CheckedClient, webinar: Webinar) -> None:
    before = db.session.execute(db.text("select count(*) from audit_entries")).scalar()
    preview(editor, f"/staff/webinars/{webinar.slug}/edit", "webinars", title="Typed", **{"speakers-0": "1"})
    db.session.expire_all()
    assert db.session.execute(db.text("select count(*) from audit_entries")).scalar() == before
    assert webinar.title != "Typed" and webinar.speakers == [] and db.session.query(Draft).count() == 0


def test_page_fetched_anew_leads_back_to_the_form(editor: CheckedClient, webinar: Webinar) -> None:
    answer = editor.get(f"/staff/preview/webinars/{webinar.slug}")
    assert answer.location == f"/staff/webinars/{webinar.slug}/edit"
    assert editor.get("/staff/preview/others").status_code == 404
