"""Caption texts and videos that several tests of the archive use."""

from tests.factories import NOW, make_video
from webinars.archive import service
from webinars.archive.models import Video
from webinars.core.database import transaction

ENGLISH = """WEBVTT

00:01.000 --> 00:04.000
Let us start with the skin, because people notice it first.

00:12.500 --> 00:16.000
A rash that covers less than a tenth of your body is usually mild.

00:16.000 --> 00:20.000
If the rash blisters, call the same day.

01:02:40.000 --> 01:02:44.000
Many treatments can be paused, and rashes heal.
"""

SPANISH = """WEBVTT

00:01.000 --> 00:04.000
Bienvenidos a esta sesión sobre la medicación.

00:12.500 --> 00:16.000
Avise si un sarpullido se extiende, duele o forma ampollas.
"""


def make_captioned(text: str = ENGLISH, language: str = "en", **fields: object) -> Video:
    """Make a published video with captions."""
    video = make_video(language=language, **fields)
    with transaction():
        service.set_captions(video, language, text, "corrected", NOW)
    return video
