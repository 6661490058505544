"""How old a video may grow in the open: reviews, aged advice, releases, withdrawal with a note."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.archive.samples import make_captioned
from tests.factories import NOW, make_series, make_video
from tests.support.pages import CheckedClient, text_of
from webinars.accounts.models import AuditEntry
from webinars.archive import freshness, queries, rules, service, standing
from webinars.archive.models import Video, VideoSpeaker
from webinars.archive.world_models import Standing
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.schedule.cleaning import Problems
from webinars.schedule.models import Speaker


def stand(video: Video, **fields: Any) -> None:
    with transaction():
        standing.set_standing(queries.get_video(video.slug), fields, NOW)


def name_speaker(video: Video, name: str = "Joyce Okafor") -> int:
    place = VideoSpeaker(video_id=video.id, speaker=Speaker(name=name, interests="None."))
    db.session.add(place)
    db.session.commit()
    return place.speaker_id


def old_and_new() -> tuple[Video, Video]:
    old, new = make_captioned(title="Steroids first", series_id=make_series().id), make_video(title="Steroids later")
    stand(old, advice_aged=True, newer=f"http://127.0.0.1:8000/es/videos/{new.slug}?t=3")
    return old, new


class TestRules:
    def test_video_is_due_a_year_after_somebody_last_looked(self) -> None:
        today = date(2026, 11, 23)
        video = Video(recorded_on=today - timedelta(days=900))
        assert freshness.needs_review(video, today)
        video.standing = Standing(reviewed_on=today - timedelta(days=365))
        assert not freshness.needs_review(video, today)
        video.standing.reviewed_on = today - timedelta(days=366)
        assert freshness.needs_review(video, today)

    def test_newer_talk_that_was_withdrawn_leads_on_to_the_next(self) -> None:
        newest = Video(id=3, state="published")
        newer = Video(id=2, state="withdrawn", standing=Standing(newer=newest))
        assert freshness.newer_of(Video(id=1, standing=Standing(newer=newer))) is newest

    def test_talks_that_name_each_other_lead_nowhere(self) -> None:
        one, other = Video(id=1, state="withdrawn"), Video(id=2, state="withdrawn")
        one.standing, other.standing = Standing(newer=other), Standing(newer=one)
        assert freshness.newer_of(one) is None


@pytest.mark.parametrize(
    "path",
    ["/videos", "/videos?q=steroids", "/videos/steroids-first", "/videos/steroids-first/transcript",
     "/series/side-effects"],
)  # fmt: skip
def test_visitors_read_that_the_advice_has_aged_and_find_the_newer_talk(client: CheckedClient, path: str) -> None:
    _old, new = old_and_new()
    aged = client.page(path).select(".aged")
    assert [text_of(tag) for tag in aged] == ["Advice has aged Newer talk: Steroids later"]
    assert aged[0].a["href"] == f"/videos/{new.slug}"


def test_transcript_as_text_says_that_the_advice_has_aged(client: CheckedClient) -> None:
    _old, new = old_and_new()
    text = client.get("/videos/steroids-first/transcript.en.txt").text
    assert text.split("\n\n")[1].endswith(f"Newer talk: {new.title}, http://127.0.0.1:8000/videos/{new.slug}")


def test_title_of_the_newer_talk_is_marked_as_what_is_spoken(client: CheckedClient) -> None:
    _old, new = old_and_new()
    (link,) = client.page("/es/videos/steroids-first").select(".aged a")
    assert link.get("lang") is None
    assert (link.span["lang"], text_of(link.span)) == ("en", new.title)


def test_page_says_who_looked_at_it_last(client: CheckedClient) -> None:
    stand(make_video(), reviewed_on="2026-11-02", reviewed_by="Dr Joyce Okafor")
    assert "by Dr Joyce Okafor" in text_of(client.page("/videos/when-to-call-your-care-team"))


def test_newer_talk_that_leads_back_is_refused(staff: CheckedClient) -> None:
    old, new = old_and_new()
    page = staff.page(f"/staff/videos/{new.slug}/standing")
    answer = staff.submit(page, "/standing", advice_aged="y", newer=old.slug)
    assert answer.status_code == 422
    assert "leads back" in answer.text


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"reviewed_on": "2026-11-02"}, "reviewed_by"),
        ({"reviewed_by": "Dr X"}, "reviewed_on"),
        ({"reviewed_on": "2199-01-01", "reviewed_by": "X"}, "reviewed_on"),
        ({"reviewed_on": "soon"}, "reviewed_on"),
        ({"newer": "no-such-talk"}, "newer"),
        ({"newer": "http://[oops"}, "newer"),
    ],
)
def test_review_that_will_not_do_is_explained_beside_its_field(
    staff: CheckedClient, fields: dict[str, str], where: str
) -> None:
    make_video()
    page = staff.page("/staff/videos/when-to-call-your-care-team/standing")
    answer = staff.submit(page, "/standing", **fields)
    assert answer.status_code == 422
    assert f'id="{where}-error"' in answer.text


def test_staff_find_what_nobody_looked_at_for_a_year(staff: CheckedClient) -> None:
    long_ago = utc_now().date() - timedelta(days=800)
    make_video(title="Old", recorded_on=long_ago)
    make_video(title="Old but draft", recorded_on=long_ago, state="draft")
    stand(make_video(title="Old but reviewed", recorded_on=long_ago), reviewed_on="2026-11-01", reviewed_by="X")
    make_video(title="New", recorded_on=utc_now().date())
    page = staff.page("/staff/video-reviews")
    assert [text_of(tag) for tag in page.select("tbody th")] == ["Old"]


class TestRelease:
    def test_video_is_not_published_before_everybody_in_it_agreed(self, staff: CheckedClient) -> None:
        video = make_video(state="draft", published_at=None)
        name_speaker(video)
        page = staff.page(f"/staff/videos/{video.slug}/publish")
        link = page.select_one(".notice a")
        assert "release of Joyce Okafor" in text_of(page)
        release = staff.page(str(link["href"]).partition("#")[0])
        fields = {"given_on": "2026-11-20", "proof": "Her letter of 20 November"}
        (form,) = release.select("form[action*=releases]")
        prefix = str(form.select_one("input[type=date]")["name"]).partition("-")[0]
        staff.submit(release, "/releases/", **{f"{prefix}-{name}": value for name, value in fields.items()})
        staff.submit(staff.page(f"/staff/videos/{video.slug}/publish"), "/publish")
        db.session.expire_all()
        assert rules.is_public(queries.get_video(video.slug))

    def test_release_without_a_paper_is_none(self, staff: CheckedClient) -> None:
        video = make_video(state="draft")
        speaker = name_speaker(video)
        page = staff.page(f"/staff/videos/{video.slug}/standing")
        label = page.find("label", attrs={"for": f"speaker{speaker}-proof"})
        assert text_of(label) == "By which paper or letter", "nothing says that it may be left out"
        answer = staff.submit(page, "/releases/", **{f"speaker{speaker}-given_on": "2026-11-20"})
        assert answer.status_code == 422
        assert "Say by which paper or letter they agreed" in answer.text

    def test_new_order_of_speakers_keeps_the_releases(self, app: object) -> None:
        video = make_video(state="draft")
        first, second = name_speaker(video), name_speaker(video, "Ravi Shah")
        with transaction():
            found = queries.get_video(video.slug)
            standing.set_release(found, first, {"given_on": "2026-11-20", "proof": "A form"}, NOW)
            service.edit_video(found, {"speakers": [second, first]}, NOW)
        db.session.expire_all()
        given = {one.speaker_id: one.release_given_on for one in queries.get_video(video.slug).speaker_places}
        assert list(given.items()) == [(second, None), (first, date(2026, 11, 20))]

    def test_public_video_takes_no_speaker_who_has_not_agreed(self, app: object) -> None:
        video = make_video()
        speaker = Speaker(name="Ravi Shah")
        db.session.add(speaker)
        db.session.commit()
        with pytest.raises(Problems) as caught, transaction():
            service.edit_video(queries.get_video(video.slug), {"speakers": [speaker.id]}, NOW)
        assert set(caught.value.fields) == {"speakers"}

    @pytest.mark.parametrize("number", [99, 10**20])
    def test_release_of_a_stranger_is_not_there(self, staff: CheckedClient, number: int) -> None:
        video = make_video()
        page = staff.page(f"/staff/videos/{video.slug}/standing")
        token = page.select_one("[name=csrf_token]")["value"]
        answer = staff.post(f"/staff/videos/{video.slug}/releases/{number}", data={"csrf_token": token})
        assert answer.status_code == 404


class TestSponsor:
    def test_nobody_paid_is_an_answer_too(self, app: object) -> None:
        video = make_video(state="draft", sponsor_text="", published_at=None)
        assert set(rules.publishing_problems(video)) == {"sponsor_text"}
        with transaction():
            service.edit_video(queries.get_video(video.slug), {"unsponsored": True}, NOW)
            service.publish_video(queries.get_video(video.slug), NOW)
        assert rules.sponsor_text(queries.get_video(video.slug)) == "Nobody paid for it."

    def test_public_video_of_a_program_without_that_answer_can_still_be_edited(self, app: object) -> None:
        video = make_video(sponsor_text="")
        with transaction():
            service.edit_video(queries.get_video(video.slug), {"title": "Another"}, NOW)
        assert queries.get_video(video.slug).title == "Another"


class TestWithdrawal:
    def test_old_link_leads_to_a_note_and_to_the_newer_talk(self, staff: CheckedClient, client: CheckedClient) -> None:
        old, new = old_and_new()
        page = staff.page(f"/staff/videos/{old.slug}/withdraw")
        staff.submit(page, "/withdraw", because="The dose has changed.")
        for path in ("", "/transcript", "/captions.en.vtt"):
            assert client.get(f"/videos/{old.slug}{path}").status_code == 410
        note = client.page(f"/videos/{old.slug}", 410)
        assert "The dose has changed." in text_of(note)
        assert note.select_one("main a.btn")["href"] == f"/videos/{new.slug}"
        for path in ("/feeds/videos.atom", "/sitemap.xml", "/videos"):
            assert old.slug not in client.get(path).text

    def test_note_that_is_written_anew_leaves_the_earlier_words_in_the_audit_trail(self, app: object) -> None:
        video = make_video()
        for because in ("The dose has changed.", "The dose was doubled."):
            with transaction():
                standing.withdraw(queries.get_video(video.slug), {"because": because}, NOW)
        noted = db.session.query(AuditEntry).filter_by(action="note of a withdrawal written")
        assert [(one.before, one.after) for one in noted.order_by(AuditEntry.id)] == [
            ({"because": ""}, {"because": "The dose has changed."}),
            ({"because": "The dose has changed."}, {"because": "The dose was doubled."}),
        ]

    def test_withdrawal_needs_a_reason(self, staff: CheckedClient) -> None:
        video = make_video()
        answer = staff.submit(staff.page(f"/staff/videos/{video.slug}/withdraw"), "/withdraw")
        assert answer.status_code == 422
        assert "because-error" in answer.text
