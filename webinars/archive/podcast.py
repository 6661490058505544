"""The podcast feed: RSS 2.0 with the tags that the big directories ask for.

Sources: rssboard.org/rss-specification, Apple's podcast requirements, podcastindex.org/namespace/1.0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from flask_babel import gettext as _

from webinars.archive.models import Video
from webinars.archive.outward import Enclosure, description, lasting_id
from webinars.archive.page import own_picture
from webinars.core.http import current_settings, site_url_for
from webinars.core.language import current_language

_SPACES = {
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "xmlns:podcast": "https://podcastindex.org/namespace/1.0",
}
#: of podcast:guid: a feed that moves keeps its number
_GUIDS = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
CHAPTERS_TYPE = "application/json+chapters"


@dataclass(frozen=True)
class Show:
    """What the feed as a whole says."""

    title: str
    description: str
    #: of the feed, and of the page it belongs to
    address: str
    page: str


def podcast(show: Show, videos: Sequence[Video], files: Mapping[int, Enclosure]) -> bytes:
    """Write the feed of the videos that have a file."""
    root = Element("rss", {"version": "2.0", **_SPACES})
    channel = SubElement(root, "channel")
    heard = [video for video in videos if video.id in files]
    # Directories take each address once. The oldest talk, which comes last, keeps the one it has.
    first = {files[video.id].url: video.id for video in heard}
    _head(channel, show, max((video.updated_at for video in heard), default=None))
    for video in heard:
        file = files[video.id]
        address = file.url if first[file.url] == video.id else f"{file.url}?talk={video.id}"
        _item(channel, video, replace(file, url=address))
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _head(channel: Element, show: Show, changed: datetime | None) -> None:
    settings = current_settings()
    _text(channel, "title", show.title)
    _text(channel, "link", show.page)
    _text(channel, "description", show.description)
    _text(channel, "language", current_language())
    if changed:
        _text(channel, "lastBuildDate", format_datetime(changed))
    SubElement(channel, "atom:link", rel="self", type="application/rss+xml", href=show.address)
    _text(channel, "itunes:author", settings.organization_name)
    owner = SubElement(channel, "itunes:owner")
    _text(owner, "itunes:name", settings.organization_name)
    _text(owner, "itunes:email", settings.podcast_email or settings.mail_reply_to or settings.mail_default_sender)
    SubElement(channel, "itunes:image", href=own_picture())
    _text(channel, "itunes:explicit", "false")
    _text(channel, "itunes:type", "episodic")
    category, _arrow, part = settings.podcast_category.partition(" > ")
    whole = SubElement(channel, "itunes:category", text=category)
    if part:
        SubElement(whole, "itunes:category", text=part)
    parts = urlsplit(show.address)
    _text(channel, "podcast:guid", str(uuid5(_GUIDS, f"{parts.netloc}{parts.path}".rstrip("/"))))


def _item(channel: Element, video: Video, file: Enclosure) -> None:
    item = SubElement(channel, "item")
    _text(item, "title", video.title)
    _text(item, "link", site_url_for("archive.video_page", slug=video.slug))
    _text(item, "description", description(video))
    SubElement(item, "guid", isPermaLink="false").text = lasting_id(video)
    _text(item, "pubDate", format_datetime(video.published_at or video.created_at))
    SubElement(item, "enclosure", url=file.url, length=str(file.bytes), type=file.type)
    if video.duration_seconds:
        _text(item, "itunes:duration", str(video.duration_seconds))
    _text(item, "itunes:explicit", "false")
    _text(item, "itunes:episodeType", "full")
    if video.speakers:
        _text(item, "itunes:author", ", ".join(speaker.name for speaker in video.speakers))
    for track in video.tracks:
        address = site_url_for("archive.captions", slug=video.slug, code=track.language)
        SubElement(item, "podcast:transcript", url=address, type="text/vtt", language=track.language)
    if video.chapters:
        address = site_url_for("archive.chapters_json", slug=video.slug)
        SubElement(item, "podcast:chapters", url=address, type=CHAPTERS_TYPE)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def library_show() -> Show:
    """Say what the feed of the whole library is."""
    name = current_settings().organization_name
    return Show(
        _("Talks of %(name)s", name=name),
        _("Recorded talks with captions and transcripts. Search what was said, and watch from that sentence on."),
        site_url_for("archive.podcast_feed"),
        site_url_for("archive.video_list"),
    )
