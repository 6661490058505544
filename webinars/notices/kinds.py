"""The kinds of letters, and what each kind is."""

from enum import StrEnum

from webinars.mail.classes import MailClass as MailClass
from webinars.mail.models import Lane


class Notice(StrEnum):
    """A kind of letter; the name stands in the outbox for ever."""

    #: the place is held until somebody presses the button behind this letter
    PROOF = "proof"
    CONFIRMATION = "confirmation"
    WAITLISTED = "waitlisted"
    PROMOTED = "promoted"
    #: a seat is held for them until they say yes
    OFFER = "offer"
    #: they did not say so in time, and it went on
    OFFER_LAPSED = "offer-lapsed"
    #: no seat; the letter with the recording will come
    RECORDING_PLACE = "recording-place"
    REMINDER = "reminder"
    #: another start
    MOVED = "moved"
    #: another title, length or way of joining
    CHANGED = "changed"
    #: the webinar was called off
    CANCELLED = "cancelled"
    #: this person's place was given up
    OWN_CANCELLATION = "own-cancellation"
    RECORDING_READY = "recording-ready"
    #: all dates of a series that somebody registered for at once
    DATES = "dates"
    #: the letter of the present state, once more
    REPEATED = "repeated"
    #: all links of an address, asked for by its owner
    LINK = "link"
    #: the button that makes this address the one of a place
    NEW_ADDRESS = "new-address"
    #: a note to the address that was theirs until now
    ADDRESS_CHANGED = "address-changed"
    #: what staff write to the registrants of a webinar or a series
    ANNOUNCEMENT = "announcement"
    #: a letter that a member of staff sends to themselves to see how it looks
    TEST = "test"

    @property
    def mail_class(self) -> MailClass:
        """Give what a person would have to unsubscribe from to get no more of these."""
        if self is Notice.ANNOUNCEMENT:
            return MailClass.NEWS
        return MailClass.FOLLOW_UP if self is Notice.RECORDING_READY else MailClass.PLACE

    @property
    def lane(self) -> Lane:
        """Give the queue it waits in: what answers a deed overtakes what goes to everybody."""
        return Lane.BULK if self in MAILINGS else Lane.TRANSACTIONAL

    @property
    def folder(self) -> str:
        """Give the folder of its templates."""
        return f"mail/{self.value}"


#: what goes to everybody of a webinar at once
MAILINGS = frozenset(
    {
        Notice.REMINDER,
        Notice.MOVED,
        Notice.CHANGED,
        Notice.CANCELLED,
        Notice.RECORDING_READY,
        Notice.ANNOUNCEMENT,
    }
)
#: letters that give a seat its calendar entry or bring it up to date
INVITING = frozenset({Notice.CONFIRMATION, Notice.PROMOTED, Notice.MOVED, Notice.CHANGED})
#: letters after which a person knows the webinar as it is now
TELLING = INVITING | {
    Notice.PROOF,
    Notice.WAITLISTED,
    Notice.OFFER,
    Notice.OFFER_LAPSED,
    Notice.RECORDING_PLACE,
    Notice.CANCELLED,
    Notice.REPEATED,
}
#: the letters about a place that go out while it is held until its address is proven: the one that asks for it
ALSO_TO_HELD = frozenset({Notice.PROOF, Notice.REPEATED})


class Reason(StrEnum):
    """Why a letter is not sent after all; kept with the message for staff to read."""

    GONE = "registration gone"
    NO_ADDRESS = "no address"
    #: a server said for good that the mailbox takes no mail
    BOUNCED = "mailbox takes no mail"
    WEBINAR_OVER = "webinar over"
    WEBINAR_CANCELLED = "webinar cancelled"
    WEBINAR_NOT_CANCELLED = "webinar not cancelled"
    PLACE_CANCELLED = "place cancelled"
    STATE_CHANGED = "state changed since"
    NO_SEAT = "no seat"
    #: held until its address is proven, and nothing but the letter that asks for it goes out
    NOT_PROVEN = "address not proven"
    MOVED_SINCE = "moved since"
    REMINDER_DROPPED = "reminder dropped"
    ALREADY_TOLD = "already told"
    TOLD_BY_A_LATER_ONE = "told by a later letter"
    RECORDING_WITHDRAWN = "recording withdrawn"
    NOTHING_TO_SHOW = "no registration under this address"
    #: the person left this class of mail
    UNSUBSCRIBED = "unsubscribed"
    STOPPED = "stopped by staff"
    ANNOUNCEMENT_GONE = "announcement gone"
    TEST_IS_OLD = "nothing to test any more"
