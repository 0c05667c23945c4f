"""Rules of a Salesforce organisation: contradictions, duplicates, and drift."""

from typing import Any

ACCOUNT = "001Hs0000000001IAA"
DEAL = "006Hs0000000001IAA"


def test_a_validation_rule_refuses_the_record_as_it_would_be(served: Any) -> None:
    """The rule sees old and new values together and names the field."""
    response = served.salesforce.patch(
        f"sobjects/Opportunity/{DEAL}", json={"Amount": -1}
    )

    assert response.status_code == 400
    assert response.json() == [
        {
            "message": "The amount of an opportunity is not negative.",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": ["Amount"],
        }
    ]


def test_an_administrator_may_write_other_rules(served: Any) -> None:
    """The condition replaces the rules, and nonsense in it is left out."""
    rule = {
        "object": "Account",
        "field": "Name",
        "operator": "starts_with",
        "value": "Test",
        "message": "No tests here.",
    }
    served.conditions(validation_rules=[rule, "nonsense"])

    named = served.salesforce.patch(
        f"sobjects/Account/{ACCOUNT}", json={"Name": "Test 1"}
    )
    negative = served.salesforce.patch(
        f"sobjects/Opportunity/{DEAL}", json={"Amount": -1}
    )

    assert named.json()[0]["message"] == "No tests here."
    assert negative.status_code == 204


def test_a_duplicate_is_reported_with_its_matches(served: Any) -> None:
    """The error says which rule, which records, and that it may be saved anyway."""
    account = {"Name": "CUSTOMER 1"}

    refused = served.salesforce.post("sobjects/Account", json=account)
    saved = served.salesforce.post(
        "sobjects/Account",
        json=account,
        headers={"Sforce-Duplicate-Rule-Header": "allowSave=true"},
    )

    [error] = refused.json()
    result = error["duplicateResult"]
    assert (refused.status_code, error["errorCode"]) == (400, "DUPLICATES_DETECTED")
    assert result["allowSave"] is True
    assert result["matchResults"][0]["matchRecords"][0]["record"]["Id"] == ACCOUNT
    assert saved.status_code == 201


def test_a_blocking_rule_takes_no_excuse(served: Any) -> None:
    """A rule that blocks does so on updates too, if it says so."""
    rule = {
        "object": "Account",
        "fields": ["Name", "BillingCountry"],
        "on": ["create", "update"],
        "action": "block",
    }
    served.conditions(duplicate_rules=[rule])
    url = "sobjects/Account/001Hs0000000003IAA"
    anyway = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}

    blocked = served.salesforce.patch(url, json={"Name": "Customer 1"}, headers=anyway)
    elsewhere = served.salesforce.patch(
        url, json={"Name": "Customer 1", "BillingCountry": "DE"}, headers=anyway
    )

    assert blocked.json()[0]["errorCode"] == "DUPLICATES_DETECTED"
    assert elsewhere.status_code == 204


def test_fields_come_and_go(served: Any) -> None:
    """Drift shows in describe, in queries and in writes alike."""
    served.conditions(
        drift=[
            {"object": "Account", "field": "Website", "change": "removed"},
            {
                "object": "Account",
                "field": "Score__c",
                "change": "added",
                "type": "int",
            },
            {
                "object": "Account",
                "field": "Tax_Id__c",
                "change": "retyped",
                "type": "double",
            },
        ]
    )
    url = f"sobjects/Account/{ACCOUNT}"

    described = served.salesforce.get("sobjects/Account/describe").json()
    fields = {each["name"]: each["type"] for each in described["fields"]}
    gone = served.soql("SELECT Website FROM Account")
    added = served.salesforce.patch(url, json={"Score__c": 7})
    retyped = served.salesforce.patch(url, json={"Tax_Id__c": "DE1"})

    assert "Website" not in fields
    assert (fields["Score__c"], fields["Tax_Id__c"]) == ("int", "double")
    assert gone.json()[0]["errorCode"] == "INVALID_FIELD"
    assert added.status_code == 204
    assert served.found("SELECT Score__c FROM Account WHERE Score__c > 5") == [
        {"Score__c": 7}
    ]
    assert retyped.json()[0]["errorCode"] == "INVALID_TYPE_ON_FIELD_IN_RECORD"
