"""Classes of mail: leaving one ends just that, and costs nobody a reminder or the way in."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from tests.accounts.test_sign_in import sign_in
from tests.factories import NOW, make_registration, make_series, make_user, make_webinar
from tests.registration.deeds import registration_of
from tests.support.pages import parse, text_of
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.links import keyed_hash
from webinars.mail import outbox
from webinars.mail.classes import EVERYWHERE, MailClass, has_left
from webinars.mail.leaving import leaving_token
from webinars.mail.models import Message, Unsubscription
from webinars.notices import subscriptions
from webinars.notices.kinds import Notice
from webinars.registration import corrections, erasure, links
from webinars.site import privacy, retention

KEY = "alice@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
STILL_COMES = "Reminders of places you booked still come"


@pytest.fixture
def webinar(app):
    return make_webinar(make_series(title="Side Effects"), now=utc_now())


@pytest.fixture
def alice(webinar):
    return make_registration(webinar, "Alice", now=utc_now())


def link(mail_class=MailClass.FOLLOW_UP, name="Alice"):
    return urlsplit(links.leave_url(registration_of(name), mail_class)).path


def left():
    """Give what was left, by class and list."""
    db.session.rollback()
    return {(row.mail_class, row.about) for row in db.session.query(Unsubscription)}


def of(webinar):
    return f"s{webinar.series_id}"


def owed(notice, place, occasion="1"):
    with transaction():
        outbox.owe(notice=notice, subject=place.subject, occasion=str(occasion), about="w1", now=NOW)
    return db.session.query(Message).filter_by(notice=notice, subject=place.subject).one()


def leaves(name, mail_class, about):
    with transaction():
        subscriptions.leave(keyed_hash("address", f"{name}@example.org"), mail_class, about, NOW)


def content():
    """Give every row of the tables that could tell of a visit."""
    db.session.rollback()
    tables = ("registrations", "unsubscriptions", "messages", "addresses")
    return {table: sorted(map(str, db.session.execute(text(f"SELECT * FROM {table}")).all())) for table in tables}


# --- one click, by a mail program ---------------------------------------------------------------------------------


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_of_a_mail_provider_leaves_at_once(app, alice, webinar, content_type):
    provider = app.test_client(use_cookies=False)
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    answer = provider.post(link(), data=ONE_CLICK, content_type=content_type, headers=headers)
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers and "Location" not in answer.headers
    assert left() == {("follow-up", of(webinar))}


def test_one_click_twice_is_answered_the_same(app, alice, webinar):
    for _ in range(2):
        assert app.test_client().post(link(), data=ONE_CLICK).status_code == 200
    assert left() == {("follow-up", of(webinar))}


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "Two-Click"}, {"scope": "all"}])
def test_any_other_post_leaves_nothing(app, alice, body):
    assert app.test_client().post(link(), data=body).status_code == 303
    assert left() == set()


def test_scanners_that_fetch_the_link_change_nothing(client, alice):
    address, before = link(), content()
    for fetch in (client.get, client.head, client.options):
        assert fetch(address).status_code == 200
    assert content() == before


@pytest.mark.parametrize("token", ["nonsense", "a.1.b", "x" * 300])
def test_link_that_is_none_leads_to_a_page_that_says_so(client, alice, token):
    for answer in (client.get(f"/u/{token}"), client.post(f"/u/{token}", data=ONE_CLICK)):
        assert answer.status_code == 404 and "does not work any more" in text_of(parse(answer))
        assert answer.headers["Cache-Control"] == "no-store"
    assert left() == set()


def test_link_ends_the_letters_also_when_the_registration_is_gone(client, alice, webinar):
    address, series = link(), of(webinar)
    with transaction():
        erasure.erase(registration_of("Alice"), utc_now())
    page = client.get(address)
    assert "Recordings and what follows a webinar of the series “Side Effects”" in text_of(parse(page))
    assert client.post(address, data=ONE_CLICK).status_code == 200
    assert left() == {("follow-up", series)}
    assert "Stopped: Recordings and what follows a webinar of the series “Side Effects”." in text_of(
        client.page(address)
    )
    # Who came back under the same address in the meantime is left alone too.
    later = make_registration(db.session.merge(webinar), "Alice", now=utc_now())
    assert has_left(db.session(), [later.address_key], "follow-up", series)
    client.submit(client.get(address), "/u/", "Undo", deed="return")
    assert left() == set()


def test_link_about_a_series_that_is_gone_too_still_says_what_it_ends(client, app):
    address = f"/u/{leaving_token(keyed_hash('address', KEY), MailClass.NEWS, 999)}"
    assert "News and announcements of one series, which is not there any more" in text_of(client.page(address))
    assert client.post(address, data=ONE_CLICK).status_code == 200
    assert left() == {("news", "s999")}


def test_link_ends_the_letters_to_the_address_that_it_went_to(client, alice, webinar):
    address = link()
    with transaction():
        corrections.correct_address(registration_of("Alice"), "alice.archer@example.org", utc_now())
    assert client.post(address, data=ONE_CLICK).status_code == 200
    assert has_left(db.session(), [keyed_hash("address", KEY)], "follow-up", of(webinar))
    assert not has_left(db.session(), [registration_of("Alice").address_key], "follow-up", of(webinar))


def first_kind_of_link(mail_class=MailClass.FOLLOW_UP):
    """Give the address that ends a class of mail as the first letters had it."""
    return f"/u/{links.token_for(links.leaving(mail_class), registration_of('Alice'))}"


def test_link_in_a_letter_of_the_first_kind_still_works(client, alice, webinar):
    assert "Recordings and what follows" in text_of(client.page(first_kind_of_link()))
    assert client.post(first_kind_of_link(), data=ONE_CLICK).status_code == 200
    assert left() == {("follow-up", of(webinar))}


def test_revoked_link_of_the_first_kind_ends_nothing(client, alice):
    address = first_kind_of_link()
    with transaction():
        registration_of("Alice").link_version += 1
    assert client.get(address).status_code == client.post(address, data=ONE_CLICK).status_code == 404
    assert left() == set()


def test_link_tells_neither_address_nor_series_nor_topic(webinar):
    place = make_registration(webinar, "Alice", now=utc_now(), discreet=True)
    token = links.leave_url(place, MailClass.NEWS).rpartition("/")[2]
    key, series, _mac = token.split(".")
    assert (key, series) == (keyed_hash("address", KEY), str(webinar.series_id))


def test_links_of_other_kinds_end_nothing_and_this_one_opens_no_place(client, alice):
    for purpose in (links.MANAGE, links.JOIN, links.CALENDAR):
        assert client.post(f"/u/{links.token_for(purpose, alice)}", data=ONE_CLICK).status_code == 404
    token = link().rpartition("/")[2]
    assert client.get(f"/r/{token}").status_code == client.get(f"/r/{token}/join").status_code == 404
    assert "alice" not in token.lower()


# --- the page, by a person ----------------------------------------------------------------------------------------


def test_page_says_what_ends_and_what_still_comes(client, alice):
    page = text_of(client.page(link()))
    assert "Recordings and what follows a webinar of the series “Side Effects”" in page and STILL_COMES in page


@pytest.mark.parametrize(("scope", "about"), [("series", None), ("all", EVERYWHERE)])
def test_button_leaves_this_series_or_all_and_can_be_undone(client, alice, webinar, scope, about):
    answer = client.submit(client.get(link(MailClass.NEWS)), "/u/", "Stop these letters", scope=scope, deed="leave")
    assert answer.status_code == 200 and STILL_COMES in text_of(parse(answer))
    assert left() == {("news", of(webinar) if about is None else about)}
    back = client.submit(answer, "/u/", "Undo", deed="return")
    assert left() == set() and "Stop these letters" in text_of(parse(back))


def test_who_left_one_series_is_offered_to_leave_all(client, alice, webinar):
    client.post(link(MailClass.NEWS), data=ONE_CLICK)
    answer = client.submit(client.get(link(MailClass.NEWS)), "/u/", "all series", deed="leave")
    assert left() == {("news", of(webinar)), ("news", EVERYWHERE)}
    assert "of all series" in text_of(parse(answer))
    client.submit(answer, "/u/", "Undo", deed="return")
    assert left() == set()


def test_button_works_without_cookies(app, alice, webinar):
    visitor = app.test_client(use_cookies=False)
    visitor.get(link())
    visitor.post(link(), data={"deed": "leave", "scope": "series"})
    assert left() == {("follow-up", of(webinar))}


def test_page_speaks_the_language_of_the_letters(client, webinar):
    make_registration(webinar, "Ana", now=utc_now(), language="es")
    address = link(name="Ana")
    assert address.startswith("/es/u/") and client.page(address).html["lang"] == "es"


# --- leaving by mail ----------------------------------------------------------------------------------------------


def test_mail_to_the_address_of_a_letter_leaves_its_class_and_series(alice, webinar):
    message = owed(Notice.RECORDING_READY, alice, 1)
    with transaction():
        assert subscriptions.leave_by_message(message, NOW)
    assert left() == {("follow-up", of(webinar))}


def test_mail_about_a_letter_of_a_place_leaves_nothing(alice):
    message = owed(Notice.REMINDER, alice, "0-60")
    with transaction():
        assert not subscriptions.leave_by_message(message, NOW)
    assert left() == set()


def test_mail_about_a_letter_to_nobody_known_leaves_nothing(app, webinar):
    with transaction():
        outbox.owe(notice=Notice.RECORDING_READY, subject="r999", occasion="1", now=NOW)
        outbox.owe(notice=Notice.LINK, subject="aabc", occasion="1", now=NOW)
    with transaction():
        for message in db.session.query(Message).all():
            assert not subscriptions.leave_by_message(message, NOW)


def test_letters_about_a_place_cannot_be_left(app):
    with pytest.raises(ValueError, match="place"):
        subscriptions.leave("key", MailClass.PLACE, EVERYWHERE, NOW)


# --- on the person's own pages ------------------------------------------------------------------------------------


def opens(client, url):
    return client.get(urlsplit(url).path, follow_redirects=True)


def ticked(page):
    return {str(box["value"]) for box in parse(page).find_all("input", attrs={"name": "letters", "checked": True})}


def test_person_chooses_on_the_page_of_a_place(client, alice, webinar):
    page = opens(client, links.manage_url(alice))
    series = webinar.series_id
    assert ticked(page) == {f"follow-up-{series}", f"news-{series}"}
    page = client.submit(page, "/letters", letters=f"news-{series}")
    assert left() == {("follow-up", f"s{series}")} and ticked(page) == {f"news-{series}"}
    page = client.submit(page, "/letters", letters=[f"news-{series}", f"follow-up-{series}"])
    assert left() == set() and len(ticked(page)) == 2


def test_page_before_the_link_from_a_letter_was_opened_offers_no_choice(client, webinar):
    signed_up = client.submit(client.get(f"/webinars/{webinar.slug}"), "/register", name="Alice", email=KEY)
    assert "My letters" not in text_of(parse(signed_up))
    public_id = registration_of("Alice").public_id
    token = str(parse(signed_up).find("input", attrs={"name": "csrf_token"})["value"])
    client.post(f"/registrations/{public_id}/letters", data={"csrf_token": token})
    assert left() == set()


def test_person_chooses_for_all_series_on_my_webinars(client, alice, webinar):
    other = make_webinar(make_series(title="Clinical Trials"), now=utc_now())
    make_registration(other, "Alice", now=utc_now())
    first = db.session.get(type(alice), alice.id)
    page = opens(client, links.my_url(first, utc_now()))
    assert len(ticked(page)) == 4
    page = client.submit(page, "/my/letters", letters=f"news-{other.series_id}")
    assert left() == {
        ("follow-up", of(webinar)), ("news", of(webinar)), ("follow-up", of(other)),
    }  # fmt: skip
    assert ticked(page) == {f"news-{other.series_id}"}


def test_saving_leaves_alone_what_was_not_on_the_page(client, alice, webinar):
    first = db.session.get(type(alice), alice.id)
    page = opens(client, links.my_url(first, utc_now()))
    later = make_webinar(make_series(title="Clinical Trials"), now=utc_now())
    make_registration(later, "Alice", now=utc_now())
    client.submit(page, "/my/letters", letters=f"news-{webinar.series_id}")
    assert left() == {("follow-up", of(webinar))}


def test_who_had_left_all_news_gets_back_what_they_tick_and_no_more(client, alice, webinar):
    other = make_webinar(make_series(title="Clinical Trials"), now=utc_now())
    make_registration(other, "Alice", now=utc_now())
    leaves("alice", MailClass.NEWS, EVERYWHERE)
    place = db.session.get(type(alice), alice.id)
    page = opens(client, links.manage_url(place))
    client.submit(page, f"{place.public_id}/letters", letters=list(ticked(page) | {f"news-{webinar.series_id}"}))
    assert left() == {("news", of(other))}


def test_choice_needs_the_link_from_a_letter(app, alice):
    stranger = app.test_client()
    token = str(stranger.page("/my").find("input", attrs={"name": "csrf_token"})["value"])
    assert stranger.post("/my/letters", data={"csrf_token": token}).status_code == 403
    assert stranger.post(f"/registrations/{alice.public_id}/letters", data={"csrf_token": token}).status_code in {
        403,
        404,
    }
    assert left() == set()


def test_staff_see_what_a_person_left(client, alice, webinar):
    make_user(now=utc_now())
    sign_in(client, "owner@example.org", "correct horse battery")
    address = f"/staff/registrations/{alice.public_id}"
    assert "Stopped letters" not in text_of(client.page(address))
    leaves("alice", MailClass.FOLLOW_UP, of(webinar))
    leaves("alice", MailClass.NEWS, EVERYWHERE)
    words = text_of(client.page(address))
    assert "Recordings and what follows a webinar, of this series; News and announcements, of all series" in words


# --- how long it is kept ------------------------------------------------------------------------------------------


def test_what_was_left_is_exported_and_erased_with_the_address(alice, webinar):
    leaves("alice", MailClass.NEWS, EVERYWHERE)
    leaves("bob", MailClass.NEWS, EVERYWHERE)
    assert [row["mail_class"] for row in privacy.held(KEY)["letters_left"]] == ["news"]
    with transaction():
        assert privacy.erase(KEY, NOW).unsubscriptions == 1
    assert not privacy.held(KEY)["letters_left"] and len(left()) == 1


def test_what_was_left_is_kept_three_years_after_it_was_last_said(app):
    leaves("alice", MailClass.NEWS, EVERYWHERE)
    later = NOW + timedelta(days=1000)
    with transaction():
        retention.enforce(later)
        subscriptions.leave(keyed_hash("address", KEY), MailClass.NEWS, EVERYWHERE, later)
    with transaction():
        retention.enforce(NOW + timedelta(days=1100))
    assert left()
    with transaction():
        retention.enforce(later + timedelta(days=1096))
    assert not left()
