"""The forms of the archive's staff pages. They carry what was typed; the service says what is wrong with it."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from flask_wtf.file import FileField
from wtforms import BooleanField, FieldList, SelectField, StringField, TextAreaField
from wtforms.fields import Label
from wtforms.widgets import DateInput

from webinars.archive.captions import CaptionProblems, Problem
from webinars.archive.models import Video
from webinars.archive.rules import media_name
from webinars.core.formats import short_date, timecode
from webinars.core.options import SelectChoice, options
from webinars.schedule.forms import PlainForm, language_choices
from webinars.schedule.models import Series, Speaker, Topic, Webinar

_SPARE_SPEAKERS = 2


class VideoForm(PlainForm):
    """What staff say about a video."""

    drafted = True
    webinar = SelectField(_("Recorded at the webinar"), validate_choice=False)
    title = StringField(_("Title"))
    summary = TextAreaField(_("Summary"))
    description = TextAreaField(_("Description"))
    series = SelectField(lazy_pgettext("one", "Series"), validate_choice=False)
    topic = SelectField(_("Topic"), validate_choice=False)
    language = SelectField(_("Language spoken"), validate_choice=False)
    recorded_on = StringField(_("Recorded on"), widget=DateInput())
    sponsor_text = TextAreaField(_("Who paid for it"))
    unsponsored = BooleanField(_("Nobody paid for it"))
    speakers = FieldList(SelectField(validate_choice=False), label=_("Speakers"))
    slug = StringField(_("Address of the page"))

    def offer(
        self,
        webinars: Iterable[Webinar],
        series: Iterable[Series],
        topics: Iterable[Topic],
        speakers: Iterable[Speaker],
    ) -> None:
        """Fill the lists to choose from, and leave room for more speakers."""
        dated = [(one.slug, f"{one.title} ({short_date(one.starts_at, one.time_zone)})") for one in webinars]
        self.webinar.choices = options([("", _("None: it stands on its own")), *dated])
        self.series.choices = options([("", _("None")), *((one.slug, one.title) for one in series)])
        self.topic.choices = options([("", _("None")), *((one.slug, one.title) for one in topics)])
        self.language.choices = language_choices(self.language.data)
        self._offer_speakers(options([("", _("Nobody")), *((str(one.id), one.name) for one in speakers)]))

    def _offer_speakers(self, choices: list[SelectChoice]) -> None:
        while self.speakers.entries and not self.speakers.entries[-1].data:
            self.speakers.pop_entry()
        for _spare in range(_SPARE_SPEAKERS):
            self.speakers.append_entry("")
        for place, entry in enumerate(self.speakers.entries, 1):
            entry.choices = choices
            entry.label = Label(entry.id, _("Speaker %(num)s", num=place))

    def values(self) -> dict[str, Any]:
        """Give the fields as the service takes them."""
        names = ("webinar", "title", "summary", "description", "series", "topic", "language", "recorded_on",
                 "sponsor_text", "slug")  # fmt: skip
        # Longer numbers are nobody's.
        numbers = [str(entry.data or "")[:18] for entry in self.speakers]
        speakers = [int(number) for number in numbers if number.isdecimal()]
        return self.texts(*names) | {"speakers": speakers, "unsponsored": bool(self.unsponsored.data)}


class MediaForm(PlainForm):
    """Where the recording is: a file to keep here, or a link."""

    file = FileField(_("Recording from your computer"))
    media_url = StringField(_("Or a link to it"))
    poster = FileField(_("Still picture"))
    duration_seconds = StringField(_("Length"))


class CaptionsForm(PlainForm):
    """A caption text in one language."""

    language = SelectField(_("Language of the captions"), validate_choice=False)
    state = SelectField(_("How good are they?"), validate_choice=False)
    captions_file = FileField(_("Caption file"))
    captions = TextAreaField(_("Or paste the captions"))
    #: what is wrong, line by line
    lines: list[Problem]

    def offer(self) -> None:
        """Fill the lists to choose from."""
        self.lines = []
        self.language.choices = language_choices(self.language.data)
        self.state.choices = options(
            [
                ("corrected", _("Corrected by a person")),
                ("reviewed", _("Corrected and checked by the speaker or a colleague")),
                ("automatic", _("Made by a machine, not corrected yet")),
            ]
        )

    def show_lines(self, problems: CaptionProblems) -> None:
        """Show what is wrong, line by line."""
        self.show(problems.fields)
        self.lines = problems.problems


class ChaptersForm(PlainForm):
    """Chapters, one a line."""

    chapters = TextAreaField(_("Chapters"))


def video_data(video: Video) -> dict[str, Any]:
    """Give what a form about a video starts with."""
    names = ("title", "summary", "description", "language", "sponsor_text", "unsponsored", "slug")
    slugs = {name: getattr(getattr(video, name), "slug", "") for name in ("webinar", "series", "topic")}
    others = {"recorded_on": video.recorded_on.isoformat(), "speakers": [str(speaker.id) for speaker in video.speakers]}
    return {name: getattr(video, name) for name in names} | slugs | others


def webinar_data(webinar: Webinar | None) -> dict[str, Any]:
    """Give what a form about a new video starts with: the facts of the webinar it records."""
    if webinar is None:
        return {}
    topic = webinar.series.topic
    return {
        "webinar": webinar.slug,
        "title": webinar.title,
        "summary": webinar.summary,
        "series": webinar.series.slug,
        "topic": topic.slug if topic else "",
        "language": webinar.language,
        "recorded_on": webinar.local_start.date().isoformat(),
        "speakers": [str(speaker.id) for speaker in webinar.speakers],
    }


def media_data(video: Video) -> dict[str, Any]:
    """Give what the form about the recording starts with; a file of ours is no link."""
    length = timecode(video.duration_seconds) if video.duration_seconds else ""
    return {"media_url": "" if media_name(video.media_url) else video.media_url, "duration_seconds": length}


def chapter_lines(video: Video) -> str:
    """Write the chapters as lines."""
    return "\n".join(f"{timecode(chapter.start_seconds)} {chapter.title}" for chapter in video.chapters)
