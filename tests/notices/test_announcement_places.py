"""Where announcements are found: in lists of staff, at the delivery desk, and on the page of a place."""

import pytest
import sqlalchemy as sa

from tests.factories import make_series, make_webinar
from tests.mail.conftest import post  # noqa: F401
from tests.notices.test_announcement_pages import NEW, WORDS, buttons, derive, page_of, registered
from tests.support.pages import parse, text_of
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.notices import announcement_queries as queries
from webinars.notices import announcement_service as service
from webinars.registration.links import manage_url


@pytest.fixture
def webinar(app):
    return make_webinar(make_series(), now=utc_now())


def test_list_shows_all_and_those_of_one_webinar_or_series(editor, webinar):
    series, slug = webinar.series, webinar.slug
    registered(webinar, "Ana")
    with transaction():
        for about, subject in ((webinar, "To the webinar"), (series, "To the series")):
            words = {"subject_en": subject, "body_en": "x"}
            service.write_announcement(db.session.merge(about), words, utc_now())
    with transaction():
        service.send_now(queries.get_announcement(1), utc_now())
    derive()

    def rows(query=""):
        return [text_of(row) for row in parse(editor.get(f"/staff/announcements{query}")).select("tbody tr")]

    assert [row.partition(" Draft")[0].partition(" Immuno")[0] for row in rows()] == [
        "To the series Side Effects",
        "To the webinar",
    ]
    assert "going out" in rows()[1]
    assert len(rows(f"?webinar={slug}")) == len(rows("?series=side-effects")) == 1
    assert len(rows("?webinar=none")) == 2
    assert "No announcement yet" in editor.get(f"/staff/announcements?webinar={other()}").text


def other():
    return make_webinar(make_series(title="Another"), title="Another one", now=utc_now()).slug


def test_announcements_are_reached_from_mail_webinar_and_series(editor, webinar):
    for path, address in (
        ("/staff/mail/", "/staff/announcements"),
        (f"/staff/webinars/{webinar.slug}", f"/staff/announcements?webinar={webinar.slug}"),
        ("/staff/series/side-effects/edit", "/staff/announcements?series=side-effects"),
    ):
        assert address in [link["href"] for link in parse(editor.get(path)).select("main a")]
    offered = parse(editor.get(f"/staff/announcements?webinar={webinar.slug}")).select(".actions a")
    assert [link["href"] for link in offered] == [NEW.format(webinar.slug)]


def test_desk_names_the_series_of_a_mailing(editor, webinar):
    registered(webinar, "Ana")
    with transaction():
        one = service.write_announcement(db.session.merge(webinar.series), {**WORDS, "subject_en": "x", "body_en": "y"},
                                         utc_now())  # fmt: skip
        service.send_now(one, utc_now())
    derive()
    link = parse(editor.get("/staff/mail/")).find(
        "a", href="/staff/announcements?series=side-effects", string="Side Effects"
    )
    assert link is not None


def test_viewer_reads_and_is_offered_nothing_else(client, webinar):
    with transaction():
        service.write_announcement(db.session.merge(webinar), WORDS, utc_now())
    sign_in(client, "viewer")
    page = page_of(client)
    assert page.status_code == 200 and buttons(page) == [] and parse(page).select("iframe")
    assert client.get(NEW.format(webinar.slug)).status_code == 403
    assert not parse(client.get(f"/staff/announcements?webinar={webinar.slug}")).select(".actions a")


def place_page(client, place):
    path = manage_url(place).partition("://")[2].partition("/")[2]
    return client.get(f"/{path}", follow_redirects=True)


@pytest.mark.parametrize("discreet", [False, True])
def test_page_of_a_place_shows_what_was_announced_once_it_went_out(client, webinar, discreet):
    place = registered(webinar, "Dora <b>", discreet=discreet)
    with transaction():
        one = service.write_announcement(db.session.merge(webinar), WORDS, utc_now())
        service.send_now(one, utc_now())
    derive()
    assert "The <strong>slides</strong>" not in place_page(client, place).text
    with transaction() as session:
        session.execute(sa.text("UPDATE messages SET state = 'sent'"))
    news = parse(place_page(client, place)).select_one("section[aria-labelledby=news]")
    assert f"News: {webinar.title}" in text_of(news) and "Hello Dora <b>, The slides are there." in text_of(news)
    assert news.select_one("strong").get_text() == "slides" and not news.select("b")


def test_page_of_a_place_shows_news_to_nobody_who_has_not_proven_the_address(app, client, webinar):
    page = client.page(f"/webinars/{webinar.slug}")
    shown = client.submit(page, "/register", name="Eva", email="eva@example.org")
    with transaction():
        one = service.write_announcement(db.session.merge(webinar), WORDS, utc_now())
        service.send_now(one, utc_now())
    derive()
    with transaction() as session:
        session.execute(sa.text("UPDATE messages SET state = 'sent'"))
    again = client.get(shown.request.path)
    assert again.status_code == 200 and "slides" not in again.text
