"""Who sees a webinar's page, and what stands beside it."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, template_rendered

from tests.accounts.test_sign_in import sign_in
from tests.factories import NOW, make_series, make_user, make_video, make_webinar
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from tests.support.queries import sent_queries
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.registration.models import Registration


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
    assert other.title not in text_of(client.page(f"/webinars/{shown.slug}"))


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


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({}, True),
        ({"starts_in": timedelta(days=-2)}, False),
        ({"state": "cancelled", "cancelled_at": NOW, "cancel_reason": "Ill"}, False),
    ],
)
def test_way_to_take_part_is_told_only_while_one_can(
    app: Flask, client: CheckedClient, fields: dict[str, object], offered: bool
) -> None:
    shown = make_webinar(now=utc_now(), **fields)
    facts = text_of(client.page(f"/webinars/{shown.slug}").select_one(".facts.large"))
    assert ("Online, or listen by telephone" in facts) is offered


def test_choices_stay_open_over_what_was_typed(app: Flask, client: CheckedClient) -> None:
    shown = make_webinar(now=utc_now())
    page = client.page(f"/webinars/{shown.slug}")
    assert not page.select_one("#register details").has_attr("open")
    for typed in ({"question": "May I travel?"}, {"discreet": "y"}, {"mode": "phone"}):
        answer = parse(client.submit(page, "/register", name="", email="a@example.org", **typed))
        assert answer.select_one("#register details").has_attr("open"), typed
    answer = parse(client.submit(page, "/register", name="", email="a@example.org"))
    assert not answer.select_one("#register details").has_attr("open")


def test_question_is_called_optional_once(app: Flask, client: CheckedClient) -> None:
    page = client.page(f"/webinars/{make_webinar(now=utc_now()).slug}")
    field = page.select_one("#question").find_parent(class_="field")
    assert text_of(field).lower().count("optional") == 1


def test_full_webinar_counts_who_waits_now(app: Flask, client: CheckedClient) -> None:
    shown = make_webinar(now=utc_now(), capacity=1, confirmed_count=1)
    told = []
    for waiting in (1, 2, 12):
        shown.waitlisted_count = waiting
        db.session.commit()
        told.append(text_of(client.page(f"/webinars/{shown.slug}").select_one("#register p.soft")))
    assert [words.partition(" waiting")[0] for words in told] == [
        "All places are taken. 1 person is",
        "All places are taken. 2 people are",
        "All places are taken. 12 people are",
    ]
    assert "Esperan 12 personas" in client.get(f"/es/webinars/{shown.slug}").text


def test_page_of_a_full_webinar_is_kept_whoever_joins_the_line(app: Flask, client: CheckedClient) -> None:
    made: list[str] = []
    shown = make_webinar(now=utc_now(), capacity=1, confirmed_count=1, waitlisted_count=1)

    def note(_app: Flask, template: Any, **_context: Any) -> None:
        made.append(template.name)

    with template_rendered.connected_to(note, app):
        for waiting in (1, 2, 3):
            shown.waitlisted_count = waiting
            db.session.commit()
            client.page(f"/webinars/{shown.slug}")
    assert made == ["site/webinar.html"]


@pytest.mark.parametrize(
    ("waiting", "words"), [(0, "nobody waits yet"), (1, "1 person is waiting"), (2, "2 people are waiting")]
)
def test_full_webinar_counts_who_waits_and_no_zero(app: Flask, client: CheckedClient, waiting: int, words: str) -> None:
    shown = make_webinar(now=utc_now(), capacity=1, confirmed_count=1, waitlisted_count=waiting)
    told = text_of(client.page(f"/webinars/{shown.slug}").select_one("#register"))
    assert words in told and "0 people" not in told


def test_series_without_a_webinar_ahead_counts_none(app: Flask, client: CheckedClient) -> None:
    make_webinar(make_series(), now=utc_now())
    make_series(title="Quiet")
    cards = {text_of(card.h3): text_of(card) for card in client.page("/series").select("article")}
    assert "1 webinar ahead" in cards["Side Effects"] and "ahead" not in cards["Quiet"]


def test_time_of_another_day_is_told_with_its_whole_weekday_without_a_script(app: Flask, client: CheckedClient) -> None:
    # At eight in the evening in New York it is the next day in Berlin.
    late = datetime(2027, 3, 3, 20, 0)
    shown = make_webinar(starts_in=late.replace(tzinfo=ZoneInfo("America/New_York")) - NOW)
    client.set_cookie("tz", "Europe/Berlin")
    told = text_of(client.page(f"/webinars/{shown.slug}").select_one(".facts .your-time"))
    assert told == "Thursday 2:00 am your time (Berlin)"


@pytest.mark.parametrize("state", ["draft", "published"])
@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_preview_leads_back_to_the_staff_pages(app: Flask, client: CheckedClient, role: str, state: str) -> None:
    webinar = make_webinar(make_series(sponsor_text=""), state=state, published_at=None if state == "draft" else NOW)
    make_user("one@example.org", role)
    sign_in(client, "one@example.org")
    bar = client.page(f"/staff/webinars/{webinar.slug}/preview").select_one(".notice")
    staff = f"/staff/webinars/{webinar.slug}"
    expected = [staff]
    if role == "editor":
        expected = ["/staff/series/side-effects/edit", staff, f"{staff}/edit"]
        expected += [f"{staff}/publish"] if state == "draft" else []
    assert [link["href"] for link in bar.select("a")] == expected
    assert "It does not say who pays for it." in text_of(bar)
    assert ("once the webinar is published" in text_of(bar)) is (state == "draft")


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
    path_above = client.page(f"/videos/{video.slug}").select(".crumbs [lang=es]")
    assert [part.get_text() for part in path_above] == [video.title]
    home = client.page("/")
    assert {link.get_text(strip=True) for link in home.select("main a[lang=es]")} == {webinar.title, video.title}


def test_card_of_a_full_webinar_offers_what_can_be_had(app: Flask, client: CheckedClient) -> None:
    now = utc_now()
    make_webinar(now=now, title="Next")
    make_webinar(now=now, title="Waiting", capacity=5, confirmed_count=5, waiting_list=True)
    make_webinar(now=now, title="Full", capacity=5, confirmed_count=5, waiting_list=False)
    cards = {str(card.h3.get_text(strip=True)): text_of(card) for card in client.page("/").select("article.item")}
    assert "Join the waiting list" in cards["Waiting"] and "Get the recording" in cards["Full"]


def test_same_page_is_offered_in_the_other_language_also_after_a_mistake(app: Flask, client: CheckedClient) -> None:
    shown = make_webinar(now=utc_now())
    path = f"/webinars/{shown.slug}"
    page = client.page(f"{path}?from=letter")
    assert page.select_one(".languages a[hreflang=es]")["href"] == f"/es{path}?from=letter"
    assert {link["hreflang"] for link in page.select("link[rel=alternate][hreflang]")} == {"en", "es"}
    refused = client.submit(page, "/register", name="")
    assert refused.status_code == 422
    switch = parse(refused).select_one(".languages a[hreflang=es]")["href"]
    assert client.page(switch).html["lang"] == "es"


def test_letters_speak_the_language_of_the_page(app: Flask, client: CheckedClient) -> None:
    shown = make_webinar(now=utc_now(), language="en")
    client.submit(client.get(f"/es/webinars/{shown.slug}"), "/register", name="Ana", email="ana@example.org")
    assert db.session.query(Registration).one().language == "es"


@pytest.mark.parametrize("path", ["/", "/series/side-effects", "/videos", "/webinars/{slug}"])
def test_texts_in_spanish_cost_no_query_for_each_webinar(app: Flask, client: CheckedClient, path: str) -> None:
    series_id = make_series(translations={"es": {"title": "Efectos"}}).id
    counts = []
    for number in range(3):
        shown = make_webinar(now=utc_now(), title=f"Talk {number}", translations={"es": {"title": "Charla"}})
        slug = shown.slug
        make_video(title=f"Clip {number}", series_id=series_id)
        if number != 1:
            db.session.remove()
            with sent_queries() as sent:
                client.page("/es" + path.format(slug=slug))
            counts.append(len(sent))
    assert counts[0] == counts[1]


def test_language_is_changed_in_the_middle_of_the_form(app: Flask, client: CheckedClient) -> None:
    slug = make_webinar(now=utc_now(), title="Side effects", translations={"es": {"title": "Efectos"}}).slug
    form = find_form(client.page(f"/webinars/{slug}"), "/register")
    button = form.select_one("button[formaction]")
    assert form.find_all("button")[-1] is button, "Enter presses the button that registers"
    typed = {
        "name": "Ruth <Álvarez>",
        "email": "ruth@",
        "question": "¿Y después?",
        "mode": "recording",
        "discreet": "y",
    }
    answer = client.post(button["formaction"], data=form_data(form) | typed)
    assert (answer.status_code, db.session.query(Registration).count()) == (200, 0)
    soup = parse(answer)
    assert (soup.html["lang"], text_of(soup.h1)) == ("es", "Efectos")
    assert soup.select_one("[role=alert]") is None, "nothing was asked of the service yet"
    kept = form_data(find_form(soup, "/register"))
    assert {name: kept[name] for name in typed} == typed
    client.post(find_form(soup, "/register")["action"], data=kept | {"email": "ruth@example.org"})
    assert db.session.query(Registration).one().language == "es"


def test_language_of_what_nobody_may_see_is_not_changed(app: Flask, client: CheckedClient) -> None:
    draft = make_webinar(now=utc_now(), state="draft", published_at=None)
    assert client.post(f"/es/webinars/{draft.slug}/language").status_code == 404
    assert client.post("/es/webinars/nowhere/language").status_code == 404


@pytest.mark.parametrize("sent_to", ["register", "language"])
def test_tab_that_is_opened_again_where_the_form_was_sent_to_shows_the_form(
    app: Flask, client: CheckedClient, sent_to: str
) -> None:
    slug = make_webinar(now=utc_now()).slug
    answer = client.get(f"/es/webinars/{slug}/{sent_to}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/es/webinars/{slug}#register")
    assert client.get(f"/webinars/nowhere/{sent_to}", follow_redirects=True).status_code == 404
