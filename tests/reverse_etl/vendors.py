"""Vendors: a sandbox to write to, changes of its records, its journal after them."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reverse_etl.change import Change, FieldChange, change_id
from reverse_etl.destinations import Destination, Outgoing
from reverse_etl.destinations.registry import connect
from tests.conftest import SandboxProcess, started

_NAMES = {
    "salesforce": ("Account", "account", "Id", "Name", "Name"),
    "stripe": ("customer", "customer", "id", "name", "name"),
    "zendesk": ("organization", "organization", "id", "name", "name"),
    "netsuite": ("customer", "customer", "id", "email", "email"),
}
OBJECTS = {system: names[1] for system, names in _NAMES.items()}

_KEYS = itertools.count()  # Stripe repeats what it answered to a key, for all tests


@contextmanager
def company(home: Path) -> Iterator[SandboxProcess]:
    """Run a company without planted mistakes, large enough for a file's tests."""
    options = {"customers": 40, "months": 6, "seed": 11, "disorder": "none"}
    running = started(home, options)
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def connected(vendors: SandboxProcess) -> Iterator[Mapping[str, Destination]]:
    """Connect the destinations as in production; clear the faults."""
    destinations = connect(vendors.environment)
    destinations["zendesk"]._pause = lambda _: None
    vendors.faults([])
    try:
        yield destinations
    finally:
        for destination in destinations.values():
            destination._rest.close()


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def updates(
    system: str, records: list[dict[str, Any]], round_: int = 0
) -> list[Change]:
    """Make an update of one field of each record, to another value each round."""
    object_name, _, key, field, column = _NAMES[system]
    return [
        _identified(
            system=system,
            object=object_name,
            record_id=str(record[key]),
            action="update",
            fields=(
                FieldChange(
                    field=field,
                    canonical=field,
                    theirs=record[column],
                    ours=f"new.{place}.{round_}.{system}@example.com",
                ),
            ),
        )
        for place, record in enumerate(records)
    ]


def invoice_items(customers: list[dict[str, Any]], round_: int = 0) -> list[Change]:
    """Make one new invoice item for each Stripe customer."""
    return [
        _identified(
            system="stripe",
            object="invoiceitem",
            external_key=f"in_late{round_}x{place}:mtr_1",
            action="create",
            amount_minor=100 + place,
            fields=_new(
                customer=customer["id"],
                amount=str(100 + place),
                currency=(customer.get("currency") or "usd").upper(),
                description=f"Late usage {place}",
            ),
        )
        for place, customer in enumerate(customers)
    ]


def invoices(customers: list[dict[str, Any]], round_: int = 0) -> list[Change]:
    """Make one new invoice for each NetSuite customer."""
    return [
        _identified(
            system="netsuite",
            object="invoice",
            external_key=f"in_concord{round_}x{place}",
            action="create",
            amount_minor=1000 + place,
            fields=_new(
                entity=customer["id"],
                tranDate="2026-10-30",
                dueDate="2026-11-29",
                currency=customer["currency"],
                total=str(1000 + place),
            ),
        )
        for place, customer in enumerate(customers)
    ]


def _new(**values: str) -> tuple[FieldChange, ...]:
    return tuple(FieldChange(name, name, None, ours) for name, ours in values.items())


def _identified(**given: Any) -> Change:
    plain: dict[str, Any] = {
        "record_id": None,
        "external_key": None,
        "entity": "customers",
        "entity_id": "c1",
        "customer_id": None,
        "approval": False,
        "amount_minor": None,
        "currency": None,
        "reason": "a test wants it",
    }
    change = Change(change_id="", **{**plain, **given})
    return Change(**{**_fields(change), "change_id": change_id(change.content_hash, 0)})


def _fields(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in Change.__dataclass_fields__}


def effects(
    journal: list[Mapping[str, Any]], change: Change, wanted: tuple[Any, Any]
) -> int:
    """Count the writes of ours that took a field from one value to the other.

    -1 if any write of ours began at the same value and led to another one.
    """
    object_name = _NAMES[change.system][1]
    found = Counter(
        (line["old"], line["new"])
        for line in journal
        if line["actor"] != "human"
        and (line["system"], line["object"].lower()) == (change.system, object_name)
        and str(line["id"]) == change.record_id
        and line["field"] == change.fields[0].field
        and line["old"] == wanted[0]
    )
    return found[wanted] if set(found) <= {wanted} else -1


def outgoing(*changes: Change) -> list[Outgoing]:
    """Address changes, each time under a key that no test used before."""
    return [Outgoing(change, f"{change.change_id}-{next(_KEYS)}") for change in changes]


def some(vendors: SandboxProcess, system: str, start: int, count: int) -> list[Change]:
    """Make updates of so many records, beginning with the record at `start`."""
    return updates(system, vendors.records(system, OBJECTS[system]))[
        start : start + count
    ]
