"""What has to be done for a webinar by when, and how far it is: pure functions of facts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from webinars.schedule.languages import further_languages, told_languages
from webinars.schedule.models import Webinar, WebinarState
from webinars.schedule.rules import fingerprint
from webinars.staff.readiness.models import Mark, MarkState, OwnStep

#: what falls due within this time is work of this week
WEEK = timedelta(days=7)
#: no step falls due earlier before the start, own ones apart
EARLIEST = timedelta(days=28)


class Part(StrEnum):
    """When a step is done."""

    BEFORE = "before"
    DAY = "day"
    AFTER = "after"


class State(StrEnum):
    """How far a step is."""

    #: the service sees that it is done
    DONE = "done"
    #: somebody of the staff says so
    TICKED = "ticked"
    NOT_NEEDED = "not needed"
    OPEN = "open"
    LATE = "late"
    #: it was never done, and the webinar is over
    MISSED = "missed"


@dataclass(frozen=True)
class Recording:
    """What became of the recording of a webinar."""

    slug: str
    published: bool
    plays: bool
    released: bool
    corrected: bool


@dataclass(frozen=True)
class Facts:
    """What the service knows of a webinar."""

    webinar: Webinar
    #: requests of people who need something to take part, not arranged yet
    needs: int = 0
    #: people who will miss a letter
    unreached: int = 0
    recording: Recording | None = None
    #: whether those who registered were written to after the end
    followed_up: bool = False


@dataclass(frozen=True)
class Step:
    """One step of every webinar."""

    key: str
    part: Part
    #: when it is due, counted from the start
    due: timedelta
    #: how the service sees that it is done; None where only people know
    check: Callable[[Facts], bool] | None = None
    #: whether people may say so where the service sees nothing
    by_hand: bool = False
    #: what people look at when they tick it: the tick holds for that alone
    looked_at: Callable[[Webinar], str] | None = None
    #: belongs only to webinars that are recorded
    recorded: bool = False


def _speakers_declared(facts: Facts) -> bool:
    speakers = facts.webinar.speakers
    return bool(speakers) and all(speaker.interests for speaker in speakers)


def _told_everywhere(facts: Facts) -> bool:
    return set(told_languages(facts.webinar)) == set(further_languages(facts.webinar))


def _of_recording(name: str) -> Callable[[Facts], bool]:
    return lambda facts: facts.recording is not None and bool(getattr(facts.recording, name))


STEPS = (
    Step("texts", Part.BEFORE, -EARLIEST, _told_everywhere),
    Step("speakers", Part.BEFORE, -EARLIEST, _speakers_declared),
    Step("sponsor", Part.BEFORE, -EARLIEST, lambda facts: bool(facts.webinar.series.sponsor_text)),
    Step("questions", Part.BEFORE, timedelta(days=-21), by_hand=True, looked_at=lambda webinar: str(webinar.asks)),
    Step("announced", Part.BEFORE, timedelta(days=-21), lambda facts: facts.webinar.state == WebinarState.PUBLISHED),
    Step("letters", Part.BEFORE, timedelta(days=-14), by_hand=True),
    Step("captioner", Part.BEFORE, timedelta(days=-14), by_hand=True),
    Step("join", Part.BEFORE, timedelta(days=-7), lambda facts: bool(facts.webinar.join_url)),
    Step("phone", Part.BEFORE, timedelta(days=-7), lambda facts: bool(facts.webinar.phone_number)),
    Step("access", Part.BEFORE, timedelta(days=-3), lambda facts: not facts.needs),
    Step("slides", Part.BEFORE, timedelta(days=-2), by_hand=True),
    Step("join-tested", Part.DAY, timedelta(days=-1), by_hand=True, looked_at=lambda webinar: webinar.join_url),
    Step("mail", Part.DAY, timedelta(days=-1), lambda facts: not facts.unreached),
    Step("recording", Part.AFTER, timedelta(days=3), _of_recording("plays"), recorded=True),
    Step("releases", Part.AFTER, timedelta(days=7), _of_recording("released"), recorded=True),
    Step("captions", Part.AFTER, timedelta(days=14), _of_recording("corrected"), recorded=True),
    Step("video", Part.AFTER, timedelta(days=14), _of_recording("published"), recorded=True),
    Step("follow-up", Part.AFTER, timedelta(days=16), lambda facts: facts.followed_up, by_hand=True),
)
BY_KEY: Mapping[str, Step] = {step.key: step for step in STEPS}
_OWN = "own-"


@dataclass(frozen=True)
class Item:
    """One step of one webinar, as it stands now."""

    key: str
    part: Part
    #: counted from the start
    due: timedelta
    due_at: datetime
    state: State
    by_hand: bool
    #: what staff said of it, whether it still holds or not
    mark: Mark | None = None
    #: of a step that staff added
    own: OwnStep | None = None

    @property
    def said(self) -> str:
        """Give what staff say of it, in a word of MarkState; empty where they say nothing that holds."""
        said = {State.TICKED: MarkState.DONE, State.NOT_NEEDED: MarkState.NOT_NEEDED}
        return said.get(self.state, "")

    @property
    def settled(self) -> bool:
        """Say whether nobody needs to do anything."""
        return self.state in {State.DONE, State.TICKED, State.NOT_NEEDED}

    @property
    def to_do(self) -> bool:
        """Say whether somebody still has to do it."""
        return self.state in {State.OPEN, State.LATE}


@dataclass(frozen=True)
class Preparation:
    """All steps of a webinar."""

    facts: Facts
    items: Sequence[Item]
    over: bool
    #: who of the staff has which part: part → names
    team: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def webinar(self) -> Webinar:
        """Give the webinar."""
        return self.facts.webinar

    @property
    def counted(self) -> list[Item]:
        """List the steps that count now: those up to the start, once it is over those after it."""
        now = [item for item in self.items if (item.part is Part.AFTER) == self.over]
        return [item for item in now if item.state is not State.NOT_NEEDED]

    @property
    def ready(self) -> int:
        """Count those of them that are done."""
        return sum(item.settled for item in self.counted)

    def of(self, part: Part) -> list[Item]:
        """List the steps of a part, the first due first."""
        return sorted((item for item in self.items if item.part is part), key=lambda item: item.due)

    @property
    def late(self) -> list[Item]:
        """List what is late, the longest first."""
        return sorted((item for item in self.items if item.state is State.LATE), key=lambda item: item.due_at)

    def due_this_week(self, now: datetime) -> list[Item]:
        """List what is not late and falls due within a week, the soonest first."""
        soon = [item for item in self.items if item.state is State.OPEN and item.due_at <= now + WEEK]
        return sorted(soon, key=lambda item: item.due_at)


def prepare(
    facts: Facts,
    marks: Mapping[str, Mark],
    own: Iterable[OwnStep],
    now: datetime,
    team: Mapping[str, Sequence[str]] | None = None,
) -> Preparation:
    """Say how far a webinar is; ``marks`` by step, ``own`` the steps that staff added to it or to its series."""
    webinar, over = facts.webinar, now >= facts.webinar.ends_at
    built_in = [_item(step, facts, marks.get(step.key), now) for step in STEPS if webinar.recorded or not step.recorded]
    added = [_own_item(step, facts, marks.get(own_key(step)), now) for step in own if belongs(step, webinar)]
    return Preparation(facts, [*built_in, *added], over, team or {})


def belongs(step: OwnStep, webinar: Webinar) -> bool:
    """Say whether a step that staff added is one of a webinar: a series' step only if it was not over by then."""
    if step.removed_at is not None:
        return False
    if step.webinar_id is not None:
        return step.webinar_id == webinar.id
    return step.series_id == webinar.series_id and step.created_at < webinar.ends_at


def own_key(step: OwnStep) -> str:
    """Name a step that staff added."""
    return f"{_OWN}{step.id}"


def own_number(key: str) -> str:
    """Give the number in such a name; empty for any other name."""
    return key.removeprefix(_OWN) if key.startswith(_OWN) else ""


def seen_now(key: str, webinar: Webinar) -> str:
    """Fingerprint what somebody who ticks a step looks at; empty where the tick holds whatever changes."""
    step = BY_KEY.get(key)
    return fingerprint([step.looked_at(webinar)]) if step and step.looked_at else ""


def holding(mark: Mark | None, key: str, webinar: Webinar) -> str | None:
    """Give what staff say of a step; a tick given to something else than is there now does not hold."""
    if mark is None or (mark.state == MarkState.DONE and mark.seen != seen_now(key, webinar)):
        return None
    return mark.state


def is_as_told(mark: Mark | None, told: Mapping[str, Any]) -> bool:
    """Say whether a step stands as the trail tells of it."""
    if mark is None:
        return told.get("said") == State.OPEN
    at = mark.at.isoformat()
    return (mark.state, mark.seen, mark.by, at) == tuple(
        told.get(one) for one in ("said", "seen", "said_by", "said_at")
    )


def _item(step: Step, facts: Facts, mark: Mark | None, now: datetime) -> Item:
    done = step.check is not None and step.check(facts)
    due_at = facts.webinar.starts_at + step.due
    state = _state(step.part, done, holding(mark, step.key, facts.webinar), due_at, facts.webinar, now)
    return Item(step.key, step.part, step.due, due_at, state, step.by_hand, mark)


def _own_item(step: OwnStep, facts: Facts, mark: Mark | None, now: datetime) -> Item:
    due = timedelta(days=step.days)
    part = Part.AFTER if step.days > 0 else Part.DAY if step.days == 0 else Part.BEFORE
    due_at = facts.webinar.starts_at + due
    state = _state(part, False, mark.state if mark else None, due_at, facts.webinar, now)
    return Item(own_key(step), part, due, due_at, state, True, mark, step)


def _state(part: Part, done: bool, said: str | None, due_at: datetime, webinar: Webinar, now: datetime) -> State:
    if done:
        return State.DONE
    if said is not None:
        return State.TICKED if said == MarkState.DONE else State.NOT_NEEDED
    if part is not Part.AFTER and now >= webinar.ends_at:
        return State.MISSED
    return State.LATE if now >= due_at else State.OPEN
