"""The staff pages on which the questions of a form are written."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import make_series, make_webinar
from tests.registration.test_pages import sign_up
from tests.registration.test_questions import add, answers_of, switch
from tests.support.pages import CheckedClient, parse, text_of
from tests.support.queries import sent_queries
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.registration.questions.models import Kind, Question
from webinars.schedule import deletion
from webinars.schedule import service as schedule
from webinars.schedule.models import Series, Webinar


@pytest.fixture
def series(app: Flask) -> Series:
    return make_series()


@pytest.fixture
def webinar(series: Series) -> Webinar:
    return make_webinar(series, now=utc_now())


def write(client: CheckedClient, path: str, **fields: Any) -> Any:
    """Send the form of a new question."""
    return client.submit(client.page(f"{path}/new"), "/new", **{"kind": "text"} | fields)


def labels(owner: Series | Webinar) -> list[str]:
    db.session.expire_all()
    whose = Question.series_id if isinstance(owner, Series) else Question.webinar_id
    return [
        one.label("en") for one in db.session.scalars(select(Question).where(whose == owner.id).order_by("position"))
    ]


def press(client: CheckedClient, path: str, button: str, action: str = "/questions/") -> Any:
    return client.submit(client.page(path), action, button)


@pytest.mark.parametrize("kind", ["series", "webinars"])
def test_staff_add_a_question_and_see_it_as_people_do_in_both_languages(
    editor: CheckedClient, app: Flask, series: Series, webinar: Webinar, kind: str
) -> None:
    path = f"/staff/{kind}/{(series if kind == 'series' else webinar).slug}/questions"
    typed = {
        "label_en": "Which  treatment?",
        "label_es": "¿Qué tratamiento?",
        "help_en": "If you know",
        "kind": "choice",
    }
    options = {"options-0-en": "Before", "options-0-es": "Antes", "options-1-en": "After"}
    words = text_of(parse(write(editor, path, **typed, **options, required="y", health="y")))
    assert "The question is saved." in words
    assert "Which treatment?" in words and "¿Qué tratamiento?" in words and "Antes" in words
    question = db.session.scalars(select(Question)).one()
    assert question.options == [{"key": "1", "en": "Before", "es": "Antes"}, {"key": "2", "en": "After"}]
    assert (question.required, question.health, question.role) == (True, True, None)
    public = app.test_client()
    assert sign_up(public, webinar).status_code == 422
    sign_up(public, webinar, **{question.field: "2"})
    assert answers_of("Alice") == {question.id: "2"}


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({}, "label_en", "at least one language"),
        ({"label_en": "x" * 201}, "label_en", "too long"),
        ({"label_en": "Q", "help_es": "Ayuda"}, "label_es", "but no question"),
        ({"label_en": "Q", "kind": "choice", "options-0-en": "One"}, "options", "at least two"),
        ({"label_en": "Q", "kind": "nothing"}, "kind", "how it is answered"),
        ({"label_en": "Q", "role": "doctor"}, "role", "who is asked"),
        ({"label_en": "Q", "kind": "choice", "options-0-en": "x" * 101, "options-1-en": "y"}, "options", "too long"),
    ],
)
def test_question_that_nobody_could_answer_is_explained_and_kept(
    editor: CheckedClient, series: Series, typed: dict[str, str], field: str, sentence: str
) -> None:
    answer = write(editor, f"/staff/series/{series.slug}/questions", **typed)
    page = parse(answer)
    assert answer.status_code == 422 and sentence in text_of(page.select_one(f"#{field}-error"))
    assert page.select_one("#label_en")["value"] == typed.get("label_en", "")
    assert labels(series) == []


def test_staff_put_questions_in_order_without_a_script(editor: CheckedClient, series: Series) -> None:
    for label in ("One", "Two", "Three"):
        add(series, label)
    path = f"/staff/series/{series.slug}/questions"
    press(editor, path, "Move down : One")
    assert labels(series) == ["Two", "One", "Three"]
    press(editor, path, "Move up : Three")
    assert labels(series) == ["Two", "Three", "One"]


def test_question_nobody_answered_is_deleted_and_an_answered_one_kept(
    editor: CheckedClient, app: Flask, series: Series, webinar: Webinar
) -> None:
    unanswered, answered = add(series, "Unanswered"), add(series, "Answered")
    sign_up(app.test_client(), webinar, **{f"answer_{answered}": "Yes"})
    path = f"/staff/series/{series.slug}/questions"
    press(editor, path, "Take it off the form : Unanswered")
    words = text_of(parse(press(editor, path, "Take it off the form : Answered")))
    assert "Asked no more" in words and "1 answer" in words
    assert db.session.get(Question, unanswered) is None and answers_of("Alice") == {answered: "Yes"}
    assert not app.test_client().page(f"/webinars/{webinar.slug}").select("[name^=answer_]")
    press(editor, path, "Ask it again : Answered")
    assert app.test_client().page(f"/webinars/{webinar.slug}").select(f"#answer_{answered}")


def test_other_words_for_what_people_answered_need_a_second_yes(
    editor: CheckedClient, app: Flask, webinar: Webinar
) -> None:
    number = add(webinar, "Do you drive?")
    sign_up(app.test_client(), webinar, **{f"answer_{number}": "Yes"})
    path = f"/staff/questions/{number}/edit"
    answer = editor.submit(editor.page(path), "/edit", label_en="Do you walk?")
    assert answer.status_code == 409 and "Does it still mean the same?" in text_of(parse(answer))
    assert labels(webinar) == ["Do you drive?"]
    editor.submit(answer, "/edit", sure="1")
    assert labels(webinar) == ["Do you walk?"]
    # A further language takes nothing from what was answered.
    assert "saved" in text_of(parse(editor.submit(editor.page(path), "/edit", label_es="¿Camina?")))
    assert "its kind stays" in text_of(parse(editor.submit(editor.page(path), "/edit", kind="yes_no")))


def test_option_that_was_chosen_is_offered_no_more_but_keeps_its_words(
    editor: CheckedClient, app: Flask, webinar: Webinar
) -> None:
    number = add(webinar, "Which?", kind=Kind.CHOICE, options=("One", "Two"))
    sign_up(app.test_client(), webinar, **{f"answer_{number}": "1"})
    page = editor.page(f"/staff/questions/{number}/edit")
    editor.submit(page, "/edit", sure="1", **{"options-0-en": "", "options-2-en": "Three"})
    db.session.expire_all()
    question = db.session.get_one(Question, number)
    assert question.choices("en") == [("2", "Two"), ("3", "Three")]
    assert {"key": "1", "en": "One", "gone": True} in question.options


def test_two_who_edit_at_once_are_told(editor: CheckedClient, webinar: Webinar) -> None:
    number = add(webinar, "First")
    page = editor.page(f"/staff/questions/{number}/edit")
    editor.submit(page, "/edit", label_en="Second")
    answer = editor.submit(page, "/edit", label_en="Third")
    assert answer.status_code == 409 and "Somebody else" in text_of(parse(answer))
    assert labels(webinar) == ["Second"]


def test_form_has_at_most_twenty_questions(editor: CheckedClient, series: Series) -> None:
    for number in range(20):
        add(series, f"Question {number}")
    path = f"/staff/series/{series.slug}/questions"
    assert "New question" not in text_of(editor.page(path).select_one(".actions"))
    assert "20 questions already" in text_of(parse(write(editor, path, label_en="One more")))
    assert len(labels(series)) == 20


def test_page_of_questions_costs_the_same_for_one_and_three(
    editor: CheckedClient, series: Series, webinar: Webinar
) -> None:
    path = f"/staff/webinars/{webinar.slug}/questions"
    costs = []
    for labels_added in (("One",), ("Two", "Three")):
        for label in labels_added:
            add(series, label)
            add(webinar, label)
        with sent_queries() as sent:
            editor.page(path)
        costs.append(len(sent))
    assert costs[0] == costs[1]


def test_copy_of_a_webinar_asks_what_the_original_asks(app: Flask, client: CheckedClient, webinar: Webinar) -> None:
    add(webinar, "Own", required=True)
    with transaction() as session:
        copy = schedule.duplicate_webinar(session.get_one(Webinar, webinar.id), utc_now())
        schedule.publish_webinar(copy, utc_now())
        slug = copy.slug
    assert "Own" in text_of(client.page(f"/webinars/{slug}").select_one("#register"))
    assert client.page(f"/webinars/{webinar.slug}").select("[name^=answer_]")


def test_draft_is_deleted_with_its_questions(app: Flask, series: Series) -> None:
    draft = make_webinar(series, state="draft", published_at=None)
    add(draft)
    with transaction() as session:
        deletion.delete(session.get_one(Webinar, draft.id), utc_now())
    assert db.session.scalars(select(Question)).all() == []


def test_webinar_that_changes_its_series_asks_what_that_one_asks(
    client: CheckedClient, series: Series, webinar: Webinar
) -> None:
    other = make_series(title="Another")
    add(other, "Of the other series")
    with transaction() as session:
        schedule.edit_webinar(session.get_one(Webinar, webinar.id), {"series": other.slug}, utc_now())
    assert "Of the other series" in text_of(client.page(f"/webinars/{webinar.slug}"))


def test_new_webinar_of_a_series_asks_what_the_series_asks(client: CheckedClient, series: Series) -> None:
    add(series, "Of the series")
    fields = {"series": series.slug, "title": "New", "local_start": "2027-12-03T13:00", "join_url": "https://x.example"}
    with transaction():
        slug = schedule.publish_webinar(schedule.create_webinar(fields, utc_now()), utc_now()).slug
    assert "Of the series" in text_of(client.page(f"/webinars/{slug}"))


def test_switches_are_set_in_the_forms_of_series_and_webinar(
    editor: CheckedClient, series: Series, webinar: Webinar
) -> None:
    page = editor.page(f"/staff/series/{series.slug}/edit")
    asked = editor.submit(page, "/edit", asks_role="y", asks_access="y", access_days="10", companions="2")
    editor.submit(asked, "/edit", button="Save, and change them", confirm="1")
    db.session.expire_all()
    found = db.session.get_one(Series, series.id)
    assert (found.asks_role, found.asks_access, found.access_days, found.companions) == (True, True, 10, 2)
    names = {str(field["name"]) for field in editor.page(f"/webinars/{webinar.slug}").select("#register [name]")}
    assert {"role", "access_needs", "companion"} <= names
    page = editor.page(f"/staff/webinars/{webinar.slug}/edit")
    editor.submit(page, "/edit", asks_role="no", companions="0")
    names = {str(field["name"]) for field in editor.page(f"/webinars/{webinar.slug}").select("#register [name]")}
    assert "access_needs" in names and not {"role", "companion"} & names


@pytest.mark.parametrize("value", ["", "x", "-1", "91", "9" * 30])
def test_days_that_are_none_are_explained(editor: CheckedClient, series: Series, value: str) -> None:
    answer = editor.submit(editor.page(f"/staff/series/{series.slug}/edit"), "/edit", access_days=value)
    assert answer.status_code == 422 and "from 0 to 90" in text_of(parse(answer).select_one("#access_days-error"))


def test_deeds_are_noted_without_any_answer(editor: CheckedClient, series: Series, webinar: Webinar) -> None:
    number = add(series, "Which?")
    sign_up(editor.application.test_client(), webinar, **{f"answer_{number}": "Something private"})
    press(editor, f"/staff/series/{series.slug}/questions", "Take it off the form")
    noted = [(entry.action, entry.after) for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert ("question retired", {"text": "Which?"}) in noted
    assert "private" not in str(noted)
    switch(series, asks_role=True)
