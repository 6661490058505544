"""Two people change the same form: what only one changed is kept, what both changed is asked about."""

import pytest

from webinars.schedule.merging import Merge, merge, plain

BASE = {"title": "Fatigue", "summary": "Old.", "day": "2027-01-01", "time": "10:00", "speakers": ["1", "2"]}
DAY_AND_TIME = (frozenset({"day", "time"}),)


def merged(theirs, mine, base=None, **options):
    return merge(BASE if base is None else base, {**BASE, **theirs}, {**BASE, **mine}, **options)


def test_what_only_they_changed_is_taken_in() -> None:
    assert merged({"summary": "New."}, {"title": "Tiredness"}) == Merge(["summary"], [])


def test_what_both_changed_differently_clashes() -> None:
    assert merged({"title": "Sleep"}, {"title": "Tiredness"}) == Merge([], ["title"])


def test_what_both_changed_alike_is_settled() -> None:
    assert merged({"title": "Sleep"}, {"title": "Sleep"}) == Merge([], [])


def test_day_of_one_and_time_of_the_other_are_no_start_that_anybody_meant() -> None:
    assert merged({"day": "2027-02-01"}, {"time": "11:00"}) == Merge(["day"], [])
    assert merged({"day": "2027-02-01"}, {"time": "11:00"}, together=DAY_AND_TIME) == Merge([], ["day", "time"])


def test_fields_that_stand_together_are_taken_in_together() -> None:
    assert merged({"day": "2027-02-01"}, {"title": "Sleep"}, together=DAY_AND_TIME) == Merge(["day"], [])


def test_lists_are_compared_whole() -> None:
    assert merged({"speakers": ["2", "1"]}, {"speakers": ["1"]}) == Merge([], ["speakers"])


def test_what_it_began_with_is_unknown_so_every_difference_is_asked_about() -> None:
    assert merged({"title": "Sleep"}, {}, base={"summary": "Old."}) == Merge([], ["title"])


@pytest.mark.parametrize(("one", "same"), [
    ("a\r\nb ", "a\nb"), (None, ""), ((), ""), (["1", "", None], ["1"]), (14, "14"),
])  # fmt: skip
def test_what_saving_would_clean_away_is_no_change(one: object, same: object) -> None:
    assert plain(one) == plain(same)


def test_no_is_not_nothing() -> None:
    assert plain(False) is False
