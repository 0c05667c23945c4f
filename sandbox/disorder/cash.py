"""Disorder in cash: what was paid, where it arrived and where it was applied."""

from datetime import timedelta
from decimal import Decimal
from random import Random

from sandbox.company.facts import (
    Contract,
    CreditNote,
    Customer,
    Invoice,
)
from sandbox.disorder.billing import stray_id
from sandbox.disorder.catalogue import (
    COMMON,
    RARE,
    Owned,
    customers,
    disorder,
    invoices,
    is_paid,
)
from sandbox.disorder.scene import Planted, Scene
from sandbox.identifiers import stripe_id, zendesk_id
from sandbox.netsuite.documents_ids import invoice_id as posting_id
from sandbox.netsuite.documents_ids import payment_id
from sandbox.salesforce.documents import account_id
from sandbox.stripe.documents_ids import (
    credit_note_id,
    customer_id,
    invoice_id,
)

UNAPPLIED_DAYS = 5


def _on_account(scene: Scene, invoice: Invoice) -> bool:
    """Return whether the invoice was paid long enough ago to be applied by now."""
    latest = scene.company.as_of - timedelta(days=UNAPPLIED_DAYS + 1)
    return (
        is_paid(scene, invoice)
        and invoice.paid_on is not None
        and invoice.paid_on <= latest
    )


def _open_in_billing(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    place = "stripe", "invoice", invoice_id(invoice)
    document = scene.record(*place)
    document |= {
        "amount_due": document["total"],
        "amount_paid": 0,
        "amount_remaining": document["total"],
    }
    document["status_transitions"]["paid_at"] = None
    link = scene.record("stripe", "invoice_payment", stripe_id("inpay", invoice.key))
    link |= {"status": "open", "amount_paid": None}
    link["status_transitions"]["paid_at"] = None
    note = "approval: the charge succeeded and billing still waits for it"
    return scene.changed(*place, "status", "open", note)


def _unapply(scene: Scene, invoice: Invoice) -> None:
    link = f"{posting_id(invoice)}-{payment_id(invoice)}"
    scene.remove("netsuite", "payment_application", link)
    scene.record("netsuite", "invoice", posting_id(invoice))["status"] = "Open"


def _no_payment(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    _unapply(scene, invoice)
    payment = payment_id(invoice)
    for link in scene.where("netsuite", "deposit_application", "previousdoc", payment):
        scene.remove("netsuite", "deposit_application", link)
    note = "approval: paid in billing, and the ERP has no payment"
    return scene.lost("netsuite", "payment", payment, note)


def _unapplied(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    link = f"{posting_id(invoice)}-{payment_id(invoice)}"
    scene.record("netsuite", "invoice", posting_id(invoice))["status"] = "Open"
    note = "person: the payment is in the ERP and settles nothing"
    return scene.lost("netsuite", "payment_application", link, note)


def _failed(scene: Scene, customer: Customer) -> bool:
    return scene.company.has_failed_payment(customer)


def _unseen_failure(scene: Scene, customer: Customer, _rng: Random) -> Planted:
    return scene.changed(
        "salesforce",
        "Account",
        account_id(customer),
        "Payment_Status__c",
        "current",
        "automatic: the last invoice is open because the card was declined",
    )


def _refunded(scene: Scene) -> list[Owned[CreditNote]]:
    company = scene.company
    return [
        (company.invoice_by_key[note.invoice_key].customer.key, note)
        for note in scene.books.credit_notes
        if note.refund_key is not None
    ]


def _no_credit_note(scene: Scene, note: CreditNote, _rng: Random) -> Planted:
    invoice = invoice_id(scene.company.invoice_by_key[note.invoice_key])
    scene.record("stripe", "invoice", invoice)["post_payment_credit_notes_amount"] = 0
    said = "approval: money was given back and no credit note says what for"
    return scene.lost("stripe", "credit_note", credit_note_id(note), said)


def _paid_twice(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    first = scene.look("netsuite", "payment", payment_id(invoice))
    again = {"id": stray_id(invoice), "externalid": f"{first['externalid']}-retry"}
    note = "approval: posted once more when the gateway sent its events again"
    return scene.added("netsuite", "payment", first | again, note)


def _short(scene: Scene, invoice: Invoice, rng: Random) -> Planted:
    place = "netsuite", "payment", payment_id(invoice)
    total: Decimal = scene.look(*place)["foreigntotal"]
    wrong = (total * rng.randint(80, 98) / 100).quantize(total)
    link = f"{posting_id(invoice)}-{payment_id(invoice)}"
    scene.record("netsuite", "payment_application", link)["foreignamount"] = wrong
    scene.record("netsuite", "invoice", posting_id(invoice))["status"] = "Open"
    note = "approval: the customer paid less than it owed"
    return scene.changed(*place, "foreigntotal", wrong, note)


def _in_good_standing(scene: Scene, customer: Customer) -> bool:
    running: tuple[Contract, ...] = scene.company.in_force(customer)
    return bool(running) and not scene.company.has_failed_payment(customer)


def _suspended(scene: Scene, customer: Customer, _rng: Random) -> Planted:
    return scene.changed(
        "zendesk",
        "user",
        zendesk_id("user", customer.people[0].key),
        "suspended",
        True,  # noqa: FBT003 - the value
        "automatic: all is paid, and support still turns the customer away",
    )


def _credit_balance(scene: Scene, customer: Customer, rng: Random) -> Planted:
    note = "approval: billing owes the customer money that the ERP knows nothing of"
    # Stripe writes what it owes the customer with a minus.
    wrong = -rng.randint(10, 900) * 100
    place = "stripe", "customer", customer_id(customer)
    return scene.changed(*place, "balance", wrong, note)


_PAYMENT = "netsuite.payment"
_LINK = "netsuite.payment_application"
DISORDERS = (
    disorder(
        "paid at the gateway, open in billing",
        "C01",
        "stripe.invoice stripe.invoice_payment",
        invoices(is_paid),
        _open_in_billing,
    ),
    disorder(
        "payment missing in the ERP",
        "C02",
        f"{_PAYMENT} {_LINK} netsuite.invoice netsuite.deposit_application",
        invoices(_on_account),
        _no_payment,
    ),
    disorder(
        "payment failure that sales does not see",
        "C03",
        "salesforce.Account",
        customers(_failed),
        _unseen_failure,
        rate=COMMON,
    ),
    disorder(
        "payment that settles nothing",
        "C06",
        f"{_LINK} netsuite.invoice",
        invoices(_on_account),
        _unapplied,
    ),
    disorder(
        "refund without a credit note",
        "C07",
        "stripe.credit_note stripe.invoice",
        _refunded,
        _no_credit_note,
        needs="credit_notes",
        rate=COMMON,
    ),
    disorder(
        "payment posted twice",
        "C09",
        _PAYMENT,
        invoices(is_paid),
        _paid_twice,
        rate=RARE,
    ),
    disorder(
        "customer who paid too little",
        "C10",
        f"{_PAYMENT} {_LINK} netsuite.invoice",
        invoices(is_paid),
        _short,
    ),
    disorder(
        "paid and still suspended",
        "C12",
        "zendesk.user",
        customers(_in_good_standing),
        _suspended,
    ),
    disorder(
        "credit balance that the ERP does not know",
        "C13",
        "stripe.customer",
        customers(),
        _credit_balance,
    ),
)
