"""Letters follow what the organisation set: its colour, its footer, its name as sender; discreet ones tell nothing."""

import pytest

from tests.notices.test_letters import write
from webinars.core.database import transaction
from webinars.core.organization import standing


@pytest.fixture
def put(app):
    def set_them(**texts):
        with transaction():
            standing.lock_stored()
            standing.write(texts)
        standing.look_again()

    return set_them


def test_letter_has_the_colour_at_once_in_light_and_dark(put):
    assert "#0f5e63" in str(write("confirmation", False).html)
    put(brand_color="#7a1fa2")
    html = str(write("confirmation", False).html)
    assert "#7a1fa2" in html and "#dca2fe" in html and "#0f5e63" not in html


def test_letter_ends_with_address_and_words(put):
    put(**{"organization_address": "12 Harbor Street", "footer_words.en": "A charity & more."})
    letter = write("confirmation", False)
    assert str(letter.text).rstrip().endswith("\n\nA charity & more.\n\n12 Harbor Street")
    assert "A charity &amp; more." in str(letter.html) and "12 Harbor Street" in str(letter.html)


def test_discreet_letter_names_neither_sender_nor_address_nor_words(put):
    put(**{"organization_address": "12 Harbor Street", "footer_words.en": "A charity.", "mail_sender_name": "Ana"})
    letter = write("confirmation", True)
    for part in (str(letter.text), str(letter.html), letter.sender_name):
        assert not any(words in part for words in ("Harbor Street", "charity", "Ana"))


def test_letters_come_from_the_name_that_was_chosen(put):
    put(mail_sender_name="Ana of Harbor")
    assert write("confirmation", False).sender_name == "Ana of Harbor"
