"""Every page: one table of blueprint, address prefix, and who may enter."""

from webinars.accounts.pages import pages as accounts
from webinars.accounts.pages import staff_pages as accounts_staff
from webinars.api.views import pages as api
from webinars.archive.pages import pages as archive
from webinars.archive.pages import staff_pages as archive_staff
from webinars.calendars.views import pages as calendars
from webinars.core.audience import Audience, Pages
from webinars.live.views import pages as live
from webinars.mail.staff_views import staff_pages as mail_staff
from webinars.notices.staff_views import staff_pages as notices_staff
from webinars.notices.views import pages as notices
from webinars.registration.pages import pages as registration
from webinars.registration.pages import staff_pages as registration_staff
from webinars.schedule.pages import staff_pages as schedule_staff
from webinars.site import typed_views as site
from webinars.staff.pages import staff_pages as staff
from webinars.staff.readiness.staff_views import staff_pages as readiness_staff
from webinars.staff.settings.look_views import staff_pages as settings_staff

PAGES = (
    Pages(site.pages, "", Audience.PUBLIC),
    Pages(calendars, "", Audience.PUBLIC),
    Pages(archive, "", Audience.PUBLIC),
    Pages(registration, "", Audience.PUBLIC),
    Pages(live, "", Audience.PUBLIC),
    Pages(notices, "", Audience.PUBLIC),
    Pages(accounts, "/staff", Audience.PUBLIC),
    Pages(api, "/api/v1", Audience.API),
    Pages(staff, "/staff", Audience.VIEWER),
    Pages(readiness_staff, "/staff", Audience.VIEWER),
    Pages(schedule_staff, "/staff", Audience.VIEWER),
    Pages(registration_staff, "/staff", Audience.VIEWER),
    Pages(archive_staff, "/staff", Audience.VIEWER),
    Pages(mail_staff, "/staff/mail", Audience.VIEWER),
    Pages(notices_staff, "/staff", Audience.VIEWER),
    Pages(accounts_staff, "/staff", Audience.VIEWER),
    Pages(settings_staff, "/staff/settings", Audience.OWNER),
)

#: what libraries bring: signing in is open to everybody by nature, and the description of the API holds no secrets
OTHER_AUDIENCES = {"security": Audience.PUBLIC, "api-docs": Audience.PUBLIC}
