"""Tables: the CSV of Bulk API 2.0 as the same documents that a query over REST gives.

Both ways lead to the same raw row, whichever was taken that day: numbers keep their
digits, an empty cell is a null (Salesforce knows no empty text), and moments are
written with `+0000`.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ingestion.errors import Refused, Transient
from ingestion.readings import Document
from ingestion.streams import Kind, Stream

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_FLAGS = {"true": True, "false": False}


def documents(
    system: str, stream: Stream, fields: Sequence[str], content: bytes
) -> list[Document]:
    """Return the records of a piece of results.

    A cell that is not of its field's kind stays text, so that its record can say what
    is wrong with it.

    Args:
        system: whose results they are.
        stream: the stream whose columns tell the fields' kinds.
        fields: the fields that were asked for; the first line repeats them.
        content: the piece, with its first line.

    Raises:
        Refused: the first line names other fields.
        Transient: it breaks off, or is no CSV.
    """
    try:
        text = io.StringIO(content.decode("utf-8"), newline="")
        lines = [line for line in csv.reader(text, strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Transient(system, f"the results are no CSV ({error})") from error
    if not lines or lines[0] != list(fields):
        raise Refused(
            system,
            "the results have other columns than the fields that were asked for",
            "report it to the vendor; nothing of this reading was kept",
        )
    if any(len(line) != len(fields) for line in lines):
        raise Transient(system, "the results break off within a record")
    readers = _readers(stream, fields)
    return [
        {
            name: read(cell) if cell else None
            for name, read, cell in zip(fields, readers, line, strict=True)
        }
        for line in lines[1:]
    ]


def _readers(stream: Stream, fields: Sequence[str]) -> list[Callable[[str], Any]]:
    kinds = {str(column.path): column.kind for column in stream.columns}
    kinds["IsDeleted"] = "flag"
    return [_READERS[kinds.get(name, "text")] for name in fields]


def _number(cell: str) -> Any:
    found = _NUMBER.fullmatch(cell)
    if found is None:
        return cell
    return Decimal(cell) if found[1] or found[2] else int(cell)


def _flag(cell: str) -> Any:
    return _FLAGS.get(cell, cell)


def _instant(cell: str) -> str:
    return f"{cell[:-1]}+0000" if cell.endswith("Z") else cell


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    "text": str,
    "integer": _number,
    "number": _number,
    "instant": _instant,
    "day": str,
    "flag": _flag,
}
