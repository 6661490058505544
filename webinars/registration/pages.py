"""Every page of the room: importing a file of views hangs its routes on one of the two blueprints."""

from webinars.registration import (
    address_views,
    choice_views,
    dates_views,
    held_views,
    new_address_views,
    sheet_views,
    swap_views,
    wave_views,
)
from webinars.registration.exchange import export_views, import_views
from webinars.registration.questions import answer_views
from webinars.registration.questions import staff_views as question_views
from webinars.registration.questions import views as own_answers
from webinars.registration.staff_views import staff_pages
from webinars.registration.views import pages

__all__ = [
    "address_views", "answer_views", "choice_views", "dates_views", "export_views", "held_views", "import_views",
    "new_address_views", "own_answers", "pages", "question_views", "sheet_views", "staff_pages", "swap_views",
    "wave_views",
]  # fmt: skip
