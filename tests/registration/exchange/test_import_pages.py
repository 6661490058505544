"""An import in the browser, from the file to the places."""

import csv
import io

import pytest
from sqlalchemy import func, select

from tests.factories import make_registration, make_webinar
from tests.registration.deeds import assert_true_counters, count, registration_of
from tests.registration.exchange.support import csv_file, upload, work_off, xlsx_file
from tests.support.pages import parse, text_of
from tests.support.queries import sent_queries
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.mail.models import Lane, Message
from webinars.registration.exchange import service
from webinars.registration.exchange.models import Import, ImportPiece, ImportRow


@pytest.fixture
def sends(editor, webinar):
    """Upload a file through the page; give the answer."""

    def send(content, name="people.csv"):
        page = editor.page(f"/staff/webinars/{webinar.slug}/import")
        return editor.submit(page, "/import", "Upload", file=(io.BytesIO(content), name))

    return send


def link_of(answer, text):
    return next(link["href"] for link in parse(answer).find_all("a") if text in text_of(link))


def words(answer):
    return text_of(parse(answer))


def again(client, answer):
    """Look at the page once more, after a worker did what waited."""
    work_off()
    return client.get(answer.request.path)


def letters():
    db.session.rollback()
    return db.session.scalars(select(Message).order_by(Message.id)).all()


def left_over():
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(one)) for one in (ImportRow, ImportPiece)]


def test_list_is_checked_shown_and_entered(editor, webinar, sends):
    make_registration(webinar, "Known", now=utc_now())
    uploaded = sends(xlsx_file(
        ("Nombre", "Apellidos", "Correo electrónico", "Idioma"),
        ("Ana", "Ruiz", "ana@example.org", "español"),
        ("Luis", "Gil", "luis@example.org", None),
        ("known", None, "KNOWN@example.org", None),
        ("Ana", "Ruiz", "ana@example.org", None),
    ), "gente.xlsx")  # fmt: skip
    assert "The file is being read" in words(uploaded)
    assert count() == 1, "nobody is registered before staff say so"
    checked = again(editor, uploaded)
    assert [text_of(tile) for tile in parse(checked).select(".tile")] == [
        "1 get a place", "1 wait in line", "0 get the recording", "1 registered already", "0 rows to mend",
    ]  # fmt: skip
    assert "1 row is about a person who stands in another row too" in words(checked)
    assert count() == 1
    entered = again(editor, editor.submit(checked, "/enter", "Enter 2 people"))
    assert "Everybody is entered" in words(entered)
    assert (registration_of("Ana Ruiz").state, registration_of("Ana Ruiz").language) == ("confirmed", "es")
    assert registration_of("Luis Gil").state == "waitlisted"
    assert registration_of("Luis Gil").entered_by_staff
    assert [(one.notice, one.lane, one.address_key) for one in letters()] == [
        ("confirmation", Lane.BULK, None), ("waitlisted", Lane.BULK, None),
    ]  # fmt: skip
    assert_true_counters(webinar)
    assert left_over() == [0, 0], "the list is deleted at once"
    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "registrations imported")).one()
    assert noted.actor.startswith("staff:") and noted.object_id == str(webinar.id)
    assert noted.after == {"confirmed": 1, "waitlisted": 1, "recording_only": 0, "rows": 4, "letters": True}


def test_unknown_columns_are_asked_for_once_and_remembered(editor, webinar, sends):
    uploaded = sends(csv_file("Patient,Reach at,Ward", "Ana,ana@example.org,7"))
    asked = again(editor, uploaded)
    assert text_of(parse(asked).h1) == "What do the columns hold?"
    assert "ana@example.org" in words(asked) and words(asked).count("not recognised") == 3
    nothing = editor.submit(asked, "/columns", "Check the rows")
    assert nothing.status_code == 422 and "Say which column holds the name." in words(nothing)
    twice = editor.submit(asked, "/columns", "Check the rows", column_0="name", column_1="name")
    assert twice.status_code == 422 and "chosen for two columns" in words(twice)
    assert parse(twice).select_one("#column_1 [selected]")["value"] == "name", "what was chosen stays"
    chosen = editor.submit(twice, "/columns", "Check the rows", column_1="email")
    assert "1 get a place" in words(again(editor, chosen))
    second = sends(csv_file("Ward,Reach at,Patient", "8,luis@example.org,Luis"))
    assert "1 get a place" in words(again(editor, second)), "the same names in another order, without asking"


def test_columns_can_be_changed_after_the_rows_were_seen(editor, webinar, sends):
    checked = again(editor, sends(csv_file("Name,Email,Mail", "Ana,ana@example.org,a@x.example")))
    assert text_of(parse(checked).h1) == "What do the columns hold?", "two columns of the same kind are asked for"
    checked = again(editor, editor.submit(checked, "/columns", "Check"))
    page = editor.get(link_of(checked, "Change the columns"))
    checked = again(editor, editor.submit(page, "/columns", "Check", column_1="", column_2="email"))
    again(editor, editor.submit(checked, "/enter", "Enter 1 person"))
    assert registration_of("Ana").email == "a@x.example"


def test_rows_with_problems_stand_against_all_and_can_be_mended(editor, webinar, sends):
    checked = again(editor, sends(csv_file(
        "Name,E-mail,Mode", "Ana,ana@example.org,", "Bob,bob at home,", ",c@example.org,by pigeon",
        "=Dora,d@example.org,",
    )))  # fmt: skip
    cells = [[text_of(cell) for cell in row.find_all(["th", "td"])] for row in parse(checked).select("tbody tr")]
    assert [row[:3] for row in cells] == [
        ["Line 3", "E-mail", "bob at home"], ["Line 4", "Name", "nothing"], ["Line 4", "Mode", "by pigeon"],
    ]  # fmt: skip
    assert "needs an @" in cells[0][3] and "write one of: live, phone, recording" in cells[2][3]
    assert "Enter" not in [text_of(button) for button in parse(checked).find_all("button")]
    link = link_of(checked, "These rows as a file")
    file = editor.get(link)
    assert file.headers["Content-Disposition"].startswith("attachment") and file.headers["Cache-Control"] == "no-store"
    rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert rows[0] == ["Name", "E-mail", "Mode", "What to mend"]
    assert [row[1] for row in rows[1:]] == ["bob at home", "c@example.org"] and "needs an @" in rows[1][3]
    rest = editor.submit(checked, "/leave-out", "Leave these 2 rows out")
    assert "2 rows are left out, as you said" in words(rest)
    again(editor, editor.submit(rest, "/enter", "Enter 2 people"))
    assert registration_of("=Dora").state == "confirmed"
    rows[1][1], rows[2][0], rows[2][2] = "bob@example.org", "Carla", "recording"
    mended = io.StringIO()
    csv.writer(mended).writerows(rows)
    checked = again(editor, sends(mended.getvalue().encode()))
    again(editor, editor.submit(checked, "/enter", "Enter 2 people"))
    assert registration_of("Bob").state == "waitlisted" and registration_of("Carla").state == "recording-only"
    assert_true_counters(webinar)


def test_nobody_is_entered_where_somebody_would_get_no_place(editor, webinar, sends):
    webinar.waiting_list = False
    db.session.commit()
    checked = again(editor, sends(csv_file("Name,Email", *(f"P{number},p{number}@example.org" for number in range(4)))))
    assert "2 rows to mend" in words(checked) and "Raise the capacity first" in words(checked)


def test_what_changed_between_the_look_and_the_yes_is_said(editor, webinar, sends):
    webinar.waiting_list = False
    db.session.commit()
    checked = again(editor, sends(csv_file("Name,Email", "Ana,ana@example.org", "Bob,bob@example.org")))
    make_registration(webinar, "Faster", now=utc_now())
    held_up = again(editor, editor.submit(checked, "/enter", "Enter 2 people"))
    assert "Nobody was entered" in words(held_up) and "1 row to mend" in words(held_up)
    assert count() == 1 and letters() == []


def test_staff_may_tell_people_themselves(editor, webinar, sends):
    checked = again(editor, sends(csv_file("Name,Email", "Ana,ana@example.org")))
    done = again(editor, editor.submit(checked, "/enter", "Enter 1 person", letters="no"))
    assert "Nobody gets a letter" in words(done) and letters() == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF", "This is no table"),
        (b"ana,ana@example.org\n", "The first line must name the columns"),
        (b"name,email\n", "There are no people in this file"),
        (b"name,email\n" + b"a,a@example.org\n" * 700 + b'"broken"x,b\n', "Line 702 is not CSV"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_to_do(editor, sends, content, sentence):
    answer = again(editor, sends(content))
    assert sentence in words(answer) and "Choose another file" in words(answer)
    work_off()
    assert left_over() == [0, 0]


def test_no_file_an_empty_one_and_a_large_one_are_answered_beside_the_field(editor, webinar, sends, monkeypatch):
    page = editor.page(f"/staff/webinars/{webinar.slug}/import")
    nothing = editor.submit(page, "/import", "Upload")
    assert nothing.status_code == 422 and "Please choose a file" in words(nothing)
    empty = sends(b"")
    assert empty.status_code == 422 and "The file is empty" in words(empty)
    monkeypatch.setattr(service, "MOST_UPLOADED", 1_000_000)
    large = sends(b"x" * 1_000_001)
    assert large.status_code == 422 and "larger than 1 MB" in words(large)
    assert db.session.scalar(select(func.count()).select_from(Import)) == 0


def test_form_as_large_as_a_list_is_read_only_from_staff(editor, client, webinar, app):
    assert app.config["MAX_CONTENT_LENGTH"] < 3_000_000
    page = editor.page(f"/staff/webinars/{webinar.slug}/import")
    content = csv_file("Name,Email", *(f"Person {n},p{n}@example.org" for n in range(90_000)))
    assert len(content) > 2_500_000
    assert "being read" in words(editor.submit(page, "/import", "Upload", file=(io.BytesIO(content), "long.csv")))


def test_nobody_reads_while_no_worker_runs_and_that_is_said(editor, sends):
    assert "No worker has been seen" in words(sends(csv_file("Name,Email", "Ana,ana@example.org")))


def test_progress_is_a_part_of_the_page_and_renews_it_when_it_is_done(editor, webinar, sends):
    uploaded = sends(csv_file("Name,Email", "Ana,ana@example.org"))
    link = parse(uploaded).select_one("#progress")["data-hx-get"]
    part = editor.get(link, headers={"HX-Request": "true"})
    assert "<html" not in part.get_data(as_text=True) and "HX-Refresh" not in part.headers
    work_off()
    assert editor.get(link, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert editor.get(link).status_code == 302, "a reader without scripts gets the page"


@pytest.mark.parametrize("state", ["reading", "columns", "checked"])
def test_import_can_be_discarded_until_it_is_entered(editor, webinar, sends, state):
    uploaded = sends(csv_file("Name,Mystery" if state == "columns" else "Name,Email", "Ana,ana@example.org"))
    page = uploaded if state == "reading" else again(editor, uploaded)
    assert "This import is discarded" in words(editor.submit(page, "/discard"))
    work_off()
    assert left_over() == [0, 0] and count() == 0


def test_import_that_is_not_finished_is_found_again(editor, webinar, sends):
    sends(csv_file("Name,Email", "Ana,ana@example.org"), "../../etc/march.csv")
    page = editor.page(f"/staff/webinars/{webinar.slug}/import")
    assert "march.csv waits to be read" in text_of(page)


def test_old_pages_change_nothing(editor, webinar, sends):
    checked = again(editor, sends(csv_file("Name,Email", "Ana,ana@example.org")))
    again(editor, editor.submit(checked, "/enter", "Enter"))
    token = parse(checked).find("input", {"name": "csrf_token"})["value"]
    for action in ("/enter", "/discard"):
        editor.submit(checked, action)
        work_off()
    for action in ("leave-out", "columns"):
        editor.post(f"{checked.request.path}/{action}", data={"csrf_token": token})
    assert count() == 1 and len(letters()) == 1


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_webinar_that_takes_nobody_says_so(editor, webinar, state):
    webinar.state = state
    db.session.commit()
    page = editor.page(f"/staff/webinars/{webinar.slug}/import")
    assert "takes no registrations now" in text_of(page) and page.find("input", {"type": "file"}) is None


@pytest.mark.parametrize("path", ["import/999", "import/99999999999999999999999", "import/1/problems.csv"])
def test_import_that_is_gone_is_not_found(editor, webinar, path):
    assert editor.get(f"/staff/webinars/{webinar.slug}/{path}").status_code == 404


def test_import_of_another_webinar_is_not_shown(editor, webinar):
    number = upload(make_webinar(now=utc_now()), csv_file("Name,Email", "Ana,ana@example.org"))
    assert editor.get(f"/staff/webinars/{webinar.slug}/import/{number}").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "host"])
def test_only_editors_and_owners_import_and_export(client, webinar, role):
    staff = sign_in(client, role)
    for path in ("import", "registrations/export"):
        assert staff.get(f"/staff/webinars/{webinar.slug}/{path}").status_code == 403
    if role == "viewer":
        assert "Import a list" not in text_of(staff.page(f"/staff/webinars/{webinar.slug}/registrations"))


@pytest.mark.parametrize("page", ["", "/columns"])
def test_pages_ask_the_same_number_of_questions_for_any_number_of_rows(editor, webinar, page):
    asked = []
    for rows in (1, 3):
        number = upload(webinar, csv_file("Name,Email", *(f"P{one},nothing" for one in range(rows))))
        work_off()
        with sent_queries() as sent:
            editor.page(f"/staff/webinars/{webinar.slug}/import/{number}{page}")
        asked.append(len(sent))
    assert asked[0] == asked[1]


def test_page_speaks_the_language_of_who_looks(editor, webinar, sends):
    checked = again(editor, sends(csv_file("Name,Email", "Ana,nothing")))
    assert "Check the address: it needs an @" in words(checked)
    assert "Check the address" not in text_of(editor.page(f"/es{checked.request.path}"))
