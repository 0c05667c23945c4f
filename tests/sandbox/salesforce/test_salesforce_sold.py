"""Opportunity products, assets and bundles' options: what the company sold."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sandbox.company.catalogue import BUNDLES
from sandbox.company.company import build
from sandbox.company.features import ALL_FEATURES
from sandbox.salesforce.documents import salesforce_documents

ACCOUNT = "001Hs0000000001IAA"
DEAL = "006Hs0000000001IAA"
NEW = ("OpportunityLineItem", "Asset", "SBQQ__ProductOption__c")

Document = dict[str, Any]
Tables = dict[str, dict[str, Document]]


@pytest.fixture(scope="module")
def tables() -> Tables:
    """The records, by object and id, of a company that has everything."""
    company = build(7, 60, 12, date(2026, 10, 31), features=ALL_FEATURES)
    records = salesforce_documents(company)
    return {name: {each["Id"]: each for each in rows} for name, rows in records.items()}


@pytest.mark.parametrize("name", NEW)
def test_references_lead_to_records(tables: Tables, name: str, reading: Any) -> None:
    """Each reference of a new object is empty or the id of a record that is there."""
    described = reading.salesforce.get(f"sobjects/{name}/describe").json()
    references = {
        each["name"]: each["referenceTo"][0]
        for each in described["fields"]
        if each["referenceTo"] and each["referenceTo"] != ["User"]
    }

    assert tables[name]
    for row in tables[name].values():
        for field, target in references.items():
            assert row.get(field) is None or row[field] in tables[target]


def test_an_opportunitys_products_sum_to_its_amount(tables: Tables) -> None:
    """They are the lines of its primary quote, with their quantities and totals."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    lines = []
    for row in tables["OpportunityLineItem"].values():
        totals[row["OpportunityId"]] += row["TotalPrice"]
        line = tables["SBQQ__QuoteLine__c"][row["SBQQ__QuoteLine__c"]]
        quote = tables["SBQQ__Quote__c"][line["SBQQ__Quote__c"]]
        assert quote["SBQQ__Primary__c"]
        assert quote["SBQQ__Opportunity2__c"] == row["OpportunityId"]
        assert (row["Quantity"], row["TotalPrice"]) == (
            *(line["SBQQ__Quantity__c"], line["SBQQ__NetTotal__c"]),
        )
        assert abs(row["UnitPrice"] * row["Quantity"] - row["TotalPrice"]) < 1
        lines.append(line["Id"])

    assert totals == {
        each["Id"]: each["Amount"] for each in tables["Opportunity"].values()
    }
    assert len(set(lines)) == len(lines)


def test_a_price_is_that_of_the_entry(tables: Tables) -> None:
    """The entry is of the product's price in the opportunity's currency."""
    for row in tables["OpportunityLineItem"].values():
        entry = tables["PricebookEntry"][row["PricebookEntryId"]]
        assert (entry["Product2Id"], entry["CurrencyIsoCode"]) == (
            *(row["Product2Id"], row["CurrencyIsoCode"]),
        )


def test_what_was_won_once_is_an_asset(tables: Tables) -> None:
    """One-time lines of ordered quotes become assets, recurring ones subscriptions."""
    ordered = {
        line["Id"]: line["SBQQ__ChargeType__c"]
        for line in tables["SBQQ__QuoteLine__c"].values()
        if tables["SBQQ__Quote__c"][line["SBQQ__Quote__c"]]["SBQQ__Ordered__c"]
    }
    assets = {each["SBQQ__QuoteLine__c"] for each in tables["Asset"].values()}
    subscribed = {
        each["SBQQ__QuoteLine__c"] for each in tables["SBQQ__Subscription__c"].values()
    }

    assert assets == {key for key, charge in ordered.items() if charge == "One-Time"}
    assert assets
    assert assets.isdisjoint(subscribed)


def test_a_bundles_options_are_its_components(tables: Tables) -> None:
    """Each bundle names its products in order, and quotes took no others."""
    code = {key: each["ProductCode"] for key, each in tables["Product2"].items()}
    options: dict[str, list[str]] = defaultdict(list)
    for row in tables["SBQQ__ProductOption__c"].values():
        bundle = options[code[row["SBQQ__ConfiguredSKU__c"]]]
        bundle.append(code[row["SBQQ__OptionalSKU__c"]])
        assert row["SBQQ__Number__c"] == len(bundle)
    quoted = {
        (code[lines[line["SBQQ__RequiredBy__c"]]["SBQQ__Product__c"]], line_code)
        for lines in [tables["SBQQ__QuoteLine__c"]]
        for line in lines.values()
        if line["SBQQ__RequiredBy__c"] is not None
        for line_code in [code[line["SBQQ__Product__c"]]]
    }

    assert options == {key: [*components] for key, components in BUNDLES.items()}
    assert quoted
    assert all(sku in options[bundle] for bundle, sku in quoted)


def test_a_company_without_bundles_has_no_options() -> None:
    """Nor price books, so that its opportunities' products have no entries."""
    records = salesforce_documents(build(7, 20, 6, date(2026, 10, 31)))

    assert "SBQQ__ProductOption__c" not in records
    assert {each["PricebookEntryId"] for each in records["OpportunityLineItem"]} == {
        None
    }


@pytest.mark.parametrize("name", NEW)
def test_a_new_object_is_described_and_queried(reading: Any, name: str) -> None:
    """It answers describe, a query for all of its fields, and the bulk API."""
    fields = reading.salesforce.get(f"sobjects/{name}/describe").json()["fields"]
    asked = ", ".join(each["name"] for each in fields)

    assert reading.found(f"SELECT {asked} FROM {name}") == []


@pytest.mark.parametrize(
    ("parent", "children"),
    [
        ("Opportunity", "OpportunityLineItems"),
        ("Account", "Assets"),
        ("Product2", "SBQQ__Options__r"),
        ("Product2", "SBQQ__OptionalFor__r"),
    ],
)
def test_children_have_the_vendors_names(
    reading: Any, parent: str, children: str
) -> None:
    """A query reaches them from the record that they belong to."""
    response = reading.soql(f"SELECT Id, (SELECT Id FROM {children}) FROM {parent}")

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("given", "unit", "total"),
    [
        ({"Quantity": 3, "UnitPrice": 9.99}, "9.99", "29.97"),
        ({"Quantity": 3, "TotalPrice": 10}, "3.33", "10"),
        ({"Quantity": 2, "UnitPrice": 50, "Discount": 25}, "50", "75.00"),
        ({"Quantity": 1}, None, None),
    ],
)
def test_a_total_follows_from_the_unit_price_or_it_from_the_total(
    served: Any, given: Document, unit: str | None, total: str | None
) -> None:
    """The caller gives one of them."""
    made = served.salesforce.post(
        "sobjects/OpportunityLineItem", json={"OpportunityId": DEAL, **given}
    )

    held = served.held("OpportunityLineItem", made.json()["id"])
    assert (held["UnitPrice"], held["TotalPrice"]) == (
        None if unit is None else pytest.approx(Decimal(unit)),
        None if total is None else pytest.approx(Decimal(total)),
    )


def test_a_total_follows_a_new_quantity(served: Any) -> None:
    """A change of one factor makes the total again, and none that is too large."""
    made = served.salesforce.post(
        "sobjects/OpportunityLineItem",
        json={"OpportunityId": DEAL, "Quantity": 3, "UnitPrice": 10},
    ).json()["id"]
    path = f"sobjects/OpportunityLineItem/{made}"

    changed = served.salesforce.patch(path, json={"Quantity": 4})
    beyond = served.salesforce.patch(
        path, json={"Quantity": 10**12, "UnitPrice": 10**12}
    )

    assert changed.status_code == 204
    assert served.held("OpportunityLineItem", made)["TotalPrice"] == 40
    assert beyond.json()[0]["errorCode"] == "NUMBER_OUTSIDE_VALID_RANGE"


def test_an_opportunitys_products_go_with_it(served: Any) -> None:
    """As an account's assets go with the account."""
    made = [
        served.salesforce.post(f"sobjects/{name}", json=fields).json()["id"]
        for name, fields in (
            ("OpportunityLineItem", {"OpportunityId": DEAL, "Quantity": 1}),
            ("Asset", {"AccountId": ACCOUNT, "Name": "Onboarding"}),
        )
    ]

    served.salesforce.delete(f"sobjects/Account/{ACCOUNT}")

    assert served.held("OpportunityLineItem", made[0])["IsDeleted"]
    assert served.held("Asset", made[1])["IsDeleted"]
