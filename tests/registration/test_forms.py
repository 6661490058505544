"""What people type."""

from datetime import timedelta

import pytest
from wtforms import ValidationError

from tests.factories import NOW, make_webinar
from webinars.core.clock import utc_now
from webinars.registration.forms import RegistrationForm, checked_address, registration_form
from webinars.registration.pacing import Origin

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ruth.Alvarez@Example.org", "Ruth.Alvarez@example.org"),
        (" mailto:ruth@example.org ", "ruth@example.org"),
        ("ruth+webinars@example.co.uk", "ruth+webinars@example.co.uk"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("ruth@clinic.test", "ruth@clinic.test"),
        ("ruth@bücher.example", "ruth@bücher.example"),
    ],
)
def test_address_that_people_have_is_taken(typed, kept):
    assert checked_address(typed) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Please enter an email address"),
        ("ruth.example.org", "needs an @"),
        ("@example.org", "before @ is missing"),
        ("ruth@example", "the part after @ looks incomplete"),
        ("ruth@", "the part after @ looks incomplete"),
        ("ruth@example..org", "the part after @ looks incomplete"),
        ("ruth@192.168.0.1", "the part after @ looks incomplete"),
        ("ru,th@example.org", "something in it"),
        ("ruth@@example.org", "something in it"),
        ("a" * 70 + "@example.org", "something in it"),
        ("ruth@example.org\r\nBcc: x@example.org", "something in it"),
    ],
)
def test_address_that_cannot_be_is_explained(typed, sentence):
    with pytest.raises(ValidationError, match=sentence):
        checked_address(typed)


def posted(app, **data):
    with app.test_request_context("/", method="POST", data=data):
        form = RegistrationForm(meta={"csrf": False})
        return form.validate(), form, form.application("en", Origin(None, None), NOW)


def test_form_needs_only_name_and_address(app):
    valid, _, application = posted(app, name="Alice", email="alice@example.org")
    assert valid
    assert (application.mode, application.discreet, application.question, application.suspicious) == (
        "live",
        False,
        "",
        False,
    )


@pytest.mark.parametrize("value", ["1", "y", "on", "true"])
def test_form_discreet_when_ticked(app, value):
    assert posted(app, name="Alice", email="alice@example.org", discreet=value)[2].discreet


@pytest.mark.parametrize("value", ["", "0", "false", "off"])
def test_form_not_discreet_when_switched_off(app, value):
    assert not posted(app, name="Alice", email="alice@example.org", discreet=value)[2].discreet


@pytest.mark.parametrize(
    ("data", "suspicious"),
    [
        ({"website": "x"}, True),
        ({"opened": str(int(NOW.timestamp()))}, True),
        ({"opened": str(int(NOW.timestamp()) - 60)}, False),
        ({"opened": "soon"}, False),
        ({"name": "Win at www.spam.example"}, True),
    ],
)
def test_form_marks_machines_and_refuses_none(app, data, suspicious):
    valid, _, application = posted(app, **({"name": "Alice", "email": "alice@example.org"} | data))
    assert (valid, application.suspicious) == (True, suspicious)


def test_form_keeps_what_was_typed_when_something_is_missing(app):
    valid, form, _ = posted(app, name="Alice", email="alice@example", question="Does it hurt?")
    assert not valid
    assert (form.name.data, form.email.data, form.question.data) == ("Alice", "alice@example", "Does it hurt?")


@pytest.mark.parametrize("name", ["", "   ", "\u200b"])
def test_form_without_a_name(app, name):
    valid, form, _ = posted(app, name=name, email="alice@example.org")
    assert not valid
    assert form.name.errors == ["Please enter a name."]


def test_form_with_an_endless_question_is_explained(app):
    valid, form, _ = posted(app, name="Alice", email="alice@example.org", question="x" * 2001)
    assert not valid
    assert "2000" in form.question.errors[0]


def test_form_carries_a_different_number_each_time(app):
    with app.test_request_context("/"):
        first, second = RegistrationForm(), RegistrationForm()
    assert first.nonce.data != second.nonce.data
    assert len(first.nonce.data) >= 16


@pytest.mark.parametrize(
    ("age", "change", "counts"),
    [(timedelta(), "", True), (timedelta(hours=1, minutes=59), "", True), (timedelta(hours=2), "", False),
     (timedelta(), "x", False)],
)  # fmt: skip
def test_number_of_a_form_counts_for_two_hours_and_only_as_it_was_made(app, age, change, counts):
    with app.test_request_context("/"):
        nonce = RegistrationForm().nonce.data
    _valid, form, _ = posted(app, name="Alice", email="alice@example.org", nonce=nonce + change)
    number = form.application("en", Origin(None, None), now=utc_now() + age).form_nonce
    assert (number is not None) is counts


def test_form_offers_the_telephone_only_where_there_is_one(app):
    with app.test_request_context("/"):
        form = registration_form(make_webinar(phone_number=""))
        assert [choice.value for choice in form.mode.choices] == ["live", "recording"]
