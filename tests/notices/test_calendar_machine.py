"""Whatever people and staff do while letters are under way: in the end every calendar holds exactly what is true."""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.factories import NOW, make_series, make_webinar
from tests.support.calendar_client import CalendarClient
from webinars.core.database import db, transaction
from webinars.core.errors import UserError
from webinars.mail import claims
from webinars.mail.events import letters_sent
from webinars.mail.letters import Letter, NotSent, Sent
from webinars.mail.models import Lane, Mailing, Message, MessageState
from webinars.notices import owed
from webinars.notices.derive import derive_due
from webinars.notices.facts import Facts
from webinars.notices.prepare import prepare
from webinars.notices.queries import SETTLES_AFTER
from webinars.registration import corrections, queries, seats, service, staff_deeds
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.registration.rules import Application, CalendarState, calendar_state
from webinars.schedule.models import Series, Webinar
from webinars.schedule.service import cancel_webinar, edit_webinar, move_webinar

#: two of them share a mailbox
PEOPLE = {
    "Alice": "home@example.org",
    "Bob": "home@example.org",
    "Carol": "carol@example.org",
    "Dan": "dan@example.org",
}
NAMES = st.sampled_from(sorted(PEOPLE))
LEASE = timedelta(seconds=60)
HOURS = st.integers(0, 2)
_WORLDS = itertools.count()
PHONES = st.sampled_from(["", "1-800-555-0142", "1-800-555-0199"])


@dataclass
class Flight:
    """A letter between the claim and the mark."""

    message: Message
    letter: Letter
    arrived: bool = False


class Calendars(RuleBasedStateMachine):
    """People and staff do as they please; a worker sends, is slow, and dies; calendars take what comes."""

    def __init__(self) -> None:
        super().__init__()
        # Each world has a time of its own: what letters share is kept under the moment at which a webinar changed.
        self.now = NOW + next(_WORLDS) * timedelta(minutes=1)
        self.flights: list[Flight] = []
        self.mailboxes = {address: CalendarClient(address) for address in PEOPLE.values()}

    @initialize(capacity=st.sampled_from([None, 1, 2]), waiting_list=st.booleans())
    def open_webinar(self, capacity: int | None, waiting_list: bool) -> None:
        db.session.rollback()
        for table in (Message, Mailing, Registration, Webinar, Series):
            db.session.query(table).delete()
        db.session.commit()
        webinar = make_webinar(make_series(reminders=[]), capacity=capacity, waiting_list=waiting_list)
        self.webinar_id, self.base, self.retitled = webinar.id, webinar.local_start, 0

    # --- deeds -----------------------------------------------------------------------------------------------------

    def attempt(self, deed) -> None:
        """Do something a second later; what is refused must change nothing."""
        self.now += timedelta(seconds=1)
        try:
            with transaction():
                deed()
        except UserError:
            pass

    def webinar(self) -> Webinar:
        return db.session.get_one(Webinar, self.webinar_id)

    def of(self, name: str) -> Registration | None:
        form = Application(name, PEOPLE[name])
        return queries.find_same(self.webinar_id, form.email_key, form.name_key)

    def with_place(self, name: str, deed) -> None:
        def found() -> None:
            place = self.of(name)
            if place is not None:
                deed(place)

        self.attempt(found)

    @rule(name=NAMES, mode=st.sampled_from(list(Mode)), discreet=st.booleans(), by_staff=st.booleans())
    def register(self, name: str, mode: Mode, discreet: bool, by_staff: bool) -> None:
        form = Application(name, PEOPLE[name], mode=mode, discreet=discreet)
        self.attempt(lambda: service.register(self.webinar_id, form, self.now, by_staff))

    @rule(name=NAMES, by=st.sampled_from(["registrant", "staff", "calendar"]))
    def cancel(self, name: str, by: str) -> None:
        self.with_place(name, lambda place: service.cancel(place, self.now, by))

    @rule(name=NAMES, deed=st.sampled_from([service.undo_cancel, staff_deeds.restore]))
    def come_back(self, name: str, deed) -> None:
        self.with_place(name, lambda place: deed(place, self.now))

    @rule(name=NAMES, mode=st.sampled_from(list(Mode)), by=st.sampled_from(["registrant", "staff", "calendar"]))
    def switch(self, name: str, mode: Mode, by: str) -> None:
        self.with_place(name, lambda place: service.change_mode(place, mode, self.now, by))

    @rule(name=NAMES, discreet=st.booleans(), zone=st.sampled_from(["Asia/Kathmandu", "America/New_York"]))
    def edit(self, name: str, discreet: bool, zone: str) -> None:
        details = corrections.Details(name, zone, discreet)
        self.with_place(name, lambda place: corrections.edit_details(place, details, self.now))

    @rule(hours=HOURS)
    def move(self, hours: int) -> None:
        start = self.base + timedelta(hours=hours)
        self.attempt(lambda: move_webinar(self.webinar(), start, now=self.now))

    @rule(minutes=st.sampled_from([60, 75]), phone=PHONES)
    def change(self, minutes: int, phone: str) -> None:
        self.retitled += 1
        fields = {"title": f"Title {self.retitled % 3}", "duration_minutes": minutes, "phone_number": phone}
        self.attempt(lambda: edit_webinar(self.webinar(), fields, self.now))

    @rule(more=st.integers(1, 2))
    def add_places(self, more: int) -> None:
        def deed() -> None:
            webinar = self.webinar()
            if webinar.capacity is not None:
                edit_webinar(webinar, {"capacity": webinar.capacity + more}, self.now)

        self.attempt(deed)

    @rule(sure=st.integers(0, 9))
    def call_off(self, sure: int) -> None:
        if sure == 0:
            self.attempt(lambda: cancel_webinar(self.webinar(), "", self.now))

    # --- the worker ------------------------------------------------------------------------------------------------

    @rule()
    def look(self) -> None:
        with transaction():
            derive_due(self.now)

    @rule(most=st.integers(1, 3))
    def send_some(self, most: int) -> None:
        self.send(most)

    def send(self, most: int) -> int:
        """Claim letters, make them, and begin to hand them over; none is marked yet."""
        self.now += timedelta(seconds=1)
        claimed = claims.claim(Lane.TRANSACTIONAL, self.now, LEASE, most) or claims.claim(
            Lane.BULK, self.now, LEASE, most
        )
        for message in claimed:
            made = prepare([message], self.now)[0]()
            db.session.rollback()
            if isinstance(made, NotSent):
                with transaction() as session:
                    claims.settle(session, message, state=made.state, last_error=made.reason)
            else:
                self.flights.append(Flight(message, made))
        return len(claimed)

    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        under_way = [flight for flight in self.flights if not flight.arrived]
        if under_way:
            self.deliver(data.draw(st.sampled_from(under_way)))

    def deliver(self, flight: Flight) -> None:
        flight.arrived = True
        if flight.letter.calendar is not None:
            self.mailboxes[flight.letter.to_address].take(flight.letter.calendar.ics)

    @rule(data=st.data())
    def mark(self, data: st.DataObject) -> None:
        arrived = [flight for flight in self.flights if flight.arrived]
        if arrived:
            self.note(data.draw(st.sampled_from(arrived)))

    def note(self, flight: Flight) -> None:
        self.flights.remove(flight)
        with transaction() as session:
            assert claims.settle(session, flight.message, state=MessageState.SENT, sent_at=self.now)
            letters_sent.send([Sent(flight.message.subject, flight.letter.receipt)], now=self.now)

    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        """Kill the worker; of what was under way some has arrived, and nobody wrote it down."""
        for flight in self.flights:
            if not flight.arrived and data.draw(st.booleans()):
                self.deliver(flight)
        self.flights.clear()
        self.now += LEASE
        claims.recover(self.now)

    @rule(minutes=st.integers(1, 7))
    def wait(self, minutes: int) -> None:
        """Let time pass; nothing stays under way for longer than marks are tried."""
        for flight in list(self.flights):
            if not flight.arrived:
                self.deliver(flight)
            self.note(flight)
        self.now += timedelta(minutes=minutes)

    # --- the truth -------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "webinar_id"):
            return
        for _round in range(4):
            self.wait(0)
            self.look()
            while self.send(20):
                self.wait(0)
            self.now += SETTLES_AFTER + timedelta(seconds=1)
        db.session.rollback()
        assert db.session.query(Message).filter(Message.state.in_(["pending", "sending"])).count() == 0
        truth: dict[str, set[tuple[object, ...]]] = {address: set() for address in self.mailboxes}
        places = list(db.session.query(Registration))
        newest = queries.newest_letters(places)
        for place in places:
            takes_part = place.state == RegistrationState.CONFIRMED and place.webinar.state == "published"
            if takes_part:
                truth[place.email or ""].add(_true_entry(place))
            told = {CalendarState.CURRENT} if takes_part else {CalendarState.WITHDRAWN, CalendarState.NONE}
            letter = newest.get(place.id)
            assert calendar_state(place, letter.state if letter else None) in told, "staff see what is true"
        shown = {
            address: {_shown(uid, held.event, held) for uid, held in client.entries.items()}
            for address, client in self.mailboxes.items()
        }
        assert shown == truth


def _true_entry(place: Registration) -> tuple[object, ...]:
    webinar = place.webinar
    by_phone = place.mode == Mode.PHONE and bool(webinar.phone_number)
    title = "Your appointment" if place.discreet else webinar.title
    return place.uid, webinar.starts_at, webinar.ends_at, title, place.discreet, by_phone, webinar.phone_number


def _shown(uid, event, held) -> tuple[object, ...]:
    by_phone = event.text("LOCATION").startswith("1-800")
    in_text = event.text("DESCRIPTION").partition("By phone: ")[2].partition(",")[0].partition("\n")[0]
    return uid, held.start, held.end, held.title, event.one("CLASS").value == "PRIVATE", by_phone, in_text


def run(machine: type[Calendars], examples: int, **more) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            suppress_health_check=list(HealthCheck),
            database=None,
            **more,
        ),
    )


@pytest.mark.usefixtures("app")
@pytest.mark.timeout(600)
def test_calendars_end_with_what_is_true_whatever_happens():
    run(Calendars, 40)


def free_and_forget(registration: Registration, now: datetime, free=seats.free) -> list[Registration]:
    """Free a seat as if no invitation could be on its way."""
    held = registration.entry_sequence, registration.entry_withdrawn
    promoted = free(registration, now)
    registration.entry_sequence, registration.entry_withdrawn = held
    return promoted


#: faults that systems of this kind have: no SEQUENCE of one's own, no withdrawal, none of what is still under way, no
#: memory of what was told
FAULTS = {
    "sequence": (Registration, "sequence", property(lambda place: place.webinar.sequence)),
    "withdrawal": (Facts, "invited", property(lambda facts: facts.seat)),
    "under way": (seats, "free", free_and_forget),
    "memory": (owed, "note_told", lambda sent: None),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("app")
@pytest.mark.timeout(600)
def test_control_finds_the_faults_that_such_systems_have(fault, monkeypatch):
    monkeypatch.setattr(*FAULTS[fault])
    with pytest.raises((AssertionError, ExceptionGroup)):
        run(Calendars, 200, phases=[Phase.generate], report_multiple_bugs=False, derandomize=True)
