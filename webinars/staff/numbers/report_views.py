"""The page on which a report for a funder is made. It is noted who made which: it leaves us."""

from dataclasses import replace
from io import BytesIO
from typing import Any

from flask import render_template, send_file
from flask.typing import ResponseReturnValue
from werkzeug.utils import import_string

from webinars.accounts import audit
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.http import current_settings, private
from webinars.core.language import speaking
from webinars.core.text import slugify
from webinars.schedule.queries import find_series
from webinars.staff.numbers import report as reports
from webinars.staff.numbers.discretion import FEWEST
from webinars.staff.numbers.forms import ReportForm
from webinars.staff.numbers.queries import Asked, freshness
from webinars.staff.numbers.staff_views import asked_for
from webinars.staff.views import staff_pages

__all__ = ["staff_pages"]

# Found by name when a report is made: what they load takes a sixth of the start of every program.
_WRITERS = {
    "pdf": ("webinars.staff.numbers.report_pdf:pdf_of", "application/pdf"),
    "xlsx": (
        "webinars.staff.numbers.report_xlsx:xlsx_of",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


@staff_pages.route("/numbers/report", methods=["GET", "POST"])
def report() -> ResponseReturnValue:
    """Make a report on a period."""
    asked = replace(asked_for(), topic=None)
    form = ReportForm(first=asked.first, last=asked.last, series=asked.series.slug if asked.series else "")
    if form.validate_on_submit():
        return _made(form)
    page = render_template("staff/report.html", form=form, counted=freshness(asked), now=utc_now(), few=FEWEST)
    return page, 422 if form.errors else 200


def _made(form: Any) -> ResponseReturnValue:
    now, write = utc_now(), _WRITERS[form.form.data]
    series = find_series(form.series.data) if form.series.data else None
    asked = Asked(form.first.data, form.last.data, series)
    with speaking(form.language.data):
        made = reports.make(asked, current_settings().organization_name, form.words.data, now.date())
        file = import_string(write[0])(made)
    with transaction():
        after = {"period": f"{asked.first} – {asked.last}", "form": form.form.data, "language": form.language.data}
        audit.record("report made", "series" if series else "report", series.id if series else "", after=after, now=now)
    name = f"{slugify(made.title)}-{asked.first}-{asked.last}.{form.form.data}"
    return private(send_file(BytesIO(file), write[1], as_attachment=True, download_name=name))
