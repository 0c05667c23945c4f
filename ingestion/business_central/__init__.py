"""Business Central: the ERP of some of our legal entities, read over OData.

A set is filtered by `lastModifiedDateTime` and followed by the links that the vendor
makes, in every company of the environment. Deletions are not told, and some fields
change without the time of change: once a day everything is read.
"""

from ingestion.business_central.client import LIMITS, REQUIRED, client
from ingestion.business_central.errors import ERRORS, classify
from ingestion.business_central.reads import SWEEP_EVERY, named, readings
from ingestion.business_central.streams import STREAMS

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
