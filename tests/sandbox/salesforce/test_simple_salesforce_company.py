"""The client simple-salesforce, unmodified, among the records of a company."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceGeneralError,
    SalesforceMalformedRequest,
)

from sandbox.clock import Clock
from sandbox.company.company import Company, build
from sandbox.credentials import Credentials
from sandbox.salesforce.documents import salesforce_documents
from tests.sandbox.doors import Doors, opened

pytestmark = pytest.mark.judge("simple-salesforce 1.12.10")

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LINES = "SELECT Id, Quantity, Opportunity.Owner.Name FROM OpportunityLineItem"


@dataclass(frozen=True, slots=True)
class World:
    """The company and its records."""

    company: Company
    documents: Any
    planted: tuple[Any, ...] = ()


@pytest.fixture(scope="module")
def world() -> World:
    """A company with more than 2,000 lines, and with bundles."""
    features = frozenset({"bundles", "lifecycle", "marketing"})
    company = build(7, 420, 12, date(2026, 10, 31), features=features)
    return World(company, {"salesforce": salesforce_documents(company)})


@pytest.fixture(scope="module")
def doors(keys: Credentials, world: World) -> Iterator[Doors]:
    """Its organisation."""
    clock = Clock(NOW, running=False)
    with (
        opened(world, keys, clock, only=("salesforce",)) as doors,
        doors.judge_environment(),
    ):
        yield doors


@pytest.fixture(scope="module")
def sf(doors: Doors) -> Iterator[Salesforce]:
    """A client that signed in."""
    with requests.Session() as session:
        yield Salesforce(
            consumer_key=doors.keys.salesforce_client_id,
            consumer_secret=doors.keys.salesforce_client_secret,
            domain="concord.my",
            version="68.0",
            session=session,
        )


def test_whatever_is_listed_is_described_and_queried(sf: Salesforce) -> None:
    """Each object of the list answers describe; all of its fields can be selected."""
    listed = [each["name"] for each in sf.describe()["sobjects"]]

    for name in listed:
        fields = getattr(sf, name).describe()["fields"]
        asked = ", ".join(each["name"] for each in fields)
        assert sf.query(f"SELECT {asked} FROM {name} LIMIT 1")["totalSize"] <= 1

    assert {"User", "Asset", "OpportunityLineItem", "SBQQ__ProductOption__c"} <= {
        *listed
    }


def test_whatever_is_referred_to_is_listed(sf: Salesforce) -> None:
    """A reference never names an object that nobody can describe."""
    listed = [each["name"] for each in sf.describe()["sobjects"]]

    referred = {
        target
        for name in listed
        for field in getattr(sf, name).describe()["fields"]
        for target in field["referenceTo"]
    }

    assert referred <= {*listed}


def test_whatever_the_company_has_is_listed(sf: Salesforce, world: World) -> None:
    """No record of the company is of an object that a reader cannot find."""
    listed = {each["name"] for each in sf.describe()["sobjects"]}

    assert world.documents["salesforce"].keys() <= listed


def test_it_reads_lines_with_their_owners_in_bulk(sf: Salesforce, world: World) -> None:
    """More than 2,000 rows by maxRecords and locator, none lost, none twice."""
    records = world.documents["salesforce"]
    owners = {each["Id"]: each["OwnerId"] for each in records["Opportunity"]}
    names = {
        each["Id"]: each["Name"]
        for each in sf.query("SELECT Id, Name FROM User")["records"]
    }

    pieces = list(sf.bulk2.OpportunityLineItem.query(LINES, max_records=900, wait=0))

    rows = [row for piece in pieces for row in csv.DictReader(piece.splitlines())]
    assert len(rows) > 2000
    assert [len(piece.splitlines()) for piece in pieces[:-1]] == [901] * (
        len(rows) // 900
    )
    assert [(row["Id"], row["Opportunity.Owner.Name"]) for row in rows] == sorted(
        (each["Id"], names[owners[each["OpportunityId"]]])
        for each in records["OpportunityLineItem"]
    )


def test_it_pages_through_lines(sf: Salesforce, world: World) -> None:
    """By REST the same rows come on several pages."""
    found = sf.query_all(LINES)

    assert found["totalSize"] == len(found["records"])
    assert {each["Id"] for each in found["records"]} == {
        each["Id"] for each in world.documents["salesforce"]["OpportunityLineItem"]
    }


def test_it_changes_an_owner(sf: Salesforce, world: World) -> None:
    """The new owner is seen in a query; an id that is no user's is refused."""
    [account, *_] = world.documents["salesforce"]["Account"]
    [user] = sf.query("SELECT Id FROM User WHERE Name = 'Yuki Sato'")["records"]

    sf.Account.update(account["Id"], {"OwnerId": user["Id"]})

    [row] = sf.query(
        "SELECT Owner.Name, LastModifiedBy.Name FROM Account"
        f" WHERE Id = '{account['Id']}'"
    )["records"]
    assert row["Owner"]["Name"] == "Yuki Sato"
    assert row["LastModifiedBy"]["Name"] == "Concord Integration"
    with pytest.raises(SalesforceMalformedRequest, match="FIELD_INTEGRITY_EXCEPTION"):
        sf.Account.update(account["Id"], {"OwnerId": account["Id"]})


def test_new_objects_are_read_if_modified(sf: Salesforce, world: World) -> None:
    """If-Modified-Since and If-Unmodified-Since protect an asset as any record."""
    [asset, *_] = world.documents["salesforce"]["Asset"]
    path = f"sobjects/Asset/{asset['Id']}"
    late, early = "Sun, 01 Nov 2026 11:00:00 GMT", "Mon, 01 Jan 2024 00:00:00 GMT"

    with pytest.raises(SalesforceGeneralError) as unchanged:
        sf.Asset.get(asset["Id"], headers={"If-Modified-Since": late})
    parts = sf.restful(
        "composite",
        method="POST",
        json={
            "compositeRequest": [
                {
                    "method": "PATCH",
                    "url": f"/services/data/v68.0/{path}",
                    "referenceId": f"part{place}",
                    "httpHeaders": {"If-Unmodified-Since": at},
                    "body": {"Status": "Registered"},
                }
                for place, at in enumerate((early, late))
            ]
        },
    )["compositeResponse"]

    assert unchanged.value.status == 304
    assert [each["httpStatusCode"] for each in parts] == [412, 204]
    assert sf.Asset.get(asset["Id"])["Status"] == "Registered"
