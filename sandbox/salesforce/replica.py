"""Replica: the records as queries see them, which may be those of some seconds ago."""

from datetime import datetime, timedelta

from sandbox.journal import micros
from sandbox.salesforce.org import SYSTEM, Org

# Salesforce itself remembers changes no longer.
_LONGEST_SECONDS = 30 * 24 * 60 * 60
_UNSEEN = (
    "select min(json_extract(after, '$.SystemModstamp')) from writes"
    " where system = ? and object = ? and at > ?"
)


class Replica:
    """What an organisation's queries see at one moment."""

    def __init__(self, org: Org) -> None:
        """See the organisation as old as the condition `query_lag_seconds` says."""
        lag = min(org.number_of("query_lag_seconds", 0), _LONGEST_SECONDS)
        self.org = org
        # What commits now is too young to be seen, whoever asks first.
        org.store.settle()
        now = org.clock.now()
        self.seen = now - timedelta(seconds=lag) if lag else None  # none: all is seen

    def table(self, name: str) -> str:
        """Return the SQL for an object's rows: its table, or what it was."""
        table = self.org.table(name)
        held = self.org.store.collection(SYSTEM, name)
        if self.seen is None or not self.org.store.changed_since(
            SYSTEM, held.name, self.seen
        ):
            return table
        # A query has values of its own, so these stand in the text: a name of ours and
        # a number.
        later = f"system = '{SYSTEM}' and object = '{held.name}'"
        later += f" and at > {micros(self.seen)}"
        return (
            f"(select id, place, body from {table} where id not in"
            f" (select id from writes where {later}) union all"
            " select id, place, before as body from (select id, place, before,"
            f" min(number) from writes where {later} group by id)"
            " where before is not null)"
        )

    def covered(self, name: str) -> datetime:
        """Return until when everything is seen.

        A record that is not seen yet may have an older stamp than the moment it was
        committed at.
        """
        if self.seen is None:
            return self.org.clock.now()
        held = self.org.collection(name)
        values = (SYSTEM, held.name, micros(self.seen))
        ((first,),) = self.org.store.rows(_UNSEEN, values)
        if first is None:
            return self.seen
        return min(self.seen, datetime.fromisoformat(first))
