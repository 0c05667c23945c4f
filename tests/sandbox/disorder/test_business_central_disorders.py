"""Disorder in Business Central's books: each shows, and the rest still adds up.

That each is labelled, and that nothing besides differs, is tested for all disorders in
`test_disorders`; here is what a reader of these books finds.
"""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sandbox.business_central.books import OWNER
from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.company.company import build
from sandbox.company.features import ALL_FEATURES
from sandbox.credentials import Credentials
from sandbox.disorder.business_central import DISORDERS
from sandbox.disorder.plant import plant
from sandbox.documents import documents
from sandbox.server import application
from sandbox.shapes import Document
from sandbox.store import Store
from sandbox.world import build_world
from tests.sandbox.disorder.conftest import AS_OF, Planter, Spoiled

NAMES = {each.name for each in DISORDERS}
every = pytest.mark.parametrize("name", sorted(NAMES))
MISSING, TWICE = (
    "invoice missing in Business Central",
    ("invoice posted twice in Business Central"),
)
UNAPPLIED = "payment that settles nothing in Business Central"
Books = dict[str, list[Document]]


def books(found: Spoiled) -> Books:
    """Return Business Central's records, by set in lower case."""
    held: Books = defaultdict(list)
    for key, record in found.after.items():
        system, name, _ = key.split(":", 2)
        if system == "business_central":
            held[name].append(record)
    return held


def one(spoiled: Planter, name: str) -> tuple[Spoiled, Document, Document]:
    """Plant one disorder; return it, with its record before and after."""
    found = spoiled({name: 0.01})
    (planted,) = found.planting.planted
    before = found.before.get(planted.record_key, {})
    return found, before, found.after.get(planted.record_key, {})


def test_six_and_more_checks_have_something_to_find() -> None:
    """Master data, postings and cash of the catalogue, each named for its ERP."""
    checks = {each.checks[0] for each in DISORDERS}

    assert len(NAMES) == len(DISORDERS)
    assert checks >= {"B01", "B03", "B04", "B05", "B06", "B08", "C02", "C06", "M12"}
    assert all("Business Central" in name for name in NAMES)
    assert all("entities" in each.needs for each in DISORDERS)


@every
def test_the_ledger_balances_by_document(spoiled: Planter, name: str) -> None:
    """What is debited is credited, in every document, whatever else is wrong."""
    found = spoiled({name: 0.01})

    sums: Counter[tuple[str, str]] = Counter()
    for entry in books(found)["generalledgerentries"]:
        place = entry["documentNumber"], entry["documentType"]
        sums[place] += entry["debitAmount"] - entry["creditAmount"]
    assert not any(sums.values())


@every
def test_a_card_says_what_its_open_invoices_say(spoiled: Planter, name: str) -> None:
    """The balance is what remains of the invoices; a payment on account lowers it."""
    found = spoiled({name: 0.01})
    (planted,) = found.planting.planted
    held = books(found)
    due: Counter[str] = Counter()
    for invoice in held["salesinvoices"]:
        due[invoice["customerId"]] += invoice["remainingAmount"]

    apart = {
        card["id"]: due[card["id"]] - card["balance"]
        for card in held["customers"]
        if due[card["id"]] != card["balance"]
    }

    if name != UNAPPLIED:
        assert apart == {}
        return
    invoice = found.after[planted.record_key]
    assert apart == {invoice["customerId"]: invoice["totalAmountIncludingTax"]}


@every
def test_documents_are_the_sum_of_their_lines(spoiled: Planter, name: str) -> None:
    """A posted invoice has its lines, and no line is without its invoice."""
    held = books(spoiled({name: 0.01}))
    lines: Counter[str] = Counter()
    for line in held["salesinvoicelines"]:
        lines[line["documentId"]] += line["amountIncludingTax"]

    totals = {
        each["id"]: each["totalAmountIncludingTax"] for each in held["salesinvoices"]
    }

    assert dict(lines) == totals


def test_a_missing_invoice_is_in_billing_alone(spoiled: Planter) -> None:
    """Chargebee has the invoice; no document and no entry of these books names it."""
    found, before, after = one(spoiled, MISSING)
    number = before["externalDocumentNumber"]

    billed = [
        each["id"]
        for key, each in found.after.items()
        if key.startswith("chargebee:invoice:")
    ]
    held = books(found)
    named = {each["externalDocumentNumber"] for each in held["salesinvoices"]}
    entered = {each["documentNumber"] for each in held["generalledgerentries"]}
    assert after == {}
    assert number in billed
    assert number not in named
    assert before["number"] not in entered


def test_an_invoice_that_was_posted_twice_has_one_number_outside(
    spoiled: Planter,
) -> None:
    """Two documents of one external number, both of them in the ledger."""
    found, _, again = one(spoiled, TWICE)
    held = books(found)

    same = [
        each
        for each in held["salesinvoices"]
        if each["externalDocumentNumber"] == again["externalDocumentNumber"]
    ]

    numbers = {each["number"] for each in same}
    entered = Counter(each["documentNumber"] for each in held["generalledgerentries"])
    entry_numbers = [each["entryNumber"] for each in held["generalledgerentries"]]
    assert len(numbers) == 2
    assert all(entered[number] >= 2 for number in numbers)
    assert {each["totalAmountIncludingTax"] for each in same} == {
        again["remainingAmount"]
    }
    assert len(set(entry_numbers)) == len(entry_numbers)


def test_another_total_is_tax_on_a_line(spoiled: Planter) -> None:
    """The net is what was billed; the tax alone differs and is still owed."""
    _, before, after = one(spoiled, "other total in Business Central")

    tax = after["totalTaxAmount"]
    assert tax > 0
    assert after["totalAmountExcludingTax"] == before["totalAmountExcludingTax"]
    assert after["totalAmountIncludingTax"] == before["totalAmountIncludingTax"] + tax
    assert (after["status"], after["remainingAmount"]) == ("Open", tax)


def test_a_later_period_is_the_next_month(spoiled: Planter) -> None:
    """Document and entries are posted on the first of it; the invoice's day stays."""
    name = "invoice posted in a later period in Business Central"
    found, before, after = one(spoiled, name)

    issued, posted = (
        date.fromisoformat(after[each]) for each in ("invoiceDate", "postingDate")
    )
    entries = {
        each["postingDate"]
        for each in books(found)["generalledgerentries"]
        if each["documentNumber"] == after["number"]
        and each["documentType"] == "Invoice"
    }
    assert after["invoiceDate"] == before["invoiceDate"]
    months = (posted.year - issued.year) * 12 + posted.month - issued.month
    assert (months, posted.day) == (1, 1)
    assert entries == {after["postingDate"]}
    assert posted <= AS_OF


@pytest.mark.parametrize(
    ("name", "payments"),
    [("payment missing in Business Central", 0), (UNAPPLIED, 2)],
)
def test_an_unpaid_invoice_has_no_payment_or_an_idle_one(
    spoiled: Planter, name: str, payments: int
) -> None:
    """Missing: no entry of it. Settling nothing: both entries, and an open invoice."""
    found = spoiled({name: 0.01})
    held = books(found)
    (number,) = {
        each["number"]
        for key, each in found.after.items()
        if key.startswith("business_central:salesinvoices:")
        and found.before[key] != each
    }

    entries = [
        each
        for each in held["generalledgerentries"]
        if (each["documentNumber"], each["documentType"]) == (number, "Payment")
    ]
    (invoice,) = [each for each in held["salesinvoices"] if each["number"] == number]

    assert len(entries) == payments
    assert invoice["status"] == "Open"
    assert invoice["remainingAmount"] == invoice["totalAmountIncludingTax"] > 0


def test_a_second_card_owes_nothing_and_has_a_number_of_its_own(
    spoiled: Planter,
) -> None:
    """It is the same customer by its address, under a name in other letters."""
    found, _, again = one(spoiled, "customer twice in Business Central")
    cards = books(found)["customers"]

    (first,) = [
        each
        for each in cards
        if each["email"] == again["email"] and each["id"] != again["id"]
    ]

    assert first["displayName"].casefold() == again["displayName"].casefold()
    assert first[OWNER] == again[OWNER]
    assert again["balance"] == 0
    assert len({each["number"] for each in cards}) == len(cards)


def test_without_entities_nothing_changes() -> None:
    """A company of one entity has no books here, and says what it would need."""
    company = build(7, 60, 12, AS_OF, ALL_FEATURES - {"entities"})
    written, untouched = documents(company), documents(company)

    planting = plant(company, written, 7, dict.fromkeys(NAMES, 1.0))

    assert planting.planted == ()
    assert {each.name for each in planting.short} == NAMES
    assert all("entities" in each.needs for each in planting.short)
    assert written == untouched


def test_the_api_shows_what_was_planted(keys: Credentials) -> None:
    """A blocked customer is found by a filter, under the name that its label has."""
    name = "customer blocked in Business Central"
    world = build_world(
        2, 80, 12, AS_OF, disorder={name: 0.01}, features=frozenset({"entities"})
    )
    (planted,) = world.planted
    start = datetime(2026, 11, 1, 12, tzinfo=UTC)
    store = Store(
        {"business_central": world.documents["business_central"]}, Clock(start)
    )
    app = application(store, keys, only=["business_central"])

    with in_process(app, "business_central") as client:
        login: dict[str, Any] = {
            "grant_type": "client_credentials",
            "client_id": keys.business_central_client_id,
            "client_secret": keys.business_central_client_secret,
        }
        token = client.post("/tenant/oauth2/v2.0/token", data=login).json()
        client.headers["Authorization"] = f"Bearer {token['access_token']}"
        base = "/v2.0/tenant/production/api/v2.0/companies"
        (company,) = client.get(base).json()["value"]
        customers = f"{base}({company['id']})/customers"
        blocked = client.get(f"{customers}?$filter=blocked eq 'All'").json()["value"]

    assert [each["id"] for each in blocked] == [planted.record_id]
    assert planted.check == "M12"
