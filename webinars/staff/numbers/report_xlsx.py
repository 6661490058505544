"""A report as a workbook: true numbers and dates, a chart of the program beside each table, written row by row."""

import io
from typing import Any

from flask_babel import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from webinars.registration.exchange.export import PLAIN
from webinars.staff.numbers.discretion import Told
from webinars.staff.numbers.report import Report, Section, told_words

#: longest name of a sheet, and what may not stand in it
_LONGEST_NAME, _FORBIDDEN = 31, str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def xlsx_of(report: Report) -> bytes:
    """Write the report."""
    file = io.BytesIO()
    with Workbook(file, PLAIN) as book:
        book.set_properties({"title": f"{report.title}, {report.period}", "author": report.organization})
        styles = {
            "head": book.add_format({"bold": True, "font_color": "#0f5e63", "bottom": 1, "text_wrap": True}),
            "title": book.add_format({"bold": True, "font_size": 18}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "number": book.add_format({"num_format": "#,##0"}),
            "aside": book.add_format({"align": "right", "font_color": "#4b5a62"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        }
        _overview(book, styles, report)
        for section in report.sections:
            _section(book, styles, section)
        _webinars(book, styles, report)
    return file.getvalue()


def _overview(book: Workbook, styles: dict[str, Any], report: Report) -> None:
    sheet = book.add_worksheet(_name(_("Report")))
    sheet.set_column(0, 0, 70)
    sheet.set_column(1, 1, 18)
    sheet.write_string(0, 0, report.organization)
    sheet.write_string(1, 0, report.title, styles["title"])
    sheet.write_string(2, 0, report.period)
    sheet.write_string(3, 0, _("Made on"))
    sheet.write_datetime(3, 1, report.made_on, styles["day"])
    row = 5
    for paragraph in filter(None, map(str.strip, report.words.split("\n"))):
        sheet.write_string(row, 0, paragraph, styles["text"])
        row += 1
    row += 1
    sheet.write_string(row, 0, _("In short"), styles["head"])
    sheet.write_string(row, 1, _("Number"), styles["head"])
    for name, told in report.figures:
        row += 1
        sheet.write_string(row, 0, name)
        _write(sheet, row, 1, told, styles)
    row += 2
    sheet.write_string(row, 0, _("How this was counted"), styles["head"])
    for note in report.notes:
        row += 1
        sheet.write_string(row, 0, note, styles["text"])


def _section(book: Workbook, styles: dict[str, Any], section: Section) -> None:
    name = _name(section.title)
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 18)
    for column, words in enumerate(section.columns):
        sheet.write_string(0, column, words, styles["head"])
    if not section.rows:
        sheet.write_string(1, 0, section.nothing)
        return
    for row, (words, told) in enumerate(section.rows, 1):
        sheet.write_string(row, 0, words)
        _write(sheet, row, 1, told, styles)
    last = len(section.rows)
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": section.columns[1],
            "categories": [name, 1, 0, last, 0],
            "values": [name, 1, 1, last, 1],
            "fill": {"color": "#0f5e63"},
        }
    )
    chart.set_title({"name": section.title, "overlay": False})
    chart.set_legend({"none": True})
    # The first row on top, as in the table.
    chart.set_y_axis({"reverse": True})
    chart.set_size({"width": 620, "height": 120 + 26 * last})
    sheet.insert_chart(0, 3, chart, {"description": section.title})


def _webinars(book: Workbook, styles: dict[str, Any], report: Report) -> None:
    sheet = book.add_worksheet(_name(_("The webinars")))
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 2, 45)
    sheet.set_column(3, 4, 14)
    sheet.freeze_panes(1, 0)
    for column, words in enumerate((_("Day"), _("Webinar"), _("Series"), _("Signed up"), _("Came"))):
        sheet.write_string(0, column, words, styles["head"])
    for row, one in enumerate(report.webinars, 1):
        sheet.write_datetime(row, 0, one.on, styles["day"])
        sheet.write_string(row, 1, one.title)
        sheet.write_string(row, 2, one.series)
        _write(sheet, row, 3, one.sign_ups, styles)
        _write(sheet, row, 4, one.came, styles)


def _write(sheet: Worksheet, row: int, column: int, told: Told, styles: dict[str, Any]) -> None:
    if isinstance(told, int):
        sheet.write_number(row, column, told, styles["number"])
    else:
        sheet.write_string(row, column, told_words(told, ""), styles["aside"])


def _name(words: str) -> str:
    return words.translate(_FORBIDDEN)[:_LONGEST_NAME].strip()
