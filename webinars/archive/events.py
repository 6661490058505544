"""What happened in the archive; only ``reactions.py`` listens."""

from blinker import Namespace

_signals = Namespace()

#: a video became public for the first time: ``send(video, now=now)`` inside the transaction of the deed
video_published = _signals.signal("video-published")
#: a question, not a deed: how many letters publishing a video would send; each receiver answers with a number
letters_asked = _signals.signal("letters-asked")
