"""SOQL as Salesforce answers it, and what it refuses."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

ACCOUNT = "001Hs0000000001IAA"


def names(response: httpx.Response) -> list[str]:
    """Return the ids of a query's rows, shortened to their number."""
    return [row["Id"][12:15].lstrip("0") for row in response.json()["records"]]


def test_a_row_has_attributes_and_nulls(served: Any) -> None:
    """Fields come as asked, spelled as Salesforce does, null where there is nothing."""
    response = served.soql(
        f"select id, NAME, tax_id__c, IsDeleted from account where Id = '{ACCOUNT}'"
    )

    assert response.headers["sforce-limit-info"] == "api-usage=1/100000"
    assert response.json() == {
        "totalSize": 1,
        "done": True,
        "records": [
            {
                "attributes": {
                    "type": "Account",
                    "url": f"/services/data/v68.0/sobjects/Account/{ACCOUNT}",
                },
                "Id": ACCOUNT,
                "Name": "Customer 1",
                "Tax_Id__c": None,
                "IsDeleted": False,
            }
        ],
    }


def test_money_keeps_its_digits(reading: Any) -> None:
    """An amount arrives as it was entered, not as the nearest float."""
    response = reading.soql("SELECT Amount FROM Opportunity ORDER BY Amount LIMIT 1")

    assert b'"Amount":1000.10}' in response.content


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("", ["1", "2", "3"]),
        ("WHERE Name = 'o\\'HARA & \"söhne\"'", ["2"]),
        ("WHERE Name != 'Customer 1'", ["2", "3"]),
        ("WHERE Tax_Id__c = null", ["1", "3"]),
        ("WHERE Tax_Id__c != NULL", ["2"]),
        ("WHERE Payment_Status__c IN ('current', 'past_due')", ["1", "2"]),
        ("WHERE Payment_Status__c NOT IN ('past_due')", ["1", "2", "3"]),
        ("WHERE SystemModstamp >= 2026-10-02T09:00:00Z", ["2", "3"]),
        ("WHERE SystemModstamp > 2026-10-02T09:00:00.000+00:00", []),
        ("WHERE SystemModstamp < 2026-10-01T11:00:00+0200", []),
        ("WHERE Id > '001Hs0000000001IAA' AND IsDeleted = false", ["2", "3"]),
        (
            "WHERE (Name = 'Customer 1' OR Name = 'Customer 3') AND Tax_Id__c = null",
            ["1", "3"],
        ),
        ("WHERE Name LIKE 'customer%' AND NOT Name LIKE '%_3'", ["1"]),
        ("WHERE Name LIKE '%SÖHNE_'", ["2"]),
        ("WHERE Name LIKE 'Customer\\_1'", []),
        ("WHERE Id = '001Hs0000000002'", ["2"]),
        ("WHERE Id NOT IN ('001Hs0000000002', null)", ["1", "3"]),
        ("WHERE Tax_Id__c NOT IN ('x', null)", ["2"]),
        ("WHERE CreatedDate < LAST_N_DAYS:30", ["1", "2", "3"]),
        ("WHERE SystemModstamp = LAST_MONTH", ["1", "2", "3"]),
        ("WHERE SystemModstamp = N_DAYS_AGO:30 OR CreatedDate = TODAY", ["2", "3"]),
        ("WHERE SystemModstamp > YESTERDAY", []),
        ("WHERE CALENDAR_YEAR(CreatedDate) = 2024 AND Name = 'Customer 1'", ["1"]),
        ("WHERE Id IN (SELECT AccountId FROM Opportunity WHERE Amount > 3000)", ["2"]),
        ("WHERE Id NOT IN (SELECT AccountId FROM Contact)", ["3"]),
        ("ORDER BY Name DESC LIMIT 1 OFFSET 1", ["3"]),
        ("ORDER BY Payment_Status__c DESC, Id", ["3", "1", "2"]),
        ("WHERE NOT Name = 'Customer 1'", ["2", "3"]),
        ("ORDER BY Tax_Id__c NULLS LAST, Id DESC", ["2", "3", "1"]),
        ("ORDER BY Tax_Id__c, Id DESC", ["3", "1", "2"]),
        ("ORDER BY SystemModstamp DESC, Id ASC LIMIT 2", ["2", "3"]),
    ],
)
def test_soql_finds_what_it_says(reading: Any, clause: str, found: list[str]) -> None:
    """Comparisons, null, text without case, instants, precedence, order and limit."""
    response = reading.soql(f"SELECT Id FROM Account {clause}")

    assert response.status_code == 200, response.text
    assert names(response) == found


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("WHERE Amount > 2000 AND Amount <= 3000.10", ["2", "3"]),
        ("WHERE CloseDate >= 2026-02-15 AND IsWon = true", ["2", "3"]),
        ("WHERE CloseDate IN (2026-01-15, 2026-03-15)", ["1", "3"]),
    ],
)
def test_soql_compares_numbers_days_and_flags(
    reading: Any, clause: str, found: list[str]
) -> None:
    """A literal has a type, and it is the field's."""
    assert names(reading.soql(f"SELECT Id FROM Opportunity {clause}")) == found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Nope = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Account ORDER BY Nope", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE SystemModstamp > '2026-01-01'", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT Id FROM Account WHERE Name LIKE '%\0zz%'", "MALFORMED_QUERY"),
        ("SELECT Id FROM", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name LIKE 5", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Id LIKE '0%'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Account WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
        (
            "SELECT Id FROM Account WHERE IsDeleted > true",
            "INVALID_QUERY_FILTER_OPERATOR",
        ),
        ("SELECT Id FROM Account WHERE Name > null", "INVALID_QUERY_FILTER_OPERATOR"),
        (
            "SELECT Id FROM Account WHERE Name INCLUDES ('a')",
            "INVALID_QUERY_FILTER_OPERATOR",
        ),
        (
            "SELECT Id FROM Account WHERE Name IN (SELECT Id FROM Contact)",
            "INVALID_QUERY_FILTER_OPERATOR",
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT Name FROM Contact)",
            "MALFORMED_QUERY",
        ),
        ("SELECT Id FROM Account WHERE Name = :name", "MALFORMED_QUERY"),
        (
            "SELECT Id FROM Account WHERE Name = 'a' OR Id = 'b' AND Id = 'c'",
            "MALFORMED_QUERY",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:99999999",
            "MALFORMED_QUERY",
        ),
        ("SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = TODAY", "INVALID_FIELD"),
        ("SELECT Id, Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id x FROM Account", "MALFORMED_QUERY"),
        ("SELECT Nope.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Account.Nope FROM Contact", "INVALID_FIELD"),
        ("SELECT (SELECT Id FROM Nopes) FROM Account", "INVALID_TYPE"),
        ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY"),
        ("SELECT FIELDS(CUSTOM) FROM Account LIMIT 201", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY"),
        ("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY"),
        ("SELECT AVG(Nope) FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE COUNT(Id) > 1", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE " + "(" * 60, "QUERY_TOO_COMPLICATED"),
        ("SELECT Id FROM Account WHERE Name = 'open", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY"),
        ("SELECT CreatedDate FROM Account GROUP BY CreatedDate", "MALFORMED_QUERY"),
        (
            "SELECT Id FROM Account WHERE SystemModstamp > 2026-13-01T00:00:00Z",
            "MALFORMED_QUERY",
        ),
        ("", "MALFORMED_QUERY"),
        ("DELETE FROM Account", "MALFORMED_QUERY"),
    ],
)
def test_what_soql_does_not_understand_it_refuses(
    reading: Any, query: str, code: str
) -> None:
    """Never an empty answer to a question that was not understood."""
    response = reading.soql(query)

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, code)


def test_an_error_shows_the_place(reading: Any) -> None:
    """The message quotes the line and points at the word, counting from one."""
    response = reading.soql("SELECT Id,\n  Nope FROM Account")

    assert response.json()[0]["message"] == (
        "\n  Nope FROM Account\n  ^\nERROR at Row:2:Column:3\n"
        "No such column 'Nope' on entity 'Account'. If you are attempting to use a "
        "custom field, be sure to append the '__c' after the custom field name. Please "
        "reference your WSDL or the describe call for the appropriate names."
    )


def test_a_parent_is_an_object_or_null(reading: Any) -> None:
    """A parent's fields stand within it, with attributes of its own."""
    [row] = reading.soql(
        "SELECT o.Name, Account.Name, o.Account.Duplicate_Of__r.Name "
        "FROM Opportunity o WHERE Account.Name = 'customer 1' ORDER BY Id LIMIT 1"
    ).json()["records"]

    assert row["Account"] == {
        "attributes": {
            "type": "Account",
            "url": f"/services/data/v68.0/sobjects/Account/{ACCOUNT}",
        },
        "Name": "Customer 1",
        "Duplicate_Of__r": None,
    }


def test_children_are_a_result_of_their_own(reading: Any) -> None:
    """A query within the query gives each row its children, or null."""
    rows = reading.soql(
        "SELECT Id, (SELECT LastName FROM Contacts WHERE FirstName = 'ZOË' "
        "ORDER BY LastName DESC) FROM Account ORDER BY Id"
    ).json()["records"]

    assert [row["Contacts"] and row["Contacts"]["totalSize"] for row in rows] == [
        *(2, 1, None),
    ]
    assert rows[0]["Contacts"]["done"] is True
    assert [each["LastName"] for each in rows[0]["Contacts"]["records"]] == [
        *("Person 2", "Person 1"),
    ]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (
            (
                "SELECT AccountId, COUNT(Id) deals, SUM(Amount), AVG(Amount) mean "
                "FROM Opportunity GROUP BY AccountId ORDER BY COUNT(Id) DESC"
            ),
            [
                {
                    "AccountId": ACCOUNT,
                    "deals": 2,
                    "expr0": Decimal("3000.2"),
                    "mean": Decimal("1500.1"),
                },
                {
                    "AccountId": "001Hs0000000002IAA",
                    "deals": 1,
                    "expr0": Decimal("3000.1"),
                    "mean": Decimal("3000.1"),
                },
            ],
        ),
        (
            (
                "SELECT Account.Name, MAX(CloseDate) last FROM Opportunity "
                "GROUP BY Account.Name HAVING COUNT(Id) > 1"
            ),
            [{"Name": "Customer 1", "last": "2026-02-15"}],
        ),
        (
            (
                "SELECT CALENDAR_MONTH(CloseDate) month, MIN(Amount) least "
                "FROM Opportunity WHERE IsWon = true "
                "GROUP BY CALENDAR_MONTH(CloseDate) ORDER BY MIN(Amount)"
            ),
            [
                {"month": 2, "least": Decimal("2000.1")},
                {"month": 3, "least": Decimal("3000.1")},
            ],
        ),
        (
            "SELECT COUNT_DISTINCT(AccountId), COUNT(Name) FROM Contact",
            [{"expr0": 2, "expr1": 3}],
        ),
        ("SELECT SUM(Amount) FROM Opportunity WHERE Name = 'x'", [{"expr0": None}]),
    ],
)
def test_groups_are_summed_exactly(
    reading: Any, query: str, rows: list[dict[str, Any]]
) -> None:
    """Aggregates have their alias or a number, and lose no cent."""
    assert reading.found(query) == rows


def test_fields_stand_for_all_of_them(reading: Any) -> None:
    """FIELDS() gives the standard fields, the custom ones, or all."""
    [standard] = reading.found("SELECT FIELDS(STANDARD) FROM Contact LIMIT 1")
    [custom] = reading.found("SELECT FIELDS(CUSTOM), Id FROM Contact LIMIT 1")
    [every] = reading.found("SELECT FIELDS(ALL) FROM Contact LIMIT 1")

    assert not any(name.endswith("__c") for name in standard)
    assert set(custom) == {"Concord_Id__c", "Id"}
    assert set(every) == set(standard) | set(custom)


def test_a_multiple_picklist_is_searched_by_value(served: Any) -> None:
    """INCLUDES finds any of the values; a semicolon asks for both."""
    drift = {"object": "Account", "field": "Regions__c", "change": "added"}
    served.conditions(drift=[{**drift, "type": "multipicklist"}])
    served.edit("Account", ACCOUNT, Regions__c="North;South")
    served.edit("Account", "001Hs0000000002IAA", Regions__c="South")

    def found(condition: str) -> list[str]:
        query = f"SELECT Id FROM Account WHERE Regions__c {condition} ORDER BY Id"
        return names(served.soql(query))

    assert found("INCLUDES ('North;South', 'East')") == ["1"]
    assert found("INCLUDES ('South')") == ["1", "2"]
    assert found("EXCLUDES ('North')") == ["2", "3"]


def test_count_counts(reading: Any) -> None:
    """COUNT() gives a number and no rows."""
    response = reading.soql("SELECT COUNT() FROM Account")

    assert response.json() == {"totalSize": 3, "done": True, "records": []}


def test_query_all_sees_the_recycle_bin(reading: Any) -> None:
    """`queryAll` returns deleted rows too, marked as such."""
    query = {"q": "SELECT Id, IsDeleted FROM Account WHERE IsDeleted = true"}

    assert names(reading.salesforce.get("/queryAll", params=query)) == ["4"]
    assert names(reading.salesforce.get("/query", params=query)) == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT Id FROM Order",
        "SELECT o.Id FROM Order o WHERE o.Status = 'Activated' ORDER BY o.Id LIMIT 1",
        "SELECT Id FROM order ORDER BY OrderNumber",
        "SELECT Id FROM OrderItem WHERE OrderId IN (SELECT Id FROM Order)",
    ],
)
def test_an_order_is_an_object_too(reading: Any, query: str) -> None:
    """Its name is a word of the language, and understood where an object stands."""
    assert reading.found(query) == []


def test_order_by_names_no_object(reading: Any) -> None:
    """A query whose object is missing is refused."""
    response = reading.soql("SELECT Id FROM ORDER BY Id")

    assert response.json()[0]["errorCode"] == "MALFORMED_QUERY"
