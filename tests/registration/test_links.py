"""Links open only their own thing."""

import itertools
from datetime import timedelta

import pytest

from tests.factories import NOW, make_registration, make_webinar
from webinars.core.database import transaction
from webinars.registration import links

pytestmark = pytest.mark.usefixtures("app")
PURPOSES = (links.MANAGE, links.JOIN, links.CALENDAR)


@pytest.mark.parametrize(("made_for", "used_for"), list(itertools.permutations(PURPOSES, 2)))
def test_token_of_one_purpose_opens_no_other(made_for, used_for):
    alice = make_registration(make_webinar(), "Alice")
    token = links.token_for(made_for, alice)
    assert links.opens(made_for, token, alice)
    assert not links.opens(used_for, token, alice)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_token_of_somebody_else_opens_nothing(purpose):
    webinar = make_webinar()
    alice, bob = make_registration(webinar, "Alice"), make_registration(webinar, "Bob")
    assert not links.opens(purpose, links.token_for(purpose, bob), alice)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_token_dies_when_the_version_is_raised(purpose):
    alice = make_registration(make_webinar(), "Alice")
    token = links.token_for(purpose, alice)
    with transaction():
        alice.link_version += 1
    assert not links.opens(purpose, token, alice)
    assert links.opens(purpose, links.token_for(purpose, alice), alice)


def test_my_link_dies_after_a_day():
    alice = make_registration(make_webinar(), "Alice")
    token = links.my_url(alice, NOW).rpartition("/")[2]
    assert links.open_my(token, NOW + timedelta(hours=23)) == (alice.public_id, 1)
    assert links.open_my(token, NOW + timedelta(hours=25)) is None
    assert links.open_my(links.token_for(links.MANAGE, alice), NOW) is None


def test_urls_are_absolute_and_in_the_language_of_the_person():
    alice = make_registration(make_webinar(), "Alice", language="es")
    for url in (links.manage_url(alice), links.join_url(alice), links.calendar_url(alice)):
        assert url.startswith("http://127.0.0.1:8000/es/r/")
