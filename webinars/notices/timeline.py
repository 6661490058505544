"""What somebody has received and will receive, and when: foretold by the rules that send."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from webinars.mail.models import Message, MessageState
from webinars.notices import rules
from webinars.notices.facts import Facts, is_by_hand
from webinars.notices.kinds import Notice, Reason
from webinars.notices.letters import LETTER_OF_STATE
from webinars.notices.rules import DueReminder, NotOwed
from webinars.notices.starts import news, revision_of
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.rules import newcomer_state, why_closed
from webinars.schedule.models import Webinar, WebinarState

_CLOSED = (MessageState.FAILED, MessageState.EXPIRED, MessageState.SUPERSEDED)
_WAITING = (RegistrationState.WAITLISTED, RegistrationState.OFFERED)


class Outlook(Enum):
    """What becomes of a letter."""

    SENT = "sent"
    #: written; its turn comes at the moment given
    WAITS = "waits"
    #: falls due at the moment given
    COMES = "comes"
    #: once the recording is published
    ONCE_PUBLISHED = "once published"
    #: only once they press the button in the letter that asks for it
    IF_PROVEN = "if proven"
    #: only if a place frees up
    IF_A_PLACE_FREES_UP = "if a place frees up"
    NEVER = "never"


@dataclass(frozen=True)
class Item:
    """One letter in somebody's timeline."""

    notice: Notice
    outlook: Outlook
    #: when it went or goes; of one that never comes, when it would have
    moment: datetime | None = None
    #: of a reminder, before the start
    minutes: int | None = None
    #: why it never comes: a Reason, a NotOwed, or the words of a server
    why: str = ""
    #: waits: a reminder for the end of the reader's quiet hours, what a visitor caused for the turn of its address
    delayed: bool = False


@dataclass(frozen=True)
class Prospect:
    """All that tells what somebody receives."""

    facts: Facts
    #: hours of the reader's day without reminders that have time; None = none
    quiet: tuple[int, int] | None
    #: written for them so far
    letters: Sequence[Message] = ()
    #: occasions of the webinar's reminders that nobody new is owed
    closed: frozenset[str] = frozenset()
    #: they left the letters about recordings
    left: bool = False

    def is_written(self, notice: Notice, occasion: str | None = None) -> bool:
        """Say whether a letter was written, of any occasion if none is given."""
        return any(one.notice == notice and occasion in {None, one.occasion} for one in self.letters)

    @property
    def told_all(self) -> bool:
        """Say whether they have what their place is about: none of the letters that say it, or one of them, left."""
        place = self.facts.registration
        about_it = [one for one in self.letters if one.notice in _GIVING and one.created_at >= place.state_since]
        return not about_it or any(one.state == MessageState.SENT for one in about_it)


def timeline(prospect: Prospect, now: datetime) -> list[Item]:
    """List what somebody received and will receive as things stand, in the order of time."""
    items = [*_letters(prospect, now), *_news(prospect, now), *_reminders(prospect, now), *_recording(prospect, now)]
    return sorted(items, key=lambda item: (item.moment is None, item.moment or now))


def newcomer(
    webinar: Webinar, now: datetime, quiet: tuple[int, int] | None, *, zone: str, language: str, mode: str
) -> Prospect | None:
    """Make up somebody who registers now, for a draft as if it were published now; None when nobody can."""
    copy = Webinar(**{column.key: getattr(webinar, column.key) for column in Webinar.__mapper__.column_attrs})
    copy.series = webinar.series
    if copy.state == WebinarState.DRAFT:
        copy.state, copy.published_at = WebinarState.PUBLISHED, now
    state = newcomer_state(copy, mode) if why_closed(copy, now, mode) is None else None
    if state is None:
        return None
    place = Registration(
        webinar=copy, state=state, mode=mode, time_zone=zone, language=language, email="somebody@example.org",
        discreet=False, created_at=now, state_since=now, state_changes=1, sequence_offset=0,
        told_sequence=copy.sequence,
    )  # fmt: skip
    return Prospect(Facts(place), quiet)


def newcomers_timeline(prospect: Prospect, now: datetime) -> list[Item]:
    """List what somebody would receive who registers now."""
    state = RegistrationState(prospect.facts.registration.state)
    first = [Item(LETTER_OF_STATE[state], Outlook.COMES, now)]
    if prospect.facts.webinar.requires_proof:
        first = [Item(Notice.PROOF, Outlook.COMES, now), replace(*first, outlook=Outlook.IF_PROVEN)]
    if state in _WAITING:
        asked = prospect.facts.webinar.offer_hours_in_force > 0
        first.append(Item(Notice.OFFER if asked else Notice.PROMOTED, Outlook.IF_A_PLACE_FREES_UP))
    return [*first, *timeline(prospect, now)]


def _letters(prospect: Prospect, now: datetime) -> Iterator[Item]:
    for letter in prospect.letters:
        notice = Notice(letter.notice)
        minutes = int(letter.occasion.partition("-")[2]) if notice is Notice.REMINDER else None
        item = Item(notice, Outlook.SENT, letter.sent_at, minutes)
        if letter.state in _CLOSED:
            yield replace(item, outlook=Outlook.NEVER, moment=letter.next_attempt_at, why=letter.last_error or "")
        elif letter.state == MessageState.SENT:
            yield item
        else:
            yield _waiting(item, letter, prospect, now)


def _waiting(item: Item, letter: Message, prospect: Prospect, now: datetime) -> Item:
    """Say when a letter that was written goes, or why it will not."""
    item = replace(item, outlook=Outlook.WAITS, moment=max(letter.next_attempt_at, now))
    if item.notice in _BEYOND_RULES:
        return item
    facts = replace(prospect.facts, by_hand=is_by_hand(letter))
    refusal = rules.why_not(item.notice, letter.occasion, facts, now)
    left = prospect.left and item.notice is Notice.RECORDING_READY
    if refusal is not None or left:
        return replace(item, outlook=Outlook.NEVER, why=refusal.reason if refusal else Reason.UNSUBSCRIBED)
    return replace(item, delayed=letter.attempts == 0 and letter.next_attempt_at > letter.created_at)


#: letters that give a seat, with all that belongs to it
_GIVING = frozenset({Notice.CONFIRMATION, Notice.PROMOTED, Notice.REPEATED})
#: letters whose sending other rules decide
_BEYOND_RULES = frozenset({
    Notice.ANNOUNCEMENT, Notice.DATES, Notice.LINK, Notice.NEW_ADDRESS, Notice.ADDRESS_CHANGED, Notice.TEST
})  # fmt: skip


def _news(prospect: Prospect, now: datetime) -> Iterator[Item]:
    """Foretell the letter about a change that is owed and not written yet."""
    place, webinar = prospect.facts.registration, prospect.facts.webinar
    if not place.active or place.held or not place.email or now >= webinar.ends_at:
        return
    owed = news(place.told_sequence, place.created_at, revision_of(webinar), prospect.facts.starts)
    if owed is Notice.CHANGED and place.state == RegistrationState.RECORDING_ONLY:
        owed = None
    if webinar.state == WebinarState.CANCELLED:
        owed = Notice.CANCELLED
    if owed is not None and webinar.published_at and not prospect.is_written(owed, str(webinar.sequence)):
        never = prospect.facts.bounced
        outlook = Outlook.NEVER if never else Outlook.COMES
        yield Item(owed, outlook, now, why=Reason.BOUNCED if never else "")


def _reminders(prospect: Prospect, now: datetime) -> Iterator[Item]:
    webinar = prospect.facts.webinar
    if webinar.state == WebinarState.CANCELLED:
        return
    first = prospect.facts.starts.first(revision_of(webinar))
    for reminder in rules.reminders_of(webinar.starts_at, webinar.reminder_minutes):
        occasion = rules.reminder_occasion(first, reminder.minutes)
        if not prospect.is_written(Notice.REMINDER, occasion):
            yield _reminder(reminder, occasion, prospect, now)


def _reminder(reminder: DueReminder, occasion: str, prospect: Prospect, now: datetime) -> Item:
    """Foretell a reminder that is not written yet."""
    place = prospect.facts.registration
    goes_at = rules.goes_at(reminder, place.time_zone, prospect.quiet, now)
    item = Item(Notice.REMINDER, Outlook.COMES, goes_at, reminder.minutes, delayed=goes_at > max(reminder.due_at, now))
    never = replace(item, outlook=Outlook.NEVER, moment=reminder.due_at, delayed=False)
    refusal = rules.why_not(Notice.REMINDER, occasion, prospect.facts, goes_at)
    why_no = rules.why_no_reminder(reminder, prospect.facts)
    if why_no is NotOwed.CAME_LATER and not prospect.told_all:
        why_no = NotOwed.CAME_LATER_UNTOLD
    ahead = reminder.due_at > now
    if place.held and why_no is None and ahead:
        return replace(never, outlook=Outlook.IF_PROVEN)
    if why_no is NotOwed.NO_SEAT and place.state in _WAITING and ahead:
        return replace(never, outlook=Outlook.IF_A_PLACE_FREES_UP)
    if why_no is not None and why_no is not NotOwed.NO_SEAT:
        return replace(never, why=why_no)
    if not ahead and (now >= reminder.expires_at or occasion in prospect.closed):
        return replace(never, why=NotOwed.PASSED_OVER)
    return replace(never, why=refusal.reason) if refusal is not None else item


def _recording(prospect: Prospect, now: datetime) -> Iterator[Item]:
    place, webinar = prospect.facts.registration, prospect.facts.webinar
    promised = webinar.recorded and webinar.state != WebinarState.CANCELLED and place.active
    if not promised or prospect.is_written(Notice.RECORDING_READY):
        return
    why = Reason.NO_ADDRESS if not place.email else Reason.BOUNCED if prospect.facts.bounced else ""
    why = why or (Reason.UNSUBSCRIBED if prospect.left else "")
    if why:
        yield Item(Notice.RECORDING_READY, Outlook.NEVER, why=why)
    elif place.held:
        yield Item(Notice.RECORDING_READY, Outlook.IF_PROVEN)
    elif prospect.facts.video is not None:
        yield Item(Notice.RECORDING_READY, Outlook.COMES, now)
    else:
        yield Item(Notice.RECORDING_READY, Outlook.ONCE_PUBLISHED)
