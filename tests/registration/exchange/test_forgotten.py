"""What imports hold of people is deleted: when they are over, after a day, and when somebody asks."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import make_webinar
from tests.registration.deeds import count
from tests.registration.exchange.support import csv_file, enter, import_of, press, upload, work_off
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.registration.exchange.models import Import, ImportPiece, ImportRow
from webinars.site import privacy, retention


@pytest.fixture
def webinar(app):
    return make_webinar(now=utc_now())


def left_over():
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(one)) for one in (ImportRow, ImportPiece)]


def test_list_nobody_finished_is_deleted_after_a_day(app, webinar):
    from_yesterday = upload(webinar, csv_file("Name,Email", "Ana,ana@example.org"))
    work_off()
    import_of(from_yesterday).created_at = utc_now() - timedelta(days=1, minutes=1)
    db.session.commit()
    today = upload(webinar, csv_file("Name,Email", "Bob,bob@example.org"))
    work_off()
    with transaction():
        retention.enforce(utc_now())
    work_off()
    assert (import_of(from_yesterday).state, import_of(from_yesterday).samples) == ("discarded", [])
    assert import_of(today).state == "checked"
    assert left_over() == [1, 1]


def test_record_of_an_import_is_deleted_after_a_week(app, webinar):
    number = upload(webinar, csv_file("Name,Email", "Ana,ana@example.org"))
    import_of(number).created_at = utc_now() - timedelta(days=8)
    db.session.commit()
    for _round in range(2):
        with transaction():
            retention.enforce(utc_now())
        work_off()
    assert db.session.get(Import, number) is None


@pytest.mark.parametrize("content", [
    csv_file("Name,Email", "Ana,Ana@Example.org", "Bob,bob@example.org"),
    csv_file("Name,Email", "Ana,ana@example.org ana", "Bob,bob@example.org"),
    csv_file("Name,Email", ",mailto:Ana @ example.org", "Bob,bob@example.org"),
])  # fmt: skip
@pytest.mark.parametrize("read", [True, False])
def test_who_asks_to_be_forgotten_is_on_no_list_any_more(app, webinar, content, read):
    number = upload(webinar, content)
    if read:
        work_off()
        assert len(privacy.held("ana@example.org")["on_lists"]) == 1
    with transaction():
        erased = privacy.erase("ana@example.org", utc_now())
    assert erased.imported == int(read)
    assert privacy.held("ana@example.org")["on_lists"] == []
    found = import_of(number)
    assert found.state == "discarded" and "Somebody’s data had to be deleted" in found.reason
    assert left_over()[1] == 0, "the file is gone at once"
    work_off()
    assert left_over() == [0, 0] and count() == 0


def test_erasing_somebody_else_leaves_a_list_that_was_read_alone(app, webinar):
    number = upload(webinar, csv_file("Name,Email", "Ana,ana@example.org"))
    work_off()
    with transaction():
        privacy.erase("zoe@example.org", utc_now())
    assert import_of(number).state == "checked"


def test_who_wrote_their_address_with_an_umlaut_in_a_row_that_is_bad_is_forgotten_too(app, webinar):
    upload(webinar, csv_file("Name,Email", ",ana@bücher.example", "Bob,bob@example.org"))
    work_off()
    with transaction():
        assert privacy.erase("ana@bücher.example", utc_now()).imported == 1


def test_list_that_was_entered_keeps_none_of_what_stood_in_it(app, webinar):
    found = enter(webinar, csv_file("Name,Email", "Ana,ana@example.org"))
    assert (found.state, found.samples) == ("done", [])


def test_who_is_forgotten_between_the_yes_of_staff_and_the_entering_does_not_come_back(app, webinar):
    number = upload(webinar, csv_file("Name,Email", "Ana,ana@example.org", "Bob,bob@example.org"))
    work_off()
    press(number)
    with transaction():
        privacy.erase("ana@example.org", utc_now())
    work_off()
    assert (import_of(number).state, import_of(number).samples) == ("discarded", [])
    assert left_over() == [0, 0] and count() == 0
