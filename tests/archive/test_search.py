"""Search in titles and transcripts, on both databases."""

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.archive.samples import SPANISH, make_captioned
from tests.factories import NOW, make_series, make_topic, make_video
from tests.support.queries import count_queries
from webinars.archive import extras, service
from webinars.archive.models import Cue, VideoSpeaker
from webinars.archive.queries import VideoFilter
from webinars.archive.search import find, index_track, index_video, segments_of, within
from webinars.archive.search_dialects import by_index
from webinars.archive.search_pieces import MOST_PIECES, TABLES, count_pieces, go_on
from webinars.archive.search_words import fold, terms_of
from webinars.core.database import db, is_sqlite, read_alone, transaction
from webinars.schedule.models import Speaker

HOSTILE = [
    '"', "''", 'rash"', "rash AND", "AND OR NOT", "NEAR(rash, 2)", "title:rash", "rash*", "*", "^rash", "(rash",
    "rash)", "-rash", "rash & | ! <->", ":*", "'; DROP TABLE videos; --", "\\", "%", "_", "\0rash", "😀", "😀 rash",
    "rash\u200b", "²", "ª", "ⅷ", "١٢", "日本語", "rash " * 2000, "x" * 10_000, "a" * 5000 + " rash", "\ud800",
    "' OR 1=1", "rash\ue000", "{rash}", "[rash]", "rash~", "$1", ":query",
]  # fmt: skip


def slugs(query: str, limit: int = 10, offset: int = 0, **where: object) -> list[str]:
    return [found.video.slug for found in find(query, VideoFilter(**where), limit, offset).items]  # type: ignore[arg-type]


def words_of(query: str) -> tuple[str, ...]:
    return tuple(term.text for term in terms_of(query))


def marked(query: str) -> list[str]:
    sentences = [sentence for found in find(query).items for sentence in found.sentences]
    return [segment.text for sentence in sentences for segment in sentence.segments if segment.marked]


@pytest.mark.usefixtures("app")
class TestFinding:
    def test_spoken_word_leads_to_its_second(self) -> None:
        make_captioned()
        (found,) = find("blisters").items
        (sentence,) = found.sentences
        assert sentence.seconds == 16
        assert "".join(segment.text for segment in sentence.segments) == "If the rash blisters, call the same day."
        assert [segment.text for segment in sentence.segments if segment.marked] == ["blisters"]

    @pytest.mark.parametrize("query", ["rash", "rashes", "RASH", "treatment", "treatments", "pausing", "blister"])
    def test_other_forms_of_a_word_are_found(self, query: str) -> None:
        make_captioned()
        assert slugs(query) == ["when-to-call-your-care-team"]

    @pytest.mark.parametrize(
        "query", ["sesion", "sesión", "SESIÓN", "sesiones", "medicacion", "medicación", "medicaciones", "sarpullidos"]
    )
    def test_accents_and_plurals_do_not_matter(self, query: str) -> None:
        make_captioned(SPANISH, "es")
        assert slugs(query) == ["when-to-call-your-care-team"]

    def test_found_word_is_marked_with_its_accent(self) -> None:
        make_captioned(SPANISH, "es")
        assert marked("sesion") == ["sesión"]
        assert marked("medicacion") == ["medicación"]

    def test_start_of_a_long_word_is_enough(self) -> None:
        with transaction():
            index_video(make_video(title="Immunotherapy explained"))
        assert slugs("immuno") == ["immunotherapy-explained"]

    def test_title_comes_before_transcript(self) -> None:
        make_captioned(title="What to watch")
        make_video(title="A rash and what to do")
        assert slugs("rash") == ["a-rash-and-what-to-do", "what-to-watch"]
        assert [found.in_title for found in find("rash").items] == [True, False]

    def test_speaker_and_chapter_are_found(self) -> None:
        video = make_video()
        db.session.add(VideoSpeaker(video_id=video.id, speaker=Speaker(name="Joyce Okafor")))
        db.session.commit()
        with transaction():
            service.set_chapters(video, "00:00 Insurance questions", NOW)
        assert slugs("okafor") == slugs("insurance") == [video.slug]

    def test_renamed_video_is_found_under_its_new_title_only(self) -> None:
        video = make_video(title="Old words")
        video.title = "Fresh wording"
        db.session.commit()
        assert slugs("wording") == [video.slug]
        assert slugs("old") == []

    def test_words_of_one_query_may_stand_in_different_sentences(self) -> None:
        make_captioned()
        assert slugs("skin blisters") == ["when-to-call-your-care-team"]

    def test_video_with_some_words_is_offered_when_none_has_all(self) -> None:
        make_captioned()
        results = find("rash submarine")
        assert results.some_words_only
        assert [found.video.slug for found in results.items] == ["when-to-call-your-care-team"]

    def test_quoted_words_must_follow_each_other(self) -> None:
        make_captioned()
        assert slugs('"the rash blisters"') == slugs('"rash blisters"') == ["when-to-call-your-care-team"]
        assert slugs('"blisters rash"') == slugs('"the blisters the rash"') == []

    def test_word_nobody_said_finds_nothing(self) -> None:
        make_captioned()
        assert find("submarine").total == 0

    def test_sentences_of_a_video_are_few_and_in_order(self) -> None:
        cues = "\n\n".join(f"00:{n:02}.000 --> 00:{n:02}.900\nrash number {n}" for n in range(1, 40))
        make_captioned(f"WEBVTT\n\n{cues}\n")
        (found,) = find("rash").items
        starts = [sentence.start_ms for sentence in found.sentences]
        assert len(starts) == 3
        assert starts == sorted(starts)

    @pytest.mark.parametrize("state", ["draft", "withdrawn"])
    def test_video_that_is_not_public_is_never_found(self, state: str) -> None:
        make_captioned(state=state)
        assert find("rash").total == find("call your care team").total == 0

    def test_replaced_captions_are_found_no_more(self) -> None:
        video = make_captioned()
        with transaction():
            service.set_captions(video, "en", "WEBVTT\n\n00:01.000 --> 00:02.000\nNothing of it.\n", "corrected", NOW)
        assert slugs("blisters") == []
        assert db.session.query(Cue).count() == 1

    def test_removed_captions_are_found_no_more(self) -> None:
        video = make_captioned()
        with transaction():
            service.remove_captions(video, "en", NOW)
        assert slugs("blisters") == []

    def test_deleted_video_leaves_nothing_in_the_index(self) -> None:
        video = make_captioned()
        db.session.delete(video)
        db.session.commit()
        counts = [
            db.session.scalar(text(f"SELECT count(*) FROM {name}"))
            for name in ("search_videos", "search_tracks", "search_cues")
        ]
        assert counts == [0, 0, 0]
        if is_sqlite():
            db.session.execute(text("INSERT INTO search_cues (search_cues, rank) VALUES ('integrity-check', 1)"))

    def test_filters_restrict_to_topic_series_and_language(self) -> None:
        topic, series = make_topic(), make_series()
        make_captioned(title="With both", topic_id=topic.id, series_id=series.id)
        make_captioned(title="With none")
        assert slugs("rash", topic=topic.id) == slugs("rash", series=series.id) == ["with-both"]
        assert len(slugs("rash", language="en")) == 2
        assert slugs("rash", language="es") == []

    def test_pages_of_results_follow_each_other(self) -> None:
        for number in range(5):
            make_captioned(title=f"Talk {number}")
        first, second = slugs("rash", limit=3), slugs("rash", limit=3, offset=3)
        assert (len(first), len(second)) == (3, 2)
        assert not set(first) & set(second)

    @pytest.mark.parametrize("query", HOSTILE)
    def test_hostile_query_never_fails(self, query: str) -> None:
        make_captioned()
        assert find(query).total in (0, 1)

    def test_query_count_does_not_grow_with_the_results(self) -> None:
        counts = []
        for number in range(6):
            make_captioned(title=f"Talk {number}")
            db.session.expire_all()
            counts.append(count_queries(lambda: find("rash")))
        assert counts[2] == counts[5]
        # A word of few videos may be mistyped, or of another language: its neighbours and the terms are looked up.
        assert counts[0] == counts[2] + 2

    def test_title_and_summary_are_marked_also_where_another_form_was_found(self) -> None:
        make_video(title="Rashes, and Sesión", summary="What a rash means.")
        (found,) = find("rash").items
        assert [[part.text for part in text if part.marked] for text in (found.title, found.summary)] == [
            ["Rashes"],
            ["rash"],
        ]
        assert [part.text for part in find("sesion").items[0].title if part.marked] == ["Sesión"]
        assert not found.elsewhere

    def test_within_a_talk_every_place_is_marked(self) -> None:
        video = make_captioned()
        places = within(video.tracks[0], "rash skin")
        words = [segment.text.lower() for segments in places.values() for segment in segments if segment.marked]
        assert sorted(words) == ["rash", "rash", "rashes", "skin"]


def test_any_query_is_answered(app: Flask) -> None:
    make_captioned()

    @settings(max_examples=80, suppress_health_check=list(HealthCheck))
    @given(st.text(max_size=80))
    def check(query: str) -> None:
        assert find(query).total <= 1

    check()


def test_common_words_are_dropped_when_others_remain() -> None:
    assert words_of("What is the RASH?") == ("rash",)
    assert words_of("what is it") == ("what", "is", "it")


def test_query_is_bounded() -> None:
    assert len(words_of(" ".join(f"word{n}" for n in range(1000)))) == 10
    assert words_of("x" * 10_000) == ("x" * 40,)


def test_fold_keeps_places() -> None:
    assert fold("Sesión Ñandú") == "sesion nandu"
    assert len(fold("İstanbul ﬁn ß 한국")) == len("İstanbul ﬁn ß 한국")


def test_segments_join_what_either_copy_marks() -> None:
    segments = segments_of(
        "uno dos tres", ["\ue000uno\ue001 dos tres", "uno dos \ue000tres\ue001", "\ue000too short\ue001"]
    )
    assert [(segment.text, segment.marked) for segment in segments] == [("uno", True), (" dos ", False), ("tres", True)]


@pytest.mark.usefixtures("app")
class TestTalksWhoseLinesWereEdited:
    def test_lines_added_later_are_found_between_their_neighbours(self) -> None:
        first, second = make_captioned(slug="first"), make_captioned(slug="second")
        with transaction():
            track = first.tracks[0]
            words = {"track_id": track.id, "video_id": first.id, "language": "en", "end_ms": 14_900}
            db.session.add(Cue(start_ms=14_000, text="Look at your ankles.", **words))
            db.session.flush()
            index_track(track.id)
        (found,) = find("ankles").items
        (sentence,) = found.sentences
        assert (found.video.slug, sentence.seconds) == ("first", 14)
        assert sentence.before.startswith("A rash that covers") and sentence.after.startswith("If the rash blisters")
        assert [one.places for one in find("rash").items] == [3, 3]
        assert len(within(second.tracks[0], "rash")) == 3


@pytest.mark.usefixtures("app")
def test_written_answers_are_found_until_they_are_taken_away() -> None:
    video = make_captioned()
    said = {"question": "May I swim?", "answer": "Once the wound has closed.", "answered_by": "Joyce Okafor"}
    with transaction():
        number = extras.write_answer(video, said, NOW).id
    (found,) = find("swimming").items
    assert (found.video.id, found.elsewhere) == (video.id, True)
    assert find("wuond").meant == "wound"
    with transaction():
        extras.write_answer(video, said | {"question": "May I ride a bicycle?"}, NOW, number)
    assert (find("swim").total, find("bicycles").total) == (0, 1)
    with transaction():
        extras.remove_answer(video, number, NOW)
    assert (find("bicycle").total, find("care team").total) == (0, 1)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("begin", [read_alone, lambda: None], ids=["alone", "in a transaction"])
def test_planner_of_postgresql_keeps_to_the_index_meanwhile(begin: Callable[[], None]) -> None:
    if is_sqlite():
        pytest.skip("SQLite has no such planner")
    asked = text("SHOW enable_seqscan")
    begin()
    with by_index():
        assert db.session.scalar(asked) == "off"
    assert db.session.scalar(asked) == "on"
    with pytest.raises(DBAPIError), by_index():
        db.session.execute(text("SELECT nothing"))
    db.session.rollback()
    assert db.session.scalar(asked) == "on"


@pytest.mark.usefixtures("app")
class TestPiecesOfTheIndexOfSqlite:
    @pytest.fixture(autouse=True)
    def _only_there(self, app: Flask) -> None:
        if not is_sqlite():
            pytest.skip("PostgreSQL has one index")

    def test_few_come_with_talks(self) -> None:
        for number in range(12):
            make_captioned(slug=f"talk-{number}")
        assert max(map(count_pieces, TABLES)) <= 2

    def test_many_become_one_by_and_by_and_the_same_is_found(self) -> None:
        video = make_captioned()
        for _time in range(MOST_PIECES):
            with transaction():
                db.session.execute(text("UPDATE cues SET text = text || ' indeed'"))
                db.session.execute(text("UPDATE search_tracks SET transcript = transcript || ' indeed'"))
        assert [count_pieces(table) for table in TABLES] == [MOST_PIECES + 1] * 2
        found = within(video.tracks[0], "blister indeed")
        go_on(lambda: False)
        assert [count_pieces(table) for table in TABLES] == [1, 1]
        assert slugs("blister indeed") == ["when-to-call-your-care-team"]
        assert within(video.tracks[0], "blister indeed") == found

    def test_few_are_left_as_they_are(self) -> None:
        make_captioned()
        with transaction():
            db.session.execute(text("UPDATE cues SET text = text || ' indeed'"))
        before = count_pieces("search_cues")
        go_on(lambda: False)
        assert count_pieces("search_cues") == before == 2
