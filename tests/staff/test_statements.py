"""No page of the desk asks the database more often because there is more on it."""

from datetime import timedelta

from sqlalchemy import update

from tests.factories import (
    make_picture,
    make_registration,
    make_series,
    make_topic,
    make_user,
    make_video,
    make_webinar,
)
from tests.staff.test_rights import make_world, signed_in, staff_routes
from tests.support.queries import sent_queries
from tests.support.routes import true_path
from webinars.accounts import audit
from webinars.archive import service as archive
from webinars.archive.models import VideoSpeaker
from webinars.archive.terms.models import Term
from webinars.archive.world_models import Answer as WrittenAnswer
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.mail import outbox
from webinars.mail.models import Address, Inbound, Mailing, Message
from webinars.notices.models import Announcement
from webinars.registration.exchange.models import Import, ImportRow
from webinars.registration.models import Wave
from webinars.registration.questions.models import Answer, Question
from webinars.schedule.models import NewsItem, Speaker, TeamPlace, Webinar, WebinarSpeaker
from webinars.staff.readiness.models import Mark, OwnStep

#: statements that a page may send; those of the pages that bring the whole desk together
CEILING = 20
CEILINGS = {"mail_staff.desk": 30, "staff.today": 27}
#: answers a browser's own question, and changes the visit
NOT_ASKED = {"accounts_staff.passkey_new"}
#: answer the script that asks for a part of a page, and nobody else
FOR_SCRIPTS = {"/staff/pictures/choice"}
#: steps of a webinar that staff tick
STEPS = ("slides", "captioner", "letters")


def add(*things):
    db.session.add_all(things)
    db.session.commit()


class Desk:
    """A desk on which one more of everything can be put, where pages list it."""

    def __init__(self):
        self.world, self.count = make_world(), 0

    def grow(self):
        """Put one more of everything on it; what is new is what addresses lead to from now on."""
        self.number, self.now = self.count, utc_now()
        self.count += 1
        self.webinar = db.session.query(Webinar).filter_by(slug=self.world["webinars"]).one()
        self.user = make_user(f"colleague{self.number}@example.org", "editor")
        self.world["user_id"] = str(self.user.id)
        self.grow_programme()
        self.grow_people()
        self.grow_library()
        self.grow_mail()
        self.grow_trail()

    def grow_programme(self):
        number, now, webinar = self.number, self.now, self.webinar
        series = make_series(title=f"Series {number}")
        make_webinar(series, now=now, title=f"Ahead {number}", join_url="")
        make_webinar(series, now=now, title=f"Draft {number}", state="draft")
        make_webinar(series, now=now, title=f"Ended {number}", starts_in=timedelta(days=-2))
        make_webinar(webinar.series, now=now, title=f"Another date {number}", starts_in=timedelta(days=20))
        speaker, topic = Speaker(name=f"Dr. Speaker {number}"), make_topic(slug=f"topic-{number}")
        item = {"slug": f"news-{number}", "topic_id": topic.id, "title": "News", "body": "Text."}
        add(
            speaker,
            NewsItem(**item, published_on=now.date()),
            OwnStep(webinar_id=webinar.id, title=f"Step {number}", days=-1, created_at=now),
            Mark(webinar_id=webinar.id, step=STEPS[number], state="done", by=f"staff:{self.user.id}", at=now),
            TeamPlace(webinar_id=webinar.id, user_id=self.user.id, part="responsible"),
        )
        add(WebinarSpeaker(webinar_id=webinar.id, speaker_id=speaker.id, position=number))
        self.world |= {"speaker_id": str(speaker.id)}

    def grow_people(self):
        number, now, webinar = self.number, self.now, self.webinar
        told = {"question": "How?", "role": "patient", "access_needs": "Slides.", "suspicious": True, "phone": "5"}
        self.place = make_registration(webinar, f"Person {number}", now=now, party="together", **told)
        make_registration(webinar, f"Waiting {number}", state="waitlisted", now=now)
        make_registration(webinar, f"Caller {number}", email=None, now=now)
        question = Question(webinar_id=webinar.id, kind="text", texts={"en": {"label": f"{number}?"}}, created_at=now)
        wave = Wave(kind="network", key=f"{number}", began_at=now, last_at=now, sign_ups=90, noticed_at=now)
        list_ = Import(webinar_id=webinar.id, state="checked", created_at=now, acted_by=f"staff:{self.user.id}",
                       kind="csv", file_name="a.csv", headers=["name"], columns=["name"], rows=3,
                       counts={"bad": 3})  # fmt: skip
        add(question, wave, list_)
        rows = [ImportRow(import_id=list_.id, number=line, line=line, written={"cells": ["?"], "flaws": {}}, fate="bad")
                for line in range(number + 1)]  # fmt: skip
        add(Answer(question_id=question.id, registration_id=self.place.id, value="Words."), *rows)
        self.world |= {"public_id": self.place.public_id, "question_id": str(question.id), "waves": str(wave.id)}
        self.world |= {"import_id": str(list_.id)}

    def grow_library(self):
        number, now, webinar = self.number, self.now, self.webinar
        video = make_video(webinar, title=f"Talk {number}")
        answers = [WrittenAnswer(video_id=video.id, question=f"{each}?", answer="So.", answered_by="Dr.")
                   for each in range(number + 1)]  # fmt: skip
        term = Term(language="en", spelling=f"term{number}", updated_at=now)
        add(VideoSpeaker(video_id=video.id, speaker_id=self.world["speaker_id"]), *answers, term)
        archive.set_captions(video, "en", "WEBVTT\n\n00:00.000 --> 00:02.000\nWords.\n", "automatic", now)
        db.session.commit()
        self.world |= {"videos": video.slug, "answer": str(answers[0].id), "terms": str(term.id)}
        self.world["pictures"] = str(make_picture().id)

    def grow_mail(self):
        number, now, about = self.number, self.now, f"w{self.webinar.id}"
        came = Inbound(digest=f"{number}", received_at=now, kind="letter", sender=self.place.email,
                       subject=self.place.subject)  # fmt: skip
        texts = {"en": {"subject": f"News {number}", "body": "Text."}}
        letter = Announcement(webinar_id=self.webinar.id, texts=texts, audience={}, created_at=now, updated_at=now)
        mailing = Mailing(notice="reminder", about=about, occasion=f"0-{number}", due_at=now, created_at=now)
        add(came, letter, mailing, Address(key=self.place.address_key, bounced_at=now))
        for state in ("failed", "sent", "pending"):
            outbox.owe(notice="confirmation", subject=self.place.subject, occasion=state, about=about, now=now)
            db.session.execute(update(Message).where(Message.occasion == state).values(state=state))
        db.session.commit()
        self.world |= {"tray": str(came.id), "announcement_id": str(letter.id)}

    def grow_trail(self):
        changed = {"before": {"name": "A"}, "after": {"name": "B"}}
        for kind, thing in (("webinar", self.webinar.id), ("registration", self.place.public_id), ("user", 1)):
            audit.record(f"{kind} edited", kind, thing, **changed, now=self.now)
        db.session.commit()

    def pages(self, app):
        """Give every page of the desk by its endpoint, each with an address that leads somewhere."""
        return {
            (rule.endpoint, rule.rule): true_path(rule, self.world)
            for rule, method, _ in staff_routes(app)
            if method == "GET" and rule.endpoint not in NOT_ASKED
        }


def statements(app, client, path):
    """Count the statements of a page whose settings and questions are known to the process."""
    headers = {"HX-Request": "true"} if path in FOR_SCRIPTS else {}
    answer = client.get(path, headers=headers)
    assert answer.status_code in (200, 302), f"{path}: {answer.status}"
    # As in truth each page begins with a session that knows nothing; that of the test would last.
    db.session.remove()
    with sent_queries() as sent:
        client.get(path, headers=headers)
    return len(sent)


def test_every_page_of_the_desk_takes_as_many_statements_for_three_of_everything_as_for_one(app):
    client, desk = signed_in(app, "owner"), Desk()
    desk.grow()
    few = {page: statements(app, client, path) for page, path in desk.pages(app).items()}
    desk.grow()
    desk.grow()
    many = {page: statements(app, client, path) for page, path in desk.pages(app).items()}
    assert {page: (few[page], many[page]) for page in few if few[page] != many[page]} == {}
    assert {page: sent for page, sent in many.items() if sent > CEILINGS.get(page[0], CEILING)} == {}
