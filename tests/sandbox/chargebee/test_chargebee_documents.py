"""Chargebee's records of the company agree with each other and with the facts."""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

import pytest

from sandbox.chargebee.documents import chargebee_documents
from sandbox.chargebee.documents_ids import customer_id
from sandbox.company.company import Company, build
from sandbox.company.features import ALL_FEATURES
from sandbox.stripe.documents import stripe_documents

AS_OF = date(2026, 10, 31)

Records = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def company() -> Company:
    """A company of which one entity bills by Chargebee."""
    return build(7, 250, 24, AS_OF, ALL_FEATURES)


@pytest.fixture(scope="module")
def records(company: Company) -> Records:
    """Chargebee's records of it."""
    return chargebee_documents(company)


def by_id(records: Records, name: str) -> dict[str, dict[str, Any]]:
    """Return the records of an object by id, each id once."""
    found = {each["id"]: each for each in records[name]}
    assert len(found) == len(records[name])
    return found


def test_a_company_that_bills_by_one_system_has_no_records_here() -> None:
    """Without an entity that uses Chargebee every list is there and empty."""
    found = chargebee_documents(build(7, 20, 6, AS_OF))

    assert {"customer", "subscription", "invoice", "transaction"} <= found.keys()
    assert not any(found.values())


def test_every_customer_is_billed_by_one_system(
    company: Company, records: Records
) -> None:
    """Nobody is missing here and there, and nobody is in both."""
    here = {each["id"] for each in records["customer"]}
    view = company.using("chargebee")
    tried = {each.customer_key for each in view.trials if each.contract_key is None}
    wanted = {customer_id(e) for e in view.customers}
    wanted |= {customer_id(company.customer_by_key[key]) for key in tried}
    there = {each["name"] for each in stripe_documents(company)["customer"]}

    assert here == wanted
    assert len(tried) > 0
    assert not there & {e.legal_name for e in company.using("chargebee").customers}


def test_whatever_points_at_a_record_finds_it(records: Records) -> None:
    """Ids are unique, and every reference leads somewhere."""
    held = {name: by_id(records, name) for name in records}
    points = (
        ("subscription", "customer_id", "customer"),
        ("invoice", "customer_id", "customer"),
        ("invoice", "subscription_id", "subscription"),
        ("transaction", "customer_id", "customer"),
        ("credit_note", "reference_invoice_id", "invoice"),
        ("payment_source", "customer_id", "customer"),
        ("item", "item_family_id", "item_family"),
        ("item_price", "item_id", "item"),
        ("usage", "subscription_id", "subscription"),
        ("usage", "item_price_id", "item_price"),
    )

    for name, field, other in points:
        assert {each[field] for each in records[name]} <= held[other].keys(), field
    for name, rows, field in (
        ("subscription", "subscription_items", "item_price_id"),
        ("invoice", "line_items", "entity_id"),
    ):
        used = {row[field] for each in records[name] for row in each[rows]}
        assert used <= held["item_price"].keys()


def test_money_adds_up(company: Company, records: Records) -> None:
    """Lines sum to invoices, invoices to what is paid and due, as the facts say."""
    facts = {each.number: each for each in company.using("chargebee").invoices}
    paid: dict[str, int] = defaultdict(int)
    for each in records["transaction"]:
        for link in each.get("linked_invoices", []):
            if each["status"] == "success":
                paid[link["invoice_id"]] += link["applied_amount"]

    for each in records["invoice"]:
        lines = each["line_items"]
        assert each["sub_total"] == sum(line["amount"] for line in lines)
        assert each["total"] == each["sub_total"] - sum(
            line["discount_amount"] for line in lines
        )
        assert each["total"] == facts[each["id"]].total_minor
        assert each["amount_paid"] == paid[each["id"]]
        if each["status"] != "voided":
            assert each["amount_due"] == (
                each["total"] - each["amount_paid"] - each["amount_adjusted"]
            )
        assert (each["amount_due"] == 0) == (each["status"] in {"paid", "voided"})
    for note in records["credit_note"]:
        parts = ("amount_allocated", "amount_refunded", "amount_available")
        assert note["total"] == sum(note[name] for name in parts)


def test_subscriptions_are_the_contracts(company: Company, records: Records) -> None:
    """One for each contract, with one plan, in the state of the last day."""
    contracts = company.using("chargebee").contracts

    found = [e for e in records["subscription"] if "contract_term" in e]
    tried = [e for e in records["subscription"] if "contract_term" not in e]

    assert len(found) == len(contracts)
    assert {each["status"] for each in tried} <= {"in_trial", "cancelled"}
    for each in found:
        kinds = Counter(item["item_type"] for item in each["subscription_items"])
        assert kinds["plan"] == 1
    assert [each["status"] == "cancelled" for each in found] == [
        each.ends_before <= AS_OF for each in contracts
    ]


def test_stamps_are_those_of_the_last_change(records: Records) -> None:
    """No record was changed before it was made, or after the last day."""
    end = 1_793_491_200 - 1  # 2026-10-31T23:59:59Z

    for name, rows in records.items():
        for each in rows:
            assert each["updated_at"] <= end, name
            assert each["resource_version"] == each["updated_at"] * 1000
            assert each.get("created_at", 0) <= each["updated_at"]
