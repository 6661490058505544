"""What the form of one series asks, and what its invented people answered."""

import random
from datetime import datetime

from sqlalchemy import insert, select

from webinars.core.database import db
from webinars.demo import content
from webinars.demo.content.shapes import SampleQuestion
from webinars.registration.models import Registration
from webinars.registration.questions import service
from webinars.registration.questions.models import Answer, Kind, Role
from webinars.registration.questions.service import Draft
from webinars.schedule.models import Series, Webinar

#: of a hundred people, so many answer
_SHARE_ANSWERING = 64


def ask(series: Series, sample: SampleQuestion, seed: int, now: datetime) -> None:
    """Switch on that the form asks who somebody is, add one question, and let some people answer both."""
    series.asks_role = True
    texts = {"en": {"label": sample.label}, "es": {"label": sample.label_es}}
    options = tuple(("", {"en": english, "es": spanish}) for english, spanish in sample.options)
    question = service.add(series, Draft(Kind.CHOICE, texts, options), now)
    choose, keys = random.Random(seed), [key for key, _words in question.choices("en")]
    people = select(Registration).join(Webinar).where(Webinar.series_id == series.id).order_by(Registration.id)
    rows = []
    for person in db.session.scalars(people):
        if choose.random() * 100 < _SHARE_ANSWERING:
            said = choose.choices(list(content.ROLES), weights=list(content.ROLES.values()))[0]
            # The form asks patients and survivors as one.
            person.role = said if said in set(Role) else Role.PATIENT
            rows.append({"question_id": question.id, "registration_id": person.id, "value": choose.choice(keys)})
    db.session.flush()
    if rows:
        db.session.execute(insert(Answer), rows)
