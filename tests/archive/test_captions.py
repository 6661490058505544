"""Caption files: what is refused, with the line, and what comes out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webvtt import WebVTT

from webinars.archive.captions import CaptionProblems, chapters_vtt, read_captions, read_chapters

pytestmark = pytest.mark.usefixtures("spoken")
HEAD = "WEBVTT\n\n"
GOOD = HEAD + "00:01.000 --> 00:02.500\nHello.\n"


def problems(text: str | bytes) -> list[tuple[int, str]]:
    with pytest.raises(CaptionProblems) as caught:
        read_captions(text)
    return [(problem.line, problem.sentence) for problem in caught.value.problems]


def test_good_file_gives_its_lines() -> None:
    (line,) = read_captions(GOOD).lines
    assert (line.start_ms, line.end_ms, line.text) == (1000, 2500, "Hello.")


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("", 0, "empty"),
        ("Hello", 1, "WEBVTT"),
        ("WEBVTTX\n\n00:01.000 --> 00:02.000\nA", 1, "WEBVTT"),
        ("WEBVTT\n00:01.000 --> 00:02.000\nA", 2, "blank line"),
        (HEAD + "00:01,000 --> 00:02,000\nA", 3, "dot"),
        (HEAD + "00:01.00 --> 00:02.000\nA", 3, "not a time"),
        (HEAD + "0:01.000 --> 00:02.000\nA", 3, "not a time"),
        (HEAD + "00:61.000 --> 01:02.000\nA", 3, "59"),
        (HEAD + "00:02.000 --> 00:02.000\nA", 3, "end after it starts"),
        (HEAD + "id\n00:03.000 --> 00:02.000\nA", 4, "end after it starts"),
        (HEAD + "00:05.000 --> 00:06.000\nA\n\n00:01.000 --> 00:02.000\nB", 6, "before the one above"),
        (HEAD + "00:05.000 --> 00:06.000\nA --> B", 4, "-->"),
        (HEAD + "00:05.000 --> 00:06.000\nA\n00:07.000 --> 00:08.000\nB", 5, "-->"),
        (HEAD + "00:05.000 --> 00:06.000\nA\n\nleft over", 6, "no times"),
        (HEAD, 0, "no captions"),
        (HEAD.encode() + b"00:05.000 --> 00:06.000\ncaf\xe9", 4, "UTF-8"),
    ],
)
def test_bad_file_is_refused_with_line_and_reason(text: str | bytes, line: int, word: str) -> None:
    found = problems(text)
    assert found[0][0] == line
    assert word in found[0][1]


def test_every_bad_line_is_named_in_order() -> None:
    text = HEAD + "00:01,000 --> 00:02.000\nA\n\n00:09.000 --> 00:03.000\nB\n\nstray\n"
    assert [line for line, _sentence in problems(text)] == [3, 6, 9]


def test_line_ends_and_byte_order_mark_do_not_matter() -> None:
    assert read_captions(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()).vtt == read_captions(GOOD).vtt


def test_subrip_becomes_webvtt() -> None:
    read = read_captions("1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nthere\n")
    assert read.vtt == ("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello\n\n00:00:03.000 --> 00:00:04.000\nthere\n")


def test_subrip_with_times_out_of_order_names_the_line() -> None:
    text = "1\n00:00:05,000 --> 00:00:06,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nthere\n"
    assert problems(text)[0][0] == 6


def test_ampersands_and_angles_are_escaped_once() -> None:
    read = read_captions(HEAD + "00:01.000 --> 00:02.000\nR&D &amp; <b>tests</b> where 3 < 4\n")
    assert read.lines[0].text == "R&D & tests where 3 < 4"
    assert "R&amp;D &amp; <b>tests</b> where 3 &lt; 4" in read.vtt


def test_foreign_tags_and_styles_are_left_out() -> None:
    text = HEAD + "STYLE\n::cue { color: red }\n\nNOTE hush\n\n00:01.000 --> 00:02.000\n<script>alert(1)</script> Hi\n"
    read = read_captions(text)
    assert "script" not in read.vtt
    assert "STYLE" not in read.vtt
    assert "hush" not in read.vtt


def test_speaker_is_named_once_for_each_turn() -> None:
    cue = "00:0{n}.000 --> 00:0{n}.900\n<v {who}>Words {n}\n"
    text = HEAD + "\n".join(cue.format(n=n, who=who) for n, who in ((1, "Dr. Ann"), (2, "Dr. Ann"), (3, "Bob")))
    assert [line.text for line in read_captions(text).lines] == ["Dr. Ann: Words 1", "Words 2", "Bob: Words 3"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("align:start position:10%,line-left line:-1 size:50%", "align:start position:10%,line-left line:-1 size:50%"),
        ("line:85.5% align:end", "line:85.5% align:end"),
        ("region:fred align:middle line:200% <b> align:left align:right", "align:right"),
        ("--> 00:03.000", ""),
    ],
)
def test_places_of_captions_are_kept_as_far_as_other_programs_can_read_them(given: str, kept: str) -> None:
    read = read_captions(HEAD + f"00:01.000 --> 00:02.000 {given}\nHello.\n")
    assert read.lines[0].settings == kept
    assert f"00:00:02.000 {kept}".rstrip() in read.vtt.splitlines()[2]
    assert read.vtt.count("-->") == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<b><i>both</b> one</i>", "<b><i>both</i></b> one"),
        ("<c.loud>open", "<c.loud>open</c>"),
        ("<v Ann>whole", "<v Ann>whole"),
        ("before <v Ann>behind", "before <v Ann>behind</v>"),
        ("<v Ann>one <v Bob>two</v>", "<v Ann>one two</v>"),
        ("<v>nobody</v>", "nobody"),
        ("Let<00:00:01.500><c> us</c> begin", "Let<c> us</c> begin"),
        ("words\n</b>", "words"),
    ],
)
def test_tags_end_as_they_began(given: str, kept: str) -> None:
    assert read_captions(HEAD + f"00:01.000 --> 00:02.000\n{given}\n").lines[0].markup == kept


YOUTUBE = """WEBVTT
Kind: captions

00:00:00.000 --> 00:00:02.000 align:start position:0%
\x20
welcome<00:00:01.000><c> all</c>

00:00:02.000 --> 00:00:02.010 align:start position:0%
welcome all
\x20

00:00:02.010 --> 00:00:03.000
to this
"""


def test_youtube_rows_of_a_space_are_among_the_words() -> None:
    assert [line.text for line in read_captions(YOUTUBE).lines] == ["welcome all", "to this"]


def test_row_of_spaces_before_a_caption_parts_it_from_the_one_above() -> None:
    text = HEAD + "00:01.000 --> 00:02.000\nHello.\n \n2\n00:03.000 --> 00:04.000\nthere\n"
    assert [line.text for line in read_captions(text).lines] == ["Hello.", "there"]


def test_caption_whose_name_begins_like_a_comment_is_checked_like_any_other() -> None:
    assert problems(HEAD + "NOTES\n00:03.000 --> 00:02.000\nHello.\n") == [
        (4, "This caption must end after it starts.")
    ]
    assert len(read_captions(HEAD + "NOTE from 1 --> to 2\n\n00:03.000 --> 00:04.000\nHello.\n").lines) == 1


def test_subrip_caption_with_a_name_instead_of_a_number_does_not_swallow_the_next() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nHello\n\nNOTE\n00:00:03,000 --> 00:00:04,000\nthere\n"
    assert [(line.start_ms, line.text) for line in read_captions(text).lines] == [(1000, "Hello"), (3000, "there")]


def test_subrip_of_other_programs_keeps_its_words_alone() -> None:
    text = (
        '1\n00:01,000 --> 00:02,500  X1:100 X2:200\n{\\an8}<font color="#ff0">Hello</font> {\\i1}all{\\i0} {laughs}\n'
    )
    (line,) = read_captions(text).lines
    assert (line.start_ms, line.end_ms, line.text, line.settings) == (1000, 2500, "Hello all {laughs}", "")


def test_clean_file_stays_as_it_is() -> None:
    once = read_captions(GOOD).vtt
    assert read_captions(once).vtt == once


@settings(max_examples=150)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=5))
def test_any_words_come_out_as_valid_webvtt(texts: list[str]) -> None:
    cues = "\n\n".join(f"00:0{n}.000 --> 00:0{n}.500\n{text}" for n, text in enumerate(texts))
    try:
        read = read_captions(HEAD + cues + "\n")
    except CaptionProblems:
        return
    assert len(WebVTT.from_string(read.vtt, strict=True).captions) == len(read.lines)
    assert read_captions(read.vtt).vtt == read.vtt


def test_chapters_are_read_from_lines() -> None:
    assert read_chapters("00:00 Welcome\n\n12:40 – Warning signs\n1:02:03 Questions") == [
        (0, "Welcome"),
        (760, "Warning signs"),
        (3723, "Questions"),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [("Welcome", 1), ("00:00 A\n00:00 B", 2), ("00:00 A\n\n00:75 B", 3), ("00:10 A\n00:05 B", 2), ("00:00", 1)],
)
def test_bad_chapter_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(CaptionProblems) as caught:
        read_chapters(text)
    assert caught.value.problems[0].line == line
    assert "chapters" in caught.value.fields


def test_chapter_track_does_not_overlap() -> None:
    captions = WebVTT.from_string(chapters_vtt([(0, "A & B"), (760, "C")], 800)).captions
    assert [(one.start, one.end) for one in captions] == [
        ("00:00:00.000", "00:12:40.000"),
        ("00:12:40.000", "00:13:20.000"),
    ]
