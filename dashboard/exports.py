"""Exports: rows as CSV or as a spreadsheet, in which no cell can become a formula.

Names come from vendors: a text that begins like a formula would be carried out by the
spreadsheet program of whoever opens the file.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

# What spreadsheet programs take for the beginning of a formula (OWASP, CSV injection).
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_UNSEEN = "".join(map(chr, range(ord(" ") + 1)))
# What XML 1.0 has no way to write.
_UNWRITABLE = dict.fromkeys(
    [code for code in range(0x20) if code not in {0x9, 0xA, 0xD}] + [0xFFFE, 0xFFFF]
)
_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheet programs

_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/styles.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        "<Relationships xmlns="
        '"http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>"
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="Concord" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        "<Relationships xmlns="
        '"http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/styles" Target="styles.xml"/>'
        "</Relationships>"
    ),
    # Style 0 is plain, 1 is a day, 2 an amount.
    "xl/styles.xml": (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="3"><xf/><xf numFmtId="14" applyNumberFormat="1"/>'
        '<xf numFmtId="4" applyNumberFormat="1"/></cellXfs></styleSheet>'
    ),
}


def to_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """Write rows, the first of them titles, as CSV that is read as UTF-8."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Iterable[Sequence[Any]]) -> bytes:
    """Write rows, the first of them titles, as a workbook of one sheet.

    The same rows make the same bytes.
    """
    lines = "".join(
        f"<row>{''.join(_typed(value) for value in row)}</row>" for row in rows
    )
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{lines}</sheetData></worksheet>"
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            archive.writestr(zipfile.ZipInfo(name), head + part)
    return written.getvalue()


def _cell(value: Any) -> Any:
    """Return what CSV holds of a value; numbers stay numbers, signs and all."""
    if value is None or isinstance(value, (int, Decimal)):
        return value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return _guarded(str(value))


def _guarded(words: str) -> str:
    """Put an apostrophe before what would be carried out, blanks before it or not.

    Neither blanks nor signs that a cell does not hold keep a program from it.
    """
    is_formula = any(
        words.lstrip(before).startswith(_BEGINS_FORMULA) for before in (" ", _UNSEEN)
    )
    return f"'{words}" if is_formula else words


def _typed(value: Any) -> str:
    """Return a value as a cell of its type; texts are never anything but text."""
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, (int, Decimal)):
        style = 2 if isinstance(value, Decimal) else 0
        return f'<c s="{style}"><v>{value}</v></c>'
    if isinstance(value, date) and not isinstance(value, datetime):
        return f'<c s="1"><v>{(value - _EPOCH).days}</v></c>'
    words = value.isoformat() if isinstance(value, datetime) else str(value)
    # Guarded although it is typed as text: sheets are saved as CSV and opened again.
    words = escape(_guarded(words).translate(_UNWRITABLE))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'
