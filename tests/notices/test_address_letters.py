"""The two letters of a change of address as files, to be read in review."""

import pytest

from tests.notices.test_letters import check, shown
from webinars.mail.letters import Letter
from webinars.notices.address_letters import address_note, button_letter

URL = "http://127.0.0.1:8000/my/address/Wish-1.1796407200.mac"


def write(name: str, discreet: bool) -> Letter:
    if name == "new-address":
        return button_letter("alice@new.example", "en", discreet, URL)
    return address_note("alice@example.org", "en", discreet)


@pytest.mark.parametrize("name", ["new-address", "address-changed"])
@pytest.mark.parametrize("discreet", [False, True])
def test_letter_reads_as_reviewed(app, name, discreet):
    letter = write(name, discreet)
    label = f"{name}{'.discreet' if discreet else ''}"
    check(f"{label}.txt", shown(letter))
    check(f"{label}.html", str(letter.html or ""))


def test_only_the_question_holds_a_link_and_each_at_most_one_button(app):
    question, note = write("new-address", discreet=False), write("address-changed", discreet=False)
    assert URL in str(question.text) and URL in str(question.html)
    assert "/my/" not in str(note.text) and "/r/" not in str(note.text)
    assert str(question.html).count('class="button-link"') == 1 and 'button-link"' not in str(note.html)
