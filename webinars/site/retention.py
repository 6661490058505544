"""What is kept, why, and until when: one table that the privacy page shows and the daily deletion obeys."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, String, cast, column, delete, exists, literal, or_, select, table, union_all, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import Delete, Update

from config import Period
from webinars.accounts.drafts.models import Draft
from webinars.accounts.drafts.service import DRAFT_DAYS
from webinars.accounts.models import AuditEntry, RecoveryCode, StaffSession
from webinars.archive.uploads import service as uploads
from webinars.core.database import UtcInstant, db
from webinars.core.http import current_settings
from webinars.live.models import Attendance
from webinars.mail.inbound.service import INBOUND_DAYS
from webinars.mail.models import Address, Heartbeat, Inbound, Message, Unsubscription
from webinars.mail.outbox import insert_into
from webinars.registration import proofs
from webinars.registration.exchange.models import ENDED, Import, ImportRow, ImportState
from webinars.registration.models import AddressChange, Registration, Wave
from webinars.registration.questions import deletion
from webinars.registration.questions.queries import exists_uncounted
from webinars.registration.questions.rules import HEALTH_DAYS
from webinars.registration.rules import HELD_AT_MOST
from webinars.schedule.models import Webinar
from webinars.site import events

#: named, not imported: the API is a later room
_ANSWERS = table("idempotent_answers", column("created_at", UtcInstant))
#: rows a single transaction deletes at most, so that nobody waits for it
BATCH = 500
#: the name under which the last complete round is noted
JOB = "retention"
PAUSE = timedelta(hours=1)
#: days after the webinar that registrations, attendance and what belongs to them are kept
NAMES_DAYS = 90
#: days that a place is held until its address is proven (registration.rules.HELD_AT_MOST)
PROOF_DAYS = HELD_AT_MOST.days


@dataclass(frozen=True)
class Kept:
    """One kind of record: what it holds, what for, how long, and how it is deleted."""

    what: str
    purpose: str
    days: int
    counted_from: str
    #: makes the deletion of what is older than an instant, a batch at most; of some rows only the words go. One that
    #: keeps counts deletes by itself and gives the number.
    deletion: Callable[[datetime], Delete | Update | int]
    #: under which the organisation may shorten it, down to ``least`` days; what has one name goes together
    name: str = ""
    least: int = 0
    #: what staff read instead of ``what``, where several go together
    label: str = ""

    @property
    def period(self) -> Period:
        """Give for how long it is kept as the settings say, never longer than usual."""
        found = current_settings().period_of(self.name, self.days) if self.name else Period(self.days)
        return replace(found, days=min(max(found.days, self.least), self.days))


def days_kept(name: str) -> int:
    """Say for how many days what has a name in the table is kept; who gives us something now is promised that."""
    return next(kept for kept in RETENTION if kept.name == name).period.days


def _old_mailboxes(before: datetime) -> Delete:
    """Delete what is known of the addresses of the registrations that are deleted next, if no other leads there.

    And of those that a report condemned after their last registration had gone.
    """
    leads = exists().where(Registration.address_key == Address.key)
    kept = leads.where(Registration.webinar_id == Webinar.id, Webinar.ends_at >= before)
    condemned = select(Address.key).where(Address.bounced_at.is_not(None), Address.bounced_at < before, ~leads)
    batches = (_over(Registration.address_key, before), condemned.limit(BATCH))
    going = union_all(*(batch.subquery().select() for batch in batches))
    return delete(Address).where(Address.key.in_(going), ~kept)


def _old_registrations(before: datetime) -> Delete:
    return delete(Registration).where(Registration.id.in_(_over(Registration.id, before)))


def _over(what: InstrumentedAttribute[Any], before: datetime) -> Select[Any]:
    """Select a batch of registrations of webinars that ended before an instant, once their answers are counted."""
    over = select(what).join(Webinar).where(Webinar.ends_at < before, ~exists_uncounted())
    return over.order_by(Registration.id).limit(BATCH)


def _old_attendances(before: datetime) -> Delete:
    over = select(Attendance.registration_id).join(Webinar, Webinar.id == Attendance.webinar_id)
    return delete(Attendance).where(Attendance.registration_id.in_(over.where(Webinar.ends_at < before).limit(BATCH)))


def _unproven(before: datetime) -> int:
    """Delete the places that are held and whose time is over; the worker does so at every look, and not once a day."""
    return proofs.pass_on(before + timedelta(days=PROOF_DAYS))


def _old_changes_of_address(before: datetime) -> Delete:
    return delete(AddressChange).where(AddressChange.created_at < before)


def _orphaned_messages(before: datetime) -> Delete:
    alive = select(literal("x")).where(Message.subject == literal("r") + cast(Registration.id, String))
    old = select(Message.id).where(Message.created_at < before, ~alive.exists()).limit(BATCH)
    ids = db.session.scalars(old.with_for_update(of=Message)).all()
    events.letters_go.send(ids)
    return delete(Message).where(Message.id.in_(ids))


def _old_unsubscriptions(before: datetime) -> Delete:
    return delete(Unsubscription).where(Unsubscription.at < before)


def _old_words(before: datetime) -> Update:
    worded = or_(Inbound.text != "", Inbound.title != "", Inbound.sender != "")
    old = select(Inbound.id).where(Inbound.received_at < before, worded).limit(BATCH)
    return update(Inbound).where(Inbound.id.in_(old)).values(text="", title="", sender="")


def _orphaned_inbound(before: datetime) -> Delete:
    alive = select(literal("x")).where(Inbound.subject == literal("r") + cast(Registration.id, String))
    old = select(Inbound.id).where(Inbound.received_at < before, ~alive.exists()).limit(BATCH)
    return delete(Inbound).where(Inbound.id.in_(old))


def _old_audit(before: datetime) -> Delete:
    return delete(AuditEntry).where(AuditEntry.id.in_(select(AuditEntry.id).where(AuditEntry.at < before).limit(BATCH)))


def _old_sessions(before: datetime) -> Delete:
    return delete(StaffSession).where(StaffSession.ends_at < before)


def _old_recovery_codes(before: datetime) -> Delete:
    return delete(RecoveryCode).where(RecoveryCode.used_at < before)


def _old_drafts(before: datetime) -> Delete:
    return delete(Draft).where(Draft.kept_at < before)


def _old_answers(before: datetime) -> Delete:
    return delete(_ANSWERS).where(_ANSWERS.c.created_at < before)


def _old_heartbeats(before: datetime) -> Delete:
    return delete(Heartbeat).where(Heartbeat.beat_at < before, Heartbeat.worker != JOB)


def _old_networks(before: datetime) -> Update:
    known = select(Registration.id).where(Registration.created_at < before, Registration.client_key.is_not(None))
    return update(Registration).where(Registration.id.in_(known.limit(BATCH))).values(client_key=None)


def _old_waves(before: datetime) -> Delete:
    return delete(Wave).where(Wave.last_at < before)


def _lapsed_lists(before: datetime) -> Update:
    """Put an end to the imports nobody finished; what they hold goes as it does from those that are over."""
    lapsed = select(Import.id).where(Import.created_at < before, Import.state.not_in(ENDED)).limit(BATCH)
    return update(Import).where(Import.id.in_(lapsed)).values(state=ImportState.DISCARDED, samples=[])


def _old_imports(before: datetime) -> Delete:
    rows = exists().where(ImportRow.import_id == Import.id)
    return delete(Import).where(Import.created_at < before, Import.state.in_(ENDED), ~rows)


RETENTION = (
    Kept(
        _l("Answers about your health, who you are (patient, caregiver …), and what you need to take part"),
        _l("To prepare the webinar for those who come. We keep how many answered what, without names"),
        HEALTH_DAYS,
        _l("after the webinar"),
        deletion.forget_health,
        "health",
        7,
    ),
    Kept(
        _l("Your answers to other questions of ours"),
        _l("To prepare the webinar for those who come. We keep how many answered what, without names"),
        90,
        _l("after the webinar"),
        deletion.forget_answers,
        "registration",
        30,
        _l("Registrations, with their answers, and whether somebody pressed Join"),
    ),
    Kept(
        _l(
            "Whether letters to your address arrive, and whether you showed that it is yours, under a code in its place"
        ),
        _l("To send nothing where it does not arrive, and your name only to an address that is yours"),
        90,
        _l("after the webinar, together with your last registration"),
        _old_mailboxes,
        "registration",
        30,
        _l("Registrations, with their answers, and whether somebody pressed Join"),
    ),
    Kept(
        _l("Your registration: name, email address, time zone, language, how you take part, your question"),
        _l("To keep your place, send you the invitation, reminders and the recording. We keep sums, without names"),
        NAMES_DAYS,
        _l("after the webinar"),
        _old_registrations,
        "registration",
        30,
        _l("Registrations, with their answers, and whether somebody pressed Join"),
    ),
    Kept(
        _l("A registration for which we asked you to press a button in our letter, and nobody did"),
        _l("To hold the place until then, and to keep out made-up addresses"),
        PROOF_DAYS,
        _l("after you registered, or sooner where the start is near"),
        _unproven,
    ),
    Kept(
        _l("A new address that you gave us and have not confirmed yet"),
        _l("To write to it, and to use it once you press the button in that letter"),
        1,
        _l("after you asked"),
        _old_changes_of_address,
    ),
    Kept(
        _l("Whether you pressed Join"),
        _l("To count how many came"),
        NAMES_DAYS,
        _l("after the webinar"),
        _old_attendances,
        "registration",
        30,
        _l("Registrations, with their answers, and whether somebody pressed Join"),
    ),
    Kept(
        _l("Which letters were sent and whether they arrived, without their text"),
        _l("So that we can tell you whether a letter went out"),
        90,
        _l("after the letter, and not before your registration is deleted"),
        _orphaned_messages,
        "letters",
        30,
    ),
    Kept(
        _l("Which kinds of letters you stopped, under a code in place of your address"),
        _l("So that they stay away, also when you register for something else later"),
        1095,
        _l("after you stopped them"),
        _old_unsubscriptions,
    ),
    Kept(
        _l("Letters you write to us: sender, subject and the beginning of the text"),
        _l("So that somebody can read and answer them"),
        INBOUND_DAYS,
        _l("after they arrived"),
        _old_words,
        "inbound",
        7,
    ),
    Kept(
        _l("That something came back to one of our letters, and of which kind, without its text"),
        _l("So that nothing is counted twice and we notice addresses that do not work"),
        90,
        _l("after it arrived, and not before your registration is deleted"),
        _orphaned_inbound,
    ),
    Kept(
        _l("Lists of people that our staff enter for a webinar: name, address, telephone number, choices, question"),
        _l("To check them before anybody is registered"),
        1,
        _l("after the list was uploaded, and at once when everybody on it is registered"),
        _lapsed_lists,
    ),
    Kept(
        _l("The name of the file such a list came in, and how many people were on it"),
        _l("So that staff can see what became of it"),
        7,
        _l("after the list was uploaded"),
        _old_imports,
    ),
    Kept(
        _l("Recordings that staff began to upload and did not finish"),
        _l("So that an upload can go on where it broke off"),
        1,
        _l("after the last piece arrived"),
        uploads.forget,
    ),
    Kept(
        _l("What staff did: who changed which webinar or registration, and when"),
        _l("So that mistakes can be found and mended"),
        730,
        _l("after the deed"),
        _old_audit,
        "audit",
        180,
    ),
    Kept(
        _l("When and with which browser staff signed in"),
        _l("So that a sign-in nobody made can be noticed"),
        90,
        _l("after signing out"),
        _old_sessions,
        "sessions",
        30,
    ),
    Kept(
        _l("That a member of staff signed in with a recovery code"),
        _l("So that a sign-in nobody made can be noticed"),
        90,
        _l("after it was used"),
        _old_recovery_codes,
    ),
    Kept(
        _l("What staff have begun to write for these pages and not saved yet"),
        _l("So that nothing they typed is lost"),
        DRAFT_DAYS,
        _l("after they last typed"),
        _old_drafts,
    ),
    Kept(
        _l("Answers to programs of our own that register people"),
        _l("So that a repeated request makes no second place"),
        2,
        _l("after the request"),
        _old_answers,
    ),
    Kept(
        _l("From which network your registration came, under a code in place of its address"),
        _l("To tell a program that fills in our forms from people, and to remove what it left"),
        7,
        _l("after you registered"),
        _old_networks,
    ),
    Kept(
        _l("That unusually many people registered at once: how many and when"),
        _l("So that staff can look whether they are people"),
        90,
        _l("after the last of them"),
        _old_waves,
    ),
    Kept(
        _l("When our mail program last worked"),
        _l("To notice when letters stand still"),
        7,
        _l("after the day"),
        _old_heartbeats,
    ),
)


def enforce_now_and_then(now: datetime) -> None:
    """Enforce the table once an hour among all workers, and at each tick while something is left to delete."""
    last = db.session.get(Heartbeat, JOB)
    if last is not None and now - last.beat_at < PAUSE:
        return
    if enforce(now) == 0:
        # Several workers may begin at the same moment.
        noted = insert_into(Heartbeat).values(worker=JOB, beat_at=now)
        db.session.execute(noted.on_conflict_do_update(index_elements=["worker"], set_={"beat_at": now}))


def names_days(now: datetime) -> int:
    """Give the days after a webinar when names go."""
    [kept] = [one for one in RETENTION if one.deletion is _old_registrations]
    return kept.period.in_force(now.date())


def enforce(now: datetime) -> int:
    """Delete what is past its date, a batch of each kind; give the number of rows, 0 when nothing is left to do."""
    deleted = 0
    events.names_go.send(now - timedelta(days=names_days(now)), now=now)
    for kept in RETENTION:
        made = kept.deletion(now - timedelta(days=kept.period.in_force(now.date())))
        if not isinstance(made, int):
            made = getattr(db.session.execute(made, execution_options={"synchronize_session": False}), "rowcount", 0)
        deleted += made
    return deleted
