"""Portraits: on every card of a speaker, under their name, gone for good when they go."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.archive.pictures import file_of, opened, plain
from tests.factories import make_series, make_video, make_webinar
from tests.support.pages import CheckedClient, parse, text_of
from webinars.accounts.models import AuditEntry
from webinars.archive.album import service
from webinars.archive.models import VideoSpeaker
from webinars.archive.store import StoreAway, current_store
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.pictures import kind_and_key
from webinars.schedule import queries
from webinars.schedule.models import Speaker, Webinar, WebinarSpeaker


@pytest.fixture
def speaker(app: Flask) -> Speaker:
    """Give somebody who speaks."""
    found = Speaker(name="Joyce Okafor", credentials="RN")
    db.session.add(found)
    db.session.commit()
    return found


@pytest.fixture
def webinar(speaker: Speaker) -> Webinar:
    """Give a webinar at which they do."""
    made = make_webinar(make_series())
    db.session.add(WebinarSpeaker(webinar_id=made.id, speaker_id=speaker.id))
    db.session.commit()
    return made


def send(staff: CheckedClient, speaker: Speaker, colour: str = "teal", **fields: Any) -> Any:
    path = f"/staff/speakers/{speaker.id}/portrait"
    return staff.submit(staff.page(path), "/portrait", "Save", file=(file_of(plain(colour=colour)), "me.png"), **fields)


def kept(speaker: Speaker) -> set[str]:
    db.session.refresh(speaker)
    names = {one.name for one in current_store().everything()}
    return {name for name in names if kind_and_key(name) == ("portrait", speaker.portrait)}


def test_portrait_stands_on_the_cards_of_webinar_and_video(
    staff: CheckedClient, client: CheckedClient, speaker: Speaker, webinar: Webinar
) -> None:
    path = f"/webinars/{webinar.slug}"
    assert client.page(path).select_one(".speaker .face").name == "span"
    send(staff, speaker)
    video = make_video(webinar)
    db.session.add(VideoSpeaker(video_id=video.id, speaker_id=speaker.id))
    db.session.commit()
    for page in (path, f"/videos/{video.slug}", f"/videos?speaker={speaker.id}", f"/staff/speakers/{speaker.id}/edit"):
        face = client.page(page).select_one(".speaker img.face") if "staff" not in page else (
            staff.page(page).select_one(".speaker img.face")
        )  # fmt: skip
        assert (face["alt"], face["width"], face["height"], face["loading"]) == ("Joyce Okafor", "384", "384", "lazy")
    answer = client.get(face["src"])
    assert "immutable" in answer.headers["Cache-Control"] and opened(answer.get_data()).size == (192, 192)
    told = json.loads(client.page(path).find("script", type="application/ld+json").get_text())
    assert told["performer"][0]["image"].endswith(face["src"])


def test_copy_of_a_webinar_has_the_same_speakers_with_their_portraits(
    staff: CheckedClient, speaker: Speaker, webinar: Webinar
) -> None:
    send(staff, speaker)
    staff.submit(staff.page(f"/staff/webinars/{webinar.slug}/duplicate"), "/duplicate")
    copy = db.session.scalars(db.select(Webinar).order_by(Webinar.id.desc())).first()
    assert copy.id != webinar.id
    assert staff.page(f"/staff/webinars/{copy.slug}/preview").select_one("img.face")["alt"] == "Joyce Okafor"


def test_something_else_than_the_name_can_be_said_in_either_language(
    staff: CheckedClient, client: CheckedClient, speaker: Speaker, webinar: Webinar
) -> None:
    send(staff, speaker, words_es="Joyce Okafor con su perro")
    assert client.page(f"/webinars/{webinar.slug}").select_one(".speaker img")["alt"] == "Joyce Okafor"
    spanish = client.page(f"/es/webinars/{webinar.slug}").select_one(".speaker img")
    assert spanish["alt"] == "Joyce Okafor con su perro"
    form = staff.page(f"/staff/speakers/{speaker.id}/portrait")
    staff.submit(form, "/portrait", "Save", words_en="Joyce with her dog")
    db.session.refresh(speaker)
    assert speaker.portrait_words == {"en": "Joyce with her dog", "es": "Joyce Okafor con su perro"}


def test_another_portrait_takes_the_place_and_the_old_files_go(
    staff: CheckedClient, client: CheckedClient, speaker: Speaker
) -> None:
    send(staff, speaker)
    before = kept(speaker)
    send(staff, speaker, "red")
    assert len(before) == len(kept(speaker)) == 3
    assert not before & {one.name for one in current_store().everything()}


def test_removed_portrait_is_deleted_and_the_letters_stand_again(
    staff: CheckedClient, client: CheckedClient, speaker: Speaker, webinar: Webinar
) -> None:
    send(staff, speaker)
    names = kept(speaker)
    staff.submit(staff.page(f"/staff/speakers/{speaker.id}/portrait"), "/portrait/remove")
    assert kept(speaker) == set() and speaker.portrait == ""
    assert client.page(f"/webinars/{webinar.slug}").select_one(".speaker .face").get_text() == "JO"
    assert {client.get(f"/media/{name}").status_code for name in names} == {404}
    deeds = [one.action for one in db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id))]
    assert deeds[-2:] == ["portrait set", "portrait removed"]


def test_speaker_who_is_deleted_takes_the_portrait_along(staff: CheckedClient, speaker: Speaker) -> None:
    send(staff, speaker)
    names = kept(speaker)
    path = f"/staff/speakers/{speaker.id}/delete"
    staff.submit(staff.page(path), path)
    assert db.session.scalar(db.select(Speaker.id)) is None
    assert len(names) == 3 and not names & {one.name for one in current_store().everything()}


def test_speaker_who_cannot_be_deleted_keeps_it(staff: CheckedClient, speaker: Speaker, webinar: Webinar) -> None:
    send(staff, speaker)
    form = {"csrf_token": csrf(staff, speaker)}
    assert staff.post(f"/staff/speakers/{speaker.id}/delete", data=form).status_code == 409
    send(staff, speaker, words_en="Joyce")
    assert len(kept(speaker)) == 3


def csrf(staff: CheckedClient, speaker: Speaker) -> str:
    page = staff.page(f"/staff/speakers/{speaker.id}/edit")
    return str(page.find("input", {"name": "csrf_token"})["value"])


def test_same_picture_of_two_speakers_stays_with_the_other(staff: CheckedClient, speaker: Speaker) -> None:
    other = Speaker(name="Nadia Rahimi")
    db.session.add(other)
    db.session.commit()
    send(staff, speaker)
    send(staff, other)
    staff.submit(staff.page(f"/staff/speakers/{speaker.id}/portrait"), "/portrait/remove")
    assert len(kept(other)) == 3


def test_portrait_stays_whole_when_another_with_the_same_picture_goes_at_that_instant(
    app: Flask, staff: CheckedClient, speaker: Speaker
) -> None:
    other = Speaker(name="Nadia Rahimi")
    db.session.add(other)
    db.session.commit()
    send(staff, speaker)
    first = speaker.id

    def remove(_session: Session) -> None:
        with app.app_context(), transaction():
            service.remove_portrait(queries.get_speaker(first), utc_now())

    # Between the keeping of the files and the deed: there the transaction begins.
    event.listen(Session, "after_rollback", remove, once=True)
    send(staff, other)
    assert len(kept(other)) == 3


def test_store_that_is_away_keeps_nobody_from_taking_a_portrait_off(
    staff: CheckedClient, client: CheckedClient, speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(staff, speaker)
    (name, *_rest) = kept(speaker)

    def away(_name: str) -> None:
        raise StoreAway

    monkeypatch.setattr(current_store(), "delete", away)
    answer = staff.submit(staff.page(f"/staff/speakers/{speaker.id}/portrait"), "/portrait/remove")
    assert answer.status_code == 200 and "The portrait is deleted." in text_of(parse(answer))
    assert client.get(f"/media/{name}").status_code == 404


def test_portrait_leaves_what_somebody_types_about_the_speaker_alone(staff: CheckedClient, speaker: Speaker) -> None:
    form = staff.page(f"/staff/speakers/{speaker.id}/edit")
    send(staff, speaker)
    staff.submit(form, f"/speakers/{speaker.id}/edit", name="Joyce A. Okafor")
    db.session.refresh(speaker)
    assert speaker.name == "Joyce A. Okafor" and speaker.portrait


def test_picture_that_does_not_do_is_refused_beside_the_field(staff: CheckedClient, speaker: Speaker) -> None:
    path = f"/staff/speakers/{speaker.id}/portrait"
    small = (file_of(plain((100, 100))), "me.png")
    answer = staff.submit(staff.page(path), "/portrait", "Save", file=small, words_en="Joyce")
    assert answer.status_code == 422 and "at least 192 pixels" in text_of(parse(answer))
    assert parse(answer).find("textarea", {"name": "words_en"}).get_text().strip() == "Joyce"
    answer = staff.submit(staff.page(path), "/portrait", "Save")
    assert "Choose the picture." in text_of(parse(answer))
