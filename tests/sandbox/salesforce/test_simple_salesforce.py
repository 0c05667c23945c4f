"""The client simple-salesforce, unmodified, at concord.my.salesforce.com."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceOperationError,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.identifiers import salesforce_id
from tests.sandbox.doors import Doors, opened

pytestmark = pytest.mark.judge("simple-salesforce 1.12.10")

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ACCOUNTS = 2500
ACCOUNT = salesforce_id("Account", 1)


@dataclass(frozen=True, slots=True)
class Facts:
    """The truth of the organisation."""

    seed: int = 7
    as_of: date = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class World:
    """The records of the organisation."""

    documents: Any
    company: Facts
    planted: tuple[Any, ...] = ()


def account(number: int) -> dict[str, Any]:
    """Return an account; every fifth changed on the last day of October."""
    day = "31" if number % 5 == 0 else "01"
    stamp = f"2026-10-{day}T09:00:00.000+0000"
    return {
        "Id": salesforce_id("Account", number),
        "IsDeleted": False,
        "Name": f"Customer {number}",
        "Tax_Id__c": "T7" if number in (7, 8) else None,
        "Concord_Id__c": f"c{number}",
        "Payment_Status__c": "current",
        "CreatedDate": "2025-01-01T09:00:00.000+0000",
        "LastModifiedDate": stamp,
        "SystemModstamp": stamp,
    }


@pytest.fixture(scope="module")
def doors(keys: Credentials) -> Iterator[Doors]:
    """One organisation for the module; writes go to accounts that nobody counts."""
    accounts = [account(number) for number in range(ACCOUNTS)]
    world = World({"salesforce": {"Account": accounts}}, Facts())
    clock = Clock(NOW, running=False)
    with (
        opened(world, keys, clock, only=("salesforce",)) as doors,
        doors.judge_environment(),
    ):
        yield doors


@pytest.fixture
def sf(doors: Doors) -> Iterator[Salesforce]:
    """A client that signed in with the client's credentials."""
    doors.store.set_conditions({"salesforce": {}})
    yield signed_in(doors)
    names = ("daily_calls", "kill_jobs_after_rows", "session_seconds")
    doors.store.set_conditions({"salesforce": dict.fromkeys(names)})


def signed_in(doors: Doors, **more: Any) -> Salesforce:
    """Sign in with the client's credentials."""
    return Salesforce(
        consumer_key=doors.keys.salesforce_client_id,
        consumer_secret=doors.keys.salesforce_client_secret,
        domain="concord.my",
        **more,
    )


def test_it_signs_in_with_client_credentials(sf: Salesforce) -> None:
    """Signs in with client credentials at the organisation's own domain."""
    assert sf.sf_instance == "concord.my.salesforce.com"
    assert sf.is_sandbox() is False


def test_it_signs_in_with_a_signed_assertion(doors: Doors) -> None:
    """Signs in with a JWT at login.salesforce.com and is sent to its own domain."""
    sf = Salesforce(
        username=doors.keys.salesforce_username,
        consumer_key=doors.keys.salesforce_client_id,
        privatekey=doors.keys.salesforce_key.as_pem(private=True).decode(),
        version="68.0",
    )

    assert sf.sf_instance == "concord.my.salesforce.com"
    assert sf.oauth2("userinfo")["organization_id"].startswith("00D")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"consumer_secret": "wrong"}, "invalid_client"),
        ({"consumer_key": "wrong"}, "invalid_client_id"),
    ],
)
def test_wrong_keys_are_an_authentication_failure(
    doors: Doors, wrong: dict[str, str], code: str
) -> None:
    """Wrong keys: SalesforceAuthenticationFailed with the vendor's code."""
    right = {
        "consumer_key": doors.keys.salesforce_client_id,
        "consumer_secret": doors.keys.salesforce_client_secret,
    }

    with pytest.raises(SalesforceAuthenticationFailed) as failed:
        Salesforce(domain="concord.my", **{**right, **wrong})

    assert failed.value.code == code


def test_an_assertion_for_somebody_else_is_an_authentication_failure(
    doors: Doors,
) -> None:
    """An assertion about an unknown user: SalesforceAuthenticationFailed."""
    with (
        pytest.warns(UserWarning, match="self-authorize"),
        pytest.raises(SalesforceAuthenticationFailed, match="invalid_grant"),
    ):
        Salesforce(
            username="somebody@else.example",
            consumer_key=doors.keys.salesforce_client_id,
            privatekey=doors.keys.salesforce_key.as_pem(private=True).decode(),
        )


def test_it_pages_through_everything(sf: Salesforce, record_property: Any) -> None:
    """Pages through all accounts with query_all_iter, none lost, none twice."""
    query = "SELECT Id, Name FROM Account WHERE Name LIKE 'Customer %' ORDER BY Id"

    ids = [row["Id"] for row in sf.query_all_iter(query)]

    record_property("judged", {"rows": len(ids)})
    assert ids == sorted(salesforce_id("Account", each) for each in range(ACCOUNTS))


def test_it_filters_by_change_time(sf: Salesforce) -> None:
    """Filters by SystemModstamp with a formatted instant."""
    since = datetime(2026, 10, 31, tzinfo=UTC)
    query = format_soql(
        "SELECT Id FROM Account WHERE SystemModstamp >= {} AND Name LIKE 'Customer %'",
        since,
    )

    assert sf.query_all(query)["totalSize"] == ACCOUNTS // 5


def test_it_lists_updated_and_deleted(sf: Salesforce, doors: Doors) -> None:
    """Lists updated and deleted ids, and how far that is the truth."""
    made = sf.Account.create({"Name": "Soon gone"})["id"]
    sf.Account.delete(made)
    start, end = NOW - timedelta(hours=1), NOW + timedelta(hours=1)

    updated = sf.Account.updated(start - timedelta(days=2), end)
    deleted = sf.Account.deleted(start, end)

    assert len(updated["ids"]) >= ACCOUNTS // 5
    assert made in {each["id"] for each in deleted["deletedRecords"]}
    assert updated["latestDateCovered"] == "2026-11-01T12:00:00.000+0000"
    assert doors.store.began_at("salesforce", "Account") is None


def test_it_creates_reads_updates_and_deletes(sf: Salesforce) -> None:
    """Creates, reads, updates and deletes a record; then it is not found."""
    made = sf.Account.create({"Name": "Acme", "Concord_Id__c": "acme"})

    assert made["success"] is True
    assert sf.Account.update(made["id"], {"Website": "https://acme.example"}) == 204
    assert sf.Account.get(made["id"])["Website"] == "https://acme.example"
    assert sf.Account.get_by_custom_id("Concord_Id__c", "acme")["Id"] == made["id"]
    assert sf.Account.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound, match="ENTITY_IS_DELETED"):
        sf.Account.get(made["id"])


def test_it_upserts_by_external_id(sf: Salesforce) -> None:
    """Upserts by external id: 201 the first time, 200 the second."""
    first = sf.Account.upsert("Concord_Id__c/up-1", {"Name": "Upserted"})
    second = sf.Account.upsert("Concord_Id__c/up-1", {"Name": "Upserted again"})

    assert (first, second) == (201, 200)


def test_an_ambiguous_external_id_is_more_than_one_record(sf: Salesforce) -> None:
    """An external id of two records: SalesforceMoreThanOneRecord with addresses."""
    with pytest.raises(SalesforceMoreThanOneRecord) as several:
        sf.Account.upsert("Tax_Id__c/T7", {"Name": "Which?"})

    assert len(several.value.content) == 2


def test_a_wrong_query_is_a_malformed_request(sf: Salesforce) -> None:
    """A wrong query: SalesforceMalformedRequest with the place of the mistake."""
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        sf.query("SELECT Nope FROM Account")

    assert malformed.value.content[0]["errorCode"] == "INVALID_FIELD"
    assert "ERROR at Row:1:Column:8" in malformed.value.content[0]["message"]


def test_a_wrong_value_is_a_malformed_request(sf: Salesforce) -> None:
    """A value that the picklist does not have: SalesforceMalformedRequest."""
    with pytest.raises(SalesforceMalformedRequest, match="RESTRICTED_PICKLIST"):
        sf.Account.update(ACCOUNT, {"Payment_Status__c": "late"})


def test_an_unknown_object_is_not_found(sf: Salesforce) -> None:
    """An object that is not there: SalesforceResourceNotFound."""
    with pytest.raises(SalesforceResourceNotFound, match="NOT_FOUND"):
        sf.Nope__c.describe()


def test_a_moved_record_is_a_general_error(sf: Salesforce) -> None:
    """A precondition that no longer holds (412): SalesforceGeneralError."""
    seen = "Thu, 01 Oct 2026 08:00:00 GMT"

    with pytest.raises(SalesforceGeneralError, match="PRECONDITION_FAILED"):
        sf.Account.update(
            ACCOUNT, {"Name": "Late"}, headers={"If-Unmodified-Since": seen}
        )


def test_a_spent_budget_is_a_refused_request(sf: Salesforce, doors: Doors) -> None:
    """A spent day's budget: SalesforceRefusedRequest; the client knows the usage."""
    sf.query("SELECT COUNT() FROM Account")
    used = sf.api_usage["api-usage"].used
    doors.store.set_conditions({"salesforce": {"daily_calls": used}})

    with pytest.raises(SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
        sf.limits()


def test_an_ended_session_is_renewed_or_told(sf: Salesforce, doors: Doors) -> None:
    """An expired session: renewed where the keys are known, else ExpiredSession."""
    guest = Salesforce(session_id=sf.session_id, instance=sf.sf_instance)
    doors.store.drop("salesforce", "_token", sf.session_id)

    with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
        guest.query("SELECT COUNT() FROM Account")
    assert sf.query("SELECT COUNT() FROM Account")["totalSize"] > ACCOUNTS - 1


def test_it_describes(sf: Salesforce) -> None:
    """Describes all objects and one, with its fields."""
    names = {each["name"] for each in sf.describe()["sobjects"]}
    fields = {each["name"]: each for each in sf.Account.describe()["fields"]}

    assert {"Account", "Order", "SBQQ__Quote__c"} <= names
    assert fields["Concord_Id__c"]["externalId"] is True
    assert sf.Account.metadata()["objectDescribe"]["keyPrefix"] == "001"


def test_it_reads_in_bulk(sf: Salesforce) -> None:
    """Reads everything as CSV with Bulk 2.0, in pieces, by locator."""
    query = "SELECT Id, Name, SystemModstamp FROM Account WHERE Name LIKE 'Customer %'"

    pieces = list(sf.bulk2.Account.query(query, max_records=1000, wait=0))

    rows = [row for piece in pieces for row in csv.DictReader(piece.splitlines())]
    assert [len(piece.splitlines()) for piece in pieces] == [1001, 1001, 501]
    assert {row["Id"] for row in rows} == {
        salesforce_id("Account", each) for each in range(ACCOUNTS)
    }


def test_it_writes_in_bulk(sf: Salesforce) -> None:
    """Inserts, upserts and deletes with Bulk 2.0; each row has its own outcome."""
    rows = [
        {"Name": "Bulk 1", "Concord_Id__c": "b1", "Website": ""},
        {"Name": "", "Concord_Id__c": "", "Website": "https://x.example"},
    ]
    [inserted] = sf.bulk2.Account.insert(records=rows, wait=0)
    outcome = sf.bulk2.Account.get_all_ingest_records(inserted["job_id"])
    [upserted] = sf.bulk2.Account.upsert(
        records=[{"Name": "Bulk 1b", "Concord_Id__c": "b1"}],
        external_id_field="Concord_Id__c",
        wait=0,
    )
    made = outcome["successfulRecords"][0]["sf__Id"]
    [deleted] = sf.bulk2.Account.delete(records=[{"Id": made}], wait=0)

    assert inserted["numberRecordsFailed"] == 1
    assert outcome["failedRecords"][0]["sf__Error"].startswith("REQUIRED_FIELD_MISSING")
    assert upserted["numberRecordsFailed"] == deleted["numberRecordsFailed"] == 0
    with pytest.raises(SalesforceResourceNotFound):
        sf.Account.get(made)


def test_a_killed_job_is_an_operation_error(sf: Salesforce, doors: Doors) -> None:
    """A bulk job that is killed: SalesforceOperationError, and the rest is listed."""
    doors.store.set_conditions({"salesforce": {"kill_jobs_after_rows": 1}})
    rows = [{"Name": f"Killed {number}"} for number in range(3)]

    with pytest.raises(SalesforceOperationError, match="InternalServerError"):
        sf.bulk2.Account.insert(records=rows, wait=0)

    job = sf.restful("jobs/ingest")["records"][0]
    rest = sf.bulk2.Account.get_unprocessed_records(job["id"])
    assert rest.splitlines()[1:] == ['"Killed 1"', '"Killed 2"']


def test_it_sends_a_composite(sf: Salesforce) -> None:
    """Sends a composite request whose second part uses the first's id."""
    answer = sf.restful(
        "composite",
        method="POST",
        json={
            "allOrNone": True,
            "compositeRequest": [
                {
                    "method": "POST",
                    "url": "/services/data/v59.0/sobjects/Account",
                    "referenceId": "acct",
                    "body": {"Name": "Composite"},
                },
                {
                    "method": "POST",
                    "url": "/services/data/v59.0/sobjects/Contact",
                    "referenceId": "who",
                    "body": {"LastName": "Composite", "AccountId": "@{acct.id}"},
                },
            ],
        },
    )

    parts = answer["compositeResponse"]
    assert [each["httpStatusCode"] for each in parts] == [201, 201]
