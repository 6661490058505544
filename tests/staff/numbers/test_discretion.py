"""A paper for others tells of no few people, not even to somebody who reckons."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webinars.staff.numbers.discretion import FEWEST, Hidden, parts, steps

FEW, KEPT = Hidden.FEW, Hidden.KEPT


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([40, 30, 20], [40, 30, 20]),
        ([40, 0, 20], [40, 0, 20]),
        ([40, 3, 20], [40, FEW, KEPT]),
        ([40, 2, 2, 2], [40, FEW, FEW, FEW]),
        # Two ones next to a known whole would both be known.
        ([40, 1, 1], [KEPT, FEW, FEW]),
        ([40, 30, 1, 7], [40, KEPT, FEW, KEPT]),
        ([3], None),
        ([1, 1], None),
        ([], []),
    ],
)
def test_small_parts_are_hidden_with_what_would_give_them_away(numbers: list[int], told: list[object] | None) -> None:
    assert parts(numbers) == told


def test_number_that_must_not_be_told_is_not_the_only_one_hidden() -> None:
    assert parts([40, 30, 20], also=[0]) == [KEPT, 30, KEPT]


@given(st.lists(st.integers(0, 12), max_size=6))
def test_nobody_who_knows_the_whole_learns_more_than_fewer_than_five(numbers: list[int]) -> None:
    told = parts(numbers)
    if told is None:
        return
    assert all(isinstance(one, Hidden) for one, number in zip(told, numbers, strict=True) if 0 < number < FEWEST)
    left = sum(number for one, number in zip(told, numbers, strict=True) if isinstance(one, Hidden))
    hidden = [one for one in told if isinstance(one, Hidden)]
    ranges = [range(1, FEWEST) if one is FEW else range(FEWEST, left + 1) for one in hidden]
    if len(hidden) <= 4:
        worlds = [world for world in product(*ranges) if sum(world) == left]
        for place, one in enumerate(hidden):
            possible = {world[place] for world in worlds}
            assert one is KEPT or possible == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([100, 80, 50], [100, 80, 50]),
        ([100, 98, 50], [100, KEPT, 50]),
        ([100, 100, 97], [100, 100, KEPT]),
        ([100, 80, 3], [100, 80, FEW]),
        ([4, 2, 0], [FEW, FEW, 0]),
    ],
)
def test_of_steps_those_are_hidden_whose_difference_is_few_people(numbers: list[int], told: list[object]) -> None:
    assert steps(numbers) == told
