"""The pages of a place, as a visitor meets them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from tests.factories import make_registration, make_webinar
from tests.registration.deeds import listening, registration_of, standing
from tests.support.pages import find_form, parse, text_of
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.formats import rfc3339
from webinars.core.links import keyed_hash, sign
from webinars.mail.limits import is_proven
from webinars.registration import links
from webinars.registration.models import Registration
from webinars.schedule import service as schedule


def sign_up(client, webinar, name="Alice", **fields):
    page = client.get(f"/webinars/{webinar.slug}")
    fields = {"name": name, "email": f"{name.lower()}@example.org"} | fields
    return client.submit(page, "/register", **fields)


def path(url):
    return url.partition("127.0.0.1:8000")[2]


def manage(client, name="Alice"):
    return client.get(path(links.manage_url(registration_of(name))), follow_redirects=True)


def press(client, answer, button, **fields):
    return client.submit(answer, "/registrations/", button, **fields)


def database_content():
    """Give every row of every table that tells what was done."""
    db.session.rollback()
    tables = ("registrations", "webinars", "messages", "addresses", "attendances", "audit_entries")
    return {table: sorted(map(str, db.session.execute(text(f"SELECT * FROM {table}")).all())) for table in tables}


def test_sign_up_ends_on_a_page_that_says_confirmed(client, webinar):
    answer = sign_up(client, webinar)
    assert answer.status_code == 200
    assert answer.request.path == f"/registrations/{registration_of('Alice').public_id}"
    assert "confirmed" in text_of(parse(answer))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_sign_up_to_a_full_webinar_ends_on_a_page_that_says_waiting_and_the_place(client, stranger, webinar):
    for name in ("Alice", "Bob", "Charlie"):
        sign_up(client, webinar, name)
    page = text_of(parse(sign_up(stranger, webinar, "Dora")))
    assert "waiting, place 2" in page
    assert "confirmed" not in page


def test_sign_up_shows_the_way_in_and_the_calendar(client, webinar):
    page = parse(sign_up(client, webinar))
    alice = registration_of("Alice")
    targets = {link["href"] for link in page.find_all("a")}
    assert links.join_url(alice) in targets
    assert links.calendar_url(alice) in targets
    assert "4471" in text_of(page)
    assert links.manage_url(alice) not in str(page), "only a letter may carry what proves the address"


def test_two_people_get_the_same_page_and_each_their_own_links(client, stranger, webinar):
    pages = {"Alice": sign_up(client, webinar), "Bob": sign_up(stranger, webinar, "Bob")}
    own = {}
    for name, page in pages.items():
        one, form_token = registration_of(name), find_form(parse(page), "/cancel").find("input")["value"]
        own[name] = {one.public_id, form_token, *(links.token_for(purpose, one) for purpose in ("join", "calendar"))}
    assert shape(pages["Alice"]) == shape(pages["Bob"])
    for name, other in (("Alice", "Bob"), ("Bob", "Alice")):
        assert all(token in pages[name].text for token in own[name])
        assert not any(token in pages[name].text for token in own[other])


def test_page_of_a_place_follows_the_webinar(client, stranger, webinar):
    page = sign_up(client, webinar).request.path
    with transaction():
        schedule.move_webinar(db.session.merge(webinar), webinar.local_start + timedelta(hours=1), now=utc_now())
    moved = db.session.merge(webinar)
    assert rfc3339(moved.starts_at, registration_of("Alice").time_zone) in client.get(page).text
    with transaction():
        schedule.cancel_webinar(db.session.merge(webinar), "The speaker is ill", now=utc_now())
    assert "The speaker is ill" in client.get(page).text


def test_sign_up_of_somebody_known_looks_the_same_and_opens_nothing(client, stranger, webinar):
    sign_up(client, webinar, "Alice", discreet=None)
    known = sign_up(stranger, webinar, "Alice")
    alice = registration_of("Alice")
    assert known.request.path != f"/registrations/{alice.public_id}"
    secrets = (alice.public_id, *(links.token_for(purpose, alice) for purpose in ("manage", "join", "calendar")))
    assert not any(secret in known.text for secret in secrets)
    newcomer = sign_up(stranger.application.test_client(), webinar, "Bob")
    assert shape(known) == shape(newcomer)


def shape(answer):
    """Give a page without what differs by nature: ids and tokens."""
    soup = parse(answer)
    words = [text_of(soup.find("h1")), *(text_of(one) for one in soup.find_all(["p", "dt", "button"]))]
    forms = [str(form["action"]).rpartition("/")[2] for form in soup.find_all("form")]
    return words, forms, [len(str(link["href"])) for link in soup.find_all("a")]


def test_a_stranger_cannot_cancel_by_signing_up_with_somebodys_name(client, stranger, webinar):
    sign_up(client, webinar, "Alice")
    shown = sign_up(stranger, webinar, "Alice")
    with listening() as heard:
        cancelled = press(stranger, shown, "Cancel my place")
        undone = press(stranger, cancelled, "Undo")
    assert heard == []
    assert standing("Alice") == ("confirmed", None)
    assert "cancelled" in text_of(parse(cancelled))
    assert "confirmed" in text_of(parse(undone))


@pytest.mark.parametrize("deed", ["cancel", "undo", "mode", "resend", "details"])
def test_a_stranger_who_knows_the_public_id_can_do_nothing(client, stranger, webinar, deed):
    sign_up(client, webinar, "Alice")
    before = database_content()
    page = stranger.get("/my")
    token = find_form(parse(page), "/my").find("input", attrs={"name": "csrf_token"})["value"]
    alice = registration_of("Alice").public_id
    assert stranger.get(f"/registrations/{alice}").status_code == 403
    data = {"csrf_token": token, "mode": "recording", "name": "Mallory", "time_zone": "UTC"}
    answer = stranger.post(f"/registrations/{alice}/{deed}", data=data)
    assert answer.status_code == 403
    assert database_content() == before


@pytest.mark.parametrize("deed", ["mode", "resend", "details"])
def test_the_browser_that_signed_up_cannot_change_what_only_the_mailbox_may(client, webinar, deed):
    answer = sign_up(client, webinar, "Alice")
    before = database_content()
    token = find_form(parse(answer), "/cancel").find("input", attrs={"name": "csrf_token"})["value"]
    data = {"csrf_token": token, "mode": "recording", "name": "Mallory", "time_zone": "Europe/Paris"}
    refused = client.post(f"{answer.request.path}/{deed}", data=data)
    assert refused.status_code == 403
    assert database_content() == before


def test_the_browser_that_signed_up_cancels_and_undoes_without_proving_the_address(client, webinar):
    cancelled = press(client, sign_up(client, webinar), "Cancel my place")
    assert standing("Alice") == ("cancelled", None)
    press(client, cancelled, "Undo")
    assert standing("Alice") == ("confirmed", None)
    assert not is_proven(keyed_hash("address", "alice@example.org"))


def test_the_link_leads_to_a_clean_address_and_fetching_changes_nothing(client, webinar):
    make_registration(webinar, "Alice")
    before = database_content()
    token = path(links.manage_url(registration_of("Alice")))
    answer = client.get(token, follow_redirects=True)
    assert answer.request.path == f"/registrations/{registration_of('Alice').public_id}"
    assert "confirmed" in text_of(parse(answer))
    alice = registration_of("Alice")
    for address in (token, path(links.calendar_url(alice)), path(links.join_url(alice)), answer.request.path, "/my"):
        client.get(address, follow_redirects=True)
        client.head(address)
        client.options(address)
    assert database_content() == before


def test_the_cookie_is_short_lived_and_out_of_reach_of_scripts(client, webinar):
    make_registration(webinar, "Alice")
    answer = manage(client).history[0]
    cookie = next(value for name, value in answer.headers if name == "Set-Cookie" and value.startswith("places="))
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Max-Age=7200"))


def test_cancelling_through_the_link_is_at_once_and_can_be_undone(client, webinar):
    make_registration(webinar, "Alice")
    cancelled = press(client, manage(client), "Cancel my place")
    assert "Your place is cancelled" in text_of(parse(cancelled))
    assert standing("Alice") == ("cancelled", None)
    undone = press(client, cancelled, "Undo")
    assert "confirmed" in text_of(parse(undone))
    assert standing("Alice") == ("confirmed", None)


def give_up_the_last_place(client, webinar):
    make_registration(webinar, "Bob")
    make_registration(webinar, "Alice")
    make_registration(webinar, "Charlie", state="waitlisted")
    press(client, manage(client), "Cancel my place")
    assert standing("Charlie") == ("confirmed", None)


def buttons(answer):
    return [text_of(button) for button in parse(answer).find(id="main").find_all("button")]


def test_undo_names_the_waiting_list_once_the_place_went_on(client, stranger, webinar):
    give_up_the_last_place(client, webinar)
    assert "Put me back on the waiting list" in buttons(manage(client))
    shown = press(stranger, sign_up(stranger, webinar, "Dora"), "Cancel my place")
    assert "Put me back on the waiting list" in buttons(shown)
    assert standing("Dora") == ("cancelled", None)


def test_undo_is_not_offered_when_it_could_give_nothing(client, app):
    give_up_the_last_place(client, make_webinar(now=utc_now(), capacity=2, waiting_list=False))
    assert not [label for label in buttons(manage(client)) if "back" in label]


def test_asking_twice_for_the_letter_says_that_one_has_just_gone_out(client, webinar):
    make_registration(webinar, "Alice", now=utc_now() - timedelta(hours=1))
    first = press(client, manage(client), "Send me the letter again")
    assert "You get the letter again" in text_of(parse(first))
    with listening() as heard:
        second = press(client, first, "Send me the letter again")
    assert heard == []
    words = text_of(parse(second))
    assert "We wrote to you a moment ago" in words and "You get the letter again" not in words


def test_pressing_a_button_behind_the_link_proves_the_address(client, webinar):
    make_registration(webinar, "Alice")
    key = keyed_hash("address", "alice@example.org")
    page = manage(client)
    assert not is_proven(key)
    press(client, page, "Send me the letter again")
    assert is_proven(key)


@pytest.mark.parametrize("token", ["nonsense", "a.1.b", "á.1.ñ", "x" * 300])
def test_a_broken_link_offers_the_way_back(client, webinar, token):
    for address, status in (
        (f"/r/{token}", 404), (f"/r/{token}/calendar.ics", 404), (f"/my/{token}", 404), (f"/registrations/{token}", 403)
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == status
        assert "Send me my link again" in text_of(parse(answer))
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_join_or_calendar_token_opens_no_management(client, webinar):
    alice = make_registration(webinar, "Alice")
    for purpose in (links.JOIN, links.CALENDAR):
        assert client.get(f"/r/{links.token_for(purpose, alice)}").status_code == 404
    assert client.get(f"/r/{links.token_for(links.MANAGE, alice)}/calendar.ics").status_code == 404
    assert client.get(f"/registrations/{alice.public_id}").status_code == 403


def test_a_revoked_link_ends_open_pages_too(client, webinar):
    make_registration(webinar, "Alice")
    page = manage(client)
    with transaction():
        registration_of("Alice").link_version += 1
    assert client.get(page.request.path).status_code == 403


def test_the_calendar_file_is_the_persons_own_without_anybody_named(client, webinar):
    alice = make_registration(webinar, "Alice", discreet=True)
    answer = client.get(path(links.calendar_url(alice)))
    words = answer.text.replace("\r\n ", "")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert f"UID:{alice.uid}" in words
    assert "METHOD:PUBLISH" in words
    assert "ATTENDEE" not in words
    assert webinar.title not in words
    assert links.token_for(links.MANAGE, alice) not in words


def test_the_calendar_file_of_a_cancelled_place_takes_the_entry_out(client, webinar):
    make_registration(webinar, "Alice")
    address = path(links.calendar_url(registration_of("Alice")))
    press(client, manage(client), "Cancel my place")
    assert "STATUS:CANCELLED" in client.get(address).text
    assert "SEQUENCE:1" in client.get(address).text


def test_the_calendar_file_takes_the_entry_out_when_undo_only_gave_a_place_in_line(client, webinar):
    give_up_the_last_place(client, webinar)
    address = path(links.calendar_url(registration_of("Alice")))
    press(client, manage(client), "Put me back on the waiting list")
    assert standing("Alice") == ("waitlisted", 1)
    answer = client.get(address)
    assert answer.status_code == 200 and "STATUS:CANCELLED" in answer.text and "SEQUENCE:2" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        # What browsers send from a page whose referrer policy is no-referrer, as ours is.
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 302),
        ({"Origin": "null"}, 302),
        ({}, 302),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
    ],
)
def test_cancelling_as_browsers_send_it(client, webinar, headers, status):
    make_registration(webinar, "Alice")
    form = find_form(parse(manage(client)), "/cancel")
    token = form.find("input", attrs={"name": "csrf_token"})["value"]
    answer = client.post(
        str(form["action"]), data={"csrf_token": token}, headers=headers, buffered=True, follow_redirects=True
    )
    first = answer.history[0].status_code if answer.history else answer.status_code
    assert first == status
    assert standing("Alice")[0] == ("cancelled" if status == 302 else "confirmed")


def test_a_forged_cookie_opens_nothing(client, webinar):
    alice = make_registration(webinar, "Alice")
    client.set_cookie("places", sign("places", alice.public_id, 1))
    assert client.get(f"/registrations/{alice.public_id}").status_code == 403


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "cancelled", "cancel_reason": "The speaker is ill."}, "The speaker is ill."),
        ({"starts_in": timedelta(days=-1)}, "This webinar is over"),
    ],
)
def test_a_place_of_a_webinar_that_does_not_lie_ahead(client, app, fields, expected):
    make_registration(make_webinar(now=utc_now(), **fields), "Alice")
    page = parse(manage(client))
    assert expected in text_of(page)
    assert "Cancel my place" not in text_of(page)
    assert "/join" not in str(page)


def test_the_same_form_again_and_again_over_http_makes_one_place(client, webinar):
    page = client.get(f"/webinars/{webinar.slug}")
    for _ in range(5):
        assert client.submit(page, "/register", name="Alice", email="alice@example.org").status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 1


def test_a_machine_is_marked_and_never_refused(client, webinar):
    answer = sign_up(client, webinar, "Alice", website="https://spam.example")
    assert "confirmed" in text_of(parse(answer))
    assert registration_of("Alice").suspicious


def test_way_in_is_a_button_in_words_and_an_address_only_on_paper(client, webinar):
    page = parse(sign_up(client, webinar))
    url = links.join_url(registration_of("Alice"))
    [link] = page.find_all("a", href=url)
    assert text_of(link) == "Join the webinar"
    [printed] = page.select(".join-sheet .print-only")
    assert text_of(printed).startswith("Type 127.0.0.1:8000/my") and not printed.find("svg")
    [printed] = parse(manage(client)).select(".join-sheet .print-only")
    assert "Point the camera" in text_of(printed) and "127.0.0.1:8000/my" in text_of(printed)
    assert printed.find("svg") and "/r/" not in text_of(printed), "nobody types a personal link"


def test_who_waits_leaves_the_waiting_list_inside_the_card_of_the_place(client, stranger, webinar):
    for name in ("Alice", "Bob"):
        sign_up(stranger, webinar, name)
    answer = sign_up(client, webinar, "Charlie")
    [button] = parse(answer).select(".join-sheet form[action$='/cancel'] button")
    assert text_of(button).startswith("Leave the waiting list")
    left = press(client, answer, "Leave the waiting list (Cancel my place)")
    assert standing("Charlie")[0] == "cancelled" and "Put me back on the waiting list" in left.text


def test_who_came_by_the_link_reads_how_to_change_the_address(client, webinar):
    sign_up(client, webinar)
    assert "My email address has changed" in text_of(parse(manage(client)))
    assert "My email address has changed" not in text_of(parse(sign_up(client, webinar, "Bob")))


def test_foot_of_every_page_subscribes_to_the_calendar(client, webinar):
    for language in ("", "/es"):
        [link] = parse(client.get(f"{language}/")).select(".site-foot a[href^=webcal]")
        assert link["href"] == f"webcal://127.0.0.1:8000{language}/calendar.ics"
