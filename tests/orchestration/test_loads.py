"""Which tables the records of events are read into: for what each vendor writes."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ingestion.notifications import events
from ingestion.systems import SYSTEMS, system
from operations.events import Concerned
from orchestration.loads import MOST_NAMED, filled, known_streams, named, word_of_set

STRIPE = {"object": "event", "id": "evt_1", "type": "x"}
HUBSPOT = {"eventId": 1, "subscriptionId": 2, "occurredAt": 3}
ZENDESK = {"id": "1", "type": "zen:event-type:x"}
CHARGEBEE = {"id": "ev_1", "event_type": "x"}
CENTRAL = {"subscriptionId": "s", "changeType": "updated", "lastModifiedDateTime": "x"}
COMPANY = "/api/v2.0/companies(00000001-0000-0000-0000-000000000000)"


def central(resource: str, **more: str) -> Any:
    """Return a notification of Business Central."""
    return {"value": [{**CENTRAL, "resource": f"{COMPANY}/{resource}", **more}]}


def concerned(name: str, body: Any) -> Concerned:
    """Return what one message of a system asks for."""
    records: dict[str, set[str | None]] = {}
    for event in events(name, json.dumps(body).encode()):
        for record in event.records:
            records.setdefault(record.object, set()).add(record.record_id)
    found = {word: frozenset(ids) for word, ids in records.items()}
    return Concerned(name, 1, datetime(2026, 11, 1, tzinfo=UTC), found)


@pytest.mark.parametrize(
    ("name", "body", "ids"),
    [
        (
            "stripe",
            {**STRIPE, "data": {"object": {"object": "subscription", "id": "sub_1"}}},
            {"subscriptions": ["sub_1"]},
        ),
        (
            "stripe",
            {
                "object": "v2.core.event",
                "id": "evt_1",
                "type": "x",
                "related_object": {"type": "billing.meter", "id": "mtr_1"},
            },
            {"meters": ["mtr_1"]},
        ),
        (
            "hubspot",
            [
                {**HUBSPOT, "subscriptionType": "line_item.creation", "objectId": 7},
                {
                    **HUBSPOT,
                    "subscriptionType": "contact.associationChange",
                    "associationType": "CONTACT_TO_COMPANY",
                    "fromObjectId": 8,
                    "toObjectId": 9,
                },
                {
                    **HUBSPOT,
                    "subscriptionType": "company.merge",
                    "primaryObjectId": 9,
                    "mergedObjectIds": [10],
                },
            ],
            {"line_items": ["7"], "contacts": ["8"], "companies": ["10", "9"]},
        ),
        ("zendesk", {**ZENDESK, "subject": "zen:user:5"}, {"users": ["5"]}),
        (
            "chargebee",
            {
                **CHARGEBEE,
                "content": {
                    "transaction": {"id": "txn_1"},
                    "customer": {"id": "cust_1"},
                    "invoice": {"id": "1042"},
                    "card": {"customer_id": "cust_1", "last4": "4242"},
                },
            },
            {
                "transactions": ["txn_1"],
                "customers": ["cust_1"],
                "invoices": ["1042"],
            },
        ),
        (
            "business_central",
            central("salesInvoices(1-2)"),
            {"sales_invoices": ["1-2"]},
        ),
        (
            "business_central",
            central("generalLedgerEntries(7)"),
            {"general_ledger_entries": ["7"]},
        ),
        ("business_central", central("items", changeType="collection"), {}),
        ("business_central", central("vendors(1-2)"), {}),
        (
            "hubspot",
            [{**HUBSPOT, "subscriptionType": "ticket.creation", "objectId": 7}],
            {},
        ),
    ],
)
def test_what_an_event_names_is_read_into_its_table(
    name: str, body: Any, ids: dict[str, list[str]]
) -> None:
    """Nothing is named where the whole system is to be asked."""
    assert named(system(name), concerned(name, body)) == ids


@pytest.mark.parametrize(("number", "is_named"), [(MOST_NAMED, True), (201, False)])
def test_so_many_records_are_read_by_id_and_no_more(
    number: int, *, is_named: bool
) -> None:
    """Beyond that, what is new is the smaller question."""
    ids = frozenset(f"cus_{each}" for each in range(number))
    at = datetime(2026, 11, 1, tzinfo=UTC)

    found = named(system("stripe"), Concerned("stripe", 1, at, {"customer": ids}))

    assert bool(found) is is_named


def test_an_object_of_several_tables_names_none_of_them() -> None:
    """NetSuite's invoices and payments are both transactions."""
    told: dict[str, frozenset[str | None]] = {
        "transaction": frozenset({"1"}),
        "customer": frozenset({"2"}),
    }
    at = datetime(2026, 11, 1, tzinfo=UTC)

    assert named(system("netsuite"), Concerned("netsuite", 1, at, told)) == {}


def test_every_set_of_business_central_is_a_table() -> None:
    """The words of the sets are made from our names, which must not differ."""
    from ingestion.business_central.reads import SOURCES

    assert {word_of_set(name): source.name for name, source in SOURCES.items()} == {
        source.name: source.name for source in SOURCES.values()
    }


@pytest.mark.parametrize("one", SYSTEMS, ids=lambda one: one.name)
def test_what_can_be_named_fills_tables_of_its_system(one: Any) -> None:
    """A run could not be asked for another's."""
    names = known_streams(one, [stream.name for stream in one.streams]) or frozenset()

    assert {stream for each in names for stream in filled(one, {each: ["1"]})} <= names
