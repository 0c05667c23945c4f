"""What features add to the records of every system, and that it all hangs together."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.company.features import ALL_FEATURES
from sandbox.salesforce.catalogue import OBJECTS
from sandbox.shapes import major
from sandbox.vendors import vendor
from sandbox.world import World, build_world

AS_OF = date(2026, 10, 31)
REFERENCES = {
    "AccountId": "Account",
    "ParentId": "Account",
    "ContractId": "Contract",
    "OpportunityId": "Opportunity",
    "OrderId": "Order",
    "Product2Id": "Product2",
    "Pricebook2Id": "Pricebook2",
    "PricebookEntryId": "PricebookEntry",
    "CampaignId": "Campaign",
    "LeadId": "Lead",
    "ContactId": "Contact",
    "ConvertedAccountId": "Account",
    "ConvertedContactId": "Contact",
    "SBQQ__Quote__c": "SBQQ__Quote__c",
    "SBQQ__QuoteLine__c": "SBQQ__QuoteLine__c",
    "SBQQ__Contract__c": "Contract",
    "Supersedes__c": "OrderItem",
}


@pytest.fixture(scope="module")
def world() -> World:
    """A company with all features, and no mistake planted."""
    return build_world(7, 300, 30, AS_OF, features=ALL_FEATURES, disorder=False)


@pytest.fixture(scope="module")
def stripe(world: World) -> dict[str, dict[str, Any]]:
    """Stripe's objects by type and id."""
    return world.tables("stripe")


@pytest.fixture(scope="module")
def netsuite(world: World) -> dict[str, dict[str, Any]]:
    """NetSuite's records by type and id."""
    return world.tables("netsuite")


def test_salesforce_points_only_at_what_exists(world: World) -> None:
    """Orders, prices, campaigns, leads, parents: every reference finds its record."""
    tables = world.tables("salesforce")
    found: Counter[str] = Counter()

    for name, records in tables.items():
        for record in records.values():
            for field, target in REFERENCES.items():
                value = record.get(field)
                if value is not None:
                    assert value in tables[target], (name, field)
                    found[field] += 1

    assert set(found) == set(REFERENCES)


def test_a_ramp_is_several_subscriptions_one_after_another(world: World) -> None:
    """CPQ has a line for each step, with days that do not overlap."""
    steps = [
        each
        for each in world.documents["salesforce"]["SBQQ__QuoteLine__c"]
        if each["SBQQ__StartDate__c"] is not None
    ]

    assert steps
    assert all(
        each["SBQQ__EndDate__c"] is None
        or each["SBQQ__StartDate__c"] < each["SBQQ__EndDate__c"]
        for each in steps
    )


def test_quote_lines_sum_to_their_quote(world: World) -> None:
    """Swaps, downsizes, ramps and bundles included."""
    sums: Counter[str] = Counter()
    for line in world.documents["salesforce"]["SBQQ__QuoteLine__c"]:
        sums[line["SBQQ__Quote__c"]] += line["SBQQ__NetTotal__c"]

    for quote in world.documents["salesforce"]["SBQQ__Quote__c"]:
        assert sums[quote["Id"]] == quote["SBQQ__NetAmount__c"]


def test_every_system_leaves_out_whom_another_bills(world: World) -> None:
    """Customers of the acquired entity are in no Stripe or NetSuite record."""
    company, documents = world.company, world.documents
    acquired = [each for each in company.customers if each.entity == "DE"]
    rest = len(company.customers) - len(acquired)
    lost = sum(
        trial.contract_key is None and customer.entity != "DE"
        for trial in company.trials
        for customer in [company.customer_by_key[trial.customer_key]]
    )

    assert acquired
    assert len(documents["stripe"]["customer"]) == rest + lost
    assert len(documents["netsuite"]["customer"]) == rest
    assert len(documents["zendesk"]["organization"]) == len(company.customers)


def test_a_payout_is_the_sum_of_its_transactions(
    stripe: dict[str, dict[str, Any]],
) -> None:
    """What Stripe lists for a payout nets to what it sent, and nothing is in two."""
    net: Counter[str] = Counter()
    for each in stripe["balance_transaction"].values():
        assert each["net"] == each["amount"] - each["fee"]
        assert each["fee"] == sum(fee["amount"] for fee in each["fee_details"])
        if each["_payout"] is not None and each["type"] != "payout":
            net[each["_payout"]] += each["net"]

    assert net == {each["id"]: each["amount"] for each in stripe["payout"].values()}


def test_stripe_points_only_at_what_exists(stripe: dict[str, dict[str, Any]]) -> None:
    """Charges, refunds, disputes and credit notes find each other."""
    transactions = stripe["balance_transaction"]
    charges = stripe["charge"]

    for charge in charges.values():
        if charge["balance_transaction"] is not None:
            assert transactions[charge["balance_transaction"]]["source"] == charge["id"]
    for refund in stripe["refund"].values():
        assert transactions[refund["balance_transaction"]]["source"] == refund["id"]
        charge = charges[refund["charge"]]
        assert charge["amount_refunded"] == refund["amount"] <= charge["amount"]
    for dispute in stripe["dispute"].values():
        assert charges[dispute["charge"]]["disputed"]
        assert len(dispute["balance_transactions"]) == 1 + (dispute["status"] == "won")
    for note in stripe["credit_note"].values():
        invoice = stripe["invoice"][note["invoice"]]
        assert note["lines"]["data"][0]["invoice_line_item"] in {
            line["id"] for line in invoice["lines"]["data"]
        }
        assert all(each["refund"] in stripe["refund"] for each in note["refunds"])
    assert stripe["dispute"]
    assert stripe["credit_note"]


def test_an_invoice_counts_its_tries(stripe: dict[str, dict[str, Any]]) -> None:
    """As many charges as tries, and only the last of them may have succeeded."""
    charges: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for charge in stripe["charge"].values():
        charges[charge["payment_intent"]] += 1
        good[charge["payment_intent"]] += charge["status"] == "succeeded"
    retried = 0
    for payment in stripe["invoice_payment"].values():
        invoice = stripe["invoice"][payment["invoice"]]
        intent = payment["payment"]["payment_intent"]
        assert charges[intent] == invoice["attempt_count"]
        assert good[intent] == (invoice["status"] == "paid")
        retried += charges[intent] > 1

    assert retried


def test_subscriptions_show_the_lifecycle(stripe: dict[str, dict[str, Any]]) -> None:
    """Trials, pauses, reasons of leaving and schedules are where Stripe shows them."""
    subscriptions = stripe["subscription"].values()
    scheduled = [each for each in subscriptions if each["schedule"]]
    tried = [each for each in subscriptions if each["trial_start"]]

    assert {each["schedule"] for each in scheduled} == set(
        stripe["subscription_schedule"]
    )
    assert all(each["trial_start"] == each["start_date"] for each in tried)
    assert any(each["latest_invoice"] is None for each in tried)
    assert any(each["cancellation_details"]["feedback"] for each in subscriptions)
    for schedule in stripe["subscription_schedule"].values():
        starts = [phase["start_date"] for phase in schedule["phases"]]
        ends = [phase["end_date"] for phase in schedule["phases"]]
        assert starts[1:] == ends[:-1]
        assert all(
            item["price"] in stripe["price"]
            for phase in schedule["phases"]
            for item in phase["items"]
        )


def test_tiered_prices_have_tiers_and_no_price(
    stripe: dict[str, dict[str, Any]],
) -> None:
    """A graduated price names its tiers, the last of them without an end."""
    tiered = [each for each in stripe["price"].values() if each["tiers_mode"]]

    assert tiered
    for price in tiered:
        assert price["unit_amount"] is None
        assert price["tiers"][-1]["up_to"] is None
        assert len(price["tiers"]) == 3


def test_netsuite_books_every_credit_and_payout(
    world: World,
    netsuite: dict[str, dict[str, Any]],
    stripe: dict[str, dict[str, Any]],
) -> None:
    """A memo for each credit note, a deposit for each payout, of the same amount."""
    memos = {each["externalid"]: each for each in netsuite["creditmemo"].values()}
    deposits = {each["externalid"]: each for each in netsuite["deposit"].values()}

    assert memos.keys() == stripe["credit_note"].keys()
    assert deposits.keys() == stripe["payout"].keys()
    for identity, payout in stripe["payout"].items():
        total = major(payout["amount"], payout["currency"].upper())
        assert deposits[identity]["foreigntotal"] == total
    for link in netsuite["deposit_application"].values():
        assert link["previousdoc"] in netsuite["payment"]
        assert link["nextdoc"] in netsuite["deposit"]
    assert sum(
        each["foreignamount"] for each in netsuite["credit_application"].values()
    )
    assert all(each["foreigntotal"] < Decimal(0) for each in memos.values())
    assert world.company.credit_notes


def test_netsuite_knows_subsidiaries_parents_and_addresses(
    netsuite: dict[str, dict[str, Any]],
) -> None:
    """Customers stand in a subsidiary, under a parent that exists, at an address."""
    for customer in netsuite["customer"].values():
        assert customer["subsidiary"] in netsuite["subsidiary"]
        assert customer["parent"] is None or customer["parent"] in netsuite["customer"]
        assert customer["defaultbillingaddress"] in netsuite["entityaddress"]
    numbers = [
        identity
        for name in ("invoice", "payment", "creditmemo", "customerrefund", "deposit")
        for identity in netsuite[name]
    ]
    assert len(set(numbers)) == len(numbers)
    assert any(each["parent"] for each in netsuite["customer"].values())


def test_zendesk_writes_addresses_of_the_accounts_own_host(world: World) -> None:
    """Whoever follows a record's url reaches the account that it was read from."""
    zendesk = world.documents["zendesk"]
    urls = [each["url"] for of in zendesk.values() for each in of if "url" in each]

    assert urls
    assert {urlsplit(each).netloc for each in urls} == set(vendor("zendesk").hosts)


def test_zendesk_asks_how_it_was(world: World) -> None:
    """Closed tickets were rated or offered for rating, and have a product area."""
    tickets = world.tables("zendesk")["ticket"]
    (field,) = world.documents["zendesk"]["ticket_field"]
    scores = Counter(each["satisfaction_rating"]["score"] for each in tickets.values())
    ratings = world.documents["zendesk"]["satisfaction_rating"]

    assert set(scores) == {"good", "bad", "offered", "unoffered"}
    assert len(ratings) == scores["good"] + scores["bad"]
    assert all(
        each["ticket_id"] == tickets[str(each["ticket_id"])]["id"] for each in ratings
    )
    options = {each["value"] for each in field["custom_field_options"]}
    assert all(
        [each["id"] for each in ticket["custom_fields"]] == [field["id"]]
        and ticket["custom_fields"][0]["value"] in options
        for ticket in tickets.values()
    )


def test_salesforce_describes_every_field_that_its_records_have(world: World) -> None:
    """A field that describe does not know could never be asked for."""
    for name, records in world.documents["salesforce"].items():
        assert {field for each in records for field in each} <= set(
            OBJECTS[name].fields
        )
