"""Events: what a write looks like to whoever listens."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sandbox.hubspot.kinds import BY_NAME, Kind
from sandbox.hubspot.links import LINKS
from sandbox.hubspot.shapes import Document
from sandbox.journal import Write, micros
from sandbox.stamps import stamps
from sandbox.store import Store

IsMerged = Callable[[str, str], str | None]
# What the sandbox calls who wrote, in the words of `changeSource`.
SOURCES = {"human": "CRM_UI"}
PER_WRITE = 1000  # more properties than one write can change


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one record."""

    number: int
    kind: Kind
    what: str
    record_id: str
    at_ms: int
    source: str
    source_id: str
    more: Document = field(default_factory=dict)

    @property
    def property_name(self) -> str | None:
        """Return the property that changed, if that is what happened."""
        name: str | None = self.more.get("propertyName")
        return name


def events_of(write: Write, survivor: IsMerged) -> list[Event]:
    """Return what happened in a write.

    Args:
        write: to any object of the account.
        survivor: tells into which record another was merged, by kind and id.
    """
    return [
        Event(
            write.number * PER_WRITE + place,
            kind,
            what,
            record_id,
            micros(write.at) // 1000,
            SOURCES.get(write.actor, "INTEGRATION"),
            write.request_id,
            more,
        )
        for place, (kind, what, record_id, more) in enumerate(_told(write, survivor))
    ]


def _told(
    write: Write, survivor: IsMerged
) -> Iterator[tuple[Kind, str, str, Document]]:
    if write.object == LINKS:
        yield from _linked(write)
        return
    kind = BY_NAME.get(write.object)
    if kind is None:
        return
    before, after = write.before, write.after
    if after is None:
        kept = survivor(kind.name, write.id)
        if kept is not None:
            more = {"primaryObjectId": int(kept), "mergedObjectIds": [int(write.id)]}
            yield kind, "merge", kept, more
        else:
            yield kind, "privacyDeletion", write.id, {"changeFlag": "DELETED"}
        return
    if before is None:
        yield kind, "creation", write.id, {"changeFlag": "NEW"}
    elif after["archived"] != before["archived"]:
        gone = after["archived"]
        what, change = ("deletion", "DELETED") if gone else ("restore", "RESTORED")
        yield kind, what, write.id, {"changeFlag": change}
        return
    old = before["properties"] if before else {}
    quiet = stamps(write.system, write.object, write.at, write.number)
    for name in old | after["properties"]:
        new = after["properties"].get(name)
        if new != old.get(name) and f"properties.{name}" not in quiet:
            more = {"propertyName": name, "propertyValue": new or ""}
            yield kind, "propertyChange", write.id, more


def _linked(write: Write) -> Iterator[tuple[Kind, str, str, Document]]:
    held = write.after or write.before or {}
    origin, _, record_id = held["from"].partition(":")
    to = BY_NAME[held["toType"]]
    kind = BY_NAME[origin]
    if write.before is not None and write.after is not None:
        return  # a label came or went: no event
    more = {
        "associationType": f"{kind.label}_TO_{to.label}",
        "fromObjectId": int(record_id),
        "toObjectId": int(held["toId"]),
        "associationRemoved": write.after is None,
        "isPrimaryAssociation": False,
    }
    yield kind, "associationChange", record_id, more


def survivor_in(store: Store) -> IsMerged:
    """Return the function that tells into which record another was merged."""
    held = store.collection("hubspot", "_merged")

    def survivor(kind: str, record_id: str) -> str | None:
        paper = held.get(f"{kind}:{record_id}")
        return None if paper is None else str(paper["into"])

    return survivor
