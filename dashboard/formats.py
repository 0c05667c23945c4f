"""Formats: the one place where a number, a day or a foreign text becomes page text."""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

# Of the currencies in the seed `currencies`, these have no minor unit.
_WITHOUT_MINOR_UNIT = frozenset({"JPY"})

_STEPS = ((1, "", 0), (10**3, "k", 1), (10**6, "M", 2), (10**9, "B", 2))

# What CommonMark lets a backslash make literal. The page renders Markdown in cells and
# labels, and names come from vendors: an image in a name must not call another host.
_JOINER = "\N{WORD JOINER}"  # invisible; keeps an address from becoming a link
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")


def major(minor: int, currency: str = "USD") -> Decimal:
    """Turn whole minor units into the unit people read."""
    return Decimal(minor) / (1 if currency in _WITHOUT_MINOR_UNIT else 100)


def compact(minor: int, currency: str = "USD") -> str:
    """Write an amount for a glance: 16.79M, 64.3k, -950. The title names the currency.

    Rounds half away from zero, as every division of money here does.
    """
    value = major(minor, currency)
    written = ""
    for size, suffix, digits in _STEPS:
        scaled = _rounded(abs(value) / size, digits)
        written = f"{_sign(value)}{scaled}{suffix}"
        if scaled < 1000:  # noqa: PLR2004 - the next letter begins there
            break
    return written


def exact(minor: int, currency: str = "USD") -> str:
    """Write an amount to its last minor unit, grouped: 23,628.00 or 1,200 for yen."""
    value = major(minor, currency)
    digits = 0 if currency in _WITHOUT_MINOR_UNIT else 2
    return f"{_sign(value)}{abs(value):,.{digits}f}"


def percent(basis_points: int) -> str:
    """Write hundredths of a percent with one decimal: 10447 is 104.5%."""
    value = Decimal(basis_points) / 100
    return f"{_sign(value)}{_rounded(abs(value), 1):,}%"


def days(hundredths: int) -> str:
    """Write hundredths of a day with one decimal: 368 is 3.7."""
    value = Decimal(hundredths) / 100
    return f"{_sign(value)}{_rounded(abs(value), 1):,}"


def grouped(number: int) -> str:
    """Write a whole number with its thousands apart."""
    return f"{_sign(Decimal(number))}{abs(number):,}"


def count(number: int, noun: str) -> str:
    """Write a number with its noun: 1 break, 1,204 breaks."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def month(day: date) -> str:
    """Write a month: Oct 2026."""
    return f"{day:%b %Y}"


def short_month(day: date) -> str:
    """Write a month where there is little room: Oct and an apostrophe before 26."""
    return f"{day:%b \N{RIGHT SINGLE QUOTATION MARK}%y}"


def day(value: date) -> str:
    """Write a day: 31 Oct 2026."""
    return f"{value.day} {value:%b %Y}"


def instant(at: datetime) -> str:
    """Write an instant, always in UTC and saying so: 31 Oct 2026, 07:05 UTC."""
    return f"{day(at)}, {at:%H:%M} UTC"


def plain(text: str) -> str:
    """Make a text from outside literal: nothing in it is markup on the page."""
    text = " ".join(text.split())
    for opening in ("://", "www."):
        text = text.replace(opening, f"{opening[:-1]}{_JOINER}{opening[-1]}")
    return _MARKUP.sub(r"\\\1", text)


def person(name: str) -> str:
    """Make a person's name literal; an address stays text and becomes no faint link."""
    return plain(name).replace(r"\@", rf"\@{_JOINER}")


def _rounded(value: Decimal, digits: int) -> Decimal:
    """Round half away from zero."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _sign(value: Decimal) -> str:
    """Return the typographic minus, which is as wide as a digit, or nothing."""
    return "\N{MINUS SIGN}" if value < 0 else ""


def duration(seconds: int) -> str:
    """Write whole seconds in the two largest units that tell them."""
    parts = []
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count:,} {name}")
    return " ".join(parts[:2]) or "0 s"
