"""Zendesk's records: what every kind of them checks and does when it is written."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from starlette.responses import Response

from sandbox.store import Document, column
from sandbox.zendesk.account import Account
from sandbox.zendesk.fields import Fields
from sandbox.zendesk.kinds import Kind
from sandbox.zendesk.shapes import Problems, error, invalid, problem

# developer.zendesk.com, tickets and users: a name or subject is cut or refused there.
MAX_TEXT = 65_536

Check = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(_is_number(each) for each in value)


CHECKS: Mapping[str, Check] = {
    "text": _is_text,
    "flag": lambda value: isinstance(value, bool),
    "number": _is_number,
    "texts": _are_texts,
    "numbers": _are_numbers,
    "object": lambda value: isinstance(value, dict),
}


class Rejected(Exception):  # noqa: N818 -- it carries an answer, not a defect
    """A record breaks a rule: told alone as an answer, in a job as a result."""

    def __init__(
        self, details: Problems, code: str = "RecordInvalid", status: int = 422
    ) -> None:
        """Say which rule."""
        super().__init__(code)
        self.details = details
        self.code = code
        self.status = status

    @property
    def sentence(self) -> str:
        """Return all that is wrong in one line."""
        return ", ".join(
            each["description"] for entries in self.details.values() for each in entries
        )

    @property
    def response(self) -> Response:
        """Return the answer to a single write."""
        if self.code == "RecordInvalid":
            return invalid(self.details)
        return error(self.status, self.code, self.sentence)


def wrong(field: str, sentence: str, code: str) -> Rejected:
    """Return the refusal of one field."""
    return Rejected(problem(field, sentence, code))


def conflict(code: str, sentence: str) -> Rejected:
    """Return the refusal of a write that met another one."""
    return Rejected({"base": [{"description": sentence, "error": code}]}, code, 409)


class Records(ABC):
    """One kind of record."""

    kind: ClassVar[Kind]
    custom_kind: ClassVar[Kind | None] = None
    writable: ClassVar[Mapping[str, str]]
    # How the kind is matched by who does not know ids, besides `id`.
    is_external_unique: ClassVar[bool] = True

    def __init__(self, account: Account, fields: Fields) -> None:
        """Write this account's records."""
        self.account = account
        self.custom = fields
        self.held = account.held(self.kind.name)

    def find(self, record_id: object) -> Document | None:
        """Return a record that is shown, if there is one with this id."""
        found = self.held.find(f"id = ? and {self.kind.shown}", (str(record_id),))
        return found[0] if found else None

    def by_external(self, external_id: object) -> Document | None:
        """Return the record with this external id."""
        if not isinstance(external_id, str | int) or external_id == "":
            return None
        self.account.index(self.kind.name, column("external_id"))
        found = self.held.find(
            f"{column('external_id')} = ? and {self.kind.shown}",
            (str(external_id),),
            limit=1,
        )
        return found[0] if found else None

    def match(self, item: Document) -> Document | None:
        """Return the record that a create-or-update means."""
        if item.get("id") is not None:
            return self.find(item["id"])
        return self.by_external(item.get("external_id"))

    @abstractmethod
    def create(self, item: Document, request_id: str) -> Document:
        """Add a record."""

    @abstractmethod
    def update(self, document: Document, item: Document, request_id: str) -> Document:
        """Change a record."""

    @abstractmethod
    def delete(self, document: Document, request_id: str) -> None:
        """Take a record out of what is shown."""

    def deleted(self, record_id: str) -> Document | None:
        """Return a record that is shown no longer."""
        found = self.held.find(f"id = ? and {self.kind.gone}", (record_id,))
        return found[0] if found else None

    def forget(self, document: Document, request_id: str) -> None:
        """Take away for good what was deleted before; only tickets have such jobs."""
        which = f"{self.kind.name} {document['id']}"
        raise TypeError(f"no job takes {which} away for good, nor does {request_id}")

    def check(self, item: Document, document: Document | None) -> None:
        """Refuse a value of the wrong type, a foreign external id, a held row."""
        details: Problems = {}
        for name, kind in self.writable.items():
            value = item.get(name)
            if value is not None and not CHECKS[kind](value):
                details |= problem(name, "is invalid", "InvalidValue")
        if self.custom_kind is not None:
            given = item.get(self.custom_kind.plural)
            details |= self.custom.problems(self.custom_kind, given)
        external = item.get("external_id")
        if external is not None and self.is_external_unique and not details:
            other = self.by_external(external)
            if other is not None and (not document or other["id"] != document["id"]):
                sentence = f"{external} has already been taken"
                details |= problem("external_id", sentence, "DuplicateValue")
        if details:
            raise Rejected(details)
        if document is not None and self.account.store.is_locked(
            "zendesk", self.kind.name, document["id"]
        ):
            raise conflict("DatabaseConflict", "Database collision")

    def named(self, item: Document, document: Document | None, field: str) -> None:
        """Refuse a blank name."""
        if field not in item and document is not None:
            return
        value = item.get(field)
        if not isinstance(value, str) or not value.strip():
            raise wrong(field, "cannot be blank", "BlankValue")

    def changes(self, item: Document) -> Document:
        """Return the fields that an item sets, as the store takes them."""
        fields = {name: item[name] for name in self.writable if name in item}
        if self.custom_kind is not None:
            plural = self.custom_kind.plural
            values = self.custom.values(self.custom_kind, item.get(plural) or {})
            fields |= {f"{plural}.{key}": value for key, value in values.items()}
        return fields

    def add(self, document: Document, item: Document, request_id: str) -> Document:
        """Put a new record into the store: `document` with what the item sets."""
        for name in self.writable:
            if item.get(name) is not None:
                document[name] = item[name]
        if self.custom_kind is not None:
            plural = self.custom_kind.plural
            document[plural] = self.custom.empty(self.custom_kind) | self.custom.values(
                self.custom_kind, item.get(plural) or {}
            )
        return self.account.store.create(
            "zendesk", self.kind.name, document, actor="api", request_id=request_id
        )

    def set(self, document: Document, fields: Document, request_id: str) -> Document:
        """Change fields of a record in the store."""
        return self.account.store.update(
            "zendesk",
            self.kind.name,
            document["id"],
            fields,
            actor="api",
            request_id=request_id,
        )

    def begun(self) -> Document:
        """Return what every new record has."""
        number = self.account.number()
        url = f"https://concord.zendesk.com/api/v2/{self.kind.plural}/{number}.json"
        return {"id": number, "url": url}
