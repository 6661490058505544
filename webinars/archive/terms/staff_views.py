"""Staff pages of the list of medical terms."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.archive.staff_views import staff_pages
from webinars.archive.terms import forms, queries, rules, service
from webinars.archive.terms.models import Term
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.schedule.staff_views import attempt


@staff_pages.get("/terms")
def term_list() -> ResponseReturnValue:
    """List the terms."""
    return _list(forms.TermFileForm(None))


def _list(form: forms.TermFileForm) -> ResponseReturnValue:
    words, language = request.args.get("q", ""), request.args.get("language", "")
    page = queries.term_page(language, words, request.args.get("page", 1, int))
    return render_template(
        "archive_staff/terms.html", page=page, words=words, language_asked=language, form=form
    ), form.status


@staff_pages.route("/terms/new", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def term_new() -> ResponseReturnValue:
    """Add a term."""
    return _edit(None)


@staff_pages.route("/terms/<int:number>", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def term_edit(number: int) -> ResponseReturnValue:
    """Change a term."""
    return _edit(number)


def _edit(number: int | None) -> ResponseReturnValue:
    term = queries.get_term(number) if number is not None else None
    form = forms.TermForm(data=forms.term_data(term) if term else None)
    if form.validate_on_submit():
        values = form.texts("language", "spelling", "misheard", "explanation", "elsewhere")

        def deed() -> Term:
            return service.save_term(queries.get_term(number) if number is not None else None, values, utc_now())

        if attempt(form, deed, str):
            flash(_("Saved."), "success")
            return redirect(url_for("archive_staff.term_list"))
    form.offer()
    return render_template("archive_staff/term_form.html", form=form, number=number), form.status


@staff_pages.post("/terms/<int:number>/remove")
@needs(Audience.EDITOR)
def term_removed(number: int) -> ResponseReturnValue:
    """Take a term off the list."""
    with transaction():
        service.remove_term(queries.get_term(number), utc_now())
    flash(_("The term is removed."), "success")
    return redirect(url_for("archive_staff.term_list"))


@staff_pages.get("/terms.csv")
def term_file() -> Response:
    """Give the whole list as a CSV file."""
    answer = Response(rules.csv_of(queries.all_terms()), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="medical-terms.csv"'
    return answer


@staff_pages.post("/terms")
@needs(Audience.EDITOR)
def terms_taken_in() -> ResponseReturnValue:
    """Take in a CSV file: new terms are added, known ones changed, none removed."""
    form = forms.TermFileForm()
    try:
        if not form.file.data:
            raise UserError(_("Choose a file first."))
        rows = rules.read_csv(form.file.data.read(rules.MOST_BYTES + 1))
        with transaction():
            fresh, changed = service.take_in(rows, utc_now())
    except UserError as error:
        form.show({"file": str(error)})
        return _list(form)
    flash(_("%(fresh)s new terms, %(changed)s changed.", fresh=fresh, changed=changed), "success")
    return redirect(url_for("archive_staff.term_list"))
