"""Whatever people and staff do in whatever order: counters equal rows, nobody waits while a seat is free."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import update

from tests.factories import NOW, make_webinar
from tests.registration.deeds import application, assert_true_counters, listening
from webinars.core.database import db, transaction
from webinars.core.errors import UserError
from webinars.mail.models import Message
from webinars.registration import erasure, offers, proofs, queries, service, staff_deeds
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.registration.questions.service import settle
from webinars.schedule.models import Webinar

PEOPLE = st.sampled_from([f"Person {number}" for number in range(9)])
MODES = st.sampled_from(list(Mode))


class Seats(RuleBasedStateMachine):
    """People register, leave, come back, change their minds and answer offers or not; staff change the capacity."""

    def __init__(self) -> None:
        super().__init__()
        self.minutes = 0
        #: the highest state_changes and sequence seen of each person
        self.seen: dict[str, tuple[int, int]] = {}

    @initialize(
        capacity=st.none() | st.integers(0, 4),
        waiting_list=st.booleans(),
        offer_hours=st.sampled_from([0, 4]),
        proof=st.booleans(),
    )
    def open_webinar(self, capacity: int | None, waiting_list: bool, offer_hours: int, proof: bool) -> None:
        db.session.rollback()
        fields = {"capacity": capacity, "waiting_list": waiting_list, "offer_hours": offer_hours}
        self.webinar = make_webinar(**fields, require_proof=proof)
        with transaction():
            settle(self.webinar)

    @property
    def now(self):
        self.minutes += 1
        return NOW + timedelta(minutes=self.minutes)

    def of(self, name: str) -> Registration | None:
        known = application(name)
        return queries.find_same(self.webinar.id, known.email_key, known.name_key)

    def attempt(self, deed, *arguments) -> None:
        """Do something; what is refused must leave everything as it was."""
        try:
            with transaction():
                deed(*arguments)
        except UserError:
            pass

    @rule(name=PEOPLE, mode=MODES)
    def register(self, name: str, mode: Mode) -> None:
        self.attempt(service.register, self.webinar.id, application(name, mode=mode), self.now)

    @rule(
        name=PEOPLE,
        what=st.sampled_from([service.cancel, service.undo_cancel, erasure.erase, staff_deeds.restore, offers.accept]),
    )
    def do(self, name: str, what) -> None:
        def deed() -> None:
            registration = self.of(name)
            if registration is not None:
                what(registration, self.now)
                if what is erasure.erase:
                    self.seen.pop(name, None)

        self.attempt(deed)

    @rule(name=PEOPLE, gives_up=st.booleans())
    def prove(self, name: str, gives_up: bool) -> None:
        def deed() -> None:
            registration = self.of(name)
            if registration is not None:
                service.keep_held(registration, self.now, gives_up=gives_up)
                if gives_up:
                    service.cancel(registration, self.now)
                service.note_proof(registration, self.now)

        self.attempt(deed)

    @rule(name=PEOPLE, mode=MODES)
    def change_mode(self, name: str, mode: Mode) -> None:
        def deed() -> None:
            registration = self.of(name)
            if registration is not None:
                service.change_mode(registration, mode, self.now)

        self.attempt(deed)

    @rule(more=st.integers(0, 3) | st.none())
    def raise_capacity(self, more: int | None) -> None:
        with transaction():
            webinar = db.session.get_one(Webinar, self.webinar.id)
            if webinar.capacity is not None:
                webinar.capacity = None if more is None else webinar.capacity + more
            first = [one.name for one in self.waiting()]
            promoted = [one.name for one in service.promote_waiting(webinar.id, self.now)]
        assert promoted == first[: len(promoted)], "first come, first served"

    @rule(hours=st.integers(1, 20))
    def let_time_pass(self, hours: int) -> None:
        self.minutes += 60 * hours
        moment = self.now
        self.attempt(offers.pass_on, moment)
        with transaction() as session:
            session.execute(update(Message).values(state="sent"))
        while self.settle_held(moment):
            pass
        over = [one for one in self.standing(RegistrationState.OFFERED) if (one.offered_until or NOW) <= moment]
        assert over == [], "an offer whose time is over has gone on"

    def settle_held(self, moment: datetime) -> int:
        with transaction():
            settled = proofs.pass_on(moment)
        held = db.session.query(Registration).filter(Registration.proof_until.is_not(None)).all()
        assert all((one.proof_until or NOW) > moment for one in held), "a held place whose time is over has ended"
        self.seen = {name: counts for name, counts in self.seen.items() if self.of(name) is not None}
        return settled

    @rule(name=PEOPLE)
    def send_the_same_form_twice(self, name: str) -> None:
        self.register(name, Mode.LIVE)
        with listening() as heard:
            self.register(name, Mode.LIVE)
        assert heard == []

    def waiting(self) -> list[Registration]:
        return self.standing(RegistrationState.WAITLISTED)

    def standing(self, state: RegistrationState) -> list[Registration]:
        rows = db.session.query(Registration).filter_by(webinar_id=self.webinar.id, state=state)
        return list(rows.order_by(Registration.line_number))

    @invariant()
    def counters_are_true(self) -> None:
        if hasattr(self, "webinar"):
            assert_true_counters(self.webinar)

    @invariant()
    def positions_have_no_gaps(self) -> None:
        if hasattr(self, "webinar"):
            assert [queries.position(one) for one in self.waiting()] == list(
                range(1, self.webinar.waitlisted_count + 1)
            )

    @invariant()
    def counts_of_a_person_never_go_back(self) -> None:
        if not hasattr(self, "webinar"):
            return
        for one in db.session.query(Registration).filter_by(webinar_id=self.webinar.id):
            before = self.seen.get(one.name, (0, 0))
            assert (one.state_changes, one.sequence) >= before
            assert one.sequence >= before[1]
            assert (one.line_number is None) == (one.state != RegistrationState.WAITLISTED)
            assert (one.offered_until is None) == (one.state != RegistrationState.OFFERED)
            assert not one.held or one.state != RegistrationState.OFFERED, "whoever is asked already is not asked again"
            self.seen[one.name] = (one.state_changes, one.sequence)


@pytest.mark.usefixtures("app")
def test_seats_stay_true_whatever_happens():
    run_state_machine_as_test(
        Seats,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
