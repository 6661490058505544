"""Pages on which staff shape letters: their words, a preview, a test to oneself."""

from datetime import datetime
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import escape

from config import LANGUAGES
from webinars.accounts.queries import current_staff
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict, NotFound
from webinars.notices import preview, wording, wording_queries, wording_service
from webinars.notices.kinds import Notice
from webinars.notices.letters import Texts
from webinars.notices.sample_choice import SampleChoice, allow_frames, asked, chosen, framed
from webinars.notices.staff_pages import staff_pages
from webinars.notices.text_forms import WordsForm, language_names
from webinars.notices.wording import WORDED, Wording
from webinars.registration.words import letter_words
from webinars.schedule.cleaning import Problems
from webinars.schedule.models import Series
from webinars.schedule.queries import get_series
from webinars.schedule.staff_views import attempt


@staff_pages.get("/series/<slug>/letters")
def letter_list(slug: str) -> str:
    """List the letters of a series and say which have words of their own."""
    series = get_series(slug)
    changed = wording_queries.changed_letters(series.id)
    names = language_names()
    letters = [
        (notice.value, letter_words(notice), [names[one] for one in LANGUAGES if one in changed.get(notice, ())])
        for notice in WORDED
    ]
    return render_template("notices_staff/letter_list.html", series=series, letters=letters)


@staff_pages.get("/series/<slug>/letters/<notice>")
def letter(slug: str, notice: str) -> ResponseReturnValue:
    """Show the words of a letter, and how it reads with them."""
    series, kind = get_series(slug), _kind(notice)
    return _letter_page(series, kind, WordsForm(formdata=None, data=_data(series, kind)))


@staff_pages.post("/series/<slug>/letters/<notice>")
@needs(Audience.EDITOR)
def letter_save(slug: str, notice: str) -> ResponseReturnValue:
    """Give a letter the words that were typed."""
    kind, form = _kind(notice), WordsForm()

    def deed() -> Series:
        series = get_series(slug)
        wording_service.save_words(series, kind, form.typed(), utc_now(), seen=form.seen.data)
        return series

    def current() -> str:
        return wording_service.words_version(get_series(slug).id, kind)

    if attempt(form, deed, current):
        flash(_("Saved. The next letter has these words."), "success")
        return redirect(url_for(".letter", slug=slug, notice=notice, **asked(request.args)))
    return _letter_page(get_series(slug), kind, form)


def _letter_page(series: Series, notice: Notice, form: WordsForm) -> ResponseReturnValue:
    now = utc_now()
    choice = chosen(series, request.args, now)
    rows = wording_queries.rows_of(series.id, notice)
    allow_frames()
    page = render_template(
        "notices_staff/letter.html",
        series=series,
        notice=notice.value,
        name=letter_words(notice),
        form=form,
        rows=rows,
        changed=bool(rows),
        choice=choice,
        shown=_shown(notice, choice, now, wording_queries.words_of(series.id, notice)),
        languages=language_names(),
        in_subject=wording.listed(wording.allowed(notice, in_subject=True)),
        in_body=wording.allowed(notice),
    )
    return page, form.status


@staff_pages.get("/series/<slug>/letters/<notice>/preview")
def letter_frame(slug: str, notice: str) -> Response:
    """Give a letter with its saved words, for the frame beside them."""
    series, kind, now = get_series(slug), _kind(notice), utc_now()
    shown = _shown(kind, chosen(series, request.args, now), now, wording_queries.words_of(series.id, kind))
    return framed(str(shown.letter.html))


@staff_pages.post("/series/<slug>/letters/<notice>/preview")
@needs(Audience.EDITOR)
def letter_frame_typed(slug: str, notice: str) -> ResponseReturnValue:
    """Give a letter with the words as they stand in the form; nothing is written."""
    series, kind, now = get_series(slug), _kind(notice), utc_now()
    typed = WordsForm().typed()
    try:
        wording_service.check_words(kind, typed)
    except Problems as problems:
        return framed(render_template("notices_staff/mistakes.html", sentences=problems.fields.values())), 422
    language = request.form.get("show", LANGUAGES[0])
    texts = {(series.id, kind.value, one): Wording(one, *words) for one, words in typed.items()}
    choice = chosen(series, {**request.args, "language": language}, now)
    letter = _shown(kind, choice, now, texts).letter
    return framed(_below(letter.subject, str(letter.html)))


def _below(subject: str, html: str) -> str:
    """Write a subject above a letter: what was typed stands nowhere else."""
    before, body, after = html.partition("<body")
    attributes, end, rest = after.partition(">")
    return f"{before}{body}{attributes}{end}<p><strong>{escape(_('Subject'))}: {escape(subject)}</strong></p>{rest}"


@staff_pages.post("/series/<slug>/letters/<notice>/usual")
@needs(Audience.EDITOR)
def letter_usual(slug: str, notice: str) -> ResponseReturnValue:
    """Give a letter its usual words again."""
    kind = _kind(notice)
    with transaction():
        wording_service.take_back_words(get_series(slug), kind, utc_now())
    flash(_("The letter has its usual words again."), "success")
    return redirect(url_for(".letter", slug=slug, notice=notice, **asked(request.args)))


@staff_pages.post("/series/<slug>/letters/<notice>/test")
@needs(Audience.EDITOR)
def letter_test(slug: str, notice: str) -> ResponseReturnValue:
    """Send whoever is signed in the letter with its saved words."""
    series, kind = get_series(slug), _kind(notice)
    choice = chosen(series, request.args, utc_now())
    about = {"series": series.id, "notice": kind.value}
    send_test(choice, about)
    return redirect(url_for(".letter", slug=slug, notice=notice, **asked(request.args)))


def send_test(choice: SampleChoice, about: dict[str, Any]) -> None:
    """Owe whoever is signed in a letter to look at, and say so."""
    wanted = {"webinar": choice.webinar.id, "language": choice.language, **about}
    try:
        with transaction():
            user = current_staff()
            assert user is not None
            wording_service.owe_test(user, wanted, utc_now())
            address = user.email
        flash(_("The test is on its way to %(address)s.", address=address), "success")
    except Conflict as refusal:
        flash(str(refusal), "error")


def _shown(notice: Notice, choice: SampleChoice, now: datetime, texts: Texts) -> preview.Shown:
    return preview.show(notice, choice.facts(notice), now, texts)


def _kind(notice: str) -> Notice:
    if notice not in set(WORDED):
        raise NotFound(_("There is no such letter."))
    return Notice(notice)


def _data(series: Series, notice: Notice) -> dict[str, Any]:
    rows = wording_queries.rows_of(series.id, notice)
    texts = {f"{part}_{language}": getattr(row, part) for language, row in rows.items() for part in ("subject", "body")}
    return {**texts, "seen": wording_service.words_version(series.id, notice)}
