"""`flask registrations import` and `export`."""

import csv
import io
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import make_registration
from tests.registration.deeds import assert_true_counters, count, counters, registration_of
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.models import Message
from webinars.registration import commands, lists, service
from webinars.registration.exchange import cells
from webinars.registration.exchange import export as writing
from webinars.registration.models import Registration
from webinars.registration.rules import Application
from webinars.schedule import service as schedule
from webinars.site import privacy


@pytest.fixture
def send(app, webinar, tmp_path):
    """Import a text or bytes."""

    def run(content, *options):
        file = tmp_path / "people.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        result = app.test_cli_runner().invoke(args=["registrations", "import", webinar.slug, str(file), *options])
        db.session.expire_all()
        return result

    return run


def export(app, webinar, *options):
    result = app.test_cli_runner().invoke(args=["registrations", "export", webinar.slug, *options])
    assert result.exit_code == 0, result.output
    return result.stdout_bytes


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def letters():
    db.session.expire_all()
    return [(one.notice, one.state) for one in db.session.scalars(select(Message).order_by(Message.id))]


def test_good_file_registers_everybody_as_staff_would(send, webinar):
    result = send("name,email\nAlice,alice@example.org\nBob,bob@example.org\nCharlie,charlie@example.org\n")
    assert result.exit_code == 0, result.output
    assert "new, confirmed: 2" in result.output
    assert "new, waitlisted: 1" in result.output
    assert counters(webinar) == (2, 1)
    assert registration_of("Alice").entered_by_staff
    assert letters() == [("confirmation", "pending"), ("confirmation", "pending"), ("waitlisted", "pending")]
    assert_true_counters(webinar)


def test_separator_mark_order_and_case_of_a_spreadsheet_are_understood(send):
    text = (
        "E-Mail;Time Zone;NAME;Discreet;Mode;Question;Language;\r\n"
        'alice@example.org;Europe/Berlin;"Müller; Alice";yes;Phone;"First line\r\nsecond ""line""";ES;\r\n'
        ";;;;;;;\r\n"
    )
    assert send(b"\xef\xbb\xbf" + text.encode()).exit_code == 0
    alice = registration_of("Müller; Alice")
    assert (alice.time_zone, alice.discreet, alice.mode, alice.language) == ("Europe/Berlin", True, "phone", "es")
    assert alice.question == 'First line\nsecond "line"'


def test_person_without_address_is_known_by_telephone(send):
    assert send("name,email,phone\nAlice,,+1 555 0100\n").exit_code == 0
    assert registration_of("Alice").email is None
    assert letters() == []


def test_every_bad_row_is_listed_with_its_line_and_nothing_is_written(send):
    result = send(
        "name,email,time_zone,mode,discreet,language\n"
        "Alice,alice@example.org,,,,\n"
        '"Bob\nTwo lines",bob,Mars/Olympus,,,\n'
        ",charlie@example.org,,telepathy,,\n"
        "Dora,,,,maybe,fr\n"
        "Eve,eve@example.org,,,,,more\n"
    )
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0].startswith("line 3: email: Check the address") and "time_zone" in lines[0]
    assert lines[1].startswith("line 5: name: Please enter a name") and "mode" in lines[1]
    assert lines[2].startswith("line 6: ") and "discreet" in lines[2] and "language" in lines[2]
    assert lines[3] == "line 7: there are more cells than columns"
    assert lines[4] == "4 of 5 rows are bad. Nothing was written."
    assert count() == 0
    assert letters() == []


def test_rows_that_find_no_seat_undo_the_others(send, webinar):
    webinar.waiting_list = False
    db.session.commit()
    result = send("name,email\n" + "".join(f"P{n},p{n}@example.org\n" for n in range(5)))
    assert result.exit_code == 1
    assert [line.partition(":")[0] for line in result.output.splitlines()[:3]] == ["line 4", "line 5", "line 6"]
    assert "All places are taken" in result.output
    assert "3 of 5 rows are bad" in result.output
    assert counters(webinar) == (0, 0) and count() == 0 and letters() == []


def test_dry_run_counts_and_writes_nothing(send, webinar):
    result = send("name,email\nAlice,a@example.org\nBob,b@example.org\nCharlie,c@example.org\n", "--dry-run")
    assert result.exit_code == 0
    assert "new, confirmed: 2" in result.output and "new, waitlisted: 1" in result.output
    assert "nothing was written" in result.output
    assert counters(webinar) == (0, 0) and count() == 0 and letters() == []


def test_same_file_again_changes_nothing(send, webinar):
    text = "name,email\nAlice,alice@example.org\nAlice,ALICE@example.org\n"
    send(text)
    result = send(text)
    assert result.exit_code == 0
    assert "known already: 2" in result.output
    assert count() == 1
    assert len(letters()) == 1


def test_no_letters_owes_nobody_anything_but_later_changes(send, webinar):
    with transaction():
        schedule.move_webinar(webinar, webinar.local_start + timedelta(days=1), now=utc_now())
    people = ("Alice,a@example.org,live", "Bob,b@example.org,", "Carla,c@example.org,", "Dora,d@example.org,recording")
    assert send("\n".join(("name,email,mode", *people)), "--no-letters").exit_code == 0
    assert letters() == []
    assert webinar.sequence > 0
    assert {registration_of(name).told_sequence for name in ("Alice", "Bob", "Carla", "Dora")} == {webinar.sequence}


def test_no_letters_keeps_quiet_to_who_comes_back(send, webinar):
    make_registration(webinar, "Alice", mode="recording", state="recording-only")
    make_registration(webinar, "Bob", state="cancelled", mode="live")
    assert send("name,email\nAlice,alice@example.org\nBob,bob@example.org\n", "--no-letters").exit_code == 0
    assert {registration_of(name).state for name in ("Alice", "Bob")} == {"confirmed"}
    assert letters() == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            "name,email,shoe size\nAlice,a@example.org,40\n",
            'Unknown column "shoe size". Columns can be: name, first_name,',
        ),
        ("Alice,a@example.org\n", "The first line must name the columns"),
        ("", "The file is empty."),
        ("\n\n", "The first line must name the columns"),
        ("name,email\n", "There are no people in this file"),
        ("name\nAlice\n", "Say which column holds the email address"),
        ("name,email,E-mail\nA,a@example.org,b@example.org\n", "named twice"),
        ('name,email\n"Alice,a@example.org\n', "Line 2 is not CSV"),
        (b"name,email\n\x81\x8d,a@example.org\n", "The characters of this file cannot be read"),
        (b"PK\x03\x04 a workbook", "This workbook cannot be read"),
    ],
)
def test_file_that_cannot_be_read_is_refused_in_one_sentence(send, content, sentence):
    result = send(content)
    assert result.exit_code == 1
    assert sentence in result.output
    assert len(result.output.splitlines()) == 1
    assert count() == 0


@pytest.mark.parametrize(("state", "sentence"), [("draft", "Publish it first"), ("cancelled", "was cancelled")])
def test_webinar_that_takes_nobody_is_refused(send, webinar, state, sentence):
    webinar.state = state
    db.session.commit()
    result = send("name,email\nAlice,a@example.org\n")
    assert result.exit_code == 1
    assert sentence in result.output


def test_unknown_webinar_is_refused(app, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name,email\n")
    for arguments in (["import", "nothing", str(file)], ["export", "nothing"]):
        result = app.test_cli_runner().invoke(args=["registrations", *arguments])
        assert result.exit_code == 1
        assert 'There is no webinar "nothing"' in result.output


def test_export_gives_every_registration_with_its_place_in_line(app, webinar):
    for name in ("Alice", "Bob", "Charlie", "Dora"):
        with transaction():
            service.register(
                webinar.id, Application(name, f"{name.lower()}@example.org", question='a "b",\nc'), utc_now()
            )
    with transaction():
        service.cancel(registration_of("Alice"), utc_now())
    content = export(app, webinar)
    assert content.endswith(b"\r\n")
    rows = rows_of(content)
    assert [(row["name"], row["state"], row["position"]) for row in rows] == [
        ("Alice", "cancelled", ""),
        ("Bob", "confirmed", ""),
        ("Charlie", "confirmed", ""),
        ("Dora", "waitlisted", "1"),
    ]
    assert rows[0]["question"] == 'a "b",\nc'
    assert rows[0]["id"] == registration_of("Alice").public_id


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹢"])
def test_export_defuses_formulas_and_import_takes_them_back(app, send, webinar, start):
    make_registration(webinar, f"{start}1+2", email="x@example.org")
    assert rows_of(export(app, webinar))[0]["name"] == f"'{start}1+2"
    send(f"name,email\n'{start}1+2,x@example.org\n")
    assert count() == 1


@pytest.mark.parametrize(("text", "expected"), [("\tx", "'\tx"), ("\rx", "'\rx"), ("x=1", "x=1"), ("", "")])
def test_defused_looks_at_the_first_character(text, expected):
    assert cells.defused(text) == expected


def test_export_writes_a_private_file_whole(app, webinar, tmp_path):
    make_registration(webinar, "Alice")
    file = tmp_path / "out.csv"
    assert export(app, webinar, "--output", str(file)) == b""
    assert rows_of(file.read_bytes())[0]["name"] == "Alice"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["out.csv"]


def test_export_holds_a_bounded_number_of_rows(app, webinar, monkeypatch):
    monkeypatch.setattr(lists, "STREAMED", 2)
    monkeypatch.setattr(writing, "_PIECE", 150)
    for number in range(5):
        make_registration(webinar, f"Person {number}", state="waitlisted")
    rows = writing.values_of(lists.exported(Registration.webinar_id == webinar.id), ["name", "email"])
    parts = list(writing.csv_of(["name", "email"], rows))
    assert len(parts) == 2 and b"".join(parts).count(b"\r\n") == 6


def test_somebody_in_the_file_is_erased_while_it_is_read(app, send, webinar, monkeypatch):
    @contextmanager
    def erasing(*_named):
        def advance(_rows):
            with transaction():
                privacy.erase("bob@example.org", utc_now())

        yield advance

    monkeypatch.setattr(commands, "progress", erasing)
    result = send("name,email\nAlice,alice@example.org\nBob,bob@example.org\n")
    assert result.exit_code == 1 and "Somebody’s data had to be deleted" in result.output
    assert count() == 0
