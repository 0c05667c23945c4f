"""Notifications: each vendor's events name their records."""

import json
from typing import Any

import pytest

from ingestion.notifications import NotUnderstood, events
from operations.events import Record


def told(system: str, body: Any) -> list[tuple[str, tuple[Record, ...]]]:
    """Return the kinds and the records of a message's events."""
    found = events(system, json.dumps(body).encode())
    return [(each.kind, each.records) for each in found]


def test_a_thin_event_of_stripe_names_its_record() -> None:
    """Events of API v2 have no data, only a related object."""
    related = {"id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters"}
    body = {"object": "v2.core.event", "id": "evt_1", "type": "v1.billing.meter.error"}

    assert told("stripe", body | {"related_object": related}) == [
        ("v1.billing.meter.error", (Record("billing.meter", "mtr_1"),))
    ]
    with pytest.raises(NotUnderstood):
        told("stripe", body | {"related_object": None})


def test_an_object_of_stripe_without_an_id_asks_for_all() -> None:
    """`invoice.upcoming` tells of an invoice that has no id yet."""
    data = {"object": {"object": "invoice"}}
    body = {"object": "event", "id": "evt_1", "type": "invoice.upcoming", "data": data}

    assert told("stripe", body) == [("invoice.upcoming", (Record("invoice", None),))]


def test_hubspot_tells_of_many_records_in_one_message() -> None:
    """Changes, merges, associations and the generic subscription."""
    base = {"eventId": 1, "subscriptionId": 2, "occurredAt": 3}
    body = [
        base | {"subscriptionType": "contact.propertyChange", "objectId": 7},
        base
        | {
            "subscriptionType": "company.merge",
            "primaryObjectId": 8,
            "mergedObjectIds": [9, 10],
        },
        base
        | {
            "subscriptionType": "contact.associationChange",
            "associationType": "CONTACT_TO_COMPANY",
            "fromObjectId": 7,
            "toObjectId": 8,
        },
        base
        | {
            "subscriptionType": "object.creation",
            "objectTypeId": "0-3",
            "objectId": 11,
        },
    ]

    assert [records for _, records in told("hubspot", body)] == [
        (Record("contact", "7"),),
        (Record("company", "8"), Record("company", "9"), Record("company", "10")),
        (Record("contact", "7"), Record("company", "8")),
        (Record("0-3", "11"),),
    ]


def test_an_event_of_hubspot_is_not_known_by_its_number_alone() -> None:
    """HubSpot does not promise that it is unique; another attempt changes nothing."""
    base = {"subscriptionType": "contact.creation", "subscriptionId": 2}
    variants = [
        base | {"eventId": 1, "objectId": 7, "occurredAt": 3, "attemptNumber": 0},
        base | {"eventId": 1, "objectId": 7, "occurredAt": 3, "attemptNumber": 1},
        base | {"eventId": 1, "objectId": 8, "occurredAt": 3, "attemptNumber": 0},
    ]
    ids = [each.event_id for each in events("hubspot", json.dumps(variants).encode())]

    assert ids[0] == ids[1] != ids[2]


def test_zendesk_names_the_record_in_its_subject() -> None:
    """What a trigger sends has no id of an event and is not understood."""
    body = {"id": "e1", "type": "zen:event-type:ticket.created"}

    assert told("zendesk", body | {"subject": "zen:ticket:35"}) == [
        ("zen:event-type:ticket.created", (Record("ticket", "35"),))
    ]
    for wrong in (body, {"ticket": "35"}, body | {"subject": "35"}):
        with pytest.raises(NotUnderstood):
            told("zendesk", wrong)
