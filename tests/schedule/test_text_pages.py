"""Staff write the texts of a webinar, series, topic or news item in a further language."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.factories import make_registration, make_series, make_topic, make_webinar
from tests.support.pages import CheckedClient, parse, text_of
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.schedule.models import NewsItem, Webinar


def published(**fields: Any) -> Webinar:
    return make_webinar(now=utc_now().replace(second=0, microsecond=0), **fields)


def write(editor: CheckedClient, kind: str, slug: str, **texts: str) -> BeautifulSoup:
    path = f"/staff/{kind}/{slug}/texts/es"
    return parse(editor.submit(editor.page(path), "/texts/es", "Save", **texts))


def test_webinar_is_read_in_both_languages(editor: CheckedClient) -> None:
    found = published(description="Bring **questions**.")
    own = editor.page(f"/staff/webinars/{found.slug}")
    assert own.find("a", href=f"/staff/webinars/{found.slug}/texts/es")
    page = editor.page(f"/staff/webinars/{found.slug}/texts/es")
    assert found.title in text_of(page) and "Bring **questions**." in text_of(page), "the main text stands beside"
    saved = write(editor, "webinars", found.slug, title="Efectos secundarios", description="Traiga **preguntas**.")
    assert saved.find("a", href=f"/es/staff/webinars/{found.slug}/preview", string="Preview in Spanish")
    spanish, english = editor.page(f"/es/webinars/{found.slug}"), editor.page(f"/webinars/{found.slug}")
    assert spanish.h1 and text_of(spanish.h1) == "Efectos secundarios" and not spanish.h1.has_attr("lang")
    assert spanish.find("strong", string="preguntas")
    summary = spanish.find("p", class_="lead")
    assert summary and summary["lang"] == "en" and text_of(summary) == found.summary, "what is missing is the main text"
    assert english.h1 and text_of(english.h1) == found.title
    assert "in Spanish" not in text_of(english).casefold(), "what is spoken stays the same"


def test_texts_are_removed_again(editor: CheckedClient) -> None:
    found = published(translations={"es": {"title": "Efectos secundarios"}})
    page = editor.page(f"/staff/webinars/{found.slug}/texts/es")
    answer = editor.submit(page, "/texts/es/remove", "Remove them")
    assert answer.request.path == f"/staff/webinars/{found.slug}"
    db.session.expire_all()
    assert found.translations == {}


@pytest.mark.parametrize(("kind", "field", "text"), [
    ("series", "title", "Efectos"), ("topics", "body", "Así actúa."), ("news", "body", "Hay novedades."),
])  # fmt: skip
def test_series_topics_and_news_have_texts_too(editor: CheckedClient, kind: str, field: str, text: str) -> None:
    topic = make_topic()
    series = make_series(topic_id=topic.id)
    news = NewsItem(slug="news", title="News", body="Old.", topic_id=topic.id, published_on=utc_now().date())
    db.session.add(news)
    db.session.commit()
    thing = {"series": series, "topics": topic, "news": news}[kind]
    assert editor.page(f"/staff/{kind}/{thing.slug}/edit").find("a", href=f"/staff/{kind}/{thing.slug}/texts/es")
    write(editor, kind, thing.slug, **{field: text})
    public = f"/{kind}/{thing.slug}"
    assert text in text_of(editor.page(f"/es{public}"))
    assert text not in text_of(editor.page(public))


def test_what_was_typed_stays_when_a_text_is_too_long(editor: CheckedClient) -> None:
    found = published()
    path = f"/staff/webinars/{found.slug}/texts/es"
    answer = editor.submit(editor.page(path), "/texts/es", "Save", title="x" * 201, summary="Qué \x00 esperar.")
    assert answer.status_code == 422
    page = parse(answer)
    title = page.find("input", attrs={"name": "title"})
    assert title and title["value"] == "x" * 201 and "200" in text_of(page.select_one("#title-error"))


def test_two_people_do_not_overwrite_each_other(editor: CheckedClient) -> None:
    found = published()
    page = editor.page(f"/staff/webinars/{found.slug}/texts/es")
    write(editor, "webinars", found.slug, title="Efectos")
    answer = editor.submit(page, "/texts/es", "Save", title="Otros")
    assert answer.status_code == 409
    asked = parse(answer)
    assert "Efectos" in text_of(asked.select_one("#keep-title-theirs-words"))
    editor.submit(asked, "/texts/es", "Save", **{"keep-title": "mine"})
    db.session.expire_all()
    assert found.translations == {"es": {"title": "Otros"}}


@pytest.mark.parametrize("language", ["en", "fr", "xx", "es-MX"])
def test_no_page_for_the_main_or_an_unknown_language(editor: CheckedClient, language: str) -> None:
    found = published()
    editor.page(f"/staff/webinars/{found.slug}/texts/{language}", 404)


def test_webinar_spoken_in_spanish_gets_english_texts(editor: CheckedClient) -> None:
    found = published(title="Efectos", language="es")
    page = editor.page(f"/staff/webinars/{found.slug}/texts/en")
    editor.submit(page, "/texts/en", "Save", title="Side effects")
    english = editor.page(f"/webinars/{found.slug}")
    assert english.h1 and text_of(english.h1) == "Side effects" and "In Spanish" in text_of(english)
    spanish = editor.page(f"/es/webinars/{found.slug}")
    assert spanish.h1 and text_of(spanish.h1) == "Efectos"


def test_reason_is_given_in_each_language(editor: CheckedClient) -> None:
    found = published()
    page = editor.page(f"/staff/webinars/{found.slug}/cancel")
    editor.submit(page, "/cancel", "Cancel this webinar", reason="The speaker is ill.", reason_es="Está enferma.")
    assert "Está enferma." in text_of(editor.page(f"/es/webinars/{found.slug}"))
    english = editor.page(f"/webinars/{found.slug}")
    assert "The speaker is ill." in text_of(english) and "enferma" not in text_of(english)


def test_too_long_reason_in_the_other_language_is_said_beside_it(editor: CheckedClient) -> None:
    found = published()
    page = editor.page(f"/staff/webinars/{found.slug}/cancel")
    answer = editor.submit(page, "/cancel", "Cancel", reason="Ill.", reason_es="x" * 1001)
    assert answer.status_code == 422 and parse(answer).select_one("#reason_es-error")
    db.session.expire_all()
    assert found.state == "published"


def test_trail_names_text_and_language(editor: CheckedClient, app: Flask) -> None:
    found = published()
    make_registration(found)
    write(editor, "webinars", found.slug, title="Efectos")
    entry = db.session.query(AuditEntry).filter_by(action="webinar edited").one()
    assert entry.after and entry.after["title (es)"] == "Efectos" and entry.before and entry.before["title (es)"] == ""
    owner = sign_in(app.test_client(), "owner")
    assert "Title (Spanish)" in text_of(owner.page("/staff/audit"))


def test_viewer_may_not_write_texts(client: CheckedClient) -> None:
    found = published()
    viewer = sign_in(client, "viewer")
    viewer.page(f"/staff/webinars/{found.slug}/texts/es", 403)
