"""The usual mistakes: as many as promised, each at a customer of its own, all labelled.

What is not labelled must not have changed: the difference between a company's records
with and without disorder is exactly what the labels say.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sandbox.company.company import build
from sandbox.company.features import ALL_FEATURES
from sandbox.disorder.plant import Planted, plant
from sandbox.disorder.registry import CHECKS
from sandbox.documents import documents
from sandbox.world import World, build_world

AS_OF = date(2026, 10, 31)
USUAL = "d2d2ca503eaa286374de57109e9d710db2e377b058a25ab5db3fad17f5441be9"
PROMISED = {
    "duplicate_customer": 8,
    "sku_mismatch": 2,
    "second_contract": 4,
    "late_usage": 5,
    "payment_failure_not_in_crm": 6,
    "missing_erp_invoice": 7,
    "endless_discount": 4,
    "ungranted_support_tier": 6,
    "stale_master_data": 10,
}

Record = dict[str, Any]
Table = dict[str, Record]


def indexed(world: World) -> dict[tuple[str, str], Table]:
    """Return every record by system, object and id."""
    return {
        (system, name): table
        for system in world.documents
        for name, table in world.tables(system).items()
    }


@pytest.fixture(scope="module")
def world() -> World:
    """The world of the demo, with its mistakes."""
    return build_world(7, 400, 24, AS_OF)


@pytest.fixture(scope="module")
def wrong(world: World) -> dict[tuple[str, str], Table]:
    """The records with the mistakes."""
    return indexed(world)


@pytest.fixture(scope="module")
def right() -> dict[tuple[str, str], Table]:
    """The records of the same company without mistakes."""
    return indexed(build_world(7, 400, 24, AS_OF, disorder=False))


def of_kind(world: World, kind: str) -> list[Planted]:
    """Return the labels of one kind."""
    return [each for each in world.planted if each.kind == kind]


def value(record: Mapping[str, Any], field: str) -> Any:
    """Return a field's value; a dot leads into a nested field."""
    head, _, tail = field.partition(".")
    held = record.get(head)
    return value(held, tail) if tail and isinstance(held, Mapping) else held


def customer_of(record: Record, tables: dict[tuple[str, str], Table]) -> str:
    """Return a word that names the customer of a record in whatever system: a domain.

    Everybody's first word and domain are its own, so that this needs no links.
    """
    for field in ("Website", "email"):
        if record.get(field):
            text = str(record[field]).removeprefix("https://www.")
            return text.rpartition("@")[2].partition(".")[0].removesuffix("-group")
    if "domain_names" in record:
        return str(record["domain_names"][0]).partition(".")[0]
    if "AccountId" in record:
        return customer_of(tables["salesforce", "Account"][record["AccountId"]], tables)
    if "customer" in record:
        return customer_of(tables["stripe", "customer"][record["customer"]], tables)
    raise AssertionError(record)


def test_the_usual_mistakes_never_change(world: World) -> None:
    """Which customers, records and notes in which order: the demo stands on it."""
    names = [
        *("kind", "system", "object", "record_id", "field"),
        *("expected", "wrong", "note"),
    ]
    labels = [[getattr(each, name) for name in names] for each in world.planted]

    assert len(labels) == 52
    text = json.dumps(labels, default=str).encode()
    assert hashlib.sha256(text).hexdigest() == USUAL


def test_every_usual_mistake_names_its_check(world: World) -> None:
    """Each of the nine kinds is found by one check of the catalogue."""
    checks = {each.kind: each.check for each in world.planted}

    assert len(set(checks.values())) == 9
    assert set(checks.values()) <= set(CHECKS)


@pytest.mark.parametrize("seed", [2, 5, 10])
def test_the_usual_mistakes_suit_a_company_with_all_features(seed: int) -> None:
    """The sandbox plants them where names come in every form, too."""
    world = build_world(seed, 400, 24, AS_OF, features=ALL_FEATURES)

    assert Counter(each.kind for each in world.planted) == PROMISED


def test_every_kind_is_planted_as_often_as_promised(world: World) -> None:
    """The closing table of a run counts against these numbers."""
    assert Counter(each.kind for each in world.planted) == PROMISED


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("customers", [25, 100])
def test_a_smaller_company_has_fewer_mistakes_and_each_kind(
    seed: int, customers: int
) -> None:
    """Numbers scale with the company, never below one."""
    counted = Counter(
        each.kind for each in build_world(seed, customers, 6, AS_OF).planted
    )

    assert counted.keys() == PROMISED.keys()
    for kind, count in counted.items():
        # Sub-kinds are rounded up to one each: four of duplicates and of stale data.
        assert 1 <= count <= max(4, PROMISED[kind] * customers / 400 + 2)


def test_every_mistake_hits_another_customer(
    world: World, wrong: dict[tuple[str, str], Table]
) -> None:
    """No mistake hides or repairs another."""
    hit = [
        customer_of(wrong[each.system, each.object][each.record_id], wrong)
        for each in world.planted
        if each.kind != "sku_mismatch"
    ]

    assert len(hit) == 50
    assert len(set(hit)) == len(hit)


def test_labels_name_records_as_checks_do(world: World) -> None:
    """A record key is system, object in lower case, id."""
    keys = [each.record_key for each in world.planted]

    assert len(set(keys)) == len(keys)
    for each in world.planted:
        assert (
            each.record_key == f"{each.system}:{each.object.lower()}:{each.record_id}"
        )
        assert each.note.partition(":")[0] in {"automatic", "approval", "person"}


FIELD_KINDS = (
    "duplicate_customer",
    "sku_mismatch",
    "second_contract",
    "payment_failure_not_in_crm",
    "ungranted_support_tier",
    "stale_master_data",
)


@pytest.mark.parametrize("kind", FIELD_KINDS)
def test_the_record_holds_the_wrong_value_and_the_truth_the_right_one(
    kind: str,
    world: World,
    wrong: dict[tuple[str, str], Table],
    right: dict[tuple[str, str], Table],
) -> None:
    """A label's `wrong` stands in the record and `expected` in the record it was."""
    for each in of_kind(world, kind):
        assert each.field is not None
        table = wrong[each.system, each.object]
        assert value(table[each.record_id], each.field) == each.wrong
        assert each.wrong != each.expected
        before = right[each.system, each.object].get(each.record_id)
        if before is None:  # added: what is expected is another record's id
            assert kind in {"duplicate_customer", "second_contract"}
            assert each.expected in right[each.system, each.object]
        else:
            assert value(before, each.field) == each.expected


def test_duplicates_are_later_and_own_nothing(
    world: World, wrong: dict[tuple[str, str], Table]
) -> None:
    """A duplicate came after the first record, and nothing was sold or billed to it."""
    planted = of_kind(world, "duplicate_customer")
    owners = {each["AccountId"] for each in wrong["salesforce", "Contract"].values()}
    owners |= {each["customer"] for each in wrong["stripe", "subscription"].values()}
    created = {"Account": "CreatedDate", "customer": "created"}
    found = Counter[str]()
    for each in planted:
        table = wrong[each.system, each.object]
        later, first = table[each.record_id], table[each.expected]
        assert later[created[each.object]] > first[created[each.object]]
        assert each.record_id not in owners
        assert each.expected in owners
        found[each.note] += 1
        if each.object == "customer":
            assert later["email"] == first["email"]
            assert later["metadata"] == {"tax_id": first["metadata"]["tax_id"]}
        elif "same tax id" in each.note:
            assert later["Tax_Id__c"] == first["Tax_Id__c"] is not None
            assert later["Name"] != first["Name"]
        elif "same domain" in each.note:
            assert later["Website"] == first["Website"]
            assert later["Name"] != first["Name"]
        else:
            assert later["Name"] == first["Name"]
            assert later["Website"] != first["Website"]
            assert later["Tax_Id__c"] is None
    copied = {
        each["AccountId"]
        for identity, each in wrong["salesforce", "Contact"].items()
        if each["AccountId"] in {one.record_id for one in planted}
    }

    assert sorted(found.values()) == [2, 2, 2, 2]
    assert len(copied) == 2


def test_a_second_contract_overlaps_the_first_with_the_same_product(
    world: World,
    wrong: dict[tuple[str, str], Table],
    right: dict[tuple[str, str], Table],
) -> None:
    """The units moved to a contract of their own; nothing was sold twice."""
    rows: dict[str, list[Record]] = defaultdict(list)
    for row in wrong["salesforce", "SBQQ__Subscription__c"].values():
        rows[row["SBQQ__Contract__c"]].append(row)
    for each in of_kind(world, "second_contract"):
        contracts = wrong["salesforce", "Contract"]
        second, first = contracts[each.record_id], contracts[each.expected]
        quote = wrong["salesforce", "SBQQ__Quote__c"][second["SBQQ__Quote__c"]]
        assert quote["SBQQ__Type__c"] == "Quote"
        assert quote["SBQQ__MasterContract__c"] is None
        assert first["StartDate"] < second["StartDate"] <= first["EndDate"]
        assert second["EndDate"] == first["EndDate"]
        skus = [
            {row["SBQQ__Product__c"] for row in rows[one["Id"]]}
            for one in (first, second)
        ]
        assert skus[0] & skus[1]
    assert (
        wrong["salesforce", "SBQQ__Subscription__c"].keys()
        == right["salesforce", "SBQQ__Subscription__c"].keys()
    )
    assert len(wrong["salesforce", "Contract"]) == 4 + len(
        right["salesforce", "Contract"]
    )
    assert (
        wrong["stripe", "subscription"].keys() == right["stripe", "subscription"].keys()
    )


def test_late_usage_lies_in_an_invoiced_period(
    world: World, wrong: dict[tuple[str, str], Table]
) -> None:
    """The meter counted more than the invoice bills, by what the label says."""
    counted: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for each in wrong["stripe", "billing.meter_event_summary"].values():
        days = counted[each["_customer"], each["meter"]]
        days[each["start_time"]] = each["aggregated_value"]
    differing = {}
    for identity, invoice in wrong["stripe", "invoice"].items():
        for line in invoice["lines"]["data"]:
            price = line["pricing"]["price_details"]["price"]
            recurring = wrong["stripe", "price"][price]["recurring"]
            if recurring is None or recurring["meter"] is None:
                continue
            days = counted[invoice["customer"], recurring["meter"]]
            start, end = line["period"]["start"], line["period"]["end"]
            units = sum(n for day, n in days.items() if start <= day < end)
            if units != line["quantity"]:
                differing[identity] = (units, line["quantity"])
    labelled = {
        each.record_id: (each.expected, each.wrong)
        for each in of_kind(world, "late_usage")
    }

    assert differing == labelled
    assert all(units > billed for units, billed in labelled.values())


def test_a_missing_invoice_is_open_due_later_and_old_enough(
    world: World, wrong: dict[tuple[str, str], Table]
) -> None:
    """Only the labelled invoices are absent, and no payment hangs in the air."""
    posted = {each["externalid"] for each in wrong["netsuite", "invoice"].values()}
    missing = wrong["stripe", "invoice"].keys() - posted

    assert missing == {each.record_id for each in of_kind(world, "missing_erp_invoice")}
    for identity in missing:
        invoice = wrong["stripe", "invoice"][identity]
        issued_on = datetime.fromtimestamp(invoice["created"], UTC).date()
        assert invoice["status"] == "open"
        assert invoice["attempt_count"] == 0
        assert (AS_OF - issued_on).days >= 7
    for each in wrong["netsuite", "payment_application"].values():
        assert each["previousdoc"] in wrong["netsuite", "invoice"]


def test_an_endless_discount_lowers_each_invoice_since(
    world: World,
    wrong: dict[tuple[str, str], Table],
    right: dict[tuple[str, str], Table],
) -> None:
    """Exactly the invoices after the agreed months are lower, with all that follows."""
    planted = of_kind(world, "endless_discount")
    by_subscription = {each.record_id: each for each in planted}
    for identity, each in by_subscription.items():
        (discount,) = wrong["stripe", "subscription"][identity]["discounts"]
        coupon = wrong["stripe", "coupon"][discount["source"]["coupon"]]
        assert discount["source"]["coupon"] == each.wrong
        assert discount["end"] is None
        assert coupon["duration"] == "forever"
        assert right["stripe", "subscription"][identity]["discounts"] == []
        assert each.expected is None
    lowered = Counter[str]()
    for identity, invoice in wrong["stripe", "invoice"].items():
        before = right["stripe", "invoice"][identity]
        if invoice == before:
            continue
        subscription = invoice["parent"]["subscription_details"]["subscription"]
        lowered[subscription] += 1
        assert invoice["total"] < before["total"]
        assert invoice["subtotal"] == before["subtotal"]
        discount = sum(
            cut["amount"]
            for line in invoice["lines"]["data"]
            for cut in line["discount_amounts"]
        )
        assert invoice["total"] == invoice["subtotal"] - discount
    assert lowered.keys() == by_subscription.keys()
    for posted in wrong["netsuite", "invoice"].values():
        total = wrong["stripe", "invoice"][posted["externalid"]]["total"]
        places = 0 if posted["currency"] == "JPY" else 2
        assert posted["foreigntotal"] == Decimal(total).scaleb(-places)
    for paid in wrong["stripe", "invoice_payment"].values():
        invoice = wrong["stripe", "invoice"][paid["invoice"]]
        intent = wrong["stripe", "payment_intent"][paid["payment"]["payment_intent"]]
        assert intent["amount"] == paid["amount_requested"] == invoice["total"]


def test_nothing_else_changed(
    wrong: dict[tuple[str, str], Table],
    right: dict[tuple[str, str], Table],
) -> None:
    """Every record that differs belongs to a kind that says so."""
    changed = Counter[str]()
    for place, table in wrong.items():
        before = right[place]
        changed[f"{place[0]}.{place[1]}"] += sum(
            before.get(identity) != record for identity, record in table.items()
        )
        changed[f"{place[0]}.{place[1]}"] += len(before.keys() - table.keys())
    invoices = sum(
        record != right["stripe", "invoice"][identity]
        for identity, record in wrong["stripe", "invoice"].items()
    )
    moved_rows = changed.pop("salesforce.SBQQ__Subscription__c")
    forever = changed.pop("stripe.coupon")
    posted = {
        name: changed.pop(name)
        for name in (
            "stripe.payment_intent",
            "stripe.charge",
            "stripe.invoice_payment",
            "netsuite.payment",
            "netsuite.payment_application",
        )
    }

    assert +changed == {
        "salesforce.Account": 6 + 6 + 4,
        "salesforce.Contact": 2,
        "salesforce.Product2": 2,
        "salesforce.Contract": 4,
        "salesforce.SBQQ__Quote__c": 4,
        "salesforce.Opportunity": 4,
        "stripe.customer": 2 + 2,
        "stripe.subscription": 4,
        "stripe.invoice": invoices,
        "stripe.billing.meter_event_summary": 5,
        "zendesk.organization": 6 + 1,
        "netsuite.customer": 3,
        "netsuite.item": 2,
        "netsuite.invoice": invoices + 7,
    }
    assert moved_rows >= 4
    assert 1 <= forever <= 4
    assert all(0 < count <= invoices for count in posted.values())


def test_a_company_without_room_for_a_kind_is_refused() -> None:
    """A mistake that cannot be planted is said, not left out."""
    company = build(7, 25, 6, AS_OF)
    shrunk = replace(company, customers=company.customers[:3])

    with pytest.raises(ValueError, match="build a larger company"):
        plant(shrunk, documents(company), 7)
