"""What staff may delete, and what keeps the rest."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from tests.factories import NOW, make_registration, make_topic, make_video, make_webinar
from tests.support.meanwhile import deleted_after_reading, overtaken
from tests.support.pages import CheckedClient, parse, text_of
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.archive.models import VideoSpeaker
from webinars.core.database import db, is_sqlite, transaction
from webinars.core.errors import Conflict, NotFound
from webinars.schedule import deletion, queries, service
from webinars.schedule.models import NewsItem, Speaker, Webinar, WebinarSpeaker


def make_speaker(name: str = "Dr. Ruiz") -> Speaker:
    speaker = Speaker(name=name)
    db.session.add(speaker)
    db.session.commit()
    return speaker


def make_draft(speaker: Speaker | None = None) -> Webinar:
    webinar = make_webinar(state="draft", published_at=None)
    if speaker:
        webinar.speaker_places = [WebinarSpeaker(speaker=speaker)]
        db.session.commit()
    return webinar


def refusal(thing: deletion.Deletable) -> str:
    with pytest.raises(Conflict) as caught, transaction():
        deletion.delete(db.session.merge(thing), NOW)
    return str(caught.value)


def test_draft_is_deleted_after_asking_and_the_deed_is_written_down(editor: CheckedClient) -> None:
    speaker = make_speaker()
    webinar = make_draft(speaker)
    title, address = webinar.title, f"/staff/webinars/{webinar.slug}"
    assert parse(editor.get(address)).find("a", href=f"{address}/delete")
    page = editor.page(f"{address}/delete")
    assert db.session.query(Webinar).count() == 1
    answer = editor.submit(page, "/delete", button="Delete it")
    assert answer.request.path == "/staff/webinars"
    assert "It is deleted." in answer.text
    db.session.rollback()
    assert (db.session.query(Webinar).count(), db.session.query(WebinarSpeaker).count()) == (0, 0)
    assert db.session.query(Speaker).one().name == speaker.name
    entry = db.session.query(AuditEntry).filter_by(action="webinar deleted").one()
    assert (entry.before, entry.actor[:6]) == ({"name": title}, "staff:")
    assert editor.get(address).status_code == 404


def test_second_of_two_who_delete_the_same_draft_at_once_is_told(editor: CheckedClient) -> None:
    draft = make_draft()
    number, address = draft.id, f"/staff/webinars/{draft.slug}"
    page = editor.page(f"{address}/delete")
    db.session.remove()
    answer = overtaken(
        lambda: deletion.delete(db.session.get_one(Webinar, number), NOW),
        lambda: editor.submit(page, "/delete", button="Delete it"),
    )
    assert answer.status_code == 404
    assert is_sqlite() or "somebody deleted it meanwhile" in answer.text
    assert db.session.query(AuditEntry).filter_by(action="webinar deleted").count() == 1


@pytest.mark.parametrize(
    "deed",
    [
        lambda draft: service.edit_webinar(draft, {"title": "Other"}, NOW),
        lambda draft: service.move_webinar(draft, "2026-12-03T13:00", now=NOW),
        lambda draft: service.publish_webinar(draft, NOW),
        lambda draft: service.cancel_webinar(draft, "", NOW),
        lambda draft: deletion.delete(draft, NOW),
    ],
    ids=["edit", "move", "publish", "cancel", "delete"],
)
def test_who_changes_a_draft_that_was_deleted_meanwhile_is_told(app: Flask, deed: Callable[[Webinar], object]) -> None:
    with pytest.raises(NotFound, match="not there any more"), deleted_after_reading(make_draft()) as draft:
        deed(draft)


def test_who_edits_a_speaker_who_was_deleted_meanwhile_is_told(app: Flask) -> None:
    with pytest.raises(NotFound, match="not there any more"), deleted_after_reading(make_speaker()) as speaker:
        service.edit_speaker(speaker, {"name": "Dr. Wu"}, NOW)


def test_new_zone_rules_pass_over_a_draft_deleted_meanwhile(app: Flask) -> None:
    draft, kept = make_draft(), make_webinar(starts_at=NOW + timedelta(days=10, hours=1))
    gone, moved = draft.id, kept.slug
    db.session.remove()

    def rederive() -> list[str]:
        with app.app_context(), transaction():
            return [webinar.slug for webinar in service.rederive_instants(NOW).moved]

    assert overtaken(lambda: deletion.delete(db.session.get_one(Webinar, gone), NOW), rederive) == [moved]


def test_speaker_looked_up_for_a_webinar_is_not_deleted_before_that_is_saved(app: Flask) -> None:
    number = make_speaker().id
    db.session.remove()

    def delete() -> None:
        with app.app_context(), transaction():
            deletion.delete(db.session.get_one(Speaker, number), NOW)

    # On PostgreSQL the deletion has to wait, or this fails.
    overtaken(lambda: queries.speakers_by_id([number]), delete)
    assert db.session.get(Speaker, number) is None


def test_webinar_that_people_may_know_is_kept(app: Flask) -> None:
    for state in ("published", "cancelled"):
        assert "Only a draft can be deleted" in refusal(make_webinar(state=state))


def test_draft_with_registrations_or_a_video_is_kept(app: Flask) -> None:
    webinar = make_draft()
    make_registration(webinar, "Alice")
    make_registration(webinar, "Bob", state="cancelled")
    make_video(webinar, title="The clip", state="draft")
    assert "it has 2 registrations, the video “The clip”. Cancel it instead." in refusal(webinar)


def test_speaker_whom_a_webinar_or_video_names_is_kept_and_the_page_says_where(editor: CheckedClient) -> None:
    speaker = make_speaker()
    make_draft(speaker)
    video = make_video(title="The clip", state="draft")
    video.speaker_places = [VideoSpeaker(speaker=speaker)]
    db.session.commit()
    address = f"/staff/speakers/{speaker.id}/delete"
    page = editor.page(address)
    sentence = "Dr. Ruiz is named by the webinar “Immunotherapy & Side Effects”, the video “The clip”."
    assert sentence in text_of(page)
    assert not page.find("button", string=lambda text: bool(text and "Delete it" in text))
    with editor.session_transaction():
        token = str(parse(editor.get("/staff/speakers/new")).find("input", attrs={"name": "csrf_token"})["value"])  # type: ignore[index]
    answer = editor.post(address, data={"csrf_token": token})
    assert answer.status_code == 409
    assert sentence in text_of(parse(answer))
    assert db.session.query(Speaker).count() == 1


def test_speaker_named_in_many_places_is_told_a_few(app: Flask) -> None:
    speaker = make_speaker()
    for _number in range(8):
        make_draft(speaker)
    sentence = refusal(speaker)
    assert sentence.count("the webinar") == 5
    assert "and others" in sentence


def test_speaker_whom_nothing_names_is_deleted(editor: CheckedClient) -> None:
    speaker = make_speaker()
    page = editor.page(f"/staff/speakers/{speaker.id}/edit")
    link = page.find("a", href=f"/staff/speakers/{speaker.id}/delete")
    assert link is not None
    editor.submit(editor.page(str(link["href"])), "/delete", button="Delete it")
    db.session.rollback()
    assert db.session.query(Speaker).count() == 0
    assert db.session.query(AuditEntry).filter_by(action="speaker deleted").count() == 1


def test_news_item_is_deleted(editor: CheckedClient) -> None:
    topic = make_topic()
    db.session.add(NewsItem(slug="news", topic_id=topic.id, title="News", body="Text.", published_on=NOW.date()))
    db.session.commit()
    link = editor.page("/staff/news/news/edit").find("a", href="/staff/news/news/delete")
    assert link is not None
    editor.submit(editor.page(str(link["href"])), "/delete", button="Delete it")
    db.session.rollback()
    assert db.session.query(NewsItem).count() == 0
    assert db.session.query(AuditEntry).filter_by(action="news item deleted").count() == 1


@pytest.mark.parametrize("role", ["viewer", "host"])
def test_only_editors_delete(client: CheckedClient, role: str) -> None:
    speaker = make_speaker()
    sign_in(client, role)
    assert client.get(f"/staff/speakers/{speaker.id}/delete").status_code == 403
