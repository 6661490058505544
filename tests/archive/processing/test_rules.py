"""Which sizes are made, and how small pictures are laid out."""

import pytest

from webinars.archive.processing import rules


@pytest.mark.parametrize(
    ("width", "height", "names"),
    [(1920, 1080, [1080, 720, 360]), (3840, 2160, [1080, 720, 360]), (1280, 720, [720, 360]), (1080, 1920,
     [1080, 720, 360]), (640, 360, [360]), (640, 480, [360]), (320, 240, [240]), (321, 181, [180]), (0, 0, [])],
)  # fmt: skip
def test_sizes_are_never_above_the_recording(width: int, height: int, names: list[int]) -> None:
    made = rules.sizes(width, height, fits=False, rate=1_000_000)
    assert [size.name for size in made] == names
    assert all(size.width % 2 == size.height % 2 == 0 for size in made)
    assert all(size.width <= width + 1 and size.height <= height + 1 for size in made)


def test_shape_stays() -> None:
    assert [(size.width, size.height) for size in rules.sizes(1080, 1920, fits=False, rate=1)] == [
        (1080, 1920), (720, 1280), (360, 640)]  # fmt: skip


@pytest.mark.parametrize(
    ("width", "height", "rate", "kept"),
    [(1280, 720, 2_000_000, True), (1280, 720, 20_000_000, False), (3840, 2160, 4_000_000, False),
     (1300, 730, 2_000_000, True), (320, 240, 500_000, True)],
)  # fmt: skip
def test_what_browsers_play_and_lines_carry_is_kept(width: int, height: int, rate: int, kept: bool) -> None:
    first, *others = rules.sizes(width, height, fits=True, rate=rate)
    assert first.kept is kept
    assert not any(size.kept for size in others)
    assert not rules.sizes(width, height, fits=False, rate=rate)[0].kept


@pytest.mark.parametrize(
    ("seconds", "every", "count"), [(3, 5, 1), (5, 5, 1), (5.1, 5, 2), (500, 5, 100), (3600, 36, 100)]
)
def test_small_pictures_are_a_hundred_at_most(seconds: float, every: float, count: int) -> None:
    plan = rules.thumbnails(seconds, 1280, 720)
    assert (plan.every, plan.count) == (every, count)
    assert plan.rows * plan.columns >= count > (plan.rows - 1) * plan.columns
