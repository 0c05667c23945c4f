"""Zendesk's fields: the definitions of tickets', organizations' and users' fields."""

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.drift import drift
from sandbox.store import Document
from sandbox.wire import Refusal, answer
from sandbox.zendesk.account import Account, stamp
from sandbox.zendesk.kinds import (
    ORGANIZATION_FIELD,
    TICKET_FIELD,
    USER_FIELD,
    Kind,
)
from sandbox.zendesk.lists import Handler
from sandbox.zendesk.shapes import (
    Problems,
    body_json,
    error,
    invalid,
    not_found,
    path_id,
    problem,
)

SUPPORT_TIERS = ("none", "standard", "premium")
STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")
TYPES = ("problem", "incident", "question", "task")
_TYPES = (
    "text",
    "textarea",
    "checkbox",
    "date",
    "integer",
    "decimal",
    "regexp",
    "dropdown",
    "tagger",
    "multiselect",
    "lookup",
)


def _definition(number: int, kind: Kind, key: str, kind_of: str, **more: Any) -> Any:
    title = key.replace("_", " ").capitalize()
    return {
        "id": number,
        "url": f"https://concord.zendesk.com/api/v2/{kind.plural}/{number}.json",
        "key": key,
        "type": kind_of,
        "title": title,
        "raw_title": title,
        "description": "",
        "position": number,
        "active": True,
        "system": False,
        "created_at": stamp(0),
        "updated_at": stamp(0),
        **more,
    }


def _options(names: tuple[str, ...]) -> list[Document]:
    return [
        {"id": 800 + place, "name": name.capitalize(), "value": name}
        for place, name in enumerate(names)
    ]


# What an account has where the company's documents define no fields.
_GIVEN: dict[str, tuple[Document, ...]] = {
    ORGANIZATION_FIELD.name: (
        _definition(
            1,
            ORGANIZATION_FIELD,
            "support_tier",
            "dropdown",
            custom_field_options=_options(SUPPORT_TIERS),
        ),
    ),
    USER_FIELD.name: (),
    TICKET_FIELD.name: tuple(
        _definition(number, TICKET_FIELD, key, kind_of, removable=False, **more)
        for number, key, kind_of, more in (
            (1, "subject", "subject", {}),
            (2, "description", "description", {}),
            (3, "status", "status", {"system_field_options": _options(STATUSES)}),
            (4, "type", "tickettype", {"system_field_options": _options(TYPES)}),
            (
                5,
                "priority",
                "priority",
                {"system_field_options": _options(PRIORITIES)},
            ),
            (6, "group", "group", {}),
            (7, "assignee", "assignee", {}),
        )
    ),
}


class Fields:
    """The definitions of one account's fields."""

    def __init__(self, account: Account) -> None:
        """Read and write this account's definitions."""
        self.account = account

    def of(self, kind: Kind) -> Iterator[Document]:
        """Yield the definitions of a kind, as drift leaves them."""
        held = list(self.account.held(kind.name))
        known = {each.get("key") for each in held}
        given = (each for each in _GIVEN[kind.name] if each["key"] not in known)
        changes = {}
        parent = kind.name.removesuffix("_field")
        for each in drift(self.account.store, "zendesk"):
            owner, _, key = each.field.rpartition(".")
            if each.object == parent and owner == kind.plural:
                changes[key] = each
        for definition in (*given, *held):
            change = changes.pop(definition.get("key", ""), None)
            if change is not None and change.change == "removed":
                continue
            is_retyped = change is not None and change.change == "retyped"
            yield definition | ({"type": "text"} if is_retyped else {})
        for number, (key, change) in enumerate(changes.items()):
            if change.change == "added":
                yield _definition(900 + number, kind, key, change.type or "text")

    def problems(self, kind: Kind, given: Any) -> Problems:
        """Return what is wrong with values of custom fields."""
        if given is None:
            return {}
        if not isinstance(given, dict):
            return problem(kind.plural, "must be an object", "InvalidValue")
        for definition in self.of(kind):
            key = definition.get("key", "")
            value = given.get(key)
            if value is None:
                continue
            options = definition.get("custom_field_options")
            names = [each["value"] for each in options or ()]
            if options and value not in names:
                sentence = f"'{value}' is not a valid option of this drop-down"
                return problem(key, sentence, "InvalidValue")
            if not fits(definition["type"], value):
                sentence = f"'{value}' is not a valid {definition['type']}"
                return problem(key, sentence, "InvalidValue")
        return {}

    def values(self, kind: Kind, given: Document) -> Document:
        """Return the values of fields that exist; Zendesk passes over others."""
        keys = {each.get("key") for each in self.of(kind)}
        return {key: value for key, value in given.items() if key in keys}

    def empty(self, kind: Kind) -> Document:
        """Return a new record's custom fields."""
        return {each["key"]: None for each in self.of(kind) if not each.get("system")}

    def every(self, kind: Kind) -> Handler:
        """Return the handler that lists the definitions; they fit on one page."""

        async def handler(request: Request) -> Response:
            found = list(self.of(kind))
            if any(name.startswith("page[") for name in request.query_params):
                around: Document = {
                    "meta": {
                        "has_more": False,
                        "after_cursor": None,
                        "before_cursor": None,
                    },
                    "links": {"prev": None, "next": None},
                }
            else:
                around = {
                    "next_page": None,
                    "previous_page": None,
                    "count": len(found),
                }
            return answer({kind.plural: found, **around})

        return handler

    def one(self, kind: Kind) -> Handler:
        """Return the handler that shows a definition."""

        async def handler(request: Request) -> Response:
            number = path_id(request)
            for each in self.of(kind):
                if str(each["id"]) == number:
                    return answer({kind.name: each})
            raise not_found()

        return handler

    def create(self, kind: Kind) -> Handler:
        """Return the handler that adds a definition."""

        async def handler(request: Request) -> Response:
            wanted = (await body_json(request)).get(kind.name)
            if not isinstance(wanted, dict):
                sentence = f"Parameter {kind.name} is required"
                raise Refusal(error(400, "ParameterMissing", sentence))
            key, title = wanted.get("key"), wanted.get("title")
            wrong: Problems = {}
            if not isinstance(title, str) or not title.strip():
                wrong |= problem("title", "cannot be blank", "BlankValue")
            if wanted.get("type") not in _TYPES:
                wrong |= problem("type", "is not included in the list", "InvalidValue")
            if kind is not TICKET_FIELD:
                if not isinstance(key, str) or not key.isidentifier():
                    wrong |= problem("key", "is invalid", "InvalidValue")
                elif key in {each.get("key") for each in self.of(kind)}:
                    wrong |= problem("key", "has already been taken", "DuplicateValue")
            if wrong:
                raise Refusal(invalid(wrong))
            number = self.account.number()
            made = _definition(number, kind, str(key or f"field_{number}"), "text")
            now = {"created_at": self.account.now()}
            created = self.account.store.create(
                "zendesk",
                kind.name,
                made | wanted | {"id": number, "system": False} | now,
                actor="api",
                request_id=self.account.request_id(),
            )
            return answer({kind.name: created}, 201)

        return handler


def fits(kind: str, value: Any) -> bool:
    """Say whether a value is one that a field of this type takes."""
    match kind:
        case "checkbox":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "decimal":
            return not isinstance(value, bool | str | list | dict)
        case "multiselect":
            return isinstance(value, list)
        case "text" | "textarea" | "regexp" | "date" | "dropdown" | "tagger":
            return isinstance(value, str)
    return True
