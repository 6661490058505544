"""Atom feed of webinars, and the map of the site. Sources: RFC 4287 section 4.1, sitemaps.org protocol 0.9."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from config import LANGUAGES
from webinars.core.formats import rfc3339, when
from webinars.core.http import current_settings, site_url_for
from webinars.core.language import current_language
from webinars.schedule.languages import language_of
from webinars.schedule.models import Webinar

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
VIDEO = "http://www.google.com/schemas/sitemap-video/1.1"
#: by slug of a video what the map says of it
Films = Mapping[str, Sequence[tuple[str, str]]]


def webinar_feed(webinars: list[Webinar], title: str, now: datetime) -> bytes:
    """Write the Atom feed of published webinars, newest change first."""
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": current_language()})
    address = site_url_for("site.webinars_atom")
    _text(feed, "id", address)
    _text(feed, "title", title)
    _text(feed, "updated", rfc3339(max((webinar.updated_at for webinar in webinars), default=now)))
    SubElement(feed, "link", rel="self", type="application/atom+xml", href=address)
    SubElement(feed, "link", rel="alternate", type="text/html", href=site_url_for("site.home"))
    _text(SubElement(feed, "author"), "name", current_settings().organization_name)
    for webinar in webinars:
        _entry(feed, webinar)
    return _document(feed)


def _entry(feed: Element, webinar: Webinar) -> None:
    entry = SubElement(feed, "entry", {"xml:lang": language_of(webinar, "title")})
    # The UID never changes, whatever happens to title or address.
    _text(entry, "id", f"urn:uuid:{webinar.uid}")
    _text(entry, "title", webinar.title)
    _text(entry, "updated", rfc3339(webinar.updated_at))
    _text(entry, "published", rfc3339(webinar.published_at or webinar.created_at))
    SubElement(entry, "link", rel="alternate", type="text/html", href=site_url_for("site.webinar", slug=webinar.slug))
    SubElement(entry, "category", term=webinar.series.slug, label=webinar.series.title)
    summary = f"{when(webinar.starts_at, webinar.ends_at, webinar.time_zone)}. {webinar.summary}"
    SubElement(entry, "summary", type="text").text = summary


def site_map(pages: Iterable[tuple[str, dict[str, str], datetime | None]], films: Films) -> bytes:
    """Write the map of public pages, each (endpoint, values, last change) in every language, which name each other."""
    root = Element("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": XHTML, "xmlns:video": VIDEO})
    for endpoint, values, changed in pages:
        for language in LANGUAGES:
            url = SubElement(root, "url")
            _text(url, "loc", site_url_for(endpoint, language=language, **values))
            if changed is not None:
                _text(url, "lastmod", rfc3339(changed))
            for code in LANGUAGES:
                address = site_url_for(endpoint, language=code, **values)
                SubElement(url, "xhtml:link", rel="alternate", hreflang=code, href=address)
            if endpoint == "archive.video_page" and (facts := films.get(values["slug"])):
                film = SubElement(url, "video:video")
                for name, value in facts:
                    _text(film, f"video:{name}", value)
    return _document(root)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _document(root: Element) -> bytes:
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))
