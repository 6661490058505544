"""Staff pages: what a form asks, in order, as people will see it."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from config import LANGUAGES
from webinars.core.audience import Audience, Scope, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict
from webinars.core.language import speaking
from webinars.registration.questions import forms, queries, service, staff_forms, words
from webinars.registration.questions.models import Moment, Question
from webinars.registration.questions.rules import MOST_QUESTIONS, Asking
from webinars.registration.questions.service import Owner
from webinars.registration.staff_views import staff_pages
from webinars.schedule.cleaning import Problems
from webinars.schedule.models import Series, Webinar
from webinars.schedule.queries import get_series, get_webinar


@staff_pages.get("/series/<slug>/questions")
def series_questions(slug: str) -> str:
    """List what the forms of a series ask."""
    return _list_page(get_series(slug))


@staff_pages.get("/webinars/<slug>/questions")
@needs(Audience.STAFF, Scope.WEBINAR)
def webinar_questions(slug: str) -> str:
    """List what the form of a webinar asks, by itself and with its series."""
    return _list_page(get_webinar(slug))


def _list_page(owner: Owner) -> str:
    own = queries.list_of(owner)
    of_series = queries.list_of(owner.series) if isinstance(owner, Webinar) else []
    asked = [one for one in (*of_series, *own) if one.retired_at is None]
    on_form = [one for one in asked if one.moment == Moment.FORM]
    return render_template(
        "registration_staff/questions.html",
        owner=owner,
        series=owner if isinstance(owner, Series) else None,
        own=[question for question in own if question.retired_at is None],
        of_series=[question for question in of_series if question.retired_at is None],
        retired=[question for question in own if question.retired_at is not None],
        answered=queries.answered([question.id for question in own]),
        previews=[(language, _preview(on_form, language)) for language in LANGUAGES] if on_form else [],
        most=MOST_QUESTIONS,
        kinds=words.KINDS,
        role_words=words.role_words,
    )


def _preview(questions: list[Question], language: str) -> Markup:
    """Draw the questions as people of a language see them."""
    asking = Asking(tuple(questions))
    with speaking(language):
        form = forms.AnswersForm(formdata=None, prefix=f"{language}-")
        forms.ask(form, asking)
        page = render_template("registration_staff/_preview.html", form=form, asking=asking, language=language)
    return Markup(page)  # rendered by a template


@staff_pages.route("/series/<slug>/questions/new", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def series_question_new(slug: str) -> ResponseReturnValue:
    """Ask something more in a series."""
    return _new(lambda: get_series(slug))


@staff_pages.route("/webinars/<slug>/questions/new", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_question_new(slug: str) -> ResponseReturnValue:
    """Ask something more at a webinar."""
    return _new(lambda: get_webinar(slug))


def _new(find: Callable[[], Owner]) -> ResponseReturnValue:
    form = staff_forms.QuestionForm()
    if form.validate_on_submit():
        try:
            with transaction():
                service.add(find(), form.draft(), utc_now())
        except Problems as problems:
            form.show(problems.fields)
        else:
            flash(_("The question is saved."), "success")
            return redirect(_back_to(find()))
    return _form_page(form, find(), None)


@staff_pages.route("/questions/<int:question_id>/edit", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def question_edit(question_id: int) -> ResponseReturnValue:
    """Change a question, after asking when people answered it."""
    question = queries.get_question(question_id)
    owner, sure = queries.owner_of(question), False
    form = staff_forms.QuestionForm(
        data={**staff_forms.question_data(question), "seen": service.version(question)},
    )
    if form.validate_on_submit():
        try:
            with transaction():
                found = queries.get_question(question_id)
                service.edit(found, form.draft(), utc_now(), seen=form.seen.data, sure="sure" in request.form)
        except Problems as problems:
            form.show(problems.fields)
        except service.ChangesMeaning as doubt:
            form.status, sure = doubt.status, True
            form.form_errors.append(str(doubt))
        except Conflict as conflict:
            form.show_conflict(str(conflict), service.version(queries.get_question(question_id)))
        else:
            flash(_("Your changes are saved."), "success")
            return redirect(_back_to(queries.owner_of(queries.get_question(question_id))))
    return _form_page(form, owner, queries.get_question(question_id), sure)


def _form_page(
    form: staff_forms.QuestionForm, owner: Owner, question: Question | None, sure: bool = False
) -> ResponseReturnValue:
    form.offer()
    page = render_template(
        "registration_staff/question_form.html",
        form=form,
        owner=owner,
        question=question,
        answered=queries.answered([question.id]).get(question.id, 0) if question else 0,
        sure=sure,
        back=_back_to(owner),
    )
    return page, form.status


@staff_pages.post("/questions/<int:question_id>/move")
@needs(Audience.EDITOR)
def question_move(question_id: int) -> ResponseReturnValue:
    """Move a question up or down."""
    return _do(question_id, lambda question: service.move(question, request.form.get("to") == "up", utc_now()), "")


@staff_pages.post("/questions/<int:question_id>/retire")
@needs(Audience.EDITOR)
def question_retire(question_id: int) -> ResponseReturnValue:
    """Take a question off the form."""
    said = _("It is off the form. Answers that were given stay.")
    return _do(question_id, lambda question: service.retire(question, utc_now()), said)


@staff_pages.post("/questions/<int:question_id>/again")
@needs(Audience.EDITOR)
def question_again(question_id: int) -> ResponseReturnValue:
    """Put a question on the form again."""
    return _do(question_id, lambda question: service.ask_again(question, utc_now()), _("The question is on the form."))


def _do(question_id: int, deed: Callable[[Question], object], sentence: str) -> ResponseReturnValue:
    """Do something to a question, then show the list; what is refused is said there."""
    back = _back_to(queries.owner_of(queries.get_question(question_id)))
    try:
        with transaction():
            deed(queries.get_question(question_id))
    except Conflict as refusal:
        flash(str(refusal), "error")
    else:
        if sentence:
            flash(sentence, "success")
    return redirect(back)


def _back_to(owner: Owner) -> str:
    name = "series_questions" if isinstance(owner, Series) else "webinar_questions"
    return url_for(f"registration_staff.{name}", slug=owner.slug)
