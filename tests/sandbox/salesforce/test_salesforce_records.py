"""One record at Salesforce: read, made, changed, found by external id, deleted."""

from typing import Any

import pytest

ACCOUNT = "001Hs0000000001IAA"


def test_a_patch_changes_the_record_and_its_stamps(served: Any) -> None:
    """204 without a body, and the next query by SystemModstamp finds it."""
    response = served.salesforce.patch(
        f"sobjects/Account/{ACCOUNT[:15]}", json={"name": "Renamed"}
    )

    assert (response.status_code, response.content) == (204, b"")
    assert served.soql(
        "SELECT Name, SystemModstamp FROM Account "
        "WHERE SystemModstamp > 2026-10-31T00:00:00Z"
    ).json()["records"][0] == {
        "attributes": {
            "type": "Account",
            "url": f"/services/data/v68.0/sobjects/Account/{ACCOUNT}",
        },
        "Name": "Renamed",
        "SystemModstamp": "2026-11-01T12:00:00.000+0000",
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"Nope": 1}, "INVALID_FIELD"),
        ({"Name": None}, "REQUIRED_FIELD_MISSING"),
        ({"Name": 5}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ({"Name": "x" * 256}, "STRING_TOO_LONG"),
        ({"Payment_Status__c": "late"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"SystemModstamp": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Duplicate_Of__c": "short"}, "MALFORMED_ID"),
        ({"Duplicate_Of__c": "001Hs0000000099IAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"Duplicate_Of__c": "001Hs0000000004IAA"}, "ENTITY_IS_DELETED"),
        ({"Duplicate_Of__c": "003Hs0000000001IAA"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"Billing_Email__c": "nobody"}, "INVALID_EMAIL_ADDRESS"),
        ({"NumberOfEmployees": 10**19}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"NumberOfEmployees": 1.5}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ({"Concord_Id__c": "c/3"}, "DUPLICATE_VALUE"),
        ({"MasterRecordId": ACCOUNT}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ([1], "JSON_PARSER_ERROR"),
    ],
)
def test_a_wrong_value_is_refused_and_nothing_is_written(
    served: Any, body: Any, code: str
) -> None:
    """Each refusal has Salesforce's code, and leaves no line in the journal."""
    response = served.salesforce.patch(f"sobjects/Account/{ACCOUNT}", json=body)

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, code)
    assert served.store.journal == []


def test_a_deleted_record_stays_in_the_bin(served: Any) -> None:
    """DELETE is 204; then the record answers ENTITY_IS_DELETED."""
    gone = served.salesforce.delete(f"sobjects/Account/{ACCOUNT}")
    again = served.salesforce.delete(f"sobjects/Account/{ACCOUNT}")

    assert gone.status_code == 204
    assert (again.status_code, again.json()[0]["errorCode"]) == (
        404,
        "ENTITY_IS_DELETED",
    )


def test_a_record_is_read_whole_or_in_part(reading: Any) -> None:
    """All fields by default, the named ones on request; a wrong name is refused."""
    whole = reading.salesforce.get(f"sobjects/Account/{ACCOUNT}").json()
    part = reading.salesforce.get(
        f"sobjects/account/{ACCOUNT}", params={"fields": "name, Type"}
    ).json()
    wrong = reading.salesforce.get(
        f"sobjects/Account/{ACCOUNT}", params={"fields": "Nope"}
    )

    assert whole["Website"] == "https://www.c1.example"
    assert set(part) == {"attributes", "Id", "Name", "Type"}
    assert wrong.json()[0]["errorCode"] == "INVALID_FIELD"


@pytest.mark.parametrize(
    ("record_id", "status", "code"),
    [
        ("001hs0000000001iaa", 200, None),
        ("001Hs0000000001", 200, None),
        ("001Hs0000000001ZAA", 400, "MALFORMED_ID"),
        ("001Hs000000000!", 400, "MALFORMED_ID"),
        ("1", 400, "MALFORMED_ID"),
        ("001Hs0000000099IAA", 404, "NOT_FOUND"),
        ("001Hs0000000004IAA", 404, "ENTITY_IS_DELETED"),
    ],
)
def test_an_id_is_checked(
    reading: Any, record_id: str, status: int, code: str | None
) -> None:
    """18 characters mend their case and prove themselves; 15 are taken as they are."""
    response = reading.salesforce.get(f"sobjects/Account/{record_id}")

    error = response.json()[0]["errorCode"] if status != 200 else None
    assert (response.status_code, error) == (status, code)


def test_a_record_is_made(served: Any) -> None:
    """201 with the id; the record has its stamps, numbers and flags."""
    made = served.salesforce.post(
        "sobjects/Opportunity/",
        json={
            "Name": "New",
            "StageName": "Closed Won",
            "CloseDate": "2026-11-30",
            "Amount": 12.50,
            "Account": {"Concord_Id__c": "c/3"},
        },
    )

    record = served.held("Opportunity", made.json()["id"])
    assert (made.status_code, made.json()["success"]) == (201, True)
    assert made.headers["location"].endswith(f"/Opportunity/{record['Id']}")
    assert (record["IsWon"], record["IsClosed"], record["IsDeleted"]) == (
        *(True, True, False),
    )
    assert record["AccountId"] == "001Hs0000000003IAA"
    assert record["CreatedDate"] == record["SystemModstamp"]


def test_a_record_without_its_fields_is_not_made(served: Any) -> None:
    """All that is missing is named at once."""
    response = served.salesforce.post("sobjects/Opportunity", json={"Amount": 1})

    assert response.json() == [
        {
            "message": "Required fields are missing: [Name, StageName, CloseDate]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["Name", "StageName", "CloseDate"],
        }
    ]


def test_a_calculated_field_is_not_written(served: Any) -> None:
    """What the CPQ package computes cannot be set by anybody else."""
    made = served.salesforce.post(
        "sobjects/SBQQ__Quote__c", json={"SBQQ__NetAmount__c": 5}
    )

    assert made.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_an_upsert_adds_then_changes(served: Any) -> None:
    """201 the first time, 200 the second; a slash in the value is quoted."""
    url = "sobjects/Account/Concord_Id__c/a%2Fb"

    first = served.salesforce.patch(url, json={"Name": "First"})
    second = served.salesforce.patch(url, json={"Name": "Second"})

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["created"] is True
    assert second.json() == {**first.json(), "created": False}
    assert served.held("Account", first.json()["id"])["Concord_Id__c"] == "a/b"
    assert served.salesforce.get(url).json()["Name"] == "Second"
    assert served.salesforce.delete(url).status_code == 204
    assert served.salesforce.get(url).status_code == 404


def test_an_external_id_of_two_records_is_answered_with_both(served: Any) -> None:
    """300 and the addresses of all that have it, whatever is asked."""
    served.edit("Account", ACCOUNT, Tax_Id__c="de1")
    url = "sobjects/Account/Tax_Id__c/DE1"

    answers = [
        served.salesforce.get(url),
        served.salesforce.patch(url, json={"Name": "x"}),
        served.salesforce.delete(url),
    ]

    assert [each.status_code for each in answers] == [300, 300, 300]
    assert answers[0].json() == [
        f"/services/data/v68.0/sobjects/Account/001Hs000000000{number}IAA"
        for number in (1, 2)
    ]


def test_an_external_id_is_not_said_twice(served: Any) -> None:
    """The field of the path may not stand in the body; others are no external ids."""
    twice = served.salesforce.patch(
        "sobjects/Account/Concord_Id__c/x", json={"Name": "x", "concord_id__c": "x"}
    )
    other = served.salesforce.patch("sobjects/Account/Website/x", json={"Name": "x"})

    assert twice.json()[0]["errorCode"] == "INVALID_FIELD"
    assert (other.status_code, other.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_a_locked_row_is_not_written(served: Any) -> None:
    """Whoever holds a row keeps others from it, for as long as they hold it."""
    served.store.lock("salesforce", "Account", ACCOUNT, 10)
    url = f"sobjects/Account/{ACCOUNT}"

    changed = served.salesforce.patch(url, json={"Name": "x"})
    deleted = served.salesforce.delete(url)
    served.clock.advance(11)
    later = served.salesforce.patch(url, json={"Name": "x"})

    codes = [each.json()[0]["errorCode"] for each in (changed, deleted)]
    assert codes == ["UNABLE_TO_LOCK_ROW", "UNABLE_TO_LOCK_ROW"]
    assert later.status_code == 204


def test_parts_go_into_the_bin_with_the_whole(served: Any) -> None:
    """A deleted account takes its contacts and deals along, and no one else's."""
    served.salesforce.delete(f"sobjects/Account/{ACCOUNT}")

    assert served.found("SELECT LastName FROM Contact") == [{"LastName": "Person 3"}]
    assert served.found("SELECT Name FROM Opportunity") == [{"Name": "Deal 3"}]
    deleted = served.salesforce.get(
        "queryAll", params={"q": "SELECT COUNT() FROM Contact WHERE IsDeleted = true"}
    )
    assert deleted.json()["totalSize"] == 2


def test_a_post_may_stand_for_another_method(served: Any) -> None:
    """`_HttpMethod` helps clients that can only send GET and POST."""
    changed = served.salesforce.post(
        f"sobjects/Account/{ACCOUNT}",
        params={"_HttpMethod": "PATCH"},
        json={"Name": "x"},
    )

    assert changed.status_code == 204
    assert served.held("Account", ACCOUNT)["Name"] == "x"
