"""My webinars: all places of an address on one page, and what somebody usually wants to do with them."""

from datetime import timedelta

from tests.factories import make_registration, make_webinar
from tests.registration.deeds import listening, registration_of, standing
from tests.support.pages import find_form, parse, text_of
from tests.support.queries import sent_queries
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.registration import links, service
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar


def path(url):
    return url.partition("127.0.0.1:8000")[2]


def open_my(client, name="Alice"):
    return client.get(path(links.my_url(registration_of(name), utc_now())), follow_redirects=True)


def test_lost_link_answers_the_same_for_every_address(client, stranger, webinar):
    make_registration(webinar, "Alice")
    answers = []
    for one, address in ((client, "alice@example.org"), (stranger, "nobody@example.org")):
        with listening() as heard:
            answers.append(one.submit(one.get("/my"), "/my", email=address))
        assert heard == [("link", address)]
    assert text_of(parse(answers[0])) == text_of(parse(answers[1]))
    assert "Look into your mailbox" in text_of(parse(answers[0]))


def test_lost_link_with_half_an_address_keeps_it(client, webinar):
    answer = client.submit(client.get("/my"), "/my", email="alice@example")
    assert answer.status_code == 422
    assert "the part after @ looks incomplete" in text_of(parse(answer))
    assert 'value="alice@example"' in answer.text


def test_my_webinars_shows_all_places_of_the_address_and_of_no_other(client, webinar):
    make_registration(webinar, "Alice")
    other = make_webinar(now=utc_now(), title="A second one", starts_in=timedelta(days=3))
    make_registration(other, "Alice B", email="alice@example.org")
    make_registration(other, "Bob")
    answer = client.get(path(links.my_url(registration_of("Alice"), utc_now())), follow_redirects=True)
    words = text_of(parse(answer))
    assert answer.request.path == "/my"
    assert all(part in words for part in ("A second one", webinar.title, "Alice B"))
    assert "Bob" not in words
    place = client.get(f"/registrations/{registration_of('Alice B').public_id}")
    assert "Cancel my place" in place.text
    client.submit(answer, "/my/leave")
    assert client.get(place.request.path).status_code == 403


def test_my_webinars_costs_the_same_number_of_queries_for_one_and_three(client, webinar):
    make_registration(webinar, "Alice")
    client.page(path(links.my_url(registration_of("Alice"), utc_now())))
    with sent_queries() as one:
        client.get("/my")
    for name in ("Alice C", "Alice D"):
        make_registration(make_webinar(now=utc_now()), name, email="alice@example.org")
    with sent_queries() as three:
        client.get("/my")
    assert len(one) == len(three)


def test_a_place_is_given_up_and_taken_back_without_leaving_the_page(client, webinar):
    make_registration(webinar, "Alice")
    gone = client.submit(open_my(client), "/cancel", "Cancel my place")
    assert gone.request.path == "/my" and "Your place is cancelled." in text_of(parse(gone))
    assert standing("Alice") == ("cancelled", None)
    back = client.submit(gone, "/undo", "Undo: I want my place back")
    assert back.request.path == "/my" and standing("Alice") == ("confirmed", None)


def test_undo_names_the_waiting_list_once_the_place_went_on(client, webinar):
    make_registration(webinar, "Bob")
    make_registration(webinar, "Alice")
    make_registration(webinar, "Carol", state="waitlisted")
    gone = client.submit(open_my(client), "/cancel")
    assert find_form(parse(gone), "/undo", "Put me back on the waiting list")


def test_the_letter_comes_again_and_an_offer_is_taken_from_the_list(client, app):
    webinar = make_webinar(now=utc_now(), capacity=1, offer_hours=4)
    make_registration(webinar, "Bob", now=utc_now() - timedelta(hours=1))
    make_registration(webinar, "Alice", state="waitlisted", now=utc_now() - timedelta(hours=1))
    with transaction():
        service.cancel(registration_of("Bob"), utc_now())
    page = client.submit(open_my(client), "/accept", "Yes, I take the place")
    assert page.request.path == "/my" and standing("Alice") == ("confirmed", None)
    with listening() as heard:
        again = client.submit(page, "/resend", "Letter again")
    assert again.request.path == "/my" and heard == [("repeated", "Alice")]


def test_another_date_is_one_press_away_where_there_is_one(client, webinar):
    make_registration(webinar, "Alice")
    assert not [one for one in parse(open_my(client)).find_all("a") if "Another date" in text_of(one)]
    other = make_webinar(now=utc_now(), starts_in=timedelta(days=20))
    [link] = [one for one in parse(open_my(client)).find_all("a") if "Another date" in text_of(one)]
    assert link["href"].endswith("/dates")
    make_registration(other, "Alice")
    assert not [one for one in parse(client.get("/my")).find_all("a") if "Another date" in text_of(one)]


def test_people_of_one_address_are_told_apart_by_headings_and_by_every_button(client, webinar):
    make_registration(webinar, "Alice")
    make_registration(webinar, "Alina", email="alice@example.org")
    page = parse(open_my(client))
    assert [text_of(one) for one in page.find(id="main").find_all("h3")][:2] == ["Alice", "Alina"]
    said = [text_of(one) for one in page.find_all("button") if "Cancel my place" in text_of(one)]
    assert len(said) == len(set(said)) == 2 and "Alina" in said[1]


def test_what_is_over_or_called_off_has_no_buttons(client, webinar):
    make_registration(make_webinar(now=utc_now(), starts_in=timedelta(days=-2)), "Alice")
    make_registration(make_webinar(now=utc_now(), state="cancelled"), "Alice", email="alice@example.org", name_key="x")
    page = parse(client.get(path(links.my_url(_first("Alice"), utc_now())), follow_redirects=True))
    assert not [one for one in page.find_all("form") if "/registrations/" in str(one.get("action"))]


def _first(name):
    return db.session.query(Registration).filter_by(name=name).first()


def test_who_holds_no_list_is_led_to_the_place_as_before(client, webinar):
    page = client.get(f"/webinars/{webinar.slug}")
    page = client.submit(page, "/register", name="Alice", email="alice@example.org")
    gone = client.submit(page, "/cancel", "Cancel my place", back="my")
    assert gone.request.path.startswith("/registrations/")


def test_a_held_place_is_announced_before_somebody_waits_and_while_they_do(client, app):
    webinar = make_webinar(now=utc_now(), capacity=0, offer_hours=4)
    said = "it may be held for 4 hours: we write to you, and you say whether you want it"
    page = client.get(f"/webinars/{webinar.slug}")
    assert said in text_of(parse(page))
    shown = client.submit(page, "/register", name="Alice", email="alice@example.org")
    assert said in text_of(parse(shown)) and said in text_of(parse(client.get(shown.request.path)))
    with transaction() as session:
        session.get_one(Webinar, webinar.id).offer_hours = 0
    assert said not in text_of(parse(client.get(shown.request.path))), "pages that are kept follow"
