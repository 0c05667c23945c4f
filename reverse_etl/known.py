"""Known: what the ledger knew when a plan was begun."""

from reverse_etl.contract import Receiver
from reverse_etl.ledger import IN_FLIGHT, STANDING, Ledger, Row
from reverse_etl.mirror import Written


class Known:
    """What the ledger knew when the plan was begun."""

    def __init__(self, ledger: Ledger) -> None:
        """Read it all at once."""
        self.ledger = ledger
        # What a person asked to be undone is not withdrawn by the next plan.
        asked = ledger.reverts()
        self.standing = {
            row.change.content_hash: row.change
            for row in ledger.rows(STANDING)
            if row.change.change_id not in asked
        }
        # A record that was made stays made: only updates give way to the next plan.
        self.diverged = [
            row.change
            for row in ledger.rows(("diverged",))
            if row.change.action == "update"
        ]
        self.busy = {place_of(row) for row in ledger.rows(IN_FLIGHT)}
        self.created = ledger.created()
        self._confirmed = {
            (*place_of(row), changed.field): changed
            for row in ledger.rows(("confirmed",))
            for changed in row.change.fields
        }

    def written(self, receiver: Receiver) -> list[Written]:
        """Return what we wrote to an object and ingestion has not seen yet."""
        return [
            Written(record_id, name, changed.theirs)
            for (*at, record_id, name), changed in self._confirmed.items()
            if at == [receiver.system, receiver.object]
        ]


def place_of(row: Row) -> tuple[str, str, str]:
    """Name where a change goes; a record we made keeps the place of our key."""
    change = row.change
    made = change.action == "create"
    target = f"key:{change.external_key}" if made else change.target
    return change.system, change.object, target
