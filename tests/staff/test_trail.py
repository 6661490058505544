"""The audit trail: found again by words, person, thing and day; never altered; the harmless taken back."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.accounts.test_sign_in import sign_in
from tests.factories import NOW, make_series, make_topic, make_user, make_video, make_webinar
from tests.support.pages import CheckedClient, text_of
from tests.support.queries import count_queries
from webinars.accounts import audit
from webinars.accounts.models import AuditEntry
from webinars.archive.service import edit_video
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict
from webinars.schedule import service
from webinars.schedule.models import NewsItem, Speaker
from webinars.schedule.rules import FOLLOWED
from webinars.staff import undo
from webinars.staff.readiness import queries as readiness_queries
from webinars.staff.readiness import service as readiness
from webinars.staff.readiness.models import MarkState


@pytest.fixture
def owner(client: CheckedClient) -> CheckedClient:
    make_user()
    sign_in(client)
    return client


def rows(owner: CheckedClient, **asked: str) -> list[str]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return [text_of(row) for row in owner.page(f"/staff/audit?{query}").select("tbody tr")]


def edit(thing, changes, how=service.edit_webinar):
    with transaction():
        how(db.session.merge(thing), changes, NOW)


def last(action: str) -> AuditEntry:
    return db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc())
    ).first()


def tick(webinar, said: MarkState | None, seen: MarkState | None, step: str = "slides") -> None:
    with transaction():
        readiness.mark(db.session.merge(webinar), step, said, NOW, seen=seen or "")


def told(webinar) -> tuple[str, ...]:
    db.session.expire_all()
    mark = readiness_queries.find_mark(db.session.merge(webinar).id, "slides")
    return (mark.state, mark.seen, mark.by, mark.at.isoformat()) if mark else ()


class TestFinding:
    def test_by_the_name_of_the_thing_though_the_entry_does_not_say_it(self, owner: CheckedClient) -> None:
        edit(make_webinar(title="Low-energy days"), {"summary": "Short."})
        edit(make_webinar(title="Sleep"), {"summary": "Long."})
        found = rows(owner, q="low-energy")
        assert len(found) == 1 and "Low-energy days" in found[0]

    @pytest.mark.parametrize("words", ["cansancio", "crónico"])
    def test_by_what_stood_there_before_and_after(self, owner: CheckedClient, words: str) -> None:
        webinar = make_webinar(summary="Sobre el cansancio")
        edit(webinar, {"summary": "Sobre el dolor crónico"})
        assert len(rows(owner, q=words)) == 1 and rows(owner, q="zzz") == []

    def test_by_the_deed_in_the_language_of_the_reader(self, owner: CheckedClient) -> None:
        edit(make_webinar(), {"summary": "Short."})
        spanish = owner.page("/es/staff/audit?q=seminario web editado")
        assert len(spanish.select("tbody tr")) == 1

    def test_by_person_kind_and_thing(self, owner: CheckedClient) -> None:
        webinar = make_webinar()
        edit(webinar, {"summary": "By the service itself."})
        edit(webinar.series, {"summary": "Also."}, service.edit_series)
        assert len(rows(owner, who="staff:1")) == 1  # signed in
        assert len(rows(owner, kind="series")) == 1
        assert len(rows(owner, kind="webinar", thing=str(webinar.id))) == 1
        assert "Only: Immunotherapy" in owner.page(f"/staff/audit?kind=webinar&thing={webinar.id}").text

    def test_by_day_both_ends_included(self, owner: CheckedClient) -> None:
        for days in range(4):
            audit.record("mail held", "mail", "outbox", note=f"day {days}", now=NOW + timedelta(days=days))
        db.session.commit()
        day = (NOW + timedelta(days=1)).date().isoformat()
        next_day = (NOW + timedelta(days=2)).date().isoformat()
        found = rows(owner, kind="mail", since=day, until=next_day)
        assert [row.split("day ")[1][0] for row in found] == ["2", "1"]

    def test_nonsense_in_the_address_is_left_out(self, owner: CheckedClient) -> None:
        assert rows(owner, since="soon", until="9999-12-31", who="nobody", page="-3") == []
        assert rows(owner, since="soon", until="9999-12-31", kind="user") != []

    def test_query_count_is_constant(self, owner: CheckedClient) -> None:
        edit(make_webinar(), {"summary": "One."})
        few = count_queries(lambda: owner.get("/staff/audit"))
        for number in range(3):
            edit(make_webinar(), {"summary": f"More {number}."})
        assert count_queries(lambda: owner.get("/staff/audit")) == few


def test_entry_is_never_altered(app) -> None:
    audit.record("mail held", "mail", "outbox", now=NOW)
    db.session.commit()
    with pytest.raises(DBAPIError, match="never altered"), transaction():
        db.session.execute(text("UPDATE audit_entries SET actor = 'staff:99'"))


def test_long_text_shows_what_changed_in_it_and_little_else(owner: CheckedClient) -> None:
    long = " ".join(f"word{number}" for number in range(60))
    edit(make_webinar(summary=long), {"summary": long.replace("word30", "other")})
    page = owner.page("/staff/audit?kind=webinar")
    cell = page.select_one("tbody tr td:last-child")
    assert [piece.text.strip() for piece in cell.select("del, ins")] == ["word30", "other"]
    assert "word29" in cell.text and "word31" in cell.text and "word5 " not in cell.text


class TestTakingBack:
    def test_text_is_put_back_by_a_button_and_brought_again_by_another(self, owner: CheckedClient) -> None:
        webinar = make_webinar(summary="First words")
        edit(webinar, {"summary": "Second words"})
        page = owner.page("/staff/audit?kind=webinar")
        owner.submit(page, "/undo")
        assert db.session.merge(webinar).summary == "First words"
        again: BeautifulSoup = owner.page("/staff/audit?kind=webinar")
        assert [text_of(row.th) for row in again.select("tbody tr")] == [
            "Webinar edited Immunotherapy & Side Effects", "Change taken back Immunotherapy & Side Effects",
            "Webinar edited Immunotherapy & Side Effects",
        ]  # fmt: skip
        owner.submit(again, "/undo")
        db.session.expire_all()
        assert db.session.merge(webinar).summary == "Second words"

    def test_every_kind_of_text(self, app) -> None:
        topic = make_topic()
        item = NewsItem(slug="news", topic_id=topic.id, title="News", body="Text.", published_on=NOW.date())
        speaker = Speaker(name="Dr. Ruiz", bio="Before")
        db.session.add_all([item, speaker])
        db.session.commit()
        things = [
            (make_series(), "summary", service.edit_series, "series"),
            (topic, "body", service.edit_topic, "topic"),
            (item, "body", service.edit_news_item, "news item"),
            (speaker, "bio", service.edit_speaker, "speaker"),
            (make_video(), "summary", edit_video, "video"),
            (make_webinar(), "description", service.edit_webinar, "webinar"),
        ]
        for thing, field, how, kind in things:
            before = getattr(thing, field)
            edit(thing, {field: "Something else, **much** longer. " * 20}, how)
            with transaction():
                undo.undo(last(f"{kind} edited"), NOW)
            assert getattr(db.session.merge(thing), field) == before, kind

    def test_texts_of_another_language_that_were_taken_away(self, app) -> None:
        webinar = make_webinar(translations={"es": {"summary": "Días", "description": "Sobre el cansancio. " * 30}})
        edit(webinar, {"translations": {"es": None}})
        with transaction():
            undo.undo(last("webinar edited"), NOW)
        assert db.session.merge(webinar).translations["es"]["description"].startswith("Sobre el cansancio. Sobre")

    def test_what_was_changed_again_since_stays(self, owner: CheckedClient) -> None:
        webinar = make_webinar(summary="First")
        edit(webinar, {"summary": "Second"})
        page = owner.page("/staff/audit?kind=webinar")
        edit(webinar, {"summary": "Third"})
        assert "changed again in the meantime" in owner.submit(page, "/undo").text
        assert db.session.merge(webinar).summary == "Third"
        assert len(owner.page("/staff/audit?kind=webinar").select("form[action$=undo]")) == 1

    @pytest.mark.parametrize(
        "changes", [{"title": "Another"}, {"summary": "And", "capacity": 3}, {"join_url": "https://a.example"}]
    )
    def test_what_people_were_told_of_or_hangs_together_is_not_offered(self, app, changes) -> None:
        edit(make_webinar(), changes)
        entry = last("webinar edited")
        assert not undo.may_be_undone(entry) and not undo.standing([entry])
        with pytest.raises(Conflict), transaction():
            undo.undo(last("webinar edited"), NOW)

    def test_text_that_was_made_own_follows_the_series_again(self, app) -> None:
        series = make_series(access_text="Captions")
        webinar = make_webinar(series, follows=list(FOLLOWED), access_text="Captions")
        edit(webinar, {"access_text": "Sign language"})
        edit(series, {"access_text": "Captions in Spanish"}, service.edit_series)
        with transaction():
            undo.undo(last("webinar edited"), NOW)
        webinar = db.session.merge(webinar)
        assert (webinar.access_text, set(webinar.follows)) == ("Captions in Spanish", set(FOLLOWED))

    def test_own_text_that_gave_way_to_that_of_the_series(self, app) -> None:
        webinar = make_webinar(make_series(access_text="Captions"), access_text="Sign language")
        edit(webinar, {"follows": ["access_text"]})
        with transaction():
            undo.undo(last("webinar edited"), NOW)
        webinar = db.session.merge(webinar)
        assert (webinar.access_text, webinar.follows) == ("Sign language", [])

    def test_text_that_follows_the_series_since_is_no_words_of_somebody_any_more(self, app) -> None:
        webinar = make_webinar(make_series(access_text="Captions"), access_text="Sign language")
        edit(webinar, {"access_text": "Captions"})
        entry = last("webinar edited")
        assert undo.standing([entry]) == {entry.id}
        edit(webinar, {"follows": ["access_text"]})
        entry = db.session.merge(entry)
        assert not undo.standing([entry])
        with pytest.raises(Conflict, match="changed again"), transaction():
            undo.undo(db.session.merge(entry), NOW)

    @pytest.mark.parametrize("after", [None, {}, {"summary": "New"}])
    def test_entry_that_does_not_say_all_of_after_is_not_offered(self, app, after) -> None:
        webinar = make_webinar(summary="New")
        audit.record(
            "webinar edited", "webinar", webinar.id, before={"summary": "", "title": "A"}, after=after, now=NOW
        )
        db.session.commit()
        assert not undo.standing([last("webinar edited")])

    @pytest.mark.parametrize(("was", "said"), [
        (None, MarkState.DONE), (None, MarkState.NOT_NEEDED), (MarkState.DONE, MarkState.NOT_NEEDED),
        (MarkState.DONE, None), (MarkState.NOT_NEEDED, None),
    ])  # fmt: skip
    def test_tick(self, owner: CheckedClient, was: MarkState | None, said: MarkState | None) -> None:
        webinar = make_webinar()
        if was:
            tick(webinar, was, None)
        before = told(webinar)
        tick(webinar, said, was)
        since = told(webinar)
        owner.submit(owner.page(f"/staff/audit?kind=webinar&thing={webinar.id}"), "/undo")
        assert told(webinar) == before, "with who said so, and when"
        owner.submit(owner.page(f"/staff/audit?kind=webinar&thing={webinar.id}"), "/undo")
        assert told(webinar) == since

    def test_tick_that_was_changed_since_stays(self, owner: CheckedClient) -> None:
        webinar = make_webinar()
        tick(webinar, MarkState.DONE, None)
        entry = last("step ticked")
        tick(webinar, MarkState.NOT_NEEDED, MarkState.DONE)
        assert not undo.standing([db.session.merge(entry)])
        with pytest.raises(Conflict, match="changed again"), transaction():
            undo.undo(db.session.merge(entry), NOW)
        assert told(webinar)[0] == "not needed"

    def test_tick_of_a_step_that_was_taken_off_the_list(self, owner: CheckedClient) -> None:
        webinar = make_webinar()
        with transaction():
            step = readiness.add_step(db.session.merge(webinar), "Flowers", -3, NOW)
        tick(webinar, MarkState.DONE, None, f"own-{step.id}")
        with transaction():
            readiness.remove_step(db.session.merge(step).id, NOW)
        page = owner.page("/staff/audit?q=ticked")
        assert "Take back" in text_of(page)
        owner.submit(page, "/undo")
        assert "change taken back" not in {entry.action for entry in db.session.scalars(select(AuditEntry))}

    def test_thing_that_is_gone(self, app) -> None:
        speaker = Speaker(name="Dr. Ruiz")
        db.session.add(speaker)
        db.session.commit()
        edit(speaker, {"bio": "New"}, service.edit_speaker)
        with transaction():
            db.session.delete(db.session.merge(speaker))
        with pytest.raises(Conflict, match="not there any more"), transaction():
            undo.undo(last("speaker edited"), NOW)
