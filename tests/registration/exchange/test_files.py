"""Files as people have them: which are read, how, and which are refused with what to do."""

import datetime as dt
import io
import random
import re
import tracemalloc
import zipfile
from contextlib import contextmanager

import pytest
from openpyxl import Workbook

from tests.registration.exchange.support import SHEET, as_excel_writes, csv_file, edited, opened, saved, xlsx_file
from webinars.registration.exchange import columns
from webinars.registration.exchange.files import open_sheet
from webinars.registration.exchange.sheets import Flaw, Kind, Unreadable

HEAD = ("Name", "Email")


@pytest.fixture(autouse=True)
def _speaking(installations):
    """Sentences are translated, which needs an application; no database is asked."""
    with installations("sqlite").app.app_context():
        yield


def cells(tmp_path, content):
    return [record.cells for record in opened(tmp_path, content)[1]]


# --- CSV ----------------------------------------------------------------------------------------------------------

TEXT = "Name;Email\r\nÁlvaro Núñez;alvaro@example.org\r\n"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (TEXT.encode(), Kind.UTF_8),
        (b"\xef\xbb\xbf" + TEXT.encode(), Kind.UTF_8),
        (TEXT.encode("utf-16"), Kind.UTF_16),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), Kind.UTF_16),
        (TEXT.encode("utf-16-le"), Kind.UTF_16),
        (TEXT.encode("utf-16-be"), Kind.UTF_16),
        (TEXT.encode("cp1252"), Kind.WINDOWS),
    ],
)
def test_encoding_is_recognised(tmp_path, content, kind):
    sheet, records = opened(tmp_path, content)
    assert (sheet.kind, sheet.headers) == (kind, list(HEAD))
    assert [record.cells for record in records] == [["Álvaro Núñez", "alvaro@example.org"]]
    assert sheet.expected == 1


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separator_is_recognised_even_where_another_is_in_the_names(tmp_path, separator):
    head, row = ("Correo", "Nombre, segundo; otro"), ("a@example.org", "Ann, B; C")
    content = csv_file(*(separator.join(f'"{cell}"' for cell in line) for line in (head, row)))
    assert opened(tmp_path, content)[0].headers == list(head)
    assert cells(tmp_path, content) == [list(row)]


def test_title_above_the_names_of_the_columns_is_passed_over(tmp_path):
    content = csv_file("Our March event,,", ",,", "Nombre,Correo electrónico,", "Ana,ana@example.org,")
    sheet, records = opened(tmp_path, content)
    assert sheet.headers == ["Nombre", "Correo electrónico"]
    assert [(record.line, record.cells[:2]) for record in records] == [(4, ["Ana", "ana@example.org"])]


def test_line_is_where_a_row_begins(tmp_path):
    content = csv_file("Name,Email", '"Ann', 'second line",a@example.org', "Bob,b@example.org")
    assert [record.line for record in opened(tmp_path, content)[1]] == [2, 4]


def test_nul_is_left_out(tmp_path):
    assert cells(tmp_path, b"Name,Email\nAn\0n,a@example.org\n") == [["Ann", "a@example.org"]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"Name,Email\n\x81\x8d,a@example.org\n", "characters of this file cannot be read"),
        ("Name,Email\n\ud800,a\n".encode("utf-16", "surrogatepass"), "characters of this file cannot be read"),
        (b'Name,Email\n"Ann,a@example.org\n', "Line 2 is not CSV"),
        (b'Name,Email\n"Ann"x,a@example.org\n', "Line 2 is not CSV"),
        (b"Name,Email\n" + b"x" * 200_000 + b",a\n", "Line 2 is not CSV"),
        ((",".join(f"C{number}" for number in range(101)) + "\n").encode(), "more than 100 columns"),
        (b"%PDF-1.7 ...", "This is no table"),
        (b"\xff\xd8\xff\xe0 jpeg", "This is no table"),
        (b"PK\x05\x06" + bytes(18), "This is no table"),
        (b"PK\x03\x04 and no more", "damaged or incomplete"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old kind (.xls)"),
        (b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(tmp_path, content, sentence):
    with pytest.raises(Unreadable, match=re.escape(sentence)):
        opened(tmp_path, content)


def test_100_columns_are_read(tmp_path):
    content = csv_file(",".join(["Name", "Email", *map(str, range(98))]), ",".join(["x"] * 100))
    assert len(opened(tmp_path, content)[0].headers) == 100


# --- XLSX ---------------------------------------------------------------------------------------------------------


def test_values_are_read_as_the_sheet_shows_them(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.append(["Name", "Email", *("Notes",) * 8])
    moment = dt.datetime(2026, 12, 3, 13, 5)
    values = [12345678901, 0.5, True, dt.date(2026, 12, 3), moment, dt.time(9, 30), 42, 3.0]
    sheet.append(["Ana", "ana@example.org", *values])
    sheet.cell(2, 9).number_format = "00000"
    shown = ["12345678901", "0.5", "TRUE", "2026-12-03", "2026-12-03 13:05", "09:30", "00042", "3"]
    assert cells(tmp_path, saved(book)) == [["Ana", "ana@example.org", *shown]]


def test_number_that_has_lost_digits_is_no_telephone_number(tmp_path):
    content = xlsx_file(("Name", "Phone"), ("Ana", 12345678901234567890), ("Bob", "12345678901234567890"))
    first, second = opened(tmp_path, content)[1]
    assert first.flaws == {1: Flaw.DIGITS}
    assert second.flaws == {} and second.cells[1] == "12345678901234567890"


def test_formula_counts_by_its_result_and_never_by_itself(tmp_path):
    content = xlsx_file(HEAD, ("=1+1", "a@example.org"), ("Bob", "b@example.org"), ("Cid", "c@example.org"))
    content = edited(content, SHEET, lambda xml: worked_out(xml))
    first, second, third = opened(tmp_path, content)[1]
    assert first.flaws == {0: Flaw.FORMULA} and first.cells[:1] in ([""], []) or first.cells[0] == ""
    assert second.cells[0] == "from a formula"
    assert third.flaws == {0: Flaw.ERROR}


def worked_out(xml):
    """Give the second row a formula with a result, the third one with an error."""
    for row, kind, value in ((3, "str", "from a formula"), (4, "e", "#REF!")):
        cell = f'<c r="A{row}" t="{kind}"><f>B9</f><v>{value}</v></c>'
        xml = re.sub(rf'<c r="A{row}"[^>]*>.*?</c>', cell, xml)
    return xml


def test_merged_cells_hold_their_value_once(tmp_path):
    book = Workbook()
    sheet = book.active
    for row in (("People of March", None, None), ("Name", "Email", "Question"), ("Ana", "ana@example.org", "Why?")):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.append(("Bob", "bob@example.org", None))
    sheet.merge_cells("C3:C4")
    found, records = opened(tmp_path, saved(book))
    assert found.headers == ["Name", "Email", "Question"]
    assert [record.cells for record in records] == [["Ana", "ana@example.org", "Why?"], ["Bob", "bob@example.org"]]


def test_first_sheet_with_known_columns_is_read(tmp_path):
    book = Workbook()
    book.active.append(("Read me first", "please"))
    book.create_sheet("Hidden").append(("Name", "Email"))
    book["Hidden"].sheet_state = "hidden"
    people = book.create_sheet("People")
    people.append(("Nombre", "Correo"))
    people.append(("Ana", "ana@example.org"))
    sheet, records = opened(tmp_path, saved(book))
    assert sheet.headers == ["Nombre", "Correo"]
    assert len(records) == 1


def test_rich_and_shared_texts_are_whole(tmp_path):
    content = as_excel_writes(xlsx_file(HEAD, ("Ana", "a@example.org"), ("Ana", "b@example.org")))
    assert [row[0] for row in cells(tmp_path, content)] == ["Ana", "Ana"]
    parts = "<si><r><t>An</t></r><r><rPr><b/></rPr><t>a María</t></r></si>"
    change = edited(content, "xl/sharedStrings.xml", lambda xml: xml.replace("<si><t>Ana</t></si>", parts))
    assert [row[0] for row in cells(tmp_path, change)] == ["Ana María", "Ana María"]


@pytest.mark.parametrize("bytes_left", [30, 500, -200, -22])
def test_truncated_workbook_is_damaged(tmp_path, bytes_left):
    with pytest.raises(Unreadable, match="damaged or incomplete"):
        opened(tmp_path, xlsx_file(HEAD, ("Ana", "ana@example.org"))[:bytes_left])


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (SHEET, lambda xml: xml[: xml.index("</row>")]),
        (SHEET, lambda xml: re.sub(r"<v>\d+</v>", "<v>99999</v>", xml)),
        (SHEET, lambda xml: re.sub(r"<v>\d+</v>", "<v>-1</v>", xml)),
        (SHEET, lambda xml: xml.replace('t="s"', 't="n"').replace("<v>2</v>", "<v>x</v>")),
        (SHEET, lambda xml: xml.replace('r="A2"', 'r="ZZZZ2"')),
        (SHEET, lambda xml: xml.replace('<row r="2"', '<row r="many"')),
        ("xl/workbook.xml", lambda xml: "<workbook>"),
        ("xl/styles.xml", lambda xml: "no xml"),
        ("[Content_Types].xml", lambda xml: "<Types/>"),
        ("xl/sharedStrings.xml", lambda xml: '<!DOCTYPE x [<!ENTITY a "b">]>' + xml.partition("?>")[2]),
        (SHEET, lambda xml: '<!DOCTYPE x [<!ENTITY a "b">]>' + xml),
    ],
)
def test_broken_or_hostile_workbook_is_refused(tmp_path, part, change):
    content = as_excel_writes(xlsx_file(HEAD, ("Ana", "ana@example.org")))
    assert cells(tmp_path, content) == [["Ana", "ana@example.org"]]
    content = edited(content, part, change)
    with pytest.raises(Unreadable):
        opened(tmp_path, content)


def test_bomb_is_refused_before_it_is_unpacked(tmp_path):
    content = edited(xlsx_file(HEAD), SHEET, lambda xml: xml + " " * 150_000_000)
    assert len(content) < 1_000_000
    with peak() as most, pytest.raises(Unreadable, match="unpacks to more than we can read"):
        opened(tmp_path, content)
    assert most() < 5_000_000


def test_workbook_of_another_program_is_named(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(Unreadable, match="no Excel workbook"):
        opened(tmp_path, file.getvalue())


def test_row_of_countless_cells_is_never_held(tmp_path):
    """A hostile row names the same cell again and again."""
    chance = random.Random(1)
    cell = "".join(f'<c r="C2"><v>{chance.randrange(10**12)}</v></c>' for _ in range(20_000))
    content = xlsx_file((*HEAD, "Notes"), ("Ana", "ana@example.org"))
    content = edited(content, SHEET, lambda xml: xml.replace("</row></sheetData>", cell + "</row></sheetData>"))
    with peak() as most:
        assert cells(tmp_path, content)[0][:2] == ["Ana", "ana@example.org"]
    assert most() < 2_500_000


@pytest.mark.parametrize("kind", ["csv", "xlsx", "xlsx as Excel writes it"])
def test_memory_does_not_grow_with_the_rows(tmp_path, kind):
    def used(rows):
        path = tmp_path / str(rows)
        people = [(f"Person {number}", f"person.{number}@example.org", "A question?") for number in range(rows)]
        head = (*HEAD, "Question")
        content = csv_file(*(",".join(one) for one in (head, *people))) if kind == "csv" else xlsx_file(head, *people)
        path.write_bytes(as_excel_writes(content) if "Excel" in kind else content)
        del content, people
        with peak() as most:
            assert sum(1 for _ in open_sheet(path, columns.is_known).records) == rows
        return most()

    few, many = used(1_500), used(7_500)
    assert many < 1.15 * few + 100_000


@contextmanager
def peak():
    """Measure the most memory that a block takes."""
    tracemalloc.start()
    found = []
    try:
        yield lambda: found[0]
    finally:
        found.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
