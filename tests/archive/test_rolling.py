"""Captions that roll come in once; what somebody says twice is kept."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webinars.archive import rolling
from webinars.archive.captions import read_captions

pytestmark = pytest.mark.usefixtures("spoken")

YOUTUBE = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.350 align:start position:0%
\x20
welcome<00:00:00.480><c> to</c><00:00:00.640><c> the</c>

00:00:02.350 --> 00:00:02.360 align:start position:0%
welcome to the
\x20

00:00:02.360 --> 00:00:04.789 align:start position:0%
welcome to the
webinar<00:00:02.800><c> on</c><00:00:03.100><c> Q&amp;A</c>

00:00:04.789 --> 00:00:04.799 align:start position:0%
webinar on Q&amp;A
\x20

00:00:04.799 --> 00:00:06.000 align:start position:0%
webinar on Q&amp;A
[Music]

00:00:06.000 --> 00:00:08.000 align:start position:0%
[Music]
\x20

00:00:11.000 --> 00:00:12.990 align:start position:0%
\x20
side<00:00:11.500><c> effects</c>

00:00:12.990 --> 00:00:13.000 align:start position:0%
side effects
\x20
"""
CLEAN = """WEBVTT

00:00:00.160 --> 00:00:02.360
welcome to the

00:00:02.360 --> 00:00:04.799
webinar on Q&amp;A

00:00:04.799 --> 00:00:08.000
[Music]

00:00:11.000 --> 00:00:13.000
side effects
"""


def test_captions_of_youtube_come_in_once_and_clean() -> None:
    assert read_captions(YOUTUBE).vtt == CLEAN


def test_clean_captions_stay_as_they_are() -> None:
    assert read_captions(CLEAN).vtt == CLEAN


Cue = tuple[int, int, list[str]]


def vtt_of(cues: Sequence[Cue]) -> str:
    blocks = (f"{_time(start)}.{start % 1000:03} --> {_time(end)}.{end % 1000:03}\n" + "\n".join(rows)
              for start, end, rows in cues)  # fmt: skip
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def srt_of(cues: Sequence[Cue]) -> str:
    blocks = (f"{number}\n{_time(start)},{start % 1000:03} --> {_time(end)},{end % 1000:03}\n" + "\n".join(rows)
              for number, (start, end, rows) in enumerate(cues, start=1))  # fmt: skip
    return "\n\n".join(blocks) + "\n"


def _time(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}"


def with_instants(said: Sequence[str]) -> list[Cue]:
    """Write lines as YouTube does: below the one before, then alone for ten milliseconds."""
    cues: list[Cue] = []
    for number, line in enumerate(said):
        above = [said[number - 1]] if number else []
        cues += [
            (number * 2000, number * 2000 + 1990, [*above, line]),
            (number * 2000 + 1990, number * 2000 + 2000, [line]),
        ]
    return cues


def without_instants(said: Sequence[str]) -> list[Cue]:
    return [cue for cue in with_instants(said) if cue[1] - cue[0] > 10]


def three_rows(said: Sequence[str]) -> list[Cue]:
    """Write lines as live captioning on television does: two of those before stay above."""
    return [(n * 2000, n * 2000 + 2000, list(said[max(0, n - 2) : n + 1])) for n in range(len(said))]


def on_one_row(said: Sequence[str]) -> list[Cue]:
    return [(start, end, [" ".join(rows)]) for start, end, rows in with_instants(said)]


def both_at_once(said: Sequence[str]) -> list[Cue]:
    """Let each caption last until its line is gone from the upper row, as some programs write it."""
    return [(start, end + 2000, rows) for start, end, rows in without_instants(said)]


TALK = [
    "Good evening, this is the webinar",
    "on side effects of your medicine.",
    "Please call us",
    "when you see a rash.",
    "And now to your questions.",
]


@pytest.mark.parametrize("file", [vtt_of, srt_of])
@pytest.mark.parametrize("roll", [with_instants, without_instants, three_rows, on_one_row, both_at_once])
def test_every_dialect_comes_in_once(
    roll: Callable[[Sequence[str]], list[Cue]], file: Callable[[Sequence[Cue]], str]
) -> None:
    lines = read_captions(file(roll(TALK))).lines
    assert [line.text for line in lines] == TALK
    assert [line.start_ms for line in lines] == [0, 2000, 4000, 6000, 8000]
    assert all(line.end_ms <= after.start_ms for line, after in zip(lines, lines[1:], strict=False))


@pytest.mark.parametrize("roll", [with_instants, without_instants, three_rows])
def test_what_is_said_again_in_captions_that_roll_is_kept(roll: Callable[[Sequence[str]], list[Cue]]) -> None:
    said = ["Does it itch?", "Yes.", "Yes.", "Yes.", "Does it itch?", "Yes."]
    assert [line.text for line in read_captions(vtt_of(roll(said))).lines] == said


@settings(max_examples=100)
@given(st.lists(st.sampled_from(["Yes.", "No.", "Does it itch?", "It does, it does."]), min_size=4, max_size=12))
def test_whatever_is_said_rolls_back_to_what_was_said(said: list[str]) -> None:
    for roll in (with_instants, without_instants):
        assert [line.text for line in read_captions(vtt_of(roll(said))).lines] == said


@pytest.mark.parametrize(
    "said",
    [
        [["Yes."], ["Yes."], ["Yes."], ["Yes."]],
        [["Call us"], ["Call us"], ["when you see a rash."], ["Call us"], ["Call us"]],
        # A refrain, on two rows or growing, in a talk that does not roll.
        [["Breathe in,", "breathe out."], ["breathe out.", "And rest."], ["Now the feet."], ["Stretch them."]],
        [["One more time"], ["One more time now"], ["Thank you"], ["for being here"], ["tonight"]],
        [["No, no, no"], ["no, no, no and no."], ["We never stop it"], ["without asking"]],
    ],
)
def test_people_who_repeat_themselves_are_not_cut_short(said: list[list[str]]) -> None:
    cues = [(n * 2000, n * 2000 + 2000, rows) for n, rows in enumerate(said)]
    assert [line.markup.split("\n") for line in read_captions(vtt_of(cues)).lines] == said


def test_line_that_comes_again_behind_a_pause_was_said_again() -> None:
    cues = [(start + n * 3000, end + n * 3000, rows) for n, (start, end, rows) in enumerate(without_instants(TALK))]
    assert [line.markup.split("\n") for line in read_captions(vtt_of(cues)).lines] == [
        rows for _start, _end, rows in cues
    ]


def test_words_beyond_number_are_not_compared_in_every_length() -> None:
    tried: list[int] = []

    class Counted(list[str]):
        def __getitem__(self, place: Any) -> Any:
            tried.append(1)
            return super().__getitem__(place)

    before, said = Counted(["a"] * 50_000 + ["b"]), ["a"] * 50_000 + ["c"]
    assert rolling._carried(before, said) == 0
    assert len(tried) < 1000


def test_one_instant_that_says_something_new_is_kept() -> None:
    cues = [(0, 2000, ["Call us."]), (2000, 2010, ["Now."]), (2010, 4000, ["Thank you."])]
    assert [line.text for line in read_captions(vtt_of(cues)).lines] == ["Call us.", "Now.", "Thank you."]


def test_other_marks_stay_and_those_of_words_go() -> None:
    file = vtt_of(
        with_instants(["<v Ann>Good <i>evening</i>", "to<00:00:02.500><c> you</c> all", "of you", "out there"])
    )
    markup = [line.markup for line in read_captions(file).lines]
    assert markup == ["<v Ann>Good <i>evening</i>", "to you all", "of you", "out there"]
