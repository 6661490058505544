"""Registrations taken out as a file, in the browser."""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from tests.factories import make_registration, make_webinar
from tests.registration.exchange.support import upload, work_off
from tests.support.pages import parse, text_of
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db


@pytest.fixture
def webinar(app):
    return make_webinar(now=utc_now())


def link_of(answer, text):
    return next(link["href"] for link in parse(answer).find_all("a") if text in text_of(link))


def words(answer):
    return text_of(parse(answer))


def exported(editor, path, **fields):
    return editor.submit(editor.page(path), "/export", "Get the file", **fields)


def test_list_is_written_as_it_is_shown(editor, webinar):
    for name in ("Ana", "=Bob", "Carla"):
        make_registration(webinar, name, email=f"{name[-3:].lower()}@example.org", now=utc_now())
    make_registration(webinar, "Dora", state="waitlisted", now=utc_now())
    make_registration(webinar, "Emil", state="waitlisted", now=utc_now())
    path = f"/staff/webinars/{webinar.slug}/registrations"
    shown = editor.get(f"{path}?state=confirmed&q=example")
    page = editor.page(link_of(shown, "Export"))
    assert "3 registrations" in text_of(page)
    file = editor.submit(page, "/export", "Get the file", form="xlsx", columns=["name", "state"])
    rows = load_workbook(io.BytesIO(file.data)).active.iter_rows()
    assert [[(cell.value, cell.data_type) for cell in row] for row in rows] == [
        [("name", "s"), ("state", "s")], [("Ana", "s"), ("confirmed", "s")], [("=Bob", "s"), ("confirmed", "s")],
        [("Carla", "s"), ("confirmed", "s")],
    ]  # fmt: skip
    emil = exported(editor, f"{path}/export?q=emil", form="csv", columns=["name", "position"]).data
    assert emil == b"\xef\xbb\xbfname,position\r\nEmil,2\r\n", "a place in line counts those who are left out"
    noted = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "registrations exported").order_by(AuditEntry.id)
    ).all()
    assert [one.after for one in noted] == [
        {"columns": ["name", "state"], "state": "confirmed"}, {"columns": ["name", "position"], "state": None},
    ]  # fmt: skip


def test_series_is_written_with_the_webinar_of_each_place(editor, webinar):
    other = make_webinar(now=utc_now(), title="Another one")
    make_registration(webinar, "Ana", now=utc_now())
    make_registration(other, "Ana", now=utc_now())
    path = f"/staff/series/{webinar.series.slug}/registrations/export"
    file = exported(editor, path, form="csv", columns=["webinar", "name"])
    assert file.data.decode("utf-8-sig").splitlines() == ["webinar,name", f"{webinar.slug},Ana", f"{other.slug},Ana"]


def test_formulas_are_defused_in_csv(editor, webinar):
    make_registration(webinar, "@SUM(A1)", email="x@example.org", question="\t=1", now=utc_now())
    path = f"/staff/webinars/{webinar.slug}/registrations/export"
    file = exported(editor, path, form="csv", columns=["name", "question"])
    assert file.data == b"\xef\xbb\xbfname,question\r\n'@SUM(A1),'\t=1\r\n"


def test_columns_must_be_chosen(editor, webinar):
    page = editor.page(f"/staff/webinars/{webinar.slug}/registrations/export")
    answer = editor.submit(page, "/export", "Get the file", columns=[])
    assert answer.status_code == 422 and "at least one column" in words(answer)


def test_what_is_written_can_be_read_again(editor, webinar):
    make_registration(webinar, "Ana", question="Why?\nTell me", now=utc_now())
    for form in ("csv", "xlsx"):
        path = f"/staff/webinars/{webinar.slug}/registrations/export"
        names = [one["value"] for one in editor.page(path).select("[name=columns]")]
        file = exported(editor, path, form=form, columns=names)
        number = upload(webinar, file.data)
        work_off()
        page = editor.page(f"/staff/webinars/{webinar.slug}/import/{number}")
        assert "1 registered already" in text_of(page)
