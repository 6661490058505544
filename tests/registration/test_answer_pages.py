"""What staff read of the answers, who needs what, and how counts outlive both."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import NOW, make_series
from tests.registration.deeds import application, registration_of
from tests.registration.test_pages import sign_up
from tests.registration.test_questions import add, answers_of, make_asking, people, switch
from tests.registration.test_race import together
from tests.support.pages import CheckedClient, parse, text_of
from tests.support.queries import sent_queries
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.registration import service
from webinars.registration.models import Registration
from webinars.registration.questions import queries
from webinars.registration.questions.models import Answer, Kind, Tally
from webinars.registration.questions.rules import Given
from webinars.schedule.models import Series, Webinar
from webinars.site import privacy, retention

SOON = timedelta(days=10)


@pytest.fixture
def series(app: Flask) -> Series:
    made = make_series()
    switch(made, asks_role=True, asks_access=True)
    return made


@pytest.fixture
def webinar(series: Series) -> Webinar:
    return make_asking(series, now=utc_now())


@pytest.fixture
def host(client: CheckedClient) -> CheckedClient:
    return sign_in(client, "editor")


def enter(webinar: Webinar, name: str, given: Given, **fields: Any) -> None:
    with transaction():
        service.register(webinar.id, application(name, given=given, **fields), webinar.created_at)


def table_of(page: Any, heading: str) -> dict[str, str]:
    [figure] = [one for one in page.select("figure.plot") if heading in text_of(one.figcaption)]
    return {text_of(row.th): text_of(row.td) for row in figure.select("tbody tr")}


def test_counts_and_words_are_shown_without_names(app: Flask, host: CheckedClient, webinar: Webinar) -> None:
    choice = add(webinar, "Which day?", kind=Kind.SEVERAL, options=("Monday", "Friday"))
    words, yes_no = add(webinar, "What worries you?"), add(webinar, "By bus?", kind=Kind.YES_NO)
    for name, days in (("Winterbourne", ["1", "2"]), ("Summerfield", ["2"])):
        fields = {f"answer_{choice}": days, f"answer_{words}": f"Worry of {name[0]}", f"answer_{yes_no}": "no"}
        sign_up(app.test_client(), webinar, name, role="caregiver", question="Does it hurt?", **fields)
    page = host.page(f"/staff/webinars/{webinar.slug}/answers")
    assert table_of(page, "Which day?") == {"Monday": "1", "Friday": "2"}
    assert table_of(page, "By bus?") == {"Yes": "0", "No": "2"}
    assert table_of(page, "Who are you?")["Caregiver, family or friend"] == "2"
    told = text_of(page)
    assert "Worry of W" in told and "Does it hurt?" in told
    for path in ("answers", "answers/speakers", f"answers/{words}"):
        told = text_of(host.page(f"/staff/webinars/{webinar.slug}/{path}").main)
        assert "Winterbourne" not in told and "Summerfield" not in told
    assert "Does it hurt?" in text_of(host.page(f"/staff/webinars/{webinar.slug}/answers/speakers"))


def test_who_cancelled_is_not_counted(app: Flask, host: CheckedClient, webinar: Webinar) -> None:
    number = add(webinar, "By bus?", kind=Kind.YES_NO)
    for name in ("Alice", "Bob"):
        sign_up(app.test_client(), webinar, name, **{f"answer_{number}": "yes"})
    with transaction():
        service.cancel(registration_of("Bob"), utc_now())
    assert table_of(host.page(f"/staff/webinars/{webinar.slug}/answers"), "By bus?") == {"Yes": "1", "No": "0"}


def test_person_page_shows_the_persons_own_answers(app: Flask, host: CheckedClient, webinar: Webinar) -> None:
    number = add(webinar, "Which day?", kind=Kind.CHOICE, options=("Monday", "Friday"))
    sign_up(app.test_client(), webinar, role="patient", access_needs="Captions", **{f"answer_{number}": "2"})
    told = text_of(host.page(f"/staff/registrations/{registration_of('Alice').public_id}"))
    assert "Which day? Friday" in told and "Patient or survivor" in told and "Captions" in told


def test_pages_cost_the_same_for_one_and_three(app: Flask, host: CheckedClient, webinar: Webinar) -> None:
    costs = []
    for names in (("Alice",), ("Bob", "Charlie")):
        for name in names:
            number = add(webinar, f"Question of {name}")
            fields = {f"answer_{number}": "Words", "access_needs": "Captions"}
            sign_up(app.test_client(), webinar, name, **fields)
        cost = []
        public_id = registration_of(names[0]).public_id
        for path in (
            f"webinars/{webinar.slug}/answers", f"webinars/{webinar.slug}/access", f"webinars/{webinar.slug}",
            f"registrations/{public_id}", "",
        ):  # fmt: skip
            host.page(f"/staff/{path}")
            with sent_queries() as sent:
                host.page(f"/staff/{path}")
            cost.append(len(sent))
        costs.append(cost)
    assert costs[0] == costs[1]


# --- what people need ------------------------------------------------------------------------------------------------


def test_staff_are_told_of_a_need_and_note_that_it_is_arranged(
    app: Flask, host: CheckedClient, webinar: Webinar
) -> None:
    sign_up(app.test_client(), webinar, access_needs="An interpreter")
    for path in ("", f"webinars/{webinar.slug}"):
        assert "needs something to take part" in text_of(host.page(f"/staff/{path}").main)
    page = host.page(f"/staff/webinars/{webinar.slug}/access")
    assert "An interpreter" in text_of(page)
    words = text_of(parse(host.submit(page, "/access", "It is arranged")))
    assert "Noted as arranged." in words and registration_of("Alice").access_met_at is not None
    for path in ("", f"webinars/{webinar.slug}"):
        assert "needs something to take part" not in text_of(host.page(f"/staff/{path}").main)
    noted = [entry.action for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert "access arranged" in noted
    host.submit(host.page(f"/staff/webinars/{webinar.slug}/access"), "/access", "Not arranged after all")
    assert registration_of("Alice").access_met_at is None


def test_viewer_reads_needs_and_notes_nothing(app: Flask, webinar: Webinar) -> None:
    sign_up(app.test_client(), webinar, access_needs="An interpreter")
    viewer = sign_in(app.test_client(), "viewer")  # type: ignore[arg-type]
    page = viewer.page(f"/staff/webinars/{webinar.slug}/access")
    assert not page.select("main form")


# --- at the telephone ------------------------------------------------------------------------------------------------


def test_staff_note_answers_of_a_caller_and_may_leave_out_what_is_required(
    app: Flask, client: CheckedClient, webinar: Webinar
) -> None:
    editor = sign_in(client, "editor")
    first, second = add(webinar, "First", required=True), add(webinar, "Second", required=True)
    page = editor.get(f"/staff/webinars/{webinar.slug}/registrations/new")
    fields = {"name": "Alice", "phone": "555 0100", "role": "patient", f"answer_{first}": "By telephone"}
    editor.submit(page, "", "Register", **fields)
    assert answers_of("Alice") == {first: "By telephone"} and registration_of("Alice").role == "patient"
    answer = editor.submit(page, "", "Register", name="Bob", phone="555 0101", **{f"answer_{second}": "x" * 400})
    assert answer.status_code == 422 and "300 characters" in text_of(
        parse(answer).select_one(f"#answer_{second}-error")
    )


# --- what stays when people are forgotten ----------------------------------------------------------------------------


def fill_past(series: Series, days_ago: int) -> tuple[Webinar, int, int]:
    """Make a webinar that ended so many days ago, with answers of two people and one who cancelled."""
    webinar = make_asking(series, now=NOW - timedelta(days=days_ago + 10), starts_in=SOON)
    health = add(webinar, "Which?", kind=Kind.CHOICE, options=("One", "Two"), health=True)
    other = add(webinar, "Where?")
    for name in ("Alice", "Bob", "Charlie"):
        answers = {f"answer_{health}": ["2"], f"answer_{other}": [f"From {name}"]}
        enter(webinar, name, Given("patient", "Captions", (), answers))
    with transaction():
        service.cancel(registration_of("Charlie"), NOW)
    return webinar, health, other


def enforce(days: int = 0) -> None:
    """Do the daily job until nothing is left."""
    deleted = 1
    while deleted:
        with transaction():
            deleted = retention.enforce(NOW + timedelta(days=days))


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_health_goes_30_days_after_the_webinar_and_counts_stay(app: Flask, series: Series) -> None:
    webinar, health, other = fill_past(series, 31)
    before = queries.counts(webinar.id)
    assert before[f"q{health}"] == {"": 2, "2": 2} and before["role"] == {"patient": 2} and before["access"] == {"": 2}
    enforce()
    alice = registration_of("Alice")
    assert answers_of("Alice") == {other: "From Alice"}
    assert (alice.role, alice.access_needs, alice.access_met_at) == (None, "", None)
    assert queries.counts(webinar.id) == before


def test_health_stays_until_then(app: Flask, series: Series) -> None:
    _webinar, health, other = fill_past(series, 29)
    enforce()
    assert set(answers_of("Alice")) == {health, other} and registration_of("Alice").role == "patient"


def test_counts_survive_the_people_exactly_once(app: Flask, series: Series) -> None:
    webinar, _health, _other = fill_past(series, 31)
    before = queries.counts(webinar.id)
    for days in (0, 1, 30, 61, 62, 400):
        enforce(days)
        assert queries.counts(webinar.id) == before
    assert people() == 0 and count(Answer) == 0


def test_job_that_was_late_counts_before_it_deletes(app: Flask, series: Series) -> None:
    webinar, _health, _other = fill_past(series, 200)
    before = queries.counts(webinar.id)
    enforce()
    assert people() == 0 and queries.counts(webinar.id) == before


def test_two_jobs_at_once_count_nobody_twice(app: Flask, series: Series) -> None:
    webinar, _health, _other = fill_past(series, 200)
    before, number = queries.counts(webinar.id), webinar.id
    db.session.remove()

    def job() -> None:
        with transaction():
            retention.enforce(NOW)

    together(app, [job for _ in range(32)])
    enforce()
    assert queries.counts(number) == before


def test_answers_that_come_later_are_added_to_the_counts(app: Flask, series: Series) -> None:
    webinar, health, _other = fill_past(series, 31)
    enforce()
    with transaction() as session:
        session.add(Answer(question_id=health, registration_id=registration_of("Bob").id, value="1"))
    assert queries.counts(webinar.id)[f"q{health}"] == {"": 3, "1": 1, "2": 2}
    enforce()
    assert queries.counts(webinar.id)[f"q{health}"] == {"": 3, "1": 1, "2": 2}


def test_erasing_a_person_takes_answers_and_leaves_no_count(app: Flask, series: Series) -> None:
    webinar, health, _other = fill_past(series, 5)
    told = privacy.held("alice@example.org")["registrations"][0]
    assert {"question": "Which?", "answer": "Two"} in told["answers"] and told["access_needs"] == "Captions"
    with transaction():
        erased = privacy.erase("alice@example.org", NOW)
    assert erased.answers_to_questions == 2 and count(Tally) == 0
    assert queries.counts(webinar.id)[f"q{health}"] == {"": 1, "2": 1}


def test_words_of_a_deleted_answer_are_gone_from_the_page_and_its_count_is_not(
    app: Flask, host: CheckedClient, series: Series
) -> None:
    webinar, _health, _other = fill_past(series, 200)
    enforce()
    page = host.page(f"/staff/webinars/{webinar.slug}/answers")
    assert table_of(page, "Which?") == {"One": "0", "Two": "2"}
    assert "The words are deleted." in text_of(page) and "From Alice" not in text_of(page)
    assert db.session.scalars(select(Registration)).all() == []


def test_answers_of_some_people_are_given_in_one_statement(app: Flask, series: Series) -> None:
    _webinar, health, other = fill_past(series, 5)
    ids = list(db.session.scalars(select(Registration.id).order_by(Registration.id)))
    with sent_queries() as sent:
        found = queries.answers_of(ids)
    assert len(sent) == 1 and found[ids[0]] == {health: "2", other: "From Alice"} and len(found) == 3
