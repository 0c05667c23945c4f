"""Operations: what must never be lost, and the people's side of it.

One SQLite file holds intents and their outcomes, approvals, open exceptions, leases
and the audit chain. Nothing here knows a vendor, the warehouse or the scheduler.
"""
