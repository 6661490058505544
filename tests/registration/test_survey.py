"""How was it? What staff ask when a webinar is over, and what people say then."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import make_registration, make_series
from tests.registration.deeds import registration_of
from tests.registration.test_pages import manage, press
from tests.registration.test_questions import add, answers_of, draft, make_asking
from tests.support.pages import CheckedClient, text_of
from tests.support.queries import sent_queries
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.registration.models import RegistrationState
from webinars.registration.questions import queries, service
from webinars.registration.questions.models import Kind, Moment, Question, Tally
from webinars.schedule import service as schedule
from webinars.schedule.cleaning import Problems
from webinars.schedule.models import Series, Webinar
from webinars.site import retention
from webinars.staff.numbers import service as numbers
from webinars.staff.numbers.models import Number
from webinars.staff.numbers.rules import What

AGO = timedelta(hours=-3)


@pytest.fixture
def series(app: Flask) -> Series:
    return make_series()


@pytest.fixture
def webinar(series: Series) -> Webinar:
    return make_asking(series, starts_in=AGO, now=utc_now())


@pytest.fixture
def useful(webinar: Webinar) -> int:
    """Ask whether it was useful, once it is over."""
    return add(webinar.series, "Was it useful?", kind=Kind.YES_NO, moment=Moment.AFTER)


def register(webinar: Webinar, name: str = "Alice", **fields: object) -> None:
    make_registration(webinar, name=name, email=f"{name.lower()}@example.org", **fields)


def test_it_is_asked_of_who_had_a_place_once_it_is_over(client: CheckedClient, webinar: Webinar, useful: int) -> None:
    register(webinar)
    answer = press(client, manage(client), "Send my answers", **{f"answer_{useful}": "yes"})
    assert "Thank you. Your answers are saved." in answer.text
    assert answers_of("Alice") == {useful: "yes"}
    assert "You answered this before, and may change it." in answer.text
    press(client, answer, "Send my answers", **{f"answer_{useful}": "no"})
    assert answers_of("Alice") == {useful: "no"}


@pytest.mark.parametrize(
    ("state", "asked"),
    [("confirmed", True), ("recording-only", True), ("waitlisted", False), ("cancelled", False)],
)
def test_nobody_is_asked_who_could_not_have_been_there(
    client: CheckedClient, webinar: Webinar, useful: int, state: str, asked: bool
) -> None:
    register(webinar, state=RegistrationState(state))
    assert (manage(client).text.count('id="survey"') == 1) == asked


def test_it_stands_on_no_form_and_is_not_asked_before_the_end(client: CheckedClient, series: Series) -> None:
    ahead = make_asking(series, now=utc_now())
    add(series, "Was it useful?", moment=Moment.AFTER)
    assert "Was it useful?" not in client.get(f"/webinars/{ahead.slug}").text
    db.session.refresh(ahead)
    assert (ahead.asks, ahead.surveys) == (0, True)
    register(ahead)
    assert "Was it useful?" not in manage(client).text


def test_only_the_link_from_a_letter_opens_it(client: CheckedClient, webinar: Webinar, useful: int) -> None:
    register(webinar)
    place = registration_of("Alice")
    client.post(f"/registrations/{place.public_id}/survey", data={f"answer_{useful}": "yes"})
    assert answers_of("Alice") == {}


def test_what_has_to_be_answered_is_said_and_the_rest_stays(client: CheckedClient, webinar: Webinar) -> None:
    must = add(webinar, "What was missing?", required=True, moment=Moment.AFTER)
    other = add(webinar, "Anything else?", moment=Moment.AFTER)
    register(webinar)
    answer = press(client, manage(client), "Send my answers", **{f"answer_{other}": "More time"})
    assert answer.status_code == 422 and "Please answer this question." in answer.text
    assert 'value="More time"' in answer.text and answers_of("Alice") == {}
    press(client, answer, "Send my answers", **{f"answer_{must}": "Slides"})
    assert answers_of("Alice") == {must: "Slides", other: "More time"}


def test_question_of_a_role_is_asked_of_that_role(client: CheckedClient, webinar: Webinar) -> None:
    add(webinar, "As a caregiver?", role="caregiver", moment=Moment.AFTER)
    register(webinar, role="caregiver")
    register(webinar, "Bob", role="patient")
    assert "As a caregiver?" in manage(client).text
    assert 'id="survey"' not in manage(client, "Bob").text


def test_answers_of_the_form_stay_when_the_survey_is_answered(
    client: CheckedClient, webinar: Webinar, useful: int
) -> None:
    on_form = add(webinar, "How did you hear of us?")
    register(webinar)
    with transaction() as session:
        service.answer_survey(
            registration_of("Alice"), [session.get_one(Question, on_form)], {on_form: "A friend"}, utc_now()
        )
    press(client, manage(client), "Send my answers", **{f"answer_{useful}": "yes"})
    assert answers_of("Alice") == {on_form: "A friend", useful: "yes"}


def test_a_webinar_without_costs_no_statement_more(client: CheckedClient, webinar: Webinar) -> None:
    register(webinar)
    with sent_queries() as sent:
        manage(client)
    assert not any("questions" in statement for statement in sent)


def test_when_it_is_asked_stays_once_somebody_answered(client: CheckedClient, webinar: Webinar, useful: int) -> None:
    register(webinar)
    press(client, manage(client), "Send my answers", **{f"answer_{useful}": "yes"})
    with pytest.raises(Problems) as refused, transaction() as session:
        service.edit(session.get_one(Question, useful), draft("Was it useful?", Kind.YES_NO), utc_now())
    assert list(refused.value.fields) == ["moment"]


def test_copy_of_a_webinar_asks_it_too(app: Flask, webinar: Webinar) -> None:
    add(webinar, "Only here?", moment=Moment.AFTER)
    with transaction() as session:
        copy = schedule.duplicate_webinar(session.get_one(Webinar, webinar.id), utc_now())
        service.copy(session.get_one(Webinar, webinar.id), copy, utc_now())
        session.refresh(copy)
        assert copy.surveys
        assert "Only here?" in [question.label("en") for question in queries.survey_of(copy, None)]


def test_last_question_taken_away_ends_the_survey(app: Flask, webinar: Webinar, useful: int) -> None:
    with transaction() as session:
        service.retire(session.get_one(Question, useful), utc_now())
    db.session.refresh(webinar)
    assert not webinar.surveys


def test_staff_write_it_and_read_the_answers(client: CheckedClient, webinar: Webinar) -> None:
    sign_in(client, "editor")
    page = client.page(f"/staff/webinars/{webinar.slug}/questions/new")
    listed = client.submit(page, "/questions/new", label_en="Was it useful?", kind="yes_no", moment="after")
    assert "asked afterwards" in listed.text and "As people see them" not in listed.text
    question = db.session.scalars(select(Question)).one()
    register(webinar)
    with transaction():
        service.answer_survey(registration_of("Alice"), [question], {question.id: "yes"}, utc_now())
    assert "Was it useful?" in text_of(client.page(f"/staff/webinars/{webinar.slug}/answers").main)


def surveyed(webinar: Webinar) -> int:
    counted = select(Number.number).where(Number.webinar_id == webinar.id, Number.what == What.SURVEYED)
    return db.session.scalar(counted) or 0


def test_who_answered_is_counted_and_the_counts_outlive_the_answers(app: Flask, webinar: Webinar, useful: int) -> None:
    other = add(webinar, "Anything else?", moment=Moment.AFTER)
    for name, said in (("Alice", {useful: "yes", other: "No"}), ("Bob", {useful: "no"}), ("Carol", {})):
        register(webinar, name)
        with transaction() as session:
            asked = [session.get_one(Question, number) for number in (useful, other)]
            service.answer_survey(registration_of(name), asked, said, utc_now())
    with transaction():
        numbers.recount(webinar.id, utc_now())
    assert surveyed(webinar) == 2
    retention.enforce(webinar.ends_at + timedelta(days=200))
    assert db.session.scalar(select(func.count()).select_from(Tally).where(Tally.what == f"q{useful}")) == 3
    assert queries.counts(webinar.id)[f"q{useful}"] == {"": 2, "yes": 1, "no": 1}
    assert surveyed(webinar) == 2
