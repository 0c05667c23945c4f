"""The CSV of Bulk API 2.0 becomes exactly the documents that REST would have given."""

from decimal import Decimal
from typing import Any

import pytest

from ingestion.errors import Refused, Transient
from ingestion.readings import Document
from ingestion.salesforce.soql import fields_of
from ingestion.salesforce.tables import documents
from ingestion.streams import Stream
from tests.ingestion.salesforce_org import STREAMS, csv

ACCOUNTS = STREAMS["accounts"]
OPPORTUNITIES = STREAMS["opportunities"]


def parsed(stream: Stream, **cells: str) -> Document:
    """Return the one document of a row."""
    (row,) = documents("salesforce", stream, fields_of(stream), csv(stream, cells))
    return row


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("", None),
        ("0", 0),
        ("-3", -3),
        ("12345678901234567.89", Decimal("12345678901234567.89")),
        ("100.0", Decimal("100.0")),
        ("1.5E7", Decimal("1.5E7")),
        ("007", "007"),
        ("1,5", "1,5"),
        ("NaN", "NaN"),
        ("٣", "٣"),
    ],
)
def test_a_number_keeps_its_digits(cell: str, value: Any) -> None:
    """As JSON would have it; what is no number stays text and cannot be a row."""
    found = parsed(OPPORTUNITIES, Id="006", Amount=cell)["Amount"]

    assert (type(found), str(found)) == (type(value), str(value))


@pytest.mark.parametrize(
    "name", ['He said "no"', "two\nlines", "a,b", " x ", "ünïcødé 😀", "'=1+1", "\r\n"]
)
def test_a_text_comes_as_it_is(name: str) -> None:
    """Quotes, line breaks and commas within a cell are its own."""
    assert parsed(ACCOUNTS, Id="001", Name=name)["Name"] == name


def test_flags_and_moments_are_written_as_rest_writes_them() -> None:
    """The same raw row comes of both ways."""
    row = parsed(
        OPPORTUNITIES,
        Id="006",
        IsClosed="true",
        IsWon="false",
        IsDeleted="maybe",
        CreatedDate="2026-10-01T09:00:00.000Z",
        SystemModstamp="2026-10-01T09:00:00.000+0000",
    )

    assert (row["IsClosed"], row["IsWon"], row["IsDeleted"]) == (True, False, "maybe")
    assert row["CreatedDate"] == row["SystemModstamp"] == "2026-10-01T09:00:00.000+0000"


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"", Refused, "other columns"),
        (b'"Id","Name"\n', Refused, "other columns"),
        (csv(ACCOUNTS, {"Id": "1"})[:-8], Transient, "no CSV|within a record"),
        (csv(ACCOUNTS) + b'"1","2"\n', Transient, "within a record"),
        (csv(ACCOUNTS) + b"\xff", Transient, "no CSV"),
    ],
)
def test_results_that_break_off_are_not_taken(
    content: bytes, kind: type[Exception], said: str
) -> None:
    """Half a record is no record, and other columns are other values."""
    with pytest.raises(kind, match=said):
        documents("salesforce", ACCOUNTS, fields_of(ACCOUNTS), content)


def test_lines_may_end_as_on_any_machine() -> None:
    """A carriage return before the line feed is no part of the last cell."""
    content = csv(ACCOUNTS, {"Id": "1"}, {"Id": "2"}, end="\r\n")

    rows = documents("salesforce", ACCOUNTS, fields_of(ACCOUNTS), content)

    assert [row["Id"] for row in rows] == ["1", "2"]
    assert {row["IsDeleted"] for row in rows} == {None}
