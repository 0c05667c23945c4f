"""Users: whose a record is, who made it, who changed it last."""

from datetime import date
from typing import Any

import pytest

from sandbox.company.company import Company, build
from sandbox.company.features import ALL_FEATURES
from sandbox.credentials import Credentials
from sandbox.hubspot.documents import hubspot_documents
from sandbox.salesforce.documents import salesforce_documents
from sandbox.salesforce.users import SELLERS, USER_ID, USERS

ACCOUNT = "001Hs0000000001IAA"
CONTACT = "003Hs0000000001IAA"
MARA, THEO, GONE = (f"005Hs000000000{number}IAA" for number in (2, 3, 5))
OWNED = ("Account", "Contact", "Lead", "Campaign", "Opportunity", "Contract", "Order")

Document = dict[str, Any]


@pytest.fixture(scope="module")
def company() -> Company:
    """A small company that has everything a company can have."""
    return build(7, 40, 12, date(2026, 10, 31), features=ALL_FEATURES)


@pytest.fixture(scope="module")
def records(company: Company) -> dict[str, list[Document]]:
    """Its records."""
    return salesforce_documents(company)


def test_users_are_people_and_the_integration(reading: Any) -> None:
    """A reader of users learns names, addresses, profiles and who is gone."""
    users = reading.found(
        "SELECT Id, Name, Username, Email, IsActive, UserType, Profile.Name FROM User"
        " ORDER BY Id"
    )

    assert len({each["Username"] for each in users}) == len(users) == len(USERS)
    assert {each["UserType"] for each in users} == {"Standard"}
    assert [each["Name"] for each in users if not each["IsActive"]] == ["Clara Moreau"]
    assert users[0] == {
        "Id": USER_ID,
        "Name": "Concord Integration",
        "Username": "integration@concord.example",
        "Email": "integration@concord.example",
        "IsActive": True,
        "UserType": "Standard",
        "Profile": {
            "attributes": {
                "type": "Profile",
                "url": "/services/data/v68.0/sobjects/Profile/00eHs0000000001IAA",
            },
            "Name": "Minimum Access - API Only Integrations",
        },
    }


def test_the_session_is_the_integration_user(served: Any, keys: Credentials) -> None:
    """The user of userinfo is a record, with the name that signs in."""
    told = served.salesforce.get(
        "https://concord.my.salesforce.com/services/oauth2/userinfo"
    ).json()

    user = served.salesforce.get(f"sobjects/User/{told['user_id']}").json()

    assert user["Username"] == told["preferred_username"] == keys.salesforce_username
    assert user["Name"] == told["name"]


def test_sellers_are_the_owners_of_marketing(company: Company) -> None:
    """Both systems know the same people, and an account's is its company's."""
    hubspot = hubspot_documents(company)
    emails = {each["id"]: each["email"] for each in hubspot["owners"]}
    by_account = {
        each["properties"]["salesforceaccountid"]: emails[
            each["properties"]["hubspot_owner_id"]
        ]
        for each in hubspot["companies"]
        if "salesforceaccountid" in each["properties"]
    }
    sellers = {each["Id"]: each["Email"] for each in SELLERS}

    accounts = salesforce_documents(company)["Account"]

    assert sorted(emails.values()) == sorted(sellers.values())
    assert by_account
    assert {
        each["Id"]: sellers[each["OwnerId"]]
        for each in accounts
        if each["Id"] in by_account
    } == by_account


@pytest.mark.parametrize("name", OWNED)
def test_every_record_is_an_active_users(
    records: dict[str, list[Document]], name: str
) -> None:
    """No record of the company is nobody's, or somebody's who left."""
    sellers = {each["Id"] for each in SELLERS}

    assert records[name]
    assert {each["OwnerId"] for each in records[name]} <= sellers


def test_what_belongs_to_an_account_is_its_owners(
    records: dict[str, list[Document]],
) -> None:
    """Contacts, deals, contracts, orders and assets are with their account's owner."""
    owners = {each["Id"]: each["OwnerId"] for each in records["Account"]}

    for name in ("Contact", "Opportunity", "Contract", "Order", "Asset"):
        for each in records[name]:
            assert each["OwnerId"] == owners[each["AccountId"]]


def test_every_record_tells_who_made_and_changed_it(
    records: dict[str, list[Document]],
) -> None:
    """All five stamps are on every record, and name users that there are."""
    users = {each["Id"] for each in USERS}

    for rows in records.values():
        for row in rows:
            assert {row["CreatedById"], row["LastModifiedById"]} <= users
            assert row["CreatedDate"] <= row["LastModifiedDate"]
            assert row["SystemModstamp"]


def test_soql_reaches_the_owner(reading: Any) -> None:
    """Owner and CreatedBy are parents like any other: shown, compared and grouped."""
    [row] = reading.soql(
        "SELECT Owner.Name, CreatedBy.Username, LastModifiedBy.Name FROM Account"
        f" WHERE Owner.Email LIKE 'mara.%' AND Id = '{ACCOUNT}'"
    ).json()["records"]
    counted = reading.found(
        "SELECT Owner.Name, COUNT(Id) n FROM Contact GROUP BY Owner.Name"
    )

    assert row["Owner"] == {
        "attributes": {
            "type": "User",
            "url": f"/services/data/v68.0/sobjects/User/{MARA}",
        },
        "Name": "Mara Lindqvist",
    }
    assert row["CreatedBy"]["Username"] == "mara.lindqvist@concord.example"
    assert row["LastModifiedBy"]["Name"] == "Concord Integration"
    assert counted == [{"Name": "Mara Lindqvist", "n": 3}]


@pytest.mark.parametrize("name", OWNED)
def test_describe_tells_of_the_owner(reading: Any, name: str) -> None:
    """It may be written and is never empty; who made the record may only be read."""
    described = reading.salesforce.get(f"sobjects/{name}/describe").json()["fields"]
    fields = {each["name"]: each for each in described}

    told = {
        key: [
            *(fields[key]["relationshipName"], fields[key]["referenceTo"]),
            *(fields[key]["updateable"], fields[key]["nillable"]),
        ]
        for key in ("OwnerId", "CreatedById", "LastModifiedById")
    }

    assert told == {
        "OwnerId": ["Owner", ["User"], True, False],
        "CreatedById": ["CreatedBy", ["User"], False, False],
        "LastModifiedById": ["LastModifiedBy", ["User"], False, False],
    }


def test_a_new_record_is_the_sessions(served: Any) -> None:
    """Whoever writes owns what is given to nobody else."""
    mine = served.salesforce.post("sobjects/Account", json={"Name": "Mine"}).json()
    hers = served.salesforce.post(
        "sobjects/Account", json={"Name": "Hers", "OwnerId": THEO[:15]}
    ).json()

    made = [served.held("Account", each["id"]) for each in (mine, hers)]

    assert [each["OwnerId"] for each in made] == [USER_ID, THEO]
    assert {each["CreatedById"] for each in made} == {USER_ID}
    assert {each["LastModifiedById"] for each in made} == {USER_ID}


def test_a_record_is_given_to_somebody_else(served: Any) -> None:
    """The owner changes, and the last to change the record is the session's user."""
    served.edit("Account", ACCOUNT, Name="By hand")
    assert served.held("Account", ACCOUNT)["LastModifiedById"] == MARA

    response = served.salesforce.patch(
        f"sobjects/Account/{ACCOUNT}", json={"OwnerId": THEO}
    )

    held = served.held("Account", ACCOUNT)
    assert response.status_code == 204
    assert (held["OwnerId"], held["LastModifiedById"]) == (THEO, USER_ID)
    assert held["CreatedById"] == MARA


@pytest.mark.parametrize(
    ("record", "owner", "code", "sentence"),
    [
        (
            *(f"Account/{ACCOUNT}", CONTACT, "FIELD_INTEGRITY_EXCEPTION"),
            f"Owner ID: id value of incorrect type: {CONTACT}",
        ),
        (
            *(f"Account/{ACCOUNT}", "005Hs0000000999IAA"),
            *("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        ),
        (
            *(f"Account/{ACCOUNT}", None, "INVALID_CROSS_REFERENCE_KEY"),
            "Owner ID: owner cannot be blank",
        ),
        (
            *(f"Contact/{CONTACT}", GONE, "INACTIVE_OWNER_OR_USER"),
            f"operation performed with inactive user [{GONE[:15]}] as owner of contact",
        ),
        (
            f"Account/{ACCOUNT}",
            "me",
            "MALFORMED_ID",
            "OwnerId: id value of incorrect type: me",
        ),
    ],
)
def test_a_record_is_not_given_to_anybody(
    served: Any, record: str, owner: str | None, code: str, sentence: str
) -> None:
    """Another object's id, an unknown one, none, and somebody who left are refused."""
    response = served.salesforce.patch(f"sobjects/{record}", json={"OwnerId": owner})

    assert response.status_code == 400
    [error] = response.json()
    assert (error["errorCode"], error["message"]) == (code, sentence)
    assert served.store.journal == []


def test_an_account_may_stay_with_somebody_who_left(served: Any) -> None:
    """Since Spring '15 accounts may, unlike contacts."""
    response = served.salesforce.patch(
        f"sobjects/Account/{ACCOUNT}", json={"OwnerId": GONE}
    )

    assert response.status_code == 204


def test_users_are_read_only(served: Any) -> None:
    """The integration may neither make, change nor delete one."""
    path = f"sobjects/User/{MARA}"

    answers = [
        served.salesforce.post("sobjects/User", json={"LastName": "New"}),
        served.salesforce.patch(path, json={"IsActive": False}),
        served.salesforce.delete(path),
    ]

    assert [each.status_code for each in answers] == [400, 400, 400]
    assert [each.json()[0]["errorCode"] for each in answers] == [
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "INVALID_TYPE_FOR_OPERATION",
    ]
    assert served.soql("SELECT IsDeleted FROM User").json()[0]["errorCode"] == (
        "INVALID_FIELD"
    )
