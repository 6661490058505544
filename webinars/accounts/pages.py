"""Every page of the room: importing a file of views hangs its routes on one of the two blueprints."""

from webinars.accounts import account_views, issuer_views
from webinars.accounts.drafts import staff_views as draft_views
from webinars.accounts.staff_views import staff_pages
from webinars.accounts.step_views import pages

__all__ = ["account_views", "draft_views", "issuer_views", "pages", "staff_pages"]
