"""Zendesk's events: what a write means to whoever subscribed to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.store import Document, Write
from sandbox.zendesk.account import ACCOUNT_ID, stamp
from sandbox.zendesk.kinds import RECORDS, Kind

VERSION = "2022-06-20"
PREFIX = "zen:event-type:"

_KINDS: dict[str, Kind] = {each.name: each for each in RECORDS}
# The fields whose change is an event of its own, and the event's name.
_CHANGES = {
    "organization": {"name": "name_changed", "external_id": "external_id_changed"},
    "user": {
        "name": "name_changed",
        "external_id": "external_id_changed",
        "role": "role_changed",
        "notes": "notes_changed",
        "details": "details_changed",
        "active": "active_changed",
        "alias": "alias_changed",
        "time_zone": "time_zone_changed",
        "suspended": "suspended_changed",
    },
    "ticket": {
        "subject": "subject_changed",
        "status": "status_changed",
        "priority": "priority_changed",
        "type": "type_changed",
        "external_id": "external_id_changed",
        "organization_id": "organization_changed",
        "requester_id": "requester_changed",
        "assignee_id": "agent_assignment_changed",
        "group_id": "group_assignment_changed",
    },
}
_DETAIL = {
    "organization": (
        "created_at",
        "external_id",
        "group_id",
        "id",
        "name",
        "shared_comments",
        "shared_tickets",
        "updated_at",
    ),
    "user": (
        "created_at",
        "email",
        "external_id",
        "default_group_id",
        "id",
        "organization_id",
        "role",
        "updated_at",
    ),
    "ticket": (
        "created_at",
        "description",
        "external_id",
        "group_id",
        "id",
        "organization_id",
        "priority",
        "requester_id",
        "assignee_id",
        "status",
        "subject",
        "tags",
        "type",
        "updated_at",
    ),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one record."""

    type: str
    event: Document


def events_of(write: Write) -> Iterator[Event]:
    """Yield what a write means; nothing for records without events."""
    name = write.object
    if write.system != "zendesk" or name not in _KINDS:
        return
    before, after = write.before, write.after
    if before is None:
        yield Event(f"{PREFIX}{name}.created", {})
        return
    if after is None or _is_gone(name, after) > _is_gone(name, before):
        kind = "soft_deleted" if name == "ticket" else "deleted"
        yield Event(f"{PREFIX}{name}.{kind}", {})
        if after is None:
            return
    for field, kind in _CHANGES[name].items():
        if before.get(field) != after.get(field):
            event = {"current": after.get(field), "previous": before.get(field)}
            yield Event(f"{PREFIX}{name}.{kind}", event)
    old, new = before.get("tags") or [], after.get("tags") or []
    if old != new:
        added = [tag for tag in new if tag not in old]
        removed = [tag for tag in old if tag not in new]
        tags = {"added": {"tags": added}, "removed": {"tags": removed}}
        yield Event(f"{PREFIX}{name}.tags_changed", tags)
    yield from _custom(name, before, after)


def _custom(name: str, before: Document, after: Document) -> Iterator[Event]:
    plural = _KINDS[name].custom
    if not plural:
        return
    old, new = before.get(plural) or {}, after.get(plural) or {}
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            event = {
                "current": new.get(key),
                "previous": old.get(key),
                "field": {"id": key, "title": key, "type": "text"},
            }
            yield Event(f"{PREFIX}{name}.custom_field_changed", event)


def payload(event: Event, event_id: str, write: Write) -> Document:
    """Return what goes to the subscriber."""
    record: Any = write.after or write.before or {}
    return {
        "type": event.type,
        "account_id": ACCOUNT_ID,
        "id": event_id,
        "time": stamp(int(write.at.timestamp())),
        "zendesk_event_version": VERSION,
        "subject": f"zen:{write.object}:{write.id}",
        "detail": {
            name: _written(name, record.get(name)) for name in _DETAIL[write.object]
        },
        "event": event.event,
    }


def _written(name: str, value: Any) -> Any:
    """Return a value as events write it: ids are text."""
    is_id = name == "id" or (name.endswith("_id") and name != "external_id")
    return str(value) if is_id and value is not None else value


def _is_gone(name: str, document: Document) -> bool:
    match name:
        case "organization":
            return document.get("deleted_at") is not None
        case "user":
            return document.get("active") is False
    return document.get("status") == "deleted"
