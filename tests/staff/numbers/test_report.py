"""The report for a funder: both kinds of file, both languages, nobody to be recognised, and a note of who made it."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from pypdf import PdfReader

from tests.factories import make_registration, make_series, make_webinar
from tests.support.pages import CheckedClient, text_of
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.language import speaking
from webinars.live.service import note_attendance
from webinars.registration.models import Registration
from webinars.site import retention
from webinars.staff.numbers import report, service
from webinars.staff.numbers.discretion import Hidden
from webinars.staff.numbers.queries import Asked

ZONES = ["America/New_York"] * 8 + ["Europe/Madrid"] * 6 + ["Asia/Tokyo"] * 2


def make_past(people: int = 16, came: int = 10, **fields: Any) -> None:
    webinar = make_webinar(starts_in=timedelta(days=-5), now=utc_now(), **fields)
    made = [
        make_registration(webinar, f"Núñez {number}", time_zone=ZONES[number % 16], question="My lump hurts")
        for number in range(people)
    ]
    with transaction():
        for one in made[:came]:
            note_attendance(db.session.get_one(Registration, one.id), utc_now())
    with transaction():
        service.recount(webinar.id, utc_now())


def period() -> dict[str, str]:
    today = utc_now().date()
    return {"first": str(today - timedelta(days=30)), "last": str(today + timedelta(days=1))}


def fetch(client: CheckedClient, form: str = "pdf", language: str = "en", **fields: str) -> Any:
    page = client.page("/staff/numbers/report")
    return client.submit(page, "/staff/numbers/report", form=form, language=language, **{**period(), **fields})


def words_of(answer: Any) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages).split())


def test_pdf_holds_sums_and_the_words_of_staff_and_nothing_of_people(editor: CheckedClient) -> None:
    make_past()
    answer = fetch(editor, words="Thank you.\n\n¡Muchas gracias, señores!")
    assert answer.content_type == "application/pdf"
    words = words_of(answer)
    for expected in (
        "Harbor Cancer Support",
        "Our webinars: report",
        "¡Muchas gracias, señores!",
        "People signed up 16",
    ):
        assert expected in words
    assert "Asia fewer than 5" in words and "Europe not shown" in words
    for secret in ("Núñez", "lump", "example.org"):
        assert secret not in words


def test_pdf_names_its_language_and_outline_and_carries_its_font(editor: CheckedClient) -> None:
    make_past()
    found = PdfReader(BytesIO(fetch(editor, language="es").data))
    assert found.trailer["/Root"]["/Lang"] == "es"
    assert found.metadata is not None and "informe" in str(found.metadata.title)
    assert len(found.outline) == 2 and len(found.outline[1]) >= 5
    fonts = found.pages[0]["/Resources"]["/Font"].values()
    assert all("Atkinson" in font["/BaseFont"] for font in fonts)
    assert all("/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts)


@pytest.mark.parametrize("language", ["en", "es"])
def test_workbook_holds_true_numbers_days_and_charts(editor: CheckedClient, language: str) -> None:
    make_past(people=40, came=20)
    book = load_workbook(BytesIO(fetch(editor, "xlsx", language, words="=1+1").data))
    first = book.worksheets[0]
    assert ("=1+1", "s") in [(cell.value, cell.data_type) for row in first for cell in row]
    months = book.worksheets[2]
    assert [cell.value for cell in months["B"]][1:] == [40]
    assert len(months._charts) == 1
    webinars = book.worksheets[-1]
    assert webinars["A2"].is_date and webinars["D2"].value == 40 and webinars["E2"].value == 20


def test_report_outlives_the_names(editor: CheckedClient) -> None:
    make_past(people=40)
    before = words_of(fetch(editor))
    with transaction():
        retention.enforce(utc_now() + timedelta(days=200))
    assert db.session.query(Registration).count() == 0
    # The session of a year ago is gone too.
    assert words_of(fetch(sign_in(editor, "owner"))) == before


def test_one_webinar_that_few_came_to_is_not_given_away_by_the_sum(app: Flask) -> None:
    series = make_series()
    for people, came in ((30, 20), (25, 3), (20, 10)):
        make_past(people, came, series=series)
    today = utc_now().date()
    with app.test_request_context(), speaking("en"):
        made = report.make(Asked(today - timedelta(days=30), today), "Harbor", "", today)
    assert [one.came for one in made.webinars] == [20, Hidden.FEW, Hidden.KEPT]
    assert [one.sign_ups for one in made.webinars] == [30, 25, 20]


def test_too_few_people_altogether_are_not_shown_at_all(app: Flask) -> None:
    make_past(people=3, came=2)
    today = utc_now().date()
    with app.test_request_context(), speaking("en"):
        made = report.make(Asked(today - timedelta(days=30), today), "Harbor", "", today)
    assert dict(made.figures)["People signed up"] is Hidden.FEW
    assert all(not section.rows for section in made.sections if section.key != "funnel")


def test_period_without_webinars_makes_a_report_that_says_so(editor: CheckedClient) -> None:
    assert "Nobody has signed up." in words_of(fetch(editor, first="2001-01-01", last="2001-02-01"))
    assert fetch(editor, "xlsx", first="2001-01-01", last="2001-02-01").status_code == 200


def test_report_on_a_series_is_called_by_its_name_in_the_readers_language(editor: CheckedClient) -> None:
    make_past(series=make_series(translations={"es": {"title": "Efectos secundarios"}}))
    assert "Efectos secundarios: informe" in words_of(fetch(editor, language="es", series="side-effects"))


def test_viewer_makes_one_and_it_is_noted(client: CheckedClient) -> None:
    sign_in(client, "viewer")
    assert fetch(client).status_code == 200
    [entry] = db.session.query(AuditEntry).filter_by(action="report made")
    assert entry.actor.startswith("staff:")
    assert entry.after == {"period": " – ".join(period().values()), "form": "pdf", "language": "en"}


def test_period_that_ends_before_it_begins_is_refused_beside_its_field(editor: CheckedClient) -> None:
    answer = fetch(editor, first=str(date(2026, 2, 1)), last=str(date(2026, 1, 1)))
    assert answer.status_code == 422
    assert "This day is before the first one." in answer.text
    assert db.session.query(AuditEntry).filter_by(action="report made").count() == 0


def test_page_says_what_is_not_shown(editor: CheckedClient) -> None:
    assert "fewer than 5" in text_of(editor.page("/staff/numbers/report").main)
