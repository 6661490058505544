"""What an address leads to: told strictly, so that nothing is taken for a player that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webinars.archive.sources import Service, source_of

ID = "dQw4w9WgXcQ"
YOUTUBE = f"https://www.youtube-nocookie.com/embed/{ID}?rel=0"
UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
SHORT = "kkGMgK9ZtnKfYAgnEtQxbv"


@pytest.mark.parametrize(
    ("address", "second"),
    [
        (f"https://www.youtube.com/watch?v={ID}", 0),
        (f"https://youtube.com/watch?v={ID}&list=PL0123456789&index=2", 0),
        (f"https://m.youtube.com/watch?feature=share&v={ID}&t=90", 90),
        (f"https://WWW.YouTube.com/watch/?v={ID}&t=1h2m3s", 3723),
        (f"https://youtu.be/{ID}", 0),
        (f"https://youtu.be/{ID}?si=0123456789abcdef&t=90s", 90),
        (f"https://www.youtube.com/shorts/{ID}", 0),
        (f"https://www.youtube.com/live/{ID}?feature=share&t=1m30s", 90),
        (f"https://www.youtube.com/embed/{ID}?start=90", 90),
        (f"https://www.youtube-nocookie.com/embed/{ID}", 0),
        (f"https://www.youtube.com/watch?v={ID}#t=90", 90),
    ],
)
def test_every_way_youtube_writes_an_address_is_recognised(address: str, second: int) -> None:
    found = source_of(address)
    assert (found.service, found.plays, found.start) == (Service.YOUTUBE, YOUTUBE, second)
    assert found.origin == "https://www.youtube-nocookie.com"
    assert found.page == f"https://www.youtube.com/watch?v={ID}"


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com/",
        "https://www.youtube.com/watch",
        f"https://www.youtube.com/watch?v={ID}&v=aaaaaaaaaaa",
        f"https://www.youtube.com/watch?v={ID}x",
        "https://www.youtube.com/watch?v=dQw4w9WgXc",
        "https://www.youtube.com/watch?v=dQw4w9WgXc%22",
        "https://www.youtube.com/playlist?list=PL0123456789",
        # As long as an id, and none.
        "https://www.youtube.com/embed/videoseries?list=PL0123456789",
        "https://www.youtube.com/embed/live_stream?channel=UC0123456789",
        "https://www.youtube.com/@SomeChannel",
        f"https://www.youtube.com/clip/{ID}",
        f"https://www.youtube.com:8443/watch?v={ID}",
        f"https://youtube.com.example.org/watch?v={ID}",
        f"https://notyoutube.com/watch?v={ID}",
        f"https://youtu.be/{ID}/more",
        f"https://example.org/youtu.be/{ID}",
    ],
)
def test_whatever_else_is_at_youtube_or_sounds_like_it_is_a_page(address: str) -> None:
    found = source_of(address)
    assert (found.service, found.page) == (Service.PAGE, address)


@pytest.mark.parametrize(
    ("address", "frame", "page", "second"),
    [
        ("https://vimeo.com/76979871", "76979871?dnt=1", "76979871", 0),
        ("https://www.vimeo.com/76979871/#t=90s", "76979871?dnt=1", "76979871", 90),
        ("https://vimeo.com/76979871/abcdef0123?share=copy", "76979871?h=abcdef0123&dnt=1", "76979871/abcdef0123", 0),
        ("https://player.vimeo.com/video/76979871?h=abcdef0123#t=1m30s", "76979871?h=abcdef0123&dnt=1",
         "76979871/abcdef0123", 90),
    ],
)  # fmt: skip
def test_vimeo_is_recognised_and_asked_not_to_follow_anybody(address: str, frame: str, page: str, second: int) -> None:
    found = source_of(address)
    assert (found.service, found.plays) == (Service.VIMEO, f"https://player.vimeo.com/video/{frame}")
    assert (found.page, found.start) == (f"https://vimeo.com/{page}", second)


@pytest.mark.parametrize(
    "address",
    [
        "https://vimeo.com/staff",
        "https://vimeo.com/0123456",
        "https://vimeo.com/76979871/settings",
        "https://vimeo.com/76979871/ABCDEF0123",
        "https://vimeo.com/76979871?h=abc%22",
        "https://vimeo.com/channels/staffpicks/76979871",
        "https://vimeo.com.example.org/76979871",
        "https://player.vimeo.com/76979871",
    ],
)
def test_whatever_else_is_at_vimeo_is_a_page(address: str) -> None:
    assert source_of(address).service == Service.PAGE


@pytest.mark.parametrize(
    ("address", "number", "second"),
    [
        (f"https://tube.example.org/w/{SHORT}", SHORT, 0),
        (f"https://tube.example.org/w/{UUID}?start=1m30s", UUID, 90),
        (f"https://tube.example.org/videos/watch/{UUID}", UUID, 0),
        (f"https://tube.example.org/videos/watch/{SHORT}/", SHORT, 0),
        (f"https://tube.example.org/videos/embed/{UUID}?autoplay=1&start=90s", UUID, 90),
    ],
)
def test_peertube_is_recognised_on_any_host_by_its_path(address: str, number: str, second: int) -> None:
    found = source_of(address)
    assert (found.service, found.start) == (Service.PEERTUBE, second)
    assert found.plays == f"https://tube.example.org/videos/embed/{number}?p2p=0"
    assert (found.origin, found.name) == ("https://tube.example.org", "tube.example.org")


@pytest.mark.parametrize(
    "path",
    [
        f"/w/p/{SHORT}",  # a list of films
        "/w/2024-annual-report-2024",
        "/w/how-to-live-with-cancer",
        # As long as a short id: one with a letter PeerTube does not use, one that is no random UUID, one too large.
        "/w/kkGMgK9ZtnKfYAgnEtQx0v",
        "/w/9W9E3VS3cJYqvKfYNN8Vkv",
        "/w/ZZZZZZZZZZZZZZZZZZZZZZ",
        f"/w/{SHORT}x",
        f"/w/{SHORT}/edit",
        "/videos/watch/9c9de5e8-0a1e-184a-b099-e80766180a6d",
        f"/en/videos/watch/{UUID}",
        f"/videos/{UUID}",
        "/videos/watch/early-signs-to-report",
    ],
)
def test_page_that_only_looks_like_peertube_stays_a_page(path: str) -> None:
    assert source_of(f"https://www.example.org{path}").service == Service.PAGE


@pytest.mark.parametrize(
    ("ending", "service", "kind"),
    [
        ("talk.mp4", Service.FILE, "video/mp4"),
        ("TALK.MP4?token=a%20b", Service.FILE, "video/mp4"),
        ("talk.webm", Service.FILE, "video/webm"),
        ("talk.mp3", Service.FILE, "audio/mpeg"),
        ("talk.m4a", Service.FILE, "audio/mp4"),
        ("talk/master.m3u8?a=1", Service.STREAM, "application/vnd.apple.mpegurl"),
    ],
)
def test_file_that_browsers_play_is_told_by_its_ending(ending: str, service: Service, kind: str) -> None:
    address = f"https://films.example.org/{ending}"
    found = source_of(address)
    assert (found.service, found.plays, found.page, found.type) == (service, address, address, kind)


def test_second_in_the_link_to_a_file_is_read_and_taken_off() -> None:
    found = source_of("https://films.example.org/talk.mp4#t=90")
    assert (found.plays, found.start) == ("https://films.example.org/talk.mp4", 90)


@pytest.mark.parametrize("second", ["", "x", "-5", "1e9", "99999999", "99h", "1:30", "90;", "٩٠", "90&t=91"])
def test_second_that_is_none_is_the_beginning(second: str) -> None:
    assert source_of(f"https://youtu.be/{ID}?t={second}").start == 0


@pytest.mark.parametrize(
    ("address", "plays", "page"),
    [
        (f"https://youtu.be/{ID}?t=7", f"{YOUTUBE}&start=61", f"https://www.youtube.com/watch?v={ID}&t=61s"),
        ("https://vimeo.com/1#t=7", "https://player.vimeo.com/video/1?dnt=1#t=61s", "https://vimeo.com/1#t=61s"),
        (f"https://t.example.org/w/{SHORT}?start=7", f"https://t.example.org/videos/embed/{SHORT}?p2p=0&start=61",
         f"https://t.example.org/videos/watch/{SHORT}?start=61s"),
    ],
)  # fmt: skip
def test_asked_second_travels_in_the_words_of_each_service(address: str, plays: str, page: str) -> None:
    found = source_of(address)
    assert (found.plays_at(61.7), found.page_at(61.7)) == (plays, page)
    assert found.plays_at(None) == plays.replace("61", "7")
    assert found.plays_at(0) == found.plays


@given(st.text(max_size=300))
def test_any_path_query_and_fragment_can_be_read(rest: str) -> None:
    for host in ("www.youtube.com", "vimeo.com", "player.vimeo.com", "tube.example.org"):
        found = source_of(f"https://{host}/{rest}")
        assert found.plays_at(5) and found.page_at(None) and found.origin.startswith("https://")
