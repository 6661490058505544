"""The usual words of a letter in the form in which staff write: something to begin with."""

import re

from flask import current_app
from markupsafe import Markup

from webinars.core.language import speaking
from webinars.notices.kinds import Notice
from webinars.notices.wording_service import Typed

#: whose usual subject says when it is in words that no placeholder stands for, such as "Tomorrow at 1:00 pm"
_RELATIVE = frozenset({Notice.REMINDER})
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)


def usual_words(notice: Notice, language: str) -> Typed:
    """Give the usual subject and opening of a letter with placeholders; an empty subject where none can say it.

    Of an opening that differs by where somebody stands it gives what is true for everybody.
    """
    with speaking(language):
        opening = _render("notices_staff/usual_opening.html", language, letter=f"{notice.folder}/body.html")
        line = "" if notice in _RELATIVE else _render(f"{notice.folder}/subject.txt", language)
    paragraphs = [Markup(found).striptags() for found in _PARAGRAPH.findall(opening)]
    return Typed(" ".join(line.split()), "\n\n".join(["{greeting}", *paragraphs]))


def _render(template: str, language: str, **values: str) -> str:
    known = {"title": "{title}", "day": "{date}", **values}
    return current_app.jinja_env.get_template(template).render(language=language, **known)
