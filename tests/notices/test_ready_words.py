"""Ready words for letters in a hurry: in each language, in the form, and still to be looked at before they go out."""

import pytest

from tests.factories import make_registration, make_series, make_webinar
from tests.support.pages import parse, text_of
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.notices.models import Announcement
from webinars.notices.ready_words import READY

NEW = "/staff/webinars/{}/announcements/new"


@pytest.fixture
def webinar(app):
    return make_webinar(make_series(), now=utc_now())


@pytest.mark.parametrize("key", READY)
def test_ready_words_fill_the_form_in_each_language_and_can_be_sent_as_they_are(editor, webinar, key):
    make_registration(webinar, now=utc_now())
    page = editor.page(NEW.format(webinar.slug) + f"?ready={key}")
    assert text_of(page.select_one(".choices [aria-current]")) == READY[key].label
    answer = editor.submit(page, NEW.format(webinar.slug), "Save the draft")
    assert "It reaches 1 person." in text_of(parse(answer))
    texts = db.session.query(Announcement).one().texts
    assert set(texts) == {"en", "es"} and texts["en"]["subject"] != texts["es"]["subject"]
    assert all(one["body"].startswith("{greeting}\n\n") and "{title}" in one["body"] for one in texts.values())


def test_without_choosing_the_form_is_empty(editor, webinar):
    for asked in ("", "?ready=nothing"):
        page = editor.page(NEW.format(webinar.slug) + asked)
        assert not page.find(id="subject_en").get("value") and not page.select(".choices [aria-current]")
        assert len(page.select(".choices a[href*=ready]")) == len(READY)


def test_words_for_one_webinar_are_not_offered_to_a_whole_series(editor, webinar):
    assert not editor.page("/staff/series/side-effects/announcements/new").select("a[href*=ready]")


def test_whom_it_reaches_is_said_in_one_line_and_chosen_below_it(editor, webinar):
    def folded(answer):
        return parse(answer).select_one("details:has([name=modes])")

    path = NEW.format(webinar.slug)
    fresh, ready = folded(editor.get(path)), folded(editor.get(f"{path}?ready=later"))
    assert [text_of(one.summary) for one in (fresh, ready)] == ["To whom: everybody", "To whom: Confirmed"]
    assert not fresh.has_attr("open")
    refused = folded(editor.submit(editor.get(path), path, "Save the draft", subject_en="", modes="phone"))
    assert refused.has_attr("open") and text_of(refused.summary) == "To whom: By telephone"
