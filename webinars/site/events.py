"""What this room is about to delete, told before it is gone and in the same transaction."""

from blinker import Namespace

_signals = Namespace()

#: everything about people whose webinar ended before an instant goes; sent with that instant and ``now``
names_go = _signals.signal("names-go")
#: some people are erased; sent with the ids of their registrations and ``now``, before any of them is locked
people_go = _signals.signal("people-go")
#: letters go; sent with their ids
letters_go = _signals.signal("letters-go")
