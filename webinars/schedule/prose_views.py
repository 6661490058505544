"""How a text in Markdown will look, while it is being written."""

from flask import abort, request
from flask.typing import ResponseReturnValue

from webinars.core.audience import Audience, needs
from webinars.core.prose import markdown
from webinars.schedule.staff_views import staff_pages


@staff_pages.post("/prose")
@needs(Audience.EDITOR)
def prose() -> ResponseReturnValue:
    """Render, for a script, the field that ``prose`` names as the public page will; nothing is saved."""
    if "HX-Request" not in request.headers:
        abort(404)
    return markdown(request.form.get(request.form.get("prose", ""), "")) or "–"
