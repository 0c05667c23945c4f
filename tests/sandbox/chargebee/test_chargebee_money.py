"""Chargebee's credit notes, refunds and transactions."""

from typing import Any

import pytest

STATE = "invalid_state_for_request"


def invoiced(site: Any, customer: str = "cust_00", amount: int = 1000) -> Any:
    """Return a new invoice of one charge."""
    return site.post(
        "/invoices/create_for_charge_items_and_charges",
        customer_id=customer,
        charges=[{"amount": amount, "description": "Work"}],
    )["invoice"]


def paid(site: Any, invoice: Any, **fields: Any) -> Any:
    """Return what writing a payment down answers."""
    transaction = {"payment_method": "bank_transfer", **fields}
    return site.post(
        f"/invoices/{invoice['id']}/record_payment", transaction=transaction
    )


def test_an_invoice_for_charge_items(site: Any) -> None:
    """Items are charged at their price, or at the price that was agreed."""
    told = site.post(
        "/invoices/create_for_charge_items_and_charges",
        customer_id="cust_00",
        item_prices=[
            {"item_price_id": "setup-once", "quantity": 2},
        ],
        net_term_days=10,
        po_number="PO 1",
    )["invoice"]
    single = site.post(
        "/invoices/create_for_charge_item",
        customer_id="cust_00",
        item_price={"item_price_id": "setup-once", "unit_price": 4000},
    )["invoice"]

    assert (told["total"], told["po_number"], told["first_invoice"]) == (
        10_000,
        "PO 1",
        True,
    )
    assert told["due_date"] - told["date"] == 10 * 86_400
    assert (single["total"], single["first_invoice"]) == (4000, False)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "customer_id"),
        ({"customer_id": "cust_00"}, "item_prices[item_price_id][0]"),
        ({"customer_id": "nobody"}, "customer_id"),
        (
            {
                "customer_id": "cust_00",
                "item_prices": [{"item_price_id": "basic-month"}],
            },
            "item_prices[item_price_id][0]",
        ),
        (
            {"customer_id": "cust_00", "charges": [{"amount": 0, "description": "x"}]},
            "charges[amount][0]",
        ),
        (
            {"customer_id": "cust_00", "charges": [{"amount": 5}]},
            "charges[description][0]",
        ),
    ],
)
def test_an_invoice_for_nothing_is_refused(
    site: Any, fields: dict[str, Any], param: str
) -> None:
    """The error names what is missing or wrong."""
    answer = site.ask("/invoices/create_for_charge_items_and_charges", **fields)

    assert answer.json()["param"] == param
    assert site.records("invoice") == []


def test_a_part_payment_leaves_the_rest_due(site: Any) -> None:
    """The invoice is paid once the parts sum; a failed try counts nothing."""
    invoice = invoiced(site)

    first = paid(site, invoice, amount=400)["invoice"]
    failed = paid(site, invoice, amount=600, status="failure")["invoice"]
    last = paid(site, invoice)["invoice"]
    again = site.ask(
        f"/invoices/{invoice['id']}/record_payment",
        transaction={"payment_method": "cash"},
    )

    assert (first["amount_due"], failed["amount_due"], last["status"]) == (
        600,
        600,
        "paid",
    )
    assert again.json()["api_error_code"] == STATE
    payments = site.get(f"/invoices/{invoice['id']}/payments")["list"]
    assert [e["transaction"]["status"] for e in payments] == [
        "success",
        "failure",
        "success",
    ]
    one = payments[0]["transaction"]
    assert site.get(f"/transactions/{one['id']}")["transaction"] == one


def test_what_is_paid_or_void_cannot_be_voided(site: Any) -> None:
    """Only an invoice on which nothing happened is voided, and once."""
    invoice, other = invoiced(site), invoiced(site)
    paid(site, invoice)
    site.post(f"/invoices/{other['id']}/void", void_reason_code="wrong")

    codes = [
        site.ask(f"/invoices/{each['id']}/void").json()["api_error_code"]
        for each in (invoice, other)
    ]

    assert codes == [STATE, STATE]
    assert site.get(f"/invoices/{other['id']}")["invoice"]["amount_due"] == 0


def test_a_credit_note_for_a_line(site: Any) -> None:
    """An adjustment takes its lines off what is due, and no more than there is."""
    invoice = invoiced(site)
    line = invoice["line_items"][0]["id"]
    fields = {"reference_invoice_id": invoice["id"], "type": "adjustment"}

    told = site.post(
        "/credit_notes",
        line_items=[{"reference_line_item_id": line, "amount": 300}],
        reason_code="waiver",
        **fields,
    )
    much = site.ask("/credit_notes", total=701, **fields)
    foreign = site.ask(
        "/credit_notes",
        line_items=[{"reference_line_item_id": "li_x", "amount": 1}],
        **fields,
    )

    note = told["credit_note"]
    assert (note["total"], note["status"], note["reason_code"]) == (
        300,
        "adjusted",
        "waiver",
    )
    assert note["line_items"][0]["reference_line_item_id"] == line
    assert told["invoice"]["amount_due"] == 700
    assert much.json()["api_error_code"] == STATE
    assert foreign.json()["param"] == "line_items[reference_line_item_id][0]"
    assert site.get(f"/credit_notes/{note['id']}")["credit_note"] == note


def test_a_refundable_note_waits_is_refunded_or_voided(site: Any) -> None:
    """Of a paid invoice a credit is money that is owed, until it was given back."""
    invoice = invoiced(site)
    paid(site, invoice)
    fields = {"reference_invoice_id": invoice["id"], "type": "refundable"}
    first = site.post("/credit_notes", total=300, **fields)["credit_note"]
    second = site.post("/credit_notes", total=200, **fields)["credit_note"]
    back = {"payment_method": "check", "date": site.clock.seconds()}

    refunded = site.post(f"/credit_notes/{first['id']}/record_refund", transaction=back)
    voided = site.post(f"/credit_notes/{second['id']}/void")["credit_note"]
    again = site.ask(f"/credit_notes/{first['id']}/void")

    assert (first["status"], first["amount_available"]) == ("refund_due", 300)
    assert refunded["credit_note"]["status"] == "refunded"
    assert refunded["transaction"]["amount"] == 300
    assert (voided["status"], voided["amount_available"]) == ("voided", 0)
    assert again.json()["api_error_code"] == STATE


def test_a_note_is_refunded_to_the_card_that_paid(site: Any) -> None:
    """A card gets back no more than it paid; a bank transfer is no card."""
    carded, other = invoiced(site, site.with_card()), invoiced(site)
    paid(site, other)
    notes = [
        site.post(
            "/credit_notes",
            total=300,
            reference_invoice_id=each["id"],
            type="refundable",
        )["credit_note"]["id"]
        for each in (carded, other)
    ]

    told = site.post(f"/credit_notes/{notes[0]}/refund", refund_amount=100)
    much = site.ask(f"/credit_notes/{notes[0]}/refund", refund_amount=201)
    foreign = site.ask(f"/credit_notes/{notes[1]}/refund")

    assert told["transaction"]["masked_card_number"].endswith("1111")
    assert told["credit_note"]["amount_available"] == 200
    assert {much.json()["api_error_code"], foreign.json()["api_error_code"]} == {STATE}


def test_credits_are_used_on_the_next_invoice(site: Any) -> None:
    """What waits to be refunded pays for what is bought next."""
    invoice = invoiced(site)
    paid(site, invoice)
    note = site.post(
        "/credit_notes",
        total=300,
        reference_invoice_id=invoice["id"],
        type="refundable",
    )["credit_note"]

    following = invoiced(site)

    assert (following["credits_applied"], following["amount_due"]) == (300, 700)
    used = site.get(f"/credit_notes/{note['id']}")["credit_note"]
    assert (used["status"], used["amount_allocated"]) == ("adjusted", 300)
    assert used["allocations"][0]["invoice_id"] == following["id"]


def test_dunning_can_be_stopped(site: Any) -> None:
    """Then the invoice is not paid, and no card is tried again."""
    bad = {"number": "4119862760338320", "expiry_month": 12, "expiry_year": 2030}
    customer = site.with_card(bad)
    invoice = invoiced(site, customer)

    stopped = site.post(f"/invoices/{invoice['id']}/stop_dunning")["invoice"]
    site.travel(20)
    tries = len(site.records("transaction"))
    source = site.post(
        "/payment_sources/create_card",
        customer_id=customer,
        card={**bad, "number": "4111111111111111"},
    )
    collected = site.post(
        f"/invoices/{invoice['id']}/collect_payment",
        payment_source_id=source["payment_source"]["id"],
    )

    assert (invoice["dunning_status"], tries) == ("in_progress", 1)
    assert (stopped["status"], stopped["dunning_status"]) == ("not_paid", "stopped")
    assert collected["invoice"]["status"] == "paid"


def test_without_a_card_nothing_is_collected(site: Any) -> None:
    """The error says that there is no payment method."""
    invoice = invoiced(site)

    answer = site.ask(f"/invoices/{invoice['id']}/collect_payment")

    assert answer.status_code == 402
    assert answer.json()["api_error_code"] == "payment_method_not_present"
