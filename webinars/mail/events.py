"""What happened to letters; sent inside the transaction that marks the row."""

from blinker import Namespace

_events = Namespace()

#: sender: a list of messages, each with its letter; keyword: now
letters_sent = _events.signal("letters-sent")
#: sender: the message, which is not tried again; keyword: now
letter_failed = _events.signal("letter-failed")
