"""Chargebee's client: a site's address, its key, and how often it may be called."""

from collections.abc import Mapping
from dataclasses import replace

import httpx

from ingestion.chargebee.errors import classify
from ingestion.errors import Refused
from ingestion.transport.auth import basic
from ingestion.transport.budget import Limits
from ingestion.transport.rest import Rest
from ingestion.transport.windows import Window

REQUIRED = ("CHARGEBEE_URL", "CHARGEBEE_API_KEY")
# Optional: what the site's plan takes. No answer tells it.
CALLS_PER_MINUTE = "CHARGEBEE_CALLS_PER_MINUTE"

LIMITS = Limits(
    (
        # Of every test site and of the smallest plan: Starter 150, Performance 1,000,
        # Enterprise 3,500.
        Window(
            "minute",
            150,
            60.0,
            "chargebee.com/docs/billing/2.0/kb/platform/what-are-the-chargebee-api-limits",
            reserve=0.1,
        ),
    ),
    concurrency=10,
    source="our choice: none is documented, and lists are read one page at a time",
)


def client(
    environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
) -> Rest:
    """Return the API of a site, `https://<site>.chargebee.com`.

    The key is the user of basic authentication; the password is empty.

    Raises:
        Refused: a setting cannot be used.
    """
    return Rest(
        "chargebee",
        environ["CHARGEBEE_URL"],
        basic(environ["CHARGEBEE_API_KEY"], ""),
        classify,
        limits=_limits(environ.get(CALLS_PER_MINUTE)),
        transport=transport,
    )


def _limits(told: str | None) -> Limits:
    if not told:
        return LIMITS
    if not (told.isascii() and told.isdecimal() and int(told)):
        raise Refused(
            "chargebee",
            f"{CALLS_PER_MINUTE} is no whole number above zero",
            "set it to what the site's plan takes, such as 1000, or leave it out, then"
            " run again",
        )
    [minute] = LIMITS.windows
    return replace(LIMITS, windows=(replace(minute, calls=int(told)),))
