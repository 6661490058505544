"""How other sites' editors turn a link to a video into its player. Source: oembed.com, version 1.0."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from config import LANGUAGES
from webinars.archive.models import Video
from webinars.archive.page import poster_address
from webinars.archive.pictures import size_of_kept
from webinars.archive.rules import media_name
from webinars.core.http import current_settings, site_url_for

_PAGE = re.compile(r"(?:/(?P<language>[a-z]{2,3}))?/videos/(?P<slug>[^/\0]+)(?:/embed)?/?")
#: of the player, and what stands below the film
WIDTH, BELOW = 640, 64
#: the least that can still be read
_NARROWEST = 200
_FRAME = Markup(
    '<iframe src="{src}" title="{title}" width="{width}" height="{height}" '
    'allow="fullscreen; picture-in-picture" loading="lazy" referrerpolicy="strict-origin"></iframe>'
)


def video_in(address: str) -> tuple[str, str] | None:
    """Give language and slug of the video whose page an address of ours names."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    site = urlsplit(current_settings().site_url)
    found = _PAGE.fullmatch(unquote(parts.path))
    if parts.scheme not in {"http", "https"} or parts.netloc.lower() != site.netloc.lower() or not found:
        return None
    language = found["language"] or LANGUAGES[0]
    return (language, found["slug"]) if language in LANGUAGES else None


def size_within(width: int | None, height: int | None) -> tuple[int, int]:
    """Give the size of the frame: 16 to 9 and a line below, within what is asked."""
    wide = min(WIDTH, width or WIDTH)
    tall = round(wide * 9 / 16) + BELOW
    if height is not None and tall > height:
        wide, tall = min(wide, max(_NARROWEST, (height - BELOW) * 16 // 9)), height
    return wide, tall


def frame(video: Video, language: str, width: int, height: int) -> str:
    """Write the frame that shows a video's player on another site."""
    src = site_url_for("archive.embed", language=language, slug=video.slug)
    return str(_FRAME.format(src=src, title=video.title, width=width, height=height))


def thumbnail(video: Video, width: int | None, height: int | None) -> dict[str, Any]:
    """Give the still picture with its size, all three or nothing; one that is larger than asked is none."""
    name = media_name(video.poster_url)
    size = size_of_kept(name) if name else None
    if size is None or size[0] > (width or size[0]) or size[1] > (height or size[1]):
        return {}
    return {"thumbnail_url": poster_address(video), "thumbnail_width": size[0], "thumbnail_height": size[1]}


def answer(video: Video, language: str, most: tuple[int | None, int | None]) -> dict[str, Any]:
    """Describe a video as the format wants. most: width and height that are asked for at most."""
    settings = current_settings()
    width, height = size_within(*most)
    return {
        "version": "1.0",
        "type": "video",
        "title": video.title,
        "provider_name": settings.organization_name,
        "provider_url": settings.site_url,
        "cache_age": 3600,
        "width": width,
        "height": height,
        "html": frame(video, language, width, height),
        **thumbnail(video, *most),
    }


def as_xml(values: dict[str, Any]) -> bytes:
    """Write an answer as XML."""
    root = Element("oembed")
    for name, value in values.items():
        SubElement(root, name).text = str(value)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))
