"""What becomes of the files people have: small ones for pages, or a sentence that says what would do."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from tests.archive.pictures import file_of, opened, plain
from webinars.archive.album.making import Made, make_picture, make_portrait
from webinars.archive.media import NotMedia

pytestmark = pytest.mark.usefixtures("spoken")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
RED = (255, 0, 0)


def largest(made: Made) -> Image.Image:
    return opened(made.files[max(made.files)])


def is_near(pixel: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(one - other) <= 4 for one, other in zip(pixel, wanted, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_picture_is_made_in_the_widths_of_a_text(kind: str) -> None:
    made = make_picture(file_of(plain((3000, 2000)), kind))
    assert {width: opened(data).size for width, data in made.files.items()} == {
        480: (480, 320), 960: (960, 640), 1440: (1440, 960),
    }  # fmt: skip
    assert (made.width, made.height) == (1440, 960)
    assert {opened(data).format for data in made.files.values()} == {"WEBP"}


@pytest.mark.parametrize(("size", "widths"), [((300, 200), [300]), ((480, 20), [480]), ((700, 9000), [224])])
def test_small_or_tall_picture_is_never_made_larger(size: tuple[int, int], widths: list[int]) -> None:
    assert list(make_picture(file_of(plain(size))).files) == widths


def test_what_a_camera_notes_goes_and_the_picture_stands_upright() -> None:
    notes = Image.Exif()
    notes[0x0112], notes[0x010F] = 6, "A camera"
    notes.get_ifd(0x8825)[1] = "N"
    taken = plain((600, 300))
    taken.paste("red", (0, 0, 600, 150))
    made = largest(make_picture(file_of(taken, "JPEG", exif=notes, icc_profile=SRGB)))
    assert made.size == (300, 600)
    assert is_near(made.getpixel((290, 10)), RED)
    assert not dict(made.getexif()) and not {"exif", "icc_profile", "xmp"} & set(made.info)


@pytest.mark.parametrize(
    ("file", "pixel"),
    [
        (file_of(plain((60, 30), "CMYK", (0, 255, 255, 0)), "JPEG"), RED),
        (file_of(plain((60, 30), "I;16", 0x8080)), (128, 128, 128)),
        (file_of(plain((60, 30), "L", 128)), (128, 128, 128)),
        (file_of(plain((60, 30), "1", 1)), (255, 255, 255)),
        (file_of(plain((60, 30), "LA", (100, 128))), (100, 100, 100, 128)),
        (file_of(plain((60, 30), "RGBA", (255, 0, 0, 255))), RED),
        (file_of(plain((60, 30), colour="red"), "JPEG", icc_profile=SRGB), RED),
        (file_of(plain((60, 30), colour="red"), "JPEG", icc_profile=b"nonsense" * 20), RED),
        (file_of(plain((60, 30), colour="red"), "MPO", save_all=True, append_images=[plain((60, 30))]), RED),
    ],
    ids=["cmyk", "16-bit", "grey", "1-bit", "grey-alpha", "opaque-alpha", "profile", "broken-profile", "two-in-one"],
)
def test_colours_of_every_kind_become_those_of_screens(file: io.BytesIO, pixel: tuple[int, ...]) -> None:
    assert is_near(largest(make_picture(file)).getpixel((5, 5)), pixel)


def test_palette_that_lets_the_page_shine_through_still_does() -> None:
    drawn = Image.new("P", (60, 30), 1)
    drawn.putpalette([0, 0, 0, 255, 0, 0])
    made = largest(make_picture(file_of(drawn, transparency=1)))
    assert made.mode == "RGBA" and made.getpixel((5, 5))[3] == 0


def test_colours_beyond_those_of_screens_are_brought_back() -> None:
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert largest(make_picture(file_of(plain((60, 30), colour="red"), "JPEG", icc_profile=wide))).mode == "RGB"


def cut(kind: str) -> io.BytesIO:
    whole = file_of(Image.effect_noise((300, 200), 50).convert("RGB"), kind).getvalue()
    return io.BytesIO(whole[: len(whole) // 2])


MOVING = {"save_all": True, "append_images": [plain((60, 30), colour="blue")]}
REFUSED = {
    "empty": (io.BytesIO(), "The file is empty"),
    "half a JPEG": (cut("JPEG"), "perhaps it is damaged"),
    "half a PNG": (cut("PNG"), "perhaps it is damaged"),
    "half a WebP": (cut("WEBP"), "perhaps it is damaged"),
    "only a beginning": (io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(40)), "perhaps it is damaged"),
    "many pixels": (file_of(plain((9000, 9000), "1", 0)), "too many pixels"),
    "a bomb": (file_of(plain((20000, 20000), "1", 0)), "too many pixels"),
    "21 megabytes": (io.BytesIO(b"\xff\xd8\xff" + bytes(21 << 20)), "20 megabytes are the most"),
    "HEIC": (io.BytesIO(b"\0\0\0\x18ftypheic" + bytes(40)), "export it as JPEG"),
    "AVIF": (io.BytesIO(b"\0\0\0\x18ftypavif" + bytes(40)), "JPEG, PNG and WebP"),
    "GIF": (file_of(plain((60, 30)), "GIF"), "JPEG, PNG and WebP"),
    "moving GIF": (file_of(plain((60, 30)), "GIF", **MOVING), "JPEG, PNG and WebP"),
    "moving PNG": (file_of(plain((60, 30)), "PNG", **MOVING), "This picture moves"),
    "moving WebP": (file_of(plain((60, 30)), "WEBP", **MOVING), "This picture moves"),
    "SVG": (io.BytesIO(b'<svg xmlns="http://www.w3.org/2000/svg"/>'), "Save it as PNG"),
    "page": (io.BytesIO(b"<!doctype html><script>alert(1)</script>"), "JPEG, PNG and WebP"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_file_that_does_not_do_is_refused_with_what_would(name: str) -> None:
    file, words = REFUSED[name]
    file.seek(0)
    with pytest.raises(NotMedia, match=words):
        make_picture(file)


def test_drawing_keeps_its_lines_sharp() -> None:
    drawn = plain((600, 300), colour="white")
    drawn.paste("black", (0, 0, 600, 1))
    made = largest(make_picture(file_of(drawn))).convert("RGB")
    assert (made.getpixel((10, 0)), made.getpixel((10, 1))) == ((0, 0, 0), (255, 255, 255))


def test_portrait_is_a_square_around_the_face() -> None:
    tall = plain((400, 1200), colour="blue")
    tall.paste("red", (0, 300, 400, 650))
    made = make_portrait(file_of(tall))
    assert {width: opened(data).size for width, data in made.files.items()} == {
        96: (96, 96), 192: (192, 192), 384: (384, 384),
    }  # fmt: skip
    assert is_near(largest(made).convert("RGB").getpixel((192, 192)), RED)


def test_portrait_that_would_be_a_blur_is_refused() -> None:
    with pytest.raises(NotMedia, match="at least 192 pixels"):
        make_portrait(file_of(plain((1000, 150))))


#: tells how many megabytes more a process takes at most while it makes a picture of a file
PEAK = """
import sys
from pathlib import Path
from webinars.archive.album.making import make_picture

def most():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024

before = most()
with open(sys.argv[1], "rb") as file:
    make_picture(file)
print(most() - before)
"""


def test_largest_picture_takes_a_third_of_a_gigabyte_also_where_something_shines_through(tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.png"
    drawn.write_bytes(file_of(plain((10_000, 6000), "LA", (100, 128)), compress_level=1).getvalue())
    told = subprocess.run([sys.executable, "-c", PEAK, drawn], capture_output=True, check=True, text=True).stdout
    assert int(told) < 400


@pytest.mark.parametrize(
    ("mode", "colour", "pixel"),
    [("LA", (100, 128), (100, 100, 100, 128)), ("I;16", 0x8080, (128, 128, 128)), ("1", 1, (255, 255, 255)),
     ("RGB", "red", RED), ("CMYK", (0, 255, 255, 0), RED)],
)  # fmt: skip
def test_very_large_picture_keeps_its_colours_up_to_the_edge_and_stands_upright(
    mode: str, colour: object, pixel: tuple[int, ...]
) -> None:
    notes = Image.Exif()
    notes[0x0112] = 6
    made = largest(
        make_picture(file_of(plain((5999, 1001), mode, colour), "JPEG" if mode == "CMYK" else "PNG", exif=notes))
    )
    assert made.size == (481, 2880)
    assert all(is_near(made.getpixel(at), pixel) for at in ((0, 0), (480, 2879)))
