"""The public pages of the archive."""

import json
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from tests.archive.samples import ENGLISH, SPANISH, make_captioned
from tests.factories import NOW, make_series, make_video, make_webinar
from tests.support.pages import CheckedClient, text_of
from tests.support.queries import sent_queries
from webinars.archive import service
from webinars.archive.models import Video, VideoSpeaker
from webinars.core.database import db, transaction
from webinars.schedule.models import Speaker

PAGE = "/videos/when-to-call-your-care-team"


def cue_texts(page: BeautifulSoup) -> list[str]:
    return [text_of(tag) for tag in page.select(".cue .cue-text")]


def test_page_shows_player_tracks_and_transcript(client: CheckedClient) -> None:
    video = make_captioned()
    with transaction():
        service.set_captions(video, "es", SPANISH, "corrected", NOW)
        service.set_chapters(video, "00:00 Skin\n00:16 Call", NOW)
    page = client.page(PAGE)
    player = page.select_one("video#player")
    assert player is not None
    assert player["preload"] == "none"
    assert str(player.select_one("source")["src"]).startswith("/media/")
    tracks = [(tag["kind"], tag["srclang"], tag.has_attr("default")) for tag in player.select("track")]
    assert tracks == [("captions", "en", True), ("captions", "es", False), ("chapters", "en", False)]
    assert "A rash that covers" in cue_texts(page)[1]
    first = page.select_one("#t12")
    assert first is not None
    assert first.select_one("a")["href"] == f"{PAGE}?t=12&transcript=en#player"


def test_spanish_page_shows_spanish_captions_first(client: CheckedClient) -> None:
    video = make_captioned()
    with transaction():
        service.set_captions(video, "es", SPANISH, "corrected", NOW)
    page = client.page("/es" + PAGE)
    assert page.select_one("track")["srclang"] == "es"
    assert "sesión" in cue_texts(page)[0]


def test_transcript_language_is_switched_by_a_link(client: CheckedClient) -> None:
    video = make_captioned()
    with transaction():
        service.set_captions(video, "es", SPANISH, "corrected", NOW)
    page = client.page(PAGE)
    link = next(tag for tag in page.select(".transcript a[hreflang]") if tag["hreflang"] == "es")
    assert "sesión" in cue_texts(client.page(str(link["href"])))[0]


def test_word_is_found_in_the_talk_without_a_script(client: CheckedClient) -> None:
    make_captioned()
    page = client.page(PAGE + "?find=rash")
    assert [tag.get_text() for tag in page.select(".cue mark")] == ["rash", "rash", "rashes"]
    assert "3 places" in text_of(page.select_one(".transcript [role=status]"))


def test_link_to_a_second_starts_the_film_there(client: CheckedClient) -> None:
    make_captioned()
    page = client.page(PAGE + "?t=761")
    assert str(page.select_one("video source")["src"]).endswith("#t=761")
    assert page.select_one("video")["data-start"] == "761"


@pytest.mark.parametrize("second", ["-1", "x", "1e9", "99999999999999", "١٢", "12;drop"])
def test_second_that_is_none_is_ignored(client: CheckedClient, second: str) -> None:
    make_captioned()
    assert not client.page(f"{PAGE}?t={second}").select_one("video").has_attr("data-start")


def test_two_cues_in_one_second_have_one_anchor(client: CheckedClient) -> None:
    make_captioned("WEBVTT\n\n00:01.000 --> 00:01.400\nOne.\n\n00:01.500 --> 00:02.000\nTwo.\n")
    page = client.page(PAGE)
    assert len(page.select(".cue")) == 2
    assert len(page.select("#t1")) == 1


def test_words_of_captions_are_never_markup(client: CheckedClient) -> None:
    make_captioned("WEBVTT\n\n00:01.000 --> 00:02.000\n&lt;img src=x&gt; rash & more\n")
    page = client.page(PAGE + "?find=rash")
    assert cue_texts(page) == ["<img src=x> rash & more"]
    assert not page.select(".cue img")


def test_page_names_speakers_interests_sponsor_and_webinar(client: CheckedClient) -> None:
    webinar = make_webinar()
    video = make_captioned(webinar=webinar, sponsor_text="")
    db.session.add(VideoSpeaker(video_id=video.id, speaker=Speaker(name="Joyce Okafor", interests="Paid by Acme.")))
    db.session.commit()
    words = text_of(client.page(PAGE))
    assert "Joyce Okafor" in words
    assert "Paid by Acme." in words
    assert "Paid for by a fund." in words
    assert webinar.title in words


def test_page_describes_the_video_for_search_engines(client: CheckedClient) -> None:
    video = make_captioned(poster_url="media:still.webp")
    with transaction():
        service.set_chapters(video, "00:00 Skin\n00:16 Call </script>", NOW)
    page = client.page(PAGE)
    data = json.loads(page.select_one('script[type="application/ld+json"]').string)
    assert data["@type"] == "VideoObject"
    assert data["duration"] == "PT1M"
    assert data["thumbnailUrl"] == ["http://127.0.0.1:8000/media/still.webp"]
    assert [(clip["startOffset"], clip["endOffset"]) for clip in data["hasPart"]] == [(0, 16), (16, 60)]
    assert page.select_one('meta[property="og:title"]')["content"] == video.title


def test_film_on_another_server_is_asked_only_after_a_click(client: CheckedClient) -> None:
    make_captioned(media_url="https://films.example.org/talk.mp4")
    before = client.get(PAGE)
    assert "films.example.org" not in before.headers["Content-Security-Policy"]
    page = BeautifulSoup(before.text, "html5lib")
    assert not page.select("video")
    assert "films.example.org" in text_of(page)
    after = client.get(PAGE + str(page.select_one("#player a.btn")["href"]).split("#")[0])
    assert "media-src 'self' https://films.example.org" in after.headers["Content-Security-Policy"]
    assert (
        BeautifulSoup(after.text, "html5lib").select_one("video source")["src"] == "https://films.example.org/talk.mp4"
    )


def test_video_service_is_a_plain_link(client: CheckedClient) -> None:
    make_captioned(media_url="https://video.example.org/watch?v=1")
    page = client.page(PAGE)
    assert not page.select("video, iframe")
    assert page.select_one("#player a")["href"] == "https://video.example.org/watch?v=1"


@pytest.mark.parametrize("path", ["", "/transcript", "/captions.en.vtt", "/chapters.vtt"])
@pytest.mark.parametrize(("state", "status"), [("draft", 404), ("withdrawn", 410)])
def test_video_that_is_not_public_is_not_there(client: CheckedClient, state: str, status: int, path: str) -> None:
    make_captioned(state=state)
    assert client.get(PAGE + path).status_code == status


@pytest.mark.parametrize(
    "path", ["/transcript.en.txt", "/captions.en.vtt", "/chapters.vtt", "/chapters.json", "/transcript", "/embed", ""]
)
@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_what_staff_see_of_a_draft_lies_in_no_shared_cache(staff: CheckedClient, state: str, path: str) -> None:
    video = make_captioned(state=state)
    with transaction():
        service.set_chapters(video, "00:00 Skin", NOW)
    answer = staff.get(PAGE + path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("private, no-")


def test_text_tracks_are_served_as_webvtt(client: CheckedClient) -> None:
    video = make_captioned()
    with transaction():
        service.set_chapters(video, "00:00 Skin", NOW)
    for name in ("captions.en.vtt", "chapters.vtt"):
        answer = client.get(f"{PAGE}/{name}")
        assert answer.headers["Content-Type"] == "text/vtt; charset=utf-8"
        assert answer.text.startswith("WEBVTT\n\n")
        assert client.get(f"{PAGE}/{name}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_transcript_page_groups_by_chapter(client: CheckedClient) -> None:
    video = make_captioned()
    with transaction():
        service.set_chapters(video, "00:00 Skin\n00:16 Call", NOW)
    page = client.page(PAGE + "/transcript")
    assert [text_of(tag) for tag in page.select("main h2")] == ["Skin", "Call"]
    assert "If the rash blisters" in text_of(page)


def test_list_links_videos_by_relative_path(client: CheckedClient) -> None:
    make_captioned()
    page = client.page("/videos")
    assert [tag["href"] for tag in page.select("main article a")] == ["videos/when-to-call-your-care-team"]


def test_list_hides_what_is_not_public(client: CheckedClient) -> None:
    make_video(title="A secret draft", state="draft")
    assert "secret" not in text_of(client.page("/videos"))
    assert client.page("/videos").select(".empty")


def test_list_is_paged_and_filtered(client: CheckedClient) -> None:
    series = make_series()
    for number in range(14):
        make_video(title=f"Talk {number}", series_id=series.id if number else None)
    page = client.page("/videos?series=side-effects")
    assert len(page.select("main article")) == 12
    follow = str(page.select_one("a[rel=next]")["href"])
    assert len(client.page(follow).select("main article")) == 1


def test_search_leads_to_the_second(client: CheckedClient) -> None:
    make_captioned()
    page = client.page("/videos?q=blisters")
    link = page.select_one(".sentences a")
    assert link["href"] == "videos/when-to-call-your-care-team?t=16&q=blisters#player"
    assert [tag.get_text() for tag in page.select(".sentences mark")] == ["blisters"]
    video = client.page("/" + str(link["href"]))
    assert video.select_one("video#player[data-start='16']")
    assert [tag.get_text() for tag in video.select(".cue mark")] == ["blisters"]
    assert video.select_one("#find")["value"] == "blisters"
    assert str(video.select_one("link[rel=canonical]")["href"]).endswith(PAGE)


BETWEEN = "WEBVTT\n\n00:11.000 --> 00:15.100\nWatch yourself.\n\n00:15.129 --> 00:19.000\nA rash itches.\n"


@pytest.mark.parametrize(
    ("address", "start"),
    [("?t=15", "15.129"), ("?t=15.129", "15.129"), ("?t=16", "16"), ("?t=12.5", "12.5"), ("?t=3", "3")],
)
def test_link_cut_to_a_second_begins_at_the_sentence_that_begins_within_it(
    client: CheckedClient, address: str, start: str
) -> None:
    make_captioned(BETWEEN)
    page = client.page(PAGE + address)
    assert page.select_one("video")["data-start"] == start
    assert str(page.select_one("video source")["src"]).endswith(f"#t={start}")


@pytest.mark.parametrize(
    ("address", "spoken"),
    [
        ("", []),
        ("?t=3", []),
        ("?t=12", ["Watch yourself."]),
        ("?t=15.05", ["Watch yourself."]),
        ("?t=15", ["A rash itches."]),
        ("?t=600", ["A rash itches."]),
    ],
)
def test_sentence_of_a_link_is_highlighted_without_a_script(
    client: CheckedClient, address: str, spoken: list[str]
) -> None:
    make_captioned(BETWEEN)
    found = client.page(PAGE + address).select(".cue[aria-current=true] .cue-text")
    assert [text_of(tag) for tag in found] == spoken


def test_found_sentence_is_the_highlighted_one_of_two_within_a_second(client: CheckedClient) -> None:
    make_captioned("WEBVTT\n\n00:01.100 --> 00:01.400\nYes.\n\n00:01.500 --> 00:02.000\nA rash.\n")
    link = client.page("/videos?q=rash").select_one(".sentences a")
    (cue,) = client.page("/" + str(link["href"])).select(".cue[aria-current=true]")
    assert text_of(cue).endswith("A rash .")
    assert [tag["href"].partition("&")[0] for tag in client.page(PAGE).select(".cue a")] == [
        f"{PAGE}?t=1",
        f"{PAGE}?t=1.5",
    ]


def test_word_that_was_looked_for_is_carried_to_chapters_and_the_other_language(client: CheckedClient) -> None:
    video = make_captioned()
    with transaction():
        service.set_captions(video, "es", SPANISH, "corrected", NOW)
        service.set_chapters(video, "00:00 Skin", NOW)
    page = client.page(PAGE + "?q=rash+%26+skin")
    links = [page.select_one(".chapters a"), page.select_one(".transcript a[hreflang=es]")]
    assert all("find=rash%20%26%20skin" in str(link["href"]) for link in links)


def test_search_marks_the_title_and_says_where_else_it_found_the_words(client: CheckedClient) -> None:
    make_video(title="Your immune system", summary="How immunity is made.", description="Plain.")
    make_video(title="Another talk", summary="Short.", description="About immune cells.")
    results = client.page("/videos?q=immune").select(".search-results > li")
    by_title = {text_of(item.select_one("h2")): item for item in results}
    assert [tag.get_text() for tag in by_title["Your immune system"].select("h2 mark")] == ["immune"]
    assert not by_title["Another talk"].select("mark")
    elsewhere = "in the description, the chapters or the speakers’ names"
    assert elsewhere in text_of(by_title["Another talk"])
    assert elsewhere not in text_of(by_title["Your immune system"])


def test_film_without_a_still_has_the_colours_of_its_card(client: CheckedClient) -> None:
    make_video()
    (card,) = client.page("/videos").select("article .poster")
    (tone,) = [name for name in card["class"] if name.startswith("tone-")]
    poster = str(client.page(PAGE).select_one("video#player")["poster"])
    assert poster.startswith(f"/static/img/{tone}.svg?v=") and client.get(poster).status_code == 200
    db.session.query(Video).update({"poster_url": "media:still.webp"})
    db.session.commit()
    assert client.page(PAGE).select_one("video#player")["poster"] == "/media/still.webp"


@pytest.mark.parametrize("query", ["submarine", "%22%22", "%F0%9F%98%80", "%ff"])
def test_search_without_result_says_what_to_do(client: CheckedClient, query: str) -> None:
    make_captioned()
    assert client.page(f"/videos?q={query}").select(".empty")


def test_search_results_are_paged(client: CheckedClient) -> None:
    for number in range(13):
        make_captioned(title=f"Talk {number}")
    page = client.page("/videos?q=rash")
    assert len(page.select(".search-results > li")) == 12
    assert len(client.page(str(page.select_one("a[rel=next]")["href"])).select(".search-results > li")) == 1


def test_feed_is_valid_atom(client: CheckedClient) -> None:
    make_captioned()
    make_video(title="Draft", state="draft")
    answer = client.get("/feeds/videos.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    atom = "{http://www.w3.org/2005/Atom}"
    root = ElementTree.fromstring(answer.data)
    assert [root.find(atom + name) is not None for name in ("id", "title", "updated", "author")] == [True] * 4
    (entry,) = root.findall(atom + "entry")
    assert entry.findtext(atom + "id").startswith("urn:uuid:")
    assert entry.findtext(atom + "updated") == "2026-11-22T15:00:00Z"
    assert {link.get("rel") for link in root.findall(atom + "link")} == {"self", "alternate"}
    assert client.get("/feeds/videos.atom", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", [PAGE, "/videos", "/videos?q=rash"])
def test_query_count_does_not_grow(client: CheckedClient, path: str) -> None:
    series_id = make_series().id
    make_captioned(series_id=series_id)
    # For what few videos have, mistyped words are looked up too.
    for number in range(3):
        make_captioned(title=f"Talk {number}", series_id=series_id)
    first = _queries_of(client, path)
    for number in range(3, 6):
        make_captioned(
            ENGLISH + "\n\n01:03:00.000 --> 01:03:01.000\nMore rash.", title=f"Talk {number}", series_id=series_id
        )
    assert _queries_of(client, path) == first


def _queries_of(client: CheckedClient, path: str) -> int:
    db.session.remove()
    with sent_queries() as sent:
        assert client.get(path).status_code == 200
    return len(sent)
