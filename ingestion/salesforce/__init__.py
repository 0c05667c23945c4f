"""Salesforce: CRM and CPQ (the SBQQ objects).

`survey` asks once which objects changed, `walk` reads those that did by SOQL, page by
page, and `bulk` takes over where there is much to read; `soql` writes the queries,
`tables` reads CSV. Deleted records come with `IsDeleted`; changes are found by
`SystemModstamp`, which also moves when the system itself changes a record.
"""

from ingestion.salesforce.access import (
    API_VERSION,
    DATA,
    LIMITS,
    REQUIRED,
    authorization,
    client,
)
from ingestion.salesforce.errors import ERRORS, classify
from ingestion.salesforce.soql import soql
from ingestion.salesforce.streams import STREAMS
from ingestion.salesforce.walk import SIZES, SWEEP_EVERY, Sizes, named, readings

__all__ = [
    "API_VERSION",
    "DATA",
    "ERRORS",
    "LIMITS",
    "REQUIRED",
    "SIZES",
    "STREAMS",
    "SWEEP_EVERY",
    "Sizes",
    "authorization",
    "classify",
    "client",
    "named",
    "readings",
    "soql",
]
