"""Ingestion: each system's records arrive in the warehouse as the system told them.

What the raw tables promise:

- nothing is lost: cursors overlap from the start of the last reading, every page is
  read, and a record seen twice is one row;
- nothing is altered: money and quantities are exact decimals or whole numbers, and
  `record` holds the record as the vendor sent it;
- nothing vanishes: a deleted record stays as a row with `is_deleted`;
- all or nothing: a load that cannot read a system leaves its tables as they were;
- every table of every system exists, with its types, whether connected or not.
"""
