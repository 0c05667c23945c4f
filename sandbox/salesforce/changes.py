"""Changes: which records were updated or deleted between two instants.

`latestDateCovered` is the promise that makes them safe to follow: whatever commits
later with an older stamp lies after it, because it is the start of the oldest
transaction that is still open.
"""

from datetime import UTC, datetime, timedelta

from sandbox.collection import column
from sandbox.salesforce.calls import Call, Reply
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.field import SObject
from sandbox.salesforce.org import SYSTEM, Org
from sandbox.salesforce.replica import Replica

# Salesforce remembers so far back.
WINDOW = timedelta(days=30)
# The window asked for is longer than this.
SHORTEST = timedelta(minutes=1)
MAX_IDS = 600_000
_STAMP = column("SystemModstamp")
_DELETED = column("IsDeleted")


class Changes:
    """`/sobjects/{object}/updated` and `/deleted`."""

    def __init__(self, org: Org) -> None:
        """Look at the organisation's records."""
        self.org = org

    def updated(self, call: Call, name: str) -> Reply:
        """Return the ids of records added or changed in the window."""
        sobject = self.org.object(name)
        found = self._found(call, sobject, f"{_DELETED} is not 1")
        covered = self._covered(call, sobject)
        ids = [record_id for record_id, _ in found]
        return Reply(body={"ids": ids, "latestDateCovered": covered})

    def deleted(self, call: Call, name: str) -> Reply:
        """Return the records that went into the recycle bin in the window."""
        sobject = self.org.object(name)
        found = self._found(call, sobject, f"{_DELETED} is 1")
        covered = self._covered(call, sobject)
        oldest = self.org.collection(sobject.name).select(
            f"min({_STAMP})", f"{_DELETED} is 1", as_of=Replica(self.org).seen
        )
        earliest = oldest[0][0] or _text(self.org.clock.now() - WINDOW)
        rows = [{"id": record_id, "deletedDate": at} for record_id, at in found]
        return Reply(
            body={
                "deletedRecords": rows,
                "earliestDateAvailable": earliest,
                "latestDateCovered": covered,
            }
        )

    def _found(self, call: Call, sobject: SObject, which: str) -> list[tuple[str, str]]:
        start, end = self._window(call)
        most = self.org.number_of("max_changed_ids", MAX_IDS)
        found = self.org.collection(sobject.name).select(
            f"id, {_STAMP}",
            f"{_STAMP} >= ? and {_STAMP} < ? and {which}",
            (_text(start), _text(end)),
            order=f"{_STAMP}, id",
            limit=most + 1,
            as_of=Replica(self.org).seen,
        )
        if len(found) > most:
            sentence = f"More than {most} records changed in the window: shorten it"
            raise Refused("EXCEEDED_ID_LIMIT", sentence)
        return [(str(record_id), str(at)) for record_id, at in found]

    def _window(self, call: Call) -> tuple[datetime, datetime]:
        start, end = _instant(call, "start"), _instant(call, "end")
        if end - start <= SHORTEST:
            sentence = "endDate must be at least one minute greater than startDate"
            raise Refused("INVALID_REPLICATION_DATE", sentence)
        if start < self.org.clock.now() - WINDOW:
            sentence = "startDate cannot be more than 30 days ago"
            raise Refused("INVALID_REPLICATION_DATE", sentence)
        return start, end

    def _covered(self, call: Call, sobject: SObject) -> str:
        _, end = self._window(call)
        began = self.org.store.began_at(SYSTEM, sobject.name)
        seen = Replica(self.org).covered(sobject.name)
        return _text(min(end, seen, began or seen))


def _instant(call: Call, name: str) -> datetime:
    text = call.params.get(name)
    if not text:
        raise Refused("MISSING_ARGUMENT", f"{name} not specified")
    try:
        # A plus sign that nobody escaped arrives as a space.
        at = datetime.fromisoformat(text.strip().replace(" ", "+"))
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        sentence = f"{name} is not an ISO 8601 date and time: {text}"
        raise Refused("INVALID_REPLICATION_DATE", sentence) from error
    # Salesforce cuts the seconds off: 12:30:15 is 12:30:00.
    return at.replace(second=0, microsecond=0)


def _text(at: datetime) -> str:
    """Return an instant to the second."""
    return at.replace(microsecond=0).isoformat()[:19] + ".000+0000"
