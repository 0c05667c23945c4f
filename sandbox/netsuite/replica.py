"""Replica: the copy of the tables that SuiteQL reads, some seconds behind the records.

The record API answers from the newest state. That SuiteQL may be behind is what users
report of large accounts, not what Oracle documents: without the condition
`replica_lag_seconds` there is no lag.
"""

from datetime import timedelta

from sandbox.journal import micros
from sandbox.netsuite.tables import TABLES
from sandbox.store import Store

LAG_SECONDS = 0


def tables(store: Store) -> str:
    """Return a WITH that puts the tables as they were in the place of those that are.

    Empty without a lag, and where nothing was written since.
    """
    lag = float(store.condition("netsuite", "replica_lag_seconds", LAG_SECONDS))
    seen = store.clock.now() - timedelta(seconds=lag)
    if not lag or store.last_write <= seen:
        return ""
    names = sorted({name for table in TABLES.values() for name in table.objects})
    behind = [name for name in names if store.changed_since("netsuite", name, seen)]
    parts = ", ".join(_as_of(name, micros(seen)) for name in behind)
    return f"with {parts} " if parts else ""


def _as_of(name: str, at: int) -> str:
    """Return one table as it was; `main` names the one that is."""
    later = f"from writes where system = 'netsuite' and object = '{name}' and at > {at}"
    return (
        f'"netsuite/{name}" as (select id, place, body from main."netsuite/{name}"'
        f" where id not in (select id {later}) union all"
        f" select id, place, before as body from"
        f" (select id, place, before, min(number) {later} group by id)"
        " where before is not null)"
    )
