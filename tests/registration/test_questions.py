"""Questions that staff add to the form of a series or a webinar, and their answers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import make_registration, make_series, make_webinar
from tests.registration.deeds import registration_of, standing
from tests.registration.test_pages import manage, press, sign_up
from tests.support.pages import CheckedClient, parse, text_of
from tests.support.queries import sent_queries
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.registration.models import Registration
from webinars.registration.questions import service
from webinars.registration.questions.models import Answer, Kind, Question
from webinars.registration.questions.service import Draft
from webinars.schedule import service as schedule
from webinars.schedule.models import Series, Webinar


def draft(
    label: str = "How did you hear of us?", kind: str = Kind.TEXT, options: Sequence[str] = (), **fields: Any
) -> Draft:
    rows = tuple(("", {"en": words}) for words in options)
    return Draft(kind, fields.pop("texts", {"en": {"label": label}}), rows, **fields)


def add(owner: Series | Webinar, label: str = "How?", **fields: Any) -> int:
    """Ask something more; give the question's number."""
    with transaction() as session:
        return service.add(session.get_one(type(owner), owner.id), draft(label, **fields), utc_now()).id


def switch(series: Series, **switches: Any) -> None:
    with transaction() as session:
        schedule.edit_series(session.get_one(Series, series.id), switches, utc_now())


def make_asking(series: Series, **fields: Any) -> Webinar:
    """Make a webinar that asks what its series asks."""
    made = make_webinar(series, **fields)
    with transaction():
        service.settle(made)
    return made


def answers_of(name: str) -> dict[int, str]:
    theirs = select(Answer.question_id, Answer.value).where(Answer.registration_id == registration_of(name).id)
    return dict(db.session.execute(theirs).all())


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Registration)) or 0


@pytest.fixture
def series(app: Flask) -> Series:
    return make_series()


@pytest.fixture
def webinar(series: Series) -> Webinar:
    return make_webinar(series, now=utc_now())


# --- the form --------------------------------------------------------------------------------------------------------


def test_form_asks_what_staff_ask_in_their_order_and_keeps_the_answers(
    client: CheckedClient, series: Series, webinar: Webinar
) -> None:
    one = add(webinar, "Where do you live?")
    two = add(series, "Which treatment?", kind=Kind.CHOICE, options=("Before surgery", "After surgery"))
    three = add(series, "What would help?", kind=Kind.SEVERAL, options=("Talks", "Leaflets", "Calls"))
    words = text_of(client.page(f"/webinars/{webinar.slug}").select_one("#register"))
    assert words.index("Your name") < words.index("Which treatment?") < words.index("What would help?")
    assert words.index("What would help?") < words.index("Where do you live?")
    fields = {f"answer_{one}": " Spain ", f"answer_{two}": "2", f"answer_{three}": ["3", "1"]}
    answer = sign_up(client, webinar, **fields)
    assert "confirmed" in text_of(parse(answer))
    assert answers_of("Alice") == {one: "Spain", two: "2", three: "1 3"}


def test_name_and_email_are_enough_unless_more_is_required(
    client: CheckedClient, series: Series, webinar: Webinar
) -> None:
    add(series, "Where do you live?")
    switch(series, asks_role=True, asks_access=True, companions=2)
    assert "confirmed" in text_of(parse(sign_up(client, webinar)))
    assert registration_of("Alice").role is None and answers_of("Alice") == {}


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Kind.TEXT, "Please answer this question."),
        (Kind.LONG, "Please answer this question."),
        (Kind.CHOICE, "Please choose one of these."),
        (Kind.SEVERAL, "Please choose at least one of these."),
        (Kind.YES_NO, "Please choose yes or no."),
    ],
)
def test_question_that_has_to_be_answered_says_so_beside_it_and_keeps_what_was_typed(
    client: CheckedClient, webinar: Webinar, kind: Kind, sentence: str
) -> None:
    options = ("One", "Two") if kind in (Kind.CHOICE, Kind.SEVERAL) else ()
    number = add(webinar, "A question?", kind=kind, options=options, required=True)
    other = add(webinar, "Another?")
    answer = sign_up(client, webinar, **{f"answer_{other}": "Typed"})
    assert answer.status_code == 422 and people() == 0
    page = parse(answer)
    assert sentence in text_of(page.select_one(f"#answer_{number}-error"))
    assert page.select_one("#name")["value"] == "Alice"
    assert page.select_one(f"#answer_{other}")["value"] == "Typed"
    assert page.select_one(f".error-summary a[href='#answer_{number}']")


def test_everything_that_is_missing_is_said_at_once(client: CheckedClient, webinar: Webinar) -> None:
    number = add(webinar, required=True)
    page = parse(sign_up(client, webinar, name="", email="nobody"))
    assert page.select_one("#name-error") and page.select_one("#email-error")
    assert page.select_one(f"#answer_{number}-error")


def test_question_of_one_role_is_asked_of_it_alone(client: CheckedClient, series: Series, webinar: Webinar) -> None:
    switch(series, asks_role=True)
    number = add(webinar, "Whom do you care for?", role="caregiver", required=True)
    page = client.page(f"/webinars/{webinar.slug}")
    assert page.select_one(f".for-caregiver #answer_{number}"), "hidden by the style sheet until the role is chosen"
    sign_up(client, webinar, "Alice", role="patient", **{f"answer_{number}": "left over"})
    assert registration_of("Alice").role == "patient" and answers_of("Alice") == {}
    assert sign_up(client, webinar, "Bob", role="caregiver").status_code == 422
    sign_up(client, webinar, "Bob", role="caregiver", **{f"answer_{number}": "My mother"})
    assert answers_of("Bob") == {number: "My mother"}


def test_question_of_a_role_is_not_asked_where_nobody_says_theirs(client: CheckedClient, webinar: Webinar) -> None:
    number = add(webinar, "Whom do you care for?", role="caregiver", required=True)
    assert not client.page(f"/webinars/{webinar.slug}").select(f"#answer_{number}")
    sign_up(client, webinar)
    assert people() == 1


@pytest.mark.parametrize(
    ("kind", "sent", "status", "kept"),
    [
        (Kind.TEXT, ["first", "second"], 200, "first"),
        (Kind.TEXT, ["a\0b\x01c"], 200, "abc"),
        (Kind.TEXT, ["x" * 301], 422, None),
        (Kind.LONG, ["one\r\ntwo"], 200, "one\ntwo"),
        (Kind.LONG, ["x" * 100_000], 422, None),
        (Kind.CHOICE, ["1", "2"], 422, None),
        (Kind.CHOICE, ["nothing"], 422, None),
        (Kind.CHOICE, ["2"], 200, "2"),
        (Kind.SEVERAL, ["2", "1", "2", ""], 200, "1 2"),
        (Kind.SEVERAL, ["1 2"], 422, None),
        (Kind.YES_NO, ["perhaps"], 422, None),
        (Kind.YES_NO, ["no"], 200, "no"),
        (Kind.TEXT, ["   "], 200, None),
    ],
)
def test_what_is_sent_is_taken_as_meant_or_refused_with_a_sentence(
    client: CheckedClient, webinar: Webinar, kind: Kind, sent: list[str], status: int, kept: str | None
) -> None:
    options = ("One", "Two") if kind in (Kind.CHOICE, Kind.SEVERAL) else ()
    number = add(webinar, kind=kind, options=options)
    answer = sign_up(client, webinar, **{f"answer_{number}": sent})
    assert answer.status_code == status
    if status == 200:
        assert answers_of("Alice") == ({number: kept} if kept else {})
    else:
        assert parse(answer).select_one(f"#answer_{number}-error")


def test_answers_to_what_is_not_asked_are_left_out(client: CheckedClient, series: Series, webinar: Webinar) -> None:
    other = make_webinar(series, now=utc_now(), title="Another")
    foreign, own = add(other), add(webinar)
    odd = {"answer_": "x", "answer_x": "x", f"answer_{10**30}": "x", "answer_-1": "x", "answer_0": "x"}
    not_asked = {"role": "patient", "access_needs": "A ramp", "companion": "Bob"}
    sign_up(client, webinar, **{f"answer_{foreign}": "x", f"answer_{own}": "y"}, **odd, **not_asked)
    alice = registration_of("Alice")
    assert answers_of("Alice") == {own: "y"} and people() == 1
    assert (alice.role, alice.access_needs, alice.party) == (None, "", None)


def test_form_speaks_the_language_of_the_page_or_the_other(client: CheckedClient, webinar: Webinar) -> None:
    texts = {"en": {"label": "Where do you live?"}, "es": {"label": "¿Dónde vive?", "help": "País"}}
    add(webinar, texts=texts)
    add(webinar, texts={"en": {"label": "Only in English"}})
    spanish = text_of(client.page(f"/es/webinars/{webinar.slug}").select_one("#register"))
    assert "¿Dónde vive?" in spanish and "País" in spanish and "Only in English" in spanish
    marked = client.page(f"/es/webinars/{webinar.slug}").select_one("#register div[lang]")
    assert marked["lang"] == "en" and "Only in English" in text_of(marked)
    assert "Where do you live?" in text_of(client.page(f"/webinars/{webinar.slug}").select_one("#register"))


def test_form_says_how_long_an_answer_about_health_is_kept(client: CheckedClient, webinar: Webinar) -> None:
    add(webinar, "Which treatment?", health=True)
    assert "We delete this answer 30 days after the webinar." in text_of(client.page(f"/webinars/{webinar.slug}"))


@pytest.mark.parametrize(("days", "words"), [(20, "Tell us by"), (3, "we will try")])
def test_form_says_until_when_a_need_can_be_met(client: CheckedClient, series: Series, days: int, words: str) -> None:
    webinar = make_webinar(series, now=utc_now(), starts_in=timedelta(days=days))
    switch(series, asks_access=True)
    shown = text_of(client.page(f"/webinars/{webinar.slug}").select_one("#access_needs-hint"))
    assert words in shown
    sign_up(client, webinar, access_needs="A sign language interpreter")
    assert registration_of("Alice").access_needs == "A sign language interpreter"


def test_webinar_may_ask_otherwise_than_its_series(client: CheckedClient, series: Series, webinar: Webinar) -> None:
    switch(series, asks_role=True)
    assert client.page(f"/webinars/{webinar.slug}").select("[name=role]")
    with transaction() as session:
        schedule.edit_webinar(session.get_one(Webinar, webinar.id), {"asks_role": "no"}, utc_now())
    assert not client.page(f"/webinars/{webinar.slug}").select("[name=role]")


def test_webinar_that_is_over_asks_nothing_of_who_wants_the_recording(client: CheckedClient, series: Series) -> None:
    past = make_webinar(series, now=utc_now(), starts_in=timedelta(hours=-3))
    add(series, required=True)
    assert "will get the recording" in text_of(parse(sign_up(client, past, mode="recording")))


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_sign_up_with_questions_costs_one_statement_more_whatever_their_number(app: Flask, series: Series) -> None:
    def visit(webinar: Webinar, **fields: str) -> list[int]:
        client, sent = app.test_client(), []
        page = client.get(f"/webinars/{webinar.slug}")
        sign_up(client, webinar, "Warm", **fields)
        with sent_queries() as statements:
            client.get(f"/webinars/{webinar.slug}")
        sent.append(len(statements))
        for name in ("Alice", "Bob"):
            with sent_queries() as statements:
                data = {"name": name, "email": f"{name.lower()}@example.org"} | fields
                answer = client.post(f"/webinars/{webinar.slug}/register", data=data)
            sent.append(len(statements))
        with sent_queries() as statements:
            client.get(answer.location)
        assert page.status_code == 200
        return [*sent, len(statements)]

    plain = visit(make_webinar(series, now=utc_now()))
    numbers = []
    for title, number in (("One", 1), ("Three", 3)):
        webinar = make_webinar(series, now=utc_now(), title=title)
        asked = [add(webinar, f"Question {one}") for one in range(number)]
        numbers.append(visit(webinar, **{f"answer_{one}": "An answer" for one in asked}))
    assert numbers[0] == numbers[1]
    assert [after - before for before, after in zip(plain, numbers[0], strict=True)] == [0, 1, 1, 0]


def test_change_of_a_question_is_seen_at_once(client: CheckedClient, series: Series, webinar: Webinar) -> None:
    number = add(series, "First words")
    assert "First words" in client.get(f"/webinars/{webinar.slug}").text
    with transaction() as session:
        service.edit(session.get_one(Question, number), draft("Other words"), utc_now())
    assert "Other words" in client.get(f"/webinars/{webinar.slug}").text
    with transaction() as session:
        service.retire(session.get_one(Question, number), utc_now())
    assert "Other words" not in text_of(client.page(f"/webinars/{webinar.slug}"))


# --- the same person again, and somebody else ------------------------------------------------------------------------


def test_somebody_else_neither_reads_nor_changes_answers(app: Flask, client: CheckedClient, webinar: Webinar) -> None:
    number = add(webinar)
    sign_up(client, webinar, **{f"answer_{number}": "From my nurse"})
    stranger = app.test_client()
    words = text_of(parse(sign_up(stranger, webinar, **{f"answer_{number}": "Something else"})))
    assert "From my nurse" not in words and "Something else" not in words
    assert answers_of("Alice") == {number: "From my nurse"} and people() == 1


def test_who_comes_back_keeps_the_answers_and_adds_new_ones(client: CheckedClient, webinar: Webinar) -> None:
    first = add(webinar, "First")
    page = sign_up(client, webinar, **{f"answer_{first}": "Kept"})
    press(client, page, "Cancel my place")
    second = add(webinar, "Second")
    sign_up(client, webinar, **{f"answer_{first}": "Other", f"answer_{second}": "New"})
    assert standing("Alice")[0] == "confirmed"
    assert answers_of("Alice") == {first: "Kept", second: "New"}


# --- the own page ----------------------------------------------------------------------------------------------------


def test_person_sees_and_changes_answers_by_the_link(client: CheckedClient, series: Series, webinar: Webinar) -> None:
    number = add(webinar, "Where do you live?")
    switch(series, asks_role=True, asks_access=True)
    sign_up(client, webinar, role="patient", access_needs="Captions", **{f"answer_{number}": "Spain"})
    page = manage(client)
    form = parse(page).select_one("#answers")
    assert form.select_one(f"#answer_{number}")["value"] == "Spain"
    assert form.select_one("[name=role][checked]")["value"] == "patient"
    changed = {f"answer_{number}": "Chile", "role": "caregiver", "access_needs": ""}
    assert "Your answers are saved." in text_of(parse(press(client, page, "Save my answers", **changed)))
    alice = registration_of("Alice")
    assert (answers_of("Alice"), alice.role, alice.access_needs) == ({number: "Chile"}, "caregiver", "")


def test_answer_that_is_missing_is_asked_for_on_the_own_page(client: CheckedClient, webinar: Webinar) -> None:
    number = add(webinar, required=True)
    make_registration(webinar, "Alice")
    answer = press(client, manage(client), "Save my answers", **{f"answer_{number}": ""})
    page = parse(answer)
    assert answer.status_code == 422 and "Please answer this question." in text_of(page)
    assert page.select_one("#details-heading").find_parent("section").select_one("#name")["value"] == "Alice"


def test_answers_need_the_link_from_the_letter(client: CheckedClient, webinar: Webinar) -> None:
    number = add(webinar)
    page = sign_up(client, webinar, **{f"answer_{number}": "Mine"})
    assert "My answers" not in text_of(parse(page))
    address = f"/registrations/{registration_of('Alice').public_id}/answers"
    token = parse(page).select_one("[name=csrf_token]")["value"]
    assert client.post(address, data={"csrf_token": token, f"answer_{number}": "x"}).status_code == 403
    assert answers_of("Alice") == {number: "Mine"}


def test_answers_stay_as_they_are_once_the_webinar_is_over(client: CheckedClient, webinar: Webinar) -> None:
    add(webinar)
    make_registration(webinar, "Alice")
    page = manage(client)
    with transaction() as session:
        session.get_one(Webinar, webinar.id).ends_at = utc_now() - timedelta(minutes=1)
    assert "can no longer be changed" in text_of(parse(press(client, page, "Save my answers")))
    assert "My answers" not in text_of(parse(manage(client)))
