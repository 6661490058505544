"""What the desk is measured on: a large programme, one webinar with a crowd, and years of letters and deeds."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from webinars.accounts import service as accounts
from webinars.accounts.models import AuditEntry
from webinars.archive.terms.models import Term
from webinars.core.clock import utc_now
from webinars.core.database import db, is_sqlite, transaction
from webinars.demo import large, load
from webinars.demo.registrants import Registrants
from webinars.mail.models import Address, Inbound, Mailing, Message
from webinars.notices.models import Announcement
from webinars.registration.exchange.models import Import, ImportRow
from webinars.registration.models import Registration, Wave
from webinars.registration.questions.models import Answer, Question
from webinars.schedule.models import NewsItem, Speaker, Topic, Webinar, WebinarSpeaker
from webinars.staff.numbers import work
from webinars.staff.readiness.models import OwnStep

CROWD = "the-crowd"


def _size(name: str, usual: int) -> int:
    return int(os.environ.get(f"BENCH_{name}", str(usual)))


@dataclass(frozen=True)
class Sizes:
    """How many rows of each kind there are; a smaller ``crowd`` makes everything that hangs on it smaller."""

    webinars: int = _size("WEBINARS", 10_000)
    registrations: int = _size("REGISTRATIONS", 1_000_000)
    crowd: int = _size("CROWD", 100_000)
    messages: int = _size("MESSAGES", 500_000)
    audit: int = _size("AUDIT", 300_000)
    videos: int = _size("VIDEOS", 1000)


def fill(sizes: Sizes) -> None:
    """Write all of it, unless it is there."""
    if db.session.scalar(sa.select(Webinar.id).where(Webinar.slug == CROWD)):
        return
    now = utc_now()
    with transaction(durable=False):
        if load.is_empty():
            load.load(now)
        rest = max(0, sizes.registrations - sizes.crowd)
        large.fill(large.Amounts(sizes.webinars, rest, sizes.videos), 1, now, lambda _count: None)
    with transaction(durable=False):
        webinar = _crowd(sizes.crowd, now)
        _answers(webinar, now)
        _letters(webinar, sizes, now)
        _deeds(sizes.audit, now)
        _desk(webinar, now)
    _count_numbers()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE" if is_sqlite() else "VACUUM ANALYZE"))


def _crowd(people: int, now: datetime) -> Webinar:
    """Make a webinar in some days with a crowd in every state, role and way of taking part."""
    base = db.session.scalars(sa.select(Webinar).where(Webinar.slug == "clinical-trials-and-immunotherapy")).one()
    starts, first = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=5), now - timedelta(days=120)
    webinar = Webinar(
        slug=CROWD, series_id=base.series_id, title="A crowd at the door", summary=base.summary,
        description=base.description, local_start=starts.replace(tzinfo=None), time_zone="UTC", starts_at=starts,
        ends_at=starts + timedelta(hours=1), join_url=base.join_url, phone_number=base.phone_number, asks_role=True,
        asks_access=True, asks=7, state="published", start_set_at=first, published_at=first, created_at=first,
        updated_at=first, sequence=2,
    )  # fmt: skip
    db.session.add(webinar)
    db.session.flush()
    registrants = Registrants(11, now)
    registrants.skip(5_000_000)
    registrants.register(webinar, people)
    _mix(webinar, now)
    counted = sa.select(Registration.state, sa.func.count()).where(Registration.webinar_id == webinar.id)
    counts = {state: number for state, number in db.session.execute(counted.group_by(Registration.state))}  # noqa: C416
    webinar.confirmed_count, webinar.waitlisted_count = counts.get("confirmed", 0), counts.get("waitlisted", 0)
    webinar.offered_count, webinar.next_in_line = counts.get("offered", 0), 2**30
    webinar.capacity = webinar.confirmed_count + webinar.offered_count
    db.session.flush()
    return webinar


def _mix(webinar: Webinar, now: datetime) -> None:
    """Give one in so many people of the crowd another state, role, need, or no address."""
    number = sa.cast(Registration.id, sa.String)
    for share, values in (
        (10, {"state": "waitlisted", "line_number": Registration.id}), (25, {"state": "cancelled"}),
        (15, {"state": "recording-only", "mode": "recording"}), (2, {"role": "patient"}), (3, {"role": "caregiver"}),
        (7, {"role": "professional"}), (60, {"access_needs": "A screen reader, and slides beforehand."}),
        (90, {"suspicious": True}), (20, {"phone": sa.literal("+1 555 01") + number}),
        (40, {"partstat": "ACCEPTED", "entry_sequence": 2}), (200, {"entered_by_staff": True}),
        (1000, {"state": "offered", "line_number": Registration.id, "offered_until": now + timedelta(days=1)}),
        (500, {"email": None, "email_key": sa.literal("tel:1555") + number}),
    ):  # fmt: skip
        changed = sa.update(Registration).where(Registration.webinar_id == webinar.id, _one_in(share))
        db.session.execute(changed.values(values), execution_options={"synchronize_session": False})


def _one_in(share: int) -> sa.ColumnElement[bool]:
    return Registration.id % share == 0


def _copy(model: type[Any], values: dict[str, Any], where: sa.ColumnElement[bool], most: int | None = None) -> None:
    """Write one row for each registration, made of its columns and of constants."""
    columns = [
        value if isinstance(value, sa.ColumnElement | InstrumentedAttribute)
        else sa.literal(value, model.__table__.c[name].type) for name, value in values.items()
    ]  # fmt: skip
    chosen = sa.select(*columns).where(where).order_by(Registration.id.desc()).limit(most)
    db.session.execute(sa.insert(model).from_select(list(values), chosen))


def _answers(webinar: Webinar, now: datetime) -> None:
    """Ask the crowd three things on the form and two afterwards; half of them answered."""
    options = [{"key": str(number), "en": f"Choice {number}"} for number in range(1, 6)]
    for number, (kind, moment) in enumerate(
        (("choice", "form"), ("several", "form"), ("text", "form"), ("yes_no", "after"), ("long", "after"))
    ):
        question = Question(
            webinar_id=webinar.id, kind=kind, moment=moment, texts={"en": {"label": f"Question {number}?"}},
            options=options if kind in {"choice", "several"} else [], position=number, created_at=now,
        )  # fmt: skip
        db.session.add(question)
        db.session.flush()
        chosen = sa.cast(Registration.id % 5 + 1, sa.String)
        value = {"choice": chosen, "several": chosen + " 2", "yes_no": "yes"}.get(kind, "Words of " + chosen)
        given = {"question_id": question.id, "registration_id": Registration.id, "value": value}
        _copy(Answer, given, (Registration.webinar_id == webinar.id) & _one_in(2))


def _letters(webinar: Webinar, sizes: Sizes, now: datetime) -> None:
    """Write the letters of the crowd: nearly all are sent, some failed, some wait."""
    about, subject, left = f"w{webinar.id}", sa.literal("r") + sa.cast(Registration.id, sa.String), sizes.messages
    kinds = ("confirmation", "moved", "changed", "announcement", "reminder", *["reminder"] * 100)
    for number, notice in enumerate(kinds):
        if left <= 0:
            break
        at, occasion = now - timedelta(days=100 - min(number, 99)), f"0-{number}"
        mailing = Mailing(notice=notice, about=about, occasion=occasion, due_at=at, created_at=at, settled_at=at)
        db.session.add(mailing)
        db.session.flush()
        state = sa.case((_one_in(397), "failed"), (_one_in(991), "expired"), (_one_in(199), "pending"), else_="sent")
        name = sa.literal(f"bench-{number}-") + sa.cast(Registration.id, sa.String)
        written = {
            "notice": notice, "subject": subject, "occasion": occasion, "about": about, "mailing_id": mailing.id,
            "state": state, "lane": "b", "created_at": at, "next_attempt_at": at, "attempts": 1, "sent_at": at,
            "message_id": name, "reference": name,
        }  # fmt: skip
        _copy(Message, written, Registration.webinar_id == webinar.id, left)
        left -= sizes.crowd
    # Mailboxes that take no mail any more.
    bounced = {"key": Registration.address_key, "bounced_at": now, "bounce_words": "no such mailbox"}
    _copy(Address, bounced, (Registration.webinar_id == webinar.id) & (Registration.id % 601 == 0))


def _deeds(number: int, now: datetime) -> None:
    """Write what staff did over the years, most of it to registrations."""
    for user in range(5):
        accounts.add_user(f"colleague-{user}@harbor.example", "editor", "correct horse battery", now)
    place = sa.cast(Registration.public_id, sa.String), "registration"
    thing = sa.cast(Registration.webinar_id, sa.String), "webinar"
    deeds = (
        ("registration entered", place, None, None), ("address corrected", place, None, None),
        ("told by telephone", place, None, {"sequence": 1}), ("letter sent again", place, None, None),
        ("webinar edited", thing, {"summary": "What to expect."}, {"summary": "What to expect from a trial."}),
        ("webinar moved", thing, {"starts_at": "2026-01-01T12:00:00"}, {"starts_at": "2026-01-02T12:00:00"}),
    )  # fmt: skip
    actor = sa.literal("staff:") + sa.cast(Registration.id % 5 + 1, sa.String)
    for action, (object_id, kind), before, after in deeds:
        entry = {
            "at": Registration.created_at, "actor": actor, "action": action, "object_kind": kind,
            "object_id": object_id, "before": before, "after": after, "note": "",
        }  # fmt: skip
        _copy(AuditEntry, entry, sa.true(), number // len(deeds))


def _desk(webinar: Webinar, now: datetime) -> None:
    """Write a desk in use: things announced, come back, imported, noticed, and the many names of ten years."""
    topic = db.session.scalars(sa.select(Topic.id)).first()
    add = db.session.add_all
    speakers = [Speaker(name=f"Dr. Speaker {number}", bio="A life. " * 30) for number in range(400)]
    add(speakers)
    texts = {"en": {"subject": "News of the webinar", "body": "Text. " * 50}}
    add(Announcement(webinar_id=webinar.id, texts=texts, created_at=now, updated_at=now) for _ in range(500))
    add(Term(language="en", spelling=f"term{number}", explanation="A word.", updated_at=now) for number in range(2000))
    add(NewsItem(slug=f"news-{n}", topic_id=topic, title=f"News {n}", body="Text. " * 99, published_on=now.date())
        for n in range(300))  # fmt: skip
    add(Inbound(digest=f"bench{n}", received_at=now - timedelta(minutes=n), kind="letter", sender="a@b.example",
                title="A question", text="Words. " * 50, handled_at=now if n % 10 else None)
        for n in range(5000))  # fmt: skip
    add(Wave(kind="network", key=f"k{n}", began_at=now, last_at=now, sign_ups=90, noticed_at=now,
             settled_at=now if n % 100 else None) for n in range(300))  # fmt: skip
    add(OwnStep(webinar_id=webinar.id, title=f"Step {number}", days=-1, created_at=now) for number in range(20))
    db.session.flush()
    add(WebinarSpeaker(webinar_id=webinar.id, speaker_id=one.id) for one in speakers[:3])
    bringing = Import(webinar_id=webinar.id, state="checked", created_at=now, acted_by="staff:1", kind="csv",
                      file_name="people.csv", headers=["name", "email"], columns=["name", "email"], rows=50_000,
                      samples=[["A", "a@b.example"]], counts={"new": 49_000, "new confirmed": 49_000, "bad": 1000},
                      )  # fmt: skip
    db.session.add(bringing)
    db.session.flush()
    rows = [{"import_id": bringing.id, "number": number, "line": number, "fate": "new" if number % 50 else "bad",
             "written": {"cells": [f"Person {number}", f"p{number}@example.net" if number % 50 else "?"], "flaws": {}},
             "name": f"Person {number}"} for number in range(1, 50_001)]  # fmt: skip
    db.session.execute(sa.insert(ImportRow), rows)


def _count_numbers() -> None:
    """Have the worker count every webinar."""
    while work.go_on(lambda: False):
        pass
