"""The letter that lists the dates somebody registered for at once."""

from datetime import timedelta

import html5lib
import pytest

from tests.notices.test_letters import START, check, facts, shown
from webinars.mail.letters import Letter
from webinars.notices.date_letters import dates_letter


def write(discreet: bool = False, language: str = "en") -> Letter:
    found = facts(discreet, language=language)
    later = {"title": "Side Effects", "starts_at": START + timedelta(days=7), "ends_at": START + timedelta(days=7.1)}
    second = facts(
        False, "waitlisted", id=13, public_id="BobBobBobBobBobBobBob2", language=language, webinar=later
    ).registration
    return dates_letter(found, [found.registration, second], {13: 3})


@pytest.mark.parametrize("discreet", [False, True])
def test_letter_reads_as_reviewed(app, discreet):
    letter = write(discreet)
    label = f"dates{'.discreet' if discreet else ''}"
    check(f"{label}.txt", shown(letter))
    check(f"{label}.html", str(letter.html or ""))
    html5lib.HTMLParser(strict=True).parse(str(letter.html))


def test_it_lists_each_date_with_its_own_link_and_brings_no_calendar_part(app):
    letter = write()
    assert letter.calendar is None and str(letter.text).count("/r/") == 2 and str(letter.html).count("/r/") == 2
    assert "Confirmed" in str(letter.text) and "Waiting, place 3" in str(letter.text)


def test_one_discreet_date_makes_all_of_it_discreet(app):
    letter = write(discreet=True)
    words = letter.subject + str(letter.text) + str(letter.html) + letter.sender_name
    assert letter.discreet and "Trials" not in words and "Side Effects" not in words and not letter.headers


def test_it_speaks_the_readers_language(app):
    assert "Hola" in str(write(language="es").text) and "Confirmed" not in str(write(language="es").text)
