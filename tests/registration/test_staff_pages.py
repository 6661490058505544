"""The staff's pages about registrations."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from tests.factories import make_registration, make_webinar
from tests.registration.deeds import listening, registration_of, standing
from tests.support.pages import find_form, form_data, parse, text_of
from tests.support.queries import sent_queries
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.core import paging
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.formats import when
from webinars.core.language import speaking
from webinars.mail import outbox
from webinars.mail.models import Lane, Message, MessageState
from webinars.registration import lists, queries

WHY = "the form was sent within 2 seconds"


def people(webinar, *names, **fields):
    return [make_registration(webinar, name, now=utc_now(), **fields) for name in names]


def rows(client, address):
    return [text_of(row.find("th")) for row in parse(client.get(address)).select("tbody tr")]


def letter(registration, notice="confirmation", **fields):
    with transaction():
        outbox.owe(notice=notice, subject=registration.subject, occasion="1", now=utc_now())
        message = db.session.query(Message).filter_by(subject=registration.subject, notice=notice).one()
        for name, value in fields.items():
            setattr(message, name, value)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ruth alv", ["Ruth Álvarez"]),
        ("ALVAREZ", ["Ruth Álvarez"]),
        ("bob@example", ["Bob"]),
        ("example.org", 3),
        ("%", 0),
    ],
)
def test_search_by_parts_of_name_and_address(editor, webinar, words, expected):
    people(webinar, "Ruth Álvarez", email="ruth@example.org")
    people(webinar, "Bob", "Charlie", state="cancelled")
    found = rows(editor, f"/staff/registrations?q={words}".replace("%", "%25"))
    assert len(found) == expected if isinstance(expected, int) else found == expected


def test_search_by_telephone_number_however_it_is_written(editor, webinar):
    people(webinar, "Alice", email=None, phone="1 (800) 555-0142", email_key="tel:18005550142")
    people(webinar, "Bob", phone="+49 30 1234567")
    assert rows(editor, "/staff/registrations?q=800 555-0142") == ["Alice"]
    assert rows(editor, "/staff/registrations?q=30 1234") == ["Bob"]


def test_list_sorts_filters_and_pages_on_the_server(editor, webinar, monkeypatch):
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    people(webinar, "Charlie", "Alice")
    people(webinar, "Bob", state="waitlisted")
    base = f"/staff/webinars/{webinar.slug}/registrations"
    assert rows(editor, base) == ["Charlie", "Alice"]
    assert rows(editor, f"{base}?page=2") == ["Bob"]
    assert rows(editor, f"{base}?sort=name") == ["Alice", "Bob"]
    assert rows(editor, f"{base}?sort=name&direction=desc&page=2") == ["Alice"]
    assert rows(editor, f"{base}?state=waitlisted") == ["Bob"]
    assert rows(editor, f"{base}?page=99&sort=nonsense&state=nonsense") == ["Bob"]


def test_list_shows_places_in_line_and_the_newest_letter(editor, webinar):
    people(webinar, "Alice", "Bob")
    people(webinar, "Charlie", "Dora", state="waitlisted")
    letter(registration_of("Alice"), state=MessageState.SENT, sent_at=utc_now())
    letter(registration_of("Alice"), "reminder", state=MessageState.FAILED, last_error="550 no such user")
    page = parse(editor.get(f"/staff/webinars/{webinar.slug}/registrations"))
    lines = [text_of(row) for row in page.select("tbody tr")]
    assert "Reminder: failed" in lines[0]
    assert "Waiting, place 1" in lines[2]
    assert "Waiting, place 2" in lines[3]


def test_list_costs_the_same_number_of_queries_for_one_and_three(editor, webinar):
    address = f"/staff/webinars/{webinar.slug}/registrations"
    people(webinar, "Alice", state="waitlisted")
    editor.get(address)
    with sent_queries() as one:
        editor.get(address)
    people(webinar, "Bob", "Charlie", state="waitlisted")
    letter(registration_of("Bob"))
    with sent_queries() as three:
        editor.get(address)
    assert len(one) == len(three)


def test_list_of_nobody_says_so(editor, webinar):
    assert "Nobody has registered yet" in editor.get(f"/staff/webinars/{webinar.slug}/registrations").text


def test_person_shows_every_letter_with_the_servers_words(editor, webinar):
    people(webinar, "Alice")
    letter(registration_of("Alice"), state=MessageState.FAILED, last_error="550 no such user", attempts=2)
    words = text_of(parse(editor.get(f"/staff/registrations/{registration_of('Alice').public_id}")))
    assert "Confirmation with invitation" in words
    assert "550 no such user" in words


def test_cancelling_names_the_consequences_then_promotes(editor, webinar):
    people(webinar, "Alice", "Bob")
    people(webinar, "Charlie", state="waitlisted")
    address = f"/staff/registrations/{registration_of('Alice').public_id}/cancel"
    page = parse(editor.get(address))
    assert "The next person in line gets the place at once" in text_of(page)
    assert standing("Alice") == ("confirmed", None), "asking changes nothing"
    form = find_form(page, "", "Cancel this place")
    token = form.find("input", attrs={"name": "csrf_token"})["value"]
    with listening() as heard:
        editor.post(address, data={"csrf_token": token})
    assert sorted(heard) == [("cancelled", "Alice"), ("promoted", "Charlie")]


def test_bringing_back_and_sending_again(editor, webinar):
    people(webinar, "Alice", state="cancelled")
    address = f"/staff/registrations/{registration_of('Alice').public_id}"
    with listening() as heard:
        page = editor.submit(editor.get(address), "/restore")
        again = editor.submit(page, "/resend")
    assert standing("Alice") == ("confirmed", None)
    assert [kind for kind, _ in heard] == ["confirmed", "restored", "repeated"]
    assert "The letter is on its way again." in text_of(parse(again)), "the first one has not left yet"
    assert db.session.query(AuditEntry).filter_by(action="letter sent again").count() == 1


@pytest.mark.parametrize(("lane", "notice", "again"), [
    (Lane.TRANSACTIONAL, "confirmation", False),
    (Lane.BULK, "confirmation", False),
    (Lane.BULK, "waitlisted", False),
    (Lane.BULK, "reminder", True),
])  # fmt: skip
def test_letter_that_went_out_a_moment_ago_is_not_sent_again_also_to_who_was_on_a_list(
    editor, webinar, lane, notice, again
):
    people(webinar, "Alice")
    letter(registration_of("Alice"), notice, lane=lane, state=MessageState.SENT, sent_at=utc_now())
    page = editor.get(f"/staff/registrations/{registration_of('Alice').public_id}")
    said = text_of(parse(editor.submit(page, "/resend")))
    assert ("The letter is on its way again." in said) is again
    assert ("A letter went out a moment ago." in said) is not again


def test_correcting_an_address(editor, webinar):
    people(webinar, "Alice")
    address = f"/staff/registrations/{registration_of('Alice').public_id}"
    wrong = editor.submit(editor.get(address), "/address", email="alicia@example")
    assert (wrong.status_code, registration_of("Alice").email) == (422, "alice@example.org")
    editor.submit(wrong, "/address", email="alicia@example.org")
    assert registration_of("Alice").email == "alicia@example.org"


def test_registering_a_caller_without_email(editor, webinar):
    address = f"/staff/webinars/{webinar.slug}/registrations/new"
    page = editor.get(address)
    missing = editor.post(address, data=_caller(page, name="Alice"))
    assert missing.status_code == 422
    assert "we need a telephone number" in text_of(parse(missing))
    editor.post(address, data=_caller(page, name="Alice", phone="800 555 0142", mode="phone"))
    alice = registration_of("Alice")
    assert (alice.email, alice.mode, alice.state, alice.entered_by_staff) == (None, "phone", "confirmed", True)


def test_caller_without_email_is_read_out_all_they_need_in_their_own_time(editor, webinar):
    address = f"/staff/webinars/{webinar.slug}/registrations/new"
    form = form_data(find_form(parse(editor.get(address)), "", "Register"))
    assert form["mode"] == "phone"
    typed = {"name": "Alice", "phone": "800 555 0142", "time_zone": "America/Los_Angeles"}
    answer = editor.post(address, data=form | typed, follow_redirects=True)
    box = parse(answer).find("section", attrs={"aria-labelledby": "tell-heading"})
    words = text_of(box)
    assert when(webinar.starts_at, webinar.ends_at, "America/Los_Angeles") in box.get_text()
    assert "Pacific time" in words and webinar.phone_number in words and webinar.phone_pin in words


@pytest.mark.parametrize(
    ("state", "fields", "told", "kept_back"),
    [
        ("waitlisted", {}, "Place in line 1", "1-800-555-0142"),
        ("recording-only", {}, "when it is there", "1-800-555-0142"),
        ("confirmed", {"phone_number": ""}, "no telephone number yet", "4471"),
    ],
)
def test_caller_is_told_only_what_they_can_use(editor, webinar, state, fields, told, kept_back):
    for name, value in fields.items():
        setattr(webinar, name, value)
    (alice,) = people(webinar, "Alice", email=None, phone="800 555 0100", state=state)
    box = editor.page(f"/staff/registrations/{alice.public_id}").find(attrs={"aria-labelledby": "tell-heading"})
    assert told in text_of(box) and kept_back not in text_of(box)


def box_of(editor, registration):
    return editor.page(f"/staff/registrations/{registration.public_id}").find(attrs={"aria-labelledby": "tell-heading"})


def test_whoever_lost_the_letter_is_read_out_the_same_until_the_end(editor, webinar):
    (alice,) = people(webinar, "Alice")
    assert "no letter at hand" in text_of(box_of(editor, alice)) and "4471" in text_of(box_of(editor, alice))
    webinar.ends_at = utc_now()
    db.session.commit()
    assert not box_of(editor, alice)


def test_nothing_is_read_out_to_who_gave_the_place_up_or_waits_for_letters(editor, webinar):
    gone, waits = people(webinar, "Bob", email=None, state="cancelled"), people(webinar, "Carla", state="waitlisted")
    assert not any(box_of(editor, one) for one in (*gone, *waits))


@pytest.mark.parametrize("email", ["alice@example.org", None])
def test_nobody_is_told_how_to_come_to_a_webinar_that_was_called_off(editor, webinar, email):
    (alice,) = people(webinar, "Alice", email=email, phone="800 555 0100")
    webinar.state = "cancelled"
    db.session.commit()
    words = text_of(editor.page(f"/staff/registrations/{alice.public_id}").main)
    assert "Tell them now" not in words and webinar.phone_number not in words


def test_text_message_says_how_to_come_in_and_neither_topic_nor_sender(editor, webinar):
    (alice,) = people(webinar, "Alice", phone="(800) 555-0100", language="es", discreet=True)
    link = next(one["href"] for one in box_of(editor, alice).select("a") if one["href"].startswith("sms:"))
    assert link.startswith("sms:8005550100?&body=")
    words = unquote(link.partition("body=")[2])
    assert words.splitlines()[0] == said_in("es", webinar, alice)
    assert "/es/r/" in words and words.splitlines()[1].endswith("/join")
    assert "1-800-555-0142" in words and "4471" in words
    assert webinar.title not in words and "Immunotherapy" not in words


def said_in(language, webinar, registration):
    with speaking(language):
        return when(webinar.starts_at, webinar.ends_at, registration.time_zone)


def test_text_message_is_offered_only_with_a_seat(editor, webinar):
    (alice,) = people(webinar, "Alice", email=None, phone="800 555 0100", state="waitlisted")
    assert "sms:" not in str(box_of(editor, alice))


def test_caller_who_is_the_only_one_found_is_shown_at_once(editor, webinar):
    webinar.capacity = None
    alice, *_others = people(webinar, "Alice", "Carla", "Carlos")
    address = f"/staff/webinars/{webinar.slug}/registrations?caller=1&q="
    assert editor.get(f"{address}ali").location.endswith(f"/registrations/{alice.public_id}")
    for several_or_nothing in ("carl", ""):
        assert editor.get(address + several_or_nothing).status_code == 200
    assert editor.get(f"{address}zoe").location.endswith("/staff/registrations?q=zoe&caller=1")
    found = editor.page(f"{address}carl")
    # Those who were looked for come before the numbers of all.
    assert not found.select(".tiles") and len(found.select("tbody tr")) == 2


def test_webinar_without_a_number_preselects_taking_part_online(editor, webinar):
    webinar.phone_number = ""
    db.session.commit()
    page = editor.page(f"/staff/webinars/{webinar.slug}/registrations/new")
    assert form_data(find_form(page, "", "Register"))["mode"] == "live"


def test_zone_of_a_person_is_said_in_everyday_words(editor, webinar):
    (alice,) = people(webinar, "Alice", time_zone="Europe/Berlin")
    words = text_of(editor.page(f"/staff/registrations/{alice.public_id}"))
    assert "Central European time (Berlin)" in words and "Europe/Berlin" not in words


def test_mark_of_a_machine_is_taken_away_once_somebody_had_a_look(client, webinar):
    (alice,) = people(webinar, "Alice", suspicious=True)
    host = sign_in(client, "editor")
    page = host.page(f"/staff/registrations/{alice.public_id}")
    assert WHY in text_of(page)
    answer = host.submit(page, "/looks-fine", "Looks fine")
    assert not registration_of("Alice").suspicious
    assert WHY not in text_of(parse(answer)) and "Looks fine" not in answer.text
    entry = db.session.query(AuditEntry).filter_by(object_id=alice.public_id).one()
    assert (entry.action, entry.object_kind) == ("registration looked at", "registration")


def test_viewer_cannot_take_the_mark_away(client, webinar):
    (alice,) = people(webinar, "Alice", suspicious=True)
    viewer = sign_in(client, "viewer")
    page = viewer.page(f"/staff/registrations/{alice.public_id}")
    assert "Looks fine" not in str(page) and WHY in text_of(page)

    token = page.body["data-hx-headers"].split('"')[3]
    answer = viewer.post(f"/staff/registrations/{alice.public_id}/looks-fine", data={"csrf_token": token})
    assert answer.status_code == 403 and registration_of("Alice").suspicious


def test_registering_a_caller_twice_keeps_one_place(editor, webinar):
    address = f"/staff/webinars/{webinar.slug}/registrations/new"
    page = editor.get(address)
    for _ in range(2):
        editor.post(address, data=_caller(page, name="Alice", email="alice@example.org"))
    assert queries.counts(webinar.id).active == 1


def _caller(page, **fields):
    token = parse(page).find("input", attrs={"name": "csrf_token"})["value"]
    return {"csrf_token": token, "mode": "live", "time_zone": "America/New_York", "language": "en"} | fields


def test_a_viewer_sees_and_changes_nothing(client, webinar):
    viewer = sign_in(client, "viewer")
    people(webinar, "Alice")
    address = f"/staff/registrations/{registration_of('Alice').public_id}"
    page = parse(viewer.get(address))
    assert "alice@example.org" in text_of(page)
    assert not page.find_all("form", method="post", action=lambda action: "registrations" in action)
    assert viewer.get(f"{address}/cancel").status_code == 403
    assert viewer.get(f"/staff/webinars/{webinar.slug}/registrations/new").status_code == 403


def test_a_visitor_is_sent_to_sign_in(client, webinar):
    people(webinar, "Alice")
    for address in ("/staff/registrations", f"/staff/webinars/{webinar.slug}/registrations"):
        answer = client.get(address, follow_redirects=True)
        assert "sign-in" in answer.request.path
        assert "alice" not in answer.text


def test_sign_ups_are_counted_by_the_days_of_the_organisers_zone(app):
    new_york = ZoneInfo("America/New_York")
    webinar = make_webinar(now=datetime(2026, 11, 1, 12, tzinfo=UTC))
    # The clocks go back on 1 November: that day has 25 hours, and 1:30 comes twice.
    moments = [
        datetime(2026, 10, 30, 23, 59, 59, 999999, new_york),
        datetime(2026, 11, 1, 0, 0, tzinfo=new_york),
        datetime(2026, 11, 1, 1, 30, tzinfo=new_york),
        datetime(2026, 11, 1, 1, 30, tzinfo=new_york, fold=1),
        datetime(2026, 11, 1, 23, 30, tzinfo=new_york),
        datetime(2026, 11, 2, 0, 0, tzinfo=new_york),
    ]
    for number, moment in enumerate(moments):
        make_registration(webinar, f"Person {number}", now=moment)
    until = datetime(2026, 11, 2, 12, tzinfo=new_york)
    days = [(date(2026, 10, 30), 1), (date(2026, 10, 31), 0), (date(2026, 11, 1), 4), (date(2026, 11, 2), 1)]
    assert queries.per_day(webinar.id, "America/New_York", until) == days
    assert queries.per_day(webinar.id, "America/New_York", until, most_days=2) == days[2:]
    assert queries.per_day(webinar.id, "America/New_York", moments[0] - timedelta(days=1)) == []
    assert queries.per_day(webinar.id + 1, "America/New_York", until) == []


def test_sign_ups_per_day_cost_two_queries_and_no_row_each(app):
    webinar = make_webinar(now=utc_now())
    people(webinar, *(f"Person {number}" for number in range(5)))
    webinar_id = webinar.id
    with sent_queries() as sent:
        queries.per_day(webinar_id, "America/New_York", utc_now())
    assert len(sent) == 2
    assert all("count(" in statement or "min(" in statement for statement in sent)


@pytest.mark.parametrize("few", [0, 500])
def test_search_gives_the_same_for_rare_and_for_common_words(app, monkeypatch, few):
    webinar = make_webinar(now=utc_now())
    monkeypatch.setattr(paging, "FEW", few)
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    people(webinar, "Ruth One", "Bob", "Ruth Two", "Ruth Three")
    found = lists.search("ruth", page=2)
    assert ([one.name for one in found.items], found.total, found.pages) == (["Ruth One"], 3, 2)
    assert lists.search("nobody").items == []
    assert lists.search("").total == 4


def test_list_says_why_somebody_is_marked_only_where_somebody_is(editor, webinar):
    people(webinar, "Alice", suspicious=True)
    people(webinar, "Bob")
    address = f"/staff/webinars/{webinar.slug}/registrations"
    assert WHY in text_of(editor.page(address))
    assert WHY not in text_of(editor.page(f"{address}?q=bob"))
