"""Vendors: changes for the sandbox's own records, and its journal after them."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reverse_etl.change import Change, FieldChange, change_id

_NAMES = {
    "salesforce": ("Account", "account", "Id", "Name", "Name"),
    "stripe": ("customer", "customer", "id", "name", "name"),
    "zendesk": ("organization", "organization", "id", "name", "name"),
    "netsuite": ("customer", "customer", "id", "email", "email"),
}


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def updates(system: str, records: list[dict[str, Any]]) -> list[Change]:
    """Make an update of one field of each record."""
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
                    ours=f"new.{place}.{system}@example.com",
                ),
            ),
        )
        for place, record in enumerate(records)
    ]


def invoice_items(customers: list[dict[str, Any]]) -> list[Change]:
    """Make one new invoice item for each Stripe customer."""
    return [
        _identified(
            system="stripe",
            object="invoiceitem",
            external_key=f"in_late{place}:mtr_1",
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


def invoices(customers: list[dict[str, Any]]) -> list[Change]:
    """Make one new invoice for each NetSuite customer."""
    return [
        _identified(
            system="netsuite",
            object="invoice",
            external_key=f"in_concord{place}",
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
    journal: list[Mapping[str, Any]], change: Change
) -> Counter[tuple[Any, Any]]:
    """Count the writes of ours to an updated field, by its value before and after."""
    object_name = _NAMES[change.system][1]
    column = change.fields[0].field
    return Counter(
        (line["old"], line["new"])
        for line in journal
        if line["actor"] != "human"
        and (line["system"], line["object"].lower()) == (change.system, object_name)
        and str(line["id"]) == change.record_id
        and line["field"] == column
    )
