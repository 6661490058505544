"""The demonstration content: pure data, relative to the day it is loaded.

All people, sponsors and events are invented. The medical statements are general and modest on purpose.
"""

from webinars.demo.content.clips import MEDIA_FOLDER, clips
from webinars.demo.content.library import RELEASE, VIDEOS
from webinars.demo.content.past import PAST
from webinars.demo.content.people import SPEAKERS
from webinars.demo.content.registrants import (
    FIRST_NAMES,
    LANGUAGES,
    LAST_NAMES,
    MODES,
    QUESTIONS,
    QUESTIONS_ES,
    ROLES,
    SHARE_DISCREET,
    SHARE_WITH_QUESTION,
    SHARE_WITHOUT_EMAIL,
    TIME_ZONES,
)
from webinars.demo.content.shapes import (
    SampleChapter,
    SampleClip,
    SampleNews,
    SampleSeries,
    SampleSpeaker,
    SampleTopic,
    SampleVideo,
    SampleWebinar,
    weekday_near,
)
from webinars.demo.content.topic import NEWS, SERIES, TOPIC
from webinars.demo.content.upcoming import LETTER_TO_STAFF, SOON, UPCOMING

#: Everything of the program but SOON, which is made anew at each start. The first video of VIDEOS suits the home page.
WEBINARS = (*PAST, *UPCOMING)

__all__ = [
    "LETTER_TO_STAFF",
    "FIRST_NAMES",
    "LANGUAGES",
    "LAST_NAMES",
    "MEDIA_FOLDER",
    "MODES",
    "NEWS",
    "QUESTIONS",
    "QUESTIONS_ES",
    "ROLES",
    "RELEASE",
    "SERIES",
    "SHARE_DISCREET",
    "SHARE_WITHOUT_EMAIL",
    "SHARE_WITH_QUESTION",
    "SOON",
    "SPEAKERS",
    "TIME_ZONES",
    "TOPIC",
    "UPCOMING",
    "VIDEOS",
    "WEBINARS",
    "SampleChapter",
    "SampleClip",
    "SampleNews",
    "SampleSeries",
    "SampleSpeaker",
    "SampleTopic",
    "SampleVideo",
    "SampleWebinar",
    "clips",
    "weekday_near",
]
