"""The size of a picture, read from its first bytes alone."""

import pytest

from webinars.archive.pictures import picture_size

#: how WebP (lossy, lossless, with transparency), PNG and JPEG begin, each of a picture of 322 by 182 points
_BEGINNINGS = [
    "524946463a0b000057454250565038202e0b00007048009d012a4201b600",
    "52494646dc030000574542505650384ccf0300002f41412d00c650dcb68d",
    "52494646fc00000057454250565038580a00000010000000410100b50000",
    "89504e470d0a1a0a0000000d4948445200000142000000b6080200000023",
    "ffd8ffe000104a46494600010200000100010000ffc400040000ffc0001108 00b60142 03",
]


@pytest.mark.parametrize("beginning", _BEGINNINGS)
def test_size_is_read_from_the_beginning(beginning: str) -> None:
    head = bytes.fromhex(beginning)
    assert picture_size(head) == (322, 182)
    for end in range(24):
        assert picture_size(head[:end]) is None


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"<svg/>", b"\xff\xd8\xff" + bytes(1000), b"\xff\xd8" + b"\xff" * 99]
)
def test_what_is_no_picture_of_ours_has_no_size(content: bytes) -> None:
    assert picture_size(content) is None
