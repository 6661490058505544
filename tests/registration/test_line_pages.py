"""What people in line read on their pages."""

import re

from flask import template_rendered

from tests.registration.test_pages import press, sign_up
from tests.support.pages import parse, text_of


def place_in_line(answer):
    """Give the place that a page names, or None; title and headline say the same."""
    page = parse(answer)
    named = re.search(r"place (\S+)$", text_of(page.h1))
    assert named is None or f"place {named[1]} ·" in text_of(page.title)
    return named and named[1]


def test_each_in_line_reads_their_own_place_as_it_is_now(app, webinar):
    browsers = {name: app.test_client() for name in ("Alice", "Bob", "Charlie", "Dora", "Emil")}
    pages = {name: sign_up(browser, webinar, name) for name, browser in browsers.items()}
    assert [place_in_line(pages[name]) for name in browsers] == [None, None, "1", "2", "3"]
    press(browsers["Charlie"], pages["Charlie"], "Leave the waiting list")
    again = {name: browsers[name].get(pages[name].request.path) for name in browsers}
    assert [place_in_line(again[name]) for name in browsers] == [None, None, None, "1", "2"]
    known = sign_up(app.test_client(), webinar, "Dora")
    assert place_in_line(known) == "3", "whoever sends the form of somebody known sees what a newcomer would be"


def test_page_of_a_place_in_line_is_kept_for_all_who_wait(app, webinar):
    made = []
    for name in ("Alice", "Bob", "Charlie", "Dora", "Emil"):
        with template_rendered.connected_to(lambda _app, template, **_: made.append(template.name), app):
            sign_up(app.test_client(), webinar, name)
    assert made.count("registration/place.html") == 2, "one for seats and one for places in line"
