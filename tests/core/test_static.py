"""Static files: kept for ever under the address that names their content, and under no other."""

from collections.abc import Callable

import pytest
from flask import Flask

from webinars.core.static import static_url


@pytest.mark.parametrize("name", ["css/site.css", "js/site.js", "vendor/htmx.min.js"])
def test_file_under_the_address_that_names_its_content_is_kept_for_ever(app: Flask, name: str) -> None:
    answer = app.test_client().get(static_url(name))
    assert answer.status_code == 200
    (kept,) = answer.headers.getlist("Cache-Control")
    assert "immutable" in kept and "max-age=315360000" in kept
    again = app.test_client().get(static_url(name), headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and "immutable" in again.headers["Cache-Control"]


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789ab", "?w=1", "?v=%s&x=1"])
def test_file_under_any_other_address_is_soon_asked_for_again(app: Flask, query: str) -> None:
    version = static_url("css/site.css").partition("=")[2]
    answer = app.test_client().get("/static/css/site.css" + query.replace("%s", version))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "max-age=60, public")


def test_font_carries_its_version_in_its_name(app: Flask) -> None:
    answer = app.test_client().get(static_url("fonts/atkinson-next-latin-5.3.0.woff2"))
    assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]


def test_what_is_not_there_is_a_page_not_found_and_not_kept(app: Flask) -> None:
    answer = app.test_client().get("/static/css/none.css?v=0123456789ab")
    assert answer.status_code == 404 and "immutable" not in answer.headers["Cache-Control"]


def test_while_files_are_watched_for_changes_none_is_kept(make_app: Callable[..., Flask]) -> None:
    answer = make_app(debug=True).test_client().get(static_url("css/site.css"))
    assert answer.status_code == 200 and "immutable" not in answer.headers["Cache-Control"]
