"""Records: finding and changing one record; every write of the CRM comes by here."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.hubspot.computed import beginning, computed
from sandbox.hubspot.definitions import Definitions
from sandbox.hubspot.kinds import BY_NAME, SYSTEM, Kind
from sandbox.hubspot.links import Links
from sandbox.hubspot.shapes import LOCKED, Document, Problem
from sandbox.hubspot.values import accepted
from sandbox.instants import to_milliseconds
from sandbox.store import REMOVED, Collection, Store, column

# Records made through the API get higher ids than those that were there before: all
# have fifteen digits, so that their texts sort as the numbers do.
FIRST_ID = 900_000_000_000_000
ID_DIGITS = 15
MERGED = "_merged"


class Records:
    """The records of all kinds."""

    def __init__(self, store: Store, definitions: Definitions, links: Links) -> None:
        """Write to the store."""
        self.store = store
        self.definitions = definitions
        self.links = links
        self.merged = store.collection(SYSTEM, MERGED)
        # The history of a property is read from the writes of its record.
        store.run(
            "create index if not exists writes_of_record on writes (system, object, id)"
        )
        for kind in BY_NAME.values():
            held = self.held(kind)
            held.index("archived", "id")
            held.index("archived", f"properties.{kind.modified}", "id")
            for name in definitions.unique(kind):
                held.index(f"properties.{name}")

    def held(self, kind: Kind) -> Collection:
        """Return the collection of a kind."""
        return self.store.collection(SYSTEM, kind.name)

    def request_id(self) -> str:
        """Return a name for one request's writes."""
        return f"hs_{self.store.number()}"

    def survivor(self, kind: Kind, record_id: str) -> str:
        """Return the id under which a record that was merged away lives on."""
        while (paper := self.merged.get(f"{kind.name}:{record_id}")) is not None:
            record_id = paper["into"]
        return record_id

    def find(
        self,
        kind: Kind,
        key: str,
        by: str | None = None,
        *,
        archived: bool = False,
    ) -> Document | None:
        """Return a record by its id, or by the value of a unique property."""
        if by in (None, "", "hs_object_id"):
            found = self.held(kind).get(self.survivor(kind, key))
            return found if found and found["archived"] == archived else None
        assert by is not None  # noqa: S101 -- the line above returned for none
        self.check_unique(kind, by)
        text = key.lower() if by == "email" else key
        place = self._second_place(kind, by, text)
        if place is not None:
            return self.find(kind, place, archived=archived)
        rows = self.held(kind).find(
            f"{column('properties', by)} = ? and {column('archived')} = ?",
            (text, int(archived)),
            limit=1,
        )
        return rows[0] if rows else None

    def _second_place(self, kind: Kind, by: str, text: str) -> str | None:
        """Return the contact whose second email this became in a merge."""
        if by != "email":
            return None
        paper = self.merged.get(f"{kind.name}:{text}")
        if paper is None:
            return None
        found = self.find(kind, paper["into"])
        return None if found is None else str(found["id"])

    def check_unique(self, kind: Kind, by: str) -> None:
        """Raise a 400 if two records may have the same value of a property."""
        if by not in self.definitions.unique(kind):
            raise Problem(400, f"{by} is not a unique {kind.label} property")

    def must_find(
        self,
        kind: Kind,
        key: str,
        by: str | None = None,
        *,
        archived: bool = False,
    ) -> Document:
        """Return a record, or raise the 404 of one that is not there."""
        found = self.find(kind, key, by, archived=archived)
        if found is None:
            raise Problem(404, "resource not found", "OBJECT_NOT_FOUND")
        return found

    def create(
        self, kind: Kind, given: object, associations: object, request_id: str
    ) -> Document:
        """Make a record; all or nothing.

        Raises:
            Problem: a value is not valid, or belongs to another record already.
        """
        values = self._accepted(kind, given, creating=True)
        wanted = self.links.wanted(kind, associations)
        if kind.name == "leads" and not any(
            to.name in ("contacts", "companies") for to, *_ in wanted
        ):
            raise Problem(400, "A lead must be associated with a contact or company")
        self._check_taken(kind, values, None)
        values |= beginning(kind, values)
        values |= computed(kind, values)
        now = to_milliseconds(self.store.clock.now())
        record_id = str(FIRST_ID + self.store.number())
        document: Document = {
            "id": record_id,
            "properties": {
                **{name: text for name, text in values.items() if text},
                kind.created: now,
                "hs_object_id": record_id,
            },
            "createdAt": now,
            "updatedAt": now,
            "archived": False,
        }
        with self.store.transaction():
            made = self.store.create(
                SYSTEM, kind.name, document, actor="api", request_id=request_id
            )
            for to, to_id, types in wanted:
                self.must_find(to, to_id)
                self.links.put((kind, record_id), (to, to_id), types, request_id)
        return made

    def update(
        self, kind: Kind, document: Document, given: object, request_id: str
    ) -> Document:
        """Change a record's properties; an empty value takes one away."""
        values = self._accepted(kind, given)
        if not values:
            raise Problem(
                400, "No properties found to update, please provide at least one."
            )
        self._check_lock(kind, document)
        self._check_taken(kind, values, document["id"])
        held: Document = document["properties"]
        follows = computed(kind, held | values)
        values |= {n: text for n, text in follows.items() if text != held.get(n, "")}
        fields: dict[str, Any] = {
            f"properties.{name}": text or REMOVED for name, text in values.items()
        }
        return self._write(kind, document["id"], fields, request_id)

    def archive(self, kind: Kind, document: Document, request_id: str) -> None:
        """Put a record into the recycling bin; its associations end."""
        self._check_lock(kind, document)
        now = to_milliseconds(self.store.clock.now())
        with self.store.transaction():
            self._write(
                kind, document["id"], {"archived": True, "archivedAt": now}, request_id
            )
            self.links.drop_all(kind, document["id"], request_id)

    def merge(self, kind: Kind, primary: str, other: str) -> Document:
        """Let one record take in another: what it lacks, its associations, its id."""
        kept, gone = self.must_find(kind, primary), self.must_find(kind, other)
        if kept["id"] == gone["id"]:
            raise Problem(400, f"{kind.label} cannot be merged with itself")
        self._check_lock(kind, kept)
        self._check_lock(kind, gone)
        request_id = self.request_id()
        before = kept["properties"].get("hs_merged_object_ids", "")
        ids = [each for each in before.split(";") if each]
        fields: dict[str, Any] = {
            f"properties.{name}": text
            for name, text in gone["properties"].items()
            if not kept["properties"].get(name)
        }
        fields["properties.hs_merged_object_ids"] = ";".join((*ids, gone["id"]))
        second = gone["properties"].get("email")
        if second and kept["properties"].get("email"):
            held = kept["properties"].get("hs_additional_emails", "")
            fields["properties.hs_additional_emails"] = ";".join(
                each for each in (held, second) if each
            )
        with self.store.transaction():
            for name in (gone["id"], *([second] if second else [])):
                paper = {"id": f"{kind.name}:{name}", "into": kept["id"]}
                self.store.keep(SYSTEM, MERGED, paper)
            self.links.move(kind, gone["id"], kept["id"], request_id)
            self.store.delete(
                SYSTEM, kind.name, gone["id"], actor="api", request_id=request_id
            )
            return self._write(kind, kept["id"], fields, request_id)

    def forget(self, kind: Kind, document: Document) -> None:
        """Delete a record for good, as the law on privacy asks."""
        request_id = self.request_id()
        with self.store.transaction():
            self.links.drop_all(kind, document["id"], request_id)
            self.store.delete(
                SYSTEM, kind.name, document["id"], actor="api", request_id=request_id
            )

    def _write(
        self, kind: Kind, record_id: str, fields: Mapping[str, Any], request_id: str
    ) -> Document:
        return self.store.update(
            SYSTEM, kind.name, record_id, fields, actor="api", request_id=request_id
        )

    def _accepted(
        self, kind: Kind, given: object, *, creating: bool = False
    ) -> dict[str, str]:
        rules: Sequence[Mapping[str, Any]] = [
            rule
            for rule in self.store.condition(SYSTEM, "validation_rules", ())
            if rule.get("object") in (kind.name, kind.singular)
        ]
        defined = self.definitions.of(kind)
        return accepted(given, defined, rules, creating=creating)

    def _check_taken(
        self, kind: Kind, values: Mapping[str, str], record_id: str | None
    ) -> None:
        """Raise a 409 if another record has a value that must be unique."""
        for name in self.definitions.unique(kind):
            if not values.get(name):
                continue
            taken = self.held(kind).select(
                "id",
                f"{column('properties', name)} = ? and {column('archived')} = 0"
                " and id <> ?",
                (values[name], record_id or ""),
                limit=1,
            )
            second = self._second_place(kind, name, values[name])
            if second is not None and second != record_id:
                taken = [(second,)]
            if taken:
                label = kind.singular.replace("_", " ").capitalize()
                raise Problem(
                    409,
                    f"{label} already exists. Existing ID: {taken[0][0]}",
                    context={"propertyName": [name]},
                )

    def _check_lock(self, kind: Kind, document: Document) -> None:
        if self.store.is_locked(SYSTEM, kind.name, document["id"]):
            raise Problem(LOCKED, f"{kind.label} {document['id']} is locked, try again")
