"""What other sites and programs find: podcasts, oEmbed, the player in a frame, structured data, the map of the site."""

import dataclasses
import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from flask import Flask

from config import SettingError, Settings, settings_from
from tests.archive.samples import make_captioned
from tests.factories import NOW, make_series, make_video
from tests.support.pages import CheckedClient, text_of
from webinars.archive import queries, service, standing
from webinars.archive.feed import video_feed
from webinars.archive.oembed import size_within
from webinars.core.database import transaction

PAGE = "/videos/when-to-call-your-care-team"
SITE = "http://127.0.0.1:8000"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"
WEBP = (Path(__file__).parents[2] / "docs/pictures/home.webp").read_bytes()
MAP = "{http://www.google.com/schemas/sitemap-video/1.1}"


@pytest.fixture
def film(settings: Settings) -> bytes:
    """Put the film of ``make_video`` into the media store."""
    settings.media_root.mkdir(parents=True, exist_ok=True)
    content = b"\x00\x00\x00\x18ftypmp42" + bytes(1000)
    (settings.media_root / "clip.mp4").write_bytes(content)
    return content


def local(address: str) -> str:
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == SITE
    return parts.path + (f"?{parts.query}" if parts.query else "")


class TestPodcast:
    def test_feed_has_all_that_directories_ask(self, client: CheckedClient, film: bytes) -> None:
        video = make_captioned(series_id=make_series().id)
        with transaction():
            service.set_chapters(video, "00:00 Skin\n00:16 Call", NOW)
        answer = client.get("/feeds/podcast.rss")
        assert answer.content_type == "application/rss+xml; charset=utf-8"
        channel = ElementTree.fromstring(answer.data).find("channel")
        assert channel is not None
        for tag in ("title", "link", "description", "language", ITUNES + "author", ITUNES + "explicit"):
            assert channel.findtext(tag), tag
        assert channel.find(f"{ITUNES}category/{ITUNES}category").get("text") == "Medicine"
        assert channel.findtext(f"{ITUNES}owner/{ITUNES}email") == "webinars@harbor.example"
        assert channel.find(ATOM + "link").get("href") == SITE + "/feeds/podcast.rss"
        (item,) = channel.findall("item")
        assert item.findtext("guid").startswith("urn:uuid:") and item.find("guid").get("isPermaLink") == "false"
        assert item.findtext("pubDate").endswith("+0000")
        assert item.findtext(ITUNES + "duration") == "60"
        transcript, chapters = item.find(PODCAST + "transcript"), item.find(PODCAST + "chapters")
        assert transcript.get("type") == "text/vtt"
        assert client.get(local(transcript.get("url"))).text.startswith("WEBVTT")
        told = client.get(local(chapters.get("url")))
        assert told.mimetype == "application/json+chapters"
        assert json.loads(told.data)["chapters"][1] == {"startTime": 16, "title": "Call"}

    def test_file_answers_as_the_feed_says(self, client: CheckedClient, film: bytes) -> None:
        make_video()
        root = ElementTree.fromstring(client.get("/feeds/podcast.rss").data)
        file = root.find("channel/item/enclosure")
        head = client.head(local(file.get("url")))
        assert (head.headers["Content-Length"], head.mimetype) == (file.get("length"), file.get("type"))
        assert head.headers["Accept-Ranges"] == "bytes"
        part = client.get(local(file.get("url")), headers={"Range": "bytes=4-7"})
        assert (part.status_code, part.data) == (206, b"ftyp")

    def test_picture_is_a_square_of_the_size_that_directories_want(self, client: CheckedClient) -> None:
        root = ElementTree.fromstring(client.get("/feeds/podcast.rss").data)
        picture = client.get(local(root.find(f"channel/{ITUNES}image").get("href"))).data
        assert picture.startswith(b"\x89PNG")
        width, height = (int.from_bytes(picture[place : place + 4], "big") for place in (16, 20))
        assert width == height and 1400 <= width <= 3000

    def test_feed_holds_talks_of_its_language_and_series_that_can_be_fetched(
        self, client: CheckedClient, film: bytes
    ) -> None:
        series = make_series().id
        make_video(title="Ours", series_id=series)
        make_video(title="Elsewhere", media_url="https://films.example.org/a.mp4", series_id=series)
        make_video(title="Lost", media_url="media:gone.mp4", series_id=series)
        make_video(title="Hidden", state="draft", series_id=series)
        make_video(title="Charla", language="es", series_id=series)
        make_video(title="Other series")
        titles = {
            path: [tag.text for tag in ElementTree.fromstring(client.get(path).data).findall("channel/item/title")]
            for path in ("/series/side-effects/podcast.rss", "/es/feeds/podcast.rss", "/feeds/podcast.rss")
        }
        assert list(titles.values()) == [["Ours"], ["Charla"], ["Other series", "Ours"]]

    def test_talks_of_one_file_have_addresses_of_their_own(self, client: CheckedClient, film: bytes) -> None:
        make_video(title="First")
        make_video(title="Again")
        root = ElementTree.fromstring(client.get("/feeds/podcast.rss").data)
        addresses = [file.get("url") for file in root.iter("enclosure")]
        assert addresses[1] == SITE + "/media/clip.mp4" != addresses[0]
        assert all(client.get(local(address)).data == film for address in addresses)

    def test_guid_stays_when_the_address_changes(self, client: CheckedClient, film: bytes) -> None:
        video = make_video()
        before = ElementTree.fromstring(client.get("/feeds/podcast.rss").data).findtext("channel/item/guid")
        with transaction():
            service.edit_video(queries.get_video(video.slug), {"slug": "another", "title": "Another"}, NOW)
        after = ElementTree.fromstring(client.get("/feeds/podcast.rss").data)
        assert after.findtext("channel/item/guid") == before
        assert after.findtext("channel/item/link") == SITE + "/videos/another"

    def test_empty_feed_stays_the_same_for_a_day(self, app: Flask, client: CheckedClient) -> None:
        assert "lastBuildDate" not in client.get("/feeds/podcast.rss").text
        with app.test_request_context():
            assert video_feed([], NOW) == video_feed([], NOW + timedelta(hours=1))

    def test_page_of_a_series_leads_to_its_feed(self, client: CheckedClient, film: bytes) -> None:
        series = make_series()
        assert not client.page(f"/series/{series.slug}").select("link[type='application/rss+xml']")
        make_video(series_id=series.id)
        (link,) = client.page(f"/series/{series.slug}").select("link[type='application/rss+xml']")
        assert "<item>" in client.get(str(link["href"])).text

    def test_unknown_series_has_no_feed(self, client: CheckedClient) -> None:
        assert client.get("/series/none/podcast.rss").status_code == 404


def test_feeds_say_that_the_advice_has_aged(client: CheckedClient, film: bytes) -> None:
    old, new = make_video(title="Old"), make_video(title="New", state="published")
    with transaction():
        standing.set_standing(queries.get_video(old.slug), {"advice_aged": True, "newer": new.slug}, NOW)
    for path in ("/feeds/podcast.rss", "/feeds/videos.atom"):
        assert f"Newer talk: New, {SITE}/videos/new" in client.get(path).text


def test_atom_feed_names_the_file(client: CheckedClient, film: bytes) -> None:
    make_video()
    root = ElementTree.fromstring(client.get("/feeds/videos.atom").data)
    (link,) = root.findall(f"{ATOM}entry/{ATOM}link[@rel='enclosure']")
    assert (link.get("type"), link.get("length")) == ("video/mp4", str(len(film)))


class TestFrame:
    def test_only_named_sites_may_show_the_player(self, app: Flask, client: CheckedClient, settings: Settings) -> None:
        make_captioned()
        alone = client.get(PAGE + "/embed")
        assert alone.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
        sites = ("https://www.example.org", "https://blog.example.org")
        app.extensions["settings"] = dataclasses.replace(settings, embed_origins=sites)
        framed = client.get(PAGE + "/embed")
        assert framed.headers["Content-Security-Policy"].endswith(f"frame-ancestors 'self' {' '.join(sites)}")
        assert "X-Frame-Options" not in framed.headers
        assert "Set-Cookie" not in framed.headers
        page = client.get(PAGE)
        assert page.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
        assert page.headers["X-Frame-Options"] == "DENY"
        app.extensions["settings"] = settings

    def test_frame_shows_film_captions_and_ways_out_and_nothing_else(self, client: CheckedClient) -> None:
        make_captioned()
        page = client.page(PAGE + "/embed?t=16")
        assert page.select_one("video[controls] track[kind=captions]")
        assert page.select_one("video")["data-start"] == "16"
        assert not page.select("nav, header, footer, form")
        links = [link for link in page.select("main a") if not link.find_parent("video")]
        assert all(link["target"] == "_blank" and "opens in a new window" in text_of(link) for link in links)

    @pytest.mark.parametrize(("state", "status"), [("draft", 404), ("withdrawn", 410)])
    def test_frame_of_what_is_not_public_is_empty(self, client: CheckedClient, state: str, status: int) -> None:
        make_video(state=state)
        assert client.get(PAGE + "/embed").status_code == status

    @pytest.mark.parametrize("value", ["www.example.org", "https://x.org/path", "https://x.org; script-src *", "*"])
    def test_setting_that_is_no_list_of_sites_is_refused(self, value: str, tmp_path: Path) -> None:
        with pytest.raises(SettingError, match="EMBED_ORIGINS"):
            settings_from({"EMBED_ORIGINS": value, "SECRET_KEY": "x" * 40}, tmp_path)


class TestOembed:
    def test_page_names_an_address_that_describes_it(self, client: CheckedClient) -> None:
        video = make_captioned()
        links = client.page(PAGE).select("link[type$=oembed]")
        told, as_xml = (client.get(local(str(link["href"]))) for link in links)
        assert (told.json["version"], told.json["type"], told.json["title"]) == ("1.0", "video", video.title)
        assert f'src="{SITE}{PAGE}/embed"' in told.json["html"]
        root = ElementTree.fromstring(as_xml.data)
        assert (as_xml.mimetype, root.findtext("html")) == ("text/xml", told.json["html"])

    @pytest.mark.parametrize(
        ("address", "status"),
        [
            (f"{SITE}/es{PAGE}?t=4", 200),
            (f"{SITE}{PAGE}/embed", 200),
            (f"{SITE}{PAGE}/transcript", 404),
            (f"{SITE}/videos/none", 404),
            (f"https://elsewhere.example{PAGE}", 404),
            (f"{SITE}/xx{PAGE}", 404),
            ("http://[", 404),
            (f"{SITE}/videos/%00", 404),
            ("", 404),
        ],
    )
    def test_only_public_videos_of_ours_are_described(self, client: CheckedClient, address: str, status: int) -> None:
        make_captioned()
        assert client.get("/oembed", query_string={"url": address}).status_code == status

    @pytest.mark.parametrize(
        ("values", "status"),
        [({"format": "yaml"}, 501), ({"maxwidth": "wide"}, 400), ({"maxheight": "-1"}, 400), ({"maxwidth": "0"}, 400),
         ({"maxwidth": "9" * 400}, 400)],
    )  # fmt: skip
    def test_what_cannot_be_given_is_refused_as_the_format_says(
        self, client: CheckedClient, values: dict[str, str], status: int
    ) -> None:
        make_video()
        assert client.get("/oembed", query_string={"url": SITE + PAGE, **values}).status_code == status

    @pytest.mark.parametrize(
        ("most", "shown"),
        [({}, True), ({"maxwidth": "960"}, True), ({"maxwidth": "959"}, False), ({"maxheight": "674"}, False)],
    )
    def test_still_picture_comes_with_its_size_or_not_at_all(
        self, client: CheckedClient, settings: Settings, most: dict[str, str], shown: bool
    ) -> None:
        settings.media_root.mkdir(parents=True, exist_ok=True)
        (settings.media_root / "still.webp").write_bytes(WEBP)
        make_video(poster_url="media:still.webp")
        told = client.get("/oembed", query_string={"url": SITE + PAGE, **most}).json
        still = {key: value for key, value in told.items() if key.startswith("thumbnail")}
        address = f"{SITE}/media/still.webp"
        whole = {"thumbnail_url": address, "thumbnail_width": 960, "thumbnail_height": 675}
        assert still == (whole if shown else {})

    @pytest.mark.parametrize("content", [None, b"", WEBP[:20], b"RIFF"])
    def test_still_picture_that_is_lost_or_broken_is_left_out(
        self, client: CheckedClient, settings: Settings, content: bytes | None
    ) -> None:
        settings.media_root.mkdir(parents=True, exist_ok=True)
        if content is not None:
            (settings.media_root / "broken.webp").write_bytes(content)
        make_video(poster_url="media:broken.webp" if content is not None else "media:lost.webp")
        told = client.get("/oembed", query_string={"url": SITE + PAGE})
        assert told.status_code == 200 and not any(key.startswith("thumbnail") for key in told.json)

    @pytest.mark.parametrize("most", [(200, None), (1280, 300), (None, 120), (320, 100), (150, 90)])
    def test_player_is_never_larger_than_asked(self, most: tuple[int | None, int | None]) -> None:
        size = size_within(*most)
        assert all(got <= limit for got, limit in zip(size, most, strict=True) if limit is not None)

    def test_title_is_never_markup(self, client: CheckedClient) -> None:
        make_video(title='A "b" <script>', slug="x")
        told = client.get("/oembed", query_string={"url": f"{SITE}/videos/x"}).json
        assert "<script" not in told["html"]


class TestSearchEngines:
    def test_page_says_how_to_jump_in_and_what_is_said(self, client: CheckedClient) -> None:
        make_captioned()
        data = json.loads(client.page(PAGE).select_one('script[type="application/ld+json"]').string)
        assert data["potentialAction"]["target"] == f"{SITE}{PAGE}?t={{seek_to_second_number}}"
        assert "If the rash blisters" in data["transcript"]
        assert data["embedUrl"] == f"{SITE}{PAGE}/embed"
        captions = data["caption"][0]["contentUrl"]
        assert captions == f"{SITE}{PAGE}/captions.en.vtt"
        assert client.get(local(captions)).headers["Access-Control-Allow-Origin"] == "*"

    def test_talk_without_a_still_has_a_picture_that_link_previews_can_draw(self, client: CheckedClient) -> None:
        make_video()
        picture = client.page(PAGE).select_one("meta[property='og:image']")
        assert client.get(local(str(picture["content"]))).mimetype == "image/png"

    def test_map_of_the_site_describes_the_videos(self, client: CheckedClient) -> None:
        make_video(poster_url="media:still.webp")
        make_video(title="Hidden", state="draft")
        films = list(ElementTree.fromstring(client.get("/sitemap.xml").data).iter(MAP + "video"))
        assert len(films) == 2
        told = {tag.tag.removeprefix(MAP): tag.text for tag in films[0]}
        assert told["content_loc"] == f"{SITE}/media/clip.mp4"
        assert told["thumbnail_loc"] == f"{SITE}/media/still.webp"
        assert (told["duration"], told["title"]) == ("60", "When to call your care team")


def test_page_offers_a_link_to_share(client: CheckedClient) -> None:
    make_captioned()
    page = client.page(PAGE + "?t=16")
    assert page.select_one("#share")["value"] == f"{SITE}{PAGE}?t=16"
    assert "Link to share" in text_of(page)
