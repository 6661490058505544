"""The Atom feed of videos. Source: RFC 4287 sections 4.1.1 and 4.1.2."""

from collections.abc import Sequence
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from flask_babel import gettext as _

from webinars.archive.models import Video
from webinars.archive.outward import Enclosure, description, enclosures, lasting_id
from webinars.core.formats import rfc3339
from webinars.core.http import current_settings, site_url_for
from webinars.core.language import current_language

ATOM = "http://www.w3.org/2005/Atom"


def video_feed(videos: Sequence[Video], now: datetime) -> bytes:
    """Write the feed of published videos; the day of ``now`` dates an empty one, which so stays the same for a day."""
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": current_language()})
    address = site_url_for("archive.feed")
    _text(feed, "id", address)
    _text(feed, "title", _("Videos of %(name)s", name=current_settings().organization_name))
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    _text(feed, "updated", rfc3339(max((video.updated_at for video in videos), default=today)))
    SubElement(feed, "link", rel="self", type="application/atom+xml", href=address)
    SubElement(feed, "link", rel="alternate", type="text/html", href=site_url_for("archive.video_list"))
    _text(SubElement(feed, "author"), "name", current_settings().organization_name)
    files = enclosures(videos)
    for video in videos:
        _entry(feed, video, files.get(video.id))
    return bytes(tostring(feed, encoding="utf-8", xml_declaration=True))


def _entry(feed: Element, video: Video, file: Enclosure | None) -> None:
    entry = SubElement(feed, "entry", {"xml:lang": video.language})
    _text(entry, "id", lasting_id(video))
    _text(entry, "title", video.title)
    _text(entry, "updated", rfc3339(video.updated_at))
    _text(entry, "published", rfc3339(video.published_at or video.created_at))
    SubElement(
        entry, "link", rel="alternate", type="text/html", href=site_url_for("archive.video_page", slug=video.slug)
    )
    if file:
        SubElement(entry, "link", rel="enclosure", type=file.type, length=str(file.bytes), href=file.url)
    for speaker in video.speakers:
        _text(SubElement(entry, "author"), "name", speaker.name)
    if video.series:
        SubElement(entry, "category", term=video.series.slug, label=video.series.title)
    SubElement(entry, "summary", type="text").text = description(video)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
