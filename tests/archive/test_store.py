"""What the media store promises, of each kind: a folder, and a bucket on a real server that speaks S3."""

import os
from pathlib import Path

import pytest
from flask import Flask

from tests.archive.stores import put, read
from webinars.archive.store import PIECE, Store
from webinars.core.errors import NotFound

FILM = os.urandom(3 * PIECE + 7)
NAME = "talk-0123456789abcdef.mp4"


def part(store: Store, first: int, last: int) -> bytes:
    return b"".join(store.pieces(store.find(NAME), first, last))


def test_what_is_kept_is_what_is_read(place: Store) -> None:
    put(place, NAME, FILM)
    assert place.find(NAME).size == len(FILM)
    assert read(place, NAME) == FILM
    put(place, NAME, FILM[:10])
    assert read(place, NAME) == FILM[:10], "the later one of a name counts"


@pytest.mark.parametrize(
    ("first", "last"),
    [(0, 0), (0, 99), (PIECE - 1, PIECE), (PIECE, 2 * PIECE - 1), (5, len(FILM) - 1), (len(FILM) - 1, len(FILM) - 1)],
)
def test_any_range_can_be_read(place: Store, first: int, last: int) -> None:
    put(place, NAME, FILM)
    assert part(place, first, last) == FILM[first : last + 1]


def test_what_is_kept_lies_here_still_until_its_owner_deletes_it(place: Store) -> None:
    place.work.mkdir()
    path = place.work / ".uploads"
    path.write_bytes(FILM)
    place.keep(path, NAME)
    assert path.read_bytes() == FILM
    path.unlink()
    assert read(place, NAME) == FILM


def test_a_file_from_elsewhere_is_copied_and_not_shared(place: Store, tmp_path: Path) -> None:
    path = tmp_path / "mine.mp4"
    path.write_bytes(b"mine")
    place.keep(path, NAME)
    path.write_bytes(b"changed")
    assert read(place, NAME) == b"mine"


def test_ffmpeg_gets_a_path_of_this_machine(place: Store, tmp_path: Path) -> None:
    put(place, NAME, FILM)
    path = place.local(NAME, tmp_path)
    assert (path.name, path.read_bytes()) == (NAME, FILM)


def test_what_is_deleted_is_gone_and_may_be_deleted_again(place: Store, app: Flask) -> None:
    put(place, NAME, FILM)
    place.find(NAME)
    place.delete(NAME)
    place.delete(NAME)
    with pytest.raises(NotFound):
        place.find(NAME)


@pytest.mark.parametrize("name", ["../x.mp4", "a/b.mp4", "/etc/passwd", ".hidden.mp4", "", "a..b.mp4", "x\0.mp4"])
def test_no_name_leads_out_of_it(place: Store, app: Flask, tmp_path: Path, name: str) -> None:
    (tmp_path / "x.mp4").write_bytes(b"secret")
    for deed in (place.find, place.delete, lambda name: place.keep(tmp_path / "x.mp4", name),
                 lambda name: place.local(name, tmp_path)):  # fmt: skip
        with pytest.raises(NotFound):
            deed(name)
    assert (tmp_path / "x.mp4").read_bytes() == b"secret"


def test_all_is_well_with_a_store_that_works(place: Store) -> None:
    assert place.problem() == ""
