"""The staff page of a speaker's portrait."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.archive.album import making, service
from webinars.archive.album.forms import PortraitForm, words_data
from webinars.archive.staff_views import staff_pages
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.pictures import PORTRAIT
from webinars.schedule import queries as schedule
from webinars.schedule.staff_views import attempt


@staff_pages.route("/speakers/<int:speaker_id>/portrait", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def portrait(speaker_id: int) -> ResponseReturnValue:
    """Show a portrait as readers see it, and take another one."""
    speaker = schedule.get_speaker(speaker_id)
    form = PortraitForm(data=words_data(speaker.portrait_words))
    if form.validate_on_submit() and _set(form, speaker_id):
        flash(_("Saved."), "success")
        return redirect(url_for("archive_staff.portrait", speaker_id=speaker_id))
    page = render_template("archive_staff/portrait.html", form=form, speaker=schedule.get_speaker(speaker_id))
    return page, form.status


def _set(form: PortraitForm, speaker_id: int) -> bool:
    key = None
    if form.file.data:
        try:
            # Outside any transaction: it takes as long as the disk does.
            key = service.keep(making.make_portrait(form.file.data.stream), PORTRAIT)
        except UserError as error:
            form.show({"file": str(error)})
            return False

    def deed() -> bool:
        service.set_portrait(schedule.get_speaker(speaker_id), key, form.values(), utc_now())
        return True

    return bool(attempt(form, deed, str))


@staff_pages.post("/speakers/<int:speaker_id>/portrait/remove")
@needs(Audience.EDITOR)
def portrait_remove(speaker_id: int) -> ResponseReturnValue:
    """Take a portrait away; the letters of the name stand there again."""
    with transaction():
        service.remove_portrait(schedule.get_speaker(speaker_id), utc_now())
    flash(_("The portrait is deleted."), "success")
    return redirect(url_for("archive_staff.portrait", speaker_id=speaker_id))
