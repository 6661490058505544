"""What happened to letters; sent inside the transaction that marks the row."""

from blinker import Namespace

_events = Namespace()

#: sender: the message; keywords: letter, now
letter_sent = _events.signal("letter-sent")
#: sender: the message, which is not tried again; keyword: now
letter_failed = _events.signal("letter-failed")
