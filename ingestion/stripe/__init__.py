"""Stripe: billing, payments and metered usage.

Stripe's objects carry no time of change. Everything is listed once and then once a
day; in between its log of events says what to read anew. `objects` knows what is
listed, `events` reads the log, `usage` and `payouts` what neither tells; `walks` says
which of them a load needs. The tables are in `billing` and `payments`.
"""

from collections.abc import Mapping

import httpx

from ingestion.stripe.answers import ERRORS, classify
from ingestion.stripe.billing import BILLING
from ingestion.stripe.payments import PAYMENTS
from ingestion.stripe.walks import SWEEP_EVERY, named, readings
from ingestion.transport.auth import bearer
from ingestion.transport.budget import Limits
from ingestion.transport.rest import Rest
from ingestion.transport.windows import Window

__all__ = [
    "API_VERSION",
    "ERRORS",
    "LIMITS",
    "REQUIRED",
    "STREAMS",
    "SWEEP_EVERY",
    "classify",
    "client",
    "named",
    "readings",
]

API_VERSION = "2026-10-28.endive"
REQUIRED = ("STRIPE_API_KEY",)
DEFAULT_URL = "https://api.stripe.com"
STREAMS = (*BILLING, *PAYMENTS)

_RATES = "docs.stripe.com/rate-limits"
_CONCURRENCY = "our choice: a limit exists and is not published (docs.stripe.com)"
LIMITS = Limits(
    (
        Window("second", 100, 1.0, _RATES, reserve=0.1),
        Window("second of an endpoint", 25, 1.0, _RATES, for_each=True),
        Window("second of searches", 20, 1.0, _RATES, paths=r"/search$"),
    ),
    concurrency=20,
    source=_CONCURRENCY,
)


def client(
    environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
) -> Rest:
    """Return Stripe's API in the version whose shapes the streams describe."""
    return Rest(
        "stripe",
        environ.get("STRIPE_URL") or DEFAULT_URL,
        bearer(environ["STRIPE_API_KEY"]),
        classify,
        headers={"Stripe-Version": API_VERSION},
        limits=LIMITS,
        transport=transport,
    )
