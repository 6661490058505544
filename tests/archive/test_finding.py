"""Finding without a search and after one: filters, series in order, speakers, related videos."""

from datetime import date

import pytest

from tests.archive.corpus import load_talks
from tests.archive.samples import make_captioned
from tests.factories import make_series, make_topic, make_video
from tests.support.pages import CheckedClient, text_of
from webinars.archive.models import Video, VideoSpeaker
from webinars.archive.related import related_videos
from webinars.core.database import db
from webinars.schedule.models import Speaker


def _with_speaker(video: Video, speaker: Speaker) -> None:
    db.session.add(VideoSpeaker(video_id=video.id, speaker=speaker))
    db.session.commit()


def _titles(client: CheckedClient, path: str) -> list[str]:
    return [text_of(tag) for tag in client.page(path).select("main .item-title")]


def test_list_is_narrowed_by_speaker_year_and_length(client: CheckedClient) -> None:
    speaker = Speaker(name="Joyce Okafor")
    _with_speaker(make_video(title="Short", recorded_on=date(2024, 5, 1), duration_seconds=300), speaker)
    make_video(title="Long", recorded_on=date(2025, 5, 1), duration_seconds=3000)
    assert _titles(client, f"/videos?speaker={speaker.id}") == ["Short"]
    assert _titles(client, "/videos?year=2025") == _titles(client, "/videos?length=long") == ["Long"]
    assert _titles(client, "/videos?length=medium") == ["No videos here yet"]


NOTHINGS = [
    "year=x", "year=99999999", "speaker=-1", "speaker=99999999999999999999", "speaker=%F0%9F%98%80", "length=%00",
    "topic=%00", "language=xx", "year=2025&year=2024",
]  # fmt: skip


@pytest.mark.parametrize("filters", NOTHINGS)
def test_filter_that_names_nothing_never_fails(client: CheckedClient, filters: str) -> None:
    make_captioned()
    assert client.get(f"/videos?{filters}").status_code == 200
    assert client.get(f"/videos?q=rash&{filters}").status_code == 200


def test_search_counts_what_each_filter_would_leave_and_keeps_it(client: CheckedClient) -> None:
    one, other = make_topic(), make_topic(slug="costs", title="Costs")
    for number, topic in enumerate((one, one, other)):
        make_captioned(title=f"Talk {number}", topic_id=topic.id)
    page = client.page("/videos?q=rash")
    assert "Costs (1)" in [text_of(tag) for tag in page.select("#narrow-topic option")]
    page = client.page("/videos?q=rash&topic=costs")
    assert page.select_one("#narrow-topic option[selected]")["value"] == "costs"
    assert page.select_one("meta[name=robots]")["content"] == "noindex"


def test_empty_search_leads_on_to_topics(client: CheckedClient) -> None:
    make_topic(slug="costs", title="Costs")
    page = client.page("/videos?q=submarine")
    assert "Costs" in [text_of(tag) for tag in page.select(".choices a")]


def test_mistyped_search_says_what_it_shows(client: CheckedClient) -> None:
    load_talks()
    words = text_of(client.page("/videos?q=colitus"))
    assert "Nothing was found for “colitus”. These videos are about “colitis”." in words


def test_result_says_that_only_the_captions_are_spanish(client: CheckedClient) -> None:
    load_talks()
    assert "Spoken in English; what you looked for is in the captions in Spanish." in text_of(
        client.page("/videos?q=loperamida")
    )


def test_series_is_watched_in_order(client: CheckedClient) -> None:
    series = make_series()
    for number in (2, 1, 3):
        make_video(title=f"Part {number}", series_id=series.id, recorded_on=date(2025, number, 1))
    make_video(title="Draft", series_id=series.id, state="draft")
    assert _titles(client, f"/series/{series.slug}/videos") == ["Part 1", "Part 2", "Part 3"]
    page = client.page("/videos/part-2?list=series")
    assert [text_of(tag) for tag in page.select(".beside-videos a")][:2] == ["Previous: Part 1", "Next: Part 3"]
    assert not client.page("/videos/part-2").select(".beside-videos")


@pytest.mark.usefixtures("app")
def test_related_videos_share_speaker_series_topic_or_words() -> None:
    speaker, topic = Speaker(name="Joyce Okafor"), make_topic()
    one = make_video(title="Colitis and food", topic_id=topic.id)
    same_speaker = make_video(title="Lungs")
    make_video(title="Skin", topic_id=topic.id)
    make_video(title="More on colitis")
    make_video(title="Colitis in draft", state="draft")
    make_video(title="Costs")
    for video in (one, same_speaker):
        _with_speaker(video, speaker)
    assert {video.title for video in related_videos(one, 5)} == {"More on colitis", "Lungs", "Skin"}


@pytest.mark.parametrize(
    ("asked", "feed"), [("", "/feeds/podcast.rss"), ("?series=side-effects", "/series/side-effects/podcast.rss")]
)
def test_list_leads_to_the_podcast_of_what_it_shows(client: CheckedClient, asked: str, feed: str) -> None:
    make_captioned(series_id=make_series(slug="side-effects").id)
    page = client.page(f"/videos{asked}")
    assert [link["href"] for link in page.select('[type="application/rss+xml"]')] == [feed, feed]
