"""All staff pages of registrations, those of whole lists among them."""

from webinars.registration.exchange import export_views as export_views
from webinars.registration.exchange import import_views as import_views
from webinars.registration.staff_views import staff_pages as staff_pages
