"""Videos over the API."""

import pytest

from tests.api.conftest import Program
from tests.factories import NOW, make_series, make_topic, make_video, make_webinar
from webinars.archive import extras, standing
from webinars.archive import queries as archive
from webinars.core.database import transaction

ENGLISH = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nWelcome to the talk.\n"
SPANISH = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nBienvenidos a la charla.\n"


def test_a_video_reads_as_it_was_written(program: Program) -> None:
    make_topic()
    given = {
        "title": "A doctor on side effects", "summary": "In short.", "webinar": None, "topic": "immunotherapy",
        "language": "en", "recorded_on": "2026-10-01", "media_url": "https://media.example.org/talk.mp4",
        "captions": {"en": ENGLISH, "es": SPANISH},
    }  # fmt: skip
    answer = program.send("POST", "/videos", given)
    assert answer.status_code == 201
    assert given.items() <= answer.json.items()
    assert answer.json["state"] == "draft"
    assert program.get(f"/videos/{answer.json['slug']}") == answer.json
    assert program.get("/videos")["items"] == [answer.json]


def test_a_recording_takes_what_it_lacks_from_its_webinar(program: Program) -> None:
    webinar = make_webinar(make_series(title="Trials"), title="Clinical Trials")
    video = program.post("/videos", {"webinar": webinar.slug, "media_url": "media:talk.mp4"}, 201)
    expected = {"webinar": webinar.slug, "title": "Clinical Trials", "series": "trials", "media_url": "media:talk.mp4"}
    assert expected.items() <= video.items()
    assert video["recorded_on"] == webinar.local_start.date().isoformat()
    assert program.get(f"/videos?webinar={webinar.slug}")["items"] == [video]


def test_a_video_is_published_once(program: Program) -> None:
    webinar = make_webinar(make_series(title="Trials"))
    slug = program.post("/videos", {"webinar": webinar.slug, "media_url": "media:talk.mp4"}, 201)["slug"]
    published = program.post(f"/videos/{slug}/publish")
    assert published["state"] == "published"
    assert program.post(f"/videos/{slug}/publish") == published


def test_a_video_without_a_recording_cannot_be_published(program: Program) -> None:
    slug = program.post("/videos", {"title": "A clip"}, 201)["slug"]
    assert "media_url" in program.post(f"/videos/{slug}/publish", status=422)["errors"]


def test_captions_replace_those_of_the_same_language_only(program: Program) -> None:
    slug = program.post("/videos", {"title": "A clip", "captions": {"en": ENGLISH, "es": SPANISH}}, 201)["slug"]
    changed = ENGLISH.replace("Welcome", "Hello")
    assert program.patch(f"/videos/{slug}", {"captions": {"en": changed}})["captions"] == {"en": changed, "es": SPANISH}


def test_an_outdated_version_of_a_video_is_not_written_over(program: Program) -> None:
    answer = program.send("POST", "/videos", {"title": "A clip"})
    path, seen = f"/videos/{answer.json['slug']}", answer.headers["ETag"]
    program.patch(path, {"summary": "New."}, If_Match=seen)
    program.patch(path, {"summary": "Newer."}, 412, If_Match=seen)
    assert program.get(path)["summary"] == "New."


def test_programs_learn_how_old_the_advice_is_and_what_comes_with_a_talk(program: Program) -> None:
    newer, video = make_video(title="Newer"), make_video(title="Older")
    fresh = program.get(f"/videos/{newer.slug}")
    unsaid = {"reviewed_on": None, "reviewed_by": "", "advice_aged": False, "newer": None, "withdrawn_because": ""}
    assert unsaid.items() <= fresh.items()
    assert (fresh["papers"], fresh["answers"]) == ([], [])
    reviewed = {"reviewed_on": "2026-11-01", "reviewed_by": "Dr Joyce Okafor", "advice_aged": True, "newer": newer.slug}
    answer = {"question": "May I travel?", "answer": "Yes.", "answered_by": "Dr Joyce Okafor"}
    with transaction():
        video = archive.get_video(video.slug)
        standing.set_standing(video, reviewed, NOW)
        extras.add_paper(video, {"kind": "slides", "title": "Slides", "stored": "media:a.pdf", "bytes": 9}, NOW)
        extras.add_paper(video, {"kind": "link", "title": "A page", "url": "https://example.org/a", "at": 20}, NOW)
        extras.write_answer(video, answer | {"at": "0:05"}, NOW)
    told = program.get("/videos/older")
    assert reviewed.items() <= told.items()
    assert told["answers"] == [answer | {"start_seconds": 5}]
    assert told["papers"] == [
        {"kind": "slides", "title": "Slides", "url": "http://127.0.0.1:8000/media/a.pdf", "bytes": 9,
         "start_seconds": None},
        {"kind": "link", "title": "A page", "url": "https://example.org/a", "bytes": None, "start_seconds": 20},
    ]  # fmt: skip
    assert program.get("/videos")["items"] == [program.get(f"/videos/{newer.slug}"), told]


def test_programs_learn_why_a_talk_was_withdrawn(program: Program) -> None:
    video = make_video()
    with transaction():
        standing.withdraw(archive.get_video(video.slug), {"because": "The dose has changed."}, NOW)
    told = program.get(f"/videos/{video.slug}")
    assert (told["state"], told["withdrawn_because"]) == ("withdrawn", "The dose has changed.")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("media_url", "http://media.example.org/a.mp4"), ("media_url", "file:///etc/passwd"), ("title", ""),
        ("media_url", "media:../secret"), ("recorded_on", "yesterday"), ("webinar", "nothing"), ("topic", "nothing"),
        ("captions", {"en": "not captions"}), ("captions", {"english": ENGLISH}), ("captions", []),
        ("language", "xx-yy"), ("state", "published"),
    ],
)  # fmt: skip
def test_a_value_that_will_not_do_is_named(program: Program, field: str, value: object) -> None:
    problem = program.post("/videos", {"title": "A clip"} | {field: value}, 422)
    assert [name.partition(".")[0] for name in problem["errors"]] == [field]


def test_drafts_are_listed_for_programs(program: Program) -> None:
    program.post("/videos", {"title": "A clip", "recorded_on": NOW.date().isoformat()}, 201)
    assert [one["state"] for one in program.get("/videos")["items"]] == ["draft"]
