"""Every page of the room: importing a file of views hangs its routes on the blueprint."""

from webinars.schedule import (
    catalogue_views,
    deed_views,
    joining_views,
    list_views,
    many_views,
    prose_views,
    several_views,
    team_views,
    text_views,
)
from webinars.schedule.staff_views import staff_pages

__all__ = [
    "catalogue_views", "deed_views", "joining_views", "list_views", "many_views", "prose_views", "several_views",
    "staff_pages", "team_views", "text_views",
]  # fmt: skip
