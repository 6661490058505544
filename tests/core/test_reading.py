"""Pages are read as browsers read them, also where another process of the run has proven a part."""

import pytest
from bs4.exceptions import ParserRejectedMarkup

from tests.support import kept, reading

GOOD = "<!DOCTYPE html><html><head><title>t</title></head><body><main><p>Words</p></main></body></html>"
BAD = GOOD.replace("<p>Words</p>", "<p><ul><li>Words</li></ul></p>")


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("WEBINARS_TEST_KEPT", str(tmp_path))
    monkeypatch.setattr(reading, "_proven", kept.Lines("proven"))
    return tmp_path


def test_page_that_browsers_would_repair_fails_however_often_it_is_read(fresh):
    reading.read(GOOD)
    for _time in range(2):
        with pytest.raises(AssertionError, match="browsers read"):
            reading.read(BAD)


def test_attribute_given_twice_fails(fresh):
    with pytest.raises(ParserRejectedMarkup, match="given twice"):
        reading.read(GOOD.replace("<p>", "<p id=a id=b>"))


def test_processes_learn_from_each_other_and_only_whole_lines(fresh):
    one, other = kept.Lines("proven"), kept.Lines("proven")
    one.add({"/a", "/a/b"})
    assert not other.lacks({"/a"})
    with (fresh / "proven").open("a") as file:
        file.write("/half")
    assert other.lacks({"/half"})
    assert other.lacks({"/a", "/c"})
    other.add({"/c"})
    assert one.lacks({"/half"})


def test_without_a_folder_a_process_remembers_alone(monkeypatch):
    monkeypatch.delenv("WEBINARS_TEST_KEPT")
    lines = kept.Lines("proven")
    assert lines.lacks({"/a"})
    lines.add({"/a"})
    assert not lines.lacks({"/a"})
