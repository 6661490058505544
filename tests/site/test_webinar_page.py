"""Who sees a webinar's page, and what stands beside it."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories import NOW, make_series, make_video, make_webinar
from tests.support.pages import CheckedClient, parse, text_of
from webinars.core.clock import utc_now


def test_draft_that_was_called_off_stays_hidden(app: Flask, client: CheckedClient) -> None:
    hidden = make_webinar(state="cancelled", published_at=None, cancel_reason="Not approved", cancelled_at=NOW)
    assert client.get(f"/webinars/{hidden.slug}").status_code == 404
    answer = client.post(f"/webinars/{hidden.slug}/register", data={"name": "Alice", "email": "alice@example.org"})
    assert answer.status_code == 404
    assert "Not approved" not in answer.text


def test_webinar_that_was_called_off_after_publishing_keeps_its_page(app: Flask, client: CheckedClient) -> None:
    called_off = make_webinar(state="cancelled", cancel_reason="The speaker is ill", cancelled_at=NOW)
    assert "The speaker is ill" in client.get(f"/webinars/{called_off.slug}").text


@pytest.mark.parametrize("state", ["cancelled", "recorded"])
def test_page_without_a_form_shows_what_comes_next_in_the_series(app: Flask, client: CheckedClient, state: str) -> None:
    now = utc_now()
    if state == "recorded":
        shown = make_webinar(now=now, starts_in=timedelta(days=-2))
        make_video(shown, title="All about it")
    else:
        shown = make_webinar(now=now, state="cancelled", cancel_reason="The speaker is ill", cancelled_at=now)
    path = f"/webinars/{shown.slug}"
    assert "No webinar is announced at the moment" in _beside(client, path)
    elsewhere = make_series(title="Clinical Trials")
    make_webinar(elsewhere, now=now, title="In another series")
    assert "In another series" in _beside(client, path)
    make_webinar(shown.series, now=now, title="Next in this series")
    assert "Next in this series" in _beside(client, path) and "In another series" not in _beside(client, path)
    assert ("All about it" in _beside(client, path)) == (state == "recorded")


def test_page_with_a_form_leads_nowhere_else(app: Flask, client: CheckedClient) -> None:
    shown, other = make_webinar(now=utc_now()), make_webinar(now=utc_now(), title="Another one")
    assert other.title not in client.get(f"/webinars/{shown.slug}").text


@pytest.mark.parametrize(
    ("webinar", "words"),
    [
        ({}, "Save my place"),
        ({"capacity": 1, "confirmed_count": 1}, "Join the waiting list"),
        ({"capacity": 1, "confirmed_count": 1, "waiting_list": False}, "Get the recording"),
    ],
)
def test_home_promises_no_more_than_the_form_gives(
    app: Flask, client: CheckedClient, webinar: dict[str, object], words: str
) -> None:
    shown = make_webinar(now=utc_now(), **webinar)
    button = parse(client.get("/")).select_one("main .feature a.btn")
    assert text_of(button) == words
    assert words in client.get(f"/webinars/{shown.slug}").text


def _beside(client: CheckedClient, path: str) -> str:
    return parse(client.get(path)).select_one("main aside").get_text()


def test_words_in_another_language_than_the_pages_are_marked_and_announced(app: Flask, client: CheckedClient) -> None:
    webinar = make_webinar(now=utc_now(), language="es", title="Preguntas y respuestas")
    video = make_video(language="es", title="Primeras señales")
    for path, title in ((f"/webinars/{webinar.slug}", webinar.title), (f"/videos/{video.slug}", video.title)):
        english, spanish = client.page(path), client.page(f"/es{path}")
        assert english.h1 is not None and english.h1.get("lang") == "es" and english.h1.get_text() == title
        assert "In Spanish" in text_of(english)
        assert spanish.h1 is not None and "lang" not in spanish.h1.attrs
    home = client.page("/")
    assert {link.get_text(strip=True) for link in home.select("main a[lang=es]")} == {webinar.title, video.title}


def test_card_of_a_full_webinar_offers_what_can_be_had(app: Flask, client: CheckedClient) -> None:
    now = utc_now()
    make_webinar(now=now, title="Next")
    make_webinar(now=now, title="Waiting", capacity=5, confirmed_count=5, waiting_list=True)
    make_webinar(now=now, title="Full", capacity=5, confirmed_count=5, waiting_list=False)
    cards = {str(card.h3.get_text(strip=True)): text_of(card) for card in client.page("/").select("article.item")}
    assert "Join the waiting list" in cards["Waiting"] and "Get the recording" in cards["Full"]
