"""The systems' records of a company without mistakes agree with each other.

Each rule is computed here from the records alone, not from the truth behind them.
"""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sandbox.identifiers import checksum
from sandbox.world import World, build_world

AS_OF = date(2026, 10, 31)
TODAY = AS_OF.isoformat()
EXPONENTS = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0}
STRIPE_SPEC = (
    Path(__file__).parents[2].parent / "shared" / "specs" / "stripe" / "spec3.json"
)

Record = dict[str, Any]
Tables = dict[str, dict[str, Record]]


@pytest.fixture(scope="module")
def world() -> World:
    """A company of the default size whose records hold no mistake."""
    return build_world(7, 400, 24, AS_OF, disorder=False)


@pytest.fixture(scope="module")
def salesforce(world: World) -> Tables:
    """Salesforce's records."""
    return world.tables("salesforce")


@pytest.fixture(scope="module")
def stripe(world: World) -> Tables:
    """Stripe's records."""
    return world.tables("stripe")


@pytest.fixture(scope="module")
def zendesk(world: World) -> Tables:
    """Zendesk's records."""
    return world.tables("zendesk")


@pytest.fixture(scope="module")
def netsuite(world: World) -> Tables:
    """NetSuite's records."""
    return world.tables("netsuite")


def day_of(seconds: int) -> str:
    """Return the UTC day of a Unix time."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def test_the_same_seed_writes_the_same_records() -> None:
    """A second sandbox with the same seed serves the same documents and mistakes."""
    first = build_world(5, 60, 12, AS_OF)
    again = build_world(5, 60, 12, AS_OF)

    assert first.documents == again.documents
    assert first.planted == again.planted


def test_ids_are_unique(world: World, netsuite: Tables) -> None:
    """No two records of an object share an id, and transactions share no id at all."""
    for system, objects in world.documents.items():
        for name, table in world.tables(system).items():
            assert len(table) == len(objects[name])
    assert not netsuite["invoice"].keys() & netsuite["payment"].keys()


def test_salesforce_ids_carry_their_checksum(salesforce: Tables) -> None:
    """An 18-character id ends in the checksum that Salesforce's own clients verify."""
    assert checksum("001D000000IqhSL") == "IAZ"
    for table in salesforce.values():
        for identity in table:
            assert len(identity) == 18
            assert identity[15:] == checksum(identity[:15])


REFERENCES = [
    ("salesforce", "Contact", "AccountId", "Account"),
    ("salesforce", "Opportunity", "AccountId", "Account"),
    ("salesforce", "SBQQ__Quote__c", "SBQQ__Account__c", "Account"),
    ("salesforce", "SBQQ__Quote__c", "SBQQ__Opportunity2__c", "Opportunity"),
    ("salesforce", "SBQQ__Quote__c", "SBQQ__MasterContract__c", "Contract"),
    ("salesforce", "SBQQ__QuoteLine__c", "SBQQ__Quote__c", "SBQQ__Quote__c"),
    ("salesforce", "SBQQ__QuoteLine__c", "SBQQ__Product__c", "Product2"),
    ("salesforce", "Contract", "AccountId", "Account"),
    ("salesforce", "Contract", "SBQQ__Quote__c", "SBQQ__Quote__c"),
    ("salesforce", "Contract", "SBQQ__Opportunity__c", "Opportunity"),
    ("salesforce", "SBQQ__Subscription__c", "SBQQ__Contract__c", "Contract"),
    ("salesforce", "SBQQ__Subscription__c", "SBQQ__Account__c", "Account"),
    ("salesforce", "SBQQ__Subscription__c", "SBQQ__Product__c", "Product2"),
    ("salesforce", "SBQQ__Subscription__c", "SBQQ__QuoteLine__c", "SBQQ__QuoteLine__c"),
    ("stripe", "price", "product", "product"),
    ("stripe", "subscription", "customer", "customer"),
    ("stripe", "subscription", "latest_invoice", "invoice"),
    ("stripe", "invoice", "customer", "customer"),
    ("stripe", "invoice", "latest_revision", "invoice"),
    ("stripe", "invoiceitem", "customer", "customer"),
    ("stripe", "invoiceitem", "invoice", "invoice"),
    ("stripe", "payment_intent", "customer", "customer"),
    ("stripe", "payment_intent", "latest_charge", "charge"),
    ("stripe", "invoice_payment", "invoice", "invoice"),
    ("stripe", "charge", "payment_intent", "payment_intent"),
    ("stripe", "refund", "payment_intent", "payment_intent"),
    ("stripe", "refund", "charge", "charge"),
    ("stripe", "billing.meter_event_summary", "meter", "billing.meter"),
    ("stripe", "billing.meter_event_summary", "_customer", "customer"),
    ("zendesk", "user", "organization_id", "organization"),
    ("zendesk", "ticket", "organization_id", "organization"),
    ("zendesk", "ticket", "requester_id", "user"),
    ("zendesk", "ticket", "assignee_id", "user"),
    ("netsuite", "invoice", "entity", "customer"),
    ("netsuite", "payment", "entity", "customer"),
    ("netsuite", "payment_application", "previousdoc", "invoice"),
    ("netsuite", "payment_application", "nextdoc", "payment"),
]


@pytest.mark.parametrize(("system", "name", "field", "target"), REFERENCES)
def test_references_inside_a_system_resolve(
    world: World, system: str, name: str, field: str, target: str
) -> None:
    """No record points at one that is not there."""
    records = world.tables(system)
    pointed = {
        str(each[field]) for each in records[name].values() if each[field] is not None
    }

    assert pointed
    assert pointed <= records[target].keys()


def _normal(name: str) -> str:
    return " ".join(word for word in name.lower().split()[:2])


def test_records_without_a_cross_reference_resolve_by_evidence(
    salesforce: Tables, stripe: Tables, zendesk: Tables, netsuite: Tables
) -> None:
    """About 5 % of the links are missing; domain and name lead to one account each."""
    accounts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for identity, each in salesforce["Account"].items():
        domain = each["Website"].removeprefix("https://www.")
        accounts[domain, _normal(each["Name"])].append(identity)

    def evidence(email: str, name: str) -> str:
        (found,) = accounts[email.partition("@")[2], _normal(name)]
        return found

    account_of = {}
    missing = Counter[str]()
    for identity, each in stripe["customer"].items():
        linked = each["metadata"].get("salesforce_account_id")
        missing["stripe"] += linked is None
        account_of[identity] = linked or evidence(each["email"], each["name"])
        account = salesforce["Account"][account_of[identity]]
        assert account["Tax_Id__c"] == each["metadata"].get("tax_id")
        assert account["Name"] == each["name"]
        assert account["Billing_Email__c"] == each["email"]
        assert account["BillingCountry"] == each["address"]["country"]
    for each in netsuite["customer"].values():
        linked = each["externalid"]
        missing["netsuite"] += linked is None
        account_id = (
            account_of[linked]
            if linked
            else evidence(each["email"], each["companyname"])
        )
        account = salesforce["Account"][account_id]
        assert account["Tax_Id__c"] == each["vatregnumber"]
        assert account["Name"] == each["companyname"]
        assert account["Billing_Email__c"] == each["email"]
    for each in zendesk["organization"].values():
        linked = each["external_id"]
        missing["zendesk"] += linked is None
        account_id = linked or evidence(f"@{each['domain_names'][0]}", each["name"])
        assert salesforce["Account"][account_id]["Name"] == each["name"]

    assert missing == {"stripe": 20, "netsuite": 20, "zendesk": 20}


def test_opportunity_quote_and_lines_tell_one_amount(salesforce: Tables) -> None:
    """The amount of a deal is its primary quote's, and that is the sum of its lines."""
    summed: dict[str, Decimal] = defaultdict(Decimal)
    for line in salesforce["SBQQ__QuoteLine__c"].values():
        summed[line["SBQQ__Quote__c"]] += line["SBQQ__NetTotal__c"]
    primary: dict[str, Record] = {}
    for identity, quote in salesforce["SBQQ__Quote__c"].items():
        assert quote["SBQQ__NetAmount__c"] == summed[identity]
        if quote["SBQQ__Primary__c"]:
            assert primary.setdefault(quote["SBQQ__Opportunity2__c"], quote) is quote

    assert primary.keys() == salesforce["Opportunity"].keys()
    for identity, deal in salesforce["Opportunity"].items():
        assert deal["Amount"] == primary[identity]["SBQQ__NetAmount__c"]
        assert deal["IsWon"] == primary[identity]["SBQQ__Ordered__c"]
        assert deal["CurrencyIsoCode"] == primary[identity]["CurrencyIsoCode"]


def test_quote_lines_total_what_their_price_says(salesforce: Tables) -> None:
    """A line's total counts the discount in its first months and not after them."""
    for line in salesforce["SBQQ__QuoteLine__c"].values():
        quote = salesforce["SBQQ__Quote__c"][line["SBQQ__Quote__c"]]
        start = date.fromisoformat(quote["SBQQ__StartDate__c"])
        end = date.fromisoformat(quote["SBQQ__EndDate__c"]).toordinal() + 1
        after = date.fromordinal(end)
        months = (after.year - start.year) * 12 + after.month - start.month
        each = line["SBQQ__Quantity__c"] * line["SBQQ__NetPrice__c"]
        expected = {"Recurring": each * months, "Usage": 0, "One-Time": each}[
            line["SBQQ__ChargeType__c"]
        ]
        if line["SBQQ__Discount__c"] is not None:
            cut = min(months, line["Discount_Months__c"])
            expected -= each * cut * line["SBQQ__Discount__c"] / 100

        assert line["SBQQ__NetTotal__c"] == expected


def test_each_won_deal_made_or_amended_one_contract(salesforce: Tables) -> None:
    """Won opportunity, ordered quote and contract belong together, none left over."""
    made = Counter(each["SBQQ__Quote__c"] for each in salesforce["Contract"].values())
    for identity, quote in salesforce["SBQQ__Quote__c"].items():
        makes = quote["SBQQ__Ordered__c"] and quote["SBQQ__Type__c"] != "Amendment"
        assert made[identity] == int(makes)
        amends = quote["SBQQ__MasterContract__c"] is not None
        assert amends == (quote["SBQQ__Type__c"] == "Amendment")
    for contract in salesforce["Contract"].values():
        quote = salesforce["SBQQ__Quote__c"][contract["SBQQ__Quote__c"]]
        assert quote["SBQQ__Opportunity2__c"] == contract["SBQQ__Opportunity__c"]
        assert quote["SBQQ__StartDate__c"] == contract["StartDate"]
        assert contract["EndDate"] <= quote["SBQQ__EndDate__c"]


def test_contracts_of_a_customer_never_overlap(salesforce: Tables) -> None:
    """An amendment stays in its contract: a second contract would be a mistake."""
    terms: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for contract in salesforce["Contract"].values():
        terms[contract["AccountId"]].append(
            (contract["StartDate"], contract["EndDate"])
        )
    for spans in terms.values():
        for (_, ended), (began, _) in pairwise(sorted(spans)):
            assert ended < began


def test_every_product_is_sold_billed_and_posted_under_one_sku(
    salesforce: Tables, stripe: Tables, netsuite: Tables
) -> None:
    """A SKU means the same in CPQ, billing and ERP, and has prices."""
    skus = {each["ProductCode"] for each in salesforce["Product2"].values()}
    items = {each["itemid"]: identity for identity, each in netsuite["item"].items()}
    priced = {each["product"] for each in stripe["price"].values()}

    assert len(skus) == 12
    assert {p["metadata"]["sku"] for p in stripe["product"].values()} == skus
    assert priced == stripe["product"].keys()
    for product in salesforce["Product2"].values():
        assert product["ERP_Item__c"] == items[product["ProductCode"]]


def test_support_serves_what_is_contracted(salesforce: Tables, zendesk: Tables) -> None:
    """Premium with SUP-PREMIUM in force, standard with any contract, else none."""
    held: dict[str, set[str]] = defaultdict(set)
    for row in salesforce["SBQQ__Subscription__c"].values():
        if (
            row["SBQQ__SubscriptionStartDate__c"] <= TODAY
            and row["SBQQ__SubscriptionEndDate__c"] >= TODAY
        ):
            product = salesforce["Product2"][row["SBQQ__Product__c"]]
            held[row["SBQQ__Account__c"]].add(product["ProductCode"])
    for each in zendesk["organization"].values():
        if each["external_id"] is None:
            continue
        skus = held[each["external_id"]]
        expected = "standard" if skus else "none"
        if "SUP-PREMIUM" in skus:
            expected = "premium"

        assert each["organization_fields"] == {"support_tier": expected}


def test_no_stamp_is_later_than_the_last_day(
    salesforce: Tables, stripe: Tables, zendesk: Tables, netsuite: Tables
) -> None:
    """A record changed in the future would be seen by no incremental load."""
    stamps = [
        each["SystemModstamp"]
        for table in salesforce.values()
        for each in table.values()
    ]
    stamps += [
        each["updated_at"] for table in zendesk.values() for each in table.values()
    ]
    stamps += [
        netsuite[name][identity]["lastmodifieddate"]
        for name in ("customer", "item", "invoice", "payment")
        for identity in netsuite[name]
    ]
    stamps += [
        day_of(each["date" if name == "invoiceitem" else "created"])
        for name, table in stripe.items()
        for each in table.values()
        if name != "billing.meter_event_summary"
    ]

    assert max(stamp[:10] for stamp in stamps) <= TODAY
    assert salesforce["Account"]
    for each in salesforce["Account"].values():
        assert each["SystemModstamp"].endswith(".000+0000")
