"""Which numbers a paper for others shows: none by which few people could be known, and none that gives those away.

docs/decisions/0024 says why. Pure: no session, no request, no clock.
"""

from collections.abc import Collection, Sequence
from enum import Enum

#: a smaller number of people is not told
FEWEST = 5


class Hidden(Enum):
    """What stands in the place of a number."""

    #: it is fewer than FEWEST, and more than none
    FEW = "few"
    #: it is larger, but with it a smaller one could be worked out
    KEPT = "kept"


#: a number as it is told
Told = int | Hidden


def parts(numbers: Sequence[int], also: Collection[int] = ()) -> list[Told] | None:
    """Hide the small parts of a whole that is known, and as many more, the smallest first, as protect them.

    Of each small part nothing more is to be known than that it is fewer than FEWEST. ``also``: places of numbers that
    must not be told for another reason. None where even hiding all would tell more.
    """
    few = {place for place, number in enumerate(numbers) if 0 < number < FEWEST}
    kept = set(also) - few
    others = sorted((number, place) for place, number in enumerate(numbers) if number >= FEWEST and place not in kept)
    while not _protects(numbers, few, kept):
        if not others:
            return None
        kept.add(others.pop(0)[1])
    return [Hidden.FEW if place in few else Hidden.KEPT if place in kept else number
            for place, number in enumerate(numbers)]  # fmt: skip


def _protects(numbers: Sequence[int], few: set[int], kept: set[int]) -> bool:
    """Say whether the sum of what is hidden, which the whole gives away, leaves each small part open."""
    if not few:
        return len(kept) != 1
    most, hidden = FEWEST - 1, sum(numbers[place] for place in few | kept)
    may_be_one = bool(kept) or hidden - most * (len(few) - 1) <= 1
    may_be_most = hidden - (len(few) - 1) - FEWEST * len(kept) >= most
    return may_be_one and may_be_most


def steps(numbers: Sequence[int]) -> list[Told]:
    """Hide the small ones of numbers that each hold the next, and those by whose difference few people are known."""
    told: list[Told] = []
    shown: list[int] = []
    for number in numbers:
        if 0 < number < FEWEST:
            told.append(Hidden.FEW)
        elif any(0 < before - number < FEWEST for before in shown):
            told.append(Hidden.KEPT)
        else:
            told.append(number)
            shown.append(number)
    return told
