"""Contract, billing, payments and ERP of a company without mistakes agree exactly.

Each rule is computed here from the records alone, not from the truth behind them.
"""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sandbox.world import World, build_world

AS_OF = date(2026, 10, 31)
TODAY = AS_OF.isoformat()
EXPONENTS = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0}

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
def netsuite(world: World) -> Tables:
    """NetSuite's records."""
    return world.tables("netsuite")


def minor(amount: Decimal, currency: str) -> int:
    """Return the amount in minor units; no digit may be left over."""
    scaled = amount.scaleb(EXPONENTS[currency])
    assert scaled == scaled.to_integral_value()
    return int(scaled)


def day_of(seconds: int) -> str:
    """Return the UTC day of a Unix time."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def test_contract_and_billing_agree_on_annual_recurring_revenue(
    salesforce: Tables, stripe: Tables
) -> None:
    """For every customer, what is contracted on the last day is what is billed."""
    contracted: Counter[str] = Counter()
    for row in salesforce["SBQQ__Subscription__c"].values():
        start = date.fromisoformat(row["SBQQ__SubscriptionStartDate__c"])
        runs = start <= AS_OF <= date.fromisoformat(row["SBQQ__SubscriptionEndDate__c"])
        if not runs or row["SBQQ__ChargeType__c"] != "Recurring":
            continue
        amount = row["SBQQ__Quantity__c"] * row["SBQQ__NetPrice__c"] * 12
        months = row["Discount_Months__c"] or 0
        index = start.year * 12 + start.month - 1 + months
        over = date(index // 12, index % 12 + 1, start.day)
        if over > AS_OF:
            amount = amount * (100 - row["SBQQ__Discount__c"]) / 100
        contracted[row["SBQQ__Account__c"]] += minor(amount, row["CurrencyIsoCode"])
    billed: Counter[str] = Counter()
    for each in stripe["subscription"].values():
        if each["status"] != "active":
            continue
        contract = salesforce["Contract"][each["metadata"]["salesforce_contract_id"]]
        amount = sum(
            item["quantity"]
            * item["price"]["unit_amount"]
            * {"month": 12, "year": 1}[item["price"]["recurring"]["interval"]]
            for item in each["items"]["data"]
            if item["price"]["recurring"]["usage_type"] == "licensed"
        )
        for discount in each["discounts"]:
            assert day_of(discount["end"]) > TODAY
            coupon = stripe["coupon"][discount["source"]["coupon"]]
            amount = amount * (100 - coupon["percent_off"]) // 100
        billed[contract["AccountId"]] += amount

    assert contracted == billed
    assert len(contracted) > 300


def test_invoices_sum_up(stripe: Tables) -> None:
    """Total is lines less discounts, and is paid or still owed."""
    for invoice in stripe["invoice"].values():
        lines = invoice["lines"]["data"]
        amount = sum(line["amount"] for line in lines)
        discount = sum(
            cut["amount"] for line in lines for cut in line["discount_amounts"]
        )
        assert invoice["subtotal"] == amount
        assert invoice["total"] == amount - discount > 0
        assert discount == sum(
            cut["amount"] for cut in invoice["total_discount_amounts"]
        )
        assert invoice["amount_paid"] + invoice["amount_remaining"] == invoice["total"]
        for line in lines:
            price = stripe["price"][line["pricing"]["price_details"]["price"]]
            assert price["product"] == line["pricing"]["price_details"]["product"]
            assert price["currency"] == line["currency"] == invoice["currency"]
            parent = line["parent"][line["parent"]["type"]]
            if not parent["proration"]:
                assert line["amount"] == line["quantity"] * price["unit_amount"]
            if parent["invoice_item"] is not None:
                item = stripe["invoiceitem"][parent["invoice_item"]]
                assert item["amount"] == line["amount"]
                assert item["invoice"] == invoice["id"]


def test_paid_invoices_have_their_money(stripe: Tables) -> None:
    """Each paid invoice has one succeeded payment; each other one has none."""
    payments: dict[str, Record] = {}
    for each in stripe["invoice_payment"].values():
        assert payments.setdefault(each["invoice"], each) is each
    failed = 0
    for identity, invoice in stripe["invoice"].items():
        payment = payments.get(identity)
        intent = (
            payment and stripe["payment_intent"][payment["payment"]["payment_intent"]]
        )
        if invoice["status"] == "paid":
            assert payment is not None
            assert intent is not None
            assert payment["status"] == "paid"
            assert payment["amount_paid"] == invoice["total"]
            assert intent["status"] == "succeeded"
            assert intent["amount_received"] == invoice["amount_paid"]
        elif intent is not None:
            assert invoice["status"] == "open"
            assert invoice["attempt_count"] >= 1
            assert intent["status"] == "requires_payment_method"
            assert intent["last_payment_error"]["code"] == "card_declined"
            assert intent["amount_received"] == 0
            assert stripe["customer"][invoice["customer"]]["delinquent"] is True
            failed += 1
    refunded: Counter[str] = Counter()
    for refund in stripe["refund"].values():
        refunded[refund["charge"]] += refund["amount"]
    for identity, charge in stripe["charge"].items():
        assert charge["amount_refunded"] == refunded[identity] <= charge["amount"]

    assert failed == 12


def test_crm_knows_each_failed_payment(salesforce: Tables, stripe: Tables) -> None:
    """The account is past due exactly if its customer's payment failed."""
    late = {
        salesforce["Contract"][each["metadata"]["salesforce_contract_id"]]["AccountId"]
        for each in stripe["subscription"].values()
        if stripe["customer"][each["customer"]]["delinquent"]
    }

    for identity, account in salesforce["Account"].items():
        assert (account["Payment_Status__c"] == "past_due") == (identity in late)


def test_meters_and_invoices_agree(stripe: Tables) -> None:
    """Each line for usage bills what the meter counted in its period."""
    counted: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for each in stripe["billing.meter_event_summary"].values():
        assert each["end_time"] - each["start_time"] == 86_400
        days = counted[each["_customer"], each["meter"]]
        assert days.setdefault(each["start_time"], each["aggregated_value"])
    lines = 0
    for invoice in stripe["invoice"].values():
        for line in invoice["lines"]["data"]:
            price = stripe["price"][line["pricing"]["price_details"]["price"]]
            if not (price["recurring"] or {}).get("meter"):
                continue
            lines += 1
            days = counted[invoice["customer"], price["recurring"]["meter"]]
            start, end = line["period"]["start"], line["period"]["end"]
            assert line["quantity"] == sum(
                units for day, units in days.items() if start <= day < end
            )

    assert lines > 500


def test_the_erp_mirrors_billing(stripe: Tables, netsuite: Tables) -> None:
    """Every invoice and payment is posted once: same day, amount, currency, status."""
    statuses = {"open": "Open", "paid": "Paid In Full", "void": "Voided"}
    posted = {each["externalid"]: each for each in netsuite["invoice"].values()}
    assert posted.keys() == stripe["invoice"].keys()
    for identity, invoice in stripe["invoice"].items():
        entry = posted[identity]
        assert entry["status"] == statuses[invoice["status"]]
        assert entry["currency"] == invoice["currency"].upper()
        assert minor(entry["foreigntotal"], entry["currency"]) == invoice["total"]
        assert entry["trandate"] == day_of(invoice["created"])
        assert entry["tranid"] == invoice["number"]
        due = invoice["due_date"] or invoice["created"]
        assert entry["duedate"] == day_of(due)
    received = {each["externalid"]: each for each in netsuite["payment"].values()}
    applied = {
        netsuite["payment"][each["nextdoc"]]["externalid"]: each
        for each in netsuite["payment_application"].values()
    }
    money = {
        each["payment"]["payment_intent"]: each
        for each in stripe["invoice_payment"].values()
        if each["status"] == "paid"
    }
    assert received.keys() == applied.keys() == money.keys()
    for intent, payment in money.items():
        entry = received[intent]
        amount = minor(entry["foreigntotal"], entry["currency"])
        assert amount == payment["amount_paid"]
        assert applied[intent]["foreignamount"] == entry["foreigntotal"]
        assert entry["trandate"] == day_of(payment["status_transitions"]["paid_at"])
        invoice = netsuite["invoice"][applied[intent]["previousdoc"]]
        assert invoice["externalid"] == payment["invoice"]


def test_some_invoices_need_a_second_page_of_lines(stripe: Tables) -> None:
    """At least two customers have invoices with more than the ten embedded lines."""
    long = {
        each["customer"]
        for each in stripe["invoice"].values()
        if len(each["lines"]["data"]) > 10
    }

    assert len(long) >= 2


@pytest.mark.parametrize(("currency", "places"), [("USD", 2), ("JPY", 0)])
def test_each_vendor_writes_money_its_own_way(
    salesforce: Tables,
    stripe: Tables,
    netsuite: Tables,
    currency: str,
    places: int,
) -> None:
    """Stripe sends whole minor units, the others decimals; the yen has no decimals."""
    posted = [
        each for each in netsuite["invoice"].values() if each["currency"] == currency
    ]
    deals = [
        each
        for each in salesforce["Opportunity"].values()
        if each["CurrencyIsoCode"] == currency
    ]

    assert posted
    assert deals
    for entry in posted:
        total = stripe["invoice"][entry["externalid"]]["total"]
        assert type(total) is int
        assert type(entry["foreigntotal"]) is Decimal
        assert entry["foreigntotal"] * 10**places == total
        assert entry["foreigntotal"].as_tuple().exponent == -places
    for deal in deals:
        assert deal["Amount"].as_tuple().exponent == -places
