"""Changes to captions as rules: what is typed, split, joined, moved, replaced; what others saved in between."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webinars.archive import desk, edits, exports, replacing
from webinars.archive.captions import CaptionProblems, read_captions, write_vtt
from webinars.archive.edits import Typed
from webinars.archive.lines import Line
from webinars.archive.replacing import Swap
from webinars.core.errors import UserError

pytestmark = pytest.mark.usefixtures("spoken")
TALK = """WEBVTT

00:01.000 --> 00:03.000
<v Dr. Ann>Today we speak about pem bro lizumab.

00:03.000 --> 00:05.000
<v Dr. Ann>It helps the <i>immune</i> system.

00:06.000 --> 00:09.000
<v Bob>Is a rash serious? R&amp;D says 3 &lt; 4.
"""


@pytest.fixture
def talk() -> list[Line]:
    return list(read_captions(TALK).lines)


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in exports.kept_lines(write_vtt(lines))]


@settings(max_examples=100)
@given(st.lists(st.text(max_size=50), min_size=1, max_size=4))
def test_kept_captions_are_read_back_as_they_were_taken_in(words: list[str]) -> None:
    file = "WEBVTT\n\n" + "\n\n".join(f"00:0{n}.000 --> 00:0{n}.500\n{text}" for n, text in enumerate(words))
    try:
        read = read_captions(file)
    except CaptionProblems:
        return
    assert tuple(exports.kept_lines(read.vtt)) == read.lines


@settings(max_examples=100)
@given(st.text(max_size=60), st.text(max_size=20))
def test_whatever_is_typed_is_refused_or_comes_out_as_valid_webvtt(text: str, voice: str) -> None:
    line = Line(1000, 2000, "A", "A")
    made, problems = edits.read_typed(Typed("00:01.000", "00:02.000", voice, text), line)
    if not problems:
        vtt = write_vtt([made])
        assert read_captions(vtt).vtt == vtt
        assert edits.read_typed(edits.typed_of(made), made)[0] == made


def test_caption_is_shown_for_typing_without_escapes(talk: list[Line]) -> None:
    assert edits.typed_of(talk[2]) == Typed("00:00:06.000", "00:00:09.000", "Bob", "Is a rash serious? R&D says 3 < 4.")


@pytest.mark.parametrize(
    ("typed", "field", "word"),
    [
        (Typed("soon", "00:02.000", "", "A"), "start", "not a time"),
        (Typed("00:01,000", "00:02.000", "", "A"), "start", "dot"),
        (Typed("00:03.000", "00:02.000", "", "A"), "end", "end after it starts"),
        (Typed("00:01.000", "99:00:00.000", "", "A"), "end", "later than any talk"),
        (Typed("00:01.000", "00:02.000", "", "  \n "), "text", "Write what is said"),
        (Typed("00:01.000", "00:02.000", "", "A --> B"), "text", "-->"),
        (Typed("00:01.000", "00:02.000", "", "x" * 2001), "text", "too long"),
    ],
)
def test_bad_value_is_named_with_its_field(typed: Typed, field: str, word: str) -> None:
    _line, problems = edits.read_typed(typed, Line(1, 2, "A", "A"))
    assert word in problems[field]


def test_split_halves_words_and_time_and_keeps_who_speaks(talk: list[Line]) -> None:
    after = edits.split(talk, 0)
    assert texts(after)[:2] == ["Dr. Ann: Today we speak about", "pem bro lizumab."]
    assert after[0].end_ms == after[1].start_ms
    assert (after[0].start_ms, after[1].end_ms) == (1000, 3000)


def test_split_happens_at_the_bar(talk: list[Line]) -> None:
    typed = Typed("00:01.000", "00:03.000", "Dr. Ann", "Today | we speak.")
    line, _problems = edits.read_typed(typed, talk[0])
    assert texts(edits.split([line, *talk[1:]], 0))[:2] == ["Dr. Ann: Today", "we speak."]


def test_one_word_is_not_split() -> None:
    with pytest.raises(UserError, match="only one word"):
        edits.split([Line(0, 1000, "Hello", "Hello")], 0)


def test_joining_keeps_both_words_and_names_a_second_speaker(talk: list[Line]) -> None:
    assert (
        texts(edits.merge(talk, 0))[0] == "Dr. Ann: Today we speak about pem bro lizumab. It helps the immune system."
    )
    assert "Bob: Is a rash serious?" in texts(edits.merge(talk, 1))[1]
    with pytest.raises(UserError, match="no caption after"):
        edits.merge(talk, 2)


def test_new_caption_fits_into_the_gap_or_overlaps_little(talk: list[Line]) -> None:
    after = edits.insert(talk, 1)
    assert (after[2].start_ms, after[2].end_ms) == (5000, 6000)
    assert len(read_captions(write_vtt(edits.insert(talk, 0))).lines) == 4


def test_all_are_moved_but_not_before_the_film(talk: list[Line]) -> None:
    assert [line.start_ms for line in edits.shift(talk, -400)] == [600, 2600, 5600]
    with pytest.raises(UserError, match="before the film"):
        edits.shift(talk, -1001)


def test_overlap_and_speed_are_hints() -> None:
    quick = Line(0, 1000, "", "x" * 21)
    assert edits.hints(Line(0, 1000, "", "x" * 20), None) == []
    assert "21 letters" in edits.hints(quick, None)[0]
    assert "still shown" in edits.hints(Line(0, 9000, "", "x"), Line(8000, 9000, "", "y"))[0]


def test_caption_that_jumps_before_the_one_above_is_refused(talk: list[Line]) -> None:
    row = desk.row_of(talk, 2)
    moved = desk.Row(2, row.mark, Typed("00:02.000", "00:09.000", "Bob", "Is it?"))
    outcome = desk.settle(talk, [moved])
    assert "before the one above" in outcome.rows[0].problems["start"]


class TestSavingInBetween:
    def test_other_captions_of_somebody_else_stay_and_mine_are_saved(self, talk: list[Line]) -> None:
        rows = desk.rows_of(talk, 1)
        mine = desk.Row(2, rows[2].mark, Typed("00:06.000", "00:09.000", "Bob", "Mine."))
        theirs = edits.delete(talk, 0)
        outcome = desk.settle(theirs, [rows[1], mine])
        assert not outcome.refused
        assert texts(outcome.lines) == ["Dr. Ann: It helps the immune system.", "Bob: Mine."]

    def test_same_caption_is_a_conflict_with_both_texts(self, talk: list[Line]) -> None:
        row = desk.row_of(talk, 0)
        theirs, _problems = edits.read_typed(Typed("00:01.000", "00:03.000", "Dr. Ann", "Theirs."), talk[0])
        now = [theirs, *talk[1:]]
        mine = desk.Row(0, row.mark, Typed("00:01.000", "00:03.000", "Dr. Ann", "Mine."))
        (shown,) = desk.settle(now, [mine]).rows
        assert shown.typed.text == "Mine."
        assert shown.meanwhile and shown.meanwhile.text == "Theirs."
        again = desk.settle(now, [desk.Row(0, shown.mark, shown.typed)])
        assert not again.refused
        assert texts(again.lines)[0] == "Dr. Ann: Mine."

    def test_caption_i_left_alone_is_no_conflict(self, talk: list[Line]) -> None:
        rows = desk.rows_of(talk, 1)
        theirs, _problems = edits.read_typed(Typed("00:01.000", "00:03.000", "Dr. Ann", "Theirs."), talk[0])
        assert not desk.settle([theirs, *talk[1:]], rows).refused


class TestReplacing:
    def test_wrong_spelling_is_found_across_white_space_and_keeps_its_capital(self) -> None:
        lines = [Line(0, 1000, "", "Pem bro\nlizumab and PEM BRO LIZUMAB, pem bro lizumabs")]
        found = replacing.places(lines, [Swap("pem bro lizumab", "pembrolizumab")])
        assert [place.right for place in found] == ["Pembrolizumab", "PEMBROLIZUMAB"]

    def test_what_stands_around_is_cut_between_words(self) -> None:
        words = "Whoever looks at a place must be able to read what stands before it and behind it too"
        (place,) = replacing.places([Line(0, 1000, "", words)], [Swap("be", "become")])
        assert (place.before, place.behind) == (
            "Whoever looks at a place must ",
            " able to read what stands before it and …",
        )
        (place,) = replacing.places([Line(0, 1000, "", words)], [Swap("before", "after")])
        assert (place.before, place.behind) == ("… place must be able to read what stands ", " it and behind it too")

    def test_only_ticked_places_change_and_tags_stay(self) -> None:
        lines = [Line(0, 1000, "", "a rash &amp; <i>a rash</i> &lt; arash")]
        swap = [Swap("rash", "exantema & más")]
        first, second = replacing.places(lines, swap)
        after, done = replacing.replace_ticked(lines, swap, [second.key, "nonsense", "1.2.3"])
        assert (done, after[0].markup) == (1, "a rash &amp; <i>a exantema &amp; más</i> &lt; arash")
        assert first.key != second.key

    def test_letters_with_accents_are_parts_of_words(self) -> None:
        lines = [Line(0, 1000, "", "cancer canceró cáncer")]
        assert len(replacing.places(lines, [Swap("cancer", "cáncer")])) == 1

    def test_longer_term_wins_and_capitals_of_the_term_stay(self) -> None:
        lines = [Line(0, 1000, "", "p d l 1 and p d")]
        swaps = [Swap("p d", "PD"), Swap("p d l 1", "PD-L1")]
        assert [place.right for place in replacing.places(lines, swaps)] == ["PD-L1", "PD"]

    def test_many_terms_over_a_long_talk_take_a_moment(self) -> None:
        lines = [Line(n, n + 1, "", f"some words about topic {n} and wrong{n % 700} things") for n in range(20_000)]
        swaps = [Swap(f"wrong{n}", f"right{n}") for n in range(2000)]
        assert len(replacing.places(lines, swaps, 100_000)) == 20_000


def test_subrip_names_speakers_and_numbers_captions(talk: list[Line]) -> None:
    written = exports.srt_of(talk)
    assert written.startswith("1\r\n00:00:01,000 --> 00:00:03,000\r\nDr. Ann: Today we speak")
    assert "2\r\n00:00:03,000 --> 00:00:05,000\r\nIt helps the <i>immune</i> system." in written
    assert len(read_captions(written).lines) == 3
