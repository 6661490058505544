"""The delivery desk: who will miss a letter, why, what staff do about it, and what it costs to know."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import NOW, make_registration, make_webinar
from tests.mail.test_plans import gather_statistics
from tests.support.pages import parse, text_of
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db, is_sqlite, transaction
from webinars.core.language import speaking
from webinars.core.links import address_key
from webinars.mail.models import Address, Message
from webinars.notices import desk, desk_rules, desk_service, desk_words
from webinars.notices.desk_rules import REMEDIES, Remedy, Trouble, When
from webinars.notices.kinds import Reason
from webinars.registration import corrections
from webinars.registration.models import Registration

GONE = "550 5.1.1 <address>: Recipient address rejected: User unknown"


def letter(place: Registration, notice: str = "confirmation", state: str = "sent", **fields: object) -> int:
    """Write a letter as the outbox has it; give its id."""
    count = db.session.query(Message).count()
    values = {
        "notice": notice, "subject": place.subject, "occasion": str(count), "about": f"w{place.webinar_id}",
        "state": state, "created_at": NOW, "next_attempt_at": NOW, "message_id": f"<{count}@x>",
        "reference": f"{count:032}", "lane": "b" if notice in {"reminder", "moved", "cancelled"} else "a",
        "last_error": GONE if state == "failed" else None, "sent_at": NOW if state == "sent" else None,
    } | fields  # fmt: skip
    row = Message(**values)
    db.session.add(row)
    db.session.commit()
    return row.id


def names(now: datetime = NOW) -> list[str]:
    db.session.expire_all()
    return [one.registration.name for miss in desk.overview(now) for one in miss.people]


def troubles(now: datetime = NOW) -> dict[str, Trouble]:
    db.session.expire_all()
    return {one.registration.name: one.trouble for miss in desk.overview(now) for one in miss.people}


def person(name: str) -> Registration:
    db.session.expire_all()
    return db.session.query(Registration).filter_by(name=name).one()


def bounce(address: str, at: datetime = NOW, words: str = GONE) -> None:
    db.session.add(Address(key=address_key(address), bounced_at=at, bounce_words=words))
    db.session.commit()


@pytest.fixture
def webinar(app):
    return make_webinar(starts_in=timedelta(days=3))


# --- who --------------------------------------------------------------------------------------------------------------


def test_who_has_the_letter_is_not_listed(webinar):
    alice = make_registration(webinar, "Alice")
    letter(alice)
    make_registration(webinar, "Bob")
    assert names() == []


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_who_has_not_got_the_letter_is_listed(webinar, state):
    letter(make_registration(webinar, "Alice"), state=state)
    assert names() == ["Alice"]


@pytest.mark.parametrize(
    ("then", "listed"),
    [
        ({"state": "sent"}, False),
        ({"state": "sending"}, False),
        ({"state": "pending", "notice": "repeated"}, False),
        ({"state": "failed"}, True),
        ({"state": "superseded"}, True),
        ({"state": "pending", "notice": "reminder"}, True),
        ({"state": "sent", "notice": "announcement"}, True),
    ],
)
def test_a_later_letter_takes_a_person_off_the_list_when_it_can_have_reached_them(webinar, then, listed):
    alice = make_registration(webinar, "Alice")
    letter(alice, state="failed")
    letter(alice, **{"notice": "repeated"} | then)
    assert names() == (["Alice"] if listed else [])


def test_a_letter_that_fails_after_one_that_arrived_puts_them_on_the_list(webinar):
    alice = make_registration(webinar, "Alice")
    letter(alice)
    letter(alice, "reminder", "failed")
    assert names() == ["Alice"]


def test_a_letter_about_another_webinar_says_nothing(webinar):
    other = make_webinar(starts_in=timedelta(days=30))
    letter(make_registration(other, "Alice"), state="failed")
    letter(make_registration(webinar, "Bob"))
    assert names() == []


@pytest.mark.parametrize(
    ("state", "listed"), [("confirmed", 1), ("waitlisted", 1), ("recording-only", 0), ("cancelled", 0)]
)
def test_only_who_holds_a_place_misses_something(webinar, state, listed):
    letter(make_registration(webinar, "Alice", state=state), state="failed")
    assert len(names()) == listed


def test_of_a_webinar_that_was_called_off_everybody_has_to_hear(app):
    off = make_webinar(starts_in=timedelta(days=1), state="cancelled")
    letter(make_registration(off, "Alice", state="recording-only"), "cancelled", "failed")
    assert names() == ["Alice"]


@pytest.mark.parametrize(
    ("ended", "notice", "listed"),
    [(2, "moved", True), (2, "cancelled", True), (2, "reminder", False), (30, "moved", False)],
)
def test_after_the_end_only_a_missed_move_or_cancellation_matters_and_only_for_a_day(app, ended, notice, listed):
    over = make_webinar(
        starts_in=timedelta(hours=-ended - 1), state="cancelled" if notice == "cancelled" else "published"
    )
    letter(make_registration(over, "Alice"), notice, "failed")
    make_registration(over, "Bob", email=None)
    assert names() == (["Alice"] if listed else [])


@pytest.mark.parametrize(("days", "state", "listed"), [(13, "published", 1), (15, "published", 0), (3, "draft", 0)])
def test_the_desk_looks_two_weeks_ahead(app, days, state, listed):
    letter(make_registration(make_webinar(starts_in=timedelta(days=days), state=state), "Alice"), state="failed")
    assert len(names()) == listed


def test_who_has_no_address_needs_a_call(webinar):
    make_registration(webinar, "Alice", email=None, phone="800 555 0142")
    assert troubles() == {"Alice": Trouble.NO_ADDRESS}


@pytest.mark.parametrize(("starts_in", "attempts", "listed"), [(1, 2, True), (3, 2, False), (1, 0, False)])
def test_a_letter_that_is_still_tried_counts_when_the_start_is_near(app, starts_in, attempts, listed):
    near = make_webinar(starts_in=timedelta(hours=starts_in))
    later = NOW + timedelta(minutes=3)
    place = make_registration(near, "Alice")
    letter(place, "reminder", "pending", attempts=attempts, next_attempt_at=later, last_error="451 later")
    assert troubles() == ({"Alice": Trouble.STILL_TRIED} if listed else {})


@pytest.mark.parametrize(
    ("starts_in", "leaves_in", "listed"), [(10, 12, True), (10, 3, False), (1, 0.5, True), (1, 0.05, False)]
)
def test_a_letter_that_is_held_back_counts_when_it_would_come_too_late(app, starts_in, leaves_in, listed):
    place = make_registration(make_webinar(starts_in=timedelta(hours=starts_in)), "Alice")
    letter(place, state="pending", next_attempt_at=NOW + timedelta(hours=leaves_in))
    assert troubles() == ({"Alice": Trouble.HELD_BACK} if listed else {})


def test_an_address_found_dead_elsewhere_counts_for_every_webinar_ahead(webinar):
    other = make_webinar(starts_in=timedelta(days=1))
    letter(make_registration(webinar, "Alice", email="home@example.org"))
    letter(make_registration(other, "Bob", email="home@example.org"), "reminder", "failed")
    make_registration(webinar, "Charlie")
    bounce("home@example.org", NOW + timedelta(minutes=1))
    assert troubles() == {"Alice": Trouble.NO_MAILBOX, "Bob": Trouble.NO_MAILBOX}


def test_whoever_gets_no_further_letter_is_listed_whatever_arrived_before(webinar):
    bounce("home@example.org")
    letter(make_registration(webinar, "Alice", email="home@example.org"), sent_at=NOW + timedelta(hours=1))
    assert troubles() == {"Alice": Trouble.NO_MAILBOX}


def test_letters_to_nobody_registered_do_not_disturb(webinar):
    place = make_registration(webinar, "Alice")
    letter(place, state="failed", subject="a0123456789abcdef")
    letter(place, state="failed")
    assert names() == ["Alice"]


def test_people_are_grouped_by_webinar_the_soonest_first_and_the_rest_is_counted(app, monkeypatch):
    monkeypatch.setattr(desk, "MOST_SHOWN", 2)
    later, sooner = make_webinar(starts_in=timedelta(days=9)), make_webinar(starts_in=timedelta(days=2))
    for name in ("Dora", "Alice", "Bob"):
        letter(make_registration(sooner, name), state="failed")
    letter(make_registration(later, "Charlie"), state="failed")
    found = desk.overview(NOW)
    assert [miss.webinar.id for miss in found] == [sooner.id, later.id]
    assert [miss.count for miss in found] == [3, 1]
    assert [[one.registration.name for one in miss.people] for miss in found] == [["Alice", "Bob"], ["Charlie"]]
    assert [(one.id, count) for one, count in desk.counted(NOW)] == [(sooner.id, 3), (later.id, 1)]
    assert [desk.count_of(one, NOW) for one in (later, sooner)] == [1, 3]
    assert desk.count_of(later, NOW - timedelta(days=6)) == 0, "more than two weeks ahead"


def test_a_person_is_listed_once_however_many_reasons_there_are(webinar):
    alice = make_registration(webinar, "Alice")
    letter(alice, state="failed")
    letter(alice, "reminder", "failed", last_error=Reason.BOUNCED)
    bounce("alice@example.org", NOW + timedelta(minutes=1))
    assert troubles() == {"Alice": Trouble.NO_MAILBOX}
    assert [count for _, count in desk.counted(NOW)] == [1]


# --- why --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "words", "trouble"),
    [
        ("alice@gmial.com", "550 5.1.2 <address>: Host or domain name not found", Trouble.MISTYPED),
        ("alice@gmial.com", GONE, Trouble.MISTYPED),
        ("alice@gmial.com", "552 5.2.2 mailbox full", Trouble.MAILBOX_FULL),
        ("alice@example.org", "550 5.1.2 <address>: Host or domain name not found", Trouble.NO_DOMAIN),
        ("alice@example.org", GONE, Trouble.NO_MAILBOX),
        ("alice@example.org", "550 5.2.1 The account is disabled", Trouble.CLOSED),
        ("alice@example.org", "452 4.2.2 The recipient's inbox is out of storage space", Trouble.MAILBOX_FULL),
        ("alice@example.org", "554 5.7.1 Message considered spam", Trouble.SPAM),
        ("alice@example.org", "550 5.7.1 blocked using a blocklist", Trouble.BLOCKED),
        ("alice@example.org", "the server did not answer", Trouble.SERVER_AWAY),
        ("alice@example.org", "the letter could not be made: KeyError", Trouble.UNMADE),
        ("alice@example.org", "its time had passed", Trouble.LATE),
        ("alice@example.org", "", Trouble.UNKNOWN),
    ],
)
def test_cause_is_told_from_the_servers_words_and_the_address(webinar, email, words, trouble):
    letter(make_registration(webinar, "Alice", email=email), state="failed", last_error=words)
    assert troubles() == {"Alice": trouble}


def test_a_letter_not_tried_because_of_an_earlier_bounce_has_the_cause_of_that_one(webinar):
    alice = make_registration(webinar, "Alice")
    letter(alice, state="failed", last_error=Reason.BOUNCED)
    bounce("alice@example.org", words="550 5.2.1 The account is disabled")
    assert troubles() == {"Alice": Trouble.CLOSED}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("trouble", Trouble)
def test_every_cause_has_words_and_something_to_do(app, webinar, trouble, language):
    alice = make_registration(webinar, "Alice", email="alice@gmial.com")
    held = db.session.get(Message, letter(alice, state="pending", next_attempt_at=NOW + timedelta(hours=3)))
    one = desk_rules.Missed(alice, held, trouble, "alice@gmail.com")
    with app.test_request_context(), speaking(language):
        said = desk_words.cause(one, NOW), desk_words.advice(one)
    assert all(said) and "%(" not in "".join(said)
    assert REMEDIES[trouble]
    assert Remedy.CALL in REMEDIES[trouble]


@pytest.mark.parametrize(
    ("now", "fields", "day"),
    [
        # The webinar starts on Thursday at 19:00 in New York.
        (datetime(2026, 12, 3, 15, tzinfo=UTC), {}, When.TONIGHT),
        (datetime(2026, 12, 4, 0, 30, tzinfo=UTC), {}, When.TONIGHT),
        (datetime(2026, 12, 3, 4, tzinfo=UTC), {}, When.TOMORROW),
        (datetime(2026, 12, 2, 4, tzinfo=UTC), {}, When.LATER),
        (datetime(2026, 12, 3, 15, tzinfo=UTC), {"starts_in": timedelta(hours=-7)}, When.TODAY),
        (datetime(2026, 12, 4, 2, tzinfo=UTC), {}, When.OVER),
        (datetime(2026, 12, 3, 15, tzinfo=UTC), {"state": "cancelled"}, When.CALLED_OFF),
    ],
)
def test_the_day_is_named_on_the_webinars_clock(app, now, fields, day):
    start = datetime(2026, 12, 4, 0, 0, tzinfo=UTC)
    found = make_webinar(now=start, **{"starts_in": timedelta()} | fields)
    assert desk_rules.day_of(found, now) == day


@pytest.mark.parametrize(
    ("count", "hours", "said"),
    [
        (1, 7, "1 person will miss tonight's link"),
        (7, 7, "7 people will miss tonight's link"),
        (7, 24 * 11 + 4, "7 people will miss the link for Thursday 3 December"),
    ],
)
def test_heading_says_what_is_missed_by_how_many(app, count, hours, said):
    found = make_webinar(starts_in=timedelta(hours=hours))
    with app.test_request_context():
        assert desk_words.heading(found, count, NOW) == said


# --- what to do -------------------------------------------------------------------------------------------------------


@pytest.fixture
def soon(app):
    return make_webinar(now=utc_now(), starts_in=timedelta(days=3))


def refused(webinar, name="Alice", words=GONE, notice="confirmation", **fields):
    before = utc_now() - timedelta(hours=1)
    place = make_registration(webinar, name, now=before, **fields)
    letter(place, notice, "failed", last_error=words, created_at=before, next_attempt_at=before)
    return place


def test_desk_shows_who_why_and_what_to_do(client, soon):
    refused(soon, email="alice@gmial.com", phone="800 555 0142")
    page = sign_in(client, "host").page("/staff/delivery")
    words = text_of(page)
    assert "1 person will miss the link for" in words
    assert "The address looks mistyped: nobody takes mail at gmial.com." in words
    assert page.find("a", href="tel:8005550142")
    assert page.find("input", attrs={"name": "email"})["value"] == "alice@gmail.com"
    assert page.find("a", attrs={"aria-current": "page"}, href="/staff/delivery")


def test_desk_says_so_when_everybody_can_be_reached(client):
    assert "Everybody can be reached" in text_of(sign_in(client, "host").page("/staff/delivery"))


def test_correcting_sends_the_letter_to_the_right_address_and_takes_them_off_the_list(client, soon):
    refused(soon, email="alice@gmial.com")
    browser = sign_in(client, "host")
    page = browser.submit(browser.page("/staff/delivery"), "/address", "Correct and send")
    assert "Everybody can be reached" in text_of(parse(page))
    alice = person("Alice")
    assert alice.email == "alice@gmail.com"
    waiting = db.session.scalars(sa.select(Message).filter_by(subject=alice.subject, state="pending")).one()
    assert (waiting.notice, waiting.address_key) == ("repeated", None), "what staff send is never held back"


def test_correcting_to_what_is_no_address_keeps_what_was_typed(client, soon):
    refused(soon)
    browser = sign_in(client, "host")
    page = browser.submit(browser.page("/staff/delivery"), "/address", email="alice@gmailcom")
    assert page.status_code == 422
    assert "did you mean alice@gmail.com?" in text_of(parse(page))
    assert parse(page).find("input", attrs={"name": "email"})["value"] == "alice@gmailcom"
    assert person("Alice").email == "alice@example.org"


def test_correcting_to_the_address_of_a_namesake_is_refused(client, soon):
    refused(soon)
    make_registration(soon, "Alice", email="other@example.org")
    browser = sign_in(client, "host")
    page = browser.submit(browser.page("/staff/delivery"), "/address", email="other@example.org")
    assert "is registered for this webinar already" in text_of(parse(page))


def test_a_full_mailbox_gets_the_letter_again_as_it_is(client, soon):
    refused(soon, words="552 5.2.2 mailbox full")
    browser = sign_in(client, "host")
    page = browser.submit(browser.page("/staff/delivery"), "/resend", "Send it again")
    assert "The letter is on its way to Alice." in text_of(parse(page))
    assert names(utc_now()) == []


def token(page):
    return {"csrf_token": parse(page).find("input", attrs={"name": "csrf_token"})["value"]}


def test_sending_again_trusts_the_address_once_more(soon):
    alice = refused(soon)
    bounce("alice@example.org", utc_now())
    with transaction():
        desk_service.resend(person("Alice"), utc_now())
    assert db.session.get(Address, address_key(alice.email_key)).bounced_at is None


def test_who_was_told_by_telephone_is_off_the_list_until_the_webinar_changes(client, soon):
    make_registration(soon, "Alice", email=None, phone="800 555 0142", now=utc_now())
    browser = sign_in(client, "host")
    page = browser.submit(browser.page("/staff/delivery"), "/told", "I told them by phone")
    assert "Noted: Alice was told by telephone." in text_of(parse(page))
    assert names(utc_now()) == []
    entry = db.session.scalars(sa.select(AuditEntry).filter_by(action=desk.TOLD)).one()
    assert (entry.object_id, entry.after) == (person("Alice").public_id, {"sequence": 0})
    assert entry.actor.startswith("staff:") and "Alice" not in str([entry.note, entry.before, entry.after])
    with transaction():
        person("Alice").webinar.sequence += 1
    assert names(utc_now()) == ["Alice"]


def test_a_letter_that_fails_after_the_call_does_not_ask_for_another_call(soon):
    alice = refused(soon)
    with transaction():
        desk_service.note_told(person("Alice"), utc_now())
    letter(alice, "reminder", "failed")
    assert names(utc_now()) == []


def test_removing_somebody_is_an_editors_and_asks_first(client, soon):
    refused(soon)
    assert "Cancel this place" not in text_of(sign_in(client, "host").page("/staff/delivery").find("main"))
    editor = sign_in(client.application.test_client(), "editor")
    link = editor.page("/staff/delivery").find("a", href=lambda one: one and one.endswith("/cancel"))
    asked = editor.get(link["href"])
    assert person("Alice").active
    editor.post(link["href"], data=token(asked))
    assert not person("Alice").active
    assert names(utc_now()) == []


def test_a_viewer_sees_the_list_and_no_buttons(client, soon):
    refused(soon)
    page = sign_in(client, "viewer").page("/staff/delivery")
    assert "Alice" in text_of(page)
    assert not page.find("main").find_all("form")


@pytest.mark.parametrize("deed", ["resend", "address"])
def test_of_a_webinar_that_was_called_off_that_letter_is_sent_again(client, app, deed):
    off = make_webinar(now=utc_now(), starts_in=timedelta(days=1), state="cancelled")
    refused(off, notice="cancelled", words="552 5.2.2 mailbox full" if deed == "resend" else GONE)
    browser = sign_in(client, "host")
    page = browser.page("/staff/delivery")
    assert "1 person does not know that it was called off" in text_of(page)
    browser.submit(page, f"/{deed}", email="right@example.org")
    again = db.session.scalars(sa.select(Message).filter_by(notice="cancelled")).one()
    assert again.state == "pending"
    assert names(utc_now()) == []


def test_an_unknown_person_is_not_found(client, soon):
    refused(soon)
    browser = sign_in(client, "host")
    data = token(browser.get("/staff/delivery"))
    for deed in ("address", "resend", "told"):
        answer = browser.post(f"/staff/delivery/registrations/nobody/{deed}", data=data | {"email": "a@example.org"})
        assert answer.status_code == 404


# --- where it is said -------------------------------------------------------------------------------------------------


def test_today_and_the_webinars_page_say_it_with_a_link(client, soon):
    browser = sign_in(client, "host")
    assert "will miss" not in text_of(browser.page("/staff/"))
    refused(soon)
    refused(soon, "Bob")
    for path in ("/staff/", f"/staff/webinars/{soon.slug}"):
        page = browser.page(path)
        assert "2 people will miss the link for" in text_of(page), path
        link = page.find("a", href=f"/staff/delivery#webinar-{soon.id}")
        assert link and browser.get("/staff/delivery").status_code == 200
    assert "All is well" not in text_of(browser.page("/staff/"))


# --- what it costs ----------------------------------------------------------------------------------------------------


@contextmanager
def asked() -> Iterator[list[tuple[str, object]]]:
    seen: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        seen.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def fill(number: int) -> None:
    place = make_registration(make_webinar(starts_in=timedelta(days=number)), f"Person {number}")
    letter(place, state="failed")
    bounce(f"person.{number}@example.org")


def test_the_number_of_queries_does_not_grow(app):
    fill(1)
    with asked() as one:
        assert len(names()) == 1
    fill(2)
    fill(3)
    with asked() as three:
        assert len(names()) == 3
    assert (
        len([s for s, _ in one if s.startswith("SELECT")]) == len([s for s, _ in three if s.startswith("SELECT")]) <= 6
    )


def test_letters_that_arrived_are_not_read(app):
    """Of thousands of letters sent, only what failed or waits is looked at, each time by an index."""
    webinar = make_webinar(starts_in=timedelta(hours=1))
    numbers = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < 4000))
    n = sa.cast(numbers.c.n, sa.String)
    text = sa.String()
    with transaction() as session:
        place = make_place(webinar, numbers, n)
        session.execute(sa.insert(Registration).from_select(list(place), sa.select(*place.values())))
        rows = {
            "notice": sa.literal("confirmation"), "subject": "r" + sa.cast(Registration.id, text),
            "occasion": sa.literal("1"), "about": sa.literal(f"w{webinar.id}"),
            "created_at": sa.literal(NOW, Message.created_at.type),
            "next_attempt_at": sa.literal(NOW, Message.created_at.type), "message_id": sa.literal("<x@y>"),
            "reference": sa.cast(Registration.id, text), "state": sa.literal("sent"),
        }  # fmt: skip
        session.execute(sa.insert(Message).from_select(list(rows), sa.select(*rows.values())))
        some = sa.select(sa.func.min(Message.id)).scalar_subquery()
        session.execute(sa.update(Message).where(Message.id < some + 5).values(state="failed", last_error=GONE))
    gather_statistics()
    with asked() as seen:
        assert [miss.count for miss in desk.overview(NOW)] == [5]
    read = plans([one for one in seen if "messages" in one[0]])
    assert len(read) >= 4
    assert [step for step in read if "SCAN messages" in step or "Seq Scan on messages" in step] == []


def make_place(webinar, numbers, n):
    return {
        "public_id": n, "webinar_id": sa.literal(webinar.id), "name": n, "name_key": n, "email": n + "@example.org",
        "email_key": n + "@example.org", "address_key": n, "uid": n,
        "state": sa.literal("confirmed"), "time_zone": sa.literal("UTC"),
        "state_since": sa.literal(NOW, Message.created_at.type), "created_at": sa.literal(NOW, Message.created_at.type),
    }  # fmt: skip


def plans(statements: list[tuple[str, object]]) -> list[str]:
    explain = "EXPLAIN QUERY PLAN " if is_sqlite() else "EXPLAIN "
    connection = db.session.connection()
    rows = [row for one in statements for row in connection.exec_driver_sql(explain + one[0], one[1]).all()]
    return [str(row[-1]) for row in rows if "messages" in str(row[-1])]


def test_staff_who_correct_elsewhere_take_them_off_as_well(webinar):
    letter(make_registration(webinar, "Alice"), state="failed")
    with transaction():
        corrections.correct_address(person("Alice"), "right@example.org", NOW)
    assert names() == []
