"""Text as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webinars.core.logs import scrub
from webinars.core.text import email_key, many_lines, name_key, one_line, random_id, slugify, whole_number


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("Ann@Example.ORG", "ann@example.org"),
        (" ann@example.org ", "ann@example.org"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
    ],
)
def test_one_mailbox_has_one_key(typed: str, same: str) -> None:
    assert email_key(typed) == email_key(same)


def test_two_mailboxes_have_two_keys() -> None:
    assert email_key("ann@example.org") != email_key("ann@example.com")
    assert email_key("ann+a@example.org") != email_key("ann@example.org")


def test_a_name_is_the_same_whatever_its_case_accents_and_spaces() -> None:
    assert name_key("  José   ÁLVAREZ ") == name_key("jose alvarez")
    assert name_key("Jose") != name_key("Joss")


@given(st.text())
def test_one_line_never_breaks_a_header(text: str) -> None:
    cleaned = one_line(text)
    assert not any(character in cleaned for character in "\r\n\0\u2028\u202e")
    assert one_line(cleaned) == cleaned


@pytest.mark.parametrize(
    "gap", [" ", "\t", "\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\u00a0 \u200b "]
)
def test_one_line_puts_a_space_where_a_line_or_a_word_ended(gap: str) -> None:
    assert one_line(f"{gap}skin{gap}rash{gap}") == "skin rash"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_many_lines_keeps_lines_apart_whatever_ends_them(end: str) -> None:
    assert many_lines(f"Skin{end}rash{end}{end}Call us.{end}") == "Skin\nrash\n\nCall us."


def test_one_line_closes_up_what_nobody_sees() -> None:
    assert one_line("ra\u200bsh\x00es") == "rashes"


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.5", " 1", "1_0", "٣", "²", "9" * 19, "9" * 5000])
def test_what_no_row_can_be_numbered_by_is_no_number(text: str) -> None:
    assert whole_number(text) is None


@given(st.text())
def test_many_lines_keeps_only_plain_line_ends(text: str) -> None:
    assert "\r" not in many_lines(text)
    assert "\0" not in many_lines(text)


@given(st.text(max_size=200))
def test_slug_is_an_address(text: str) -> None:
    slug = slugify(text)
    assert slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_public_ids_differ() -> None:
    assert len({random_id() for _ in range(1000)}) == 1000


def test_logs_lose_addresses_and_tokens() -> None:
    line = scrub("550 ruth.alvarez@example.org unknown, see /r/abc.1.xyz/join and /my/tok-en")
    assert "ruth" not in line
    assert "abc" not in line
    assert "tok-en" not in line


@pytest.mark.parametrize("unseen", ["\u200d", "\u00ad", "\u0301", "\u200c \u00ad"])
def test_a_name_of_which_nothing_is_seen_is_no_name(unseen: str) -> None:
    assert name_key(unseen) == ""
    assert name_key(f"Ann{unseen} Lee") == name_key("Ann Lee")
