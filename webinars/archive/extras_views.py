"""Staff pages about what comes with a video: slides, handouts, links, written answers."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.accounts.queries import current_staff
from webinars.archive import extras, queries, world_queries
from webinars.archive.extras_forms import AnswerForm, PaperForm, answer_data
from webinars.archive.models import Video
from webinars.archive.staff_views import staff_pages
from webinars.archive.store import current_store
from webinars.archive.world_models import Answer
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import NotFound, UserError
from webinars.schedule.staff_views import attempt

_FORMS = 1024 * 1024
#: both forms of the page have a field of the same name
_PAPER = "paper-"


@staff_pages.url_value_preprocessor
def _let_papers_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Raise the size limit for papers; this runs before the form is read, and only for who is signed in."""
    if endpoint == "archive_staff.paper_add" and request.method == "POST" and current_staff() is not None:
        request.max_content_length = extras.LARGEST_PAPER + _FORMS


@staff_pages.get("/videos/<slug>/extras")
def video_extras(slug: str) -> ResponseReturnValue:
    """Show what comes with a video, and the forms to add to it."""
    return _page(queries.get_video(slug))


def _page(video: Video, paper: PaperForm | None = None, answer: AnswerForm | None = None) -> ResponseReturnValue:
    paper, answer = paper or PaperForm(None, prefix=_PAPER), answer or AnswerForm(formdata=None)
    status = max(paper.status, answer.status)
    lists = {"papers": world_queries.papers_of(video.id), "answers": world_queries.answers_of(video.id)}
    return render_template(
        "archive_staff/extras.html", video=video, paper_form=paper, answer_form=answer, **lists
    ), status


@staff_pages.post("/videos/<slug>/papers")
@needs(Audience.EDITOR)
def paper_add(slug: str) -> ResponseReturnValue:
    """Add slides, a handout or a link."""
    form = PaperForm(prefix=_PAPER)
    values = form.texts("kind", "title", "url", "at")
    if form.file.data and form.kind.data != "link":
        try:
            # Outside any transaction: it takes as long as the disk does.
            stored = extras.keep_paper(current_store(), slug, form.file.data.stream)
        except UserError as error:
            form.show({"file": str(error)})
            return _page(queries.get_video(slug), paper=form)
        values |= {"stored": stored[0], "bytes": stored[1]}
    if attempt(form, lambda: extras.add_paper(queries.get_video(slug), values, utc_now()), str):
        flash(_("Saved."), "success")
        return redirect(url_for("archive_staff.video_extras", slug=slug))
    return _page(queries.get_video(slug), paper=form)


@staff_pages.post("/videos/<slug>/papers/<int:paper>/remove")
@needs(Audience.EDITOR)
def paper_remove(slug: str, paper: int) -> ResponseReturnValue:
    """Take a paper away."""
    with transaction():
        extras.remove_paper(queries.get_video(slug), paper, utc_now())
    flash(_("It is removed."), "success")
    return redirect(url_for("archive_staff.video_extras", slug=slug))


@staff_pages.post("/videos/<slug>/answers")
@needs(Audience.EDITOR)
def answer_add(slug: str) -> ResponseReturnValue:
    """Add a written answer."""
    form = AnswerForm()
    values = form.texts("question", "answer", "answered_by", "at")
    if attempt(form, lambda: extras.write_answer(queries.get_video(slug), values, utc_now()), str):
        flash(_("The answer is saved."), "success")
        return redirect(url_for("archive_staff.video_extras", slug=slug))
    return _page(queries.get_video(slug), answer=form)


@staff_pages.route("/videos/<slug>/answers/<int:answer>", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def answer_edit(slug: str, answer: int) -> ResponseReturnValue:
    """Put a written answer in other words."""

    def present() -> Answer:
        return world_queries.get_answer(queries.get_video(slug).id, answer)

    def deed() -> Answer:
        values = form.texts("question", "answer", "answered_by", "at")
        return extras.write_answer(queries.get_video(slug), values, utc_now(), answer, seen=form.seen.data)

    form = AnswerForm()
    try:
        found = present()
        form = AnswerForm(data=answer_data(found) | {"seen": extras.answer_version(found)})
        if form.validate_on_submit() and attempt(form, deed, lambda: extras.answer_version(present())):
            flash(_("The answer is saved."), "success")
            return redirect(url_for("archive_staff.video_extras", slug=slug))
    except NotFound:
        if request.method == "GET":
            raise
        gone = _("Somebody else removed this answer meanwhile. What you typed is still here: save it to add it anew.")
        form.show_conflict(gone, "")
        return _page(queries.get_video(slug), answer=form)
    video = queries.get_video(slug)
    return render_template("archive_staff/answer.html", video=video, form=form, number=answer), form.status


@staff_pages.post("/videos/<slug>/answers/<int:answer>/remove")
@needs(Audience.EDITOR)
def answer_remove(slug: str, answer: int) -> ResponseReturnValue:
    """Take a written answer away."""
    with transaction():
        extras.remove_answer(queries.get_video(slug), answer, utc_now())
    flash(_("It is removed."), "success")
    return redirect(url_for("archive_staff.video_extras", slug=slug))
