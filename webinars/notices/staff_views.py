"""All staff pages of this room."""

from webinars.notices import announcement_views as announcement_views
from webinars.notices import desk_views as desk_views
from webinars.notices import models as models
from webinars.notices import text_views as text_views
from webinars.notices import timeline_views as timeline_views
from webinars.notices.staff_pages import staff_pages as staff_pages
