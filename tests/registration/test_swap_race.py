"""People who change between two dates at the same moment, in both directions and with full houses."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.exc import OperationalError

from tests.factories import NOW, make_webinar
from tests.registration.deeds import application, assert_true_counters
from tests.registration.test_race import together
from webinars.core.database import db, is_sqlite, transaction
from webinars.core.errors import UserError
from webinars.registration import offers, queries, seats, service, swaps
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import Webinar

EACH = 24
SEATS = 20
COMING = {"confirmed", "waitlisted", "offered"}


def fill(first: Webinar, second: Webinar) -> list[tuple[int, int]]:
    """Fill two dates beyond their last seat; give (registration, the date it wants instead)."""
    with transaction():
        wishes = []
        for webinar, other in ((first, second), (second, first)):
            for number in range(EACH):
                one = service.register(webinar.id, application(f"Person {webinar.id} {number}"), NOW).registration
                wishes.append((one.id, other.id))
    return wishes


def swap(number: int, other: int) -> str:
    try:
        with transaction() as session:
            return str(swaps.swap(session.get_one(Registration, number), other, 10**6, NOW).state)
    except UserError as refusal:
        return type(refusal).__name__


def test_everybody_changes_over_at_once_and_no_seat_is_lost_or_given_twice(app):
    first, second = make_webinar(capacity=SEATS), make_webinar(capacity=SEATS, starts_in=timedelta(days=20))
    wishes = fill(first, second)
    db.session.remove()
    answers = together(app, deeds_of(wishes))
    assert set(answers) <= COMING, "nobody was turned away, and nobody waited in a circle"
    first, second = db.session.merge(first), db.session.merge(second)
    for webinar in (first, second):
        assert_true_counters(webinar)
        assert (webinar.confirmed_count, webinar.waitlisted_count) == (SEATS, EACH - SEATS)
    coming = db.session.query(Registration).filter(Registration.state.in_(COMING)).all()
    assert sorted(one.name for one in coming) == sorted({one.name for one in coming}), "one place each"


def deeds_of(wishes: list[tuple[int, int]]) -> list[Callable[[], str]]:
    """Let those who go there and those who come from there take turns."""
    both_ways = zip(wishes[:EACH], wishes[EACH:], strict=True)
    return [lambda wish=wish: swap(*wish) for pair in both_ways for wish in pair]


def test_control_locks_taken_in_the_order_of_each_ones_way_end_in_a_circle(app, monkeypatch):
    if is_sqlite():
        pytest.skip("SQLite has one lock for all")
    first, second = make_webinar(capacity=SEATS), make_webinar(capacity=SEATS, starts_in=timedelta(days=20))
    wishes = fill(first, second)
    db.session.remove()

    def lock_own_first(registration: Registration, other: int) -> Webinar:
        seats.lock_place(registration)
        return seats.lock(other)

    monkeypatch.setattr(seats, "lock_together", lock_own_first)
    with pytest.raises(OperationalError, match="deadlock"):
        together(app, deeds_of(wishes))


NAMES = st.sampled_from([f"Person {number}" for number in range(6)])
SIDES = st.sampled_from([0, 1])


class TwoDates(RuleBasedStateMachine):
    """People register, leave, swap to and fro, answer offers or not, on two dates with few seats."""

    def __init__(self) -> None:
        super().__init__()
        self.minutes = 0

    @initialize(capacities=st.tuples(*[st.integers(0, 3)] * 2), waiting=st.booleans(), hours=st.sampled_from([0, 4]))
    def open_dates(self, capacities: tuple[int, int], waiting: bool, hours: int) -> None:
        db.session.rollback()
        for table in (Registration, Webinar):
            db.session.query(table).delete()
        db.session.commit()
        same = {"waiting_list": waiting, "offer_hours": hours}
        starts = (timedelta(days=10), timedelta(days=20))
        pairs = zip(capacities, starts, strict=True)
        self.ids = [make_webinar(capacity=capacity, starts_in=start, **same).id for capacity, start in pairs]

    @property
    def now(self):
        self.minutes += 1
        return NOW + timedelta(minutes=self.minutes)

    def of(self, name: str, side: int) -> Registration | None:
        known = application(name)
        return queries.find_same(self.ids[side], known.email_key, known.name_key)

    def coming(self, name: str) -> int:
        places = [self.of(name, side) for side in (0, 1)]
        return sum(one is not None and one.state in COMING for one in places)

    def attempt(self, name: str, side: int, deed) -> bool:
        try:
            with transaction():
                one = self.of(name, side)
                if one is not None:
                    deed(one)
                return one is not None
        except UserError:
            return False

    @rule(name=NAMES, side=SIDES)
    def register(self, name: str, side: int) -> None:
        try:
            with transaction():
                service.register(self.ids[side], application(name), self.now)
        except UserError:
            pass

    @rule(name=NAMES, side=SIDES, deed=st.sampled_from([service.cancel, service.undo_cancel, offers.accept]))
    def do(self, name: str, side: int, deed) -> None:
        self.attempt(name, side, lambda one: deed(one, self.now))

    @rule(name=NAMES, side=SIDES, shown=st.integers(0, 3))
    def swap(self, name: str, side: int, shown: int) -> None:
        before = self.coming(name)
        went = self.attempt(name, side, lambda one: swaps.swap(one, self.ids[1 - side], shown, self.now))
        assert self.coming(name) == before, "never neither, never one more"
        if went:
            there = self.of(name, 1 - side)
            assert there.state == RegistrationState.CONFIRMED or queries.position(there) <= shown

    @rule(hours=st.integers(1, 5))
    def let_time_pass(self, hours: int) -> None:
        self.minutes += 60 * hours
        with transaction():
            offers.pass_on(self.now)

    @invariant()
    def counters_are_true(self) -> None:
        for number in getattr(self, "ids", ()):
            assert_true_counters(db.session.get_one(Webinar, number))


@pytest.mark.usefixtures("app")
def test_places_stay_true_whoever_swaps_when():
    bounds = settings(max_examples=15, stateful_step_count=25, database=None)
    run_state_machine_as_test(TwoDates, settings=settings(bounds, suppress_health_check=list(HealthCheck)))
