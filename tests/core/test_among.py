"""A list of values is one parameter, whatever its length."""

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.factories import make_series
from tests.support.queries import sent_queries
from webinars.core.among import among
from webinars.core.database import db
from webinars.schedule.models import Series

_BY_TITLE = select(Series.slug).where(among(Series.title, "titles")).order_by(Series.slug)
_BY_ID = select(Series.slug).where(among(Series.id, "ids")).order_by(Series.slug)
_OTHERS = select(Series.slug).where(~among(Series.id, "ids")).order_by(Series.slug)


@pytest.mark.parametrize("title", ["Ébène", 'O\'Neil "Jr", {a}', "50 % \\ :x", "[1]", "null", "1", ""])
def test_text_is_found_as_it_stands(app: Flask, title: str) -> None:
    make_series(slug="a", title=title)
    make_series(slug="b", title="Another")
    assert db.session.scalars(_BY_TITLE, {"titles": [title, "Nobody's"]}).all() == ["a"]


def test_no_values_find_nothing_and_leave_out_nothing(app: Flask) -> None:
    make_series(slug="a")
    assert db.session.scalars(_BY_ID, {"ids": []}).all() == []
    assert db.session.scalars(_OTHERS, {"ids": []}).all() == ["a"]


def test_any_number_of_values_is_the_same_statement(app: Flask) -> None:
    ids = [make_series(slug=slug).id for slug in "abc"]
    with sent_queries() as sent:
        assert db.session.scalars(_BY_ID, {"ids": ids[:1]}).all() == ["a"]
        assert db.session.scalars(_BY_ID, {"ids": [*ids, 2**62, *range(10**6, 10**6 + 5000)]}).all() == ["a", "b", "c"]
        assert db.session.scalars(_OTHERS, {"ids": ids[:1]}).all() == ["b", "c"]
    assert sent[0] == sent[1]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_list_is_looked_up_by_the_index(app: Flask) -> None:
    """One comparison too many, and SQLite reads a million rows to find two."""
    statement = select(Series.id).where(among(Series.slug, "slugs"), Series.title != "")
    asked = text("EXPLAIN QUERY PLAN " + str(statement.compile(db.engine)))
    rows = db.session.connection().exec_driver_sql(str(asked), ('["a"]', "")).all()
    assert any(row.detail.startswith("SEARCH series USING") for row in rows), rows
