"""A report as PDF: pictures drawn as vectors, the font embedded, with outline, language and headings of tables."""

from datetime import UTC, datetime, time
from typing import Any

from flask_babel import gettext as _
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from webinars.core.formats import number, short_date
from webinars.core.language import current_language
from webinars.core.static import STATIC
from webinars.staff.numbers.discretion import Told
from webinars.staff.numbers.report import Report, Section, told_words

_FONT = "Atkinson"
_FILES = {"": "atkinson-next-regular-5.3.0.ttf", "B": "atkinson-next-bold-5.3.0.ttf"}
#: ink, soft ink, brand, its tint and a line, as on the pages
_INK, _SOFT, _BRAND, _TINT, _LINE = (24, 38, 45), (75, 90, 98), (15, 94, 99), (228, 241, 239), (216, 210, 200)
_MARGIN = 20.0
_PAPER = (255, 255, 255)
#: millimetres: of a row of a picture, and where its bars begin and its numbers end
_ROW, _NAMES, _NUMBERS = 7.5, 62.0, 34.0


class _Paper(FPDF):
    """A page with its number at the foot."""

    foot = ""

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(_FONT, size=9)
        self.set_text_color(*_SOFT)
        self.cell(self.epw / 2, 6, self.foot)
        self.cell(self.epw / 2, 6, _("Page %(page)s of {nb}", page=self.page_no()), align="R")


def pdf_of(report: Report) -> bytes:
    """Write the report."""
    paper = _Paper(format="A4")
    for style, name in _FILES.items():
        paper.add_font(_FONT, style, STATIC / "fonts" / name)
    paper.set_margin(_MARGIN)
    paper.set_auto_page_break(True, 20)
    paper.set_lang(current_language())
    paper.set_title(f"{report.title}, {report.period}")
    paper.set_author(report.organization)
    paper.set_creation_date(datetime.combine(report.made_on, time(), UTC))
    paper.set_display_mode("fullwidth")
    paper.foot = report.organization
    paper.add_page()
    _head(paper, report)
    _figures(paper, report)
    for section in report.sections:
        _picture(paper, section)
    _webinars(paper, report)
    _notes(paper, report)
    return bytes(paper.output())


def _head(paper: FPDF, report: Report) -> None:
    paper.set_fill_color(*_BRAND)
    paper.rect(0, 0, paper.w, 5, style="F")
    paper.image(STATIC / "img" / "logo.svg", w=12, alt_text=report.organization)
    _say(paper, report.organization, 12, bold=True, colour=_BRAND)
    paper.ln(2)
    paper.start_section(report.title)
    _say(paper, report.title, 24, bold=True)
    _say(paper, report.period, 14, colour=_SOFT)
    _say(paper, _("Made on %(day)s", day=short_date(report.made_on)), 10, colour=_SOFT)
    paper.ln(3)
    for paragraph in report.words.split("\n"):
        if paragraph.strip():
            _say(paper, paragraph.strip(), 11)
            paper.ln(2)


def _figures(paper: FPDF, report: Report) -> None:
    _heading(paper, _("In short"))
    paper.set_fill_color(*_PAPER)
    with paper.table(
        width=paper.epw, col_widths=(3, 1), text_align=("LEFT", "RIGHT"), first_row_as_headings=False, line_height=8,
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
    ) as table:  # fmt: skip
        for name, told in report.figures:
            row = table.row()
            row.cell(name)
            row.cell(_told(told), style=FontFace(emphasis="BOLD"))


def _picture(paper: FPDF, section: Section) -> None:
    """Draw a bar for each row, with its name before and its number behind it: picture and table are one."""
    room = _ROW * min(len(section.rows), 8) + 24
    if paper.will_page_break(room):
        paper.add_page()
    _heading(paper, section.title)
    if not section.rows:
        _say(paper, section.nothing, 11, colour=_SOFT)
        return
    most = max((told for _name, told in section.rows if isinstance(told, int)), default=0)
    for name, told in section.rows:
        _bar(paper, name, told, most)


def _bar(paper: FPDF, name: str, told: Told, most: int) -> None:
    if paper.will_page_break(_ROW):
        paper.add_page()
    x, y = paper.l_margin, paper.get_y()
    paper.set_font(_FONT, size=10)
    paper.set_text_color(*_INK)
    lines: Any = paper.multi_cell(_NAMES, 4.5, name, align="L", dry_run=True, output="LINES")
    height = max(_ROW, 4.5 * len(lines) + 1.5)
    paper.multi_cell(_NAMES, 4.5, name, align="L", new_x=XPos.RIGHT, new_y=YPos.TOP)
    room = paper.epw - _NAMES - _NUMBERS
    length = room * told / most if isinstance(told, int) and most else 0
    paper.set_fill_color(*_TINT)
    paper.rect(x + _NAMES, y + 0.4, room, 4, style="F")
    if length:
        paper.set_fill_color(*_BRAND)
        paper.rect(x + _NAMES, y + 0.4, length, 4, style="F")
    paper.set_xy(x + _NAMES + room, y)
    paper.cell(_NUMBERS, 4.8, _told(told), align="R")
    paper.set_xy(x, y + height)


def _webinars(paper: FPDF, report: Report) -> None:
    if not report.webinars:
        return
    if paper.will_page_break(40):
        paper.add_page()
    _heading(paper, _("The webinars"))
    paper.set_font(_FONT, size=10)
    # Cells of a table are filled with what was used last.
    paper.set_fill_color(*_PAPER)
    head = FontFace(emphasis="BOLD", color=_BRAND, fill_color=_TINT)
    with paper.table(
        width=paper.epw, col_widths=(27, 47, 13, 13), text_align=("LEFT", "LEFT", "RIGHT", "RIGHT"), line_height=5,
        borders_layout=TableBordersLayout.HORIZONTAL_LINES, headings_style=head, padding=1,
    ) as table:  # fmt: skip
        table.row((_("Day"), _("Webinar"), _("Signed up"), _("Came")))
        for one in report.webinars:
            table.row((short_date(one.on), f"{one.title}\n{one.series}", _told(one.sign_ups), _told(one.came)))


def _notes(paper: FPDF, report: Report) -> None:
    if paper.will_page_break(50):
        paper.add_page()
    _heading(paper, _("How this was counted"))
    for note in report.notes:
        _say(paper, note, 10, colour=_SOFT)
        paper.ln(1.5)


def _heading(paper: FPDF, words: str) -> None:
    paper.ln(5)
    paper.start_section(words, level=1)
    _say(paper, words, 14, bold=True, colour=_BRAND)
    paper.ln(1.5)
    paper.set_draw_color(*_LINE)
    paper.set_text_color(*_INK)
    paper.set_font(_FONT, size=11)


def _say(paper: FPDF, words: str, size: float, *, bold: bool = False, colour: tuple[int, int, int] = _INK) -> None:
    paper.set_font(_FONT, "B" if bold else "", size)
    paper.set_text_color(*colour)
    paper.multi_cell(paper.epw, size * 0.5, words, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _told(told: Told) -> str:
    return told_words(told, number(told) if isinstance(told, int) else "")
