"""The reader of pages that all tests use: it notices what browsers would read differently."""

import pytest
from bs4.exceptions import ParserRejectedMarkup

from tests.support.reading import read

PAGE = '<!DOCTYPE html>\n<html lang="en"><head><title>A</title></head><body>{}</body></html>'


@pytest.mark.parametrize(
    "written",
    [
        "<form><form></form></form>",
        "<p>one<ul><li>two</li></ul></p>",
        "<ul><li>one<li>two</ul>",
        "<table><tr><td>one</td></tr></table>",
        "<table>one<tbody></tbody></table>",
        "<a>one<a>two</a></a>",
        '<p class="a" class="b">one</p>',
    ],
)
def test_what_browsers_repair_is_noticed(written: str) -> None:
    with pytest.raises((AssertionError, ParserRejectedMarkup)):
        read(PAGE.format(written))


def test_what_is_written_well_is_read_as_browsers_do() -> None:
    page = read(PAGE.format("<textarea>\r\n one\r\ntwo</textarea><p>a &amp; b<br>c</p>"))
    assert page.textarea and page.textarea.get_text() == " one\ntwo"
    assert page.p and page.p.get_text() == "a & bc"


def test_part_of_a_page_is_read_as_browsers_do() -> None:
    part = read("<ul><li>one<li>two</ul>")
    assert [one.get_text() for one in part.find_all("li")] == ["one", "two"]
