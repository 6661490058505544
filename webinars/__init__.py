"""Webinars: a patient-support organisation's webinar series, from the first announcement to the last replay."""

import os
from pathlib import Path

from flask import Flask

from config import Settings, settings_from
from webinars.accounts import audit
from webinars.accounts.setup import init_accounts
from webinars.api.setup import init_api
from webinars.archive.store import init_store
from webinars.commands import init_commands
from webinars.core.audience import check_audiences, init_audiences
from webinars.core.database import engine_options, init_database
from webinars.core.formats import init_formats
from webinars.core.http import init_http
from webinars.core.language import init_languages
from webinars.core.logs import init_logs
from webinars.core.migrations import init_migrations
from webinars.core.templates import init_templates
from webinars.core.zones import zone_names
from webinars.mail.setup import init_mail
from webinars.notices import reconcile
from webinars.pages import OTHER_AUDIENCES, PAGES
from webinars.reactions import connect_reactions
from webinars.registration.pacing import init_pacing
from webinars.schedule import team
from webinars.staff.mail_names import mail_names

ROOT = Path(__file__).parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application from settings, by default from the environment.

    Raises SettingError for a setting that cannot be used, LookupError for a route that declares no audience.
    """
    settings = settings or settings_from(os.environ)
    app = Flask(
        __name__, template_folder=str(ROOT / "templates"), static_folder=None, instance_path=str(settings.instance)
    )
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
    )
    app.extensions["settings"] = settings
    app.extensions["zones"] = frozenset(zone_names())
    app.extensions["mail_names"] = mail_names
    app.extensions["mail_checks"] = reconcile.findings
    app.extensions["audit_record"] = audit.record
    app.extensions["has_part"] = team.has_part
    init_logs(settings)
    init_templates(app)
    init_http(app, settings)
    init_languages(app)
    init_formats(app)
    init_database(app)
    init_migrations(app, ROOT / "migrations")
    init_mail(app)
    init_store(app, settings)
    init_accounts(app)
    init_pacing(app)
    init_api(app)
    init_audiences(app, PAGES, OTHER_AUDIENCES)
    connect_reactions()
    init_commands(app)
    check_audiences(app)
    return app
