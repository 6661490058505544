"""A webinar, people who do things, and the letters that follow, read as they go over the wire."""

import email
import email.policy
import itertools
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

from tests.factories import NOW, make_series, make_webinar
from tests.support.calendar_client import Component, read
from webinars.core.database import db, transaction
from webinars.core.http import current_settings
from webinars.mail.events import letters_sent
from webinars.mail.letters import Letter, Sent
from webinars.mail.mime import OutboxMessage
from webinars.mail.models import Message, MessageState
from webinars.notices.derive import derive_due
from webinars.notices.prepare import prepare
from webinars.registration import service
from webinars.registration.models import Registration
from webinars.registration.rules import Application
from webinars.schedule.models import Webinar
from webinars.schedule.service import edit_webinar, move_webinar

SECOND = timedelta(seconds=1)
_WORLDS = itertools.count()
NASTY = 'Costs, "rare" cases; back\\slash & <b>bold</b>: ¿qué? 免疫療法 – part 1'


@dataclass
class Post:
    """A letter as it goes over the wire."""

    letter: Letter
    content: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def ics(self) -> bytes:
        assert self.letter.calendar is not None
        return self.letter.calendar.ics

    @property
    def calendar(self) -> Component:
        return read(self.ics)

    @property
    def event(self) -> Component:
        [event] = self.calendar.parts
        return event

    @property
    def sequence(self) -> int:
        return int(self.event.one("SEQUENCE").value)


class Service:
    """A webinar, people who do things, and the letters that follow; each deed a second after the one before."""

    def __init__(self) -> None:
        # Each world has a time of its own: what letters share is kept under the moment at which a webinar changed.
        self.now = NOW + next(_WORLDS) * SECOND * 60
        self.webinar_id = make_webinar(make_series(reminders=[])).id

    def register(self, name: str = "Alice", **fields) -> int:
        fields = {"email": f"{name.lower()}@example.org", "time_zone": "America/New_York"} | fields
        return self.do(
            lambda: service.register(self.webinar_id, Application(name, **fields), self.now, True).registration.id
        )

    def do(self, deed):
        self.now += SECOND
        with transaction():
            return deed()

    def to(self, place_id: int, deed, *more, **fields) -> None:
        self.do(lambda: deed(db.session.get_one(Registration, place_id), *more, now=self.now, **fields))

    def edit(self, **fields) -> None:
        self.do(lambda: edit_webinar(db.session.get_one(Webinar, self.webinar_id), fields, self.now))

    def move(self, hours: float) -> None:
        def deed() -> None:
            webinar = db.session.get_one(Webinar, self.webinar_id)
            move_webinar(webinar, webinar.local_start + timedelta(hours=hours), now=self.now)

        self.do(deed)

    def letters(self) -> list[Post]:
        """Let the worker send what is owed; give what went out, in order."""
        self.now += SECOND
        with transaction():
            derive_due(self.now)
        went = []
        for message in db.session.query(Message).filter_by(state=MessageState.PENDING).order_by(Message.id):
            made = prepare([message], self.now)[0]()
            message.state = MessageState.SENT if isinstance(made, Letter) else made.state
            if isinstance(made, Letter):
                message.sent_at = self.now
                paper = OutboxMessage(made, message, current_settings().mail_default_sender, self.now)
                went.append(Post(made, paper.as_bytes()))
                letters_sent.send([Sent(message.subject, made.receipt)], now=self.now)
        db.session.commit()
        return went

    def letter(self) -> Post:
        [post] = self.letters()
        return post
