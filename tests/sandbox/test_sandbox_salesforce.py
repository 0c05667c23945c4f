"""Salesforce as its REST guide describes it: tokens, pages, records, collections."""

from typing import Any

import httpx
import pytest

ACCOUNT = "001Hs0000000001AAA"


@pytest.mark.parametrize(
    ("client", "secret", "error"),
    [("wrong", "wrong", "invalid_client_id"), (None, "wrong", "invalid_client")],
)
def test_wrong_credentials_get_no_token(
    reading: Any, client: str | None, secret: str, error: str
) -> None:
    """Both halves of the credentials are checked, by form or by Basic."""
    client = client or reading.keys.salesforce_client_id
    url = f"{reading.url}/salesforce/services/oauth2/token"
    grant = {"grant_type": "client_credentials"}

    by_form = httpx.post(
        url, data=grant | {"client_id": client, "client_secret": secret}
    )
    by_basic = httpx.post(url, data=grant, auth=(client, secret))

    assert (by_form.status_code, by_form.json()["error"]) == (400, error)
    assert by_basic.json() == by_form.json()


def test_the_instance_is_where_the_prefix_is(reading: Any) -> None:
    """`instance_url` leads back to this door; there is no expires_in."""
    token = httpx.post(
        f"{reading.url}/salesforce/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(reading.keys.salesforce_client_id, reading.keys.salesforce_client_secret),
    ).json()

    assert token["instance_url"] == f"{reading.url}/salesforce"
    assert set(token) == {
        "access_token",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
        "signature",
        "scope",
    }


def test_a_session_ends(served: Any) -> None:
    """An old session is refused with INVALID_SESSION_ID, as a missing one is."""
    served.clock.advance(3 * 3600)

    response = served.soql("SELECT Id FROM Account")

    assert response.status_code == 401
    assert response.json() == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]


def test_pages_follow_one_another(served: Any) -> None:
    """A long answer comes in pages of the size asked for, and no row is lost."""
    for number in range(500):
        served.store.create(
            "salesforce",
            "Account",
            {"Id": f"001Hs0000001{number:03}AAA", "Name": f"N{number}"},
            actor="test",
            request_id="",
        )
    size = {"Sforce-Query-Options": "batchSize=200"}

    page = served.soql("SELECT Id FROM Account ORDER BY Id", **size).json()
    pages = [page]
    while "nextRecordsUrl" in page:
        page = httpx.get(
            f"{served.url}/salesforce{page['nextRecordsUrl']}",
            headers=served.salesforce.headers,
        ).json()
        pages.append(page)

    ids = [row["Id"] for each in pages for row in each["records"]]
    assert [len(each["records"]) for each in pages] == [200, 200, 103]
    assert [each["done"] for each in pages] == [False, False, True]
    assert {each["totalSize"] for each in pages} == {503}
    assert ids == sorted(set(ids))


def test_an_unknown_page_is_refused(reading: Any) -> None:
    """A query locator that nobody was given leads nowhere."""
    response = reading.salesforce.get("/query/01gXXXXXXXXXXXXXXX-2000")

    assert (response.status_code, response.json()[0]["errorCode"]) == (
        400,
        "INVALID_QUERY_LOCATOR",
    )


def test_a_patch_changes_the_record_and_its_stamps(served: Any) -> None:
    """204 without a body, and the next query by SystemModstamp finds it."""
    response = served.salesforce.patch(
        f"/sobjects/Account/{ACCOUNT[:15]}", json={"name": "Renamed"}
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
        ([1], "JSON_PARSER_ERROR"),
    ],
)
def test_a_wrong_value_is_refused_and_nothing_is_written(
    served: Any, body: Any, code: str
) -> None:
    """Each refusal has Salesforce's code, and leaves no line in the journal."""
    response = served.salesforce.patch(f"/sobjects/Account/{ACCOUNT}", json=body)

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, code)
    assert served.store.journal == []


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("Thu, 01 Oct 2026 08:59:59 GMT", 412),
        ("Thu, 01 Oct 2026 08:59:59 -0000", 412),
        ("Thu, 01 Oct 2026 09:00:00 GMT", 204),
        ("yesterday", 400),
    ],
)
def test_if_unmodified_since_protects_a_newer_record(
    served: Any, since: str, status: int
) -> None:
    """The condition holds to the second."""
    response = served.salesforce.patch(
        f"/sobjects/Account/{ACCOUNT}",
        json={"Name": "Renamed"},
        headers={"If-Unmodified-Since": since},
    )

    assert response.status_code == status


def test_a_deleted_record_stays_in_the_bin(served: Any) -> None:
    """DELETE is 204; then the record answers ENTITY_IS_DELETED."""
    gone = served.salesforce.delete(f"/sobjects/Account/{ACCOUNT}")
    again = served.salesforce.delete(f"/sobjects/Account/{ACCOUNT}")

    assert gone.status_code == 204
    assert (again.status_code, again.json()[0]["errorCode"]) == (
        404,
        "ENTITY_IS_DELETED",
    )


def test_a_collection_reports_each_row(served: Any) -> None:
    """Good rows are written, bad ones say why, and the order is that of the request."""
    account = {"type": "Account"}
    response = served.salesforce.patch(
        "/composite/sobjects",
        json={
            "records": [
                {"attributes": account, "Id": ACCOUNT, "Name": "A"},
                {"attributes": account, "Id": "001Hs0000000999AAA", "Name": "B"},
                {
                    "attributes": account,
                    "id": "001Hs0000000002AAA",
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
        ("001Hs0000000999AAA", False, ["NOT_FOUND"]),
        ("001Hs0000000002AAA", False, ["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]),
        (None, False, ["MISSING_ARGUMENT"]),
        (ACCOUNT, False, ["INVALID_TYPE"]),
    ]
    assert [(line.id, line.new) for line in served.store.journal] == [(ACCOUNT, "A")]


def test_all_or_none_writes_nothing_when_one_row_fails(served: Any) -> None:
    """The other rows say that they were rolled back."""
    account = {"type": "Account"}
    response = served.salesforce.patch(
        "/composite/sobjects",
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
        "/composite/sobjects", json={"records": [row] * 200}
    )
    refused = served.salesforce.patch(
        "/composite/sobjects", json={"records": [row] * 201}
    )

    assert (accepted.status_code, len(accepted.json())) == (200, 200)
    assert refused.status_code == 400


def test_a_collection_is_read_by_ids(reading: Any) -> None:
    """Known ids come with the wanted fields, an unknown one as null."""
    response = reading.salesforce.post(
        "/composite/sobjects/Account",
        json={"ids": [ACCOUNT, "001Hs0000000999AAA"], "fields": ["Name"]},
    )

    assert [row and (row["Id"], row["Name"]) for row in response.json()] == [
        (ACCOUNT, "Customer 1"),
        None,
    ]


def test_describe_tells_types_and_picklists(reading: Any) -> None:
    """A reader learns a field's type; a writer, which values it may take."""
    described = reading.salesforce.get("/sobjects/account/describe").json()

    fields = {field["name"]: field for field in described["fields"]}
    status = fields["Payment_Status__c"]
    assert fields["SystemModstamp"]["type"] == "datetime"
    assert status["restrictedPicklist"]
    assert [each["value"] for each in status["picklistValues"]] == [
        "current",
        "past_due",
    ]


def test_limits_and_versions_are_told(served: Any) -> None:
    """What is left of the day's calls, and which versions there are."""
    limits = served.salesforce.get("/limits").json()
    versions = httpx.get(f"{served.url}/salesforce/services/data").json()
    unknown = httpx.get(
        f"{served.url}/salesforce/services/data/v1.0/limits",
        headers=served.salesforce.headers,
    )

    assert limits["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_999}
    assert versions[-1]["url"] == "/services/data/v68.0"
    assert unknown.status_code == 404
