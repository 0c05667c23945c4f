"""What HubSpot is shown of Salesforce's sales: deals, lines, products, leads."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sandbox.company.company import Company, build
from sandbox.company.features import ALL_FEATURES
from sandbox.company.pipeline import OPEN_STAGES
from sandbox.documents import documents
from sandbox.hubspot.documents_sales import DEAL_STAGES, LEAD_STAGES
from sandbox.hubspot.links import PARENT_TO_CHILD, link_id
from sandbox.hubspot.pipelines import PIPELINES

Records = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def company() -> Company:
    """A company with everything that can be had."""
    return build(7, 60, 24, date(2026, 10, 31), ALL_FEATURES)


@pytest.fixture(scope="module")
def systems(company: Company) -> dict[str, Records]:
    """What each system says of it."""
    return documents(company)


@pytest.fixture(scope="module")
def hubspot(systems: dict[str, Records]) -> Records:
    """What HubSpot says of it."""
    return systems["hubspot"]


@pytest.fixture(scope="module")
def salesforce(systems: dict[str, Records]) -> Records:
    """What Salesforce says of it."""
    return systems["salesforce"]


def values(records: Records, name: str) -> list[dict[str, str]]:
    """Return the properties of each record of a kind."""
    return [each["properties"] for each in records[name]]


def ends(records: Records, origin: str, to: str) -> dict[str, list[str]]:
    """Return the ids at the other end of each record's associations with a kind."""
    found: dict[str, list[str]] = {each["id"]: [] for each in records[origin]}
    for each in records["associations"]:
        kind, _, record_id = each["from"].partition(":")
        if kind == origin and each["toType"] == to:
            found[record_id].append(each["toId"])
    return found


def test_every_opportunity_is_a_deal(hubspot: Records, salesforce: Records) -> None:
    """Name, amount, currency and what came of it are those of the opportunity."""
    mirrored = {
        each["hs_salesforceopportunityid"]: each for each in values(hubspot, "deals")
    }

    assert set(mirrored) == {each["Id"] for each in salesforce["Opportunity"]}
    assert len(hubspot["deals"]) == len(mirrored) > 0
    for each in salesforce["Opportunity"]:
        deal = mirrored[each["Id"]]
        assert deal["dealname"] == each["Name"]
        assert Decimal(deal["amount"]) == each["Amount"]
        assert deal["deal_currency_code"] == each["CurrencyIsoCode"]
        assert deal["closedate"].startswith(each["CloseDate"])
        assert deal["hs_is_closed"] == str(each["IsClosed"]).lower()
        assert deal["hs_is_closed_won"] == str(each["IsWon"]).lower()


def test_every_stage_of_sales_has_its_stage_here() -> None:
    """The maps of stages know every stage there is, and lead to stages that exist."""
    known = {
        kind: {stage.id for line in PIPELINES[kind] for stage in line.stages}
        for kind in ("deals", "leads")
    }

    assert set(DEAL_STAGES) == {*OPEN_STAGES, "Closed Won", "Closed Lost"}
    assert set(DEAL_STAGES.values()) <= known["deals"]
    assert set(LEAD_STAGES.values()) <= known["leads"]


def test_a_deal_has_the_lines_of_its_primary_quote(
    hubspot: Records, salesforce: Records
) -> None:
    """Each line is mirrored once, at its price, and belongs to its deal alone."""
    primary = {
        each["Id"]: each["SBQQ__Opportunity2__c"]
        for each in salesforce["SBQQ__Quote__c"]
        if each["SBQQ__Primary__c"]
    }
    wanted = {
        each["Id"]: (
            primary[each["SBQQ__Quote__c"]],
            each["SBQQ__ProductCode__c"],
            each["SBQQ__Quantity__c"],
            each["SBQQ__NetPrice__c"],
        )
        for each in salesforce["SBQQ__QuoteLine__c"]
        if each["SBQQ__Quote__c"] in primary
    }
    deals = {each["id"]: each["properties"] for each in hubspot["deals"]}
    of_item = ends(hubspot, "line_items", "deals")

    found = {}
    for each in hubspot["line_items"]:
        line = each["properties"]
        (deal,) = of_item[each["id"]]
        found[line["salesforce_quote_line_id"]] = (
            deals[deal]["hs_salesforceopportunityid"],
            line["hs_sku"],
            Decimal(line["quantity"]),
            Decimal(line["price"]),
        )

    assert len(hubspot["line_items"]) == len(found) > 0
    assert found == wanted


def test_an_amount_is_the_price_of_so_many(hubspot: Records) -> None:
    """What HubSpot computes agrees with what it computes from; no price is negative."""
    for line in values(hubspot, "line_items"):
        price, quantity = Decimal(line["price"]), Decimal(line["quantity"])
        assert Decimal(line["amount"]) == price * quantity
        assert price >= 0


def test_the_library_is_the_catalogue(company: Company, hubspot: Records) -> None:
    """Products are those that are sold; a line item names one by its id and its SKU."""
    skus = {each["id"]: each["properties"]["hs_sku"] for each in hubspot["products"]}

    assert sorted(skus.values()) == sorted(each.sku for each in company.products)
    for line in values(hubspot, "line_items"):
        assert skus[line["hs_product_id"]] == line["hs_sku"]


def test_a_deal_has_its_company_and_a_contact_of_it(hubspot: Records) -> None:
    """Each deal has one company, the primary one, and one of that company's people."""
    people = ends(hubspot, "companies", "contacts")
    links = {each["id"]: each["types"] for each in hubspot["associations"]}
    contacts = ends(hubspot, "deals", "contacts")

    for deal, found in ends(hubspot, "deals", "companies").items():
        (company,), (contact,) = found, contacts[deal]
        types = links[link_id("deals", deal, "companies", company)]
        assert {number for _, number in types} == {341, 5}
        assert contact in people[company]


def test_a_lead_belongs_to_its_contact(
    company: Company, hubspot: Records, salesforce: Records
) -> None:
    """Every lead of Salesforce is one here, of the contact that names it."""
    named = {
        each["id"]: each["properties"]["salesforceleadid"]
        for each in hubspot["contacts"]
        if each["properties"].get("salesforceleadid")
    }
    ids = {each["Id"]: each["Id"] for each in salesforce["Lead"]}
    contacts = ends(hubspot, "leads", "contacts")

    found = {}
    for each in hubspot["leads"]:
        (contact,) = contacts[each["id"]]
        found[each["properties"]["salesforceleadid"]] = named[contact]
    stages = Counter(each["hs_pipeline_stage"] for each in values(hubspot, "leads"))

    assert found == ids
    assert stages == Counter(LEAD_STAGES[each.status] for each in company.leads)


def test_a_parent_is_still_a_parent(company: Company, hubspot: Records) -> None:
    """What was there before sales came stays: companies keep their children."""
    everybody = (*company.customers, *company.prospects)
    children = [each for each in everybody if each.parent_key]

    found = [
        each
        for each in hubspot["associations"]
        if ["HUBSPOT_DEFINED", PARENT_TO_CHILD] in each["types"]
    ]

    assert len(found) == len(children) > 0


def test_marketing_changes_no_other_system() -> None:
    """HubSpot's sales come and go with marketing; they draw from no random stream."""
    plain, with_it = (
        documents(build(7, 20, 6, date(2026, 10, 31), features))
        for features in (frozenset(), frozenset({"marketing"}))
    )

    added = set(with_it["hubspot"]) - set(plain["hubspot"])
    assert added == {"deals", "line_items", "products", "leads"}
    assert plain["hubspot"]["companies"] == with_it["hubspot"]["companies"]
    for system in set(plain) - {"hubspot"}:
        for name, records in plain[system].items():
            assert with_it[system][name] == records, (system, name)
