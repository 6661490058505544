"""Who sees a webinar's page."""

from flask import Flask

from tests.factories import NOW, make_webinar
from tests.support.pages import CheckedClient


def test_draft_that_was_called_off_stays_hidden(app: Flask, client: CheckedClient) -> None:
    hidden = make_webinar(state="cancelled", published_at=None, cancel_reason="Not approved", cancelled_at=NOW)
    assert client.get(f"/webinars/{hidden.slug}").status_code == 404
    answer = client.post(f"/webinars/{hidden.slug}/register", data={"name": "Alice", "email": "alice@example.org"})
    assert answer.status_code == 404
    assert "Not approved" not in answer.text


def test_webinar_that_was_called_off_after_publishing_keeps_its_page(app: Flask, client: CheckedClient) -> None:
    called_off = make_webinar(state="cancelled", cancel_reason="The speaker is ill", cancelled_at=NOW)
    assert "The speaker is ill" in client.get(f"/webinars/{called_off.slug}").text
