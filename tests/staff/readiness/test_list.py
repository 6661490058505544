"""Ticking the steps of a webinar: on its page, at once, undone, by two people, with htmx and without."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from tests.factories import make_registration, make_series, make_user, make_video, make_webinar
from tests.support.meanwhile import overtaken
from tests.support.pages import parse, text_of
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.accounts.queries import find_user
from webinars.archive.models import CaptionTrack
from webinars.archive.models import VideoSpeaker as InVideo
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict
from webinars.schedule import service as schedule
from webinars.schedule.copying import PARTS
from webinars.schedule.models import Speaker, Webinar
from webinars.schedule.queries import get_webinar
from webinars.schedule.team import set_team
from webinars.staff.readiness import queries, service
from webinars.staff.readiness.models import MarkState


def page_of(client, webinar):
    return parse(client.get(f"/staff/webinars/{webinar.slug}/readiness"))


def step(client, webinar, key):
    return page_of(client, webinar).select_one(f"#step-{key}")


def say(client, webinar, key, said="done", seen="", **more):
    path = f"/staff/webinars/{webinar.slug}/readiness/{key}"
    found = page_of(client, webinar).select_one(f'form[action="{path}"] input[name=csrf_token]')
    data = {"csrf_token": found["value"], "said": said, "seen": seen}
    return client.post(path, data=data | more.pop("data", {}), follow_redirects=True, **more)


def audited(action):
    return db.session.query(AuditEntry).filter_by(action=action).all()


def test_step_is_ticked_opened_again_and_not_needed(editor):
    webinar = make_webinar(now=utc_now())
    assert "2 days before" in text_of(step(editor, webinar, "slides"))
    say(editor, webinar, "slides")
    assert "done: editor@harbor.example" in text_of(step(editor, webinar, "slides"))
    say(editor, webinar, "slides", said="", seen="done")
    assert "2 days before" in text_of(step(editor, webinar, "slides"))
    say(editor, webinar, "slides", said="not needed")
    assert "not needed: editor@harbor.example" in text_of(step(editor, webinar, "slides"))


@pytest.mark.parametrize(("was", "said"), [("", "done"), ("", "not needed"), ("done", "not needed"), ("done", "")])
@pytest.mark.parametrize("data", [{}, {"compact": "1"}], ids=["own page", "compact"])
def test_what_was_just_said_is_taken_back_by_the_button_beside_it(editor, was, said, data):
    webinar = make_webinar(now=utc_now())
    if was:
        say(editor, webinar, "slides")
    answer = say(editor, webinar, "slides", said=said, seen=was, data=data)
    assert answer.request.path.endswith(f"{webinar.slug}{'' if data else '/readiness'}")
    taken_back = parse(answer).select_one("#readiness .just")
    assert "Slides sent:" in text_of(taken_back) and taken_back.button["value"] == was
    back = {field["name"]: field["value"] for field in taken_back.select("input")} | {"said": was}
    editor.post(taken_back["action"], data=back)
    mark = queries.find_mark(webinar.id, "slides")
    assert (mark.state if mark else "") == was


def test_way_back_is_in_the_answer_to_a_script_too_and_goes_with_the_next_look(editor):
    webinar = make_webinar(now=utc_now())
    answer = say(editor, webinar, "slides", headers={"HX-Request": "true"})
    assert BeautifulSoup(answer.text, "html.parser").select_one(".just button")
    assert not page_of(editor, webinar).select(".just")


def test_every_tick_is_an_audit_entry_that_says_all_of_before_and_after(editor):
    webinar = make_webinar(now=utc_now())
    say(editor, webinar, "join-tested")
    say(editor, webinar, "join-tested", said="", seen="done")
    ticked, opened = audited("step ticked")[0], audited("step open again")[0]
    assert ticked.before == {"step": "join-tested", "key": "join-tested", "said": "open"}
    assert ticked.after["said"] == "done" and ticked.after["said_by"] == ticked.actor and ticked.after["seen"]
    assert opened.before == ticked.after and opened.after == ticked.before


def test_audit_trail_says_it_in_words(client):
    sign_in(client, "owner")
    webinar = make_webinar(now=utc_now(), title="Low energy")
    say(client, webinar, "captioner")
    row = text_of(parse(client.get("/staff/audit?q=ticked")).select_one("tbody tr"))
    assert "Step ticked Low energy" in row and "Step: Captioner or interpreter booked State: to do → done" in row
    assert "said_by" not in row


def test_changed_link_has_to_be_tested_again(editor):
    webinar = make_webinar(now=utc_now())
    say(editor, webinar, "join-tested")
    assert "done:" in text_of(step(editor, webinar, "join-tested"))
    webinar.join_url = "https://meet.example.org/other"
    db.session.commit()
    assert "the link is another one now" in text_of(step(editor, webinar, "join-tested"))
    say(editor, webinar, "join-tested")
    assert "done:" in text_of(step(editor, webinar, "join-tested"))


def test_what_only_the_service_knows_cannot_be_ticked(editor):
    webinar = make_webinar(now=utc_now(), phone_number="")
    assert "ticks this step by itself" in text_of(parse(say(editor, webinar, "phone")))
    assert not step(editor, webinar, "phone").select_one("button.tick")
    say(editor, webinar, "phone", said="not needed")
    assert "not needed:" in text_of(step(editor, webinar, "phone"))


def test_missing_link_cannot_have_been_tested(editor):
    webinar = make_webinar(now=utc_now(), join_url="")
    assert "There is no join link yet." in text_of(parse(say(editor, webinar, "join-tested")))


@pytest.mark.parametrize("key", ["nothing", "own-1", "own-x"])
def test_unknown_step_is_not_found(editor, key):
    webinar = make_webinar(now=utc_now())
    token = page_of(editor, webinar).select_one("input[name=csrf_token]")["value"]
    data = {"csrf_token": token, "said": "done"}
    assert editor.post(f"/staff/webinars/{webinar.slug}/readiness/{key}", data=data).status_code == 404


def test_two_who_tick_the_same_at_once_are_both_content(app):
    webinar = make_webinar(now=utc_now())
    slug = webinar.slug
    db.session.remove()

    def tick():
        found = db.session.query(Webinar).filter_by(slug=slug).one()
        service.mark(found, "slides", MarkState.DONE, utc_now(), seen="")

    def theirs():
        with app.app_context(), transaction():
            tick()

    overtaken(tick, theirs)
    assert queries.find_mark(webinar.id, "slides").state == "done"
    assert len(audited("step ticked")) == 1


def test_who_says_something_else_than_was_just_said_is_told_so(app):
    webinar = make_webinar(now=utc_now())
    with transaction():
        service.mark(webinar, "slides", MarkState.DONE, utc_now(), seen="")
    with pytest.raises(Conflict), transaction():
        service.mark(webinar, "slides", MarkState.NOT_NEEDED, utc_now(), seen="")
    assert queries.find_mark(webinar.id, "slides").state == "done"


def test_two_steps_ticked_at_once_are_both_kept(app):
    webinar = make_webinar(now=utc_now())
    slug = webinar.slug
    db.session.remove()

    def tick(key):
        found = db.session.query(Webinar).filter_by(slug=slug).one()
        service.mark(found, key, MarkState.DONE, utc_now(), seen="")

    def theirs():
        with app.app_context(), transaction():
            tick("letters")

    overtaken(lambda: tick("slides"), theirs)
    assert queries.find_mark(webinar.id, "slides") and queries.find_mark(webinar.id, "letters")


def test_htmx_gets_the_list_alone(editor):
    webinar = make_webinar(now=utc_now())
    answer = say(editor, webinar, "slides", headers={"HX-Request": "true"}, data={"compact": "1"})
    assert answer.text.lstrip().startswith("<section") and "<h1" not in answer.text
    assert "7 of 13 ready" in answer.text


def test_step_that_was_just_ticked_stays_in_its_place_and_can_be_opened_again(editor):
    webinar = make_webinar(now=utc_now())
    page = f"/staff/webinars/{webinar.slug}/readiness"
    places = [row["id"] for row in parse(editor.get(page)).select(".steps:not(details *) > li")]
    answer = parse(say(editor, webinar, "letters", headers={"HX-Request": "true"}))
    assert [row["id"] for row in answer.select(".steps:not(details *) > li")] == places
    assert text_of(answer.select_one("#tick-letters")) == "Open again: Letters looked at"
    assert parse(editor.get(page)).select("details #tick-letters")


def test_webinar_page_shows_what_counts_now(editor):
    webinar = make_webinar(now=utc_now())
    page = parse(editor.get(f"/staff/webinars/{webinar.slug}"))
    assert page.select_one("#step-slides") and not page.select_one("#step-recording")
    over = make_webinar(now=utc_now(), starts_in=timedelta(days=-2))
    page = parse(editor.get(f"/staff/webinars/{over.slug}"))
    assert page.select_one("#step-recording") and not page.select_one("#step-slides")


def test_ticking_on_the_webinars_page_leads_back_to_it(editor):
    webinar = make_webinar(now=utc_now())
    assert say(editor, webinar, "slides", data={"compact": "1"}).request.path == f"/staff/webinars/{webinar.slug}"


def test_cancelled_webinar_has_nothing_to_do(editor):
    webinar = make_webinar(now=utc_now(), state="cancelled")
    assert not page_of(editor, webinar).select_one("#readiness")


@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("host", True)])
def test_hosts_tick_and_viewers_look(client, role, may):
    sign_in(client, role)
    webinar = make_webinar(now=utc_now())
    with transaction():
        set_team(get_webinar(webinar.slug), {find_user(f"{role}@harbor.example").id: ["moderator"]}, utc_now())
    page = page_of(client, webinar)
    assert bool(page.select("button.tick")) is may
    leading = [link["href"] for link in page.select("#readiness a[href^='/staff/']")]
    assert all(client.get(link).status_code == 200 for link in leading)
    assert not [link for link in leading if link.endswith(("/edit", "/new"))]


def test_every_action_leads_to_a_page(editor):
    now = utc_now()
    bare = {"join_url": "", "phone_number": "", "state": "draft"}
    draft = make_webinar(make_series(sponsor_text=""), now=now, title="Bare", **bare)
    ahead, over = make_webinar(now=now), make_webinar(now=now, starts_in=timedelta(days=-2))
    make_registration(ahead, access_needs="Captions")
    with_video = make_webinar(now=now, starts_in=timedelta(days=-2), title="Seen")
    make_video(with_video, state="draft")
    links = {
        link["href"]
        for one in (draft, ahead, over, with_video)
        for link in page_of(editor, one).select(".step-deeds a")
    }
    assert len(links) > 12
    assert [one for one in links if one.startswith("/") and editor.get(one).status_code != 200] == []


def add(client, webinar, **fields):
    path = f"/staff/webinars/{webinar.slug}/readiness"
    return client.submit(client.get(path), f"{path}-steps", **({"title": "Flowers", "days": "3"} | fields))


def test_step_of_ones_own_is_added_ticked_and_taken_away(editor):
    webinar, other = make_webinar(now=utc_now()), make_webinar(now=utc_now(), title="Other")
    add(editor, webinar)
    assert "Flowers 3 days before" in text_of(page_of(editor, webinar).select_one("[id^=step-own]"))
    assert not page_of(editor, other).select("[id^=step-own]")
    key = page_of(editor, webinar).select_one("[id^=step-own]")["id"].removeprefix("step-")
    say(editor, webinar, key)
    assert "done:" in text_of(step(editor, webinar, key))
    editor.submit(editor.get(f"/staff/webinars/{webinar.slug}/readiness"), "/remove")
    assert not page_of(editor, webinar).select("[id^=step-own]")
    assert [len(audited(f"step {deed}")) for deed in ("added", "ticked", "removed")] == [1, 1, 1]


def test_step_of_a_series_stands_at_each_webinar_that_comes(editor):
    now = utc_now()
    webinar, other = make_webinar(now=now), make_webinar(now=now, title="Other")
    over = make_webinar(now=now, title="Over", starts_in=timedelta(days=-2))
    add(editor, webinar, scope="series", when="after")
    assert page_of(editor, webinar).select("[id^=step-own]") and page_of(editor, other).select("[id^=step-own]")
    assert not page_of(editor, over).select("[id^=step-own]")


@pytest.mark.parametrize(
    "fields", [{"title": " "}, {"days": "soon"}, {"days": "-4"}, {"days": "900"}, {"title": "x" * 121}]
)
def test_step_that_makes_no_sense_is_refused_and_kept_in_the_form(editor, fields):
    webinar = make_webinar(now=utc_now())
    answer = add(editor, webinar, **fields)
    assert answer.status_code == 422 and parse(answer).select_one(".error-summary")


@pytest.mark.parametrize("without", [(), ("questions",), tuple(PARTS)])
def test_copied_webinar_takes_its_own_steps_along_unticked(app, without):
    webinar, now = make_webinar(now=utc_now()), utc_now()
    with transaction():
        added = service.add_step(webinar, "Flowers", -3, now)
        service.mark(webinar, f"own-{added.id}", MarkState.DONE, now, seen="")
    with transaction():
        copy = schedule.duplicate_webinar(webinar, now, without=without)
    [step] = queries.own_steps_of(copy.id)
    assert (step.title, step.days) == ("Flowers", -3) and not queries.find_mark(copy.id, f"own-{step.id}")


def test_recording_is_followed_to_its_end(app):
    now = utc_now()
    webinar = make_webinar(now=now, starts_in=timedelta(days=-2))
    speaker = Speaker(name="Dr. Ruiz")
    db.session.add(speaker)
    video = make_video(webinar, state="draft", media_url="https://films.example.org/one.mp4")
    video.speaker_places.append(InVideo(speaker=speaker))
    db.session.commit()

    def recording():
        db.session.expire_all()
        return queries.preparation_of(webinar, now, 0).facts.recording

    assert (recording().plays, recording().released, recording().corrected) == (True, False, False)
    video.speaker_places[0].release_given_on = now.date()
    db.session.add(CaptionTrack(video_id=video.id, language="en", state="corrected", vtt="WEBVTT", updated_at=now))
    video.state = "published"
    db.session.commit()
    assert (recording().published, recording().released, recording().corrected) == (True, True, True)


def test_who_is_responsible_is_said(editor):
    webinar = make_webinar(now=utc_now())
    assert "Nobody is responsible yet" in text_of(page_of(editor, webinar))
    ana = make_user("ana@example.org", "host")
    with transaction():
        set_team(webinar, {ana.id: ["responsible"]}, utc_now())
    assert "Responsible: ana@example.org" in text_of(page_of(editor, webinar))
