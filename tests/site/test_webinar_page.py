"""Who sees a webinar's page, and what stands beside it."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories import NOW, make_series, make_video, make_webinar
from tests.support.pages import CheckedClient, parse
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


def _beside(client: CheckedClient, path: str) -> str:
    return parse(client.get(path)).select_one("main aside").get_text()
