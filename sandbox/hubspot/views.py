"""Views: records as answers show them: the properties asked for, history, links."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sandbox.hubspot.kinds import SYSTEM, Kind
from sandbox.hubspot.schema import Property
from sandbox.hubspot.shapes import Document
from sandbox.instants import to_milliseconds
from sandbox.journal import instant, parsed
from sandbox.store import Store

# SQLite takes 127 arguments in a function: 60 pairs leave room.
MOST_IN_SQL = 60
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Who wrote, as a property's history tells it.
SOURCES = {"human": "CRM_UI", "api": "INTEGRATION"}


def chosen(
    kind: Kind, defined: Mapping[str, Property], properties: Sequence[str]
) -> list[str]:
    """Return the properties to show: an unknown one is simply absent."""
    wanted = (*kind.always, *(properties or kind.shown))
    return [name for name in dict.fromkeys(wanted) if name in defined]


def columns(names: Sequence[str]) -> str | None:
    """Return the SQL that makes a record's JSON; none if it must be made by hand."""
    if len(names) > MOST_IN_SQL or not all(NAME.fullmatch(name) for name in names):
        return None
    values = ", ".join(f"'{name}', body -> '$.properties.{name}'" for name in names)
    return (
        f"json_object('id', id, 'properties', json_object({values}),"
        " 'createdAt', body -> '$.createdAt', 'updatedAt', body -> '$.updatedAt',"
        " 'archived', body -> '$.archived')"
    )


def shown(document: Document, names: Iterable[str]) -> Document:
    """Return a record with these properties, null where it has no value."""
    held = document["properties"]
    answer: Document = {
        "id": document["id"],
        "properties": {name: held.get(name) for name in names},
        "createdAt": document["createdAt"],
        "updatedAt": document["updatedAt"],
        "archived": document["archived"],
    }
    if document["archived"]:
        answer["archivedAt"] = document["archivedAt"]
    return answer


def written(document: Document, defined: Mapping[str, Property]) -> Document:
    """Return a record as the answer to a write: every property that has a value."""
    return shown(document, [n for n in document["properties"] if n in defined])


def histories(
    store: Store, kind: Kind, documents: Sequence[Document], names: Sequence[str]
) -> dict[str, dict[str, list[Document]]]:
    """Return the values that each property of each record ever had, newest first."""
    marks = ", ".join("?" * len(documents))
    rows = store.rows(
        "select id, at, before, after, actor, request_id from writes"
        f" where system = ? and object = ? and id in ({marks}) order by number",
        (SYSTEM, kind.name, *(document["id"] for document in documents)),
    )
    writes: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for record_id, *write in rows:
        writes[record_id].append(tuple(write))
    return {
        document["id"]: {
            name: _history(document, writes[document["id"]], name) for name in names
        }
        for document in documents
    }


def _history(
    document: Document, writes: Sequence[tuple[Any, ...]], name: str
) -> list[Document]:
    steps: list[Document] = []
    value = document["properties"].get(name)
    for at, before, after, actor, request_id in reversed(writes):
        new = parsed(after)["properties"].get(name) if after else None
        old = parsed(before)["properties"].get(name) if before else None
        if new != old:
            steps.append(_step(new, to_milliseconds(instant(at)), actor, request_id))
        value = old
    if value is not None:
        steps.append(_step(value, document["createdAt"], "import", ""))
    return steps


def _step(value: str | None, at: str, actor: str, request_id: str) -> Document:
    return {
        "value": value or "",
        "timestamp": at,
        "sourceType": SOURCES.get(actor, "IMPORT"),
        "sourceId": request_id or None,
    }
