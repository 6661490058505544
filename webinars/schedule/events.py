"""What happened in the schedule, in the past tense. Each is sent as ``event.send(webinar, now=now)`` inside the
transaction of the deed; only ``reactions.py`` listens."""

from blinker import Namespace

_signals = Namespace()

#: a draft became public
webinar_published = _signals.signal("webinar-published")
#: the start or the zone of a published webinar changed; length, title and joining may have changed with it
webinar_moved = _signals.signal("webinar-moved")
#: title, length or joining of a published webinar changed, its start did not; keywords: readers (the languages in which
#: it says something else, None = in every one), now
webinar_changed = _signals.signal("webinar-changed")
#: a published webinar was called off
webinar_cancelled = _signals.signal("webinar-cancelled")
#: sender: the ids of webinars that got further reminders; keywords: minutes (those that are new), now
reminders_added = _signals.signal("reminders-added")
#: a question, not a deed: what else names a webinar or a speaker; each receiver answers with a list of words for it
uses_asked = _signals.signal("uses-asked")
#: sender: a speaker who is deleted in this transaction
speaker_deleted = _signals.signal("speaker-deleted")
#: a question: how many letters news of webinars, their move or end, would send; sender: a tuple of their ids; each
#: receiver answers with numbers by id
letters_asked = _signals.signal("webinar-letters-asked")
#: a question: what else than webinars has a date; sender: a span of time; each receiver answers with month.Dated things
dates_asked = _signals.signal("dates-asked")
#: a question: how many calendars hold an entry of a webinar; each receiver answers with a number
entries_asked = _signals.signal("webinar-entries-asked")
#: a question: what else follows from calling a webinar off; each receiver answers with a list of sentences
ending_asked = _signals.signal("webinar-ending-asked")
#: places were added, taken away or made unlimited, or the waiting list was switched
capacity_changed = _signals.signal("capacity-changed")
#: sender: a series or a webinar; what the sign-up form asks may have changed with its switches or its series
asking_changed = _signals.signal("asking-changed")
#: sender: the copy; keywords: original, without (the parts of copying.PARTS that do not come along), now
webinar_duplicated = _signals.signal("webinar-duplicated")
