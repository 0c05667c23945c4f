"""Business Central's writes: checked by type, guarded by the record's version."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sandbox.business_central.books import ETAG, OWNER, Books, is_nobody, shown
from sandbox.business_central.entities import (
    ENTITIES,
    PARENT_KEY,
    PARENTS,
    EntitySet,
)
from sandbox.business_central.marks import NO_DAY, NOBODY, guid
from sandbox.business_central.posting import Posting
from sandbox.business_central.reads import missing
from sandbox.business_central.references import refer
from sandbox.business_central.shapes import Answer, Call, answered, bad, dialog, refused
from sandbox.instants import to_milliseconds
from sandbox.store import Document, column

_BLANK: Mapping[str, Any] = {
    "string": "",
    "guid": NOBODY,
    "decimal": 0,
    "int": 0,
    "boolean": False,
    "date": NO_DAY,
    "datetime": None,
}
_FIRST_NUMBER = 10_000
_LARGEST_INT = 2**31
# Believed, not verified: the largest amount is a trillion; a larger one is refused.
_LARGEST_AMOUNT = 10**12
_STEP = 10_000  # between the sequences of lines


class Writes:
    """The writes of all companies."""

    def __init__(self, books: Books, posting: Posting) -> None:
        """Write to these books."""
        self.books = books
        self.posting = posting

    def create(
        self,
        call: Call,
        entity: EntitySet,
        company: str,
        within: tuple[str, str] | None = None,
    ) -> Answer:
        """Add a record."""
        if not entity.is_open:
            raise refused(
                405,
                "BadRequest_MethodNotAllowed",
                f"Entity does not support insert: {entity.name}.",
            )
        wanted = dict(call.body or {})
        if within is not None:
            wanted[within[0]] = within[1]
        self.check(entity, wanted)
        request_id = self.books.request_id()
        record: Document = {
            ETAG: "",
            **{name: _BLANK[kind] for name, kind in entity.properties.items()},
        }
        record |= wanted | {
            "id": guid(entity.name, self.books.store.number()),
            OWNER: company,
        }
        with self.books.store.transaction():
            self._complete(entity, record, company)
            created = self.books.create(entity, record, request_id)
            self.posting.total(entity, created, company, request_id)
        context = f"{call.root}/$metadata#companies({company})/{entity.name}/$entity"
        path = f"{call.root}/companies({company})/{entity.name}({record['id']})"
        return answered(
            {"@odata.context": context, **shown(created)},
            201,
            Location=path,
            ETag=str(created[ETAG]),
        )

    def update(self, call: Call, entity: EntitySet, company: str, key: str) -> Answer:
        """Change a record whose version the caller knows."""
        record = self._guarded(call, entity, company, key)
        wanted = dict(call.body or {})
        wanted.pop("@odata.etag", None)
        self.check(entity, wanted)
        self.posting.insist_on_draft(entity, record, company)
        request_id = self.books.request_id()
        with self.books.store.transaction():
            merged = record | wanted
            if wanted.get("number", record.get("number")) != record.get("number"):
                self._unique(entity, wanted["number"], company)
            refer(self.books, entity, merged, wanted, company)
            fields = {
                name: merged[name]
                for name in merged
                if merged[name] != record.get(name)
            }
            changed = self.books.update(entity, key, fields, request_id)
            self.posting.total(entity, changed, company, request_id)
        changed = self.books.one(entity, company, key) or changed
        context = f"{call.root}/$metadata#companies({company})/{entity.name}/$entity"
        return answered(
            {"@odata.context": context, **shown(changed)},
            ETag=str(changed[ETAG]),
        )

    def delete(self, call: Call, entity: EntitySet, company: str, key: str) -> Answer:
        """Take a record away whose version the caller knows."""
        record = self._guarded(call, entity, company, key)
        self.posting.insist_on_draft(entity, record, company)
        if entity.name == "customers":
            self._insist_on_no_entries(record, company)
        request_id = self.books.request_id()
        with self.books.store.transaction():
            for lines, parent in PARENTS.items():
                if parent != entity.name:
                    continue
                of_it = f"{column(PARENT_KEY[lines])} = ?"
                for line in self.books.find(ENTITIES[lines], company, of_it, (key,)):
                    self.books.delete(ENTITIES[lines], line["id"], request_id)
            self.books.delete(entity, key, request_id)
            self.posting.total(entity, record, company, request_id)
        return Answer(204)

    def _guarded(
        self, call: Call, entity: EntitySet, company: str, key: str
    ) -> Document:
        """Return the record that a call means, if its version is the caller's."""
        if not entity.is_open:
            raise refused(
                405,
                "BadRequest_MethodNotAllowed",
                f"Entity does not support modify: {entity.name}.",
            )
        record = self.books.one(entity, company, key)
        if record is None:
            raise missing(entity, key)
        tag = call.headers.get("if-match")
        if tag is None or not (tag == "*" or tag.startswith('W/"')):
            sentence = "Could not validate the client concurrency token required"
            raise bad(sentence, "BadRequest_InvalidToken")
        if tag not in ("*", record[ETAG]):
            sentence = "Another user has already changed the record."
            raise refused(409, "Request_EntityChanged", sentence)
        if self.books.store.is_locked("business_central", entity.name, key):
            sentence = "The record is locked by another user."
            raise refused(409, "Request_EntityChanged", sentence)
        return record

    def check(self, entity: EntitySet, wanted: Document) -> None:
        """Refuse unknown properties, wrong types, texts that are too long.

        Raises:
            Refusal: something is wrong.
        """
        properties = self.books.properties(entity)
        for name, value in wanted.items():
            kind = properties.get(name)
            if kind is None:
                raise bad(
                    f"The property '{name}' does not exist on type"
                    f" 'Microsoft.NAV.{entity.type}'. Make sure to only use property"
                    " names that are defined by the type."
                )
            if name not in entity.writable and name not in PARENT_KEY.values():
                sentence = f"The property '{name}' is read-only."
                raise refused(400, "Application_DialogException", sentence)
            if not fits(kind, value):
                sentence = (
                    f"Cannot convert a value to target type 'Edm.{kind.capitalize()}'"
                    f" of property '{name}'."
                )
                raise bad(sentence)
            if name.endswith("Percent") and not 0 <= value <= 100:
                raise dialog(f"The value of {name} has to be from 0 to 100.")
            longest = entity.lengths.get(name)
            if longest and isinstance(value, str) and len(value) > longest:
                sentence = (
                    f"The length of the string is {len(value)}, but it must be less"
                    f" than or equal to {longest} characters. Property: {name}"
                )
                raise refused(400, "Application_StringExceededLength", sentence)

    def _complete(self, entity: EntitySet, record: Document, company: str) -> None:
        """Give a new record its number, and what its references say."""
        wanted = {name: value for name, value in record.items() if name != OWNER}
        refer(self.books, entity, record, wanted, company)
        if entity.series:
            if record["number"] and "number" in entity.writable:
                self._unique(entity, record["number"], company)
            else:
                number = _FIRST_NUMBER + self.books.store.number()
                record["number"] = f"{entity.series}{number:06d}"
        if entity.name in PARENTS:
            self._join(entity, record, company)
        today = self.books.clock.now().date().isoformat()
        if "status" in record:
            record["status"] = "Draft"
            for name in ("invoiceDate", "creditMemoDate", "postingDate", "dueDate"):
                if record.get(name) == NO_DAY:
                    record[name] = today
            if is_nobody(record["customerId"]):
                raise dialog("Sell-to Customer No. must have a value.")
        if entity.name == "customers":
            record["type"] = record["type"] or "Company"
        if entity.name == "items":
            record["type"] = record["type"] or "Inventory"
        record["lastModifiedDateTime"] = to_milliseconds(self.books.clock.now())

    def _join(self, entity: EntitySet, record: Document, company: str) -> None:
        """Put a line at the end of its document."""
        parent, key = ENTITIES[PARENTS[entity.name]], PARENT_KEY[entity.name]
        head = self.books.one(parent, company, str(record[key]))
        if head is None:
            raise bad(f"You must specify a {key} of a record that exists.")
        self.posting.insist_on_draft(parent, head, company)
        place = "lineNumber" if "lineNumber" in record else "sequence"
        if not record[place]:
            of_it = f"{column(key)} = ?"
            lines = self.books.find(entity, company, of_it, (record[key],))
            last = max((int(each[place]) for each in lines), default=0)
            record[place] = min(last + _STEP, _LARGEST_INT - 1)
        if entity.name == "customerPayments":
            record["journalDisplayName"] = head["displayName"]
            if record["postingDate"] == NO_DAY:
                record["postingDate"] = self.books.clock.now().date().isoformat()

    def _unique(self, entity: EntitySet, number: Any, company: str) -> None:
        if self.books.find(entity, company, f"{column('number')} = ?", (number,)):
            sentence = (
                f"The record in table {entity.type.capitalize()} already exists."
                f" Identification fields and values: No.='{number}'"
            )
            raise refused(400, "Internal_EntityWithSameKeyExists", sentence)

    def _insist_on_no_entries(self, customer: Document, company: str) -> None:
        of_it = f"{column('customerId')} = ? and {column('status')} != 'Draft'"
        if self.books.find(
            ENTITIES["salesInvoices"], company, of_it, (customer["id"],)
        ):
            number = customer["number"]
            raise dialog(
                f"You cannot delete Customer {number} because it has ledger entries."
            )


def fits(kind: str, value: Any) -> bool:
    """Say whether a value is one of this type."""
    match kind:
        case "string":
            return isinstance(value, str)
        case "guid":
            parts = value.split("-") if isinstance(value, str) else []
            return [len(each) for each in parts] == [8, 4, 4, 4, 12] and all(
                character in "0123456789abcdefABCDEF-" for character in value
            )
        case "boolean":
            return isinstance(value, bool)
        case "int":
            return (
                isinstance(value, int)
                and not isinstance(value, bool)
                and abs(value) < _LARGEST_INT
            )
        case "decimal":
            return (
                isinstance(value, int | Decimal)
                and not isinstance(value, bool)
                and -_LARGEST_AMOUNT < value < _LARGEST_AMOUNT
            )
    return isinstance(value, str) and _is_day(value, kind)


def _is_day(value: str, kind: str) -> bool:
    try:
        if kind == "date":
            return date.fromisoformat(value).isoformat() == value
        datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True
