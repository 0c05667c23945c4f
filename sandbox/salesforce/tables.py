"""Tables: CSV as Bulk API 2.0 writes and reads it."""

import csv
import io
from collections.abc import Iterable, Sequence

from sandbox.salesforce.errors import Refused

DELIMITERS = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


def written(
    rows: Iterable[Sequence[object]], delimiter: str = "COMMA", ending: str = "LF"
) -> str:
    """Return rows as CSV; every cell is quoted, as Salesforce quotes them."""
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=DELIMITERS[delimiter],
        lineterminator=ENDINGS[ending],
        quoting=csv.QUOTE_ALL,
    )
    writer.writerows(rows)
    return text.getvalue()


def read(text: str, delimiter: str, ending: str) -> list[list[str]]:
    """Return the rows of an uploaded file, its header first.

    Raises:
        Refused: its lines end otherwise than the job says, or it is no CSV.
    """
    other = "\r\n" in text.partition("\n")[0] + "\n"
    if (ending == "CRLF") != other and "\n" in text:
        sentence = (
            "ClientInputError : LineEnding is invalid on user data. "
            f"Current LineEnding setting is {ending}"
        )
        raise Refused("InvalidBatch", sentence)
    try:
        lines = csv.reader(
            io.StringIO(text, newline=""), delimiter=DELIMITERS[delimiter], strict=True
        )
        return [line for line in lines if line]
    except csv.Error as error:
        sentence = f"ClientInputError : Error parsing CSV : {error}"
        raise Refused("InvalidBatch", sentence) from error
