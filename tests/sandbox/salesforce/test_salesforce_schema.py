"""Salesforce's objects: what describe says, and that the records have no more."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sandbox.company.company import build
from sandbox.company.features import ALL_FEATURES
from sandbox.identifiers import PREFIXES
from sandbox.salesforce.documents import salesforce_documents
from sandbox.salesforce.schema import FIELDS, OBJECTS


def test_describe_tells_types_and_picklists(reading: Any) -> None:
    """A reader learns a field's type; a writer, which values it may take."""
    described = reading.salesforce.get("sobjects/account/describe").json()

    fields = {field["name"]: field for field in described["fields"]}
    status = fields["Payment_Status__c"]
    children = {each["relationshipName"] for each in described["childRelationships"]}
    assert fields["SystemModstamp"]["type"] == "datetime"
    assert fields["Duplicate_Of__c"]["referenceTo"] == ["Account"]
    assert fields["Duplicate_Of__c"]["relationshipName"] == "Duplicate_Of__r"
    assert fields["Concord_Id__c"]["externalId"]
    assert fields["Concord_Id__c"]["unique"]
    assert not fields["Name"]["nillable"]
    assert status["restrictedPicklist"]
    assert [each["value"] for each in status["picklistValues"]] == [
        *("current", "past_due"),
    ]
    assert {"Contacts", "Opportunities", "Orders"} <= children


def test_all_objects_are_listed(reading: Any) -> None:
    """Each with its prefix and addresses; a version lists its resources."""
    listed = reading.salesforce.get("sobjects").json()["sobjects"]
    resources = reading.salesforce.get("").json()

    assert {each["name"] for each in listed} == set(OBJECTS)
    assert resources["sobjects"] == "/services/data/v68.0/sobjects"


def test_records_are_counted(reading: Any) -> None:
    """For the objects asked for; deleted ones are still there."""
    counted = reading.salesforce.get(
        "limits/recordCount", params={"sObjects": "Account, contact,Nope"}
    ).json()

    assert counted == {
        "sObjects": [{"count": 4, "name": "Account"}, {"count": 3, "name": "Contact"}]
    }


def test_ids_begin_with_the_prefix_of_their_object() -> None:
    """The records of the company have the ids that describe promises."""
    ours = {name: each.prefix for name, each in OBJECTS.items()}

    assert {name: ours.get(name) for name in PREFIXES} == PREFIXES


@pytest.fixture(scope="module")
def records() -> dict[str, list[dict[str, Any]]]:
    """The records of a small company that has everything a company can have."""
    as_of = date(2026, 10, 31)
    return salesforce_documents(build(7, 40, 24, as_of, features=ALL_FEATURES))


def test_a_record_has_no_field_that_describe_does_not_know(
    records: dict[str, list[dict[str, Any]]],
) -> None:
    """A field that the schema lacks would never be seen by a reader."""
    held = {
        name: {key for row in rows for key in row} for name, rows in records.items()
    }

    assert {
        name: unknown
        for name, fields in held.items()
        if (unknown := fields - set(FIELDS.get(name, ())))
    } == {}


def test_a_value_has_the_type_that_describe_tells(
    records: dict[str, list[dict[str, Any]]],
) -> None:
    """Text is text and within its length, a number is exact, a flag a boolean."""
    numbers = {int, Decimal}
    allowed = {"boolean": {bool}, "int": {int}, "double": numbers}
    allowed |= {"currency": numbers, "percent": numbers}

    wrong = {
        (name, field.name)
        for name, rows in records.items()
        for field in OBJECTS[name].fields.values()
        for row in rows
        if (value := row.get(field.name)) is not None
        and (
            type(value) not in allowed.get(field.type, {str})
            or (isinstance(value, str) and field.length and len(value) > field.length)
        )
    }
    assert wrong == set()
