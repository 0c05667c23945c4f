"""Tokens: the words of a SOQL query, each with its place, and errors that name it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.salesforce.errors import Refused

# Salesforce takes no longer query than this.
MAX_LENGTH = 100_000
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d(?![\dT]))
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<mark>!=|<>|<=|>=|=|<|>|\(|\)|,|:)
    )""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)


class SoqlError(Refused):
    """A query that Salesforce would refuse."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a mark or a literal, and where it begins."""

    kind: str
    text: str
    at: int


def located(code: str, text: str, at: int, sentence: str) -> SoqlError:
    """Return an error that shows the line and points at the place."""
    before = text[:at]
    row = before.count("\n") + 1
    column = at - (before.rfind("\n") + 1)
    line = text.split("\n")[row - 1]
    place = f"ERROR at Row:{row}:Column:{column + 1}"
    return SoqlError(code, f"\n{line}\n{' ' * column}^\n{place}\n{sentence}")


def unexpected(text: str, token: Token | None) -> SoqlError:
    """Return the error for a token that cannot stand where it does."""
    at = len(text.rstrip()) if token is None else token.at
    shown = "<EOF>" if token is None else token.text
    return located("MALFORMED_QUERY", text, at, f"unexpected token: '{shown}'")


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a query.

    Raises:
        SoqlError: a character means nothing, a text is not closed.
    """
    if len(text) > MAX_LENGTH:
        sentence = f"SOQL statements cannot be longer than {MAX_LENGTH} characters."
        raise SoqlError("MALFORMED_QUERY", sentence)
    if "\0" in text:
        # A database would end the text there: a pattern of "%" and a NUL finds all.
        sentence = "unexpected character: a text cannot hold a NUL"
        raise located("MALFORMED_QUERY", text, text.index("\0"), sentence)
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            start = place + len(text[place:]) - len(text[place:].lstrip())
            raise located(
                "MALFORMED_QUERY", text, start, f"unexpected token: '{text[start]}'"
            )
        kind = found.lastgroup or ""
        yield Token(kind, found[kind], found.start(kind))
        place = found.end()
