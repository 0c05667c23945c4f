"""Disorder between billing and the ERP: what was invoiced, and what was posted."""

from dataclasses import replace
from random import Random

from sandbox.company.days import plus
from sandbox.company.facts import Basis, Customer, Invoice
from sandbox.disorder.catalogue import (
    COMMON,
    disorder,
    invoices,
    is_open,
    is_plain,
)
from sandbox.disorder.rebilling import REBILLED, bill_again
from sandbox.disorder.scene import Planted, Scene
from sandbox.netsuite.documents_ids import invoice_id as posting_id
from sandbox.netsuite.documents_lines import invoice_lines
from sandbox.stripe.documents_ids import (
    invoice_id,
    invoice_item_id,
    subscription_id,
)

# Long enough ago that nobody can say the ERP is only a few days behind.
ERP_OVERDUE_DAYS = 7
# Internal ids of what was posted by mistake: behind every other transaction.
FIRST_STRAY = 8 * 10**9


def unpaid(scene: Scene, customer: Customer) -> list[Invoice]:
    """Return the open invoices that the ERP has had time to post."""
    overdue = plus(scene.company.as_of, -ERP_OVERDUE_DAYS)
    return [
        invoice
        for invoice in scene.company.invoices_of[customer.key]
        if invoice.status == "open"
        and not invoice.failed
        and invoice.issued_on <= overdue
    ]


def unpost(scene: Scene, invoice: Invoice) -> None:
    """Take the lines of a posted invoice away."""
    for line in invoice_lines(scene.company, invoice):
        scene.remove("netsuite", "transactionline", line["id"])


def lose_invoice(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    """Let an invoice never reach the ERP."""
    unpost(scene, invoice)
    scene.remove("netsuite", "invoice", posting_id(invoice))
    return Planted(
        "",
        "stripe",
        "invoice",
        invoice_id(invoice),
        None,
        None,
        None,
        f"approval: invoice {invoice.number} is not in NetSuite",
    )


def stray_id(invoice: Invoice) -> str:
    """Return the internal id of what was posted a second time."""
    return str(FIRST_STRAY + invoice.sequence)


def _renumbered(scene: Scene, invoice: Invoice, number: str, note: str) -> Planted:
    scene.record("netsuite", "invoice", posting_id(invoice))["tranid"] = number
    place = "stripe", "invoice", invoice_id(invoice)
    return scene.changed(*place, "number", number, note)


def _moved_number(invoice: Invoice, by: int) -> str:
    prefix, _, count = invoice.number.rpartition("-")
    return f"{prefix}-{int(count) + by:04}"


def _latest(scene: Scene, invoice: Invoice) -> bool:
    """Return whether an open invoice is the customer's last and not its first."""
    own = scene.company.invoices_of[invoice.customer.key]
    return len(own) > 1 and own[-1] is invoice and is_open(scene, invoice)


def _number_gap(scene: Scene, invoice: Invoice, rng: Random) -> Planted:
    note = "person: numbers before this one were never given"
    number = _moved_number(invoice, rng.randint(1, 3))
    return _renumbered(scene, invoice, number, note)


def _number_twice(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    note = "person: an earlier invoice has the same number"
    return _renumbered(scene, invoice, _moved_number(invoice, -1), note)


def _recurring(scene: Scene, invoice: Invoice) -> bool:
    is_recurring = any(line.basis is Basis.RECURRING for line in invoice.lines)
    return is_recurring and is_plain(scene, invoice) and not invoice.failed


def _unpaid_out(scene: Scene, invoice: Invoice) -> bool:
    """Return whether no payout would have to change with the invoice."""
    if invoice.status != "open" and "payments" in scene.company.features:
        return False
    return _recurring(scene, invoice)


def _overbilled(scene: Scene, invoice: Invoice, rng: Random) -> Planted:
    place, line = rng.choice(
        [
            (place, line)
            for place, line in enumerate(invoice.lines)
            if line.basis is Basis.RECURRING
        ]
    )
    quantity = line.quantity + rng.randint(1, max(line.quantity // 2, 1))
    more = replace(
        line,
        quantity=quantity,
        amount_minor=line.amount_minor * quantity // line.quantity,
        discount_minor=line.discount_minor * quantity // line.quantity,
    )
    lines = tuple(more if each is line else each for each in invoice.lines)
    bill_again(scene, replace(invoice, lines=lines))
    return Planted(
        "",
        "stripe",
        "invoice",
        invoice_id(invoice),
        f"lines.data.{place}.quantity",
        line.quantity,
        quantity,
        "approval: more units billed than the contract has",
    )


def _never_billed(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    former = scene.company.invoices_of[invoice.customer.key][-2]
    subscription = subscription_id(invoice.contract_key)
    for line in invoice.lines:
        item = invoice_item_id(line)
        if scene.has("stripe", "invoiceitem", item):
            scene.remove("stripe", "invoiceitem", item)
    unpost(scene, invoice)
    scene.remove("netsuite", "invoice", posting_id(invoice))
    record = scene.record("stripe", "subscription", subscription)
    record["latest_invoice"] = invoice_id(former)
    customer = scene.look("stripe", "invoice", invoice_id(invoice))["customer"]
    scene.record("stripe", "customer", customer)["next_invoice_sequence"] -= 1
    note = f"approval: what was due on {invoice.issued_on} was never invoiced"
    return scene.lost("stripe", "invoice", invoice_id(invoice), note)


def _continues(scene: Scene, invoice: Invoice) -> bool:
    if not _latest(scene, invoice):
        return False
    former = scene.company.invoices_of[invoice.customer.key][-2]
    return former.contract_key == invoice.contract_key


def _other_period(scene: Scene, invoice: Invoice, rng: Random) -> Planted:
    place = "stripe", "invoice", invoice_id(invoice)
    line = scene.record(*place)["lines"]["data"][0]["period"]
    days = rng.choice((28, 30, 31)) * 86_400
    line["end"] += days
    note = "approval: the line bills another period than the contract's"
    wrong = line["start"] + days
    return scene.changed(*place, "lines.data.0.period.start", wrong, note)


def _wrong_receiver(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    wrong = f"office@{invoice.customer.domain.split('.')[0]}-former.example"
    note = "automatic: sent to an address that the customer never gave"
    place = "stripe", "invoice", invoice_id(invoice)
    return scene.changed(*place, "customer_email", wrong, note)


def _ordered(scene: Scene, invoice: Invoice) -> bool:
    fields = scene.look("stripe", "invoice", invoice_id(invoice))["custom_fields"]
    return bool(fields) and is_open(scene, invoice)


def _no_purchase_order(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    note = "automatic: the customer pays no invoice without its order number"
    place = "stripe", "invoice", invoice_id(invoice)
    return scene.changed(*place, "custom_fields", None, note)


_BILLED, _POSTED = "stripe.invoice", "netsuite.invoice"
_BOTH = f"{_BILLED} {_POSTED}"
DISORDERS = (
    disorder(
        "gap in the invoice numbers", "B07", _BOTH, invoices(_latest), _number_gap
    ),
    disorder(
        "invoice number given twice", "B07", _BOTH, invoices(_latest), _number_twice
    ),
    disorder(
        "billed more than the contract",
        "B09",
        REBILLED,
        invoices(_unpaid_out),
        _overbilled,
    ),
    disorder(
        "month that was never billed",
        "B10",
        f"{_BOTH} stripe.invoiceitem stripe.subscription stripe.customer"
        " netsuite.transactionline",
        invoices(_continues),
        _never_billed,
    ),
    disorder(
        "invoice line of another period",
        "B12",
        _BILLED,
        invoices(_recurring),
        _other_period,
    ),
    disorder(
        "invoice sent to a wrong address",
        "B13",
        _BILLED,
        invoices(is_open),
        _wrong_receiver,
    ),
    disorder(
        "invoice without its purchase order",
        "B13",
        _BILLED,
        invoices(_ordered),
        _no_purchase_order,
        needs="terms",
        rate=COMMON,
    ),
)
