"""Masks: how Oracle writes dates and numbers as text.

An instant is the text `YYYY-MM-DD HH:MM:SS`, a day its first ten letters: both sort as
they should, and SQLite keeps them as they are.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

# Masks that are a part of the text as it is kept; SQL cuts it out without our help.
CUTS = {"YYYY-MM-DD": 10, "YYYY-MM": 7, "YYYY": 4, "YYYY-MM-DD HH24:MI:SS": 19}
_MIDNIGHT = " 00:00:00"
_NUMBER_MASK = re.compile(r"(FM)?([90,G]*)(?:[.D]([90]*))?", re.IGNORECASE)

_Piece = Callable[[datetime], str]
_PIECES: Mapping[str, _Piece] = {
    "YYYY": lambda at: f"{at.year:04}",
    "YY": lambda at: f"{at.year % 100:02}",
    "MONTH": lambda at: f"{at:%B}".ljust(9),
    "MON": lambda at: f"{at:%b}",
    "MM": lambda at: f"{at.month:02}",
    "MI": lambda at: f"{at.minute:02}",
    "DDD": lambda at: f"{at:%j}",
    "DAY": lambda at: f"{at:%A}".ljust(9),
    "DY": lambda at: f"{at:%a}",
    "DD": lambda at: f"{at.day:02}",
    "D": lambda at: str(at.isoweekday() % 7 + 1),
    "HH24": lambda at: f"{at.hour:02}",
    "HH12": lambda at: f"{at.hour % 12 or 12:02}",
    "HH": lambda at: f"{at.hour % 12 or 12:02}",
    "SS": lambda at: f"{at.second:02}",
    "AM": lambda at: f"{at:%p}",
    "PM": lambda at: f"{at:%p}",
    "IW": lambda at: f"{at.isocalendar().week:02}",
    "Q": lambda at: str((at.month + 2) // 3),
}
_TOKEN = re.compile(
    rf'FM|{"|".join(sorted(_PIECES, key=len, reverse=True))}|"[^"]*"|[-/.,;: ]',
    re.IGNORECASE,
)


class MaskError(ValueError):
    """A mask, or a text under it, that Oracle would not take."""


@lru_cache(maxsize=256)
def _tokens(mask: str) -> tuple[tuple[str, ...], bool]:
    found = _TOKEN.findall(mask)
    if not mask or "".join(found) != mask:
        raise MaskError(f"date format not recognized: {mask[:50]}")
    trimmed = any(token.upper() == "FM" for token in found)
    return tuple(token for token in found if token.upper() != "FM"), trimmed


def check(mask: str) -> None:
    """Raise MaskError for a mask of dates that is not understood."""
    _tokens(mask)


def written(text: str | None, mask: str) -> str | None:
    """Write an instant or a day as TO_CHAR does."""
    if text is None:
        return None
    tokens, trimmed = _tokens(mask)
    at = datetime.fromisoformat(text)
    parts = []
    for token in tokens:
        piece = _PIECES.get(token.upper())
        if piece is None:
            parts.append(token.strip('"'))
            continue
        part = piece(at)
        if token.isupper():
            part = part.upper()
        elif token.islower():
            part = part.lower()
        if trimmed:
            part = part.strip().lstrip("0") or "0"
        parts.append(part)
    return "".join(parts)


@lru_cache(maxsize=1024)
def read(text: str, pattern: str) -> str:
    """Return the instant that a text means under a pattern of `strptime`.

    Raises:
        MaskError: it means none.
    """
    try:
        at = datetime.strptime(text, pattern)  # noqa: DTZ007 -- the account's time
    except (ValueError, re.error) as error:
        raise MaskError(str(error)) from error
    return at.isoformat(" ", "seconds")


def day_as(text: str, preference: str) -> str:
    """Write a day as an account prefers it: `M/D/YYYY` has no leading zeros."""
    year, month, day = text[:4], text[5:7], text[8:10]
    if preference == "M/D/YYYY":
        return f"{month.lstrip('0')}/{day.lstrip('0')}/{year}"
    return str(written(text[:10], preference))


@lru_cache(maxsize=1024)
def day_from(text: str, preference: str) -> str:
    """Return the instant that a day, written as the account prefers, begins with.

    Raises:
        MaskError: it is not written so.
    """
    pattern = preference
    for mask, directive in (("YYYY", "%Y"), ("MM", "%m"), ("DD", "%d")):
        pattern = pattern.replace(mask, directive)
    if "%m" not in pattern:
        pattern = pattern.replace("M", "%m")
    if "%d" not in pattern:
        pattern = pattern.replace("D", "%d")
    return read(text, pattern)


def plain(value: object) -> str:
    """Write a number as Oracle does: no exponent, no zeros at the end.

    A double carries 15 digits exactly, which is as many as NetSuite keeps of an amount.
    """
    if isinstance(value, float):
        number = Decimal(format(value, ".15g"))
        return format(number.normalize() + 0, "f") if number else "0"
    return str(value)


def number_as(value: float | None, mask: str) -> str | None:
    """Write a number as TO_CHAR with a mask does."""
    found = _NUMBER_MASK.fullmatch(mask)
    if not found or not (found[2] or found[3]):
        raise MaskError(f"number format not recognized: {mask[:50]}")
    if value is None:
        return None
    fill, whole, decimals = found[1], found[2], found[3] or ""
    number = Decimal(plain(value))
    text = format(number, f"{',' if set(whole) & set(',Gg') else ''}.{len(decimals)}f")
    if number and abs(number) < 1 and "0" not in whole:
        text = text.replace("0.", ".", 1)
    width = len(whole) + (len(decimals) + 1 if decimals else 0)
    if len(text.lstrip("-")) > width:
        text = "#" * (width + 1)
    return text if fill else text.rjust(width + 1)


def instant(text: str) -> str:
    """Return the instant of a day's beginning, or the instant itself."""
    return text if len(text) > 10 else text + _MIDNIGHT
