"""Collections at Salesforce: 200 records in a call, each with its own result."""

from typing import Any

import pytest

ACCOUNT = "001Hs0000000001IAA"
KIND = {"attributes": {"type": "Account"}}


def test_a_collection_reports_each_row(served: Any) -> None:
    """Good rows are written, bad ones say why, and the order is that of the request."""
    account = {"type": "Account"}
    response = served.salesforce.patch(
        "composite/sobjects",
        json={
            "records": [
                {"attributes": account, "Id": ACCOUNT, "Name": "A"},
                {"attributes": account, "Id": "001Hs0000000999IAA", "Name": "B"},
                {
                    "attributes": account,
                    "id": "001Hs0000000002IAA",
                    "Payment_Status__c": "late",
                },
                {"attributes": account, "Name": "C"},
                {"Id": ACCOUNT},
            ]
        },
    )

    assert response.status_code == 200
    assert [
        (row.get("id"), row["success"], [each["statusCode"] for each in row["errors"]])
        for row in response.json()
    ] == [
        (ACCOUNT, True, []),
        ("001Hs0000000999IAA", False, ["NOT_FOUND"]),
        ("001Hs0000000002IAA", False, ["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]),
        (None, False, ["MISSING_ARGUMENT"]),
        (ACCOUNT, False, ["INVALID_TYPE"]),
    ]
    assert [(line.id, line.new) for line in served.store.journal] == [(ACCOUNT, "A")]


def test_all_or_none_writes_nothing_when_one_row_fails(served: Any) -> None:
    """The other rows say that they were rolled back."""
    account = {"type": "Account"}
    response = served.salesforce.patch(
        "composite/sobjects",
        json={
            "allOrNone": True,
            "records": [
                {"attributes": account, "Id": ACCOUNT, "Name": "A"},
                {"attributes": account, "Id": ACCOUNT, "Nope": "B"},
            ],
        },
    )

    assert [row["errors"][0]["statusCode"] for row in response.json()] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "INVALID_FIELD",
    ]
    assert served.store.journal == []


def test_a_collection_takes_200_records(served: Any) -> None:
    """One more and the whole request is refused."""
    row = {"attributes": {"type": "Account"}, "Id": ACCOUNT, "Name": "A"}

    accepted = served.salesforce.patch(
        "composite/sobjects", json={"records": [row] * 200}
    )
    refused = served.salesforce.patch(
        "composite/sobjects", json={"records": [row] * 201}
    )

    assert (accepted.status_code, len(accepted.json())) == (200, 200)
    assert refused.status_code == 400


def test_a_collection_is_read_by_ids(reading: Any) -> None:
    """Known ids come with the wanted fields, an unknown one as null."""
    response = reading.salesforce.post(
        "composite/sobjects/Account",
        json={"ids": [ACCOUNT, "001Hs0000000999IAA"], "fields": ["Name"]},
    )

    assert [row and (row["Id"], row["Name"]) for row in response.json()] == [
        (ACCOUNT, "Customer 1"),
        None,
    ]


def test_a_collection_is_created(served: Any) -> None:
    """Each new record has an id and no `created`; a bad one says why."""
    rows = [{**KIND, "Name": "A"}, {**KIND, "Website": "x"}, {"Name": "C"}, 5]

    response = served.salesforce.post("composite/sobjects", json={"records": rows})

    results = response.json()
    assert set(results[0]) == {"id", "success", "errors"}
    assert served.held("Account", results[0]["id"])["Name"] == "A"
    assert [each["errors"][0]["statusCode"] for each in results[1:]] == [
        *("REQUIRED_FIELD_MISSING", "INVALID_TYPE", "INVALID_TYPE"),
    ]


def test_a_collection_is_upserted(served: Any) -> None:
    """By external id: `created` tells which was there; two of one id are refused."""
    served.edit("Account", ACCOUNT, Tax_Id__c="DE1")
    rows = [
        {**KIND, "Concord_Id__c": "c/3", "Name": "Changed"},
        {**KIND, "Concord_Id__c": "new", "Name": "Added"},
        {**KIND, "Name": "Without"},
        {"attributes": {"type": "Contact"}, "LastName": "Other"},
    ]
    double = {"records": [{**KIND, "Tax_Id__c": "DE1", "Name": "x"}]}

    by_ours = served.salesforce.patch(
        "composite/sobjects/Account/Concord_Id__c", json={"records": rows}
    ).json()
    by_theirs = served.salesforce.patch(
        "composite/sobjects/Account/Tax_Id__c", json=double
    ).json()

    assert [(each["success"], each.get("created")) for each in by_ours] == [
        *((True, False), (True, True), (False, None), (False, None)),
    ]
    assert served.held("Account", "001Hs0000000003IAA")["Name"] == "Changed"
    assert by_theirs[0]["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


def test_an_upsert_by_id_without_one_inserts(served: Any) -> None:
    """`Id` is null: a new record."""
    response = served.salesforce.patch(
        "composite/sobjects/Account/Id",
        json={"records": [{**KIND, "Id": None, "Name": "New"}]},
    )

    assert response.json()[0]["created"] is True


def test_a_collection_is_deleted(served: Any) -> None:
    """By ids of any object; an unknown one fails alone."""
    ids = [ACCOUNT, "003Hs0000000003IAA", "001Hs0000000099IAA", "zzz"]

    response = served.salesforce.delete(
        "composite/sobjects", params={"ids": ",".join(ids), "allOrNone": "false"}
    )

    assert [each["success"] for each in response.json()] == [True, True, False, False]
    assert served.held("Account", ACCOUNT)["IsDeleted"] is True


def test_all_or_none_takes_back_what_was_written(served: Any) -> None:
    """A row that fails when it is its turn takes the earlier ones with it."""
    rows = [
        {**KIND, "Concord_Id__c": "same", "Name": "First"},
        {**KIND, "Concord_Id__c": "same", "Name": "Second"},
    ]

    response = served.salesforce.post(
        "composite/sobjects", json={"allOrNone": True, "records": rows}
    )

    assert [each["errors"][0]["statusCode"] for each in response.json()] == [
        *("ALL_OR_NONE_OPERATION_ROLLED_BACK", "DUPLICATE_VALUE"),
    ]
    assert served.store.journal == []


@pytest.mark.parametrize(
    "body",
    [{}, {"records": 5}, {"records": [], "allOrNone": "yes"}, {"records": None}],
)
def test_a_collection_of_nonsense_is_refused(reading: Any, body: Any) -> None:
    """The request as a whole is malformed, so it has one error."""
    response = reading.salesforce.patch("composite/sobjects", json=body)

    assert (response.status_code, response.json()[0]["errorCode"]) == (
        400,
        "JSON_PARSER_ERROR",
    )
