"""Credit notes: what is taken off an invoice that is final, and given back if paid."""

from typing import Any

from starlette.responses import Response

from sandbox.store import Document
from sandbox.stripe import charges, collecting
from sandbox.stripe.books import Books
from sandbox.stripe.customers import noted
from sandbox.stripe.lists import embedded
from sandbox.stripe.parameters import (
    EXPAND,
    PAGING,
    Fields,
    checked,
    choice,
    group,
    instant,
    merged,
    metadata,
    several,
    text,
    whole,
)
from sandbox.stripe.shapes import Params, invalid, missing

_LINE = group(
    {
        "amount": whole(0),
        "description": text(),
        "invoice_line_item": text(),
        "metadata": metadata,
        "quantity": whole(1, 999_999_999),
        "type!": choice("custom_line_item", "invoice_line_item"),
        "unit_amount": whole(0),
    }
)
_FIELDS: Fields = {
    **EXPAND,
    "amount": whole(0),
    "credit_amount": whole(0),
    "effective_at": instant(),
    "email_type": choice("credit_note", "none"),
    "invoice!": text(),
    "lines": several(_LINE),
    "memo": text(),
    "metadata": metadata,
    "out_of_band_amount": whole(0),
    "reason": choice(
        "duplicate", "fraudulent", "order_change", "product_unsatisfactory"
    ),
    "refund_amount": whole(0),
    "refunds": several(group({"refund!": text(), "amount_refunded": whole(1)})),
}


def create(books: Books, given: Params) -> Document:
    """Credit an invoice."""
    params = checked(given, _FIELDS)
    note, invoice = _drawn(books, params)
    return _carried_out(books, note, invoice, params)


def preview(books: Books, given: Params) -> Document:
    """Return the credit note that would be made."""
    params = checked(given, _FIELDS)
    return _drawn(books, params)[0]


def preview_lines(books: Books, given: Params) -> Response:
    """Return the lines of the credit note that would be made."""
    asked = {name: value for name, value in given.items() if name not in PAGING}
    note, _ = _drawn(books, checked(asked, _FIELDS))
    paging = {name: given[name] for name in PAGING if name in given}
    rows = note["lines"]["data"]
    return embedded(books, "/v1/credit_notes/preview/lines", "line item", rows, paging)


def lines(books: Books, given: Params, note_id: str) -> Response:
    """List the lines of a credit note."""
    note = books.need("credit_note", note_id)
    url = f"/v1/credit_notes/{note_id}/lines"
    return embedded(books, url, "line item", note["lines"]["data"], given)


def _drawn(books: Books, params: Params) -> tuple[Document, Document]:
    """Return the note, not written yet, and its invoice."""
    invoice = books.need("invoice", params["invoice"], "invoice")
    if invoice["status"] not in ("open", "paid", "uncollectible"):
        sentence = (
            "Credit notes can only be issued for invoices that are open, paid or "
            f"uncollectible; this one is {invoice['status']}."
        )
        raise invalid(sentence, "invoice", "invoice_not_editable")
    rows, total = _lines(books, invoice, params)
    if total == 0:
        sentence = "The credit note must credit something."
        raise invalid(sentence, "amount")
    credited = (
        invoice["pre_payment_credit_notes_amount"]
        + invoice["post_payment_credit_notes_amount"]
    )
    if total > invoice["total"] - credited:
        sentence = (
            f"The sum of credit amounts ({total}) must not exceed the amount that can "
            f"be credited ({invoice['total'] - credited})."
        )
        raise invalid(sentence, "amount", "amount_too_large")
    before = min(total, invoice["amount_remaining"])
    after = total - before
    _check_parts(params, after, invoice)
    customer = books.get("customer", invoice["customer"]) or {}
    at = books.time_of(customer)
    count = len(books.find("credit_note", invoice=invoice["id"])) + 1
    note_id = books.new_id("cn_")
    url = f"/v1/credit_notes/{note_id}/lines"
    note: Document = {
        "id": note_id,
        "object": "credit_note",
        "amount": total,
        "amount_shipping": 0,
        "created": at,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_balance_transaction": None,
        "discount_amount": sum(each["discount_amount"] for each in rows),
        "discount_amounts": [],
        "effective_at": params.get("effective_at") or at,
        "invoice": invoice["id"],
        "lines": {"object": "list", "data": rows, "has_more": False, "url": url},
        "livemode": False,
        "memo": params.get("memo"),
        "metadata": merged(None, params.get("metadata", {})),
        "number": f"{invoice['number']}-CN-{count:02}",
        "out_of_band_amount": params.get("out_of_band_amount"),
        "pdf": f"https://pay.stripe.com/credit_notes/acct_sandbox/{note_id}/pdf",
        "post_payment_amount": after,
        "pre_payment_amount": before,
        "pretax_credit_amounts": [],
        "reason": params.get("reason"),
        "refunds": [],
        "shipping_cost": None,
        "status": "issued",
        "subtotal": sum(each["amount"] for each in rows),
        "subtotal_excluding_tax": sum(each["amount"] for each in rows),
        "total": total,
        "total_excluding_tax": total,
        "total_taxes": [],
        "type": "mixed"
        if before and after
        else "post_payment"
        if after
        else "pre_payment",
        "voided_at": None,
    }
    return note, invoice


def _lines(
    books: Books, invoice: Document, params: Params
) -> tuple[list[Document], int]:
    """Return the note's lines and what they credit in all."""
    wanted = params.get("lines")
    if not wanted:
        amount = params.get("amount")
        if amount is None:
            named = ("refund_amount", "credit_amount", "out_of_band_amount")
            amount = sum(params.get(name) or 0 for name in named)
        row = _row(books, "Credit", amount, 1, None)
        return [row], amount
    held = {each["id"]: each for each in invoice["lines"]["data"]}
    rows = [
        _wanted_row(books, held, each, f"lines[{place}]")
        for place, each in enumerate(wanted)
    ]
    total = sum(row["amount"] - row["discount_amount"] for row in rows)
    if params.get("amount") not in (None, total):
        sentence = f"The sum of the lines ({total}) isn't the amount."
        raise invalid(sentence, "amount")
    return rows, total


def _wanted_row(
    books: Books, held: dict[str, Document], wanted: Params | None, param: str
) -> Document:
    """Return one line: of a line of the invoice, or of the caller's own making."""
    if not wanted:
        raise invalid("Invalid object", param)
    quantity = wanted.get("quantity") or 1
    amount, unit = wanted.get("amount"), wanted.get("unit_amount")
    source = None
    if wanted["type"] == "invoice_line_item":
        source = held.get(wanted.get("invoice_line_item") or "")
        if source is None:
            name = f"{param}[invoice_line_item]"
            raise missing("line item", wanted.get("invoice_line_item"), name)
        if amount is None:
            amount = source["amount"] * quantity // max(source["quantity"] or 1, 1)
        if amount > max(source["amount"], 0):
            sentence = "The amount is greater than the line's."
            raise invalid(sentence, f"{param}[amount]", "amount_too_large")
    elif amount is None and unit is None:
        name = f"{param}[unit_amount]"
        raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
    elif amount is None:
        amount = (unit or 0) * quantity
    text_ = wanted.get("description") or (source or {}).get("description")
    return _row(books, text_, amount, quantity, source)


def _row(
    books: Books, text_: Any, amount: int, quantity: int, source: Document | None
) -> Document:
    """Return a line; it gives back what the line's own discount left of it."""
    cuts = []
    if source and source["amount"]:
        for each in source.get("discount_amounts") or []:
            share = each["amount"] * amount // source["amount"]
            cuts.append({"amount": share, "discount": each["discount"]})
    row: Document = {
        "id": books.new_id("cnli_"),
        "object": "credit_note_line_item",
        "amount": amount,
        "description": text_,
        "discount_amount": sum(each["amount"] for each in cuts),
        "discount_amounts": cuts,
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": quantity,
        "tax_rates": [],
        "taxes": [],
        "type": "invoice_line_item" if source else "custom_line_item",
        "unit_amount": amount // quantity,
        "unit_amount_decimal": str(amount // quantity),
    }
    if source:
        row["invoice_line_item"] = source["id"]
    return row


def _check_parts(params: Params, after: int, invoice: Document) -> None:
    """Refuse a note whose money does not go anywhere, or more of it than there is."""
    named = ("refund_amount", "credit_amount", "out_of_band_amount")
    parts = sum(params.get(name) or 0 for name in named)
    parts += sum(
        (each or {}).get("amount_refunded") or 0 for each in params.get("refunds", [])
    )
    if after and parts != after:
        sentence = (
            "The sum of credit amount, refund amount and out of band amount "
            f"({parts}) must equal the post payment amount ({after})."
        )
        raise invalid(sentence, "refund_amount")
    if not after and parts and invoice["status"] != "paid":
        sentence = "Nothing of an open invoice can be refunded."
        raise invalid(sentence, "refund_amount")


def _carried_out(
    books: Books, note: Document, invoice: Document, params: Params
) -> Document:
    """Write the note, and what it does to the invoice and the customer's money."""
    customer = books.need("customer", invoice["customer"])
    if params.get("refund_amount"):
        charge = _charge(books, invoice)
        made = charges.refunded(books, charge, params["refund_amount"])
        note["refunds"].append(_refund(made["id"], made["amount"]))
    for place, each in enumerate(params.get("refunds", [])):
        param = f"refunds[{place}][refund]"
        held = books.need("refund", (each or {}).get("refund"), param)
        note["refunds"].append(
            _refund(held["id"], (each or {}).get("amount_refunded") or held["amount"])
        )
    if params.get("credit_amount"):
        amount = -params["credit_amount"]
        balance = (customer.get("balance") or 0) + amount
        customer = books.update(customer, balance=balance)
        moved = noted(
            books,
            customer,
            amount,
            "credit_note",
            invoice=invoice["id"],
            credit_note=note["id"],
            currency=note["currency"],
        )
        note["customer_balance_transaction"] = moved["id"]
    note = books.create(note)
    before, after = note["pre_payment_amount"], note["post_payment_amount"]
    left = invoice["amount_remaining"] - before
    invoice = books.update(
        invoice,
        amount_due=invoice["amount_due"] - before,
        amount_remaining=left,
        post_payment_credit_notes_amount=invoice["post_payment_credit_notes_amount"]
        + after,
        pre_payment_credit_notes_amount=invoice["pre_payment_credit_notes_amount"]
        + before,
    )
    if before and left == 0 and invoice["status"] == "open":
        collecting.paid(books, invoice, None, 0)
    return note


def _refund(refund_id: str, amount: int) -> Document:
    return {
        "amount_refunded": amount,
        "payment_record_refund": None,
        "refund": refund_id,
        "type": "refund",
    }


def _charge(books: Books, invoice: Document) -> Document:
    """Return the charge that paid an invoice."""
    for payment in books.find("invoice_payment", invoice=invoice["id"]):
        intent_id = payment["payment"].get("payment_intent")
        intent = books.get("payment_intent", intent_id) or {}
        charge = books.get("charge", intent.get("latest_charge"))
        if charge is not None and charge["status"] == "succeeded":
            return charge
    sentence = "This invoice has no charge that could be refunded."
    raise invalid(sentence, "refund_amount")


def update(books: Books, given: Params, note_id: str) -> Document:
    """Change a note's memo or metadata."""
    params = checked(given, {**EXPAND, "memo": text(), "metadata": metadata})
    note = books.need("credit_note", note_id)
    fields = {"memo": params["memo"]} if "memo" in params else {}
    if "metadata" in params:
        fields["metadata"] = merged(note.get("metadata"), params["metadata"])
    return books.update(note, **fields)


def void(books: Books, given: Params, note_id: str) -> Document:
    """Take a note back that reduced an invoice which is still open."""
    checked(given, EXPAND)
    note = books.need("credit_note", note_id)
    invoice = books.need("invoice", note["invoice"])
    if note["status"] == "void" or invoice["status"] != "open":
        sentence = "You can only void a credit note that is issued for an open invoice."
        raise invalid(sentence, code="status_transition_invalid")
    amount = note["pre_payment_amount"]
    books.update(
        invoice,
        amount_due=invoice["amount_due"] + amount,
        amount_remaining=invoice["amount_remaining"] + amount,
        pre_payment_credit_notes_amount=invoice["pre_payment_credit_notes_amount"]
        - amount,
    )
    return books.update(note, status="void", voided_at=books.time_of(invoice))
