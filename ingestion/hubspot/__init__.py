"""HubSpot: the CRM's objects, its owners, and which record belongs to which.

How many calls a load takes, with N records of an object, C of them changed, X archived
and A kinds of associations read from its side:

- everything, at first and then once a day: ⌈N/100⌉ + max(1, ⌈X/100⌉) pages of the list,
  and A · ⌈N/1000⌉ batches of associations;
- changes: max(1, ⌈C/200⌉) searches, and A of each that found something. Nothing
  changed: one call, so seven for the six objects and the owners. The overlap of two
  loads shows the last changes again: then at most one call for each of the tables.
- owners: one page of up to 500.

Deletions are seen by that daily list; a merge with the next change.
"""

from ingestion.hubspot.api import ERRORS, LIMITS, REQUIRED, classify, client
from ingestion.hubspot.objects import STREAMS
from ingestion.hubspot.walks import SWEEP_EVERY, named, readings

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
