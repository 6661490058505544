"""Every page of the shell: importing a file of views hangs its routes on the blueprint."""

from webinars.staff import trail_views
from webinars.staff.numbers import report_views
from webinars.staff.views import staff_pages

__all__ = ["report_views", "staff_pages", "trail_views"]
