"""Business Central's books: the records of one company, found and told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.business_central.entities import EntitySet
from sandbox.business_central.marks import NOBODY
from sandbox.clock import Clock
from sandbox.collection import Value
from sandbox.credentials import Credentials
from sandbox.drift import drift
from sandbox.store import Collection, Document, Store, column
from sandbox.wire import made

SYSTEM = "business_central"
OWNER = "_company"  # the field that says to which company a record belongs
ETAG = "_etag"  # what goes out as `@odata.etag`: a name with a point is a path here


@dataclass(frozen=True, slots=True)
class Books:
    """All companies' records, with the clock and the keys."""

    store: Store
    clock: Clock
    keys: Credentials

    def held(self, entity: EntitySet) -> Collection:
        """Return the collection of one set."""
        return self.store.collection(SYSTEM, entity.name)

    def condition(self, name: str, default: Any) -> Any:
        """Return a condition, as `sandbox.business_central` lists them."""
        return self.store.condition(SYSTEM, name, default)

    def request_id(self) -> str:
        """Return the name of one request in the journal."""
        return made("", SYSTEM, self.store.number(), length=32).lower()

    def as_of(self, headers: Mapping[str, str]) -> datetime | None:
        """Return which state a call reads: None for the newest.

        learn.microsoft.com, OData web services: `Data-Access-Intent: ReadOnly` reads
        from a replica; how far that is behind is not said.
        """
        intent = headers.get("data-access-intent", "").strip().lower()
        lag = float(self.condition("replica_lag_seconds", 0))
        if intent != "readonly" or not lag:
            return None
        return self.clock.now() - timedelta(seconds=lag)

    def find(
        self,
        entity: EntitySet,
        company: str,
        where: str,
        values: Sequence[Value],
        as_of: datetime | None = None,
    ) -> list[Document]:
        """Return a company's records that match, as they are or were."""
        owned = f"{column(OWNER)} = ? and {where}"
        return self.held(entity).find(owned, (company, *values), as_of=as_of)

    def one(
        self, entity: EntitySet, company: str, key: str, as_of: datetime | None = None
    ) -> Document | None:
        """Return a company's record by its id, as it is or was."""
        found = self.find(entity, company, "id = ?", (key,), as_of)
        return found[0] if found else None

    def create(self, entity: EntitySet, document: Document, request_id: str) -> Any:
        """Add a record."""
        return self.store.create(
            SYSTEM, entity.name, document, actor="api", request_id=request_id
        )

    def update(
        self,
        entity: EntitySet,
        key: str,
        fields: Mapping[str, Any],
        request_id: str,
    ) -> Document:
        """Change fields of a record."""
        return self.store.update(
            SYSTEM, entity.name, key, fields, actor="api", request_id=request_id
        )

    def delete(self, entity: EntitySet, key: str, request_id: str) -> None:
        """Take a record away."""
        self.store.delete(SYSTEM, entity.name, key, actor="api", request_id=request_id)

    def properties(self, entity: EntitySet) -> dict[str, Any]:
        """Return the properties of a set, as drift leaves them."""
        found: dict[str, Any] = dict(entity.properties)
        for each in drift(self.store, SYSTEM):
            if each.object != entity.name or not each.field.isidentifier():
                continue
            match each.change:
                case "removed":
                    found.pop(each.field, None)
                case "added":
                    found[each.field] = "string"
                case "retyped" if each.field in found:
                    found[each.field] = each.type or "string"
        return found

    def view(self, entity: EntitySet, wanted: Sequence[str] = ()) -> str:
        """Return the SQL of a record's JSON as it goes out."""
        changed = dict(self.properties(entity))
        if not wanted and changed == dict(entity.properties):
            # Spliced: a page of 20,000 rows is not built property by property.
            rest = f"substr(json_remove(body, '$.{OWNER}', '$.{ETAG}'), 2)"
            return f"'{{\"@odata.etag\":' || (body -> '$.{ETAG}') || ',' || {rest}"
        parts = [f"'@odata.etag', body -> '$.{ETAG}'"]
        for name in wanted or changed:
            value = f"body -> '$.{name}'"
            if changed[name] == "string" and entity.properties.get(name) != "string":
                value = f"cast({column(name)} as text)"
            parts.append(f"'{name}', {value}")
        # A function takes 127 arguments; no set has so many properties.
        return f"json_object({', '.join(parts)})"


def shown(document: Document) -> Document:
    """Return a record as it goes out."""
    tag = {"@odata.etag": document[ETAG]}
    return tag | {k: v for k, v in document.items() if k not in (OWNER, ETAG)}


def is_nobody(value: Any) -> bool:
    """Say whether a reference is empty."""
    return value in (None, "", NOBODY)
