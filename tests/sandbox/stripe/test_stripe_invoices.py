"""Invoices and credit notes, judged by Stripe's own client and description."""

from typing import Any

import pytest
import stripe

pytestmark = pytest.mark.judge("stripe 16.1.0")


def drafted(account: Any, customer: Any, *amounts: int, **settings: Any) -> Any:
    """Return a draft with lines of these amounts."""
    v1 = account.v1
    draft = v1.invoices.create({"customer": customer.id, **settings})
    for amount in amounts:
        wanted = {"customer": customer.id, "invoice": draft.id, "amount": amount}
        v1.invoice_items.create({**wanted, "currency": "usd"})
    return v1.invoices.retrieve(draft.id)


def opened(account: Any, customer: Any, *amounts: int, **settings: Any) -> Any:
    """Return an open invoice."""
    draft = drafted(account, customer, *amounts, **settings)
    return account.v1.invoices.finalize_invoice(draft.id)


def test_lines_are_summed_and_numbered(account: Any) -> None:
    """invoices.create, invoice_items.create, finalize_invoice: sums, number, due."""
    customer = account.customer()
    settings = {"collection_method": "send_invoice", "days_until_due": 14}

    first = opened(account, customer, 1000, 250, -50, **settings)
    second = opened(account, customer, 7, **settings)

    assert (first.status, first.total, first.amount_remaining) == ("open", 1200, 1200)
    assert first.due_date == account.now + 14 * 86_400
    assert first.number.endswith("-0001")
    assert second.number.endswith("-0002")


def test_a_long_invoice_has_a_list_of_its_own_for_lines(account: Any) -> None:
    """More than ten lines: auto-paging reads the rest."""
    draft = drafted(account, account.customer(), *range(100, 112))

    lines = list(draft.lines.auto_paging_iter())

    assert (len(draft.lines.data), draft.lines.has_more) == (10, True)
    assert [line.amount for line in lines] == list(range(100, 112))


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (
            lambda v1, invoice: v1.invoices.finalize_invoice(invoice),
            "invoice_not_editable",
        ),
        (lambda v1, invoice: v1.invoices.delete(invoice), "invoice_not_editable"),
        (
            lambda v1, invoice: v1.invoices.update(invoice, {"days_until_due": 3}),
            "invoice_not_editable",
        ),
        (
            lambda v1, invoice: v1.invoices.add_lines(
                invoice, {"lines": [{"amount": 5}]}
            ),
            "invoice_not_editable",
        ),
    ],
    ids=["finalize", "delete", "update", "add_lines"],
)
def test_what_is_final_is_not_edited(account: Any, act: Any, code: str) -> None:
    """Finalizing twice, deleting, changing the terms or lines of an open invoice."""
    invoice = opened(account, account.customer(), 1000)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        act(account.v1, invoice.id)

    assert (refused.value.http_status, refused.value.code) == (400, code)


@pytest.mark.parametrize("end", ["pay", "void_invoice", "mark_uncollectible"])
def test_an_invoice_ends_once(account: Any, end: str) -> None:
    """Paying twice, voiding what is paid, paying what is void."""
    v1 = account.v1
    invoice = opened(account, account.customer(), 1000)
    ended = getattr(v1.invoices, end)(invoice.id)

    refused = []
    for again in ("pay", "mark_uncollectible"):
        if (end, again) == ("mark_uncollectible", "pay"):
            continue
        with pytest.raises(stripe.InvalidRequestError) as error:
            getattr(v1.invoices, again)(invoice.id)
        refused.append(error.value.code)

    assert ended.status in ("paid", "void", "uncollectible")
    assert set(refused) <= {"invoice_already_paid", "status_transition_invalid"}
    if end == "pay":
        with pytest.raises(stripe.InvalidRequestError):
            v1.invoices.void_invoice(invoice.id)


def test_a_declined_payment_leaves_it_open(account: Any) -> None:
    """invoices.pay with a declining card: card_error, one attempt noted, then paid."""
    v1 = account.v1
    invoice = opened(account, account.customer(None), 1000)
    card = {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}

    with pytest.raises(stripe.CardError) as declined:
        v1.invoices.pay(invoice.id, card)
    after = v1.invoices.retrieve(invoice.id, {"expand": ["payments"]})
    paid = v1.invoices.pay(invoice.id, {"payment_method": "pm_card_visa"})

    said = declined.value.json_body["error"]
    assert (declined.value.http_status, said["decline_code"]) == (
        402,
        "insufficient_funds",
    )
    assert (after.status, after.attempt_count) == ("open", 1)
    assert (paid.status, paid.amount_paid, paid.attempt_count) == ("paid", 1000, 2)


def test_it_can_be_paid_elsewhere(account: Any) -> None:
    """paid_out_of_band: no charge, and the payment intent is given up."""
    invoice = opened(account, account.customer(None), 1000)

    paid = account.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})

    intents = account.v1.payment_intents.list().data
    assert (paid.status, paid.amount_paid_off_stripe) == ("paid", 1000)
    assert [each.status for each in intents] == ["canceled"]


def test_a_voided_invoice_gives_its_intent_up(account: Any) -> None:
    """void_invoice cancels the payment that was asked for."""
    invoice = opened(account, account.customer(None), 1000)

    account.v1.invoices.void_invoice(invoice.id)

    (payment,) = account.v1.invoice_payments.list({"invoice": invoice.id}).data
    assert payment.status == "canceled"


def test_the_balance_is_taken_up(account: Any) -> None:
    """A customer's credit lowers amount_due, and what is left of it stays."""
    customer = account.customer(balance=-1500)

    first = opened(account, customer, 1000)
    second = opened(account, customer, 1000)

    assert (first.status, first.starting_balance, first.ending_balance) == (
        "paid",
        -1500,
        -500,
    )
    assert (second.amount_due, second.total, second.ending_balance) == (500, 1000, 0)
    listed = account.v1.customers.balance_transactions.list(customer.id).data
    assert [each.amount for each in listed] == [500, 1000, -1500]


def test_discounts_are_shared_out_exactly(account: Any) -> None:
    """An amount off and a percentage on one invoice: the parts sum to the whole."""
    v1 = account.v1
    fixed = v1.coupons.create({"amount_off": 100, "currency": "usd"})
    share = v1.coupons.create({"percent_off": 33.3})
    draft = drafted(account, account.customer(), 333, 333, 334)

    after = v1.invoices.update(
        draft.id, {"discounts": [{"coupon": fixed.id}, {"coupon": share.id}]}
    )

    cuts = [each.amount for each in after.total_discount_amounts]
    parts = [each.amount for line in after.lines.data for each in line.discount_amounts]
    assert cuts[0] == 100
    assert sum(parts) == sum(cuts) == after.subtotal - after.total


def test_pending_items_wait_for_an_invoice(account: Any) -> None:
    """pending_invoice_items_behavior=include takes them up; deleting frees nothing."""
    v1, customer = account.v1, account.customer()
    item = v1.invoice_items.create(
        {"customer": customer.id, "amount": 700, "currency": "usd"}
    )
    preview = v1.invoices.create_preview({"customer": customer.id})

    invoice = v1.invoices.create(
        {"customer": customer.id, "pending_invoice_items_behavior": "include"}
    )

    assert (preview.total, invoice.total) == (700, 700)
    assert v1.invoice_items.retrieve(item.id).invoice == invoice.id
    with pytest.raises(stripe.InvalidRequestError) as nothing:
        v1.invoices.create_preview({"customer": customer.id})
    assert nothing.value.code == "invoice_upcoming_none"


def test_a_revision_replaces_an_invoice(account: Any) -> None:
    """from_invoice with action revision copies the lines."""
    invoice = opened(account, account.customer(), 1000, 5)
    origin = {"action": "revision", "invoice": invoice.id}

    revised = account.v1.invoices.create({"from_invoice": origin})

    assert (revised.status, revised.total) == ("draft", 1005)
    assert account.v1.invoices.retrieve(invoice.id).latest_revision == revised.id


def test_a_credit_note_lowers_an_open_invoice(account: Any) -> None:
    """credit_notes.create before payment, voided again, then for all of it."""
    v1 = account.v1
    invoice = opened(account, account.customer(None), 1000)

    note = v1.credit_notes.create({"invoice": invoice.id, "amount": 300})
    left = v1.invoices.retrieve(invoice.id).amount_remaining
    v1.credit_notes.void_credit_note(note.id)
    v1.credit_notes.create({"invoice": invoice.id, "amount": 1000})

    after = v1.invoices.retrieve(invoice.id)
    assert (note.type, note.number[-5:], left) == ("pre_payment", "CN-01", 700)
    assert (after.status, after.amount_remaining) == ("paid", 0)


def test_a_credit_note_gives_money_back(account: Any) -> None:
    """credit_notes.create after payment: refund and balance must sum to it."""
    v1, customer = account.v1, account.customer()
    invoice = v1.invoices.pay(opened(account, customer, 1000).id)
    wanted = {"invoice": invoice.id, "amount": 600}

    with pytest.raises(stripe.InvalidRequestError):
        v1.credit_notes.create({**wanted, "refund_amount": 500})
    note = v1.credit_notes.create(
        {**wanted, "refund_amount": 500, "credit_amount": 100}
    )
    with pytest.raises(stripe.InvalidRequestError) as much:
        v1.credit_notes.create({**wanted, "refund_amount": 600})

    (refund,) = v1.refunds.list().data
    assert (note.type, refund.amount) == ("post_payment", 500)
    assert v1.customers.retrieve(customer.id).balance == -100
    assert much.value.code == "amount_too_large"


def test_credit_note_lines_carry_their_discount(account: Any) -> None:
    """A line credited in part gives back its part of the discount."""
    v1 = account.v1
    coupon = v1.coupons.create({"percent_off": 10})
    draft = drafted(account, account.customer(None), 1000)
    v1.invoices.update(draft.id, {"discounts": [{"coupon": coupon.id}]})
    invoice = v1.invoices.finalize_invoice(draft.id)
    line = {
        "type": "invoice_line_item",
        "invoice_line_item": invoice.lines.data[0].id,
        "amount": 500,
    }

    preview = v1.credit_notes.preview({"invoice": invoice.id, "lines": [line]})
    note = v1.credit_notes.create({"invoice": invoice.id, "lines": [line]})
    lines = v1.credit_notes.line_items.list(note.id)

    assert (preview.total, note.total, lines.data[0].discount_amount) == (450, 450, 50)
