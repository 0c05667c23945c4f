"""Ingestion: each system's records arrive in the warehouse as the system told them.

What the raw tables promise:

- nothing is lost: cursors overlap from the start of the last reading, or begin where
  the vendor says that all before is told; every page is read and kept before the next
  is asked for; a record seen twice is one row;
- nothing is altered: money and quantities are exact decimals or whole numbers, and
  `record` holds the record as the vendor sent it;
- nothing vanishes: a deleted record stays as a row with `is_deleted`, a replaced one in
  `_history`, one that fits nowhere in the quarantine of the operations store;
- all accounted for: what was read is what was loaded, what came twice and what is in
  quarantine, and the store refuses totals that do not add up;
- as a whole or not at all: an object that cannot be read leaves its table as it was,
  and takes no other with it;
- every table of every system exists, with its types, whether connected or not.

`systems` is the registry, `readings` and `streams` are what a vendor's module offers,
`load` brings it in; `transport` is the way there, `raw` the way into the tables, and
`declared` has the vendors that need no Python.
"""
