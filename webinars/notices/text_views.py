"""Pages on which staff shape letters: their words, a preview, a test to oneself."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, flash, get_template_attribute, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config import LANGUAGES
from webinars.accounts.queries import current_staff
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict, NotFound
from webinars.mail.letters import Letter
from webinars.notices import preview, wording, wording_queries, wording_service
from webinars.notices.kinds import Notice
from webinars.notices.letters import Texts
from webinars.notices.sample_choice import SampleChoice, allow_frames, asked, chosen, framed
from webinars.notices.staff_pages import staff_pages
from webinars.notices.text_forms import WordsForm
from webinars.notices.usual_words import usual_words
from webinars.notices.wording import WORDED, Wording
from webinars.notices.wording_service import Typed
from webinars.registration.words import letter_words
from webinars.schedule.cleaning import Problems
from webinars.schedule.forms import language_names
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
    kind = _kind(notice)
    form = WordsForm(data=_data(get_series(slug), kind))

    def deed() -> Series:
        series = get_series(slug)
        wording_service.save_words(series, kind, form.typed(), utc_now(), seen=form.seen.data)
        return series

    def current() -> str:
        return wording_service.words_version(get_series(slug).id, kind)

    if attempt(form, deed, current):
        flash(_("Saved. The next letter has these words."), "success")
        return redirect(url_for(".letter", slug=slug, notice=notice, **asked(request.form)))
    return _letter_page(get_series(slug), kind, form)


def _letter_page(series: Series, notice: Notice, form: WordsForm, unsaved: str = "") -> ResponseReturnValue:
    """Show a letter's page; ``unsaved`` says what is special about words that are in the form only."""
    rows = wording_queries.rows_of(series.id, notice)
    here: dict[str, Any] = {"slug": series.slug, "notice": notice.value}
    allow_frames()
    page = render_template(
        "notices_staff/letter.html",
        series=series,
        notice=notice.value,
        name=letter_words(notice),
        form=form,
        unsaved=unsaved,
        rows=rows,
        changed=bool(rows),
        usual={language: url_for(".letter_usual", **here, language=language) for language in rows},
        choice=chosen(series, request.values, utc_now()),
        languages=language_names(),
        in_subject=wording.listed(wording.allowed(notice, in_subject=True)),
        in_body=wording.allowed(notice),
    )
    return page, form.status


@staff_pages.post("/series/<slug>/letters/<notice>/typed")
@needs(Audience.EDITOR)
def letter_typed(slug: str, notice: str) -> ResponseReturnValue:
    """Show the page again with what was typed, and begin an empty text with the usual words; nothing is written."""
    series, kind, form = get_series(slug), _kind(notice), WordsForm()
    unsaved = _("Your words are in the fields. “Show” shows how the letter reads with them.")
    language = request.form.get("begin")
    if language in language_names() and not form[f"body_{language}"].data:
        words = usual_words(kind, language)
        form[f"body_{language}"].data = words.body
        form[f"subject_{language}"].data = form[f"subject_{language}"].data or words.subject
        unsaved = _("The usual words are in the fields. Change them, then press “Save”.")
        if not words.subject:
            unsaved += " " + _(
                "The usual subject names the day as it comes nearer; leave the field empty to keep that."
            )
    return _letter_page(series, kind, form, unsaved)


@staff_pages.get("/series/<slug>/letters/<notice>/preview")
def letter_frame(slug: str, notice: str) -> Response:
    """Give a letter with its saved words, for the frame beside them."""
    series, kind, now = get_series(slug), _kind(notice), utc_now()
    choice = chosen(series, request.args, now)
    return _framed(kind, choice, wording_queries.words_of(series.id, kind))


@staff_pages.post("/series/<slug>/letters/<notice>/preview")
@needs(Audience.EDITOR)
def letter_frame_typed(slug: str, notice: str) -> ResponseReturnValue:
    """Give a letter with the words as they stand in the form; nothing is written."""
    series, kind, typed = get_series(slug), _kind(notice), WordsForm().typed()
    try:
        wording_service.check_words(kind, typed)
    except Problems as problems:
        return framed_mistakes(problems)
    return _framed(kind, _typed_choice(series), _texts(series, kind, typed))


@staff_pages.post("/series/<slug>/letters/<notice>/test")
@needs(Audience.EDITOR)
def letter_test(slug: str, notice: str) -> ResponseReturnValue:
    """Send whoever is signed in the letter with the words as they stand in the form, and show it in the frame."""
    series, kind, typed = get_series(slug), _kind(notice), WordsForm().typed()
    try:
        wording_service.check_words(kind, typed)
    except Problems as problems:
        return framed_mistakes(problems)
    choice = _typed_choice(series)
    note, sent = _owe_test(choice, {"series": series.id, "notice": kind.value, "words": [*typed[choice.language]]})
    return _framed(kind, choice, _texts(series, kind, typed), note, wrong=not sent)


def _typed_choice(series: Series) -> SampleChoice:
    """Read with whom the words in the form are looked at; the button of a language asks for that one."""
    given = {**request.form, "language": request.form.get("show") or request.form.get("language", "")}
    return chosen(series, given, utc_now())


def _texts(series: Series, notice: Notice, typed: Mapping[str, Typed]) -> Texts:
    return {(series.id, notice.value, one): Wording(one, *words) for one, words in typed.items()}


def _framed(notice: Notice, choice: SampleChoice, texts: Texts, note: str = "", *, wrong: bool = False) -> Response:
    shown = preview.show(notice, choice.facts(notice), utc_now(), texts)
    below = _frame_macro("below")(shown, choice.webinar.time_zone)
    return _framed_letter(shown.letter, _frame_macro("above")(shown.letter, note, wrong), below)


def framed_typed(letter: Letter) -> Response:
    """Answer with a letter below its subject, for a frame: what was typed stands nowhere else."""
    return _framed_letter(letter, _frame_macro("above")(letter))


def _framed_letter(letter: Letter, above: str, below: str = "") -> Response:
    before, body, after = str(letter.html).partition("<body")
    attributes, end, content = after.partition(">")
    content, close, rest = content.rpartition("</body>")
    return framed(f"{before}{body}{attributes}{end}{above}{content}{below}{close}{rest}")


def _frame_macro(name: str) -> Callable[..., str]:
    macro: Callable[..., str] = get_template_attribute("notices_staff/_frame.html", name)
    return macro


def framed_mistakes(problems: Problems) -> ResponseReturnValue:
    """Answer with what is wrong with what was typed, for a frame."""
    return framed(render_template("notices_staff/mistakes.html", sentences=problems.fields.values())), problems.status


@staff_pages.route("/series/<slug>/letters/<notice>/usual/<language>", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def letter_usual(slug: str, notice: str, language: str) -> ResponseReturnValue:
    """Ask, then give a letter its usual words in one language again."""
    series, kind = get_series(slug), _kind(notice)
    if language not in language_names():
        raise NotFound(_("There is no such letter."))
    if request.method == "POST":
        with transaction():
            wording_service.save_words(get_series(slug), kind, {language: Typed("", "")}, utc_now())
        flash(_("The letter has its usual words again."), "success")
        return redirect(url_for(".letter", slug=slug, notice=notice))
    return render_template(
        "notices_staff/letter_usual.html",
        series=series,
        notice=notice,
        letter=letter_words(kind),
        name=language_names()[language],
        language_of_words=language,
        row=wording_queries.rows_of(series.id, kind).get(language),
    )


def send_test(choice: SampleChoice, about: dict[str, Any]) -> None:
    """Owe whoever is signed in a letter to look at, and say so above the next page."""
    sentence, sent = _owe_test(choice, about)
    flash(sentence, "success" if sent else "error")


def _owe_test(choice: SampleChoice, about: dict[str, Any]) -> tuple[str, bool]:
    """Owe whoever is signed in a letter to look at; give what to say, and whether one is owed."""
    wanted = {"webinar": choice.webinar.id, "language": choice.language, **about}
    try:
        with transaction():
            user = current_staff()
            assert user is not None
            wording_service.owe_test(user, wanted, utc_now())
            address = user.email
    except Conflict as refusal:
        return str(refusal), False
    return str(_("The test is on its way to %(address)s.", address=address)), True


def _kind(notice: str) -> Notice:
    if notice not in set(WORDED):
        raise NotFound(_("There is no such letter."))
    return Notice(notice)


def _data(series: Series, notice: Notice) -> dict[str, Any]:
    rows = wording_queries.rows_of(series.id, notice)
    texts = {f"{part}_{language}": getattr(row, part) for language, row in rows.items() for part in ("subject", "body")}
    return {**texts, "seen": wording_service.words_version(series.id, notice)}
