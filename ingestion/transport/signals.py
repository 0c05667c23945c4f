"""Signals: what a vendor's headers tell of its limits.

Dialects do not share names, so every answer is read for all of them; a vendor whose
headers are new is one more reader here.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

# A pause longer than a day is a mistake of whoever asks for it.
LONGEST_PAUSE_SECONDS = 86_400.0
_MINUTE, _DAY = "minute", "day"
_SALESFORCE = re.compile(r"api-usage=(\d+)/(\d+)")
_ZENDESK = re.compile(r"total=(\d+); ?remaining=(\d+); ?resets=(\d+)")
_ZENDESK_PREFIX = "zendesk-ratelimit-"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a window, as the vendor counts it.

    Attributes:
        window: the name of the window in the system's `Limits`.
        total: how many calls the window takes; None where it is not told.
        remaining: how many of them are left, whoever used the others.
        resets: seconds until all are there again; None where the window slides.
    """

    window: str
    total: int | None
    remaining: int
    resets: float | None = None


def allowances(headers: Mapping[str, str]) -> Iterator[Allowance]:
    """Yield what an answer's headers tell; a header that makes no sense tells nothing.

    Sources: Salesforce `Sforce-Limit-Info` (REST API guide, "Limit Info Header"),
    Zendesk `X-Rate-Limit`, `ratelimit-reset`, `Zendesk-RateLimit-<endpoint>`
    (developer.zendesk.com, "Rate limits"), HubSpot `X-HubSpot-RateLimit-*`
    (developers.hubspot.com changelog of 2018-11-06).
    """
    if used := _SALESFORCE.search(headers.get("sforce-limit-info", "")):
        spent, total = int(used[1]), int(used[2])
        yield Allowance(_DAY, total, max(total - spent, 0))
    left = _whole(headers.get("x-rate-limit-remaining"))
    if left is not None:
        total_or_none = _whole(headers.get("x-rate-limit"))
        resets = _whole(headers.get("ratelimit-reset"))
        yield Allowance(_MINUTE, total_or_none, left, resets)
    for name, value in headers.items():
        told = _ZENDESK.search(value) if name.startswith(_ZENDESK_PREFIX) else None
        if told:
            window = name.removeprefix(_ZENDESK_PREFIX)
            total, remaining, resets = (int(each) for each in told.groups())
            yield Allowance(window, total, remaining, resets)
    for window, most, rest in (
        ("interval", "max", "remaining"),
        (_DAY, "daily", "daily-remaining"),
    ):
        left = _whole(headers.get(f"x-hubspot-ratelimit-{rest}"))
        if left is not None:
            total_or_none = _whole(headers.get(f"x-hubspot-ratelimit-{most}"))
            yield Allowance(window, total_or_none, left)


def retry_after(response: httpx.Response, now: datetime | None = None) -> float | None:
    """Return the seconds that the header Retry-After asks for: a number or a date.

    None where there is none or where it makes no sense; never more than a day. A date
    is measured from the vendor's own clock where its answer tells the time.
    """
    value: str | None = response.headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        until = moment(value)
        if until is None:
            return None
        there = moment(response.headers.get("date", ""))
        seconds = (until - (there or now or datetime.now(UTC))).total_seconds()
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)


def moment(value: str) -> datetime | None:
    """Return the moment an HTTP header names, None where it names none."""
    try:
        named: datetime = parsedate_to_datetime(value)
    except ValueError:
        return None
    return named if named.tzinfo else named.replace(tzinfo=UTC)


def _whole(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdecimal() else None
