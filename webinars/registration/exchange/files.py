"""What kind of file it is, told by its first bytes."""

from collections.abc import Callable
from pathlib import Path

from flask_babel import gettext as _

from webinars.registration.exchange.csv_sheet import open_csv
from webinars.registration.exchange.sheets import Sheet, Unreadable
from webinars.registration.exchange.xlsx_sheet import locked, open_workbook

#: of a file given to the command, and of one sent by a browser
MOST_BYTES, MOST_UPLOADED = 100_000_000, 20_000_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
#: beginnings of files that people take for tables
_OTHERS = (b"%PDF", b"{\\rt", b"\x89PNG", b"PK\x05\x06")
_JPEG = b"\xff\xd8\xff"
_PIECE = 1_000_000


def open_sheet(path: Path, is_known: Callable[[str], bool]) -> Sheet:
    """Open a file of people.

    ``is_known`` says whether a text is the name of a column. Raises Unreadable, also while the rows are read.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise Unreadable(_("The file is empty."))
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(_("The file is larger than %(number)s MB. Split it.", number=MOST_BYTES // 1_000_000))
    if start == _OLE:
        raise Unreadable(locked() if _is_encrypted(path) else _old())
    if start in _OTHERS or start[:3] == _JPEG:
        raise Unreadable(_("This is no table. Save the list as XLSX or as “CSV UTF-8”."))
    return (open_workbook if start == _ZIP else open_csv)(path, is_known)


def _old() -> str:
    return str(_("This is a workbook of the old kind (.xls). Open it and save it as XLSX."))


def _is_encrypted(path: Path) -> bool:
    """Say whether an OLE file holds an encrypted workbook (MS-OFFCRYPTO 2.3.4.4) and not an old one."""
    mark, before = "EncryptedPackage".encode("utf-16-le"), b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            if mark in before + piece:
                return True
            before = piece[-len(mark) :]
    return False
