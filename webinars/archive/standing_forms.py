"""The forms about where a video stands."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.widgets import DateInput

from webinars.archive.models import Video, VideoSpeaker
from webinars.schedule.forms import PlainForm


class StandingForm(PlainForm):
    """Who looked at it last, and whether it still holds."""

    reviewed_on = StringField(_("Last reviewed on"), widget=DateInput())
    reviewed_by = StringField(_("Reviewed by"))
    advice_aged = BooleanField(_("The advice has aged"))
    newer = StringField(_("The newer talk"))

    def values(self) -> dict[str, Any]:
        """Give the fields as the service takes them."""
        texts = self.texts("reviewed_on", "reviewed_by", "newer")
        return texts | {"advice_aged": bool(self.advice_aged.data)}


class ReleaseForm(PlainForm):
    """One speaker's release of the recording."""

    asked_on = StringField(_("Asked on"), widget=DateInput())
    given_on = StringField(_("Given on"), widget=DateInput())
    proof = StringField(_("By which paper or letter"))


class WithdrawForm(PlainForm):
    """What somebody reads who follows an old link."""

    because = TextAreaField(_("Why it was withdrawn"))
    newer = StringField(_("The newer talk"))


def standing_data(video: Video) -> dict[str, Any]:
    """Give what the form about a video's standing starts with."""
    standing = video.standing
    if standing is None:
        return {}
    day = standing.reviewed_on.isoformat() if standing.reviewed_on else ""
    newer = standing.newer.slug if standing.newer else ""
    return {"reviewed_on": day, "reviewed_by": standing.reviewed_by, "advice_aged": standing.advice_aged,
            "newer": newer}  # fmt: skip


def prefix_of(speaker_id: int) -> str:
    """Tell the fields of one speaker's form from those of the others on the page."""
    return f"speaker{speaker_id}-"


def release_form(place: VideoSpeaker, version: str, *, sent: bool = False) -> ReleaseForm:
    """Make the form about one speaker's release; ``sent`` reads what a browser sent for it."""
    data = {
        "seen": version,
        "asked_on": place.release_asked_on.isoformat() if place.release_asked_on else "",
        "given_on": place.release_given_on.isoformat() if place.release_given_on else "",
        "proof": place.release_proof,
    }
    prefix = prefix_of(place.speaker_id)
    return ReleaseForm(data=data, prefix=prefix) if sent else ReleaseForm(None, data=data, prefix=prefix)
