"""All addresses below /api/v1/."""

from webinars.api import letter_views, registration_views, series_views, video_views, webinar_views
from webinars.api.blueprint import pages

#: importing them is what adds their routes
ROUTES = (series_views, webinar_views, registration_views, letter_views, video_views)

__all__ = ["ROUTES", "pages"]
