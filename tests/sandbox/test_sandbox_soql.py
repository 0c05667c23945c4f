"""SOQL as Salesforce answers it, and what it refuses."""

from typing import Any

import httpx
import pytest

ACCOUNT = "001Hs0000000001AAA"


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
        ("WHERE Id > '001Hs0000000001AAA' AND IsDeleted = false", ["2", "3"]),
        (
            "WHERE (Name = 'Customer 1' OR Name = 'Customer 3') AND Tax_Id__c = null",
            ["1", "3"],
        ),
        ("WHERE Name = 'Customer 1' OR Name = 'Customer 3' AND Tax_Id__c = 'x'", ["1"]),
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
        ("SELECT Id FROM", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name LIKE 'a%'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'open", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account GROUP BY Id", "MALFORMED_QUERY"),
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


def test_count_counts(reading: Any) -> None:
    """COUNT() gives a number and no rows."""
    response = reading.soql("SELECT COUNT() FROM Account")

    assert response.json() == {"totalSize": 3, "done": True, "records": []}


def test_query_all_sees_the_recycle_bin(reading: Any) -> None:
    """`queryAll` returns deleted rows too, marked as such."""
    query = {"q": "SELECT Id, IsDeleted FROM Account WHERE IsDeleted = true"}

    assert names(reading.salesforce.get("/queryAll", params=query)) == ["4"]
    assert names(reading.salesforce.get("/query", params=query)) == []
