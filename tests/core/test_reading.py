"""The reader of pages that all tests use: it notices what browsers would read differently."""

from pathlib import Path

import pytest
from bs4.exceptions import ParserRejectedMarkup

from tests.support import kept, reading
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


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let nothing be proven yet, by any process."""
    monkeypatch.setenv("WEBINARS_TEST_KEPT", str(tmp_path))
    monkeypatch.setattr(reading, "_proven", kept.Lines("proven"))
    return tmp_path


def test_what_failed_once_is_not_taken_for_proven(fresh: Path) -> None:
    read(PAGE.format("<p>one</p>"))
    for _time in range(2):
        with pytest.raises(AssertionError, match="browsers read"):
            read(PAGE.format("<p>one<ul><li>two</li></ul></p>"))


def test_processes_learn_from_each_other_and_only_whole_lines(fresh: Path) -> None:
    one, other = kept.Lines("proven"), kept.Lines("proven")
    one.add({"/a", "/a/b"})
    assert not other.lacks({"/a"})
    with (fresh / "proven").open("a") as file:
        file.write("/half")
    assert other.lacks({"/half"})
    assert other.lacks({"/a", "/c"})


def test_without_a_folder_a_process_remembers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEBINARS_TEST_KEPT", raising=False)
    lines = kept.Lines("proven")
    assert lines.lacks({"/a"})
    lines.add({"/a"})
    assert not lines.lacks({"/a"})
