"""Every page of the room: importing a file of views hangs its routes on one of the two blueprints."""

from webinars.archive import (
    editor_views,
    export_views,
    extras_views,
    list_views,
    media_views,
    numbers_views,
    outward_views,
    standing_views,
    transcript_views,
)
from webinars.archive.album import portrait_views
from webinars.archive.album import staff_views as album_views
from webinars.archive.processing import staff_views as processing_views
from webinars.archive.speech import staff_views as speech_views
from webinars.archive.staff_views import staff_pages
from webinars.archive.terms import staff_views as term_views
from webinars.archive.uploads import staff_views as upload_views
from webinars.archive.views import pages

__all__ = [
    "album_views",
    "editor_views",
    "export_views",
    "extras_views",
    "list_views",
    "media_views",
    "numbers_views",
    "outward_views",
    "pages",
    "portrait_views",
    "processing_views",
    "speech_views",
    "staff_pages",
    "standing_views",
    "term_views",
    "transcript_views",
    "upload_views",
]
