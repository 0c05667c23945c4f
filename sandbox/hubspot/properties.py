"""Properties: the definitions that people read, make, change and archive."""

from typing import Any

from starlette.responses import Response

from sandbox.hubspot.definitions import Definitions
from sandbox.hubspot.gate import Call, Path
from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.schema import ENTRIES
from sandbox.hubspot.shapes import (
    Document,
    Problem,
    batch,
    flag,
    inputs_of,
    object_body,
)
from sandbox.hubspot.views import NAME
from sandbox.wire import answer

MOST = 100
PREFIXES = ("/crm/v3/properties", "/crm/properties/{version}")
FIELD_TYPES = (
    "textarea",
    "text",
    "date",
    "file",
    "number",
    "select",
    "radio",
    "checkbox",
    "booleancheckbox",
    "calculation_equation",
)
_CHANGED = ("label", "type", "fieldType", "groupName", "description", "options")
_CHANGED_TOO = ("displayOrder", "hidden", "formField")
LONGEST_NAME = 100  # characters


def _scope(call: Call) -> str | None:
    reads = call.request.method == "GET" or call.request.url.path.endswith("/read")
    return f"crm.schemas.{call.kind.name}.{'read' if reads else 'write'}"


class Properties:
    """The definitions of every kind's properties."""

    def __init__(self, definitions: Definitions) -> None:
        """Read and change definitions."""
        self.definitions = definitions
        self.store = definitions.store

    def paths(self) -> list[Path]:
        """Return the paths."""
        return [
            Path(prefix + path, handlers, _scope)
            for prefix in PREFIXES
            for path, handlers in (
                ("/{type}/batch/read", {"POST": self.batch_read}),
                ("/{type}/batch/create", {"POST": self.batch_create}),
                ("/{type}/batch/archive", {"POST": self.batch_archive}),
                ("/{type}/groups", {"GET": self.groups}),
                ("/{type}", {"GET": self.listed, "POST": self.create}),
                (
                    "/{type}/{name}",
                    {"GET": self.read, "PATCH": self.update, "DELETE": self.archive},
                ),
            )
        ]

    async def listed(self, call: Call) -> Response:
        """Return all definitions of a kind, without pages."""
        kind = call.kind
        if flag(call.request, "archived"):
            return answer({"results": self.definitions.archived(kind)})
        found = self.definitions.of(kind).values()
        return answer(
            {"results": [self.definitions.document(kind, each) for each in found]}
        )

    def _document(self, kind: Kind, name: str) -> Document:
        found = self.definitions.of(kind).get(name)
        if found is None:
            raise Problem(
                404,
                f'Property "{name}" does not exist for {kind.label}',
                context={"propertyName": [name]},
            )
        return self.definitions.document(kind, found)

    async def read(self, call: Call) -> Response:
        """Return one definition."""
        return answer(self._document(call.kind, call.part("name")))

    async def create(self, call: Call) -> Response:
        """Make a property."""
        body = await object_body(call.request)
        return answer(self._made(call.kind, body), 201)

    def _made(self, kind: Kind, body: Document) -> Document:
        name = body.get("name")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise Problem(400, "name must begin with a letter and hold a-z, 0-9 and _")
        if len(name) > LONGEST_NAME or name != name.lower():
            raise Problem(400, f"name must be lower case, up to {LONGEST_NAME} long")
        for needed in ("label", "groupName"):
            if not isinstance(body.get(needed), str) or not body[needed]:
                raise Problem(400, f"{needed} is required")
        _check(body)
        if name in self.definitions.of(kind):
            raise Problem(
                409,
                f'A property named "{name}" already exists',
                "OBJECT_ALREADY_EXISTS",
                context={"propertyName": [name]},
            )
        if "type" not in body or "fieldType" not in body:
            raise Problem(400, "type and fieldType are required")
        document = {
            "name": name,
            "label": body["label"],
            "type": body["type"],
            "fieldType": body["fieldType"],
            "description": body.get("description") or "",
            "groupName": body["groupName"],
            "options": _options(body.get("options")),
            "displayOrder": body.get("displayOrder", -1),
            "calculated": False,
            "externalOptions": False,
            "hasUniqueValue": body.get("hasUniqueValue") is True,
            "hidden": body.get("hidden") is True,
            "hubspotDefined": False,
            "formField": body.get("formField") is True,
            "archived": False,
            "createdAt": None,
            "modificationMetadata": {
                "archivable": True,
                "readOnlyDefinition": False,
                "readOnlyValue": False,
            },
        }
        return self.definitions.save(kind, document)

    async def update(self, call: Call) -> Response:
        """Change a definition."""
        kind = call.kind
        body = await object_body(call.request)
        held = self._document(kind, call.part("name"))
        _check(body)
        if held["modificationMetadata"]["readOnlyDefinition"] and "type" in body:
            raise Problem(400, f"The type of {held['name']} cannot be changed")
        changes = {
            name: body[name]
            for name in (*_CHANGED, *_CHANGED_TOO)
            if body.get(name) is not None
        }
        if "options" in changes:
            changes["options"] = _options(changes["options"])
        return answer(self.definitions.save(kind, held | changes))

    async def archive(self, call: Call) -> Response:
        """Archive a property: it vanishes from reads and can't be written."""
        self._archive(call.kind, call.part("name"))
        return Response(status_code=204)

    def _archive(self, kind: Kind, name: str) -> None:
        held = self._document(kind, name)
        if not held["modificationMetadata"]["archivable"]:
            raise Problem(400, f"{name} is HubSpot's own and cannot be archived")
        self.definitions.save(kind, held | {"archived": True})

    async def groups(self, call: Call) -> Response:
        """Return the groups under which properties are shown."""
        kind = call.kind
        found = {
            self.definitions.document(kind, each)["groupName"]
            for each in self.definitions.of(kind).values()
        }
        results = [
            {"name": name, "label": name.capitalize(), "displayOrder": 0}
            | {"archived": False}
            for name in sorted(found)
        ]
        return answer({"results": results})

    async def batch_read(self, call: Call) -> Response:
        """Return many definitions, and tell which are not there."""
        kind = call.kind
        _, inputs = await inputs_of(call.request, MOST)
        results, errors = [], []
        for given in inputs:
            try:
                results.append(self._document(kind, str(given.get("name"))))
            except Problem as problem:
                errors.append(problem.row())
        return batch(results, self.store.clock.now(), errors)

    async def batch_create(self, call: Call) -> Response:
        """Make many properties."""
        kind = call.kind
        _, inputs = await inputs_of(call.request, MOST)
        results, errors = [], []
        for given in inputs:
            try:
                results.append(self._made(kind, given))
            except Problem as problem:
                errors.append(problem.row())
        return batch(results, self.store.clock.now(), errors, status=201)

    async def batch_archive(self, call: Call) -> Response:
        """Archive many properties, passing over those that are not there."""
        kind = call.kind
        _, inputs = await inputs_of(call.request, MOST)
        for given in inputs:
            if str(given.get("name")) in self.definitions.of(kind):
                self._archive(kind, str(given["name"]))
        return Response(status_code=204)


def _check(body: Document) -> None:
    """Raise a 400 for the first thing in a definition that cannot be."""
    if body.get("type") is not None and body["type"] not in tuple(ENTRIES):
        raise Problem(400, f"type must be one of {', '.join(ENTRIES)}")
    if body.get("fieldType") is not None and body["fieldType"] not in FIELD_TYPES:
        raise Problem(400, f"fieldType must be one of {', '.join(FIELD_TYPES)}")
    for name in ("label", "groupName", "description"):
        if not isinstance(body.get(name, ""), str | None):
            raise Problem(400, f"{name} must be a string")
    order: Any = body.get("displayOrder", 0)
    if isinstance(order, bool) or not isinstance(order, int | None):
        raise Problem(400, "displayOrder must be a whole number")
    if abs(order or 0) > 1_000_000:
        raise Problem(400, "displayOrder is out of range")
    _options(body.get("options"))


def _options(given: object) -> list[Document]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(
        isinstance(each, dict)
        and isinstance(each.get("value"), str)
        and isinstance(each.get("label"), str)
        for each in given
    ):
        raise Problem(400, "options must be a list of {label, value}")
    return [
        {
            "label": each["label"],
            "value": each["value"],
            "displayOrder": place,
            "hidden": each.get("hidden") is True,
        }
        for place, each in enumerate(given)
    ]
