"""What a webinar asks beyond the usual, answered by the columns of a list."""

import pytest
from sqlalchemy import select

from tests.factories import make_registration, make_series, make_webinar
from tests.registration.deeds import count, registration_of, sign_up
from tests.registration.exchange.support import csv_file, enter, import_of, press, upload, work_off, xlsx_file
from tests.registration.test_questions import add, answers_of, switch
from tests.support.pages import find_form, parse, text_of
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.models import Message
from webinars.registration.exchange.models import ImportRow
from webinars.registration.exchange.sheets import LONGEST_CELL
from webinars.registration.models import Registration
from webinars.registration.questions import queries as asked_queries
from webinars.registration.questions import service as asking
from webinars.registration.questions.models import Kind, Question
from webinars.site import privacy


@pytest.fixture
def series(app):
    return make_series()


@pytest.fixture
def webinar(series):
    return make_webinar(series, now=utc_now(), capacity=5)


@pytest.fixture
def questions(series, webinar):
    """Let the series ask who somebody is and what they need, and the webinar three questions; gives their numbers."""
    switch(series, asks_role=True, asks_access=True)
    return [
        add(webinar, "How did you hear of us?", kind=Kind.CHOICE, options=("A friend", "My doctor, or a nurse")),
        add(webinar, "Which treatments?", kind=Kind.SEVERAL, options=("CAR-T", "Vaccines", "None, so far")),
        add(webinar, "Is it your first webinar?", kind=Kind.YES_NO, required=True),
    ]


def problems_of(client, webinar, number):
    soup = parse(client.get(f"/staff/webinars/{webinar.slug}/import/{number}"))
    return [text_of(row) for row in soup.select("section tbody tr, .scroller tbody tr")]


HEADS = "Name,Email,Role,Access needs,How did you hear of us?,Which treatments?,Is it your first webinar?"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_columns_named_by_the_questions_are_read_as_answers(webinar, questions, kind):
    rows = [
        ("Ana", "ana@example.org", "patient or survivor", "Sofa", "MY DOCTOR, or a nurse", "CAR-T; vaccines", "yes"),
        ("Bob", "bob@example.org", "Cuidador, familiar o amigo", "", "", "None, so far", "no"),
        ("Eva", "eva@example.org", "", "", "", "", ""),
    ]  # fmt: skip
    cells = [tuple(HEADS.split(",")), *rows]
    as_csv = [",".join(f'"{cell}"' for cell in row) for row in cells]
    found = enter(webinar, csv_file(*as_csv) if kind == "csv" else xlsx_file(*cells))
    heard, treatments, first = questions
    assert found.state == "done"
    ana, bob, eva = (registration_of(name) for name in ("Ana", "Bob", "Eva"))
    assert (ana.role, ana.access_needs) == ("patient", "Sofa")
    assert answers_of("Ana") == {heard: "2", treatments: "1 2", first: "yes"}
    assert (bob.role, bob.access_needs, answers_of("Bob")) == ("caregiver", "", {treatments: "3", first: "no"})
    assert (eva.role, answers_of("Eva")) == (None, {}), "as at the telephone, nothing has to be answered"


def test_question_is_also_named_by_its_number(webinar, questions):
    heard = questions[0]
    enter(webinar, csv_file(f"name,email,answer_{heard}", "Ana,ana@example.org,1"))
    assert answers_of("Ana") == {heard: "1"}


def test_answer_that_the_form_would_refuse_stands_against_the_row(app, client, webinar, questions):
    rows = ("Ana,ana@example.org,Astronaut,", "Bob,bob@example.org,,A stranger", "Eva,eva@example.org,,A friend")
    number = upload(webinar, csv_file("Name,Email,Role,How did you hear of us?", *rows))
    work_off()
    assert import_of(number).problems == 2
    said = " ".join(problems_of(sign_in(client), webinar, number))
    assert "Astronaut" in said and "A stranger" in said and "Please choose one of these." in said
    assert "A friend" not in said and count() == 0


def test_staff_say_which_question_a_column_answers_and_are_asked_again_at_a_webinar_without_it(
    app, client, series, webinar, questions
):
    editor, file = sign_in(client), csv_file("Name,Email,Source", "Ana,ana@example.org,A friend")
    number = upload(webinar, file)
    work_off()
    address = f"/staff/webinars/{webinar.slug}/import/{number}"
    page = editor.get(address)
    shown = find_form(parse(page), "/columns")
    assert "How did you hear of us?" in text_of(shown) and "What they need to take part" in text_of(shown)
    editor.submit(page, "/columns", column_2=f"answer_{questions[0]}")
    work_off()
    assert "How did you hear of us?" in text_of(parse(editor.get(address)))
    press(number)
    work_off()
    assert answers_of("Ana") == {questions[0]: "1"}
    other = upload(make_webinar(series, now=utc_now()), file)
    work_off()
    assert (import_of(other).state, import_of(other).columns) == ("columns", ["name", "email", ""])


def test_who_comes_back_keeps_what_they_answered_before(webinar, questions):
    make_registration(webinar, "Ana", now=utc_now(), state="cancelled", role="patient")
    ana = registration_of("Ana")
    with transaction():
        asking.answer(db.session.merge(ana), asking.Extras(answers={questions[0]: "1"}))
    row = "Ana,alice@example.org,caregiver,Large print,2,1,"
    enter(webinar, csv_file(HEADS, row.replace("alice@example.org", "ana@example.org")))
    assert (registration_of("Ana").state, registration_of("Ana").role) == ("confirmed", "patient")
    assert registration_of("Ana").access_needs == "Large print"
    assert answers_of("Ana") == {questions[0]: "1", questions[1]: "1"}


def test_question_that_is_deleted_before_the_list_is_entered_is_answered_by_nobody(webinar, questions):
    heard, treatments, _first = questions
    number = upload(webinar, csv_file(HEADS, "Ana,ana@example.org,patient,,A friend,Vaccines,yes"))
    work_off()
    with transaction():
        asking.retire(db.session.get_one(Question, heard), utc_now())
    press(number)
    work_off()
    assert import_of(number).state == "done"
    assert set(answers_of("Ana")) == {treatments, questions[2]}


def test_answers_on_a_list_are_held_and_erased_with_the_row(webinar, questions):
    upload(webinar, csv_file(HEADS, "Ana,ana@example.org,patient,,A friend,,", "Bob,bob@example.org,,,,,"))
    work_off()
    (row,) = privacy.held("ana@example.org")["on_lists"]
    assert row["written"]["extras"]["role"] == "patient"
    with transaction():
        privacy.erase("ana@example.org", utc_now())
    work_off()
    assert db.session.query(ImportRow).count() == 0


def test_command_reads_answers_too_and_names_the_columns_there_can_be(app, webinar, questions, tmp_path):
    def run(content, *options):
        file = tmp_path / "people.csv"
        file.write_bytes(content)
        result = app.test_cli_runner().invoke(args=["registrations", "import", webinar.slug, str(file), *options])
        db.session.expire_all()
        return result

    refused = run(csv_file("name,email,shoe size", "Ana,ana@example.org,39"))
    assert refused.exit_code == 1 and f"access_needs, answer_{questions[0]}" in refused.output
    bad = run(csv_file("name,email,role", "Ana,ana@example.org,astronaut"), "--dry-run")
    assert bad.exit_code == 1 and "line 2: role: Please choose one of these." in bad.output
    good = run(csv_file(f"name,email,role,answer_{questions[2]}", "Ana,ana@example.org,professional,yes"))
    assert good.exit_code == 0, good.output
    assert (registration_of("Ana").role, answers_of("Ana")) == ("professional", {questions[2]: "yes"})


def test_words_of_an_option_come_before_its_number(webinar, questions):
    number = add(webinar, "How many treatments?", kind=Kind.CHOICE, options=("0", "1", "2"))
    enter(webinar, csv_file("Name,Email,How many treatments?", "Ana,ana@example.org,1", "Bob,bob@example.org,3"))
    assert (answers_of("Ana"), answers_of("Bob")) == ({number: "2"}, {number: "3"})


def test_row_that_is_bad_is_still_explained_when_its_question_is_gone(app, client, webinar, questions):
    broken = csv_file("Name,Email,How did you hear of us?", f"Ana,ana@example.org,{'a' * (LONGEST_CELL + 1)}")
    number = upload(webinar, broken)
    work_off()
    with transaction():
        asking.retire(db.session.get_one(Question, questions[0]), utc_now())
    assert "this text is too long" in " ".join(problems_of(sign_in(client), webinar, number))


def test_answers_leave_us_only_where_they_are_asked_for_and_read_in_again_as_they_were(client, series, webinar):
    """They are about health: a file of names and addresses holds none of them by itself."""
    switch(series, asks_role=True, asks_access=True)
    told = add(series, "Which treatments?", kind=Kind.SEVERAL, options=("CAR-T", "None, so far", "Vaccines"))
    rows = ('"Ana","ana@example.org","patient","Sofa","CAR-T; None, so far"', '"Bob","bob@example.org","","",""')
    enter(webinar, csv_file("name,email,role,access needs,Which treatments?", *rows))
    editor = sign_in(client, "editor")
    path = f"/staff/webinars/{webinar.slug}/registrations/export"
    usual = editor.submit(editor.page(path), "/export", "Get the file", form="csv").get_data(as_text=True)
    assert "Ana" in usual and not any(word in usual for word in ("Sofa", "CAR-T", "survivor", "treatments"))

    columns = ["name", "email", "role", "access_needs", f"answer_{told}"]
    file = editor.submit(editor.page(path), "/export", "Get the file", form="csv", columns=columns).data
    assert file.decode("utf-8-sig").splitlines() == [
        "name,email,role,access_needs,Which treatments?",
        'Ana,ana@example.org,Patient or survivor,Sofa,"CAR-T; None, so far"', "Bob,bob@example.org,,,",
    ]  # fmt: skip
    other = make_webinar(series, now=utc_now())
    asking.settle(series)
    db.session.commit()
    enter(other, csv_file(*file.decode("utf-8-sig").splitlines()))
    [again] = [one for one in other_places(other) if one.name == "Ana"]
    assert (again.role, again.access_needs) == ("patient", "Sofa")
    assert asked_queries.answers_of_one(again.id) == {told: "1 2"}


def test_list_that_names_somebody_whose_place_is_held_confirms_it(series, webinar):
    switch(series, require_proof=True)
    sign_up(webinar, "Ana", email="ana@example.org", now=utc_now())
    assert registration_of("Ana").held
    enter(webinar, csv_file("name,email", "Ana,ana@example.org"))
    assert not registration_of("Ana").held
    kinds = db.session.scalars(select(Message.notice).order_by(Message.id)).all()
    assert kinds == ["proof", "confirmation"]


def other_places(webinar):
    return db.session.scalars(select(Registration).where(Registration.webinar_id == webinar.id)).all()
