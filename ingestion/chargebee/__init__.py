"""Chargebee: the second billing system, read by the time of change.

Lists are filtered by `updated_at` and followed by an opaque offset, a hundred records a
page. Most of them show deleted records too; the others are listed whole once a day.
"""

from ingestion.chargebee.client import LIMITS, REQUIRED, client
from ingestion.chargebee.errors import ERRORS, classify
from ingestion.chargebee.reads import SWEEP_EVERY, named, readings
from ingestion.chargebee.streams import STREAMS

__all__ = [
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
