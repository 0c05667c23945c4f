"""Definitions: the properties as they stand now, with what people and drift changed."""

from collections.abc import Mapping
from dataclasses import replace

from sandbox.drift import Change, drift
from sandbox.hubspot.kinds import SYSTEM, Kind
from sandbox.hubspot.schema import DEFINED, ENTRIES, Property
from sandbox.hubspot.shapes import Document
from sandbox.instants import to_milliseconds
from sandbox.store import Store, column

# Properties that people made are documents of this collection, named `kind:name`.
MADE = "properties"


class Definitions:
    """The properties of each kind."""

    def __init__(self, store: Store) -> None:
        """Look at the store and its conditions."""
        self.store = store
        self.made = store.collection(SYSTEM, MADE)
        self.made.index("objectType")

    def of(self, kind: Kind) -> Mapping[str, Property]:
        """Return the properties of a kind that are not archived, by name."""
        drifted = drift(self.store, SYSTEM)
        changed = self.made.find(f"{column('objectType')} = ?", (kind.name,))
        if not drifted and not changed:
            return DEFINED[kind.name]
        found = dict(DEFINED[kind.name])
        for document in changed:
            if document["archived"]:
                found.pop(document["name"], None)
            else:
                found[document["name"]] = _read(document)
        for change in drifted:
            if change.object in (kind.name, kind.singular):
                _drift(found, change)
        return found

    def unique(self, kind: Kind) -> list[str]:
        """Return the properties of which no two records may have the same value."""
        return [each.name for each in self.of(kind).values() if each.unique]

    def document(self, kind: Kind, defined: Property) -> Document:
        """Return a definition as the properties API has it."""
        held = self.made.get(f"{kind.name}:{defined.name}")
        if held is not None:
            shown = {k: v for k, v in held.items() if k not in ("id", "objectType")}
            return shown | {"type": defined.type}
        return described(kind, defined) | {"createdAt": None, "updatedAt": None}

    def archived(self, kind: Kind) -> list[Document]:
        """Return the definitions that were archived."""
        held = self.made.find(f"{column('objectType')} = ?", (kind.name,))
        hidden = ("id", "objectType")
        return [
            {k: v for k, v in each.items() if k not in hidden}
            for each in held
            if each["archived"]
        ]

    def save(self, kind: Kind, document: Document) -> Document:
        """Keep a definition that somebody made, changed or archived."""
        now = to_milliseconds(self.store.clock.now())
        paper = {"id": f"{kind.name}:{document['name']}", "objectType": kind.name}
        before = self.made.get(paper["id"]) or {}
        born = before.get("createdAt") or document.get("createdAt") or now
        kept = paper | document | {"createdAt": born, "updatedAt": now}
        self.store.create(
            SYSTEM, MADE, kept, actor="api", request_id=f"hs_{self.store.number()}"
        )
        if kept["hasUniqueValue"] and not kept["archived"]:
            held = self.store.collection(SYSTEM, kind.name)
            held.index(f"properties.{kept['name']}")
        return {k: v for k, v in kept.items() if k not in ("id", "objectType")}


def described(kind: Kind, defined: Property) -> Document:
    """Return a definition that nobody touched, as the properties API has it."""
    return {
        "name": defined.name,
        "label": defined.label or defined.name.replace("_", " ").capitalize(),
        "type": defined.type,
        "fieldType": ENTRIES[defined.type],
        "description": "",
        "groupName": f"{kind.singular.replace('_', '')}information",
        "options": [
            {
                "label": value.replace("_", " ").capitalize(),
                "value": value,
                "displayOrder": place,
                "hidden": False,
            }
            for place, value in enumerate(defined.options)
        ],
        "displayOrder": -1,
        "calculated": defined.read_only,
        "externalOptions": False,
        "hasUniqueValue": defined.unique,
        "hidden": False,
        "hubspotDefined": not defined.custom,
        "formField": not defined.read_only,
        "archived": False,
        "modificationMetadata": {
            "archivable": defined.custom,
            "readOnlyDefinition": not defined.custom,
            "readOnlyValue": defined.read_only,
        },
    }


def _read(document: Document) -> Property:
    return Property(
        document["name"],
        document["type"],
        tuple(option["value"] for option in document["options"]),
        unique=document["hasUniqueValue"],
        read_only=document["modificationMetadata"]["readOnlyValue"],
        custom=not document["hubspotDefined"],
        label=document["label"],
    )


def _drift(found: dict[str, Property], change: Change) -> None:
    name = change.field
    kind = change.type if change.type in ENTRIES else "string"
    match change.change:
        case "removed":
            found.pop(name, None)
        case "added":
            found.setdefault(name, Property(name, kind, custom=True))
        case "retyped" if name in found:
            found[name] = replace(found[name], type=kind)
