"""The long forms fold what is rarely touched: closed, they say what is set there; what waits to be seen is open."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.factories import make_series, make_webinar
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from webinars.core.clock import utc_now
from webinars.schedule.models import Webinar
from webinars.schedule.rules import FOLLOWED

pytestmark = pytest.mark.usefixtures("app")
SERIES = "/staff/series/side-effects/edit"
WEBINAR = "/staff/webinars/fatigue/edit"


@pytest.fixture
def webinar(app: Flask) -> Webinar:
    """A draft that has everything as its series says."""
    series = make_series(capacity=90, duration_minutes=75)
    told = {"capacity": 90, "duration_minutes": 75, "follows": list(FOLLOWED)}
    return make_webinar(series, slug="fatigue", state="draft", now=utc_now(), **told)


def words_of(page: BeautifulSoup) -> dict[str, str]:
    return {text_of(fold.h2): text_of(fold.select_one(".fold-words")) for fold in page.select(".fold")}


def opened(page: BeautifulSoup) -> list[str]:
    return [text_of(fold.h2) for fold in page.select(".fold[open]")]


def test_folds_of_a_series_say_what_is_set_in_them(editor: CheckedClient) -> None:
    make_series(capacity=90, waiting_list=True, asks_access=False)
    page = editor.page(SERIES)
    words = words_of(page)
    assert opened(page) == []
    assert words["Places and waiting list"].startswith("Places: 90 · Keep a waiting list when it is full · ")
    assert words["Captions and telephone"] == "nothing yet"
    assert "Ask what somebody needs" not in words["What the sign-up form asks"]


@pytest.mark.usefixtures("webinar")
def test_folds_of_a_webinar_say_where_it_differs_from_its_series(editor: CheckedClient) -> None:
    assert words_of(editor.page(WEBINAR))["Places and waiting list"] == "as the series"
    changed = {"capacity": "40", "waiting_list": None, "companions": "0", "reminder_source": "none"}
    editor.submit(editor.page(WEBINAR), WEBINAR, "Save", **changed)
    page = editor.page(WEBINAR)
    words = words_of(page)
    assert words["Places and waiting list"] == "Places: 40 · Keep a waiting list when it is full: no"
    assert words["What the sign-up form asks"] == "Others on the same form: Nobody else"
    assert (words["Reminders"], words["By telephone"], opened(page)) == ("Reminders: None", "as the series", [])


@pytest.mark.usefixtures("webinar")
def test_fold_with_an_error_is_open_so_that_the_list_of_errors_leads_to_the_field(editor: CheckedClient) -> None:
    page = parse(editor.submit(editor.page(WEBINAR), WEBINAR, "Save", capacity="many"))
    assert opened(page) == ["Places and waiting list"]
    assert page.select_one('.error-summary a[href="#capacity"]') and page.select_one(".fold[open] #capacity")


@pytest.mark.usefixtures("webinar")
def test_what_was_typed_and_is_not_saved_stays_in_sight(editor: CheckedClient) -> None:
    page = parse(editor.submit(editor.page(WEBINAR), WEBINAR, "Save", title="", phone_number="1-800-555-0100"))
    assert opened(page) == ["By telephone"]


@pytest.mark.usefixtures("webinar")
def test_draft_is_gone_on_with_where_it_was_typed(editor: CheckedClient) -> None:
    form = find_form(editor.page(WEBINAR), WEBINAR, "Save")
    editor.post("/staff/drafts", data=form_data(form) | {"asks_role": "no"})
    assert opened(editor.page(f"{WEBINAR}?draft=go")) == ["What the sign-up form asks"]


@pytest.mark.usefixtures("webinar")
def test_what_somebody_else_changed_meanwhile_is_in_sight(editor: CheckedClient) -> None:
    page = editor.page(WEBINAR)
    editor.submit(page, WEBINAR, "Save", access_text="Captions")
    merged = parse(editor.submit(page, WEBINAR, "Save", capacity="40"))
    assert opened(merged) == ["Captions, recording and address", "Places and waiting list"]
