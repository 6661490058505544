"""What a form asks and how answers are read: no application, no database."""

from datetime import UTC, datetime, timedelta

import pytest

from webinars.registration.questions import rules
from webinars.registration.questions.models import Kind, Question
from webinars.registration.questions.rules import Asking, Extras, Given
from webinars.schedule.models import Webinar

START = datetime(2026, 12, 3, 18, tzinfo=UTC)


def question(number: int, kind: str = Kind.TEXT, **fields: object) -> Question:
    options = [{"key": "1", "en": "One"}, {"key": "2", "en": "Two", "gone": True}, {"key": "3", "es": "Tres"}]
    return Question(**({"id": number, "kind": kind, "texts": {"en": {"label": "How?"}}, "options": options} | fields))


def test_everything_that_is_asked_is_read_and_nothing_else() -> None:
    asking = Asking((question(1), question(2, Kind.SEVERAL), question(3, role="caregiver")), role=True, companions=1)
    answers = {"answer_1": [" a  b "], "answer_2": ["3", "1"], "answer_3": ["hidden"], "answer_9": ["unknown"]}
    given = Given("patient", "not asked", ("Sam",), answers)
    assert rules.read(asking, given, "Ruth") == (Extras("patient", "", ("Sam",), {1: "a b", 2: "1 3"}), {})


def test_nothing_asked_reads_nothing() -> None:
    given = Given("patient", "A ramp", ("Sam",), {"answer_1": ["x"]})
    assert rules.read(rules.NOTHING, given) == (Extras(), {})


@pytest.mark.parametrize(
    ("kind", "value", "counted"),
    [
        (Kind.TEXT, "yes", [""]),
        (Kind.LONG, "1 2", [""]),
        (Kind.CHOICE, "2", ["", "2"]),
        (Kind.SEVERAL, "1 3", ["", "1", "3"]),
        (Kind.YES_NO, "no", ["", "no"]),
    ],
)
def test_answer_counts_for_the_person_and_for_each_choice(kind: Kind, value: str, counted: list[str]) -> None:
    assert rules.choices_in(kind, value) == counted


def test_option_keeps_its_key_for_ever_and_no_key_is_given_twice() -> None:
    first = rules.settled_options([], [("", {"en": "One"}), ("", {"en": "Two"})], answered=False)
    assert [option["key"] for option in first] == ["1", "2"]
    later = rules.settled_options(first, [("2", {"en": "Two!"}), ("1", {}), ("", {"en": "Three"})], answered=True)
    assert later == [{"key": "2", "en": "Two!"}, {"key": "3", "en": "Three"}, {"key": "1", "en": "One", "gone": True}]
    assert rules.settled_options(first, [("2", {"en": "Two"})], answered=False) == [{"key": "2", "en": "Two"}]


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        ({"en": {"label": "Do you drive?"}}, False),
        ({"en": {"label": "Do you drive?", "help": "A car"}}, False),
        ({"en": {"label": "Do you drive?"}, "es": {"label": "¿Conduce?"}}, False),
        ({"en": {"label": "Do you walk?"}}, True),
        ({"es": {"label": "¿Conduce?"}}, True),
    ],
)
def test_other_words_change_the_meaning_and_a_further_language_does_not(after: dict, changes: bool) -> None:
    assert rules.changes_meaning({"en": {"label": "Do you drive?"}}, after) is changes


def test_words_fall_back_to_the_other_language() -> None:
    asked = question(1, Kind.CHOICE)
    assert (asked.label("es"), asked.spoken("es")) == ("How?", "en")
    assert asked.choices("en") == [("1", "One"), ("3", "Tres")]


@pytest.mark.parametrize(("days_before", "in_time"), [(15, True), (14, False), (1, False)])
def test_needs_can_be_met_until_some_days_before_the_start(days_before: int, in_time: bool) -> None:
    webinar, asking = Webinar(starts_at=START), Asking(access_days=14)
    assert rules.needs_in_time(asking, webinar, START - timedelta(days=days_before)) is in_time
    assert not rules.needs_in_time(rules.NOTHING, webinar, START - timedelta(days=days_before))
