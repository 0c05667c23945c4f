"""Org: one organisation: its objects, its records and what the store knows of them."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.clock import Clock
from sandbox.collection import Collection, column
from sandbox.drift import drift
from sandbox.salesforce.errors import Refused, missing
from sandbox.salesforce.field import TEXT_TYPES, Field, SObject
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.schema import drifted
from sandbox.salesforce.soql.scope import DELETED, deleted_index
from sandbox.salesforce.users import PROFILES, USER_ID, USERS, stamps
from sandbox.store import Document, Store
from sandbox.wire import made

SYSTEM = "salesforce"
ORG_ID = "00DHs0000000062EAA"
# An equal stamp is told apart by the id, so both stand in the index.
_CURSOR_INDEX = "SystemModstamp"


class Org:
    """One organisation."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Look at the store's records of Salesforce."""
        self.store = store
        self.clock = clock
        # What this process made sure of already; the database has the tables.
        self._tables: dict[str, Collection] = {}
        self._indexed: set[tuple[str, str]] = set()
        self._making = threading.RLock()

    @property
    def objects(self) -> Mapping[str, SObject]:
        """Return the objects by their names in lower case, with today's drift."""
        return drifted(drift(self.store, SYSTEM))

    def condition(self, name: str, default: Any) -> Any:
        """Return how things stand, from the control door or by default."""
        return self.store.condition(SYSTEM, name, default)

    def number_of(self, name: str, default: int) -> int:
        """Return a condition that is a number, at least 0; nonsense is the default."""
        value = self.condition(name, default)
        try:
            return max(0, int(value))
        except (TypeError, ValueError, OverflowError):
            return default

    def object(self, name: str) -> SObject:
        """Return the object in a path; Refused if there is none."""
        found = self.objects.get(name.lower())
        if found is None:
            raise missing()
        return found

    def object_of(self, row: Any) -> SObject:
        """Return the object that a row's attributes name; Refused if there is none."""
        attributes = row.get("attributes") if isinstance(row, dict) else None
        kind = attributes.get("type") if isinstance(attributes, dict) else None
        if not isinstance(kind, str):
            sentence = "The attributes.type of a record is missing"
            raise Refused("INVALID_TYPE", sentence)
        found = self.objects.get(kind.lower())
        if found is None:
            raise Refused("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
        return found

    def collection(self, name: str) -> Collection:
        """Return the records of an object, which has a table and its index then."""
        self.table(name)
        return self.store.collection(SYSTEM, name)

    def table(self, name: str) -> str:
        """Return the name of an object's table, made and indexed if need be."""
        held = self.store.collection(SYSTEM, name)
        # It is another one after the transaction that made it was taken back.
        if self._tables.get(name) is not held:
            with self._making:
                if name in _STANDING and not len(held):
                    self.store.load({SYSTEM: {name: _STANDING[name]}})
                self.store.run(
                    f'create index if not exists "{SYSTEM}/{held.name}/stamp"'
                    f" on {held.table} ({column(_CURSOR_INDEX)}, id)"
                )
                self.store.run(
                    f"create index if not exists {deleted_index(held.table)}"
                    f" on {held.table} ({column('IsDeleted')}) where {DELETED}"
                )
                self._tables[name] = held
        return held.table

    def index(self, sobject: SObject, field: Field) -> None:
        """Make lookups by a field fast from now on."""
        key = (sobject.name, field.name)
        if key in self._indexed:
            return
        with self._making:
            table = self.table(sobject.name)
            words = field.type in TEXT_TYPES and not field.refers_to
            self.store.run(
                f'create index if not exists "{SYSTEM}/{":".join(key)}" on {table}'
                f" ({column(field.name)}{' collate nocase' if words else ''})"
            )
            self._indexed.add(key)

    def find(self, sobject: SObject, record_id: Any) -> Document:
        """Return a record by 15 or 18 characters, even one in the recycle bin.

        Raises:
            Refused: it is no id of this object, or there is no such record.
        """
        held = self.collection(sobject.name)
        document = held.get(record_id) if isinstance(record_id, str) else None
        if document is not None:
            return document
        try:
            document = held.get(
                full_id(record_id if isinstance(record_id, str) else "")
            )
        except ValueError as error:
            sentence = f"{sobject.name} ID: id value of incorrect type: {record_id}"
            raise Refused("MALFORMED_ID", sentence, ("Id",)) from error
        if document is None:
            sentence = "Provided external ID field does not exist or is not accessible"
            raise Refused("NOT_FOUND", sentence, (), 404)
        return document

    def get(self, sobject: SObject, record_id: Any) -> Document:
        """Return a record that isn't deleted; Refused says what became of it."""
        document = self.find(sobject, record_id)
        if document.get("IsDeleted"):
            raise Refused("ENTITY_IS_DELETED", "entity is deleted", (), 404)
        return document

    def matching(self, sobject: SObject, field: Field, value: str) -> list[Document]:
        """Return the records, not deleted, that have a value in a field."""
        self.index(sobject, field)
        collated = "" if field.refers_to else " collate nocase"
        return self.collection(sobject.name).find(
            f"{column(field.name)}{collated} = ? and {column('IsDeleted')} is not 1",
            (value,),
            order="id",
            limit=200,
        )

    def request_id(self) -> str:
        """Return the name of a request in the journal."""
        return made("", SYSTEM, self.store.number(), length=22)


_ORGANIZATION = {
    "Id": ORG_ID,
    "Name": "Concord",
    "IsSandbox": False,
    "InstanceName": "NA224",
    "OrganizationType": "Enterprise Edition",
    **stamps(USER_ID),
}
# What every organisation has from its first day.
_STANDING: Mapping[str, Sequence[Document]] = {
    "Organization": [_ORGANIZATION],
    "User": USERS,
    "Profile": PROFILES,
}
