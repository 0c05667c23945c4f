"""Exports: the same rows as on the page, in which no cell can become a formula."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.exports import to_csv, to_xlsx

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHEET = "xl/worksheets/sheet1.xml"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def cells(workbook: bytes) -> list[list[tuple[str | None, str]]]:
    """Return type and text of each cell, read as any reader of the format does."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        root = ET.fromstring(archive.read(SHEET))  # noqa: S314  # our own file
    return [
        [(cell.get("t"), "".join(cell.itertext())) for cell in row]
        for row in root.iter(f"{SPACE}row")
    ]


@given(st.text())
def test_no_text_begins_like_a_formula(words: str) -> None:
    """Whatever a vendor's record holds, the spreadsheet program shows it as text."""
    in_csv = next(csv.reader(io.StringIO(to_csv([[words]]).decode("utf-8-sig"))), [""])

    (((kind, in_xlsx),),) = cells(to_xlsx([[words]]))

    assert not in_csv[0].lstrip(" ").startswith(DANGEROUS)
    assert not in_xlsx.lstrip(" ").startswith(DANGEROUS)
    assert kind == "inlineStr"


@pytest.mark.parametrize("attack", ["=1+1", "@SUM(A1)", "+1", "-1", " =1", "\t=1"])
def test_a_formula_is_kept_readable(attack: str) -> None:
    """An apostrophe stands before it, and nothing of it is lost."""
    assert to_csv([[attack]]).decode("utf-8-sig").strip('"\r\n') == f"'{attack}"


def test_numbers_stay_numbers() -> None:
    """A negative amount begins with a sign and is no formula."""
    row = [Decimal("-12.30"), -7, date(2026, 10, 31), None, True]

    assert to_csv([row]).decode("utf-8-sig") == "-12.30,-7,2026-10-31,,True\r\n"
    assert cells(to_xlsx([row])) == [
        [(None, "-12.30"), (None, "-7"), (None, "46326"), (None, ""), ("b", "1")]
    ]


def test_the_same_rows_make_the_same_file() -> None:
    """Two people who export the same view hold the same bytes."""
    rows = [["Customer", "ARR"], ["Ridge & Sons", Decimal("1.00")]]

    assert to_xlsx(rows) == to_xlsx(rows)
    assert to_csv(rows) == to_csv(rows)
